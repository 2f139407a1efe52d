//! What strikes would do, told before it is decided.

use std::fmt::Write as _;

use super::{
    Ladder, Step, Strike,
    history::{Cost, History, Reached, Why},
};
use crate::domain::{
    ids::StrikeId,
    seller::{Level, Standing},
    time::{Time, span_words},
};

/// What one strike counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The strike.
    pub strike: StrikeId,
    /// What it costs when nothing lessens it.
    pub full: i64,
    /// Points that count for it now: less by merging or a cap, nothing once expired.
    pub counted: i64,
    /// Why it counts something else than its severity says: `merged with the strike of 2 days ago`,
    /// `cap of 12 in 3 days`, `expired`.
    pub why: Option<String>,
}

/// What a strike would do to a seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The standing without it.
    pub before: Standing,
    /// The standing with it.
    pub after: Standing,
    /// The sternest step that it makes the seller reach.
    pub reached: Option<Step>,
    /// The points and the level of the next step after it.
    pub next_step: Option<(i64, Level)>,
    /// All that in words: `34 -> 46 points; next step 48 (suspended); counts once with the strike of 2 days ago`.
    pub words: String,
}

impl Ladder {
    /// Where a seller with these strikes stands at `now`: the strikes that stand, in any order, all for one seller.
    ///
    /// The record is replayed from its beginning, so undoing a strike is leaving it out: the result is what it
    /// would be had the strike never been. A step with days is in force from the moment the points rose to it,
    /// even if they fall before it ends.
    #[must_use]
    pub fn standing(&self, strikes: &[Strike], now: Time) -> Standing {
        History::replay(self, strikes).standing(now)
    }

    /// What each strike up to `now` counts at `now` and why, oldest first.
    #[must_use]
    pub fn explain(&self, strikes: &[Strike], now: Time) -> Vec<Counted> {
        let history = History::replay(self, strikes);
        let told = history.strikes.iter().filter(|(_, cost)| cost.at <= now).map(|(strike, cost)| {
            let expired = cost.expires <= now;
            let why =
                if expired { Some("expired".to_owned()) } else { cost.why.map(|why| self.words(strike, why, now)) };
            Counted { strike: strike.id, full: cost.full, counted: if expired { 0 } else { cost.counted }, why }
        });
        told.collect()
    }

    /// The steps that the points of these strikes rose to, each with its moment, in the order of time.
    #[must_use]
    pub fn reached(&self, strikes: &[Strike]) -> Vec<Reached> {
        History::replay(self, strikes).reached()
    }

    /// What `new` would do at `now` to a seller with these strikes. It may be among them already.
    #[must_use]
    pub fn preview(&self, strikes: &[Strike], new: &Strike, now: Time) -> Preview {
        self.preview_all(strikes, std::slice::from_ref(new), now)
    }

    /// What `new` strikes would do together at `now` to a seller with these strikes; some may be among them already.
    #[must_use]
    pub fn preview_all(&self, strikes: &[Strike], new: &[Strike], now: Time) -> Preview {
        // Another machine's clock may be ahead of ours.
        let now = new.iter().map(|strike| strike.at).fold(now, Time::max);
        let is_new = |id: StrikeId| new.iter().any(|strike| strike.id == id);
        let others = || strikes.iter().filter(|strike| !is_new(strike.id));
        let before = History::replay(self, others()).standing(now);
        let history = History::replay(self, others().chain(new));
        let after = history.standing(now);
        let reached = self.steps.iter().rev().find(|step| before.points < step.points && step.points <= after.points);
        let next = self.next_step(after.points);

        let mut words = format!("{} -> {} points", before.points, after.points);
        // Writing into a String can't fail.
        if let Some(step) = reached {
            let _ = write!(words, ": {}", step.words());
        }
        if let Some(step) = next {
            let caution = if self.caution_before(after.points).is_some() { ", caution" } else { "" };
            let _ = write!(words, "; next step {} ({}{caution})", step.points, step.level);
        }
        let added: Vec<_> = history.strikes.iter().filter(|(strike, _)| is_new(strike.id)).collect();
        match added[..] {
            [(strike, cost)] => {
                if let Some(why) = cost.why {
                    let _ = write!(words, "; {}", self.words_before(strike, cost, why, now));
                }
                if let Some(said) = self.counted_words(history.strikes.iter().map(|(strike, _)| *strike), strike) {
                    let _ = write!(words, "; {said}");
                }
            }
            _ => self.words_of_many(&mut words, &added),
        }
        Preview {
            before,
            after,
            reached: reached.copied(),
            next_step: next.map(|step| (step.points, step.level)),
            words,
        }
    }

