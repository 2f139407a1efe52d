//! What a member of a group has otherwise than the one that is shown whole.

use super::fold::fold;
use crate::domain::{
    ids::{BrandId, SellerId},
    listing::Listing,
};

/// One of two cases that are compared.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Whose claims.
    pub brand: &'a BrandId,
    /// On which listing, as it was reported.
    pub listing: &'a Listing,
}

/// One thing that differs from the card. What isn't named is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Another title. Words as they are written: text of a stranger.
    Title {
        /// Words that only the member has.
        added: Vec<String>,
        /// Words that only the card has.
        missing: Vec<String>,
    },
    /// The same words spelt otherwise (look-alike letters, capitals, signs), or in another order.
    Spelling,
    /// Another brand's claims.
    Brand(BrandId),
    /// Another seller.
    Seller(SellerId),
    /// Another price.
    Price {
        /// In the currency's minor unit.
        minor: i64,
        /// ISO 4217.
        currency: String,
    },
    /// Offered elsewhere: ISO 3166-1 alpha-2.
    Territory(String),
    /// Another category: text of the marketplace.
    Category(String),
    /// Other pictures.
    Images {
        /// Addresses that both show.
        shared: usize,
        /// Addresses that the member shows.
        of: usize,
    },
    /// Another description.
    Description,
}

/// What `member` has otherwise than `card`, the most telling first.
#[must_use]
pub fn differences(card: Side<'_>, member: Side<'_>) -> Vec<Difference> {
    let mut found = vec![];
    let (ours, theirs) = (&card.listing.content, &member.listing.content);
    found.extend(title(&ours.title, &theirs.title));
    if card.brand != member.brand {
        found.push(Difference::Brand(member.brand.clone()));
    }
    if card.listing.seller != member.listing.seller {
        found.push(Difference::Seller(member.listing.seller.clone()));
    }
    if (ours.price_minor, &ours.currency) != (theirs.price_minor, &theirs.currency) {
        found.push(Difference::Price { minor: theirs.price_minor, currency: theirs.currency.clone() });
    }
    if card.listing.territory != member.listing.territory {
        found.push(Difference::Territory(member.listing.territory.clone()));
    }
    if ours.category != theirs.category {
        found.push(Difference::Category(theirs.category.clone()));
    }
    if ours.images != theirs.images {
        let shared = theirs.images.iter().filter(|image| ours.images.contains(image)).count();
        found.push(Difference::Images { shared, of: theirs.images.len() });
    }
    if ours.description != theirs.description {
        found.push(Difference::Description);
    }
    found
}

fn title(card: &str, member: &str) -> Option<Difference> {
    if card == member {
        return None;
    }
    let sorted = |title: &str| {
        let mut words = fold(title);
        words.sort_unstable();
        words
    };
    if sorted(card) == sorted(member) {
        return Some(Difference::Spelling);
    }
    let (added, missing) = (only_in(member, card), only_in(card, member));
    Some(if added.is_empty() && missing.is_empty() {
        Difference::Spelling
    } else {
        Difference::Title { added, missing }
    })
}

/// The words of `title`, as written, that `other` has under no spelling.
fn only_in(title: &str, other: &str) -> Vec<String> {
    let others = fold(other);
    let known = |word: &str| fold(word).iter().all(|folded| others.contains(folded));
    title.split_whitespace().filter(|word| !known(word)).map(str::to_owned).collect()
}
