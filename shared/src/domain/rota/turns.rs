//! A rota laid out in time: whose turn it is from when until when.

use jiff::{SignedDuration, civil};

use super::{Because, Rota};
use crate::domain::{ids::OperatorId, time::Time};

/// How far a turn's ends are sought: a turn is at most a week, or an override.
const WEEK: i64 = 8 * Time::DAY;

/// Somebody's turn at a level, or a hole in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who; `None` for a hole.
    pub who: Option<OperatorId>,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
}

impl Rota {
    /// The turns of a level (from 1) between two moments, in order, without gaps; cut off at both ends.
    #[must_use]
    pub fn turns(&self, level: usize, from: Time, until: Time) -> Vec<Turn> {
        let mut turns: Vec<(Option<Because>, Turn)> = vec![];
        let mut edges = self.edges(level, from, until);
        edges.push(until);
        let mut at = from;
        for edge in edges {
            let (because, who) = self.answer(level, self.on_the_wall(at)).unzip();
            match turns.last_mut() {
                Some((last, turn)) if *last == because => turn.until = edge,
                _ => turns.push((because, Turn { who: who.cloned(), from: at, until: edge })),
            }
            at = edge;
        }
        turns.into_iter().map(|(_, turn)| turn).filter(|turn| turn.from < turn.until).collect()
    }

    /// The turn at a level that this moment falls into; its ends are sought for a week.
    #[must_use]
    pub fn turn_at(&self, level: usize, at: Time) -> Option<Turn> {
        let turns = self.turns(level, Time(at.0.saturating_sub(WEEK)), Time(at.0.saturating_add(WEEK)));
        turns.into_iter().find(|turn| turn.from <= at && at < turn.until && turn.who.is_some())
    }

    /// The first moment between two at which some level has nobody, or only somebody who is not `here`, and that level.
    #[must_use]
    pub fn first_hole(&self, from: Time, until: Time, here: impl Fn(&OperatorId) -> bool) -> Option<(usize, Time)> {
        (1..=self.levels.len())
            .filter_map(|level| {
                let turns = self.turns(level, from, until);
                turns.iter().find(|turn| !turn.who.as_ref().is_some_and(&here)).map(|turn| (level, turn.from))
            })
            .min_by_key(|(_, at)| *at)
    }

    /// Every moment after `from` and before `until` at which the answer may change, in order: the ends of shifts and
    /// overrides, and the moments at which clocks are put forward or back.
    fn edges(&self, level: usize, from: Time, until: Time) -> Vec<Time> {
        let zone = self.zone.time_zone();
        let mut walls: Vec<civil::DateTime> = self.ends.into_iter().chain([self.starts]).map(midnight).collect();
        walls.extend(self.overrides.iter().filter(|over| over.level == level).flat_map(|over| [over.from, over.to]));
        let shifts = level.checked_sub(1).and_then(|n| self.levels.get(n)).map_or(&[][..], Vec::as_slice);
        let (mut day, last) = (self.on_the_wall(from).date(), self.on_the_wall(until).date());
        while day <= last {
            walls.extend(shifts.iter().flat_map(|shift| [shift.from, shift.to]).map(|time| day.to_datetime(time)));
            let Ok(next) = day.tomorrow() else { break };
            day = next;
        }
        // A time of day that comes twice is an edge twice.
        let moments = walls.into_iter().map(|wall| zone.to_ambiguous_timestamp(wall));
        let mut edges: Vec<Time> =
            moments.flat_map(|wall| [wall.earlier(), wall.later()]).filter_map(|at| Some(at.ok()?.into())).collect();
        let changes = zone.following(from.timestamp()).map(|change| Time::from(change.timestamp()));
        edges.extend(changes.take_while(|at| *at < until));
        edges.retain(|at| from < *at && *at < until);
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

fn midnight(day: civil::Date) -> civil::DateTime {
    day.to_datetime(civil::Time::midnight())
}

/// The day and the time of day so many minutes after midnight of `day`.
pub(super) fn minutes_after(day: civil::Date, minutes: i64) -> civil::DateTime {
    midnight(day).saturating_add(SignedDuration::from_mins(minutes))
}
