//! A token bucket: how much of something a plugin may do in a second.

use std::time::{Duration, Instant};

/// Holds at most one second's worth.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    level: f64,
    filled: Instant,
}

impl Bucket {
    pub(crate) fn new(per_second: u64, now: Instant) -> Bucket {
        Bucket { per_second: per_second as f64, level: per_second as f64, filled: now }
    }

    /// Takes `amount`; false when there is not as much left.
    #[must_use]
    pub(crate) fn take(&mut self, amount: u64, now: Instant) -> bool {
        self.fill(now);
        let has_enough = amount as f64 <= self.level;
        if has_enough {
            self.level -= amount as f64;
        }
        has_enough
    }

    /// Takes `amount` also when there is not as much left: what is missing is a debt.
    pub(crate) fn overdraw(&mut self, amount: u64, now: Instant) {
        self.fill(now);
        self.level -= amount as f64;
    }

    /// The time after which a debt is paid; none when there is no debt.
    pub(crate) fn debt(&mut self, now: Instant) -> Option<Duration> {
        self.fill(now);
        (self.level < 0.0).then(|| Duration::from_secs_f64(-self.level / self.per_second))
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.level = (self.level + elapsed * self.per_second).min(self.per_second);
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fills_with_time_up_to_one_second() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        assert!(bucket.take(10, start));
        assert!(!bucket.take(1, start));
        assert!(bucket.take(5, start + Duration::from_millis(500)));
        assert!(!bucket.take(11, start + Duration::from_secs(60)));
        assert!(bucket.take(10, start + Duration::from_secs(60)));
    }

    #[test]
    fn a_debt_is_paid_by_waiting() {
        let start = Instant::now();
        let mut bucket = Bucket::new(10, start);
        bucket.overdraw(10, start);
        assert_eq!(bucket.debt(start), None);
        bucket.overdraw(20, start);
        assert_eq!(bucket.debt(start), Some(Duration::from_secs(2)));
        assert_eq!(bucket.debt(start + Duration::from_secs(1)), Some(Duration::from_secs(1)));
        assert!(!bucket.take(1, start + Duration::from_secs(2)));
        assert!(bucket.take(1, start + Duration::from_secs(3)));
    }
}
