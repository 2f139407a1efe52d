//! Taking a seller's whole store off and putting it back, a page of listings an effect. A reconciler: it looks at whether
//! the store is off now, so pages may come in any order, twice, or late.

use std::collections::{HashMap, HashSet};

use jointforce_shared::{
    domain::{
        effect::{Effect, MarketplaceEvent},
        ids::{ListingId, SellerId},
    },
    store::{self, Tx, listings},
};
use serde_json::json;

use super::Follow;

/// Listings in a page: a transaction of some ten thousand row changes at most, with a batch of effects.
const PAGE: i64 = 200;

/// The listings of each page; what comes after a full page follows as an effect of its own.
pub(super) async fn pages(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    stores: &[(SellerId, Option<ListingId>)],
) -> store::db::Result<Vec<(SellerId, Vec<ListingId>)>> {
    let mut pages = Vec::with_capacity(stores.len());
    for (seller, after) in stores {
        let page = listings::of_seller(tx, seller, after.as_ref(), PAGE).await?;
        if let Some(last) = page.last().filter(|_| i64::try_from(page.len()) == Ok(PAGE)) {
            let after = Some(last.clone());
            follow.effect(Effect::StoreListings { seller: seller.clone(), after }, None);
        }
        pages.push((seller.clone(), page));
    }
    Ok(pages)
}

/// Brings the listings of these pages to where their sellers' stores are. They have to be locked.
pub(super) async fn apply(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    pages: &[(SellerId, Vec<ListingId>)],
) -> store::db::Result<()> {
    let sellers: HashMap<&ListingId, &SellerId> =
        pages.iter().flat_map(|(seller, page)| page.iter().map(move |listing| (listing, seller))).collect();
    if sellers.is_empty() {
        return Ok(());
    }
    let ids: HashSet<&ListingId> = sellers.keys().copied().collect();
    for listing in listings::take_off(tx, ids.iter().copied(), follow.now).await? {
        if let Some(&seller) = sellers.get(&listing) {
            told(follow, "listing.removed", &listing, seller);
            let event = MarketplaceEvent::StoreListingRemoved { listing, seller: seller.clone() };
            follow.marketplace(event);
        }
    }
    for listing in listings::restore(tx, ids, follow.now).await? {
        if let Some(&seller) = sellers.get(&listing) {
            told(follow, "listing.restored", &listing, seller);
            let event = MarketplaceEvent::StoreListingRestored { listing, seller: seller.clone() };
            follow.marketplace(event);
        }
    }
    Ok(())
}

fn told(follow: &mut Follow<'_>, action: &str, listing: &ListingId, seller: &SellerId) {
    follow.event(action, format!("listing:{listing}"), None, json!({ "store": seller }));
}
