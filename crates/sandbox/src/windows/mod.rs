//! Windows: a restricted token, mitigation policies and a job object.
//!
//! It was compiled and has not been run yet.
//!
//! A process cannot take its own groups away: whoever starts it gives it a [restricted token](restricted_token) and a
//! token to impersonate while it starts, and puts it into a [job](Job). [`lock`] gives the second token back, lowers the
//! process to the lowest integrity, removes what it may not need and forbids the rest by policies; it fails if the
//! process was not started that way. There are no namespaces and no Landlock here, so the strongest level is C.

mod job;
mod policies;
mod proof;
mod token;

pub use job::Job;
pub(crate) use proof::Record;
pub use token::restricted_token;

use crate::{Error, Established, Layer, Plan, Trapped};
use std::ffi::CStr;
use std::io;

/// What the filter is called in what a process reports, with three calls and with seven.
pub(crate) const FILTER: [&str; 2] = ["policies", "policies"];

/// Gives up what the plan says, for ever. Reaches exactly the plan or fails; then the process is in no known state and
/// has to end.
///
/// To be called last before anything is read that is not trusted, by a process with one thread. The process ends with
/// its parent because its job does; nothing is ever given to `on_trap` here.
///
/// # Errors
/// The layer that could not be put on, and why.
pub fn lock(
    plan: &Plan,
    _parent: Option<u32>,
    _name: &CStr,
    _on_trap: fn(Trapped) -> !,
) -> Result<Established, Error> {
    let missing = |layer, reason| Err(Error::Missing { layer, reason });
    for layer in plan.layers().iter() {
        match layer {
            Layer::Namespaces => return missing(layer, "Windows has none"),
            Layer::Root => return missing(layer, "Windows has no namespace for it"),
            Layer::Landlock => return missing(layer, "Windows has none"),
            Layer::Capabilities => token::give_up()?,
            Layer::NoNewPrivileges => policies::forbid_children()?,
            Layer::NoNewCode => policies::forbid_new_code()?,
            Layer::Limits => job::check()?,
            Layer::Filter => policies::forbid_the_rest()?,
        }
    }
    Ok(plan.outcome())
}

/// System calls have no names here: policies are not about their numbers.
pub fn call_name(_number: u32) -> &'static str {
    ""
}

/// The error of a layer, with what the system said last, if the result is zero.
fn check_call(layer: Layer, step: &'static str, result: i32) -> Result<(), Error> {
    if result != 0 {
        return Ok(());
    }
    Err(Error::Layer { layer, step, source: io::Error::last_os_error() })
}
