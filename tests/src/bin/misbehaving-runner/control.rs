//! The control page, mapped.
#![allow(unsafe_code, reason = "shared memory is mapped here, and seen only through a type made of atomics")]

use plughold_protocol::page::{Page, SIZE};
use rustix::fd::AsFd;
use rustix::mm::{MapFlags, ProtFlags, mmap};

/// Maps the page behind `descriptor` for the rest of the process.
pub(crate) fn map(descriptor: impl AsFd) -> &'static Page {
    // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
    let address = unsafe {
        mmap(std::ptr::null_mut(), SIZE, ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED, descriptor, 0)
    };
    let page = address.unwrap().cast::<Page>();
    // SAFETY: the mapping is aligned to pages, SIZE bytes long and never removed; the host has sealed its length; every
    // bit pattern is a valid `Page`, which consists of atomic integers.
    unsafe { &*page }
}
