//! Files of our own that are evaluated when something of them is first used, and the globals that they have.

use super::argument;
use crate::engine::function::Native;
use crate::engine::{Js, Value, lazy, script};
use crate::session::Session;
use crate::thrown;
use plughold_protocol::limits;
use plughold_proxy_js::{Lazy, lazy_files};

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "evaluate", length: 1, run: evaluate },
    Native { name: "globalsOf", length: 1, run: globals_of },
    Native { name: "isLazy", length: 2, run: is_lazy },
];

/// All globals of these files, each with its file, by number.
pub(crate) fn globals() -> impl Iterator<Item = (&'static Lazy, &'static str)> {
    lazy_files().flat_map(|lazy| lazy.globals.iter().map(move |name| (lazy, *name)))
}

/// Makes accessors of all of them; gives their functions, by number.
pub(crate) fn define_globals() -> Js<Vec<Value>> {
    globals().enumerate().map(|(number, (_, name))| lazy::define_global(name, number)).collect()
}

/// `evaluate(name)`: the function that the file with this short name is.
fn evaluate(_: &Session, arguments: &[Value]) -> Js {
    script::evaluate_own(file(arguments)?.script)
}

/// `globalsOf(name)`: the names of a file's globals.
fn globals_of(_: &Session, arguments: &[Value]) -> Js {
    let names = file(arguments)?.globals;
    Value::array(names.iter().map(|name| Value::string(name)).collect::<Js<Vec<_>>>()?)
}

/// `isLazy(name, getter)`: whether this is the getter that the global of this name had at the start.
fn is_lazy(session: &Session, arguments: &[Value]) -> Js {
    let name = argument(arguments, 0).as_string(limits::NAME).unwrap_or_default();
    let accessor = globals().position(|(_, global)| global == name);
    let accessor = accessor.and_then(|number| session.kit.accessors.get(number));
    let is_lazy = accessor.is_some_and(|accessor| accessor.address() == argument(arguments, 1).address());
    Ok(Value::bool(is_lazy))
}

fn file(arguments: &[Value]) -> Js<&'static Lazy> {
    let name = argument(arguments, 0).as_string(limits::NAME).unwrap_or_default();
    let found = lazy_files().find(|lazy| lazy.short_name() == name);
    found.ok_or_else(|| thrown::error(&format!("there is no file {name}")))
}
