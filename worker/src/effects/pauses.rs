//! Hiding listings from sale while a question about them is unanswered, and offering them again. Both look at the
//! questions that stand, so any order is safe; a removal is stronger than either.

use std::collections::{BTreeSet, HashSet};

use jointforce_shared::{
    domain::{
        effect::{Effect, MarketplaceEvent, SellerNews},
        ids::ListingId,
    },
    store::{self, Tx, cases, listings},
};
use serde_json::json;

use super::{Follow, Questioned};

pub(super) async fn apply(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    pauses: &[Questioned],
    resumptions: &[Questioned],
) -> store::db::Result<()> {
    if pauses.is_empty() && resumptions.is_empty() {
        return Ok(());
    }
    let ids: BTreeSet<&ListingId> = pauses.iter().chain(resumptions).map(|q| &q.listing).collect();
    listings::lock_many(tx, ids).await?;
    let mut paused: HashSet<ListingId> =
        listings::pause(tx, pauses.iter().map(|q| &q.listing), follow.now).await?.into_iter().collect();
    let mut resumed: HashSet<ListingId> =
        listings::resume(tx, resumptions.iter().map(|q| &q.listing), follow.now).await?.into_iter().collect();
    let told = cases::told(tx, pauses.iter().chain(resumptions).map(|q| q.case)).await?;
    for q in pauses.iter().filter(|q| paused.remove(&q.listing)) {
        follow.event("listing.paused", format!("listing:{}", q.listing), Some(q.case), json!({ "request": q.request }));
        let event = MarketplaceEvent::ListingPaused { listing: q.listing.clone(), case: q.case };
        tell(follow, event, told.get(&q.case), SellerNews::ListingPaused { case: q.case, request: q.request });
    }
    for q in resumptions.iter().filter(|q| resumed.remove(&q.listing)) {
        follow.event(
            "listing.resumed",
            format!("listing:{}", q.listing),
            Some(q.case),
            json!({ "request": q.request }),
        );
        let event = MarketplaceEvent::ListingResumed { listing: q.listing.clone(), case: q.case };
        tell(follow, event, told.get(&q.case), SellerNews::ListingResumed { case: q.case, request: q.request });
    }
    Ok(())
}

fn tell(follow: &mut Follow<'_>, event: MarketplaceEvent, told: Option<&cases::Told>, news: SellerNews) {
    if follow.tell_marketplace {
        follow.effect(Effect::HookMarketplace { event }, None);
    }
    if let Some(told) = told {
        follow.effect(Effect::MailSeller { seller: told.seller.clone(), news }, None);
    }
}
