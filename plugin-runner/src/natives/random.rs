//! Randomness that a plugin may use for keys. It comes from the host's, without a system call.

use super::argument;
use crate::engine::function::Native;
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::thrown;
use std::fmt::Write;

/// Bytes that are made at once, as many as the standard allows.
const MOST: usize = 65_536;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[
    Native { name: "randomBytes", length: 1, run: random_bytes },
    Native { name: "uuid", length: 0, run: uuid },
];

/// `randomBytes(count)`: a `Uint8Array`.
fn random_bytes(session: &Session, arguments: &[Value]) -> Js {
    let count = argument(arguments, 0).as_number().unwrap_or(0.0) as usize;
    if MOST < count {
        return Err(thrown::range_error(&format!("more than {MOST} random bytes")));
    }
    let mut bytes = vec![0; count];
    session.clock.fill(&mut bytes);
    Value::bytes(&bytes)
}

/// `uuid()`: a random one, of version 4, as text.
fn uuid(session: &Session, _: &[Value]) -> Js {
    let mut bytes = [0; 16];
    session.clock.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        text.push_str(if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" });
        // Writing to a string cannot fail.
        let _always_ok = write!(text, "{byte:02x}");
    }
    Value::string(&text)
}
