//! What a brand's genuine goods cost.

use std::cmp::Reverse;

use super::{EvidencePolicy, sighting::head};
use crate::domain::{group::fold, ids::ListingId, listing::Snapshot, time::Time};

/// Whose word it is that goods are genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The brand's own.
    Brand,
    /// A reviewer's, who kept the listing for it.
    Reviewer,
    /// The brand's about who sells it: an authorised seller who names the brand.
    Authorised,
}

/// A listing of a brand's goods that is known to be genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// Which.
    pub listing: ListingId,
    /// Its title: text of a stranger.
    pub title: String,
    /// Its price, in the currency's minor unit.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Nice class of the goods, if the marketplace knows it.
    pub nice_class: Option<u8>,
    /// The shop's name: text of a stranger.
    pub seller_name: String,
    /// Whose word it is.
    pub word: Word,
    /// When that was said.
    pub at: Time,
}

/// What a brand's goods usually cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// The median, in the minor unit of the listing's currency.
    pub minor: i64,
    /// Of how many prices.
    pub of: usize,
    /// The listing's price in percent of it, rounded.
    pub percent: i64,
}

/// The usual price of a brand's genuine goods beside a listing's: in its currency, and in its class where enough are
/// known. `None` when too few are.
#[must_use]
pub fn usual(policy: &EvidencePolicy, goods: &[Good], listing: &Snapshot) -> Option<Usual> {
    let enough = usize::from(policy.usual_from);
    let prices = |class: Option<u8>| {
        let here = goods.iter().filter(|good| good.currency == listing.currency && good.price_minor > 0);
        let mut prices: Vec<i64> =
            here.filter(|good| class.is_none() || good.nice_class == class).map(|good| good.price_minor).collect();
        prices.sort_unstable();
        prices
    };
    let of_class = prices(listing.nice_class);
    let prices = if of_class.len() >= enough { of_class } else { prices(None) };
    if prices.len() < enough {
        return None;
    }
    let minor = *prices.get(prices.len() / 2)?;
    let percent = (i128::from(listing.price_minor) * 100 + i128::from(minor) / 2) / i128::from(minor);
    Some(Usual { minor, of: prices.len(), percent: i64::try_from(percent).unwrap_or(i64::MAX) })
}

/// The genuine goods whose title has most words in common with this one; of equals the newest. `None` when none has any.
#[must_use]
pub fn nearest<'a>(goods: &'a [Good], title: &str) -> Option<&'a Good> {
    let words = fold(head(title));
    let common = |good: &Good| fold(head(&good.title)).iter().filter(|word| words.contains(word)).count();
    let best = goods
        .iter()
        .map(|good| (common(good), good))
        .max_by_key(|(common, good)| (*common, good.at, Reverse(&good.listing)));
    best.filter(|(common, _)| *common > 0).map(|(_, good)| good)
}
