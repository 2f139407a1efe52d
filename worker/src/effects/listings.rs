//! Taking listings down and putting them back. Both look at the decisions that stand, so any order is safe.

use std::collections::{BTreeSet, HashSet};

use jointforce_shared::{
    domain::{
        effect::{BrandNews, Effect, MarketplaceEvent, SellerNews},
        ids::{DecisionId, EffectId, ListingId},
        time::Time,
    },
    store::{self, Tx, cases, db::Halving, listings},
};
use serde_json::json;

use super::{Follow, Listing, StorePage, stores};

pub(super) async fn apply(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    removals: &[Listing],
    restorals: &[Listing],
    stores: &[StorePage],
) -> store::db::Result<Vec<(EffectId, String)>> {
    if removals.is_empty() && restorals.is_empty() && stores.is_empty() {
        return Ok(vec![]);
    }
    let pages = stores::pages(tx, follow, stores).await?;
    let of_stores = pages.iter().flat_map(|page| &page.listings);
    let ids: BTreeSet<&ListingId> = removals.iter().chain(restorals).map(|l| &l.listing).chain(of_stores).collect();
    listings::lock_many(tx, ids).await?;
    stores::apply(tx, follow, &pages).await?;
    let (removed, refused) = remove(tx, removals, follow.now).await?;
    let restored = if restorals.is_empty() {
        HashSet::new()
    } else {
        distinct(listings::restore(tx, restorals.iter().map(|l| &l.listing), follow.now).await?)
    };

    let told = cases::told(tx, removals.iter().chain(restorals).map(|l| l.case)).await?;
    for l in removals.iter().filter(|l| refused.iter().all(|(refused, _)| *refused != l.effect)) {
        if removed.contains(&l.listing) {
            follow.event(
                "listing.removed",
                format!("listing:{}", l.listing),
                Some(l.case),
                json!({ "decision": l.decision }),
            );
            marketplace(
                follow,
                l.decision,
                MarketplaceEvent::ListingRemoved { listing: l.listing.clone(), case: l.case },
            );
        }
        let Some(parties) = told.get(&l.case) else { continue };
        let news = SellerNews::ListingRemoved { case: l.case, decision: l.decision };
        follow.effect(Effect::MailSeller { seller: parties.seller.clone(), news }, Some(l.decision));
        let news = BrandNews::Decided { case: l.case, decision: l.decision };
        brands(follow, parties, &news, Some(l.decision));
    }
    for l in restorals {
        if restored.contains(&l.listing) {
            follow.event(
                "listing.restored",
                format!("listing:{}", l.listing),
                Some(l.case),
                json!({ "decision": l.decision }),
            );
            if follow.tell_marketplace {
                let event = MarketplaceEvent::ListingRestored { listing: l.listing.clone(), case: l.case };
                follow.effect(Effect::HookMarketplace { event }, None);
            }
        }
        let Some(parties) = told.get(&l.case) else { continue };
        let news = SellerNews::ListingRestored { case: l.case, decision: l.decision };
        follow.effect(Effect::MailSeller { seller: parties.seller.clone(), news }, None);
        // The claims that the undone decision had answered are open again.
        brands(follow, parties, &BrandNews::Undone { case: l.case, decision: l.decision }, None);
    }
    Ok(refused)
}

/// Takes them down. Gives the listings that changed, and the effects that the database refuses, with the reason.
async fn remove(
    tx: &mut Tx,
    removals: &[Listing],
    now: Time,
) -> store::db::Result<(HashSet<ListingId>, Vec<(EffectId, String)>)> {
    let mut removed = HashSet::new();
    let mut halving = Halving::of(removals, removals.len() == 1);
    while let Some(part) = halving.next(tx).await? {
        let outcome = listings::remove(tx, part.iter().map(|l| &l.listing), now).await;
        removed.extend(halving.settle(tx, part, outcome).await?.into_iter().flatten());
    }
    Ok((removed, halving.refused().into_iter().map(|(l, why)| (l.effect, why)).collect()))
}

fn distinct(ids: Vec<ListingId>) -> HashSet<ListingId> {
    ids.into_iter().collect()
}

fn marketplace(follow: &mut Follow<'_>, decision: DecisionId, event: MarketplaceEvent) {
    if follow.tell_marketplace {
        follow.effect(Effect::HookMarketplace { event }, Some(decision));
    }
}

/// Tells whoever filed the claims that this decision answered, or that none answers any more.
fn brands(follow: &mut Follow<'_>, told: &cases::Told, news: &BrandNews, decision: Option<DecisionId>) {
    for (notice, _) in told.notices.iter().filter(|(_, answered)| *answered == decision) {
        for effect in Effect::to_brand(&told.brand, told.has_hook, Some(*notice), news.clone()) {
            follow.effect(effect, decision);
        }
    }
}
