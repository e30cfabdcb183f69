//! Amounts of something in the last seconds.

use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// What there was in each of the last `N` seconds, the present one among them.
#[derive(Clone, Debug)]
pub(crate) struct Seconds<const N: usize> {
    begun: Instant,
    /// Seconds that were over when something was added last.
    over: u64,
    /// The end of the present second: until then adding is an addition.
    until: Instant,
    amounts: [u64; N],
}

impl<const N: usize> Seconds<N> {
    pub(crate) fn new(now: Instant) -> Seconds<N> {
        Seconds { begun: now, over: 0, until: now + SECOND, amounts: [0; N] }
    }

    pub(crate) fn add(&mut self, amount: u64, now: Instant) {
        if self.until <= now {
            self.advance(now);
        }
        let place = self.over as usize % N;
        if let Some(present) = self.amounts.get_mut(place) {
            *present = present.saturating_add(amount);
        }
    }

    /// The present second is that of `now`, and all that is older than the last ones is forgotten.
    fn advance(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.begun);
        let over = since.as_secs();
        for second in (self.over + 1..=over).rev().take(N) {
            if let Some(amount) = self.amounts.get_mut(second as usize % N) {
                *amount = 0;
            }
        }
        self.over = over;
        self.until = now + SECOND.saturating_sub(Duration::from_nanos(since.subsec_nanos().into()));
    }

    /// All of the last seconds.
    pub(crate) fn sum(&mut self, now: Instant) -> u64 {
        self.add(0, now);
        self.amounts.iter().fold(0, |sum, amount| sum.saturating_add(*amount))
    }

    /// How much there was in a second, on the average of the last ones.
    pub(crate) fn per_second(&mut self, now: Instant) -> f64 {
        let sum = self.sum(now);
        let since = now.saturating_duration_since(self.begun);
        let present = Duration::from_nanos(since.subsec_nanos().into());
        let covered = since.min(SECOND * (N as u32 - 1) + present).max(SECOND);
        sum as f64 / covered.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_is_forgotten() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut seconds: Seconds<3> = Seconds::new(start);
        for (millis, expected) in
            [(0, 1), (999, 2), (1_000, 3), (2_500, 4), (3_000, 3), (4_100, 3), (60_000, 1)]
        {
            seconds.add(1, at(millis));
            assert_eq!(seconds.sum(at(millis)), expected, "after {millis} ms");
        }
        assert_eq!(seconds.sum(at(62_999)), 1);
        assert_eq!(seconds.sum(at(63_000)), 0);
    }

    #[test]
    fn an_average_covers_what_was_lived() {
        let start = Instant::now();
        let mut seconds: Seconds<10> = Seconds::new(start);
        seconds.add(30, start);
        assert_eq!(seconds.per_second(start), 30.0, "a life of less than a second counts as one");
        assert_eq!(seconds.per_second(start + Duration::from_secs(3)), 10.0);
        assert_eq!(seconds.per_second(start + Duration::from_secs(60)), 0.0);
        (600..=700).for_each(|tenth| seconds.add(10, start + Duration::from_millis(100 * tenth)));
        let found = seconds.per_second(start + Duration::from_secs(70));
        assert!((found - 100.0).abs() < 5.0, "{found}");
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_does_no_harm() {
        let start = Instant::now();
        let mut seconds: Seconds<3> = Seconds::new(start);
        seconds.add(1, start + Duration::from_secs(2));
        seconds.add(1, start);
        assert_eq!(seconds.sum(start), 2);
    }
}
