//! How the plugins of a host share its threads: one that floods gives way while others are at work.
//!
//! Alone, a plugin may keep a thread of the application as busy as it can. Beside others it would take the processor that
//! they need, and so it is not read for the rest of a short while once it has had its part: its calls wait in its own
//! process then, and its credit holds it back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The while in which parts are counted. Short, since one who is held back waits until its end.
const WHILE: Duration = Duration::from_millis(10);

/// What one plugin may take of it while others are at work. Its own process takes a little more than the host for the same
/// messages, so together they keep half a processor busy; of two, one and a half are left.
const PART: Duration = Duration::from_millis(2);

/// Batches of messages that all connections of a host have handled.
#[derive(Debug, Default)]
pub(crate) struct Batches(AtomicU64);

/// What one connection has had. Pure but for the count that it shares.
#[derive(Debug)]
pub(crate) struct Part {
    since: Instant,
    spent: Duration,
    /// Batches of its own in this while.
    own: u64,
    /// Batches of everybody when it began.
    all_before: u64,
}

impl Part {
    pub(crate) fn new(now: Instant) -> Part {
        Part { since: now, spent: Duration::ZERO, own: 0, all_before: 0 }
    }

    /// A batch was handled, from `begun` until `now`. Returns how long nothing more is to be read.
    pub(crate) fn handled(&mut self, batches: &Batches, begun: Instant, now: Instant) -> Option<Duration> {
        let all = batches.0.fetch_add(1, Ordering::Relaxed) + 1;
        if WHILE <= begun.saturating_duration_since(self.since) {
            (self.since, self.spent, self.own, self.all_before) = (begun, Duration::ZERO, 0, all - 1);
        }
        self.own += 1;
        self.spent += now.saturating_duration_since(begun);
        let others = (all - self.all_before).saturating_sub(self.own);
        if self.spent < PART || others == 0 {
            return None;
        }
        Some((self.since + WHILE).saturating_duration_since(now)).filter(|rest| !rest.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Handles batches of half a millisecond one after the other, with one of a neighbour after each `neighbour`-th.
    /// Returns the times at which it was held back, and for how long.
    fn flood(batches: u32, neighbour: Option<u32>) -> Vec<(u128, u128)> {
        let (start, all) = (Instant::now(), Batches::default());
        let (mut part, mut now, mut held) = (Part::new(start), start, Vec::new());
        for number in 1..=batches {
            let begun = now;
            now += Duration::from_micros(500);
            if neighbour.is_some_and(|every| number % every == 0) {
                all.0.fetch_add(1, Ordering::Relaxed);
            }
            if let Some(pause) = part.handled(&all, begun, now) {
                held.push(((now - start).as_millis(), pause.as_millis()));
                now += pause;
            }
        }
        held
    }

    #[test]
    fn alone_nobody_is_held_back() {
        assert_eq!(flood(1_000, None), []);
    }

    #[test]
    fn beside_others_each_while_gives_a_part() {
        assert_eq!(flood(12, Some(1)), [(2, 8), (12, 8), (22, 8)]);
    }

    #[test]
    fn who_was_at_work_in_an_earlier_while_does_not_count() {
        // The neighbour comes once, in the first while, when the part is used up already.
        let held = flood(60, Some(6));
        assert_eq!(held.first(), Some(&(3, 7)));
        assert!(held.len() < 12, "{held:?}");
    }
}
