//! Times for people and programs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// This moment in UTC, as `2026-11-21T10:00:00.123Z`.
pub(crate) fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    utc(since)
}

/// A moment in UTC, given since 1970, as `2026-11-21T10:00:00.123Z`.
pub(crate) fn moment(since_1970: Duration) -> String {
    utc(since_1970)
}

/// The time of day in UTC of a moment that is given since 1970, as `10:00:00.123`.
pub(crate) fn of_day(since_1970: Duration) -> String {
    let (seconds, milli) = (since_1970.as_secs(), since_1970.subsec_millis());
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{hour:02}:{minute:02}:{second:02}.{milli:03}")
}

/// A duration with the unit and the precision that fit it: `850 µs`, `4.2 ms`, `1.1 s`.
pub(crate) fn brief(duration: Duration) -> String {
    let micros = duration.as_micros();
    if micros < 1_000 {
        return format!("{micros} µs");
    }
    if micros < 100_000 {
        return format!("{:.1} ms", duration.as_secs_f64() * 1e3);
    }
    if micros < 1_000_000 {
        return format!("{:.0} ms", duration.as_secs_f64() * 1e3);
    }
    format!("{:.1} s", duration.as_secs_f64())
}

/// A long duration by its two largest units: `2m 11s`, `3h 5m`, `4d 0h`.
pub(crate) fn long(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

fn utc(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let milli = since_1970.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// The date of a day since 1970: whole years first, then whole months.
fn civil(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970;
    while length_of_year(year) <= days {
        days -= length_of_year(year);
        year += 1;
    }
    let february = length_of_year(year) - 337;
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

fn length_of_year(year: u64) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    365 + u64::from(is_leap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_795_255_200_123, "2026-11-21T10:00:00.123Z"),
        ] {
            assert_eq!(utc(Duration::from_millis(milliseconds)), expected);
            assert!(expected.contains(&of_day(Duration::from_millis(milliseconds))), "{expected}");
        }
    }

    #[test]
    fn durations() {
        for (micros, expected) in
            [(850, "850 µs"), (4_210, "4.2 ms"), (150_400, "150 ms"), (1_120_000, "1.1 s")]
        {
            assert_eq!(brief(Duration::from_micros(micros)), expected);
        }
    }
}
