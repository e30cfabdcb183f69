//! What `import` does: the engine asks for a name and then for the code behind it; [`modules`] asks the host.
#![allow(unsafe_code, reason = "the engine calls back with C strings")]

use super::promise::Progress;
use super::script::{self, Code};
use super::value::{Js, Thrown, Value};
use super::{context, runtime};
use crate::modules::{self, File};
use crate::session::{Session, session};
use crate::{builtins, commonjs, thrown};
use plughold_protocol::limits;
use plughold_protocol::record::SourceKind;
use rquickjs::qjs;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

/// The one type of modules that an import may ask for.
const JSON: &str = "json";

/// The code of the error for a file that is no code by its name.
const UNKNOWN_ENDING: &str = "ERR_UNKNOWN_FILE_EXTENSION";

/// Lets the engine ask for modules.
pub(crate) fn install() {
    // SAFETY: the engine is alive; the functions are static and need no opaque pointer.
    unsafe {
        qjs::JS_SetModuleLoaderFunc2(
            runtime(),
            Some(resolve),
            Some(load),
            Some(check_attributes),
            ptr::null_mut(),
        );
    }
}

/// The namespace of an ES module that `require` asks for. The module is run if it was not before.
pub(crate) fn require(session: &Session, name: &str, code: Code) -> Js {
    modules::check_idle(session, name)?;
    let run = code.run()?;
    match run.result.progress() {
        Progress::Settled(outcome) => outcome.map(|_| run.namespace),
        Progress::Pending => Err(thrown::coded(
            "ERR_REQUIRE_ASYNC_MODULE",
            &format!("cannot require {name:?}: it waits at its top level; use import()"),
        )),
    }
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
    let (referrer, specifier) = (referrer.to_string_lossy(), specifier.to_string_lossy());
    let resolved = modules::resolve(session, &specifier, &referrer)
        .and_then(|name| check_ending(&name).map(|()| name))
        .and_then(|name| modules::note_import(session, &referrer, &name).map(|()| name));
    match resolved {
        // SAFETY: the engine copies that many bytes.
        Ok(name) => unsafe { qjs::js_strndup(context(), name.as_ptr().cast(), name.len() as qjs::size_t) },
        Err(thrown) => {
            modules::with_place(session, thrown, &specifier, &referrer).raise();
            ptr::null_mut()
        }
    }
}

/// From a module's own name to its compiled code; null after throwing.
unsafe extern "C" fn load(
    _context: *mut qjs::JSContext,
    name: *const c_char,
    _opaque: *mut c_void,
    attributes: qjs::JSValue,
) -> *mut qjs::JSModuleDef {
    // SAFETY: the engine passes a C string and a value that live during the call.
    let (name, attributes) = unsafe { (CStr::from_ptr(name).to_string_lossy(), Value::borrowed(attributes)) };
    let Some(session) = session() else { return ptr::null_mut() };
    let has_type = attributes.is_object() && attributes.own("type").is_some();
    module(session, &name, has_type).unwrap_or_else(|thrown| {
        thrown.raise();
        ptr::null_mut()
    })
}

fn module(session: &Session, name: &str, is_json_asked: bool) -> Js<*mut qjs::JSModuleDef> {
    let parsed = session.modules.borrow().parsed(name);
    if let Some(value) = parsed {
        return json_module(name, value);
    }
    if let Some(module) = builtins::named(name) {
        let (exports, names) = builtins::exports(session, module)?;
        return exporting_module(name, export_builtin, names, vec![exports]);
    }
    let file = modules::take(session, name)?;
    if is_json_asked && file.kind != SourceKind::Json {
        return Err(thrown::type_error(&format!(
            "{name:?} is no JSON file, as the import says by its type \"json\""
        )));
    }
    match file.kind {
        SourceKind::Json => {
            let value = script::parse_json(name, file.text)?;
            session.modules.borrow_mut().keep_parsed(name, value.clone());
            json_module(name, value)
        }
        SourceKind::CommonJs => common_js_module(file),
        SourceKind::Script | SourceKind::Module => {
            let code = Code::compile(name, file.text, SourceKind::Module)?;
            modules::check_compiled(session, name)?;
            Ok(code.module())
        }
    }
}

/// Fails for a file that by its name is neither code nor JSON. One without an ending may be code.
fn check_ending(name: &str) -> Js<()> {
    let file = name.rsplit('/').next().unwrap_or_default();
    match file.rsplit_once('.') {
        None | Some((_, "js" | "mjs" | "cjs" | "json")) => Ok(()),
        Some(_) => Err(thrown::coded(
            UNKNOWN_ENDING,
            &format!("cannot import {name:?}: expected a file that ends with .js, .mjs, .cjs or .json"),
        )),
    }
}

