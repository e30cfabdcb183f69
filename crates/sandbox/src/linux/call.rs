//! The system calls that no library wraps, each as a safe function.
#![allow(unsafe_code, reason = "these system calls have no safe form")]

use std::ffi::CStr;
use std::io;

/// More descriptors than an ordinary process may have.
const MOST_DESCRIPTORS: i32 = 4_096;

/// `prctl` with numbers only, for options that read and write no memory of ours.
pub(super) fn prctl(option: libc::c_int, first: u64, second: u64) -> io::Result<()> {
    // SAFETY: the callers name options whose arguments are numbers.
    let result = unsafe { libc::prctl(option, first, second, 0, 0) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Names the process. A system that has no names is no worse off.
pub(super) fn set_name(name: &CStr) {
    // SAFETY: the kernel reads at most 16 bytes of a string that ends with zero.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr(), 0, 0, 0) };
}

/// Closes every descriptor from `first` on.
pub(super) fn close_from(first: i32) {
    // SAFETY: the process is about to be locked, and nothing in it reads or writes one of these any more.
    if unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) } == 0 {
        return;
    }
    // Before Linux 5.9: one by one. A process with more has raised its own limit.
    for descriptor in first..MOST_DESCRIPTORS {
        // SAFETY: as above.
        unsafe { libc::close(descriptor) };
    }
}

/// Sets all capabilities of the thread to none.
pub(super) fn clear_capabilities() -> io::Result<()> {
    #[repr(C)]
    struct Head {
        version: u32,
        pid: i32,
    }
    /// `_LINUX_CAPABILITY_VERSION_3`: two words for each set.
    const VERSION: u32 = 0x2008_0522;
    let head = Head { version: VERSION, pid: 0 };
    // Effective, permitted and inheritable, twice.
    let none = [0_u32; 6];
    // SAFETY: both structures have the layout of that version, and live until the call returns.
    let result = unsafe { libc::syscall(libc::SYS_capset, &raw const head, none.as_ptr()) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// What a set of Landlock rules is about; see `linux/landlock.h`.
#[repr(C)]
pub(super) struct RulesetAttributes {
    /// Rights on files.
    pub(super) files: u64,
    /// Rights on ports.
    pub(super) ports: u64,
    /// What is confined to the domain.
    pub(super) scopes: u64,
}

/// Which version of Landlock the kernel has; the error is that it has none.
pub(super) fn landlock_version() -> io::Result<u32> {
    /// `LANDLOCK_CREATE_RULESET_VERSION`.
    const VERSION: u32 = 1;
    let nothing: *const RulesetAttributes = std::ptr::null();
    // SAFETY: with this flag the kernel reads no attributes.
    let result = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION) };
    u32::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// Forbids all that `attributes` name; its first `length` bytes are what the kernel knows.
pub(super) fn landlock_forbid(attributes: &RulesetAttributes, length: usize) -> io::Result<()> {
    let length = length.min(size_of::<RulesetAttributes>());
    // SAFETY: the attributes have at least `length` bytes and live until the call returns.
    let ruleset = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::from_ref(attributes), length, 0_u32)
    };
    if ruleset < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: takes two numbers, the first of which is the descriptor that was just made.
    let result = unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset, 0_u32) };
    let error = io::Error::last_os_error();
    // SAFETY: the descriptor is ours, and nobody else knows it.
    unsafe { libc::close(ruleset as i32) };
    if result < 0 { Err(error) } else { Ok(()) }
}

/// Puts the filter on every thread of the process.
pub(super) fn seccomp(program: &[libc::sock_filter]) -> io::Result<()> {
    let length = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let described = libc::sock_fprog { len: length, filter: program.as_ptr().cast_mut() };
    // SAFETY: the kernel reads `length` instructions from a slice that has as many, and writes nothing.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_TSYNC,
            &raw const described,
        )
    };
    match result {
        0 => Ok(()),
        // With this flag it is the number of a thread that has another filter.
        1.. => Err(io::Error::other("another thread has a filter of its own")),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Limits a resource, for ever.
pub(super) fn limit(resource: u32, most: u64) -> io::Result<()> {
    let limit = libc::rlimit64 { rlim_cur: most, rlim_max: most };
    let nothing: *mut libc::rlimit64 = std::ptr::null_mut();
    // SAFETY: the kernel reads one structure, which lives until the call returns, and writes none.
    let result = unsafe { libc::syscall(libc::SYS_prlimit64, 0, resource, &raw const limit, nothing) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
