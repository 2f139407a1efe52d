//! Appeals: opened by the seller or by whoever filed the notice; ruled on by deciding the case again
//! ([`super::case::act`]), by another person than the decider.

use serde_json::json;

use super::{Actor, House, Result, case, party::speaks_for, race};
use crate::{
    domain::{
        appeal::{self, Appeal, AppealNews, AppealState, Appellant, InForce, RawAppeal},
        case::{Action, By, State},
        effect::{BrandNews, Effect, SellerNews},
        ids::{AppealId, BrandId, CaseId, CounterId, SellerId},
        priority::{self, Factors},
        refused::Refused,
        time::Time,
    },
    store::{
        Tx,
        appeals::{self, Filed},
        audit, brands,
        cases::{self, Case},
        counter_notices::{self, Counter},
        decisions, effects, listings, notices,
    },
};

/// What became of an appeal that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// The case is in the queue again, for another person than the decider.
    New {
        /// Its id.
        appeal: AppealId,
        /// The case.
        case: CaseId,
        /// When it is to be ruled on.
        due: Time,
    },
    /// It was sent before: a resend.
    Same {
        /// The id it has since then.
        appeal: AppealId,
    },
    /// All that is missing, each with field and fix. Nothing was changed.
    Refused(Refused),
}

/// Opens an appeal. Sending the same one again changes nothing.
///
/// # Errors
/// Refused for whoever may not speak for the seller or the brand; what the store says.
pub async fn open(house: &House, actor: &Actor, raw: &RawAppeal) -> Result<Opened> {
    race!(attempt(house, actor, raw))
}

async fn attempt(house: &House, actor: &Actor, raw: &RawAppeal) -> Result<Opened> {
    let mut tx = house.db.write().await?;
    let seller: Option<SellerId> = raw.seller.trim().parse().ok();
    let brand: Option<BrandId> = raw.brand.trim().parse().ok();
    let party = match (&seller, &brand) {
        (Some(seller), None) => Some(Actor::seller(seller, "process")),
        (None, Some(brand)) => Some(Actor::brand(brand, "process")),
        _ => None,
    };
    if let Some(party) = &party {
        speaks_for(&mut tx, actor, party).await?;
        if let Some(filed) = appeals::with_reference(&mut tx, party.id().as_str(), &raw.reference()).await? {
            return Ok(if filed.appeal.digest == raw.digest() {
                Opened::Same { appeal: filed.id }
            } else {
                let problem = format!("{} was used before, for another appeal", raw.reference());
                Opened::Refused(Refused::one("reference", problem, "Give each appeal its own reference."))
            });
        }
    }
    let case = match raw.case.trim().parse() {
        Ok(id) => cases::get(&mut tx, id).await?,
        Err(_) => None,
    };
    let known = match &case {
        Some(case) => Some(in_force(&mut tx, case, seller.as_ref()).await?),
        None => None,
    };
    let policy = &house.policy;
    let appeal = appeal::parse(raw, known.as_ref(), &policy.appeals, &policy.calendar, house.clock.now());
    let (appeal, mut case) = match (appeal, case) {
        (Ok(appeal), Some(case)) => (appeal, case),
        (Err(refused), _) => return Ok(Opened::Refused(refused)),
        (Ok(_), None) => {
            return Ok(Opened::Refused(Refused::one("case", "it is not known", "Copy it from the letter.")));
        }
    };
    let id = file(house, &mut tx, actor, appeal, None, &mut case).await?;
    tx.commit().await?;
    Ok(Opened::New { appeal: id, case: case.id, due: case.due })
}

/// Whoever appealed takes it back: the decision stands, and nobody rules. Taking it back again changes nothing.
///
/// # Errors
/// Refused for whoever may not speak for them, when it was ruled on, and when a counter-notice waits for the same ruling.
pub async fn withdraw(house: &House, actor: &Actor, id: AppealId) -> Result<CaseId> {
    race!(attempt_to_withdraw(house, actor, id))
}

async fn attempt_to_withdraw(house: &House, actor: &Actor, id: AppealId) -> Result<CaseId> {
    let mut tx = house.db.write().await?;
    let unknown = || Refused::one("appeal", format!("{id} is not known"), "Copy the id from the receipt.");
    let filed = appeals::get(&mut tx, id).await?.ok_or_else(unknown)?;
    let party = match &filed.appeal.by {
        Appellant::Seller(seller) => Actor::seller(seller, "process"),
        Appellant::Notifier(brand, _) => Actor::brand(brand, "process"),
    };
    if matches!(actor, Actor::Party { .. }) && actor.id() != party.id() {
        // A stranger must not learn which appeals there are.
        return Err(unknown().into());
    }
    speaks_for(&mut tx, actor, &party).await?;
    let case = filed.appeal.case;
    match filed.state {
        AppealState::Open => {}
        AppealState::Withdrawn => return Ok(case),
        ruled => {
            let fix = "Nothing to take back; you were told of the ruling.";
            return Err(Refused::one("appeal", format!("it was ruled on already ({ruled})"), fix).into());
        }
    }
    let waits = |counter: &Counter| counter.closed.is_none() && counter.appeal == Some(id);
    if counter_notices::of_case(&mut tx, case).await?.iter().any(waits) {
        let fix = "Wait for the ruling; you are told.";
        return Err(Refused::one("appeal", "a counter-notice is before the same person", fix).into());
    }
    let Some(mut of) = cases::get(&mut tx, case).await? else {
        return Err(Refused::one("case", format!("{case} is not known"), "Nothing to take back.").into());
    };
    drop_from(house, &mut tx, actor, &mut of, id).await?;
    tx.commit().await?;
    Ok(case)
}

