//! Compiles our own JavaScript, so that no runner has to: parsing it would be most of a runner's start.
//!
//! Bytecode is as powerful as native code, and the engine does not check it. This is made from our own files by the
//! same version of the engine in the same build, and nothing else is ever loaded as bytecode.
#![allow(unsafe_code, reason = "the engine's compiler is called directly")]

use plughold_proxy_js::{BOOT, Script, lazy_files};
use rquickjs::{Context, Runtime, qjs};
use std::error::Error;
use std::ffi::CString;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs, slice};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = env::var("OUT_DIR")?;
    let runtime = Runtime::new()?;
    let context = Context::full(&runtime)?;
    let preludes = plughold_proxy_js::preludes().filter_map(plughold_proxy_js::prelude);
    let mut table =
        String::from("/// Our files by name, compiled.\npub(crate) const FILES: &[(&str, &[u8])] = &[\n");
    let lazy = lazy_files().map(|lazy| lazy.script);
    for (number, script) in BOOT.iter().copied().chain(lazy).chain(preludes).enumerate() {
        let path = Path::new(&folder).join(format!("{number}.bytecode"));
        fs::write(&path, compile(&context, &script)?)?;
        writeln!(table, "    ({:?}, include_bytes!({path:?})),", script.name)?;
    }
    table.push_str("];\n");
    fs::write(Path::new(&folder).join("bytecode.rs"), table)?;
    Ok(())
}

fn compile(context: &Context, script: &Script) -> Result<Vec<u8>, Box<dyn Error>> {
    let name = CString::new(script.name)?;
    let text = CString::new(script.text)?;
    let context = context.as_raw().as_ptr();
    let flags = qjs::JS_EVAL_TYPE_GLOBAL | qjs::JS_EVAL_FLAG_COMPILE_ONLY;
    let how = qjs::JS_WRITE_OBJ_BYTECODE | qjs::JS_WRITE_OBJ_STRIP_SOURCE;
    // SAFETY: the context is alive; both texts end with a zero; the engine gives a value that is freed once, and a
    // buffer of `length` bytes that is copied and freed once.
    unsafe {
        let length = script.text.len() as qjs::size_t;
        let code = qjs::JS_Eval(context, text.as_ptr(), length, name.as_ptr(), flags as i32);
        if qjs::JS_IsException(code) {
            return Err(format!("{} does not compile", script.name).into());
        }
        let mut length = 0;
        let bytes = qjs::JS_WriteObject(context, &raw mut length, code, how as i32);
        qjs::JS_FreeValue(context, code);
        if bytes.is_null() {
            return Err(format!("{} has no bytecode", script.name).into());
        }
        let copy = slice::from_raw_parts(bytes, length as usize).to_vec();
        qjs::js_free(context, bytes.cast());
        Ok(copy)
    }
}
