//! A process as a descriptor that tokio can wait for.
#![allow(unsafe_code, reason = "tokio asks for a promise about the descriptor that it registers")]

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::io;
use std::os::fd::OwnedFd;
use tokio::io::unix::AsyncFd;

/// Opens the child with this number, which was not waited for yet; inside a tokio runtime. The result becomes readable
/// when the process ends.
pub(crate) fn open(child: u32) -> io::Result<AsyncFd<OwnedFd>> {
    let pid = i32::try_from(child).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
    // SAFETY: the descriptor is owned by what is registered, so it stays open and the same until it is deregistered.
    Ok(unsafe { AsyncFd::register(pidfd) }?)
}
