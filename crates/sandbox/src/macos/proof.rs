//! What the system says about a locked process, to one that looks from outside.
#![allow(unsafe_code, reason = "the functions of Seatbelt have no safe form")]

use crate::{Layer, Mismatch, Plan};
use std::ffi::{c_char, c_int};
use std::io;
use std::ptr;

unsafe extern "C" {
    fn sandbox_check(pid: libc::pid_t, operation: *const c_char, kind: c_int, ...) -> c_int;
}

/// A process as the system shows it.
#[derive(Debug)]
pub(crate) struct Record {
    pid: u32,
}

impl Record {
    pub(crate) fn open(pid: u32) -> io::Result<Record> {
        Ok(Record { pid })
    }

    /// Looks whether the process, which claims to have reached the plan, is in a sandbox.
    pub(crate) fn check(&self, plan: &Plan) -> Result<(), Mismatch> {
        if !plan.layers().contains(Layer::Filter) {
            return Ok(());
        }
        // SAFETY: without an operation nothing else is read.
        let is_confined = unsafe { sandbox_check(self.pid.cast_signed(), ptr::null(), 0) } != 0;
        if is_confined {
            return Ok(());
        }
        let claimed = plan.outcome().level;
        Err(Mismatch::Field { claimed, field: "sandbox_check", expected: "1", found: "0".to_owned() })
    }
}
