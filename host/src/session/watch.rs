//! What a runner does while it does not read, read off its control page. Pure: time and page come in, actions go out.
//!
//! A runner becomes busy only through a message, so the watch is armed by sending and disarms itself when the runner
//! has come back to sleep: an idle plugin costs no wake-up.

use crate::Limits;
use plughold_protocol::page::{Pulse, State};
use std::time::{Duration, Instant};

/// How often an armed watch looks at the page.
pub(crate) const INTERVAL: Duration = Duration::from_millis(100);

/// The most time between two looks that counts. Whoever looks later was held up, as by a machine that slept, and so, maybe,
/// was the runner: it gets its whole time after that.
const COUNTED: Duration = Duration::from_millis(500);

/// The watch over one runner.
#[derive(Debug)]
pub(crate) struct Watch {
    unresponsive: Duration,
    turn: Duration,
    kill: Duration,
    /// The turn that was on the page when a message was sent last; the runner owes a later one.
    owed_after: u64,
    seen_turn: u64,
    /// When somebody looked last.
    looked: Instant,
    /// For how long it has not moved.
    stuck: Duration,
    /// For how long it had not when it was stopped.
    stopped: Duration,
    /// The heartbeat that was seen last.
    heartbeat: u64,
    /// For how long that has been the same.
    still: Duration,
    rung: Rung,
    armed: bool,
}

/// How far a turn that does not end was treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Rung {
    Fine,
    Reported,
    Stopped,
    Killed,
}

/// What the page says now, with what it said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// What the page says.
    pub(crate) pulse: Pulse,
    /// For how long it has been in this turn, or owes one.
    pub(crate) lasting: Duration,
    /// For how long its heart has not beaten in this turn.
    pub(crate) still: Duration,
    /// It was sent something, and has not begun a turn since.
    pub(crate) is_owed: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Find out where it is, and report: it has been in one turn for so long, or has not woken up.
    Report(Duration),
    /// It is fine again.
    Recovered,
    /// Interrupt this turn.
    Stop(u64),
    /// Kill: the interrupt did not end the turn, or the process does not run at all.
    Kill,
}

impl Watch {
    pub(crate) fn new(limits: &Limits, now: Instant) -> Watch {
        Watch {
            unresponsive: limits.unresponsive,
            turn: limits.turn,
            kill: limits.kill,
            owed_after: 0,
            seen_turn: 0,
            looked: now,
            stuck: Duration::ZERO,
            stopped: Duration::ZERO,
            heartbeat: 0,
            still: Duration::ZERO,
            rung: Rung::Fine,
            armed: false,
        }
    }

    /// A message was sent while the page showed `pulse`.
    pub(crate) fn sent(&mut self, pulse: Pulse, now: Instant) {
        self.owed_after = pulse.turn;
        if !self.armed {
            self.armed = true;
            self.seen_turn = pulse.turn;
            self.heartbeat = pulse.heartbeat;
            (self.looked, self.stuck, self.still) = (now, Duration::ZERO, Duration::ZERO);
        }
    }

    /// What the page says now, with what it said at the last look.
    pub(crate) fn sight(&self, pulse: Pulse, now: Instant) -> Sight {
        let passed = if self.armed { self.passed(now) } else { Duration::ZERO };
        let is_same = self.armed && pulse.turn == self.seen_turn;
        let lasting = if is_same { self.stuck.saturating_add(passed) } else { passed };
        let has_beaten = !is_same || pulse.heartbeat != self.heartbeat;
        let still = if has_beaten { Duration::ZERO } else { self.still.saturating_add(passed) };
        Sight { pulse, lasting, still, is_owed: self.armed && pulse.turn <= self.owed_after }
    }

    /// Whether it is worth knowing where the turn is: it may have to be reported soon.
    pub(crate) fn is_long(&self) -> bool {
        self.armed && self.unresponsive / 2 <= self.stuck
    }

