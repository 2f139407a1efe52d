//! A seller sends a counter-notice.

use super::advance::advance;
use crate::{
    commands::{Actor, House, Result, party::speaks_for, race},
    domain::{
        counter_notice::{self, CounterState, Known, RawCounterNotice, Removal, table::Action},
        ids::{CaseId, CounterId, SellerId},
        notice::URL_CHARS_MAX,
        refused::Refused,
        time::Time,
    },
    store::{
        Tx, brands, cases,
        counter_notices::{self, Counter},
        decisions, listings, notices, sellers,
    },
};

/// What became of a counter-notice that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It is forwarded to the brand.
    New {
        /// Its id.
        counter: CounterId,
        /// The case that it contests.
        case: CaseId,
        /// Nothing is put back or decided for the brand's silence before this.
        not_before: Time,
    },
    /// It was sent before: a resend.
    Same {
        /// The id it has since then.
        counter: CounterId,
    },
    /// All that is missing, each with field and fix. Nothing was changed.
    Refused(Refused),
}

/// Receives a counter-notice: checked for what the law asks, forwarded to whoever filed the notice, and its window
/// begins. Sending the same one again changes nothing.
///
/// # Errors
/// Refused for whoever may not speak for the seller; what the store says.
pub async fn receive(house: &House, actor: &Actor, raw: &RawCounterNotice) -> Result<Received> {
    race!(attempt(house, actor, raw))
}

async fn attempt(house: &House, actor: &Actor, raw: &RawCounterNotice) -> Result<Received> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let seller: Option<SellerId> = raw.seller.trim().parse().ok();
    if let Some(seller) = &seller {
        speaks_for(&mut tx, actor, &Actor::seller(seller, "process")).await?;
        let reference = counter_notice::reference(raw);
        if let Some((counter, digest)) = counter_notices::with_reference(&mut tx, seller, &reference).await? {
            return Ok(if digest == raw.digest() {
                Received::Same { counter }
            } else {
                Received::Refused(Refused::one(
                    "reference",
                    format!("{reference} was used before, for another counter-notice"),
                    "Give each counter-notice its own reference.",
                ))
            });
        }
    }
    let known = look_up(house, &mut tx, raw, seller.as_ref()).await?;
    let policy = &house.policy;
    let said = match counter_notice::parse(raw, &known, &policy.counters, &policy.calendar, now) {
        Ok(said) => said,
        Err(refused) => return Ok(Received::Refused(refused)),
    };
    let claims = notices::claims_of(&mut tx, said.case).await?;
    let Some(claim) = claims.iter().find(|claim| claim.state == "accepted").or_else(|| claims.first()) else {
        return Ok(Received::Refused(Refused::one("case", "no claim stands against it", "Nothing to contest.")));
    };
    let mut counter = Counter {
        id: house.clock.id(CounterId::from_ulid),
        notice_reason: claim.reason,
        said,
        state: CounterState::Received,
        version: 1,
        answer: None,
        answered: None,
        words: String::new(),
        suit: None,
        appeal: None,
        closed: None,
    };
    counter_notices::add(&mut tx, &counter).await?;
    advance(house, &mut tx, actor, &mut counter, Action::Forward).await?;
    tx.commit().await?;
    Ok(Received::New { counter: counter.id, case: counter.said.case, not_before: counter.said.not_before })
}

async fn look_up(house: &House, tx: &mut Tx, raw: &RawCounterNotice, seller: Option<&SellerId>) -> Result<Known> {
    let seller = match seller {
        Some(seller) => sellers::get(tx, seller).await?.map(|record| record.seller),
        None => None,
    };
    let name = raw.listing.trim();
    let listing = if name.is_empty() || name.chars().count() > URL_CHARS_MAX {
        None
    } else {
        listings::named(tx, [name]).await?.into_iter().map(|(_, listing)| listing).next()
    };
    let Some(listing) = listing else { return Ok(Known { seller, listing: None, removals: vec![] }) };
    let mut removals = vec![];
    for case in cases::on_listings(tx, [&listing.id]).await?.iter().filter(|case| case.state.keeps_down()) {
        let Some((_, decision)) = case.state.decision() else { continue };
        let Some(decided) = decisions::get_many(tx, &[decision]).await?.pop() else { continue };
        let claims = notices::claims_of(tx, case.id).await?;
        let right = match claims.first() {
            Some(claim) => brands::rights(tx, [&claim.right]).await?.pop(),
            None => None,
        };
        let jurisdiction = right.map_or_else(|| "WORLD".to_owned(), |right| right.jurisdiction);
        let earlier = counter_notices::of_case(tx, case.id).await?;
        removals.push(Removal {
            case: case.id,
            brand: case.brand.clone(),
            decision,
            decided: decided.at,
            regime: house.policy.counters.regime(&jurisdiction, &listing.territory),
            earlier: u32::try_from(earlier.len()).unwrap_or(u32::MAX),
            open: earlier.iter().any(|counter| counter.closed.is_none()),
            last_closed: earlier.iter().filter_map(|counter| counter.closed).max(),
        });
    }
    Ok(Known { seller, listing: Some((listing.id, listing.seller)), removals })
}
