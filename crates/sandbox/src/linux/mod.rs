//! Linux: one file for each mechanism.
//!
//! The order is part of what they do. Namespaces come before Landlock, which forbids changes of mounts; capabilities go
//! when nothing needs them any more; whatever changes credentials makes the kernel forget with whom the process wants
//! to die, so that request follows; limits come late, since what is before them opens descriptors; and the filter is
//! last, since it ends all of this.

mod call;
mod capabilities;
mod descriptors;
mod filter;
mod landlock;
mod limits;
mod memory_deny;
mod names;
mod namespaces;
mod no_new_privileges;
mod parent;
mod program;
mod proof;
mod root;
mod trap;

pub use names::call_name;
pub(crate) use proof::Record;

use crate::{Error, Established, Layer, Plan, Trapped};
use std::ffi::CStr;

/// What the filter is called in what a process reports, with three calls and with seven.
pub(crate) const FILTER: [&str; 2] = ["three calls", "seven calls"];

/// Gives up what the plan says, for ever. Reaches exactly the plan or fails; then the process is in no known state and
/// has to end.
///
/// To be called last before anything is read that is not trusted, by a process with one thread, whose only descriptor
/// of any use is 0: all others are closed, at every level. Everything that the process will need is there already:
/// memory (with [`Calls::Three`](crate::Calls::Three)), the time zone, seeds. From here on it must not run destructors
/// of the C library, print or abort.
///
/// `parent` is the process to die with, if the system knows it as the parent. `name` becomes the process's name right
/// before the filter, and only then. `on_trap` is called from a signal handler and gets what the process has tried.
///
/// # Errors
/// The layer that could not be put on, and why.
pub fn lock(
    plan: &Plan,
    parent: Option<u32>,
    name: &CStr,
    on_trap: fn(Trapped) -> !,
) -> Result<Established, Error> {
    let layers = plan.layers();
    let address_space = layers.contains(Layer::Limits).then(limits::address_space);
    if layers.contains(Layer::NoNewCode) {
        memory_deny::look()?;
    }
    descriptors::close_all_but_the_socket();
    for layer in layers.iter() {
        match layer {
            Layer::Namespaces => namespaces::enter()?,
            Layer::Root => root::empty()?,
            Layer::Capabilities => capabilities::drop_all()?,
            Layer::NoNewPrivileges => no_new_privileges::set()?,
            Layer::NoNewCode => memory_deny::set()?,
            Layer::Landlock => landlock::restrict()?,
            Layer::Limits | Layer::Filter => {}
        }
    }
    parent::die_with(parent)?;
    if let Some(address_space) = address_space {
        limits::set(address_space)?;
    }
    if layers.contains(Layer::Filter) {
        trap::install(on_trap)?;
    }
    if layers.contains(Layer::Filter) {
        call::set_name(name);
        filter::install(plan)?;
    }
    Ok(plan.outcome())
}

/// Turns what the system said into the error of a layer.
fn failed<T>(layer: Layer, step: &'static str, result: std::io::Result<T>) -> Result<T, Error> {
    result.map_err(|source| Error::Layer { layer, step, source })
}
