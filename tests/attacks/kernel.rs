//! What this kernel can do, where the matrix depends on it, and what attacks leave in it.
#![allow(unsafe_code, reason = "there is no safe form of these system calls")]

use std::ffi::CString;

/// Asks for the version and creates nothing.
const VERSION: u32 = 1;

/// The version of Landlock, or less than 1 if there is none.
pub(crate) fn landlock() -> i64 {
    // SAFETY: with this flag the call takes no address and gives a number.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0_usize, 0_usize, VERSION) }
}

/// Removes a message queue, if there is one of this name.
pub(crate) fn remove_queue(name: &str) {
    let name = CString::new(name).unwrap();
    // SAFETY: the kernel reads a string that ends with zero, and nothing else.
    let _there_is_none = unsafe { libc::syscall(libc::SYS_mq_unlink, name.as_ptr()) };
}
