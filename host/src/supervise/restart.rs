//! When a plugin that crashed starts again. Pure: crashes and times come in, decisions go out.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// When a plugin's process is started again after it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Restart {
    /// Never.
    Never,
    /// When it crashed, after a pause that doubles each time.
    OnFailure(Backoff),
    /// Also when its own code could not be loaded, in the hope that something else has changed meanwhile.
    Always(Backoff),
}

impl Default for Restart {
    fn default() -> Restart {
        Restart::OnFailure(Backoff::default())
    }
}

/// How the pauses before restarts grow, and when to give up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The first pause. 0.1 s: a user hardly notices.
    pub first: Duration,
    /// The longest pause. 30 s.
    pub max: Duration,
    /// Crashes within [`forget_after`](Backoff::forget_after) after which the plugin is disabled. 5.
    pub give_up_after: u32,
    /// Crashes older than this do not count. 5 minutes.
    pub forget_after: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff {
            first: Duration::from_millis(100),
            max: Duration::from_secs(30),
            give_up_after: 5,
            forget_after: Duration::from_secs(300),
        }
    }
}

/// A pause that nobody lives to see the end of, and that a clock can still tell the end of.
const NEVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// What to do after a process has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing.
    Stay,
    /// Start again after this pause; so many crashes are remembered.
    Again { after: Duration, attempt: u32 },
    /// Too many crashes.
    GiveUp { crashes: u32 },
}

/// The crashes of one plugin.
#[derive(Debug)]
pub(crate) struct History {
    policy: Restart,
    crashes: VecDeque<Instant>,
    /// Spreads the pauses of plugins that crash together.
    random: u64,
}

impl History {
    pub(crate) fn new(policy: Restart, seed: u64) -> History {
        History { policy, crashes: VecDeque::new(), random: seed | 1 }
    }

    /// A process has ended; `crashed` says whether it crashed, and did not just fail to load its plugin.
    pub(crate) fn ended(&mut self, crashed: bool, now: Instant) -> Decision {
        let backoff = match &self.policy {
            Restart::Never => return Decision::Stay,
            Restart::OnFailure(_) if !crashed => return Decision::Stay,
            Restart::OnFailure(backoff) | Restart::Always(backoff) => backoff.clone(),
        };
        self.crashes.retain(|at| now.saturating_duration_since(*at) < backoff.forget_after);
        self.crashes.push_back(now);
        let attempt = u32::try_from(self.crashes.len()).unwrap_or(u32::MAX);
        if backoff.give_up_after <= attempt {
            return Decision::GiveUp { crashes: attempt };
        }
        let doubled = backoff.first.saturating_mul(1 << (attempt - 1).min(20)).min(backoff.max).min(NEVER);
        Decision::Again { after: self.jittered(doubled), attempt }
    }

    /// How many crashes are remembered, with one more now that is decided without asking.
    pub(crate) fn count(&mut self, now: Instant) -> u32 {
        self.crashes.push_back(now);
        u32::try_from(self.crashes.len()).unwrap_or(u32::MAX)
    }

    /// Somebody starts it by hand: what was before does not count.
    pub(crate) fn clear(&mut self) {
        self.crashes.clear();
    }

    /// Up to a quarter less, by xorshift.
    fn jittered(&mut self, pause: Duration) -> Duration {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let thousandths = (self.random % 1_000) as u32;
        // In whole numbers: the longest pauses there are cannot be computed with fractions.
        pause.saturating_sub(pause / 4_000 * thousandths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(decision: Decision) -> Duration {
        match decision {
            Decision::Again { after, .. } => after,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pauses_double_and_then_it_is_disabled() {
        let mut history = History::new(Restart::default(), 7);
        let now = Instant::now();
        for doubled in [100, 200, 400, 800] {
            let after = pause(history.ended(true, now)).as_millis();
            assert!(doubled * 3 / 4 <= after && after <= doubled, "{after} ms for {doubled}");
        }
        assert_eq!(history.ended(true, now), Decision::GiveUp { crashes: 5 });
    }

    #[test]
    fn old_crashes_are_forgotten() {
        let mut history = History::new(Restart::default(), 7);
        let start = Instant::now();
        for minute in 0..100 {
            let now = start + Duration::from_secs(301 * minute);
            assert!(pause(history.ended(true, now)) <= Duration::from_millis(100));
        }
    }

    #[test]
    fn the_longest_pauses_are_pauses_as_well() {
        let longest = Backoff { first: Duration::MAX, max: Duration::MAX, ..Backoff::default() };
        let now = Instant::now();
        for seed in 0..10_000 {
            let mut history = History::new(Restart::OnFailure(longest.clone()), seed);
            let after = pause(history.ended(true, now));
            assert!(NEVER / 2 < after && now.checked_add(after).is_some(), "{after:?}");
        }
    }

    #[test]
    fn the_policy_says_what_counts() {
        let now = Instant::now();
        let decide = |policy, crashed| History::new(policy, 1).ended(crashed, now);
        assert_eq!(decide(Restart::Never, true), Decision::Stay);
        assert_eq!(decide(Restart::default(), false), Decision::Stay);
        assert!(matches!(decide(Restart::Always(Backoff::default()), false), Decision::Again { .. }));
    }
}
