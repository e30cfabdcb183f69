//! How long calls took: a histogram of fixed size that forgets.
//!
//! Its buckets grow with what they count, eight of them to twice the time, so what is read off it is within a sixteenth of
//! the truth from an eighth of a microsecond to four minutes. It counts the latest calls: whenever it is full all counts are
//! halved. So a plugin that has become slow is seen as slow, however long it was fast before, and a count needs two bytes.

use std::time::Duration;

/// Buckets to twice the time, as a power of two.
const FINE_BITS: u32 = 3;

/// Times below two to this power, in nanoseconds, are all the same: a call takes longer than reading a clock does.
const LOWEST: u32 = 7;

/// How often the time is doubled. What is beyond the last bucket counts as being in it.
const DOUBLINGS: usize = 31;

const BUCKETS: usize = 1 + (DOUBLINGS << FINE_BITS);

/// Counts at which all are halved. Enough for a 99th percentile of eighty calls, and far from what two bytes hold.
const FULL: u32 = 8_192;

/// How long the latest calls took.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    counts: Box<[u16; BUCKETS]>,
    /// The sum of the counts.
    weight: u32,
}

impl Histogram {
    pub(crate) fn new() -> Histogram {
        Histogram { counts: Box::new([0; BUCKETS]), weight: 0 }
    }

    pub(crate) fn record(&mut self, took: Duration) {
        if let Some(count) = self.counts.get_mut(bucket_of(nanos(took))) {
            *count += 1;
            self.weight += 1;
        }
        if self.weight == FULL {
            self.fade();
        }
    }

    fn fade(&mut self) {
        self.counts.iter_mut().for_each(|count| *count /= 2);
        self.weight = self.counts.iter().map(|count| u32::from(*count)).sum();
    }

    /// So many of a thousand calls took at most this long; none if there was no call.
    pub(crate) fn at(&self, per_mille: u32) -> Option<Duration> {
        // Weights are small: nothing here comes near an overflow.
        let rank = (self.weight * per_mille).div_ceil(1_000).max(1);
        let mut below = 0;
        let place = self.counts.iter().position(|count| {
            below += u32::from(*count);
            rank <= below
        });
        place.map(|place| Duration::from_nanos(middle_of(place)))
    }
}

/// A time as a number of nanoseconds.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// A time as a number of microseconds.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A time as a number of milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn bucket_of(nanos: u64) -> usize {
    if nanos < 1 << LOWEST {
        return 0;
    }
    let doubling = nanos.ilog2();
    let fine = (nanos >> (doubling - FINE_BITS)) as usize & ((1 << FINE_BITS) - 1);
    let doublings = (doubling - LOWEST) as usize;
    (1 + (doublings << FINE_BITS) + fine).min(BUCKETS - 1)
}

/// What a bucket stands for: the middle of it, in nanoseconds.
fn middle_of(bucket: usize) -> u64 {
    let Some(above) = bucket.checked_sub(1) else { return 1 << (LOWEST - 1) };
    let doubling = LOWEST + (above >> FINE_BITS) as u32;
    let fine = (above & ((1 << FINE_BITS) - 1)) as u64;
    let width = 1_u64 << (doubling - FINE_BITS);
    (1 << doubling) + fine * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        micros.into_iter().for_each(|micros| histogram.record(Duration::from_micros(micros)));
        histogram
    }

    #[track_caller]
    fn check(histogram: &Histogram, per_mille: u32, expected_micros: u64) {
        let found = histogram.at(per_mille).unwrap().as_nanos() as f64;
        let expected = expected_micros as f64 * 1e3;
        assert!((found - expected).abs() <= expected / 16.0, "{found} ns instead of {expected}");
    }

    #[test]
    fn each_time_is_found_again_within_a_sixteenth() {
        for nanos in
            (0..38).flat_map(|power| [0, 1, 3].map(|part| (1_u64 << power) + part * (1 << power) / 4))
        {
            let found = middle_of(bucket_of(nanos));
            let error = found.abs_diff(nanos) as f64;
            assert!(nanos < 128 || error <= nanos as f64 / 16.0, "{nanos} ns came back as {found}");
        }
    }

    #[test]
    fn buckets_grow_with_the_time_and_none_is_missing() {
        let mut last = 0;
        for step in 0..40_000_u64 {
            let bucket = bucket_of(step * step * step);
            assert!(last <= bucket && bucket < BUCKETS);
            last = bucket;
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
        let middles = Vec::from_iter((0..BUCKETS).map(|bucket| bucket_of(middle_of(bucket))));
        assert_eq!(middles, Vec::from_iter(0..BUCKETS));
    }

    #[test]
    fn percentiles() {
        let even = of(1..=1_000);
        check(&even, 500, 500);
        check(&even, 900, 900);
        check(&even, 990, 990);
        check(&even, 1_000, 1_000);
        check(&of([7]), 500, 7);
        check(&of([7]), 990, 7);
        assert_eq!(Histogram::new().at(500), None);
    }

    #[test]
    fn what_was_long_ago_fades() {
        let mut histogram = of(std::iter::repeat_n(10, 1_000_000));
        check(&histogram, 990, 10);
        (0..FULL).for_each(|_| histogram.record(Duration::from_millis(5)));
        check(&histogram, 500, 5_000);
        assert!(histogram.weight < FULL);
    }
}
