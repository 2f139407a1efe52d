//! The working week in which deadlines are counted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use jiff::{SignedDuration, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    policy::Sla,
    refused::{Fault, Refused},
    time::Time,
    words::words,
};

/// How far working days are sought, in days on the wall: thirty years. Later than that nobody waits.
const HORIZON: usize = 366 * 30;

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

impl From<civil::Weekday> for Weekday {
    fn from(day: civil::Weekday) -> Self {
        match day {
            civil::Weekday::Monday => Self::Monday,
            civil::Weekday::Tuesday => Self::Tuesday,
            civil::Weekday::Wednesday => Self::Wednesday,
            civil::Weekday::Thursday => Self::Thursday,
            civil::Weekday::Friday => Self::Friday,
            civil::Weekday::Saturday => Self::Saturday,
            civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

/// An IANA time zone, looked up once when it is read. An unknown name counts as UTC until
/// [`Calendar::validate`] refuses it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Zone {
    name: String,
    rules: Option<TimeZone>,
}

impl From<String> for Zone {
    fn from(name: String) -> Self {
        Self { rules: TimeZone::get(&name).ok(), name }
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

impl Zone {
    /// The zone's rules; UTC's for a name that [`Zone::validate`] refuses.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        self.rules.as_ref().unwrap_or(const { &TimeZone::UTC })
    }

    /// Checks a zone that came from a file; `field` is what it is called there.
    ///
    /// # Errors
    /// Says that the name is unknown.
    pub fn validate(&self, field: &str) -> Result<(), Refused> {
        if self.rules.is_some() {
            return Ok(());
        }
        let problem = format!("{:?} is no time zone", self.name.chars().take(80).collect::<String>());
        Err(Refused::one(field, problem, "use an IANA name like Europe/Berlin or UTC"))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// Opening hours of one day, `09:00-18:00`; the end may be `24:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    // Minutes since midnight, `opens < closes <= 1440`: private, because `clamp` relies on it.
    opens: u16,
    closes: u16,
}

impl Hours {
    /// Nine to six.
    pub const OFFICE: Self = Self { opens: 9 * 60, closes: 18 * 60 };

    fn opens(self) -> i64 {
        i64::from(self.opens) * Time::MINUTE
    }

    fn closes(self) -> i64 {
        i64::from(self.closes) * Time::MINUTE
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (opens, closes) = (self.opens, self.closes);
        write!(f, "{:02}:{:02}-{:02}:{:02}", opens / 60, opens % 60, closes / 60, closes % 60)
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let minutes = |clock: &str| {
            let (hour, minute) = clock.split_once(':')?;
            let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
            (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
        };
        text.split_once('-')
            .and_then(|(opens, closes)| Some(Self { opens: minutes(opens)?, closes: minutes(closes)? }))
            .filter(|hours| hours.opens < hours.closes && hours.closes <= 24 * 60)
            .ok_or_else(|| format!("{text:?} are no opening hours: write them like 09:00-18:00"))
    }
}

impl TryFrom<String> for Hours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

/// When the reviewers of a marketplace work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Where the clock on their wall hangs. Default UTC.
    pub zone: Zone,
    /// Opening hours by day; a day that is missing is off. Default Monday to Friday, 09:00 to 18:00.
    pub hours: BTreeMap<Weekday, Hours>,
    /// Days off, whatever day of the week they are (`2026-12-25`). Default none.
    #[serde(with = "dates")]
    pub holidays: BTreeSet<civil::Date>,
}

impl Default for Calendar {
    fn default() -> Self {
        let (week, _) = Weekday::ALL.split_at(5);
        Self {
            zone: Zone::from("UTC".to_owned()),
            hours: week.iter().map(|&day| (day, Hours::OFFICE)).collect(),
            holidays: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// The deadline of something that came in at `from`.
    #[must_use]
    pub fn due(&self, sla: Sla, from: Time) -> Time {
        let clock = |count: u32, unit: i64| Time(from.0.saturating_add(i64::from(count).saturating_mul(unit)));
        match sla {
            Sla::WorkingDays(days) => self.add_working_days(from, days),
            Sla::Hours(hours) => clock(hours, Time::HOUR),
            Sla::Minutes(minutes) => clock(minutes, Time::MINUTE),
        }
    }

    /// The same time of day `days` working days after `from`, moved into that day's opening hours. What comes in
    /// while nobody works counts from the next opening. Never before `from`.
    ///
    /// A clock that is put forward over the time of day asked for gives the moment after the gap; one that is put back
    /// gives the first of the two. Where no such working day is found within thirty years (a calendar that
    /// [`Calendar::validate`] refuses, an absurd count), days on the clock are counted instead.
    #[must_use]
    pub fn add_working_days(&self, from: Time, days: u32) -> Time {
        self.working_moment(from, days)
            .unwrap_or_else(|| Time(from.0.saturating_add(i64::from(days).saturating_mul(Time::DAY))))
            .max(from)
    }

    /// Whether anybody works on this date.
    #[must_use]
    pub fn is_working_day(&self, date: civil::Date) -> bool {
        self.hours_on(date).is_some()
    }

    /// Checks a calendar that came from a configuration.
    ///
    /// # Errors
    /// Names an unknown time zone, and a week without a working day.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = Vec::new();
        if let Err(refused) = self.zone.validate("calendar.zone") {
            faults.extend(refused.faults);
        }
        if self.hours.is_empty() {
            let fix = "give at least one day its hours, like mon = \"09:00-18:00\"";
            faults.push(Fault::new("calendar.hours", "nobody ever works", fix));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }

    fn hours_on(&self, date: civil::Date) -> Option<Hours> {
        let hours = self.hours.get(&date.weekday().into())?;
        (self.holidays.is_empty() || !self.holidays.contains(&date)).then_some(*hours)
    }

    fn working_moment(&self, from: Time, days: u32) -> Option<Time> {
        let zone = self.zone.time_zone();
        let arrived = zone.to_datetime(from.timestamp());
        let time_of_day = arrived.time().duration_since(civil::Time::midnight()).as_micros();
        let time_of_day = i64::try_from(time_of_day).ok()?;

        // What comes in after closing, or on a day off, is there at the next opening.
        let (mut date, mut wall) = (arrived.date(), time_of_day);
        if self.hours_on(date).is_none_or(|hours| time_of_day >= hours.closes()) {
            (date, wall) = (date.tomorrow().ok()?, 0);
        }
        let mut passed = 0;
        for _ in 0..HORIZON {
            if let Some(hours) = self.hours_on(date) {
                if passed == 0 || passed == days {
                    wall = wall.clamp(hours.opens(), hours.closes());
                }
                if passed == days {
                    let due = date.to_datetime(civil::Time::midnight());
                    let due = due.checked_add(SignedDuration::from_micros(wall)).ok()?;
                    return Some(zone.to_ambiguous_timestamp(due).compatible().ok()?.into());
                }
                passed += 1;
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

/// Dates as `2026-12-25`.
mod dates {
    use std::collections::BTreeSet;

    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(dates: &BTreeSet<Date>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(dates.iter().map(Date::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<Date>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Time {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    fn calendar(json: &str) -> Calendar {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn three_working_days_skip_the_weekend_at_the_same_time_of_day() {
        let (office, three) = (Calendar::default(), Sla::WorkingDays(3));
        for (from, due) in [
            ("2026-01-05T10:30:00.000007Z", "2026-01-08T10:30:00.000007Z"), // Monday to Thursday
            ("2026-01-08T10:30:00Z", "2026-01-13T10:30:00Z"),               // Thursday to Tuesday
            ("2026-01-10T23:00:00Z", "2026-01-15T09:00:00Z"),               // Saturday counts as Monday's opening
            ("2026-01-09T18:00:00Z", "2026-01-15T09:00:00Z"),               // so does Friday's closing
            ("2026-01-05T03:00:00Z", "2026-01-08T09:00:00Z"),               // before opening
        ] {
            assert_eq!(office.due(three, at(from)).to_string(), at(due).to_string(), "{from}");
        }
        assert_eq!(office.due(Sla::Hours(24), at("2026-01-10T23:00:00Z")), at("2026-01-11T23:00:00Z"));
        assert_eq!(office.due(Sla::Minutes(30), at("2026-01-10T23:00:00Z")), at("2026-01-10T23:30:00Z"));
    }

    #[test]
    fn nobody_works_on_a_holiday_and_short_days_end_early() {
        let shop = calendar(
            r#"{"zone": "Europe/Berlin", "holidays": ["2026-12-25"],
                "hours": {"thu": "09:00-18:00", "fri": "09:00-18:00", "sat": "10:00-14:00"}}"#,
        );
        assert!(!shop.is_working_day("2026-12-25".parse().unwrap()));
        assert!(shop.is_working_day("2026-12-26".parse().unwrap()));
        assert_eq!(shop.add_working_days(at("2026-12-24T15:00:00Z"), 1), at("2026-12-26T13:00:00Z"));
        assert_eq!(shop.add_working_days(at("2026-12-25T15:00:00Z"), 1), at("2026-12-31T09:00:00Z"));
    }

    #[test]
    fn the_clock_on_the_wall_decides_when_summer_time_begins() {
        let berlin = calendar(r#"{"zone": "Europe/Berlin"}"#);
        assert_eq!(berlin.add_working_days(at("2026-03-27T09:00:00Z"), 1), at("2026-03-30T08:00:00Z"));
        let night = calendar(r#"{"zone": "Europe/Berlin", "hours": {"sat": "00:00-24:00", "sun": "00:00-24:00"}}"#);
        // 02:30 does not exist on 29 March 2026; an hour later does.
        assert_eq!(night.add_working_days(at("2026-03-28T01:30:00Z"), 1), at("2026-03-29T01:30:00Z"));
        // 02:30 comes twice on 25 October 2026: the second is not moved before itself.
        assert_eq!(night.add_working_days(at("2026-10-25T01:30:00Z"), 0), at("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn a_calendar_nobody_can_work_by_is_refused_with_every_fault() {
        let broken = calendar(r#"{"zone": "Mars/Olympus", "hours": {}}"#);
        let said = broken.validate().unwrap_err();
        assert_eq!(said.faults.len(), 2, "{said}");
        assert!(said.to_string().contains("Mars/Olympus"), "{said}");
        assert_eq!(broken.add_working_days(Time(0), 2), Time(2 * Time::DAY));
        assert_eq!(Calendar::default().validate(), Ok(()));
        for bad in ["", "9", "18:00-09:00", "09:00-24:01", "09:00-09:00", "09:60-10:00", "-1:00-10:00"] {
            assert!(bad.parse::<Hours>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_calendar_survives_its_text() {
        let text = r#"{"zone":"Asia/Tokyo","hours":{"mon":"08:30-24:00"},"holidays":["2026-12-25"]}"#;
        assert_eq!(serde_json::to_string(&calendar(text)).unwrap(), text);
    }

    proptest! {
        #[test]
        fn a_deadline_is_never_before_the_report_and_always_found(
            from in any::<i64>(), days in any::<u32>(), week in 0_u8..128, closes in 1_u16..=24,
        ) {
            let mut calendar = calendar(r#"{"zone": "America/Sao_Paulo", "holidays": ["9999-12-31"]}"#);
            let hours: Hours = format!("00:00-{closes}:00").parse().unwrap();
            let days_on = (0..).zip(Weekday::ALL).filter(|(n, _)| week & (1 << n) > 0);
            calendar.hours = days_on.map(|(_, day)| (*day, hours)).collect();
            for sla in [Sla::WorkingDays(days), Sla::WorkingDays(days % 10), Sla::Hours(days), Sla::Minutes(days)] {
                prop_assert!(calendar.due(sla, Time(from)) >= Time(from));
            }
        }

        #[test]
        fn who_reports_earlier_is_due_no_later(
            from in 0..4_000_000_000_000_000_i64, later in 0..20 * Time::DAY, days in 0_u32..30,
        ) {
            let office = calendar(r#"{"zone": "America/New_York", "hours":
                {"mon": "08:00-12:00", "wed": "10:00-20:00", "fri": "09:00-13:00"}, "holidays": ["2026-07-03"]}"#);
            let due = |from| office.add_working_days(Time(from), days);
            prop_assert!(due(from) <= due(from + later));
        }
    }
}
