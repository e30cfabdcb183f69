//! What a plugin's process has had of the processors, read when somebody looks at it.
//!
//! A runner becomes busy only through a message, and after each message it is looked at until it sleeps again. So what it
//! uses is seen within a tenth of a second, and one that sleeps is never asked.

use super::cpu;
use super::histogram::nanos;
use super::seconds::Seconds;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Seconds that are remembered one by one.
const MINUTE: usize = 60;

/// The processor's time of one process.
#[derive(Debug)]
pub(crate) struct Usage {
    pid: u32,
    kept: Mutex<Kept>,
}

/// What was read so far.
#[derive(Debug)]
struct Kept {
    total: Duration,
    minute: Seconds<MINUTE>,
}

/// The processor's time of one process, at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    /// Since its start.
    pub(crate) total: Duration,
    /// In the last minute.
    pub(crate) last_minute: Duration,
}

impl Usage {
    pub(crate) fn new(pid: u32, now: Instant) -> Usage {
        Usage { pid, kept: Mutex::new(Kept { total: Duration::ZERO, minute: Seconds::new(now) }) }
    }

    /// Asks the system. Of a process that has ended it is what was known last.
    pub(crate) fn read(&self, now: Instant) -> Spent {
        let told = cpu::spent_by(self.pid);
        let mut kept = self.lock();
        if let Some(total) = told {
            kept.note(total, now);
        }
        kept.spent(now)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// The time since the last look counts as used now: whoever was not looked at in between has slept.
    fn note(&mut self, total: Duration, now: Instant) {
        let more = total.saturating_sub(self.total);
        self.total = self.total.max(total);
        self.minute.add(nanos(more), now);
    }

    fn spent(&mut self, now: Instant) -> Spent {
        Spent { total: self.total, last_minute: Duration::from_nanos(self.minute.sum(now)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_remembered() {
        let start = Instant::now();
        let mut kept = Kept { total: Duration::ZERO, minute: Seconds::new(start) };
        let seconds = Duration::from_secs;
        for (at, total, last_minute) in [(0, 1, 1), (30, 4, 4), (59, 4, 4), (61, 6, 5), (200, 7, 1)] {
            kept.note(seconds(total), start + seconds(at));
            let spent = Spent { total: seconds(total), last_minute: seconds(last_minute) };
            assert_eq!(kept.spent(start + seconds(at)), spent, "after {at} s");
        }
        kept.note(seconds(3), start + seconds(200));
        assert_eq!(kept.spent(start + seconds(200)).total, seconds(7), "a clock never goes back");
    }

    #[test]
    fn a_process_that_has_ended_keeps_its_last_word() {
        let mut child = std::process::Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap();
        let (start, usage) = (Instant::now(), Usage::new(child.id(), Instant::now()));
        while usage.read(start).total < Duration::from_millis(10) {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(Duration::from_millis(10) <= usage.read(start).last_minute);
        assert_eq!(usage.read(start), usage.read(start));
    }
}
