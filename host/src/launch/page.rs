//! The host's mapping of a control page.
#![allow(unsafe_code, reason = "shared memory is mapped here, and seen only through a type made of atomics")]

use plughold_protocol::page::{Page, SIZE};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{MapFlags, ProtFlags};
use std::ffi::c_void;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;

/// A control page, mapped until it is dropped.
pub(crate) struct ControlPage {
    page: NonNull<Page>,
}

impl ControlPage {
    /// A new page and the descriptor that its runner inherits. It cannot be made shorter: nobody can turn an access
    /// into a SIGBUS.
    pub(crate) fn create() -> io::Result<(ControlPage, OwnedFd)> {
        let memory = rustix::fs::memfd_create("plughold", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        rustix::fs::ftruncate(&memory, SIZE as u64)?;
        rustix::fs::fcntl_add_seals(&memory, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        // SAFETY: a new mapping at an address of the kernel's choice touches nothing that exists.
        let address = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                SIZE,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                &memory,
                0,
            )?
        };
        let page = NonNull::new(address.cast::<Page>()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok((ControlPage { page }, memory))
    }
}

impl Deref for ControlPage {
    type Target = Page;

    fn deref(&self) -> &Page {
        // SAFETY: the mapping is page-aligned, SIZE bytes long, sealed at that length and lives as long as `self`; every
        // bit pattern is a valid `Page`, since it consists of atomic integers, and both processes only use atomics.
        unsafe { self.page.as_ref() }
    }
}

impl Drop for ControlPage {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `create`, and no reference to it can outlive `self`. A failure leaves it
        // mapped, which harms nobody.
        let _ = unsafe { rustix::mm::munmap(self.page.as_ptr().cast::<c_void>(), SIZE) };
    }
}

// SAFETY: all access goes through atomics.
unsafe impl Send for ControlPage {}
// SAFETY: as above.
unsafe impl Sync for ControlPage {}

impl fmt::Debug for ControlPage {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "ControlPage({:?})", self.pulse())
    }
}
