//! A seller's record replayed: what each strike cost, and which steps were reached when.

use std::collections::BTreeMap;

use super::{Closing, Expiry, Ladder, Severity, Step, Strike};
use crate::domain::{
    ids::{BrandId, RightId},
    seller::{Level, Standing},
    time::Time,
};

/// `days` days of 24 hours, in microseconds.
fn span(days: u32) -> i64 {
    i64::from(days).saturating_mul(Time::DAY)
}

fn after(moment: Time, micros: i64) -> Time {
    Time(moment.0.saturating_add(micros))
}

/// Why a strike cost something else than its severity says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Merged with the strike of this moment.
    Merged(Time),
    /// The cap of its severity was full.
    Capped,
    /// One too many on the same right.
    Repeated,
    /// One too many of the worse kinds.
    Closing,
}

/// What one strike costs from its day until it expires. Only earlier strikes have a say, so a number that a seller
/// was told never changes by what comes later. The price: undoing a strike that both filled a cap and merged with a
/// later one lets two others count for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub at: Time,
    pub expires: Time,
    pub full: i64,
    pub counted: i64,
    pub why: Option<Why>,
}

/// A step in force for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Served {
    from: Time,
    until: Time,
    level: Level,
    listings_off: bool,
}

/// A step that a seller's points rose to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// When.
    pub at: Time,
    /// The points that they rose to.
    pub points: i64,
    /// Which step.
    pub step: Step,
}

/// The life of a record under one ladder.
pub(super) struct History<'a> {
    ladder: &'a Ladder,
    /// In the order of time; each with what it cost.
    pub strikes: Vec<(&'a Strike, Cost)>,
    /// Points from each moment on, in the order of time.
    points: Vec<(Time, i64)>,
    served: Vec<Served>,
}

impl<'a> History<'a> {
    /// Replays `strikes`, given in any order; one given twice counts once.
    pub fn replay(ladder: &'a Ladder, strikes: impl IntoIterator<Item = &'a Strike>) -> Self {
        let mut strikes: Vec<_> = strikes.into_iter().collect();
        strikes.sort_by_key(|strike| (strike.at, strike.id));
        strikes.dedup_by_key(|strike| strike.id);
        let costs = costs(ladder, &strikes);
        let strikes: Vec<_> = strikes.into_iter().zip(costs).collect();
        let points = points(strikes.iter().map(|(_, cost)| cost));
        let served = served(ladder, &points);
        Self { ladder, strikes, points, served }
    }

    /// Points that count at `now`.
    pub fn points_at(&self, now: Time) -> i64 {
        let past = self.points.partition_point(|(from, _)| *from <= now);
        past.checked_sub(1).and_then(|last| self.points.get(last)).map_or(0, |(_, points)| *points)
    }

    /// The standing at `now`, next change included.
    pub fn standing(&self, now: Time) -> Standing {
        let standing = self.standing_without_future(now);
        let changes = self.points.iter().map(|(at, _)| *at);
        let mut changes: Vec<_> = changes.chain(self.served.iter().map(|served| served.until)).collect();
        changes.retain(|at| *at > now);
        changes.sort_unstable();
        let next_change = changes.into_iter().find(|at| self.standing_without_future(*at) != standing);
        Standing { next_change, ..standing }
    }

    /// The sternest step of each rise of the points, in the order of time.
    pub fn reached(&self) -> Vec<Reached> {
        let (mut before, mut reached) = (0, Vec::new());
        for &(at, points) in &self.points {
            let risen = self.ladder.steps.iter().rev().find(|step| before < step.points && step.points <= points);
            reached.extend(risen.map(|step| Reached { at, points, step: *step }));
            before = points;
        }
        reached
    }

