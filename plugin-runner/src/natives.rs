//! What our own JavaScript can call. A plugin has no way to the object that holds these.

mod bytes;
mod ciphers;
mod hashes;
pub(crate) mod lazy;
mod machine;
mod random;
mod text;
mod url;
mod zlib;

use crate::engine::function::Native;
use crate::engine::{Js, Kind, Text, Thrown, Value};
use crate::session::Session;
use crate::{
    arena, builtins, calls_out, commonjs, serve, source_map, stack, streams, suggest, thrown, timers,
};
use plughold_protocol::record::{LogLevel, Place};
use plughold_protocol::{Message, limits};
use std::borrow::Cow;
use std::ops::Range;

/// Every function, in groups: each room of the runner lists its own.
const GROUPS: &[&[Native]] = &[
    GENERAL,
    timers::NATIVES,
    calls_out::NATIVES,
    commonjs::NATIVES,
    builtins::NATIVES,
    streams::NATIVES,
    lazy::NATIVES,
    bytes::NATIVES,
    ciphers::NATIVES,
    hashes::NATIVES,
    machine::NATIVES,
    random::NATIVES,
    text::NATIVES,
    url::NATIVES,
    zlib::NATIVES,
];

/// The groups that every runner makes at its start. Nothing but files that are evaluated later asks for the others.
const AT_START: usize = 7;

/// Functions of one group at most: the number that the engine keeps with a function is its group and its place there.
const GROUP: usize = 256;

/// What the engine leaves free is enough for this, in bytes.
const SMALL: usize = limits::PIECE;

const GENERAL: &[Native] = &[
    Native { name: "log", length: 2, run: log },
    Native { name: "stack", length: 0, run: current_stack },
    Native { name: "stackOf", length: 1, run: stack_of },
    Native { name: "prepares", length: 1, run: prepares },
    Native { name: "explain", length: 1, run: explain },
    Native { name: "report", length: 1, run: report },
    Native { name: "unknown", length: 2, run: unknown },
    Native { name: "className", length: 1, run: class_name },
    Native { name: "namesOf", length: 1, run: names_of },
    Native { name: "now", length: 0, run: now },
    Native { name: "today", length: 0, run: today },
    Native { name: "random", length: 0, run: random },
    Native { name: "complete", length: 1, run: complete },
];

/// The object with those that every runner needs.
pub(crate) fn object() -> Js {
    let object = Value::object()?;
    define(&object, 0..AT_START)?;
    Ok(object)
}

/// `complete(native)`: adds all others to the object.
fn complete(_: &Session, arguments: &[Value]) -> Js {
    define(&argument(arguments, 0), AT_START..GROUPS.len())?;
    Ok(Value::UNDEFINED)
}

fn define(object: &Value, groups: Range<usize>) -> Js<()> {
    for (group, natives) in GROUPS.iter().enumerate().skip(groups.start).take(groups.len()) {
        for (place, native) in natives.iter().enumerate() {
            object.define(native.name, Value::native(group * GROUP + place, native)?)?;
        }
    }
    Ok(())
}

/// The function with this number.
pub(crate) fn of_number(number: usize) -> Option<&'static Native> {
    GROUPS.get(number / GROUP)?.get(number % GROUP)
}

/// The argument number `at`, or undefined.
pub(crate) fn argument(arguments: &[Value], at: usize) -> Value {
    arguments.get(at).cloned().unwrap_or(Value::UNDEFINED)
}

/// A copy of the bytes of the argument number `at`.
fn bytes_at(arguments: &[Value], at: usize) -> Js<Vec<u8>> {
    argument(arguments, at).with_bytes(|bytes| {
        check_room(bytes.len())?;
        Ok(bytes.to_vec())
    })?
}

/// Throws unless there is room for `bytes` bytes of Rust's: a plugin whose work does not fit gets an error.
fn check_room(bytes: usize) -> Js<()> {
    if bytes <= SMALL || arena::has_room(bytes) {
        return Ok(());
    }
    Err(thrown::range_error(&format!("the plugin's memory has no room for {bytes} more bytes")))
}

fn log(session: &Session, arguments: &[Value]) -> Js {
    let level = match argument(arguments, 0).kind() {
        Kind::Int(0) => LogLevel::Debug,
        Kind::Int(1) => LogLevel::Info,
        Kind::Int(2) => LogLevel::Warn,
        _ => LogLevel::Error,
    };
    let text = argument(arguments, 1).text()?;
    let text = line(&text);

    let spot = stack::spot(session).map(|spot| source_map::original(session, spot));
    let place = spot.as_ref().map(|spot| Place { file: &spot.file, line: spot.line, column: spot.column });
    session.send(&Message::Log { level, text: &text, place });
    Ok(Value::UNDEFINED)
}

/// Bytes of a line for the words that the rest of it was cut.
const CUT_WORDS: usize = 64;

/// A line that is too long is cut, and says so. With these words it is as long as it may be: the host would cut them again.
fn line(text: &Text) -> Cow<'_, str> {
    if text.len() <= limits::LOG_LINE {
        return text.cut(limits::LOG_LINE);
    }
    let kept = text.cut(limits::LOG_LINE - CUT_WORDS);
    let rest = text.len() - kept.len();
    Cow::Owned(format!("{kept}… ({rest} more bytes)"))
}

fn current_stack(session: &Session, _: &[Value]) -> Js {
    Value::string(&source_map::rewritten(session, stack::here(session)))
}

fn stack_of(session: &Session, arguments: &[Value]) -> Js {
    Value::string(&stack::reported(session, &argument(arguments, 0)))
}

fn prepares(session: &Session, arguments: &[Value]) -> Js {
    session.stacks.set_plugins(argument(arguments, 0).kind() == Kind::Bool(true));
    Ok(Value::UNDEFINED)
}

fn explain(session: &Session, arguments: &[Value]) -> Js {
    Value::string(&suggest::explain(session, &argument(arguments, 0)))
}

fn report(session: &Session, arguments: &[Value]) -> Js {
    serve::report_uncaught(session, &Thrown(argument(arguments, 0)), false);
    Ok(Value::UNDEFINED)
}

fn unknown(session: &Session, arguments: &[Value]) -> Js {
    let path = argument(arguments, 0).as_string(limits::NAME).unwrap_or_default();
    let names = argument(arguments, 1);
    let mut members = Vec::new();
    if names.is_array() {
        for index in 0..names.length()? as u32 {
            members.extend(names.get_index(index)?.as_string(limits::NAME));
        }
    }
    suggest::note_unknown(session, path, members);
    Ok(Value::UNDEFINED)
}

fn class_name(_: &Session, arguments: &[Value]) -> Js {
    Value::string(&argument(arguments, 0).class_name()?)
}

/// `namesOf(list)`: its own enumerable names besides the indexes. A long list's indexes as texts would need more memory
/// than the list.
fn names_of(_: &Session, arguments: &[Value]) -> Js {
    let keys = argument(arguments, 0).keys()?;
    let mut names = Vec::new();
    // Indexes come first.
    for key in keys.iter().rev() {
        let text = key.text()?;
        if 0 < text.len() && text.to_str().bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        names.push(key.value()?);
    }
    names.reverse();
    Value::array(names)
}

fn now(session: &Session, _: &[Value]) -> Js {
    Ok(Value::number(session.clock.elapsed_us() as f64 / 1_000.0))
}

fn today(session: &Session, _: &[Value]) -> Js {
    Ok(Value::number((session.clock.today_us() / 1_000) as f64))
}

fn random(session: &Session, _: &[Value]) -> Js {
    Ok(Value::number(session.clock.random()))
}
