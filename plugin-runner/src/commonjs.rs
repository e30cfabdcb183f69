//! CommonJS: what `require` needs of the runner, and what an ES module gets that imports a CommonJS module.
//!
//! The modules themselves, their cache and their cycles are JavaScript, in `commonjs.js`.

mod names;

pub(crate) use names::export_names;

use crate::engine::function::Native;
use crate::engine::script::Code;
use crate::engine::{Js, Value, module, script};
use crate::modules;
use crate::natives::argument;
use crate::session::Session;
use plughold_protocol::limits;
use plughold_protocol::record::SourceKind;

/// What `commonjs.js` calls.
pub(crate) const NATIVES: &[Native] = &[
    Native { name: "resolveModule", length: 2, run: resolve },
    Native { name: "loadModule", length: 1, run: load },
];

/// A function that is to be called with what a CommonJS module finds in its scope.
const CODE: i32 = 0;

/// The exports themselves.
const EXPORTS: i32 = 1;

/// The name of the export that is all of them.
pub(crate) const DEFAULT: &str = "default";

/// The exports of a CommonJS module for the ES module that imports it, by name. `parts` are the module's name, its
/// function and the names of its exports, of which the first is `default`.
pub(crate) fn import(session: &Session, parts: &Value) -> Js<Vec<(String, Value)>> {
    let (name, function) = (parts.get_index(0)?, parts.get_index(1)?);
    session.modules.borrow_mut().graph.begin_running(&name.text()?.to_str());
    let exported = session.kit.ask("importCommonJs", &[name, function]);
    session.modules.borrow_mut().graph.end_running();
    named(&exported?, parts, 2)
}

/// What a CommonJS module exports, by the names that stand in `parts` from the index `first` on.
pub(crate) fn named(exported: &Value, parts: &Value, first: u32) -> Js<Vec<(String, Value)>> {
    let mut exports = Vec::new();
    for index in first..parts.length()? as u32 {
        let name = parts.get_index(index)?.as_string(limits::NAME).unwrap_or_default();
        let value = match name.as_str() {
            DEFAULT => exported.clone(),
            name if exported.is_object() => read(exported, name)?,
            _ => Value::UNDEFINED,
        };
        exports.push((name, value));
    }
    Ok(exports)
}

/// An export; undefined if its getter throws: those who import another one have nothing to do with it.
fn read(exported: &Value, name: &str) -> Js {
    match exported.get(name) {
        Err(thrown) if !thrown.is_interrupt() => Ok(Value::UNDEFINED),
        found => found,
    }
}

/// The name of the file that a specifier means in another file. A slash begins at the package's root, as `__dirname`
/// does.
fn resolve(session: &Session, arguments: &[Value]) -> Js {
    let text = |at: usize| {
        let text = argument(arguments, at).text()?;
        modules::check_length(text.len())?;
        Ok(text.to_str().into_owned())
    };
    let (specifier, referrer) = (text(0)?, text(1)?);
    let specifier = match specifier.strip_prefix('/') {
        Some(name) => modules::url(name),
        None => specifier,
    };
    Value::string(&modules::resolve(session, &specifier, &referrer)?)
}

/// The kind of a file's content, and that content.
fn load(session: &Session, arguments: &[Value]) -> Js {
    let name = argument(arguments, 0).as_string(limits::NAME).unwrap_or_default();
    let compiled = session.modules.borrow().compiled(&name);
    if let Some(compiled) = compiled {
        return content(EXPORTS, module::require(session, &name, Code::of_module(compiled))?);
    }
    let file = modules::take(session, &name)?;
    match file.kind {
        SourceKind::Json => content(EXPORTS, script::parse_json(&name, file.text)?),
        SourceKind::Module => {
            let code = Code::compile(&name, file.text, SourceKind::Module)?;
            content(EXPORTS, module::require(session, &name, code)?)
        }
        SourceKind::Script | SourceKind::CommonJs => {
            content(CODE, script::compile_common_js(&name, file.text)?)
        }
    }
}

fn content(kind: i32, value: Value) -> Js {
    Value::array(vec![Value::number(f64::from(kind)), value])
}
