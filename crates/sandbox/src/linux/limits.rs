//! Limits of resources: none of what a process could still get is to be had.

use super::{call, failed};
use crate::{Error, Layer};

/// What the address space may grow by after the lock-down, in bytes: room for the stack, and for messages where the
/// program's memory does not come from an arena.
const GROWTH: u64 = 256 << 20;

/// The address space where the system does not tell what is in use: the largest arena and as much again.
const UNKNOWN: u64 = 8 << 30;

/// Nothing of any of these.
const NOTHING_OF: [u32; 9] = [
    libc::RLIMIT_NOFILE,
    libc::RLIMIT_NPROC,
    libc::RLIMIT_FSIZE,
    libc::RLIMIT_CORE,
    libc::RLIMIT_MEMLOCK,
    libc::RLIMIT_MSGQUEUE,
    libc::RLIMIT_SIGPENDING,
    libc::RLIMIT_NICE,
    libc::RLIMIT_RTPRIO,
];

/// How large the address space may become, in bytes. To be asked while files can be opened.
pub(super) fn address_space() -> u64 {
    in_use().map_or(UNKNOWN, |bytes| bytes.saturating_add(GROWTH))
}

/// Sets them all, for ever.
pub(super) fn set(address_space: u64) -> Result<(), Error> {
    for resource in NOTHING_OF {
        failed(Layer::Limits, "a resource cannot be limited", call::limit(resource, 0))?;
    }
    failed(Layer::Limits, "memory cannot be limited", call::limit(libc::RLIMIT_AS, address_space))
}

/// The address space of this process in bytes.
fn in_use() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').next()?.parse().ok()?;
    pages.checked_mul(rustix::param::page_size() as u64)
}
