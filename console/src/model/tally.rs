//! What this person did since the console was opened. Counted here and not in the database, where it would tell second
//! looks from cases.

use jointforce_shared::{commands::case::Act, domain::time::Time};

/// The counts of a sitting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Since when.
    pub since: Time,
    /// Cases removed.
    pub removed: u32,
    /// Cases kept.
    pub kept: u32,
    /// Questions to brands.
    pub asked: u32,
    /// Cases given to a desk.
    pub escalated: u32,
    /// Cases held.
    pub held: u32,
    /// Cases given to colleagues.
    pub handed_over: u32,
    /// Cases passed over.
    pub skipped: u32,
    /// Decisions filed for a second person.
    pub filed: u32,
    /// Decisions taken back.
    pub undone: u32,
    /// Decisions before their deadline, since the last one that was late.
    pub in_time: u32,
    /// How long each case that was decided alone had been looked at, in microseconds.
    pub spans: Vec<i64>,
}

impl Tally {
    /// What was decided, whether or not it was taken back later.
    pub const fn decided(&self) -> u32 {
        self.removed + self.kept
    }

    /// An act was carried out. `took` is how long its case was looked at, if it was decided alone; `in_time` whether that
    /// was before its deadline.
    pub fn count(&mut self, act: &Act, took: Option<i64>, in_time: bool) {
        let counted = match act {
            Act::Remove(_) => &mut self.removed,
            Act::Keep(_) => &mut self.kept,
            Act::Escalate { .. } => &mut self.escalated,
            Act::Hold { .. } => &mut self.held,
            Act::HandOver { .. } => &mut self.handed_over,
            Act::Skip(_) => &mut self.skipped,
            Act::Undo => &mut self.undone,
            Act::Release | Act::Tell { .. } | Act::Note => return,
        };
        *counted += 1;
        if matches!(act, Act::Remove(_) | Act::Keep(_)) {
            self.in_time = if in_time { self.in_time + 1 } else { 0 };
            self.spans.extend(took);
        }
    }

    /// How long a case took that `percent` of all took no longer than, in microseconds; `None` without any.
    pub fn percentile(&self, percent: usize) -> Option<i64> {
        let mut spans = self.spans.clone();
        spans.sort_unstable();
        let rank = (spans.len() * percent).div_ceil(100).max(1);
        spans.get(rank - 1).copied()
    }

    /// Decisions an hour up to `now`, in tenths; `None` in the first minute, when it would say nothing.
    pub fn tenths_an_hour(&self, now: Time) -> Option<i64> {
        let span = now.since(self.since);
        (span >= Time::MINUTE).then(|| i64::from(self.decided()) * 10 * Time::HOUR / span)
    }
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::decision::{KeepReason, RemoveReason};

    use super::*;

    #[test]
    fn the_median_and_the_ninetieth_are_cases_that_there_were() {
        let of = |spans: Vec<i64>| {
            let tally = Tally { spans, ..Tally::default() };
            (tally.percentile(50), tally.percentile(90))
        };
        assert_eq!(of(vec![]), (None, None));
        assert_eq!(of(vec![7]), (Some(7), Some(7)));
        assert_eq!(of(vec![9, 1, 5]), (Some(5), Some(9)));
        assert_eq!(of((1..=100).rev().collect()), (Some(50), Some(90)));
    }

    #[test]
    fn a_late_decision_ends_the_streak_and_what_decides_nothing_leaves_it() {
        let mut tally = Tally::default();
        let (remove, keep) = (Act::Remove(RemoveReason::CounterfeitListing), Act::Keep(KeepReason::Genuine));
        tally.count(&remove, Some(3), true);
        tally.count(&keep, None, true);
        tally.count(&Act::Undo, None, false);
        tally.count(&Act::Note, None, false);
        assert_eq!((tally.decided(), tally.undone, tally.in_time), (2, 1, 2));
        tally.count(&keep, None, false);
        tally.count(&remove, None, true);
        assert_eq!((tally.decided(), tally.in_time, tally.spans.as_slice()), (4, 1, [3].as_slice()));
    }

    #[test]
    fn cases_an_hour_are_not_told_from_a_few_seconds() {
        let tally = Tally { removed: 3, kept: 2, ..Tally::default() };
        assert_eq!(tally.tenths_an_hour(Time(Time::SECOND)), None);
        assert_eq!(tally.tenths_an_hour(Time(30 * Time::MINUTE)), Some(100));
    }
}
