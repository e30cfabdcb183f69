//! The times and rules that one plugin lives by.

use super::restart::Restart;
use crate::Limits;
use std::time::Duration;

/// How long a process may live on after it has closed its socket, and how long the socket of one that has ended is read on.
const LAST_BREATH: Duration = Duration::from_secs(1);

/// The times and rules that one plugin lives by.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// From the start of a process until it is locked.
    pub(crate) start: Duration,
    /// From the plugin's code until it is active.
    pub(crate) activate: Duration,
    /// How long a process has to finish what is in flight, to give its state, or to stop: each by itself.
    pub(crate) stop: Duration,
    /// From the end of a process until its socket is at its end, or the other way round.
    pub(crate) last_breath: Duration,
    /// When it is started again.
    pub(crate) restart: Restart,
}

impl Policy {
    /// The policy of a host with these limits.
    pub(crate) fn new(limits: &Limits, restart: Restart) -> Policy {
        Policy {
            start: limits.start,
            activate: limits.activate,
            stop: limits.stop,
            last_breath: LAST_BREATH,
            restart,
        }
    }
}