    fn standing_without_future(&self, now: Time) -> Standing {
        let points = self.points_at(now);
        let lasting = self.ladder.lasting_level(points);
        let running = || self.served.iter().filter(|served| served.from <= now && now < served.until);
        let mut lasts = self.ladder.steps.iter().filter(|step| step.days.is_none() && step.points <= points);
        let off = running().any(|served| served.listings_off) || lasts.any(|step| step.listings_off);
        // The sternest that runs; of two alike, the one that ends last.
        let (level, until) = running()
            .map(|served| (served.level, served.until))
            .max()
            .filter(|(level, _)| *level > lasting)
            .map_or((lasting, None), |(level, until)| (level, Some(until)));
        Standing { points, level, until, listings_off: off || level.sells_nothing(), next_change: None }
    }
}

impl Ladder {
    /// When a strike of this moment no longer counts.
    pub(super) fn expires(&self, at: Time) -> Time {
        match self.expiry {
            Expiry::Rolling => after(at, span(self.expiry_days)),
            Expiry::CalendarQuarter => at.quarter_end(),
        }
    }

    /// On how many occasions strikes that may close an account fall, of those that count with the last of them; at most
    /// as many as it takes.
    pub(super) fn closing_occasions(&self, rule: &Closing, strikes: &[Time]) -> u32 {
        let lives = |then: Time| strikes.last().is_some_and(|last| self.expires(then) > *last);
        let merge = span(rule.merge_days);
        (1..=rule.strikes).take_while(|wanted| are_occasions(*wanted, strikes, merge, lives)).last().unwrap_or(0)
    }

    /// What the points alone say: the steps that last as long as the points, and the caution before a step.
    fn lasting_level(&self, points: i64) -> Level {
        let reached = self.steps.iter().filter(|step| step.days.is_none() && step.points <= points);
        let cautioned = if self.caution_before(points).is_some() { Level::Cautioned } else { Level::Good };
        reached.map(|step| step.level).fold(cautioned, Level::max)
    }

    /// The step that a seller with so many points is cautioned of.
    pub(super) fn caution_before(&self, points: i64) -> Option<&Step> {
        self.next_step(points).filter(|step| points > 0 && points >= step.points.saturating_sub(self.caution_points))
    }
}

/// What each strike costs, given in the order of time.
fn costs(ladder: &Ladder, strikes: &[&Strike]) -> Vec<Cost> {
    let mut rights = BTreeMap::<(&BrandId, &RightId), Vec<Time>>::new();
    let mut holders = BTreeMap::<&BrandId, Merging>::new();
    let mut caps = BTreeMap::<Severity, Vec<(Time, i64)>>::new();
    let mut counted_to_close = Vec::new();
    let mut costs = Vec::with_capacity(strikes.len());
    for strike in strikes {
        let (at, ordinary) = (strike.at, ladder.points.of(strike.severity));
        let on_right = rights.entry((&strike.brand, &strike.right)).or_default();
        on_right.push(at);
        let expires = ladder.expires(at);
        let lives = |then: Time| ladder.expires(then) > at;
        let mut dearer = ladder.repeated.and_then(|rule| {
            let is_one_too_many = are_occasions(rule.strikes, on_right, span(ladder.merge_days), lives);
            (is_one_too_many && rule.points > ordinary).then_some((rule.points, Why::Repeated))
        });
        if let Some(rule) = ladder.closing.filter(|rule| strike.severity >= rule.from) {
            counted_to_close.push(at);
            let closes = are_occasions(rule.strikes, &counted_to_close, span(rule.merge_days), lives);
            if closes && rule.points > dearer.map_or(ordinary, |(points, _)| points) {
                dearer = Some((rule.points, Why::Closing));
            }
        }
        let full = dearer.map_or(ordinary, |(points, _)| points);
        let mut why = dearer.map(|(_, why)| why);

        let holder = holders.entry(&strike.brand).or_default();
        let mut counted = holder.add(at, full, span(ladder.merge_days));
        if counted < full
            && let Some(with) = holder.before_last()
        {
            why = Some(Why::Merged(with));
        }
        if dearer.is_none()
            && let Some(cap) = ladder.caps.get(&strike.severity)
        {
            let counted_before = caps.entry(strike.severity).or_default();
            let window = counted_before.iter().rev().take_while(|(then, _)| at.since(*then) < span(cap.days));
            let room = cap.points.saturating_sub(window.map(|(_, points)| points).sum());
            if counted > room.max(0) {
                (counted, why) = (room.max(0), Some(Why::Capped));
            }
            if counted > 0 {
                counted_before.push((at, counted));
            }
        }
        costs.push(Cost { at, expires, full, counted, why });
    }
    costs
}

