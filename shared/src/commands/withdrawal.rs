//! A brand takes a notice back, for all its listings or for some.

use serde_json::json;

use super::{
    Actor, House, Result,
    counter_notice::{moved, reinstate},
    party::speaks_for,
    race,
};
use crate::{
    domain::{
        counter_notice::{Answer, CounterState, table},
        decision::KeepReason,
        effect::{BrandNews, Effect},
        ids::{BrandId, ListingId, NoticeId},
        refused::Refused,
        time::Time,
        withdrawal::{self, KnownClaim, RawWithdrawal, Withdrawn},
    },
    store::{
        Tx, audit, brands,
        cases::{self, Case},
        counter_notices, effects, notices,
        withdrawals::{self, Row},
    },
};

/// What became of a withdrawal that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is carried out.
    New {
        /// The notice.
        notice: NoticeId,
        /// What it led to, listing by listing.
        listings: Vec<(ListingId, Withdrawn)>,
    },
    /// All that was asked for was withdrawn before.
    Same {
        /// The notice.
        notice: NoticeId,
    },
    /// All that is wrong with it. Nothing was changed.
    Refused(Refused),
}

/// Takes a notice back. Undecided cases in which nothing else is claimed are closed, removals that stood on it alone are
/// put back. The same withdrawal again changes nothing.
///
/// # Errors
/// Refused for whoever may not speak for the brand; what the store says.
pub async fn withdraw(house: &House, actor: &Actor, raw: &RawWithdrawal) -> Result<Taken> {
    race!(attempt(house, actor, raw))
}

async fn attempt(house: &House, actor: &Actor, raw: &RawWithdrawal) -> Result<Taken> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let brand: Option<BrandId> = raw.brand.trim().parse().ok();
    if let Some(brand) = &brand {
        speaks_for(&mut tx, actor, &Actor::brand(brand, "process")).await?;
    }
    let notice = match &brand {
        Some(brand) => named(&mut tx, brand, raw.notice.trim()).await?,
        None => None,
    };
    let claims: Vec<KnownClaim> = match notice {
        Some(notice) => notices::claims_in(&mut tx, notice)
            .await?
            .into_iter()
            .map(|claim| KnownClaim { listing: claim.listing, state: claim.state })
            .collect(),
        None => vec![],
    };
    let parsed = withdrawal::parse(raw, brand.as_ref(), notice.map(|notice| (notice, claims.as_slice())));
    let wanted = match parsed {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(Taken::Refused(refused)),
    };
    if wanted.listings.is_empty() {
        return Ok(Taken::Same { notice: wanted.notice });
    }
    let mut cases = cases::on_listings(&mut tx, &wanted.listings).await?;
    cases.retain(|case| case.brand == wanted.brand);
    // One order for everybody.
    cases.sort_unstable_by_key(|case| case.id);
    let mut listings = vec![];
    for case in &mut cases {
        let led_to = from_case(house, &mut tx, actor, case, &[wanted.notice], &wanted.why, now).await?;
        listings.push((case.listing.clone(), led_to));
    }
    listings.sort_unstable();
    let hook = brands::has_hook(&mut tx, &wanted.brand).await?;
    let told = Effect::to_brand(&wanted.brand, hook, Some(wanted.notice), BrandNews::Withdrawn { at: now });
    let told: Vec<_> = told.map(|effect| house.effect(effect, now)).collect();
    effects::add(&mut tx, &told, now).await?;
    let body = json!({ "brand": wanted.brand, "listings": listings.len() });
    let event = house.event(actor, "notice.withdrawn", format!("notice:{}", wanted.notice), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Taken::New { notice: wanted.notice, listings })
}

/// The brand's notice of this reference or id.
async fn named(tx: &mut Tx, brand: &BrandId, name: &str) -> Result<Option<NoticeId>> {
    if name.is_empty() || name.len() > 1000 {
        return Ok(None);
    }
    let pair = (brand.clone(), name.to_owned());
    if let Some(filed) = notices::with_references(tx, [&pair]).await?.pop() {
        return Ok(Some(filed.id));
    }
    let Ok(id) = name.parse() else { return Ok(None) };
    Ok(notices::is_of(tx, id, brand).await?.then_some(id))
}

/// Takes back the claims of these notices in one case, and does to the case what follows. `at` is one moment for all of a
/// withdrawal: by it the receipt finds what was withdrawn.
pub(super) async fn from_case(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    case: &mut Case,
    notices: &[NoticeId],
    why: &str,
    at: Time,
) -> Result<Withdrawn> {
    let claims = notices::claims_of(tx, case.id).await?;
    let counters = counter_notices::of_case(tx, case.id).await?;
    let after_counter =
        counters.iter().any(|counter| !matches!(counter.state, CounterState::Rejected | CounterState::Withdrawn));
    let were = withdrawals::take_back(tx, notices, case.id).await?;
    let of = |state: &str| i64::try_from(were.iter().filter(|was| *was == state).count()).unwrap_or(i64::MAX);
    let (open, accepted) = (of("open"), of("accepted"));
    brands::count_decided(tx, &case.brand, -accepted, 0).await?;
    case.claims = (case.claims - open).max(0);
    let in_force = case.state.decision().map(|(_, decision)| decision);
    let (open_left, accepted_left) = withdrawals::left(tx, case.id, in_force).await?;
    let led_to = match (in_force, case.state.keeps_down()) {
        (None, _) if open_left == 0 => Withdrawn::Closed,
        // Kept, contested by whoever filed another notice, and not ruled on yet.
        (None, _) | (Some(_), false) => Withdrawn::GoesOn,
        (Some(_), true) if accepted_left == 0 => Withdrawn::PutBack,
        (Some(_), true) => Withdrawn::StaysDown,
    };
    match (led_to, in_force) {
        (Withdrawn::PutBack, Some(decision)) => {
            if let Some(mut counter) = counter_notices::open_against(tx, case.id, decision).await? {
                counter.answer = Some(Answer::Withdraw);
                counter.answered = Some((actor.id().clone(), at));
                moved(house, tx, actor, &mut counter, table::Action::WithdrawNotice).await?;
            }
            reinstate(house, tx, actor, case, KeepReason::Withdrawn).await?;
        }
        (Withdrawn::Closed, _) => reinstate(house, tx, actor, case, KeepReason::Withdrawn).await?,
        _ => cases::save(tx, case).await?,
    }
    for notice in notices {
        let Some(claim) = claims.iter().find(|claim| claim.notice == *notice) else { continue };
        let row = Row {
            notice: *notice,
            listing: case.listing.clone(),
            brand: case.brand.clone(),
            case: case.id,
            reason: claim.reason,
            why: why.to_owned(),
            led_to,
            after_counter,
            by: actor.id().clone(),
            at,
        };
        withdrawals::add(tx, &row).await?;
    }
    Ok(led_to)
}