    /// Why strikes made together cost less or more than they would one by one.
    fn words_of_many(&self, words: &mut String, added: &[&(&Strike, Cost)]) {
        let first = added.iter().map(|(strike, _)| strike.at).min().unwrap_or_default();
        let count = |wanted: fn(Why, Time) -> bool| {
            added.iter().filter(|(_, cost)| cost.why.is_some_and(|why| wanted(why, first))).count()
        };
        // What merged with one of the same batch counts with that one, so it is one more than merged.
        let within = count(|why, first| matches!(why, Why::Merged(with) if with >= first));
        if within > 0 {
            let _ = write!(words, "; {} of these fall in a {}-day window and count once", within + 1, self.merge_days);
        }
        let earlier = count(|why, first| matches!(why, Why::Merged(with) if with < first));
        if earlier > 0 {
            let _ = write!(words, "; {earlier} merged with an earlier strike for the same holder");
        }
        let said = [
            (count(|why, _| why == Why::Capped), "capped"),
            (count(|why, _| why == Why::Repeated), "repeated on the same right"),
            (count(|why, _| why == Why::Closing), "one too many of the worse kinds"),
        ];
        for (n, what) in said.into_iter().filter(|(n, _)| *n > 0) {
            let _ = write!(words, "; {n} {what}");
        }
    }

    /// `2 of 3 serious or worse that close`, on a ladder that counts them.
    fn counted_words<'a>(&self, all: impl Iterator<Item = &'a Strike>, new: &Strike) -> Option<String> {
        let rule = self.closing.filter(|rule| new.severity >= rule.from)?;
        let moments: Vec<Time> = all.filter(|strike| strike.severity >= rule.from).map(|strike| strike.at).collect();
        let counted = self.closing_occasions(&rule, &moments);
        Some(format!("{counted} of {} {} or worse that close", rule.strikes, rule.from.as_str().replace('_', " ")))
    }

    fn words(&self, strike: &Strike, why: Why, now: Time) -> String {
        match why {
            Why::Merged(with) => format!("merged with the strike of {}", ago(now.since(with))),
            Why::Capped => self.caps.get(&strike.severity).map_or_else(
                || "capped".to_owned(),
                |cap| match cap.days {
                    1 => format!("cap of {} a day", cap.points),
                    days => format!("cap of {} in {days} days", cap.points),
                },
            ),
            Why::Repeated => "repeated on the same right".to_owned(),
            Why::Closing => "one too many of the worse kinds".to_owned(),
        }
    }

    fn words_before(&self, strike: &Strike, cost: &Cost, why: Why, now: Time) -> String {
        match why {
            Why::Merged(with) if cost.counted == 0 => {
                format!("counts once with the strike of {}", ago(now.since(with)))
            }
            Why::Merged(_) | Why::Capped => {
                format!("counts {} of {}: {}", cost.counted, cost.full, self.words(strike, why, now))
            }
            Why::Repeated | Why::Closing => self.words(strike, why, now),
        }
    }
}

impl Step {
    /// What it does, in words: `hidden for 21 days, all listings off`.
    #[must_use]
    pub fn words(&self) -> String {
        if self.level == Level::Terminated {
            return "suspended, terminated once approved".to_owned();
        }
        let days = self.days.map_or_else(String::new, |days| format!(" for {days} days"));
        let listings = if self.listings_off { ", all listings off" } else { "" };
        format!("{}{days}{listings}", self.level)
    }
}

/// `2 days ago`, `1 day ago`, `2h05m ago`.
fn ago(micros: i64) -> String {
    match micros / Time::DAY {
        ..=0 => format!("{} ago", span_words(micros)),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}
