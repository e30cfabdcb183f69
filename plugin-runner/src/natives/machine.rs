//! What a plugin may know of what runs it.

use crate::engine::function::Native;
use crate::engine::{Js, Value};
use crate::session::Session;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[Native { name: "facts", length: 0, run: facts }];

/// `facts()`: the name and version of this program, the system's name, and the time zone's if it is known.
fn facts(_: &Session, _: &[Value]) -> Js {
    let name = concat!("Plughold/", env!("CARGO_PKG_VERSION"));
    // The start has put it there; the rest of the environment is empty.
    let zone = std::env::var("TZ").unwrap_or_else(|_| "UTC".to_owned());
    Value::array(vec![Value::string(name)?, Value::string(std::env::consts::OS)?, Value::string(&zone)?])
}
