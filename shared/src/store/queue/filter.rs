//! What a moderator wants to see, at one moment and for one person: what the language of [`crate::domain::ask`] comes to.

use super::QueueRow;
use crate::{
    domain::{
        ask::{Ask, Compare, Need, Stage, fields::Field, trust},
        brand::Tier,
        escalation::Desk,
        ids::{BrandId, OperatorId, SellerId},
        seller::Level,
        time::Time,
    },
    store::{
        brands,
        db::{Conn, Result},
        sellers,
    },
};

/// What is wanted. Empty means the whole queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only this brand's cases.
    pub brand: Option<BrandId>,
    /// Only brands with one of these ids or names, or with one of them as a part of its name.
    pub brands: Vec<String>,
    /// No brands like these.
    pub no_brands: Vec<String>,
    /// Only cases about this seller.
    pub seller: Option<SellerId>,
    /// Only sellers with this id or name, or with it as a part of their name.
    pub seller_called: Option<String>,
    /// No sellers like this.
    pub no_seller: Option<String>,
    /// Only cases that stand so.
    pub stages: Option<Vec<Stage>>,
    /// Only cases of these desks; `None` in it for those of no desk.
    pub desks: Option<Vec<Option<Desk>>>,
    /// Only brands of these tiers.
    pub tiers: Option<Vec<Tier>>,
    /// Only sellers at these levels.
    pub levels: Option<Vec<Level>>,
    /// When the review is due, in microseconds.
    pub due: Range,
    /// When it came into the queue, in microseconds.
    pub opened: Range,
    /// The seller's points.
    pub points: Range,
    /// The price, in hundredths of whatever currency it has.
    pub price: Range,
    /// Units sold.
    pub sold: Range,
    /// Cases about the seller.
    pub reports: Range,
    /// Only cases handed to, held by or leased by this person.
    pub of: Option<OperatorId>,
    /// No cases of this person.
    pub not_of: Option<OperatorId>,
    /// Only titles with all of these texts: at most four.
    pub titles: Vec<String>,
    /// No titles with any of these: at most two.
    pub no_titles: Vec<String>,
}

/// Numbers from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

impl Default for Range {
    fn default() -> Self {
        Self { from: i64::MIN, to: i64::MAX }
    }
}

impl Range {
    /// Everything below a number.
    #[must_use]
    pub const fn below(number: i64) -> Self {
        Self { from: i64::MIN, to: number.saturating_sub(1) }
    }

    /// Whether a number is in it.
    #[must_use]
    pub const fn holds(self, number: i64) -> bool {
        self.from <= number && number <= self.to
    }

    /// Whether it leaves anything out.
    #[must_use]
    pub fn narrows(self) -> bool {
        self != Self::default()
    }

    /// Without what doesn't stand so to `number`.
    fn narrow(&mut self, compare: Compare, number: i64) {
        match compare {
            Compare::Below => self.to = self.to.min(number.saturating_sub(1)),
            Compare::UpTo => self.to = self.to.min(number),
            Compare::Is => (self.from, self.to) = (self.from.max(number), self.to.min(number)),
            Compare::From => self.from = self.from.max(number),
            Compare::Above => self.from = self.from.max(number.saturating_add(1)),
        }
    }

    /// Without what stands so to `number`; a single number is never asked to be left out.
    fn exclude(&mut self, compare: Compare, number: i64) {
        match compare {
            Compare::Below => self.narrow(Compare::From, number),
            Compare::UpTo => self.narrow(Compare::Above, number),
            Compare::From => self.narrow(Compare::Below, number),
            Compare::Above => self.narrow(Compare::UpTo, number),
            Compare::Is => {}
        }
    }
}

