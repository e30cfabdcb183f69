//! What a plugin may know of what runs it.

use crate::engine::function::Native;
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::system;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[Native { name: "facts", length: 0, run: facts }];

/// `facts()`: the name and version of this program, the system's name, and the time zone's if it is known.
fn facts(_: &Session, _: &[Value]) -> Js {
    let name = concat!("Plughold/", env!("CARGO_PKG_VERSION"));
    let zone = system::time_zone().unwrap_or("UTC");
    Value::array(vec![Value::string(name)?, Value::string(std::env::consts::OS)?, Value::string(zone)?])
}
