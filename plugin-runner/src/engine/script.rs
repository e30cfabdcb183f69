//! Compiling and running.
#![allow(unsafe_code, reason = "sources and compiled code cross by pointer")]

use super::context;
use super::value::{Js, Value};
use crate::session::session;
use crate::{modules, source_map, stack, thrown};
use plughold_protocol::limits;
use plughold_protocol::record::SourceKind;
use plughold_proxy_js::Script;
use rquickjs::qjs;

/// Stack of the engine for modules that are compiled one for the other, in bytes: it is enough for some hundreds that
/// import each other in a chain, and no code of the plugin runs in it.
const IMPORTS: usize = 1 << 20;

/// A compiled script or module. The modules that it imports are compiled as well.
pub(crate) struct Code {
    value: Value,
    kind: SourceKind,
}

impl Code {
    /// Compiles `text` as a script or module; `name` is what stack traces show. Scripts are sloppy unless they say
    /// otherwise. A module can be required from then on.
    pub(crate) fn compile(name: &str, text: String, kind: SourceKind) -> Js<Code> {
        if let Some(session) = session() {
            source_map::note(session, name, &text);
        }
        let Some(session) = session().filter(|_| kind == SourceKind::Module) else {
            return Ok(Code { value: compile(name, text, kind, 1)?, kind });
        };
        let uses_meta = text.contains("import.meta");
        let is_outermost = session.modules.borrow().graph.is_compiling_nothing();
        let stack = if is_outermost { IMPORTS } else { 0 };
        session.modules.borrow_mut().graph.begin_compile(name);
        match super::with_stack_on_top(stack, || compile(name, text, kind, 1)) {
            Ok(value) => {
                let code = Code { value, kind };
                session.modules.borrow_mut().keep_compiled(name, code.value.clone());
                if uses_meta {
                    code.describe(name)?;
                }
                Ok(code)
            }
            Err(thrown) => {
                let why = thrown::text_of(&thrown.0, "message", limits::NAME).unwrap_or_default();
                session.modules.borrow_mut().fail_compile(name, &why);
                Err(thrown)
            }
        }
    }

    /// A module that was compiled before.
    pub(crate) fn of_module(value: Value) -> Code {
        Code { value, kind: SourceKind::Module }
    }

    /// Runs it: gives a script's last value, or a promise of a module's end.
    pub(crate) fn run(self) -> Js<Run> {
        let namespace_of = (self.kind == SourceKind::Module).then(|| self.module());
        let is_module = self.kind == SourceKind::Module;
        // SAFETY: the engine takes over the compiled code.
        let run = || unsafe { Value::from_result(qjs::JS_EvalFunction(context(), self.value.into_raw())) };
        let result = match session() {
            Some(session) if is_module => modules::evaluate(session, run),
            _ => run(),
        }?;
        let namespace = match namespace_of {
            None => Value::UNDEFINED,
            // SAFETY: the context keeps its modules for ever.
            Some(module) => unsafe { Value::from_result(qjs::JS_GetModuleNamespace(context(), module)) }?,
        };
        Ok(Run { result, namespace })
    }

    /// Fills `import.meta`.
    fn describe(&self, name: &str) -> Js<()> {
        // SAFETY: the context keeps its modules for ever; the object's count belongs to us.
        let meta = unsafe { Value::from_result(qjs::JS_GetImportMeta(context(), self.module())) }?;
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        meta.define("url", Value::string(&modules::url(name))?)?;
        meta.define("filename", Value::string(&format!("/{name}"))?)?;
        meta.define("dirname", Value::string(&format!("/{folder}"))?)
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

/// The names that a CommonJS module finds in its scope, in the order in which its function takes them. The function
/// begins two lines above the module's first line, so that lines and columns are those of the file.
const COMMON_JS: &str = "(function (exports, require, module, __filename, __dirname) {\n\n";

/// Compiles a CommonJS module to a function.
pub(crate) fn compile_common_js(name: &str, mut text: String) -> Js {
    if let Some(session) = session() {
        source_map::note(session, name, &text);
    }
    if text.starts_with("#!") {
        text.replace_range(..2, "//");
    }
    text.insert_str(0, COMMON_JS);
    text.push_str("\n})");
    let code = Code { value: compile(name, text, SourceKind::Script, -1)?, kind: SourceKind::Script };
    Ok(code.run()?.result)
}

/// Compiles a text whose first line has the number `line`, which is not 0.
fn compile(name: &str, text: String, kind: SourceKind, line: i32) -> Js {
    let (file, text) = (c_string(name.to_owned()), c_string(text));
    let evaluates_as = match kind {
        SourceKind::Module => qjs::JS_EVAL_TYPE_MODULE,
        SourceKind::Script | SourceKind::CommonJs | SourceKind::Json => qjs::JS_EVAL_TYPE_GLOBAL,
    };
    let mut options = qjs::JSEvalOptions {
        version: qjs::JS_EVAL_OPTIONS_VERSION as i32,
        eval_flags: (qjs::JS_EVAL_FLAG_COMPILE_ONLY | evaluates_as) as i32,
        filename: file.as_ptr().cast(),
        line_num: line,
    };
    // SAFETY: both texts end with a zero, which the length of the source does not count, and live during the call; the
    // result's count belongs to us.
    let compiled = unsafe {
        let length = (text.len() - 1) as qjs::size_t;
        Value::from_result(qjs::JS_Eval2(context(), text.as_ptr().cast(), length, &raw mut options))
    };
    compiled.map_err(|thrown| {
        let Some(session) = session() else { return thrown };
        let stack = stack::of(session, &thrown.0);
        if stack.is_empty() {
            stack::give(session, &thrown.0, &format!("    at {name}"));
        }
        let failed = stack.lines().next().and_then(source_map::spot_in);
        let failed = failed.and_then(|spot| line_of(&text, i64::from(spot.line) - i64::from(line)));
        if kind == SourceKind::Module || !failed.is_some_and(is_of_modules) {
            return thrown;
        }
        thrown::reworded(thrown, |message| {
            format!("{message} (import and export need a module, and by its ending or the manifest's type {name:?} is none)")
        })
    })
}

/// The line of a source with this number, counted from 0, if it is text.
fn line_of(source: &[u8], number: i64) -> Option<&str> {
    let line = source.split(|byte| *byte == b'\n').nth(usize::try_from(number).ok()?)?;
    std::str::from_utf8(line).ok()
}

/// Whether a line is of a kind that only modules have.
fn is_of_modules(line: &str) -> bool {
    let line = line.trim_start();
    ["import", "export"].iter().any(|word| {
        let rest = line.strip_prefix(word).map(|rest| rest.chars().next());
        rest.is_some_and(|next| next.is_some_and(|char| matches!(char, ' ' | '{' | '*' | '"' | '\'')))
    })
}

/// Parses JSON; `name` is for its errors.
pub(crate) fn parse_json(name: &str, text: String) -> Js {
    let (file, text) = (c_string(name.to_owned()), c_string(text));
    // SAFETY: both texts end with a zero, which the length of the source does not count.
    let parsed = unsafe {
        Value::from_result(qjs::JS_ParseJSON(
            context(),
            text.as_ptr().cast(),
            (text.len() - 1) as qjs::size_t,
            file.as_ptr().cast(),
        ))
    };
    parsed.map_err(|thrown| thrown::reworded(thrown, |message| format!("{name}: {message}")))
}

/// The bytes with a zero behind them. Zeros inside a source are the parser's to complain about.
fn c_string(text: String) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    bytes.push(0);
    bytes
}
