//! Errors that the runner makes, and what it reads off errors of the plugin.

use crate::engine::make::ErrorClass;
use crate::engine::{Js, Kind, Thrown, Value};
use crate::session::session;
use crate::stack;
use plughold_protocol::limits;
use plughold_protocol::pack::Writer;
use plughold_protocol::value as form;

/// A `TypeError` with this message.
pub(crate) fn type_error(message: &str) -> Thrown {
    with_message(ErrorClass::Type, message)
}

/// A `RangeError` with this message.
pub(crate) fn range_error(message: &str) -> Thrown {
    with_message(ErrorClass::Range, message)
}

/// An `Error` with this message.
pub(crate) fn error(message: &str) -> Thrown {
    with_message(ErrorClass::Plain, message)
}

/// An `Error` with this message and code.
pub(crate) fn coded(code: &str, message: &str) -> Thrown {
    with_code(error(message), code)
}

/// The `TypeError` for a name that nothing has.
pub(crate) fn not_found(message: &str) -> Thrown {
    with_code(type_error(message), "E_NOT_FOUND")
}

fn with_code(thrown: Thrown, code: &str) -> Thrown {
    if let Ok(code) = Value::string(code) {
        // Without memory for its code, the error still says what happened.
        let _is_an_extra = thrown.0.define("code", code);
    }
    thrown
}

/// The same error with other words; `reword` makes them of those that it has.
pub(crate) fn reworded(thrown: Thrown, reword: impl FnOnce(&str) -> String) -> Thrown {
    let message = thrown.0.own("message").and_then(|message| text(&message, limits::ERROR_TEXT));
    if let Some(message) = message.filter(|_| thrown.0.is_error())
        && let Ok(message) = Value::string(&reword(&message))
    {
        // Without memory for it, the error still has the words that it had.
        let _is_an_extra = thrown.0.define_hidden("message", message);
    }
    thrown
}

/// The error for a function that the host may no longer call.
pub(crate) fn gone(id: u64) -> Thrown {
    let thrown = error(&format!("the function {id} was released and is gone"));
    if let Ok(name) = Value::string("Gone") {
        let _is_an_extra = thrown.0.define_hidden("name", name);
    }
    thrown
}

/// An error without a message. The plugin's own `prepareStackTrace` is not asked: errors are made at moments when no code
/// of the plugin may run.
pub(crate) fn bare(class: ErrorClass) -> Js {
    match session() {
        Some(session) => stack::own_error(session, class),
        None => Value::error(class),
    }
}

fn with_message(class: ErrorClass, message: &str) -> Thrown {
    let made = bare(class).and_then(|error| {
        error.define_hidden("message", Value::string(message)?)?;
        Ok(error)
    });
    // What the engine threw instead says that there is no memory.
    made.map_or_else(|thrown| thrown, Thrown)
}

/// An encoded error that needs no engine: it may be stopped, or out of memory.
pub(crate) fn plain(name: &str, message: &str, stack: &str) -> Vec<u8> {
    let mut map = Vec::new();
    let mut writer = Writer::new(&mut map);
    writer.map(3);
    for (key, text) in [("name", name), ("message", message), ("stack", stack)] {
        writer.text(key);
        writer.text(text);
    }
    let mut out = Vec::new();
    Writer::new(&mut out).extension(form::ERROR, &map);
    out
}

/// The property `name` as text of at most `most` bytes, if it is there and can be read; other primitives are converted.
pub(crate) fn text_of(value: &Value, name: &str, most: usize) -> Option<String> {
    text(&value.get(name).ok()?, most)
}

/// A primitive as text of at most `most` bytes, if it says something.
pub(crate) fn text(value: &Value, most: usize) -> Option<String> {
    match value.kind() {
        Kind::Undefined | Kind::Null | Kind::Symbol | Kind::Object => None,
        _ => Some(value.text().ok()?.cut(most).into_owned()),
    }
}