    fn passed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.looked).min(COUNTED)
    }

    pub(crate) fn is_armed(&self) -> bool {
        self.armed
    }

    /// Looks at the page. `is_waiting` says that the host owes the answer to a call that the runner waits for: it may wait
    /// as long as that takes, and does nothing else. Its own word for it is not enough.
    pub(crate) fn observe(&mut self, pulse: Pulse, is_waiting: bool, now: Instant) -> Option<Action> {
        let passed = self.passed(now);
        self.looked = now;
        let has_beaten = pulse.turn != self.seen_turn || pulse.heartbeat != self.heartbeat;
        self.still = if has_beaten { Duration::ZERO } else { self.still.saturating_add(passed) };
        self.heartbeat = pulse.heartbeat;
        if pulse.state == State::Booting {
            // How long a start may take is another limit's business.
            self.stuck = Duration::ZERO;
            return None;
        }
        let is_moving = pulse.turn != self.seen_turn;
        let has_caught_up =
            matches!(pulse.state, State::Idle | State::Waiting) && self.owed_after < pulse.turn;
        if is_moving || has_caught_up {
            // Between two reads of the socket it looks asleep as well, with messages unread: so it is believed the second time.
            self.armed = is_moving;
            self.seen_turn = pulse.turn;
            self.stuck = Duration::ZERO;
            let was_reported = Rung::Fine < self.rung;
            self.rung = Rung::Fine;
            return was_reported.then_some(Action::Recovered);
        }
        if is_waiting && pulse.state == State::Waiting {
            self.stuck = Duration::ZERO;
            let was_reported = Rung::Fine < self.rung;
            self.rung = Rung::Fine;
            return was_reported.then_some(Action::Recovered);
        }
        self.stuck = self.stuck.saturating_add(passed);
        let stuck = self.stuck;
        if self.rung == Rung::Stopped && self.kill <= stuck.saturating_sub(self.stopped) {
            self.rung = Rung::Killed;
            return Some(Action::Kill);
        }
        if self.rung < Rung::Stopped && self.turn <= stuck {
            (self.rung, self.stopped) = (Rung::Stopped, stuck);
            return Some(Action::Stop(pulse.turn));
        }
        if self.rung == Rung::Fine && self.unresponsive <= stuck {
            self.rung = Rung::Reported;
            return Some(Action::Report(stuck));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pulse(state: State, turn: u64) -> Pulse {
        Pulse { state, turn, heartbeat: 0, serving: 0 }
    }

    fn armed() -> (Watch, Instant) {
        let start = Instant::now();
        let mut watch = Watch::new(&Limits::default(), start);
        watch.sent(pulse(State::Idle, 5), start);
        (watch, start)
    }

    fn at(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    /// What comes of looking in time, all through these milliseconds: when, and what.
    fn looks(
        watch: &mut Watch,
        pulse: Pulse,
        is_waiting: bool,
        start: Instant,
        milliseconds: std::ops::RangeInclusive<u64>,
    ) -> Vec<(u64, Action)> {
        let looks = milliseconds.step_by(INTERVAL.as_millis() as usize);
        looks.filter_map(|time| Some((time, watch.observe(pulse, is_waiting, at(start, time))?))).collect()
    }

    #[test]
    fn a_runner_that_comes_back_to_sleep_disarms_it() {
        let (mut watch, start) = armed();
        assert_eq!(watch.observe(pulse(State::Idle, 5), false, at(start, 10)), None);
        assert!(watch.is_armed(), "it has not woken up yet");
        assert_eq!(watch.observe(pulse(State::Idle, 6), false, at(start, 20)), None);
        assert!(watch.is_armed(), "it may be about to read on");
        assert_eq!(watch.observe(pulse(State::Idle, 6), false, at(start, 30)), None);
        assert!(!watch.is_armed());
    }

    #[test]
    fn a_turn_that_begins_right_after_a_look_is_watched() {
        let (mut watch, start) = armed();
        assert_eq!(watch.observe(pulse(State::Idle, 6), false, at(start, 100)), None);
        let done = looks(&mut watch, pulse(State::Busy, 7), false, start, 200..=20_000);
        assert_eq!(done.last(), Some(&(6_200, Action::Kill)));
    }

    #[test]
    fn a_turn_that_does_not_end_is_reported_then_stopped_then_killed() {
        let (mut watch, start) = armed();
        let done = looks(&mut watch, pulse(State::Busy, 6), false, start, 100..=20_000);
        let report = Action::Report(Duration::from_secs(1));
        assert_eq!(done, [(1_100, report), (5_100, Action::Stop(6)), (6_100, Action::Kill)]);
    }

    #[test]
    fn time_in_which_nobody_could_look_is_not_the_plugins() {
        let (mut watch, start) = armed();
        let busy = pulse(State::Busy, 6);
        watch.observe(busy, false, at(start, 0));
        let hour = 3_600_000;
        assert_eq!(watch.observe(busy, false, at(start, hour)), None, "the machine slept");
        let done = looks(&mut watch, busy, false, start, hour + 100..=hour + 10_000);
        let times: Vec<u64> = done.iter().map(|(time, _)| time - hour).collect();
        assert_eq!(times, [500, 4_500, 5_500]);
        // An interrupt is given its time as well.
        let (mut watch, start) = armed();
        looks(&mut watch, busy, false, start, 0..=5_000);
        assert_eq!(watch.observe(busy, false, at(start, hour)), None);
        assert_eq!(watch.observe(busy, false, at(start, hour + 100)), None);
    }

    #[test]
    fn a_plugin_that_is_never_reported_is_stopped_all_the_same() {
        let start = Instant::now();
        let limits = Limits { unresponsive: Duration::MAX, kill: Duration::MAX, ..Limits::default() };
        let mut watch = Watch::new(&limits, start);
        watch.sent(pulse(State::Idle, 5), start);
        let done = looks(&mut watch, pulse(State::Busy, 6), false, start, 0..=60_000);
        assert_eq!(done, [(5_000, Action::Stop(6))]);
    }

    #[test]
    fn a_start_is_not_a_turn() {
        let (mut watch, start) = armed();
        assert_eq!(watch.observe(pulse(State::Booting, 5), false, at(start, 60_000)), None);
        assert_eq!(watch.observe(pulse(State::Busy, 5), false, at(start, 60_900)), None);
    }

    #[test]
    fn a_process_that_does_not_even_wake_up_is_reported_as_well() {
        let (mut watch, start) = armed();
        let done = looks(&mut watch, pulse(State::Idle, 5), false, start, 0..=4_000);
        assert_eq!(done, [(1_000, Action::Report(Duration::from_secs(1)))]);
    }

    #[test]
    fn a_plugin_may_wait_for_the_host_as_long_as_the_host_takes() {
        let (mut watch, start) = armed();
        let waiting = pulse(State::Waiting, 5);
        assert_eq!(watch.observe(waiting, true, at(start, 10_000)), None);
        assert_eq!(watch.observe(waiting, true, at(start, 60_000)), None);
        assert!(watch.is_armed(), "a call that it serves meanwhile is watched");
        let done = looks(&mut watch, waiting, false, start, 60_100..=61_000);
        assert_eq!(done, [(61_000, Action::Report(Duration::from_secs(1)))], "a claim to wait is not enough");
    }

    #[test]
    fn many_short_turns_are_fine() {
        let (mut watch, start) = armed();
        for step in 0..100 {
            assert_eq!(watch.observe(pulse(State::Busy, 6 + step), false, at(start, 100 * step)), None);
        }
    }

    #[test]
    fn the_heart_is_seen_to_stand_still() {
        let (mut watch, start) = armed();
        let beats = |heartbeat| Pulse { heartbeat, ..pulse(State::Busy, 6) };
        let check = |watch: &Watch, heartbeat: u64, time: u64, lasting: u64, still: u64| {
            let sight = watch.sight(beats(heartbeat), at(start, time));
            let [lasting, still] = [lasting, still].map(Duration::from_millis);
            assert_eq!((sight.lasting, sight.still, sight.is_owed), (lasting, still, false), "at {time}");
        };
        watch.observe(beats(1), false, at(start, 0));
        watch.observe(beats(1), false, at(start, 100));
        check(&watch, 1, 150, 150, 150);
        check(&watch, 2, 150, 150, 0);
        watch.observe(beats(2), false, at(start, 200));
        check(&watch, 2, 250, 250, 50);
        looks(&mut watch, beats(2), false, start, 300..=900);
        check(&watch, 2, 900, 900, 700);
        assert!(watch.is_long());
        let next = watch.sight(pulse(State::Busy, 7), at(start, 950));
        assert_eq!((next.lasting, next.still), (Duration::from_millis(50), Duration::ZERO), "another turn");
    }

    #[test]
    fn what_was_sent_is_owed_until_a_turn_begins() {
        let (mut watch, start) = armed();
        assert!(watch.sight(pulse(State::Idle, 5), at(start, 10)).is_owed);
        assert!(!watch.sight(pulse(State::Idle, 6), at(start, 10)).is_owed);
        for time in [20, 30] {
            watch.observe(pulse(State::Idle, 6), false, at(start, time));
        }
        let asleep = watch.sight(pulse(State::Idle, 6), at(start, 5_000));
        assert_eq!((asleep.is_owed, asleep.lasting), (false, Duration::ZERO));
    }

    #[test]
    fn the_end_of_a_long_turn_is_told() {
        let (mut watch, start) = armed();
        watch.observe(pulse(State::Busy, 6), false, at(start, 0));
        assert_eq!(looks(&mut watch, pulse(State::Busy, 6), false, start, 0..=2_000).len(), 1);
        assert_eq!(watch.observe(pulse(State::Idle, 6), false, at(start, 2_100)), Some(Action::Recovered));
    }
}
