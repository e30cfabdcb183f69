//! Moments.

use crate::value::extension;
use plughold_protocol::value;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The furthest moment from 1970 that a JavaScript `Date` has, in milliseconds.
const FURTHEST: i64 = 8_640_000_000_000_000;

/// A `Date`: milliseconds since 1970, before it when negative.
///
/// ```
/// use plughold::Date;
/// use std::time::{Duration, SystemTime};
///
/// let date = Date::from(SystemTime::UNIX_EPOCH + Duration::from_millis(1_500));
/// assert_eq!((date, date.to_string().as_str()), (Date(1_500), "1970-01-01T00:00:01.500Z"));
/// assert_eq!(SystemTime::from(date), SystemTime::UNIX_EPOCH + Duration::from_millis(1_500));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i64);

impl From<SystemTime> for Date {
    /// Cuts to whole milliseconds, towards the past. A moment that no `i64` holds becomes the furthest one.
    fn from(time: SystemTime) -> Date {
        Date(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => {
                let nanoseconds = before.duration().as_nanos();
                i64::try_from(nanoseconds.div_ceil(1_000_000)).map_or(i64::MIN, |milliseconds| -milliseconds)
            }
        })
    }
}

impl From<Date> for SystemTime {
    /// A moment that the system cannot express becomes the beginning of 1970.
    fn from(date: Date) -> SystemTime {
        let distance = Duration::from_millis(date.0.unsigned_abs());
        let moment =
            if date.0 < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) };
        moment.unwrap_or(UNIX_EPOCH)
    }
}

/// As JavaScript's `toISOString` has it.
impl fmt::Display for Date {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = civil(days);
        let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
        let (second, milli) = (rest / 1_000 % 60, rest % 1_000);
        match year {
            0..=9_999 => write!(to, "{year:04}")?,
            year => write!(to, "{year:+07}")?,
        }
        write!(to, "-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// The date of a day since 1970 in the proleptic Gregorian calendar, by eras of 400 years that begin on 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return to.collect_str(self);
        }
        if !(-FURTHEST..=FURTHEST).contains(&self.0) {
            return Err(S::Error::custom(format_args!(
                "{} ms from 1970 is beyond what a Date can be",
                self.0
            )));
        }
        extension::serialize(to, value::TIMESTAMP, &value::timestamp(self.0))
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let (_, payload) = extension::take(from, &[value::TIMESTAMP], "a Date")?;
        let milliseconds = value::timestamp_milliseconds(&payload);
        milliseconds.map(Date).ok_or_else(|| de::Error::custom("a Date of no known form"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_javascript_tells_them() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_255_200_123, "2026-11-21T10:00:00.123Z"),
            (FURTHEST, "+275760-09-13T00:00:00.000Z"),
            (-FURTHEST, "-271821-04-20T00:00:00.000Z"),
        ] {
            assert_eq!(Date(milliseconds).to_string(), expected);
            assert_eq!(Date::from(SystemTime::from(Date(milliseconds))), Date(milliseconds));
        }
        assert_eq!(Date::from(UNIX_EPOCH - Duration::from_micros(1)), Date(-1));
    }
}
