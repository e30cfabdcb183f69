//! What the process does when the filter turns a call into a signal instead of killing.
//!
//! The call does not happen in either case. A signal is used for the first calls that a dying C library makes, so that
//! an `abort` is told apart from a violation, and for all calls where a developer wants to know which it was.
#![allow(unsafe_code, reason = "a signal handler is installed, and reads what the kernel gives it")]

use super::failed;
use crate::{Error, Layer, Trapped};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

/// What the filter says to the handler with a call of a dying C library.
pub(super) const ABORTED: u16 = 1;

/// What it says with any other.
pub(super) const VIOLATION: u16 = 2;

/// The code of a signal that comes from the filter; see `SYS_SECCOMP` in `siginfo_t`.
const FROM_FILTER: i32 = 1;

/// The part of the signal's description that the filter fills; see `siginfo_t`, `_sigsys`.
#[repr(C)]
struct Description {
    signal: i32,
    said: i32,
    code: i32,
    address: usize,
    number: i32,
    architecture: u32,
}

static ON_TRAP: OnceLock<fn(Trapped) -> !> = OnceLock::new();

/// Calls `on_trap` for every signal of the filter. It runs as a signal handler: it must not allocate, and only ends the
/// process.
pub(super) fn install(on_trap: fn(Trapped) -> !) -> Result<(), Error> {
    // The first call counts, and a process is locked once.
    let _first = ON_TRAP.set(on_trap);
    // SAFETY: the structure is valid when it is zero, and is filled before the kernel reads it; the handler has the
    // signature that SA_SIGINFO asks for.
    let result = unsafe {
        let mut action = MaybeUninit::<libc::sigaction>::zeroed().assume_init();
        action.sa_sigaction = on_signal as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGSYS, &raw const action, ptr::null_mut())
    };
    let result = if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    failed(Layer::Filter, "the handler of its signal cannot be installed", result)
}

extern "C" fn on_signal(_signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel gives a valid description to a handler with SA_SIGINFO, and for this signal it has this form.
    let (code, said, number) = unsafe {
        let description = &*info.cast::<Description>();
        (description.code, description.said, description.number)
    };
    // Somebody else has sent it, and nothing was tried. To return is a violation, and ends the process as the signal would.
    if code != FROM_FILTER {
        return;
    }
    let trapped = if said == i32::from(ABORTED) {
        Trapped::Aborted
    } else {
        Trapped::Violation { number: number.cast_unsigned() }
    };
    // It was set before the handler was installed. To return would be another violation, which kills.
    if let Some(on_trap) = ON_TRAP.get() {
        on_trap(trapped);
    }
}
