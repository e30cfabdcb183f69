//! A system for which no lock-down is written: every layer is missing, so no level but D is reached.

use crate::{Error, Established, Mismatch, Plan, Trapped};
use std::ffi::CStr;
use std::io;

/// What the filter is called in what a process reports, with three calls and with seven.
pub(crate) const FILTER: [&str; 2] = ["none", "none"];

/// Gives up nothing; see the same function of other systems.
///
/// # Errors
/// If anything was to be given up.
pub fn lock(
    plan: &Plan,
    _parent: Option<u32>,
    _name: &CStr,
    _on_trap: fn(Trapped) -> !,
) -> Result<Established, Error> {
    match plan.layers().iter().next() {
        None => Ok(plan.outcome()),
        Some(layer) => Err(Error::Missing { layer, reason: "no lock-down is written for this system" }),
    }
}

/// System calls have no names here.
pub fn call_name(_number: u32) -> &'static str {
    ""
}

/// What the system says about a process: nothing.
#[derive(Debug)]
pub(crate) struct Record;

impl Record {
    pub(crate) fn open(_pid: u32) -> io::Result<Record> {
        Ok(Record)
    }

    pub(crate) fn check(&self, _plan: &Plan) -> Result<(), Mismatch> {
        Err(Mismatch::Unseen("no lock-down is written for this system".to_owned()))
    }
}
