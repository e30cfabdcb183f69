//! The system calls of the start, and the one of the end. After the lockdown only [`exit`] is called.
#![allow(
    unsafe_code,
    reason = "closing descriptors, mapping memory and the C library's clock have no safe form"
)]

use plughold_protocol::page::{self, Page};
use std::ffi::CString;
use std::io;
use std::os::fd::BorrowedFd;
use std::ptr;
use std::sync::OnceLock;

static ZONE: OnceLock<String> = OnceLock::new();

/// Ends the process at once: no destructor and no handler runs.
pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: `_exit` takes any number, never returns and touches no memory of ours.
    unsafe { libc::_exit(code) }
}

/// Closes all descriptors from `first` on: whatever the host's process leaked is not the plugin's.
pub(crate) fn close_from(first: u32) {
    // SAFETY: nothing in this process owns a descriptor yet besides the three standard ones, which are below `first`.
    unsafe { libc::close_range(first, libc::c_uint::MAX, 0) };
}

/// Maps the control page that the descriptor refers to, shared with the host and for ever.
pub(crate) fn map_page(descriptor: BorrowedFd<'_>) -> io::Result<&'static Page> {
    let length = rustix::fs::fstat(descriptor)?.st_size;
    if length < page::SIZE as i64 {
        return Err(io::Error::other(format!(
            "expected a page of {} bytes, found {length} bytes",
            page::SIZE
        )));
    }
    let protection = rustix::mm::ProtFlags::READ | rustix::mm::ProtFlags::WRITE;
    // SAFETY: the kernel chooses a free place, and the file has at least `SIZE` bytes, so every byte can be reached.
    let address = unsafe {
        rustix::mm::mmap(
            ptr::null_mut(),
            page::SIZE,
            protection,
            rustix::mm::MapFlags::SHARED,
            descriptor,
            0,
        )?
    };
    // SAFETY: the mapping is never undone, is aligned to a page of memory, and `Page` consists of atomics only, for
    // which any bytes are valid and which another process may change at any time.
    Ok(unsafe { &*address.cast::<Page>() })
}

/// Empties the environment: it belongs to the host.
pub(crate) fn clear_environment() {
    let names: Vec<_> = std::env::vars_os().map(|(name, _)| name).collect();
    for name in names {
        // SAFETY: this process has one thread.
        unsafe { std::env::remove_var(name) };
    }
}

/// Uses the zone `TZ=name`, or the machine's own, and reads everything about it now: later no file can be opened.
pub(crate) fn warm_time_zone(name: Option<&str>) {
    let name = name.filter(|name| CString::new(*name).is_ok());
    if let Some(zone) = name.map(str::to_owned).or_else(machine_zone) {
        // The first call counts, and there is one.
        let _first = ZONE.set(zone);
    }
    if let Some(name) = name {
        // SAFETY: this process has one thread.
        unsafe { std::env::set_var("TZ", name) };
    }
    let mut moment = std::mem::MaybeUninit::<libc::tm>::uninit();
    // SAFETY: `tzset` reads the environment, which no other thread changes; `localtime_r` writes to the place it is
    // given, which nobody reads.
    unsafe {
        tzset();
        let now: libc::time_t = libc::time(ptr::null_mut());
        libc::localtime_r(&raw const now, moment.as_mut_ptr());
    }
}

/// The name of the zone in use, as far as it is known.
pub(crate) fn time_zone() -> Option<&'static str> {
    ZONE.get().map(String::as_str)
}

/// The name of the machine's own zone, as far as its configuration tells.
fn machine_zone() -> Option<String> {
    let link = std::fs::read_link("/etc/localtime").ok()?;
    let (_, name) = link.to_str()?.split_once("/zoneinfo/")?;
    Some(name.to_owned())
}

unsafe extern "C" {
    fn tzset();
}
