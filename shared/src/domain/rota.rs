//! Who is on call: levels of weekly shifts, each with a rotation, and overrides.
//!
//! Everything is read off the clock on the rota's wall: a moment becomes a day and a time of day there, and exactly one
//! shift of each level has that minute of the week. So nothing falls between two shifts when clocks are put forward, and
//! nobody is on call twice when they are put back.

mod check;
#[cfg(test)]
mod tests;
mod turns;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil;
use serde::{Deserialize, Serialize};

pub use self::turns::Turn;
use super::{
    calendar::{Weekday, Zone},
    ids::OperatorId,
    time::Time,
};

/// Minutes of a day on the wall.
const DAY: i64 = 24 * 60;
/// Minutes of a week on the wall.
const WEEK: i64 = 7 * DAY;

/// A rota, as it is written in its file and kept in the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rota {
    /// Where the clock on the wall hangs.
    pub zone: Zone,
    /// The first day; rotations count weeks from the Monday of its week.
    #[serde(with = "written")]
    pub starts: civil::Date,
    /// The first day on which nobody is on call any more, if somebody is to make another rota by then.
    #[serde(default, with = "written_or_not", skip_serializing_if = "Option::is_none")]
    pub ends: Option<civil::Date>,
    /// Everybody on it, with the address that their pages are mailed to.
    pub people: BTreeMap<OperatorId, String>,
    /// The shifts of level 1, of level 2, and so on: who is paged first, and who when that one doesn't answer. Each level
    /// must cover the whole week once.
    pub levels: Vec<Vec<Shift>>,
    /// Who stands in for whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
}

/// A shift that comes back every week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// The days on which it begins.
    pub days: BTreeSet<Weekday>,
    /// When it begins, `09:00`.
    #[serde(with = "wall")]
    pub from: civil::Time,
    /// When it ends, on the next day if that is not after its beginning; the same time is 24 hours later.
    #[serde(with = "wall")]
    pub to: civil::Time,
    /// Who has it: the first in the first week, the second in the next, round and round.
    pub who: Vec<OperatorId>,
}

/// Somebody who is on call instead of whoever the shifts name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// At which level, from 1.
    pub level: usize,
    /// Who.
    pub who: OperatorId,
    /// From this moment on the wall, `2026-12-24T09:00`.
    #[serde(with = "written")]
    pub from: civil::DateTime,
    /// Until this one.
    #[serde(with = "written")]
    pub to: civil::DateTime,
}

/// Why somebody is on call: which override, or which shift that began on which day. Two moments with the same reason are
/// one turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Because {
    Override(usize),
    Shift(usize, civil::Date),
}

impl Shift {
    /// Where in the week it lies each time: its beginning in minutes since Monday, and its length.
    fn spans(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let length = (minute(self.to) - minute(self.from)).rem_euclid(DAY);
        let length = if length == 0 { DAY } else { length };
        self.days.iter().map(move |day| (day_number(*day) * DAY + minute(self.from), length))
    }

    /// Minutes since it began, if it has this minute of the week.
    fn reaches(&self, minute_of_week: i64) -> Option<i64> {
        self.spans()
            .map(|(start, length)| ((minute_of_week - start).rem_euclid(WEEK), length))
            .find_map(|(since, length)| (since < length).then_some(since))
    }
}

impl Rota {
    /// Who is on call at this level (from 1) at this moment; nobody before the rota starts, after it ends, or at a level
    /// that it doesn't have.
    #[must_use]
    pub fn on_call(&self, level: usize, at: Time) -> Option<&OperatorId> {
        self.answer(level, self.on_the_wall(at)).map(|(_, who)| who)
    }

    /// Everybody who is on call at this moment, level 1 first.
    #[must_use]
    pub fn now(&self, at: Time) -> Vec<Option<&OperatorId>> {
        (1..=self.levels.len()).map(|level| self.on_call(level, at)).collect()
    }

    /// The address that somebody's pages are mailed to.
    #[must_use]
    pub fn mail_of(&self, who: &OperatorId) -> Option<&str> {
        self.people.get(who).map(String::as_str)
    }

    /// A moment on the rota's wall: `Mon 2026-11-23 09:00`.
    #[must_use]
    pub fn clock(&self, at: Time) -> String {
        self.on_the_wall(at).strftime("%a %Y-%m-%d %H:%M").to_string()
    }

    fn on_the_wall(&self, at: Time) -> civil::DateTime {
        self.zone.time_zone().to_datetime(at.timestamp())
    }

    fn answer(&self, level: usize, wall: civil::DateTime) -> Option<(Because, &OperatorId)> {
        if wall.date() < self.starts || self.ends.is_some_and(|ends| wall.date() >= ends) {
            return None;
        }
        let standing_in = |over: &&Override| over.level == level && over.from <= wall && wall < over.to;
        if let Some((n, over)) = self.overrides.iter().enumerate().find(|(_, over)| standing_in(over)) {
            return Some((Because::Override(n), &over.who));
        }
        let minute = minute_of_week(wall);
        self.levels.get(level.checked_sub(1)?)?.iter().enumerate().find_map(|(n, shift)| {
            let since = shift.reaches(minute)?;
            let began = wall.checked_sub(jiff::SignedDuration::from_mins(since)).ok()?.date();
            Some((Because::Shift(n, began), shift.of_week(self.week(began))?))
        })
    }

    /// Weeks from the rota's first to the one of this day.
    fn week(&self, day: civil::Date) -> i64 {
        let first = self.starts.duration_since(civil::Date::constant(1, 1, 1)).as_hours() / 24;
        let this = day.duration_since(civil::Date::constant(1, 1, 1)).as_hours() / 24;
        // 1 January of year 1 was a Monday.
        this.div_euclid(7) - first.div_euclid(7)
    }
}

impl Shift {
    fn of_week(&self, week: i64) -> Option<&OperatorId> {
        let many = i64::try_from(self.who.len()).ok().filter(|many| *many > 0)?;
        self.who.get(usize::try_from(week.rem_euclid(many)).ok()?)
    }
}

fn minute(of: civil::Time) -> i64 {
    i64::from(of.hour()) * 60 + i64::from(of.minute())
}

fn minute_of_week(wall: civil::DateTime) -> i64 {
    i64::from(wall.date().weekday().to_monday_zero_offset()) * DAY + minute(wall.time())
}

fn day_number(day: Weekday) -> i64 {
    Weekday::ALL.iter().zip(0..).find_map(|(known, n)| (*known == day).then_some(n)).unwrap_or(0)
}

/// Times of day as `09:00`.
mod wall {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&time.strftime("%H:%M"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        let text = String::deserialize(from)?;
        Time::strptime("%H:%M", &text)
            .map_err(|_| D::Error::custom(format!("{text:?} is no time of day: write it like 09:00")))
    }
}

/// Days and moments on the wall, as `2026-12-24` and `2026-12-24T09:00`.
mod written {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// As [`written`], for what may be missing.
mod written_or_not {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
        Option::<String>::deserialize(from)?.map(|text| text.parse().map_err(D::Error::custom)).transpose()
    }
}