/// Whether the attributes of an import are known: -1 after throwing.
unsafe extern "C" fn check_attributes(
    _context: *mut qjs::JSContext,
    _opaque: *mut c_void,
    attributes: qjs::JSValue,
) -> c_int {
    // SAFETY: the engine passes a value that lives during the call.
    let attributes = unsafe { Value::borrowed(attributes) };
    match check(&attributes) {
        Ok(()) => 0,
        Err(thrown) => {
            thrown.raise();
            -1
        }
    }
}

fn check(attributes: &Value) -> Js<()> {
    for key in attributes.keys()?.iter() {
        let (name, value) = (key.text()?, attributes.get_key(&key)?);
        let name = name.cut(limits::NAME);
        if name != "type" {
            return Err(thrown::type_error(&format!(
                "the import attribute {name:?} is not known; there is type: \"json\""
            )));
        }
        let kind = value.as_string(limits::NAME).unwrap_or_default();
        if kind != JSON {
            return Err(thrown::type_error(&format!(
                "modules of the type {kind:?} cannot be imported; there is type: \"json\""
            )));
        }
    }
    Ok(())
}

/// A module whose default export is the parsed text.
fn json_module(name: &str, value: Value) -> Js<*mut qjs::JSModuleDef> {
    native_module(name, export_json, &[c"default".to_owned()], value)
}

/// A module that runs a CommonJS module when it is evaluated, and exports what that exports.
fn common_js_module(file: File) -> Js<*mut qjs::JSModuleDef> {
    let names = commonjs::export_names(&file.text);
    let names = std::iter::once(commonjs::DEFAULT.to_owned()).chain(names).collect();
    let name = file.name.clone();
    let function = script::compile_common_js(&file.name, file.text)?;
    exporting_module(&name, export_common_js, names, vec![Value::string(&name)?, function])
}

/// A module whose private value are `parts`, and then the names of its exports.
fn exporting_module(
    name: &str,
    init: Init,
    names: Vec<String>,
    mut parts: Vec<Value>,
) -> Js<*mut qjs::JSModuleDef> {
    let exports: Vec<CString> = names.into_iter().filter_map(|name| CString::new(name).ok()).collect();
    for export in &exports {
        parts.push(Value::string(&export.to_string_lossy())?);
    }
    native_module(name, init, &exports, Value::array(parts)?)
}

type Init = unsafe extern "C" fn(*mut qjs::JSContext, *mut qjs::JSModuleDef) -> c_int;

/// A module with these exports, which `init` sets from a private value.
fn native_module(name: &str, init: Init, exports: &[CString], value: Value) -> Js<*mut qjs::JSModuleDef> {
    let name = CString::new(name).unwrap_or_default();
    // SAFETY: the names are copied; a null module has thrown; the engine takes over the value's count.
    unsafe {
        let module = qjs::JS_NewCModule(context(), name.as_ptr(), Some(init));
        if module.is_null() {
            return Err(Thrown::take());
        }
        for export in exports {
            if qjs::JS_AddModuleExport(context(), module, export.as_ptr()) < 0 {
                return Err(Thrown::take());
            }
        }
        if qjs::JS_SetModulePrivateValue(context(), module, value.into_raw()) < 0 {
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

unsafe extern "C" fn export_common_js(engine: *mut qjs::JSContext, module: *mut qjs::JSModuleDef) -> c_int {
    // SAFETY: the engine passes its own module; the private value comes with a count.
    let parts = unsafe { Value::from_raw(qjs::JS_GetModulePrivateValue(engine, module)) };
    let Some(session) = session() else { return -1 };
    export_all(engine, module, commonjs::import(session, &parts))
}

unsafe extern "C" fn export_builtin(engine: *mut qjs::JSContext, module: *mut qjs::JSModuleDef) -> c_int {
    // SAFETY: the engine passes its own module; the private value comes with a count.
    let parts = unsafe { Value::from_raw(qjs::JS_GetModulePrivateValue(engine, module)) };
    let exports = parts.get_index(0).and_then(|exported| commonjs::named(&exported, &parts, 1));
    export_all(engine, module, exports)
}

/// Sets the exports of a module that is being evaluated; -1 after throwing.
fn export_all(
    engine: *mut qjs::JSContext,
    module: *mut qjs::JSModuleDef,
    exports: Js<Vec<(String, Value)>>,
) -> c_int {
    let exports = match exports {
        Ok(exports) => exports,
        Err(thrown) => {
            thrown.raise();
            return -1;
        }
    };
    for (name, value) in exports {
        let Ok(name) = CString::new(name) else { continue };
        // SAFETY: the name is one that the module was made with; the engine takes over the value's count.
        if unsafe { qjs::JS_SetModuleExport(engine, module, name.as_ptr(), value.into_raw()) } < 0 {
            return -1;
        }
    }
    0
}
