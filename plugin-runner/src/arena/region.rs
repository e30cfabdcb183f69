//! The mapping: one call to the system, the last that a runner ever makes for memory.
#![allow(unsafe_code, reason = "mapping memory is a call of the C library")]

use std::io;
use std::ptr::NonNull;

/// Maps `length` bytes that are zero, private and readable and writable, and stay mapped as long as the
/// process lives.
///
/// Nothing is committed: a page costs memory from when it is first written to.
///
/// # Errors
/// What the system says, for example that an address space limit of the process is smaller.
#[cfg(unix)]
pub(super) fn map(length: usize) -> io::Result<NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new anonymous mapping at an address of the system's choice touches no memory that is in use.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
    if address == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    refuse_huge_pages(address, length);
    NonNull::new(address.cast())
        .ok_or_else(|| io::Error::other("the system mapped the arena at address zero"))
}

/// Says that nothing is known of mapping memory on this system.
///
/// # Errors
/// Always.
#[cfg(not(unix))]
pub(super) fn map(_length: usize) -> io::Result<NonNull<u8>> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Keeps the system from backing the first write with a page of 2 MiB, which would cost each runner 4 MB.
///
/// A kernel without huge pages refuses the request; there is nothing to be done, and no need to.
#[cfg(target_os = "linux")]
fn refuse_huge_pages(address: *mut libc::c_void, length: usize) {
    // SAFETY: the range is the mapping that was just made; the advice does not change what it contains.
    unsafe { libc::madvise(address, length, libc::MADV_NOHUGEPAGE) };
}

/// Other systems have no such advice, and give no huge pages that nobody asked for.
#[cfg(all(unix, not(target_os = "linux")))]
fn refuse_huge_pages(_address: *mut libc::c_void, _length: usize) {}
