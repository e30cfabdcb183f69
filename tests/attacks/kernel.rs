//! What this kernel can do, where the matrix depends on it.
#![allow(unsafe_code, reason = "there is no safe form of this system call")]

/// Asks for the version and creates nothing.
const VERSION: u32 = 1;

/// The version of Landlock, or less than 1 if there is none.
pub(crate) fn landlock() -> i64 {
    // SAFETY: with this flag the call takes no address and gives a number.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, 0_usize, 0_usize, VERSION) }
}