/// Those of `all` that are among what is named and not among what is shut out; `None` if nothing is said about them.
fn chosen<T: Copy + PartialEq>(
    all: impl IntoIterator<Item = T>,
    said: &[(bool, Compare, T)],
    holds: impl Fn(Compare, T, T) -> bool,
) -> Option<Vec<T>> {
    if said.is_empty() {
        return None;
    }
    let named = said.iter().any(|(not, compare, _)| !not && *compare == Compare::Is);
    let wanted = |one: &T| {
        let is = |compare: Compare, other: T| holds(compare, *one, other);
        let among = said.iter().any(|(not, compare, other)| !not && *compare == Compare::Is && is(*compare, *other));
        let narrow = said.iter().all(|(not, compare, other)| {
            // What is named by itself is one of several; everything else narrows.
            (!not && *compare == Compare::Is) || is(*compare, *other) != *not
        });
        (!named || among) && narrow
    };
    Some(all.into_iter().filter(wanted).collect())
}

impl Filter {
    /// What a question comes to at `now`, asked by `me`.
    #[must_use]
    pub fn of(ask: &Ask, me: &OperatorId, now: Time) -> Self {
        let mut filter = Self::default();
        let (mut tiers, mut levels, mut desks, mut stages) = (vec![], vec![], vec![], vec![]);
        for term in ask.terms() {
            match (&term.need, term.not) {
                (Need::Brand(name), false) => filter.brands.push(name.clone()),
                (Need::Brand(name), true) => filter.no_brands.push(name.clone()),
                (Need::Seller(name), false) => filter.seller_called = Some(name.clone()),
                (Need::Seller(name), true) => filter.no_seller = Some(name.clone()),
                (Need::Tier(compare, tier), not) => tiers.push((not, *compare, *tier)),
                (Need::Level(compare, level), not) => levels.push((not, *compare, *level)),
                (Need::Desk(desk), not) => desks.push((not, Compare::Is, *desk)),
                (Need::Is(stage), not) => stages.push((not, Compare::Is, *stage)),
                (Need::Mine, false) => filter.of = Some(me.clone()),
                (Need::Mine, true) => filter.not_of = Some(me.clone()),
                (Need::Title(text), false) => filter.titles.push(text.clone()),
                (Need::Title(text), true) => filter.no_titles.push(text.clone()),
                (Need::Number(field, compare, number), not) => filter.number(*field, *compare, *number, not, now),
            }
        }
        filter.tiers =
            chosen(Tier::ALL.iter().copied(), &tiers, |sign, one, other| sign.holds(&trust(one), &trust(other)));
        filter.levels = chosen(Level::ALL.iter().copied(), &levels, |sign, one, other| sign.holds(&one, &other));
        let every = Desk::ALL.iter().copied().map(Some).chain([None]);
        filter.desks = chosen(every, &desks, |_, one, other| one == other);
        // What its brand was asked about is in nobody's queue, and is shown only to whoever asks for it.
        let asks = ask.terms().iter().any(|term| !term.not && term.need == Need::Is(Stage::Asked));
        let every = Stage::ALL.iter().copied().filter(|stage| (*stage == Stage::Asked) == asks);
        filter.stages = chosen(every, &stages, |_, one, other| one == other);
        filter
    }

