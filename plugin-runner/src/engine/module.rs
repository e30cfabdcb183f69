//! What `import` does: the engine asks for a name and then for the code behind it; [`modules`] asks the host.
#![allow(unsafe_code, reason = "the engine calls back with C strings")]

use super::script::{self, Code};
use super::value::{Js, Thrown};
use super::{context, runtime};
use crate::modules;
use crate::session::session;
use plughold_protocol::record::SourceKind;
use rquickjs::qjs;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

/// Lets the engine ask for modules.
pub(crate) fn install() {
    // SAFETY: the engine is alive; the functions are static and need no opaque pointer.
    unsafe { qjs::JS_SetModuleLoaderFunc(runtime(), Some(resolve), Some(load), ptr::null_mut()) };
}

/// From the text of an `import` to the module's own name, in memory of the engine; null after throwing.
unsafe extern "C" fn resolve(
    _context: *mut qjs::JSContext,
    referrer: *const c_char,
    specifier: *const c_char,
    _opaque: *mut c_void,
) -> *mut c_char {
    // SAFETY: the engine passes C strings that live during the call.
    let (referrer, specifier) = unsafe { (CStr::from_ptr(referrer), CStr::from_ptr(specifier)) };
    let Some(session) = session() else { return ptr::null_mut() };
    match modules::resolve(session, specifier, referrer) {
        // SAFETY: the engine copies that many bytes.
        Ok(name) => unsafe { qjs::js_strndup(context(), name.as_ptr().cast(), name.len() as qjs::size_t) },
        Err(thrown) => {
            thrown.raise();
            ptr::null_mut()
        }
    }
}

/// From a module's own name to its compiled code; null after throwing.
unsafe extern "C" fn load(
    _context: *mut qjs::JSContext,
    name: *const c_char,
    _opaque: *mut c_void,
) -> *mut qjs::JSModuleDef {
    // SAFETY: the engine passes a C string that lives during the call.
    let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    let Some(session) = session() else { return ptr::null_mut() };
    let module = modules::take(session, &name).and_then(|text| {
        if name.ends_with(".json") { json_module(&name, text) } else { code_module(&name, text) }
    });
    module.unwrap_or_else(|thrown| {
        thrown.raise();
        ptr::null_mut()
    })
}

fn code_module(name: &str, text: String) -> Js<*mut qjs::JSModuleDef> {
    Ok(Code::compile(name, text, SourceKind::Module)?.module())
}

/// A module whose default export is the parsed text.
fn json_module(name: &str, text: String) -> Js<*mut qjs::JSModuleDef> {
    let value = script::parse_json(name, text)?;
    let name = CString::new(name).unwrap_or_default();
    // SAFETY: the name is copied; a null module has thrown; the engine takes over the value's count.
    unsafe {
        let module = qjs::JS_NewCModule(context(), name.as_ptr(), Some(export_json));
        if module.is_null()
            || qjs::JS_AddModuleExport(context(), module, c"default".as_ptr()) < 0
            || qjs::JS_SetModulePrivateValue(context(), module, value.into_raw()) < 0
        {
            return Err(Thrown::take());
        }
        Ok(module)
    }
}

unsafe extern "C" fn export_json(engine: *mut qjs::JSContext, module: *mut qjs::JSModuleDef) -> c_int {
    // SAFETY: the engine passes its own module; the private value comes with a count that the export takes over.
    unsafe {
        let value = qjs::JS_GetModulePrivateValue(engine, module);
        qjs::JS_SetModuleExport(engine, module, c"default".as_ptr(), value)
    }
}
