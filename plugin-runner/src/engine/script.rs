//! Compiling and running.
#![allow(unsafe_code, reason = "sources and compiled code cross by pointer")]

use super::context;
use super::value::{Js, Value};
use plughold_protocol::record::SourceKind;
use plughold_proxy_js::Script;
use rquickjs::qjs;

/// A compiled script or module. The modules that it imports are compiled as well.
pub(crate) struct Code {
    value: Value,
    kind: SourceKind,
}

impl Code {
    /// Compiles `text`; `name` is what stack traces show. Scripts are sloppy unless they say otherwise.
    pub(crate) fn compile(name: &str, text: String, kind: SourceKind) -> Js<Code> {
        let (name, text) = (c_string(name.to_owned()), c_string(text));
        let flags = qjs::JS_EVAL_FLAG_COMPILE_ONLY
            | match kind {
                SourceKind::Script => qjs::JS_EVAL_TYPE_GLOBAL,
                SourceKind::Module => qjs::JS_EVAL_TYPE_MODULE,
            };
        // SAFETY: both texts end with a zero, which the length of the source does not count.
        let raw = unsafe {
            qjs::JS_Eval(
                context(),
                text.as_ptr().cast(),
                (text.len() - 1) as qjs::size_t,
                name.as_ptr().cast(),
                flags as i32,
            )
        };
        // SAFETY: the result's count belongs to us.
        let value = unsafe { Value::from_result(raw) }?;
        Ok(Code { value, kind })
    }

    /// Runs it: gives a script's last value, or a promise of a module's end.
    pub(crate) fn run(self) -> Js<Run> {
        let namespace_of = match self.kind {
            SourceKind::Script => None,
            SourceKind::Module => Some(self.module()),
        };
        // SAFETY: the engine takes over the compiled code.
        let result = unsafe { Value::from_result(qjs::JS_EvalFunction(context(), self.value.into_raw())) }?;
        let namespace = match namespace_of {
            None => Value::UNDEFINED,
            // SAFETY: the context keeps its modules for ever.
            Some(module) => unsafe { Value::from_result(qjs::JS_GetModuleNamespace(context(), module)) }?,
        };
        Ok(Run { result, namespace })
    }

    /// The engine's record of a module, which the context keeps.
    pub(super) fn module(&self) -> *mut qjs::JSModuleDef {
        // SAFETY: compiled modules are pointers to their record.
        unsafe { qjs::JS_VALUE_GET_PTR(self.value.raw()).cast() }
    }
}

/// What running code gave.
pub(crate) struct Run {
    /// A script's last value, or a promise of a module's end.
    pub(crate) result: Value,
    /// A module's exports, else undefined.
    pub(crate) namespace: Value,
}

include!(concat!(env!("OUT_DIR"), "/bytecode.rs"));

/// Runs a file of our own, which the build has compiled, and gives its last value.
pub(crate) fn evaluate_own(script: Script) -> Js {
    let Some((_, bytecode)) = FILES.iter().find(|(name, _)| *name == script.name) else {
        return Ok(Code::compile(script.name, script.text.to_owned(), SourceKind::Script)?.run()?.result);
    };
    let (first, length) = (bytecode.as_ptr(), bytecode.len() as qjs::size_t);
    // SAFETY: the bytecode was made by the same version of the engine from a file of ours, and is part of this
    // executable; the engine takes over the compiled code.
    unsafe {
        let code = qjs::JS_ReadObject(context(), first, length, qjs::JS_READ_OBJ_BYTECODE as i32);
        let code = Value::from_result(code)?;
        Value::from_result(qjs::JS_EvalFunction(context(), code.into_raw()))
    }
}

/// Parses JSON; `name` is for its errors.
pub(super) fn parse_json(name: &str, text: String) -> Js {
    let (name, text) = (c_string(name.to_owned()), c_string(text));
    // SAFETY: both texts end with a zero, which the length of the source does not count.
    unsafe {
        Value::from_result(qjs::JS_ParseJSON(
            context(),
            text.as_ptr().cast(),
            (text.len() - 1) as qjs::size_t,
            name.as_ptr().cast(),
        ))
    }
}

/// The bytes with a zero behind them. Zeros inside a source are the parser's to complain about.
fn c_string(text: String) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    bytes.push(0);
    bytes
}
