//! What a seller's record leads to: previews before a decision, and money that is kept back.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        decision::RemoveReason,
        effect::{Effect, MarketplaceEvent, PayoutNews, SellerNews},
        ids::{CaseId, SellerId, StrikeId},
        operator::Permission,
        payout::{PayoutHold, Released},
        penalty::{Preview, Strike},
        refused::Refused,
    },
    store::{Tx, audit, cases, effects, notices, penalties, sellers},
};

/// What removing these cases together would do to each of their sellers, in the order of their ids: `34 -> 46 points;
/// next step 48 …`. Cases that are decided already or not known are left out.
///
/// # Errors
/// What the store says.
pub async fn preview(house: &House, ids: &[CaseId], reason: RemoveReason) -> Result<Vec<(SellerId, Preview)>> {
    let mut conn = house.db.read().await?;
    let now = house.clock.now();
    let mut new: BTreeMap<SellerId, Vec<Strike>> = BTreeMap::new();
    for id in ids {
        let Some(case) = cases::get(&mut conn, *id).await?.filter(|case| !case.state.keeps_down()) else { continue };
        let claims = notices::claims_of(&mut conn, *id).await?;
        let Some(claim) = claims.into_iter().find(|claim| claim.state == "open") else { continue };
        new.entry(case.seller).or_default().push(Strike {
            id: house.clock.id(StrikeId::from_ulid),
            brand: case.brand,
            right: claim.right,
            severity: reason.severity(),
            at: now,
        });
    }
    let mut stand: BTreeMap<SellerId, Vec<Strike>> = BTreeMap::new();
    for (seller, strike) in sellers::strikes(&mut conn, new.keys()).await? {
        stand.entry(seller).or_default().push(strike);
    }
    let previewed = new.into_iter().map(|(seller, new)| {
        let stand = stand.get(&seller).map_or(&[] as &[Strike], Vec::as_slice);
        let preview = house.policy.ladder.preview_all(stand, &new, now);
        (seller, preview)
    });
    Ok(previewed.collect())
}

/// The seller asks for money that is kept back.
///
/// # Errors
/// Refused before the day from which they may ask, when they asked already, when nothing is kept back, and without words.
pub async fn ask_for_payout(house: &House, actor: &Actor, seller: &SellerId, words: &str) -> Result<PayoutHold> {
    check_words(words)?;
    let mut tx = house.db.write().await?;
    match actor {
        Actor::Party { .. } if actor.id() != Actor::seller(seller, "").id() => {
            return Err(Refused::one("seller", "the money is another seller's", "Ask for your own.").into());
        }
        Actor::Party { .. } => {}
        _ => drop(authorize(&mut tx, actor, Permission::Decide).await?),
    }
    let hold = open(&mut tx, seller).await?;
    hold.may_be_asked_for(house.clock.now())?;
    if !penalties::ask(&mut tx, hold.id, words, house.clock.now()).await? {
        return Err(Refused::one("hold", "it was asked for or released this moment", "Look again.").into());
    }
    let body = json!({ "hold": hold.id, "words": words });
    audit::add(&mut tx, &[house.event(actor, "payout.asked", format!("seller:{seller}"), None, body)]).await?;
    tx.commit().await?;
    Ok(hold)
}

/// A person answers a seller who asked, or releases money before its time without being asked.
///
/// # Errors
/// Refused without [`Permission::Overturn`] and a reason; a no when nobody asked.
pub async fn answer_payout(
    house: &House,
    actor: &Actor,
    seller: &SellerId,
    free: bool,
    words: &str,
) -> Result<PayoutHold> {
    check_words(words)?;
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Overturn).await?;
    let hold = open(&mut tx, seller).await?;
    let now = house.clock.now();
    let done = if free {
        penalties::release(&mut tx, hold.id, Released::Granted, actor.id(), now).await?
    } else {
        penalties::refuse(&mut tx, hold.id).await?
    };
    if !done {
        let problem = if free { "it was released this moment" } else { "the seller did not ask for it" };
        return Err(Refused::one("hold", problem, "Nothing to do.").into());
    }
    let what = if free { PayoutNews::Released } else { PayoutNews::Kept };
    tell(house, &mut tx, actor, &hold, what, words).await?;
    tx.commit().await?;
    Ok(hold)
}

/// Releases holds whose time is over, at most 200 a call, each exactly once. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn sweep_payouts(house: &House, actor: &Actor) -> Result<usize> {
    let mut tx = house.db.write().await?;
    let over = penalties::over(&mut tx, actor.id(), house.clock.now(), 200).await?;
    for hold in &over {
        tell(house, &mut tx, actor, hold, PayoutNews::Released, "its time is over").await?;
    }
    tx.commit().await?;
    Ok(over.len())
}

fn check_words(words: &str) -> Result<()> {
    if words.trim().is_empty() || words.chars().count() > 2000 {
        let problem = "they are missing or longer than 2,000 characters";
        return Err(Refused::one("words", problem, "Say why in a few words.").into());
    }
    Ok(())
}

async fn open(tx: &mut Tx, seller: &SellerId) -> Result<PayoutHold> {
    penalties::open_hold(tx, seller).await?.ok_or_else(|| {
        Refused::one("seller", format!("no payouts of {seller} are kept back"), "See `payouts list`.").into()
    })
}

async fn tell(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    hold: &PayoutHold,
    what: PayoutNews,
    words: &str,
) -> Result<()> {
    let (seller, id, now) = (hold.seller.clone(), hold.id, house.clock.now());
    let new = |effect| house.effect(effect, now);
    let mut told =
        vec![new(Effect::MailSeller { seller: seller.clone(), news: SellerNews::Payout { hold: id, what } })];
    if what == PayoutNews::Released {
        let event = MarketplaceEvent::PayoutReleased { seller: seller.clone(), hold: id };
        told.push(new(Effect::HookMarketplace { event }));
    }
    effects::add(tx, &told, now).await?;
    let action = if what == PayoutNews::Kept { "payout.kept" } else { "payout.released" };
    let body = json!({ "hold": id, "words": words });
    audit::add(tx, &[house.event(actor, action, format!("seller:{seller}"), None, body)]).await?;
    Ok(())
}