/// Takes the open appeal of a case back. What was reported meanwhile waits for a reviewer, as after any decision that
/// kept the listing.
pub(super) async fn drop_from(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    of: &mut Case,
    appeal: AppealId,
) -> Result<()> {
    let by = By::system(actor.id().clone());
    case::apply(house, tx, actor, of, &Action::WithdrawAppeal, &by, "").await?;
    if of.claims > 0 {
        case::apply(house, tx, actor, of, &Action::Report, &by, "").await?;
    }
    let body = json!({ "appeal": appeal });
    let event = house.event(actor, "appeal.withdrawn", format!("case:{}", of.id), Some(of.id), body);
    Ok(audit::add(tx, &[event]).await?)
}

async fn in_force(tx: &mut Tx, case: &Case, seller: Option<&SellerId>) -> Result<InForce> {
    let mut known = InForce {
        case: case.id,
        seller: case.seller.clone(),
        brand: case.brand.clone(),
        decision: None,
        notice: None,
        appealed: matches!(case.state, State::Appealed { .. }),
    };
    let Some((verdict, decision)) = case.state.decision() else { return Ok(known) };
    let Some(made) = decisions::get_many(tx, &[decision]).await?.pop() else { return Ok(known) };
    known.decision = Some((decision, verdict, made.at));
    known.notice = notices::answered_by(tx, decision, case.id).await?.pop();
    // A review of a counter-notice is not the seller's one appeal.
    known.appealed |= appeals::of_case(tx, case.id).await?.iter().any(|filed| {
        let by_seller = matches!(filed.appeal.by, Appellant::Seller(_));
        let is_theirs = filed.counter.is_none() && filed.state != AppealState::Withdrawn;
        filed.appeal.decision == decision && is_theirs && by_seller == seller.is_some()
    });
    Ok(known)
}

/// Writes an appeal and brings its case into the queue again, with a deadline of its own.
pub(super) async fn file(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    appeal: Appeal,
    counter: Option<CounterId>,
    of: &mut Case,
) -> Result<AppealId> {
    let now = house.clock.now();
    let State::Decided { by: decider, .. } = &of.state else {
        return Err(Refused::one("case", "it is not decided, or contested already", "Wait for the ruling.").into());
    };
    let filed = Filed {
        id: house.clock.id(AppealId::from_ulid),
        appeal,
        counter,
        decider: decider.clone(),
        state: AppealState::Open,
        opened: now,
        due: house.policy.calendar.due(house.policy.appeals.due, now),
        ruled: None,
    };
    (of.due, of.opened) = (filed.due, now);
    rank(tx, of).await?;
    let action = Action::Appeal { appeal: filed.id };
    case::apply(house, tx, actor, of, &action, &By::system(actor.id().clone()), "").await?;
    appeals::add(tx, &filed).await?;
    let told = news(tx, &filed, AppealNews::Received).await?;
    let told: Vec<_> = told.into_iter().map(|effect| house.effect(effect, now)).collect();
    effects::add(tx, &told, now).await?;
    let body = json!({ "appeal": filed.id, "decision": filed.appeal.decision, "counter": counter });
    let event = house.event(actor, "case.appealed", format!("case:{}", of.id), Some(of.id), body);
    audit::add(tx, &[event]).await?;
    Ok(filed.id)
}

/// The case's place in the queue, as of now.
async fn rank(tx: &mut Tx, case: &mut Case) -> Result<()> {
    let Some(brand) = brands::get(tx, &case.brand).await? else { return Ok(()) };
    let listing = listings::at_version(tx, &case.listing, case.snapshot_version).await?;
    case.rank = priority::rank(&Factors {
        tier: brand.tier,
        due: case.due,
        severity: case.severity,
        record: brand.record,
        sold: listing.map_or(0, |listing| listing.sold),
        reports: case.reports,
        claims: case.claims,
    });
    Ok(())
}

/// What tells whoever appealed.
pub(super) async fn news(tx: &mut Tx, filed: &Filed, step: AppealNews) -> Result<Vec<Effect>> {
    let (case, appeal) = (filed.appeal.case, filed.id);
    match &filed.appeal.by {
        // Whose counter-notice it is has heard that a person rules on it.
        Appellant::Seller(_) if filed.counter.is_some() && step == AppealNews::Received => Ok(vec![]),
        Appellant::Seller(seller) => {
            let news = SellerNews::Appeal { case, appeal, step };
            Ok(vec![Effect::MailSeller { seller: seller.clone(), news }])
        }
        Appellant::Notifier(brand, notice) => {
            let news = BrandNews::Appeal { case, appeal, step };
            let hook = brands::has_hook(tx, brand).await?;
            Ok(Effect::to_brand(brand, hook, Some(*notice), news).collect())
        }
    }
}
