//! No capabilities, and none to be had again.

use super::{call, failed};
use crate::{Error, Layer};
use std::io;

/// Root is nobody in particular, changing users changes no rights, nothing is handed on, and all of that is locked;
/// see `capabilities(7)`.
const SECURE_BITS: u64 = 0b1110_1111;

/// More capabilities than any kernel has: each set has 64 bits.
const MOST: u64 = 64;

/// Drops them all.
pub(super) fn drop_all() -> Result<(), Error> {
    // Whoever may change these bits may drop the bounding set as well. Who may not has no capabilities, and gains none
    // by executing a program, since new privileges are ruled out too.
    match call::prctl(libc::PR_SET_SECUREBITS, SECURE_BITS, 0) {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => {}
        result => {
            failed(Layer::Capabilities, "the secure bits cannot be set", result)?;
            failed(Layer::Capabilities, "the bounding set cannot be dropped", drop_bounding_set())?;
        }
    }
    failed(Layer::Capabilities, "they cannot be dropped", call::clear_capabilities())
}

fn drop_bounding_set() -> io::Result<()> {
    for capability in 0..MOST {
        match call::prctl(libc::PR_CAPBSET_DROP, capability, 0) {
            // The kernel has no more.
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => return Ok(()),
            result => result?,
        }
    }
    Ok(())
}
