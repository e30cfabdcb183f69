//! Built-in modules: what `require('path')` and `import … from 'node:path'` find without asking the host.
//!
//! The modules are JavaScript of our own, evaluated when one of them is first asked for. An `import` has to know the
//! names of a module's exports before it runs, so a built-in one is made while the engine links: no code of the plugin
//! runs for it.

use crate::commonjs;
use crate::engine::function::Native;
use crate::engine::{Js, Value};
use crate::natives::argument;
use crate::session::Session;
use crate::thrown;
use plughold_protocol::limits;
use plughold_protocol::spelling::{distance, mistakes};
use plughold_proxy_js::modules::{BUILTINS, Builtin, SCHEME, builtin};

/// The code of the error for a name with the scheme of built-in modules that is none.
const UNKNOWN: &str = "ERR_UNKNOWN_BUILTIN_MODULE";

/// What our own JavaScript can call.
pub(crate) const NATIVES: &[Native] = &[
    Native { name: "findBuiltin", length: 1, run: find },
    Native { name: "builtinNames", length: 0, run: names },
];

/// The name under which the engine knows the built-in module that `specifier` means; none if it means a file. One that
/// says that it is built in, and is not, throws.
pub(crate) fn resolve(specifier: &str) -> Js<Option<String>> {
    if let Some(module) = builtin(specifier) {
        return Ok(Some(format!("{SCHEME}{}", module.name)));
    }
    match specifier.strip_prefix(SCHEME) {
        None => Ok(None),
        Some(_) => Err(thrown::coded(UNKNOWN, &unknown(specifier))),
    }
}

/// The built-in module that the engine knows by this name.
pub(crate) fn named(name: &str) -> Option<&'static Builtin> {
    name.strip_prefix(SCHEME).and(builtin(name))
}

/// The exports of a built-in module, and their names with `default` first.
pub(crate) fn exports(session: &Session, module: &Builtin) -> Js<(Value, Vec<String>)> {
    let exports = session.kit.ask("builtin", &[Value::string(module.name)?])?;
    let mut names = vec![commonjs::DEFAULT.to_owned()];
    if exports.is_object() {
        for key in exports.keys()?.iter() {
            names.extend(key.value()?.as_string(limits::NAME).filter(|name| name != commonjs::DEFAULT));
        }
    }
    Ok((exports, names))
}

/// What was said of a module that nobody has, with what was meant if that is built in.
pub(crate) fn with_suggestion(words: String, specifier: &str) -> String {
    match nearest(specifier) {
        Some(meant) => format!("{words} (did you mean the built-in module {meant:?}?)"),
        None => words,
    }
}

fn unknown(specifier: &str) -> String {
    with_suggestion(format!("there is no built-in module {specifier:?}"), specifier)
}

/// The built-in module whose name is a slip of the pen away. Names of files are not compared.
fn nearest(specifier: &str) -> Option<&'static str> {
    if specifier.starts_with(['.', '/']) {
        return None;
    }
    let name = specifier.strip_prefix(SCHEME).unwrap_or(specifier);
    // A name of three letters is near to half of all names that are as short.
    let most = mistakes(name).min(name.len().saturating_sub(2) / 2);
    let scored = BUILTINS.iter().filter_map(|module| Some((distance(name, module.name, most)?, module.name)));
    scored.min().map(|(_, name)| name)
}

/// `findBuiltin(specifier)`: the short name of the file and its part, or undefined for what is not built in.
fn find(_: &Session, arguments: &[Value]) -> Js {
    let specifier = argument(arguments, 0).as_string(limits::NAME).unwrap_or_default();
    match builtin(&specifier) {
        None if specifier.starts_with(SCHEME) => Err(thrown::coded(UNKNOWN, &unknown(&specifier))),
        None => Ok(Value::UNDEFINED),
        Some(module) => Value::array(vec![Value::string(module.file)?, Value::string(module.part)?]),
    }
}

/// `builtinNames()`: the names of all of them.
fn names(_: &Session, _: &[Value]) -> Js {
    Value::array(BUILTINS.iter().map(|module| Value::string(module.name)).collect::<Js<Vec<_>>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_near() {
        let check =
            |specifier: &str, meant: Option<&str>| assert_eq!(nearest(specifier), meant, "{specifier}");
        check("paht", Some("path"));
        check("node:paths", Some("path"));
        check("path/poxis", Some("path/posix"));
        check("left-pad", None);
        check("./path", None);
        check("x", None);
        check("", None);
    }
}
