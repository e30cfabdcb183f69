//! Descriptors, limits of resources and the name.
#![allow(unsafe_code, reason = "these calls of the C library have no safe form")]

use crate::{Error, Layer};
use std::ffi::CStr;
use std::io;

/// The first descriptor that is not the socket, which is 0.
const FIRST: i32 = 1;

/// More descriptors than this no host leaks.
const MOST: i32 = 10_240;

/// Nothing of any of these. The address space is not limited: the system does not hold a process to it.
const NOTHING_OF: [libc::c_int; 5] =
    [libc::RLIMIT_NOFILE, libc::RLIMIT_NPROC, libc::RLIMIT_FSIZE, libc::RLIMIT_CORE, libc::RLIMIT_MEMLOCK];

/// Closes whatever the process has inherited or opened.
pub(super) fn close_all_but_the_socket() {
    for descriptor in FIRST..MOST {
        // SAFETY: the process is about to be locked, and nothing in it reads or writes one of these any more.
        unsafe { libc::close(descriptor) };
    }
}

/// Sets all limits, for ever.
pub(super) fn set() -> Result<(), Error> {
    let nothing = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    for resource in NOTHING_OF {
        // SAFETY: the system reads one structure, which lives until the call returns.
        if unsafe { libc::setrlimit(resource, &raw const nothing) } < 0 {
            let source = io::Error::last_os_error();
            return Err(Error::Layer { layer: Layer::Limits, step: "a resource cannot be limited", source });
        }
    }
    Ok(())
}

/// Names the thread. A system that has no names is no worse off.
pub(super) fn set_name(name: &CStr) {
    // SAFETY: a text that ends with zero.
    unsafe { libc::pthread_setname_np(name.as_ptr()) };
}