/// Whether these strikes fall on so many occasions, of those that still count with the last of them. What is less than
/// `merge` apart is one occasion.
fn are_occasions(wanted: u32, strikes: &[Time], merge: i64, lives: impl Fn(Time) -> bool) -> bool {
    let Some(&last) = strikes.last() else { return false };
    let mut at = last;
    for _ in 1..wanted {
        let earlier = strikes.partition_point(|then| *then < at && at.since(*then) >= merge);
        match earlier.checked_sub(1).and_then(|index| strikes.get(index)) {
            Some(&then) if lives(then) => at = then,
            _ => return false,
        }
    }
    true
}

/// The strikes for one holder, merged.
///
/// They are divided into runs shorter than the merge window, and a run costs as much as its worst strike. Of all ways
/// to divide them the cheapest is taken: then a strike more never costs less, nor one less more, which runs that
/// start at their first strike would not promise.
#[derive(Default)]
struct Merging {
    strikes: Vec<Merged>,
}

struct Merged {
    at: Time,
    full: i64,
    /// What all strikes up to this one cost.
    total: i64,
    /// The last strike before this one that costs more: a run need only be tried from right after such strikes, so
    /// each strike looks at as many as there are prices, not at all the others.
    dearer: Option<usize>,
}

impl Merging {
    /// Adds the latest strike and says what it adds to the cost.
    fn add(&mut self, at: Time, full: i64, window: i64) -> i64 {
        let first = self.strikes.partition_point(|strike| at.since(strike.at) >= window);
        let mut dearer = self.strikes.len().checked_sub(1);
        while let Some(strike) = self.get(dearer).filter(|strike| strike.full <= full) {
            dearer = strike.dearer;
        }
        let total_before = |start: usize| self.get(start.checked_sub(1)).map_or(0, |strike| strike.total);
        let (mut worst, mut above, mut cheapest) = (full, dearer, i64::MAX);
        loop {
            let start = above.map_or(0, |index| index + 1).max(first);
            cheapest = cheapest.min(total_before(start).saturating_add(worst));
            let Some(strike) = self.get(above.filter(|index| *index >= first)) else { break };
            (worst, above) = (strike.full, strike.dearer);
        }
        let before = total_before(self.strikes.len());
        let total = cheapest.max(before);
        self.strikes.push(Merged { at, full, total, dearer });
        total.saturating_sub(before)
    }

    fn get(&self, index: Option<usize>) -> Option<&Merged> {
        index.and_then(|index| self.strikes.get(index))
    }

    /// The moment of the strike before the last.
    fn before_last(&self) -> Option<Time> {
        self.strikes.iter().rev().nth(1).map(|strike| strike.at)
    }
}

/// Points from each moment at which they change.
fn points<'a>(costs: impl Iterator<Item = &'a Cost>) -> Vec<(Time, i64)> {
    let mut changes = BTreeMap::<Time, i64>::new();
    for cost in costs.filter(|cost| cost.counted > 0) {
        for (at, change) in [(cost.at, cost.counted), (cost.expires, -cost.counted)] {
            let sum = changes.entry(at).or_default();
            *sum = sum.saturating_add(change);
        }
    }
    let mut points = 0_i64;
    changes
        .into_iter()
        .map(|(at, change)| {
            points = points.saturating_add(change);
            (at, points)
        })
        .collect()
}

/// The steps that run for a time, from each moment at which the points rose to them.
fn served(ladder: &Ladder, points: &[(Time, i64)]) -> Vec<Served> {
    let mut served = Vec::new();
    let mut before = 0;
    for &(from, now) in points {
        for step in ladder.steps.iter().filter(|step| before < step.points && step.points <= now) {
            if let Some(days) = step.days {
                let until = after(from, span(days));
                served.push(Served { from, until, level: step.level, listings_off: step.listings_off });
            }
        }
        before = now;
    }
    served
}
