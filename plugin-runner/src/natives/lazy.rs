//! Files of our own that are evaluated when something of them is first used.

use super::argument;
use crate::engine::function::Native;
use crate::engine::{Js, Value, script};
use crate::session::Session;
use crate::thrown;
use plughold_proxy_js::LAZY;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[Native { name: "evaluate", length: 1, run: evaluate }];

/// `evaluate(number)`: the function that the file is.
fn evaluate(_: &Session, arguments: &[Value]) -> Js {
    let number = argument(arguments, 0).as_number().unwrap_or(-1.0);
    match LAZY.get(number as usize) {
        Some(lazy) => script::evaluate_own(lazy.script),
        None => Err(thrown::error("there is no such file")),
    }
}
