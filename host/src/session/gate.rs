//! Whether a session takes new calls, and whether anybody uses it.
//!
//! A plugin's process is stopped while the plugin goes on: it rests, or another process takes over. No call may be lost by
//! that. Whoever is about to send one passes the gate first; whoever closes it sees who is still passing, and nobody comes
//! after.

use crate::OpenStreams;
use crate::session::Session;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The gate of one session.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    passing: AtomicUsize,
    is_closed: AtomicBool,
}

/// A call is about to be sent, until this is dropped.
#[derive(Debug)]
pub(crate) struct Pass<'g>(&'g Gate);

impl Gate {
    /// None if the gate is closed: the plugin has another process, or gets one.
    pub(crate) fn pass(&self) -> Option<Pass<'_>> {
        // Either this is seen by whoever closes the gate, or the gate is seen closed here: both sides write first.
        self.passing.fetch_add(1, Ordering::SeqCst);
        let pass = Pass(self);
        (!self.is_closed.load(Ordering::SeqCst)).then_some(pass)
    }

    fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
    }

    fn open(&self) {
        self.is_closed.store(false, Ordering::SeqCst);
    }

    /// Whether calls are let in now.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_closed.load(Ordering::SeqCst)
    }

    fn is_passed(&self) -> bool {
        0 < self.passing.load(Ordering::SeqCst)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.passing.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Session {
    /// Takes no new calls of what the plugin exports. Functions of the process that are held can be called until it ends.
    pub(crate) fn close_gate(&self) {
        self.gate.close();
    }

    /// Takes no new calls, unless the process is used, or held by others as only the caller knows: then nothing changes, and
    /// the answer is false. Nobody comes to hold it after that was asked who looks at the gate first.
    #[must_use = "a process that is used goes on"]
    pub(crate) fn close_gate_if_unused(&self, is_held: impl FnOnce() -> bool) -> bool {
        self.gate.close();
        let is_unused = !is_held() && self.is_unused();
        if !is_unused {
            self.gate.open();
        }
        is_unused
    }

    /// Whether no call and no stream is open, in either direction.
    pub(crate) fn has_nothing_in_flight(&self) -> bool {
        !self.gate.is_passed()
            && self.calls_in_flight() == 0
            && self.serving.is_idle()
            && self.streams.count() == OpenStreams::default()
            && self.unwritten() == 0
    }

    /// Whether nothing is in flight, nobody holds or keeps anything of the plugin, it waits for no time, and nothing of the
    /// application would be undone by its end.
    pub(crate) fn is_unused(&self) -> bool {
        let waits = self.counters.wants_wake.load(Ordering::Relaxed);
        self.has_nothing_in_flight()
            && self.references().imported == 0
            && !waits
            && !self.seat().is_kept()
            && !self.exports().has_undisposed()
    }

    /// Whether the plugin may be in a turn of its own: it has not been seen asleep since it was sent something last. Nobody
    /// calls a plugin that computes what a timer told it to, and nobody should end it.
    pub(crate) fn is_at_work(&self) -> bool {
        self.lock().watch.is_armed()
    }

    /// A figure that changes with each call, in either direction.
    pub(crate) fn activity(&self) -> u64 {
        let [calls_in, calls_out] = [&self.counters.calls_in, &self.counters.calls_out];
        calls_in.load(Ordering::Relaxed).wrapping_add(calls_out.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_closes_it_sees_who_passes_and_nobody_comes_after() {
        let gate = Gate::default();
        let pass = gate.pass().unwrap();
        gate.close();
        assert!(gate.is_passed() && gate.pass().is_none());
        drop(pass);
        assert!(!gate.is_passed());
        gate.open();
        assert!(gate.pass().is_some());
    }
}
