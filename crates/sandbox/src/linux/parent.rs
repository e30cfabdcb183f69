//! The process dies with the one that started it, and nobody may look into it.

use crate::Error;
use rustix::process::{
    DumpableBehavior, Signal, getppid, set_dumpable_behavior, set_parent_process_death_signal,
};

/// Asks for SIGKILL when the thread that started this process ends. The kernel forgets this at each change of
/// credentials, so it is asked for after the last one.
pub(super) fn die_with(parent: Option<u32>) -> Result<(), Error> {
    // Where either is not to be had, the process still ends when its socket closes, and other layers hide it.
    let _nobody_looks = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _dies = set_parent_process_death_signal(Some(Signal::KILL));
    let Some(parent) = parent else { return Ok(()) };
    // It may have ended before the request was heard; then somebody else is the parent.
    let now = getppid().map(|pid| pid.as_raw_nonzero().get().cast_unsigned());
    if now == Some(parent) { Ok(()) } else { Err(Error::Orphan) }
}
