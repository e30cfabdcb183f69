//! Namespaces: a network without interfaces, mounts, System V objects and names that are nobody else's.
//!
//! They are made in a user namespace of their own, so that no right is needed. No user of the machine is mapped into
//! it: who is inside is nobody, and stays it. A namespace for processes is not among them: it is for children, which a
//! runner never has, and one for itself would cost another process or another way to start one.

use super::failed;
use crate::{Error, Layer};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Enters them all at once.
#[allow(
    unsafe_code,
    reason = "unsharing is unsafe for what concerns memory and threads, and this is neither"
)]
pub(super) fn enter() -> Result<(), Error> {
    let all = UnshareFlags::NEWUSER
        | UnshareFlags::NEWNS
        | UnshareFlags::NEWNET
        | UnshareFlags::NEWIPC
        | UnshareFlags::NEWUTS
        | UnshareFlags::NEWCGROUP;
    // SAFETY: unsafe is what leaves another thread with descriptors or a folder that it does not expect; these flags
    // share neither.
    let result = unsafe { unshare_unsafe(all) };
    failed(Layer::Namespaces, "they cannot be entered", result.map_err(Into::into))
}
