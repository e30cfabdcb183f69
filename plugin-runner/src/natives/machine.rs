//! What a plugin may know of what runs it.

use crate::engine::function::Native;
use crate::engine::{Js, Value};
use crate::session::Session;
use crate::system;

/// What our own JavaScript can call.
pub(super) const NATIVES: &[Native] = &[Native { name: "facts", length: 0, run: facts }];

/// `facts()`: the name and version of this program, the system's name, the time zone's if it is known, and the kind of
/// machine.
fn facts(_: &Session, _: &[Value]) -> Js {
    let name = concat!("Plughold/", env!("CARGO_PKG_VERSION"));
    let zone = system::time_zone().unwrap_or("UTC");
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let texts = [name, system, zone, machine];
    Value::array(texts.iter().map(|text| Value::string(text)).collect::<Js<Vec<_>>>()?)
}
