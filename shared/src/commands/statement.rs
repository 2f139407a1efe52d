//! Statements of reasons: made in the transaction of what they explain, then sent to the register.

use std::time::Duration;

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        brand::Tier,
        decision::RemoveReason,
        ids::{CaseId, DecisionId, StatementId},
        operator::Permission,
        refused::{Fault, Refused},
        statement::{
            Made, Measure,
            build::{self, Automation, Pause, Removal, Source},
            personal::People,
        },
        time::Time,
    },
    store::{
        Tx, audit,
        authenticity::Request,
        cases::Case,
        statements::{
            self, Kept,
            grounds::{self, Grounds},
            register,
        },
    },
};

/// Writes statements that the register would take.
///
/// # Errors
/// Refused with everything that is wrong with one; then the caller's transaction must not be committed.
pub async fn add(tx: &mut Tx, made: &[Made]) -> Result<()> {
    for made in made {
        made.content.validate().map_err(|refused| {
            let fault = |fault: Fault| Fault { field: format!("statement.{}", fault.field), ..fault };
            Refused { faults: refused.faults.into_iter().map(fault).collect() }
        })?;
    }
    Ok(statements::add(tx, made).await?)
}

/// Makes the statement for the removal of a case's listing, beside the decision that removes it.
///
/// # Errors
/// Refused when nobody claims anything, or the register would not take the statement.
pub(crate) async fn explain(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    case: &Case,
    reason: RemoveReason,
    decision: DecisionId,
    due: Time,
) -> Result<()> {
    let Some(grounds) = grounds::of_case(tx, case.id).await? else {
        return Err(Refused::one(
            "claims",
            "nobody claims anything against this listing, so there is no reason to give its seller",
            "Keep it, or wait for a notice.",
        )
        .into());
    };
    let (id, now) = (house.clock.id(StatementId::from_ulid), house.clock.now());
    let people = People::new(&grounds.people);
    let content = build::removal(&Removal {
        id,
        reason,
        code: Some(grounds.code),
        right: &grounds.right,
        source: source(&grounds),
        detected: false,
        automation: if actor.is_automatic() { Automation::Fully } else { Automation::None },
        posted: grounds.posted,
        territory: &grounds.territory,
        applies: now,
        people: &people,
    });
    let made = Made {
        id,
        measure: Measure::Listing,
        seller: case.seller.clone(),
        case: Some(case.id),
        decision: Some(decision),
        at: now,
        due,
        content,
    };
    add(tx, &[made]).await
}

/// Whether anything that somebody claims about a case could be told to its seller as a reason.
pub(crate) async fn has_grounds(tx: &mut Tx, case: CaseId) -> Result<bool> {
    Ok(grounds::of_case(tx, case).await?.is_some())
}

/// Makes the statement for hiding a case's listing from sale while a question about it is unanswered.
///
/// # Errors
/// As [`explain`].
pub(crate) async fn explain_pause(house: &House, tx: &mut Tx, case: &Case, request: &Request) -> Result<()> {
    let Some(grounds) = grounds::of_case(tx, case.id).await? else {
        let fix = "Decide the case, or wait for a notice.";
        return Err(Refused::one("claims", "nobody claims anything against this listing any more", fix).into());
    };
    let (id, now) = (house.clock.id(StatementId::from_ulid), house.clock.now());
    let content = build::pause(&Pause {
        id,
        right: &grounds.right,
        source: source(&grounds),
        asked: request.asked,
        until: request.until,
        posted: grounds.posted,
        territory: &grounds.territory,
        applies: now,
        people: &People::new(&grounds.people),
        policy: &house.policy.reasons,
    });
    let made = Made {
        id,
        measure: Measure::Pause,
        seller: case.seller.clone(),
        case: Some(case.id),
        decision: None,
        at: now,
        due: now + house.policy.reasons.send_after,
        content,
    };
    add(tx, &[made]).await
}

fn source(grounds: &Grounds) -> Source<'_> {
    match grounds.tier {
        Tier::TrustedFlagger => Source::TrustedFlagger { name: &grounds.brand_name, filed: grounds.filed },
        _ => Source::Notice { filed: grounds.filed },
    }
}

/// What the register said to a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settlement {
    /// What it has now, each with its id for it where it told one.
    pub accepted: Vec<(StatementId, Option<String>)>,
    /// What it won't take, and why.
    pub rejected: Vec<(StatementId, String)>,
}

/// The next statements for the register, oldest first: none while it is left alone after a failure.
///
/// # Errors
/// What the store says.
pub async fn next_batch(house: &House) -> Result<Vec<Kept>> {
    let now = house.clock.now();
    let mut conn = house.db.read().await?;
    if register::backoff(&mut conn).await?.1 > now {
        return Ok(vec![]);
    }
    let most = i64::try_from(house.policy.reasons.batch).unwrap_or(i64::MAX);
    Ok(statements::waiting(&mut conn, now, most).await?)
}

/// Writes down what the register said. What no longer waited is passed over, so a late answer changes nothing.
///
/// # Errors
/// What the store says; then nothing is changed, and the register is asked again.
pub async fn settle(house: &House, actor: &Actor, settlement: &Settlement) -> Result<()> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let mut accepted = vec![];
    for (id, uuid) in &settlement.accepted {
        if statements::accept(&mut tx, *id, uuid.as_deref(), now).await? {
            accepted.push(*id);
        }
    }
    let mut events = vec![];
    for (id, why) in &settlement.rejected {
        if statements::reject(&mut tx, *id, why, now).await? {
            events.push(house.event(actor, "statement.rejected", subject(*id), None, json!({ "reason": why })));
        }
    }
    if !accepted.is_empty() {
        let body = json!({ "statements": accepted });
        events.push(house.event(actor, "register.accepted", "register".to_owned(), None, body));
    }
    register::answered(&mut tx, !accepted.is_empty(), now).await?;
    audit::add(&mut tx, &events).await?;
    Ok(tx.commit().await?)
}

/// Notes that the register failed, and leaves it alone for a while: longer each time, and never shorter than it asked.
/// Gives when it is called again.
///
/// # Errors
/// What the store says.
pub async fn put_off(house: &House, why: &str, asked: Option<Duration>) -> Result<Time> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let failures = register::backoff(&mut tx).await?.0 + 1;
    let next = now + house.policy.reasons.wait_after(failures).max(asked.unwrap_or_default());
    register::failed(&mut tx, failures, why, next, now).await?;
    tx.commit().await?;
    Ok(next)
}

/// Lets rejected statements wait for the register again, and has it called at once. Gives those that were rejected.
///
/// # Errors
/// Refused without [`Permission::RunEffects`].
pub async fn retry(house: &House, actor: &Actor, ids: &[StatementId]) -> Result<Vec<StatementId>> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    let retried = statements::retry(&mut tx, ids, now).await?;
    register::call_now(&mut tx, now).await?;
    let events: Vec<_> =
        retried.iter().map(|id| house.event(actor, "statement.retried", subject(*id), None, json!({}))).collect();
    audit::add(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(retried)
}

fn subject(id: StatementId) -> String {
    format!("statement:{id}")
}
