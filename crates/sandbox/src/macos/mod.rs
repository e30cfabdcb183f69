//! macOS: a Seatbelt profile that denies everything, and limits.
//!
//! It was compiled and has not been run yet.
//!
//! There are no namespaces, no Landlock and no capabilities here, so the strongest level is C: the profile is what takes
//! the place of the filter of system calls. What it denies is what a call does, not the call itself, so more of the
//! kernel can be reached than on Linux. Nothing ends a runner with its host but the end of its socket.

mod limits;
mod proof;
mod seatbelt;

pub(crate) use proof::Record;

use crate::{Error, Established, Layer, Plan, Trapped};
use std::ffi::CStr;

/// What the filter is called in what a process reports, with three calls and with seven.
pub(crate) const FILTER: [&str; 2] = ["seatbelt", "seatbelt"];

/// Gives up what the plan says, for ever. Reaches exactly the plan or fails; then the process is in no known state and
/// has to end.
///
/// To be called last before anything is read that is not trusted, by a process with one thread, whose only descriptor
/// of any use is 0: all others are closed, at every level. `parent` is the process that started it; nothing is ever
/// given to `on_trap` here.
///
/// # Errors
/// The layer that could not be put on, and why.
pub fn lock(
    plan: &Plan,
    parent: Option<u32>,
    name: &CStr,
    _on_trap: fn(Trapped) -> !,
) -> Result<Established, Error> {
    let missing = |layer, reason| Err(Error::Missing { layer, reason });
    limits::close_all_but_the_socket();
    for layer in plan.layers().iter() {
        match layer {
            Layer::Namespaces => return missing(layer, "macOS has none"),
            Layer::Root => return missing(layer, "macOS has no namespace for it"),
            Layer::Landlock => return missing(layer, "macOS has none"),
            Layer::NoNewCode => return missing(layer, "on macOS this is a property of the signed program"),
            // There are none to drop, and the profile lets no program be executed.
            Layer::Capabilities | Layer::NoNewPrivileges => {}
            Layer::Limits => limits::set()?,
            Layer::Filter => {}
        }
    }
    if parent.is_some_and(|parent| parent != std::os::unix::process::parent_id()) {
        return Err(Error::Orphan);
    }
    limits::set_name(name);
    if plan.layers().contains(Layer::Filter) {
        seatbelt::enter()?;
    }
    Ok(plan.outcome())
}

/// System calls have no names here: the profile is not about their numbers.
pub fn call_name(_number: u32) -> &'static str {
    ""
}
