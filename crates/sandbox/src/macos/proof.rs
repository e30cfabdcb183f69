//! What the system says about a locked process, to one that looks from outside.
#![allow(unsafe_code, reason = "the functions of Seatbelt have no safe form")]

use crate::{Layer, Mismatch, Plan};
use std::ffi::{c_char, c_int};
use std::ptr;

unsafe extern "C" {
    fn sandbox_check(pid: libc::pid_t, operation: *const c_char, kind: c_int, ...) -> c_int;
}

/// Looks whether a process that claims to have reached the plan is in a sandbox.
pub(crate) fn look(pid: u32, plan: &Plan) -> Result<(), Mismatch> {
    if !plan.layers().contains(Layer::Filter) {
        return Ok(());
    }
    // SAFETY: without an operation nothing else is read.
    let is_confined = unsafe { sandbox_check(pid.cast_signed(), ptr::null(), 0) } != 0;
    if is_confined {
        return Ok(());
    }
    let claimed = plan.outcome().level;
    Err(Mismatch::Field { claimed, field: "sandbox_check", expected: "1", found: "0".to_owned() })
}
