//! Lengths of time as laws and rules say them: business days, days, months.

use std::fmt;

use jiff::{Span, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{calendar::Calendar, time::Time};

/// A length of time as a law or a rule says it: `{"business_days": 10}`, `{"days": 15}`, `{"months": 6}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Working days of the calendar: ends at the same time of day, inside opening hours.
    BusinessDays(u32),
    /// Days of 24 hours.
    Days(u32),
    /// Calendar months in UTC; from the 31st to the last day of a shorter month.
    Months(u32),
}

impl Term {
    /// When a term that begins at `from` ends. Never before `from`.
    #[must_use]
    pub fn after(self, from: Time, calendar: &Calendar) -> Time {
        match self {
            Self::BusinessDays(days) => calendar.add_working_days(from, days),
            Self::Days(days) => Time(from.0.saturating_add(i64::from(days).saturating_mul(Time::DAY))),
            Self::Months(months) => {
                let start = from.timestamp().to_zoned(TimeZone::UTC);
                let span = Span::new().try_months(i64::from(months));
                let end = span.and_then(|span| start.checked_add(span));
                end.map_or(Time(i64::MAX), |end| end.timestamp().into()).max(from)
            }
        }
    }

    /// A moment that is within the term however one counts: what comes in while nobody works has its first business
    /// day on the next one, which [`Term::after`] counts as the day before the first. Never before `from`.
    #[must_use]
    pub fn within(self, from: Time, calendar: &Calendar) -> Time {
        match self {
            Self::BusinessDays(days) if calendar.add_working_days(from, 0) > from => {
                calendar.add_working_days(from, days.saturating_sub(1))
            }
            _ => self.after(from, calendar),
        }
    }

    /// Its number and a rough length in days, to compare terms of one unit and to refuse absurd ones.
    #[must_use]
    pub fn rough_days(self) -> u32 {
        match self {
            Self::BusinessDays(days) | Self::Days(days) => days,
            Self::Months(months) => months.saturating_mul(30),
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::BusinessDays(count) => (count, "business day"),
            Self::Days(count) => (count, "day"),
            Self::Months(count) => (count, "month"),
        };
        write!(f, "{count} {unit}{}", if *count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn each_unit_counts_as_people_count_it() {
        let office = Calendar::default();
        let from = at("2026-08-31T10:00:00Z");
        assert_eq!(Term::BusinessDays(10).after(from, &office), at("2026-09-14T10:00:00Z"));
        assert_eq!(Term::Days(15).after(from, &office), at("2026-09-15T10:00:00Z"));
        assert_eq!(Term::Months(6).after(from, &office), at("2027-02-28T10:00:00Z"));
        assert_eq!(Term::Months(u32::MAX).after(from, &office), Time(i64::MAX));
        assert_eq!(Term::BusinessDays(1).to_string(), "1 business day");
        assert_eq!(serde_json::to_string(&Term::Months(6)).unwrap(), r#"{"months":6}"#);
    }
}
