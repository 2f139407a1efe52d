//! Taking a seller's whole store off and putting it back, a page of listings an effect. A reconciler: it looks at whether
//! the store is off now, so pages may come in any order, twice, or late.

use std::collections::{HashMap, HashSet};

use jointforce_shared::{
    domain::{
        effect::{Effect, MarketplaceEvent},
        ids::{ListingId, SellerId},
        trace::Trace,
    },
    store::{self, Tx, listings},
};
use serde_json::json;

use super::{Follow, StorePage};

/// Listings in a page: a transaction of some ten thousand row changes at most, with a batch of effects.
const PAGE: i64 = 200;

/// A page that was looked up.
pub(super) struct Page {
    trace: Trace,
    seller: SellerId,
    pub(super) listings: Vec<ListingId>,
}

/// The listings of each page; what comes after a full page follows as an effect of its own.
pub(super) async fn pages(tx: &mut Tx, follow: &mut Follow<'_>, stores: &[StorePage]) -> store::db::Result<Vec<Page>> {
    let mut pages = Vec::with_capacity(stores.len());
    for StorePage { trace, seller, after } in stores {
        let listings = listings::of_seller(tx, seller, after.as_ref(), PAGE).await?;
        if let Some(last) = listings.last().filter(|_| i64::try_from(listings.len()) == Ok(PAGE)) {
            let after = Some(last.clone());
            follow.trace = Some(*trace);
            follow.effect(Effect::StoreListings { seller: seller.clone(), after }, None);
        }
        pages.push(Page { trace: *trace, seller: seller.clone(), listings });
    }
    Ok(pages)
}

/// Brings the listings of these pages to where their sellers' stores are. They have to be locked.
pub(super) async fn apply(tx: &mut Tx, follow: &mut Follow<'_>, pages: &[Page]) -> store::db::Result<()> {
    let of: HashMap<&ListingId, &Page> =
        pages.iter().flat_map(|page| page.listings.iter().map(move |listing| (listing, page))).collect();
    if of.is_empty() {
        return Ok(());
    }
    let ids: HashSet<&ListingId> = of.keys().copied().collect();
    for listing in listings::take_off(tx, ids.iter().copied(), follow.now).await? {
        if let Some(Page { trace, seller, .. }) = of.get(&listing) {
            told(follow, "listing.removed", &listing, seller);
            follow.trace = Some(*trace);
            follow.marketplace(MarketplaceEvent::StoreListingRemoved { listing, seller: seller.clone() });
        }
    }
    for listing in listings::restore(tx, ids, follow.now).await? {
        if let Some(Page { trace, seller, .. }) = of.get(&listing) {
            told(follow, "listing.restored", &listing, seller);
            follow.trace = Some(*trace);
            follow.marketplace(MarketplaceEvent::StoreListingRestored { listing, seller: seller.clone() });
        }
    }
    Ok(())
}

fn told(follow: &mut Follow<'_>, action: &str, listing: &ListingId, seller: &SellerId) {
    follow.event(action, format!("listing:{listing}"), None, json!({ "store": seller }));
}
