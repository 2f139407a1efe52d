//! The checks that need a look into the world: whose right, in force when, and holding for which listing.

use std::collections::HashMap;

use super::{
    Known, KnownListing, RawNotice,
    faults::{Faults, quoted},
    fields::{LISTINGS_MAX, URL_CHARS_MAX, is_longer},
};
use crate::domain::{
    brand::{Brand, Tier},
    reason::ReasonCode,
    right::Right,
    time::Time,
};

pub(super) fn brand<'a>(raw: &RawNotice, known: &Known<'a>, faults: &mut Faults) -> Option<&'a Brand> {
    let name = raw.brand.trim();
    match known.brand {
        _ if name.is_empty() => {
            faults.add("brand", || ("it is missing", "Name the brand by its id."));
            None
        }
        None => {
            faults.add("brand", || {
                (format!("no brand {} is known", quoted(name)), "Check its id, or have the brand registered first.")
            });
            None
        }
        Some(brand) => {
            if brand.tier == Tier::Suspended {
                faults.add("brand", || {
                    ("it may not file notices for the time being", "Settle the suspension with the marketplace first.")
                });
            }
            Some(brand)
        }
    }
}

/// The brand's own right. One that belongs to somebody else is no right of this notice, and nothing more is said of it.
pub(super) fn right<'a>(
    raw: &RawNotice,
    known: &Known<'a>,
    reason: Option<ReasonCode>,
    now: Time,
    faults: &mut Faults,
) -> Option<&'a Right> {
    let name = raw.right.trim();
    if name.is_empty() {
        faults.add("right", || ("it is missing", "Name the right by its id or registration number."));
        return None;
    }
    let Some(right) = known.right else {
        faults.add("right", || {
            (format!("no right {} is known", quoted(name)), "Check the number, or have the right registered first.")
        });
        return None;
    };
    if known.brand.is_some_and(|brand| brand.id != right.brand) {
        faults.add("right", || {
            (format!("{} belongs to another rights holder", quoted(name)), "Name a right of the brand's own.")
        });
        return None;
    }
    if now < right.valid_from {
        faults.add("right", || {
            (format!("it is in force only from {}", day(right.valid_from)), "Name a right that is in force today.")
        });
    } else if let Some(end) = right.valid_until.filter(|_| !right.is_valid_at(now)) {
        faults.add("right", || {
            (
                format!("it expired on {}", day(end)),
                "Name a right that is in force today, or have its renewal recorded.",
            )
        });
    }
    if let Some(reason) = reason.filter(|reason| !reason.needs().contains(&right.kind)) {
        faults.add("right", || {
            let needed: Vec<&str> = reason.needs().iter().map(|kind| kind.as_str()).collect();
            (
                format!("a {} can't support the reason {reason} ({})", right.kind, reason.code()),
                format!("Name a {}, or choose another reason.", needed.join(" or a ")),
            )
        });
    }
    Some(right)
}

fn day(moment: Time) -> String {
    format!("{:.10}", moment.to_string())
}

/// The listings, each once.
pub(super) fn listings(
    raw: &RawNotice,
    known: &Known,
    right: Option<&Right>,
    limit: usize,
    faults: &mut Faults,
) -> Vec<KnownListing> {
    let named = raw.listings.len();
    if named == 0 {
        faults.add("listings", || ("none is named", "Give the exact id or URL of each listing (DSA art. 16(2)(b))."));
    }
    // The limit is the brand's; without a brand there is none to speak of.
    let limit = if known.brand.is_some() { limit.min(LISTINGS_MAX) } else { LISTINGS_MAX };
    if named > limit {
        faults.add("listings", || {
            let parts = named.div_ceil(limit.max(1));
            let fix = format!("Split it into {parts} notices, each under its own reference.");
            (format!("{named} listings are named; at most {limit} in one notice"), fix)
        });
    }
    let mut listings = Vec::with_capacity(named.min(limit));
    let mut seen = HashMap::new();
    let mut all_known = named <= limit;
    for (index, name) in raw.listings.iter().take(limit).enumerate() {
        let name = name.trim();
        let Some(listing) = lookup(name, known) else {
            all_known = false;
            faults.add_at("listings", index, || unknown(name));
            continue;
        };
        // Most notices name one listing: no map for those.
        if let Some(first) = (named > 1).then(|| seen.insert(&listing.id, index)).flatten() {
            seen.insert(&listing.id, first);
            faults.add_at("listings", index, || {
                (format!("it is the same listing as listings[{first}]"), "Name each listing once.")
            });
            continue;
        }
        if let Some(right) = right {
            check_coverage(listing, index, right, faults);
        }
        listings.push(listing.clone());
    }
    if all_known && named > 0 && listings.iter().all(|listing| !listing.live) {
        faults.add("listings", || {
            let problem = match named {
                1 => "it is no longer for sale".to_owned(),
                _ => format!("none of the {named} is still for sale"),
            };
            (problem, "There is nothing left to remove; if it was listed anew, name the new listing.")
        });
    }
    listings
}

fn lookup<'a>(name: &str, known: &Known<'a>) -> Option<&'a KnownListing> {
    if name.is_empty() { None } else { known.listings.get(name) }
}

fn unknown(name: &str) -> (String, &'static str) {
    if name.is_empty() {
        ("it is empty".to_owned(), "Give the listing's id or URL, or leave the entry out.")
    } else if is_longer(name, URL_CHARS_MAX) {
        (
            format!("it is longer than {URL_CHARS_MAX} characters"),
            "Give the listing's id, or its URL without parameters.",
        )
    } else {
        (format!("no listing {} is known", quoted(name)), "Give the id or URL exactly as the marketplace shows it.")
    }
}

fn check_coverage(listing: &KnownListing, index: usize, right: &Right, faults: &mut Faults) {
    if !right.holds_in(&listing.territory) {
        faults.add_at("listings", index, || {
            let territory = quoted(&listing.territory);
            (
                format!("it is offered in {territory}, but the {} holds in {}", right.kind, right.jurisdiction),
                format!("Name a right that holds in {territory}."),
            )
        });
    }
    if !right.covers_class(listing.nice_class) {
        faults.add_at("listings", index, || {
            let covered: Vec<String> = right.classes.iter().map(u8::to_string).collect();
            let class = listing.nice_class.unwrap_or_default();
            (
                format!("its goods are of Nice class {class}, but the {} covers {}", right.kind, covered.join(", ")),
                format!("Name a right that covers class {class}."),
            )
        });
    }
}
