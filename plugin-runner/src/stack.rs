//! Stacks that a plugin cannot forge.
//!
//! The engine keeps the stack of an error where JavaScript cannot write: assigning `error.stack` makes another property.
//! A plugin's own `Error.prepareStackTrace` is called by a hook of ours that records the true stack first.

use crate::engine::make::ErrorClass;
use crate::engine::{Js, Value};
use crate::session::Session;
use plughold_protocol::limits;
use plughold_proxy_js::OWN;

/// A line of the plugin's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The virtual file name.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
    /// From 1; 0 when unknown.
    pub(crate) column: u32,
}

/// The stack of an error, one line for each call, without our own files; empty if it has none.
pub(crate) fn of(session: &Session, error: &Value) -> String {
    let kit = &session.kit;
    let recorded = kit.recorded_stack.call(&Value::UNDEFINED, std::slice::from_ref(error)).ok();
    let engines = || kit.engine_stack.call(error, &[]).ok();
    let text = recorded.and_then(|stack| stack.as_string()).or_else(|| engines()?.as_string());
    // An error that came from the host has no calls of the plugin in it, and brings its stack as a property.
    let text = text.filter(|text| !text.is_empty()).or_else(|| error.get("stack").ok()?.as_string());
    clean(&text.unwrap_or_default())
}

/// The plugin's stack at this moment.
pub(crate) fn here(session: &Session) -> String {
    let text = session.kit.with_preparation(&Value::UNDEFINED, || {
        let error = Value::error(ErrorClass::Plain)?;
        session.kit.engine_stack.call(&error, &[])
    });
    clean(&text.ok().and_then(|text| text.as_string()).unwrap_or_default())
}

/// The line of the plugin that called into our JavaScript.
pub(crate) fn spot(session: &Session) -> Option<Spot> {
    let kit = &session.kit;
    let place = kit.with_preparation(&kit.place_collector, || {
        let error = Value::error(ErrorClass::Plain)?;
        kit.engine_stack.call(&error, &[])
    });
    read_spot(&place.ok()?).ok()?
}

fn read_spot(place: &Value) -> Js<Option<Spot>> {
    if !place.is_object() {
        return Ok(None);
    }
    let file = place.get_index(0)?.as_string();
    let number = |index| Ok(place.get_index(index)?.as_number().unwrap_or(0.0) as u32);
    let (line, column) = (number(1)?, number(2)?);
    Ok(file.map(|file| Spot { file, line, column }))
}

/// The first place in a cleaned stack.
pub(crate) fn first_spot(stack: &str) -> Option<Spot> {
    stack.lines().find_map(|line| {
        let place = line.strip_suffix(')')?.rsplit_once('(')?.1;
        let (place, column) = place.rsplit_once(':')?;
        let (file, line) = place.rsplit_once(':')?;
        Some(Spot { file: file.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
    })
}

/// Leaves out our own calls, and the engine's that were made by them.
fn clean(stack: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in stack.lines().filter(|line| !line.trim().is_empty()) {
        let is_own = line.rsplit_once('(').is_some_and(|(_, place)| place.starts_with(OWN));
        if is_own {
            let kept = lines.iter().rposition(|line| !line.ends_with("(native)"));
            lines.truncate(kept.map_or(0, |at| at + 1));
        } else {
            lines.push(line);
        }
    }
    let mut text = lines.join("\n");
    text.truncate(text.floor_char_boundary(limits::ERROR_TEXT));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_calls_are_left_out() {
        let stack = "    at go (a.js:1:2)\n    at log (native)\n    at write (plughold:console.js:2:3)\n    at map (native)\n    at main (a.js:7:9)\n";
        assert_eq!(clean(stack), "    at go (a.js:1:2)\n    at map (native)\n    at main (a.js:7:9)");
    }

    #[test]
    fn the_first_place_is_the_first_with_a_line() {
        let stack = "    at map (native)\n    at go (lib/a:b.js:7:9)\n    at <eval> (main.js:1:1)";
        assert_eq!(first_spot(stack), Some(Spot { file: "lib/a:b.js".to_owned(), line: 7, column: 9 }));
        assert_eq!(first_spot("    at go (missing)"), None);
    }
}
