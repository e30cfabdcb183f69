//! The profile: everything is denied.
#![allow(unsafe_code, reason = "the functions of Seatbelt have no safe form")]

use crate::{Error, Layer};
use std::ffi::{CStr, c_char, c_int};
use std::{io, ptr};

/// No file, no socket, no process, no service, no setting. What is open stays open: the socket can be read and written.
const PROFILE: &CStr = c"(version 1)\n(deny default)\n";

/// The profile is a text, and not the name of one.
const TEXT: u64 = 0;

// Declared deprecated for years, and what browsers rely on.
unsafe extern "C" {
    fn sandbox_init(profile: *const c_char, flags: u64, error: *mut *mut c_char) -> c_int;
    fn sandbox_free_error(error: *mut c_char);
}

/// Enters it, for ever.
pub(super) fn enter() -> Result<(), Error> {
    let mut words = ptr::null_mut();
    // SAFETY: the profile ends with zero; the place for the error is ours and is written at most once.
    let result = unsafe { sandbox_init(PROFILE.as_ptr(), TEXT, &raw mut words) };
    if result == 0 {
        return Ok(());
    }
    let text = if words.is_null() {
        "the profile is refused".to_owned()
    } else {
        // SAFETY: a text that ends with zero, made for us and given back once.
        unsafe {
            let text = CStr::from_ptr(words).to_string_lossy().into_owned();
            sandbox_free_error(words);
            text
        }
    };
    Err(Error::Layer {
        layer: Layer::Filter,
        step: "the profile cannot be entered",
        source: io::Error::other(text),
    })
}
