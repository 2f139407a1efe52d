//! Moments and how people say them.

use std::{
    fmt,
    ops::{Add, Sub},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// A moment: microseconds since 1970-01-01 UTC, as the database keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// Microseconds in a second.
    pub const SECOND: i64 = 1_000_000;
    /// Microseconds in a minute.
    pub const MINUTE: i64 = 60 * Self::SECOND;
    /// Microseconds in an hour.
    pub const HOUR: i64 = 60 * Self::MINUTE;
    /// Microseconds in a day of 24 hours.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// Whole milliseconds since 1970, never negative, for ULIDs.
    #[must_use]
    pub fn unix_ms(self) -> u64 {
        u64::try_from(self.0 / 1000).unwrap_or(0)
    }

    /// The moment as jiff knows it. A number outside jiff's range becomes its nearest end.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }

    /// The first moment after the calendar quarter (UTC) that this one is in.
    #[must_use]
    pub fn quarter_end(self) -> Self {
        let date = self.timestamp().to_zoned(TimeZone::UTC).date();
        let (year, month) = match (date.month() - 1) / 3 {
            0 => (date.year(), 4),
            1 => (date.year(), 7),
            2 => (date.year(), 10),
            _ => (date.year().saturating_add(1), 1),
        };
        let end = Date::new(year, month, 1).and_then(|first| first.to_zoned(TimeZone::UTC));
        end.map_or(Self(i64::MAX), |end| end.timestamp().into())
    }

    /// Microseconds from `earlier` to this moment; negative if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl From<Timestamp> for Time {
    fn from(moment: Timestamp) -> Self {
        Self(moment.as_microsecond())
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC, whole seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}", self.timestamp())
    }
}

/// A length of time in the largest one or two units, at most 6 characters: `45 s`, `3 min`, `2h05m`, `3d 4h`, `120 d`.
#[must_use]
pub fn span_words(micros: i64) -> String {
    let seconds = SignedDuration::from_micros(micros).as_secs().unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        (1..=9, _, _) => format!("{days}d {}h", hours % 24),
        _ => format!("{days} d"),
    }
}

/// A deadline as seen from `now`: `due in 2h05m` or `overdue 3 min`.
#[must_use]
pub fn due_words(due: Time, now: Time) -> String {
    let left = due.since(now);
    if left < 0 { format!("overdue {}", span_words(left)) } else { format!("due in {}", span_words(left)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_the_largest_units() {
        for (micros, words) in [
            (0, "0 s"),
            (59 * Time::SECOND, "59 s"),
            (3 * Time::MINUTE, "3 min"),
            (2 * Time::HOUR + 5 * Time::MINUTE, "2h05m"),
            (3 * Time::DAY + 4 * Time::HOUR, "3d 4h"),
            (120 * Time::DAY, "120 d"),
        ] {
            assert_eq!(span_words(micros), words);
        }
        assert_eq!(due_words(Time(0), Time(3 * Time::MINUTE)), "overdue 3 min");
        assert_eq!(due_words(Time(3 * Time::MINUTE), Time(0)), "due in 3 min");
    }

    #[test]
    fn a_quarter_ends_where_the_next_begins() {
        for (at, end) in [
            ("2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            ("2026-06-30T23:59:59Z", "2026-07-01T00:00:00Z"),
            ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(Time::from(at.parse::<Timestamp>().unwrap()).quarter_end().to_string(), end);
        }
        assert_eq!(Time(i64::MAX).quarter_end(), Time(i64::MAX));
    }

    #[test]
    fn a_moment_out_of_range_is_shown_and_not_a_panic() {
        assert!(Time(i64::MAX).to_string().starts_with("9999"));
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00Z");
    }
}
