//! A token bucket: how much of something a plugin may do in a second.

use std::time::Instant;

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
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.level = (self.level + elapsed * self.per_second).min(self.per_second);
        self.filled = now;
        let has_enough = amount as f64 <= self.level;
        if has_enough {
            self.level -= amount as f64;
        }
        has_enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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
}