    fn number(&mut self, field: Field, compare: Compare, number: i64, not: bool, now: Time) {
        let (range, compare, number) = match field {
            Field::Due => (&mut self.due, compare, now.0.saturating_add(number)),
            // Older means earlier.
            Field::Age => (&mut self.opened, mirrored(compare), now.0.saturating_sub(number)),
            Field::Points => (&mut self.points, compare, number),
            Field::Price => (&mut self.price, compare, number),
            Field::Sold => (&mut self.sold, compare, number),
            _ => (&mut self.reports, compare, number),
        };
        if not { range.exclude(compare, number) } else { range.narrow(compare, number) }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

const fn mirrored(compare: Compare) -> Compare {
    match compare {
        Compare::Below => Compare::Above,
        Compare::UpTo => Compare::From,
        Compare::Is => Compare::Is,
        Compare::From => Compare::UpTo,
        Compare::Above => Compare::Below,
    }
}

/// A filter whose names were looked up.
#[derive(Debug)]
pub(super) struct Known<'a> {
    pub filter: &'a Filter,
    /// The brands that are wanted, if only some are.
    pub brands: Option<Vec<BrandId>>,
    pub no_brands: Vec<BrandId>,
    /// The seller, if an id was given.
    pub seller: Option<SellerId>,
    /// Words in the seller's name, if no id was given.
    pub seller_like: Option<String>,
}

impl<'a> Known<'a> {
    pub(super) async fn of(conn: &mut Conn, filter: &'a Filter) -> Result<Self> {
        let mut known =
            Self { filter, brands: None, no_brands: vec![], seller: filter.seller.clone(), seller_like: None };
        if let Some(brand) = &filter.brand {
            known.brands = Some(vec![brand.clone()]);
        }
        if !filter.brands.is_empty() {
            let mut found = vec![];
            for name in &filter.brands {
                found.extend(brands::called(conn, name).await?);
            }
            found.retain(|brand| filter.brand.as_ref().is_none_or(|only| only == brand));
            known.brands = Some(found);
        }
        for name in &filter.no_brands {
            known.no_brands.extend(brands::called(conn, name).await?);
        }
        if let Some(name) = &filter.seller_called {
            match name.parse::<SellerId>() {
                Ok(id) if sellers::get(conn, &id).await?.is_some() => known.seller = Some(id),
                _ => known.seller_like = Some(name.to_lowercase()),
            }
        }
        Ok(known)
    }

    /// Whether there can be nothing: what is asked for contradicts itself, or nobody is called so.
    pub(super) fn is_void(&self) -> bool {
        let filter = self.filter;
        let ranges = [filter.due, filter.opened, filter.points, filter.price, filter.sold, filter.reports];
        self.brands.as_ref().is_some_and(Vec::is_empty)
            || filter.stages.as_ref().is_some_and(Vec::is_empty)
            || filter.desks.as_ref().is_some_and(Vec::is_empty)
            || filter.tiers.as_ref().is_some_and(Vec::is_empty)
            || filter.levels.as_ref().is_some_and(Vec::is_empty)
            || ranges.iter().any(|range| range.from > range.to)
    }

    /// Whether a row is wanted. The database has narrowed them down before; what letters are alike, databases see
    /// differently, and some rows come from elsewhere.
    pub(super) fn lets(&self, row: &QueueRow) -> bool {
        let filter = self.filter;
        let title = row.title.to_lowercase();
        let holds = |text: &String| title.contains(&text.to_lowercase());
        let called =
            |name: &str| row.seller.as_str() == name || row.seller_name.to_lowercase().contains(&name.to_lowercase());
        let is = |who: &OperatorId| {
            [&row.held_by, &row.assigned_to, &row.lease_by].into_iter().flatten().any(|one| one == who)
        };
        let among = |list: &Option<Vec<Stage>>| list.as_ref().is_none_or(|stages| stages.contains(&row.stage()));
        self.brands.as_ref().is_none_or(|brands| brands.contains(&row.brand))
            && !self.no_brands.contains(&row.brand)
            && self.seller.as_ref().is_none_or(|seller| *seller == row.seller)
            && self.seller_like.as_ref().is_none_or(|name| called(name))
            && !filter.no_seller.as_ref().is_some_and(|name| called(name))
            && among(&filter.stages)
            && filter.desks.as_ref().is_none_or(|desks| desks.contains(&row.desk))
            && filter.tiers.as_ref().is_none_or(|tiers| tiers.contains(&row.factors.tier))
            && filter.levels.as_ref().is_none_or(|levels| levels.contains(&row.level))
            && filter.due.holds(row.factors.due.0)
            && filter.opened.holds(row.opened.0)
            && filter.points.holds(row.points)
            && filter.price.holds(row.price_minor)
            && filter.sold.holds(row.factors.sold)
            && filter.reports.holds(row.factors.reports)
            && filter.of.as_ref().is_none_or(is)
            && !filter.not_of.as_ref().is_some_and(is)
            && filter.titles.iter().all(holds)
            && !filter.no_titles.iter().any(holds)
    }
}
