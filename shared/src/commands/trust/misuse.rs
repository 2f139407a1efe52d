//! Notifiers in bad faith: warned, suspended, their open notices refused (DSA art. 23).

use std::time::Duration;

use serde_json::json;

use super::{command, words};
use crate::{
    commands::{
        Actor, Error, House, Result,
        approval::{self, Waits},
        authorize,
        case::{self, Act, Request},
    },
    domain::{
        brand::Tier,
        decision::KeepReason,
        ids::{BrandId, CaseId},
        operator::Permission,
        refused::Refused,
        span,
        trust::{Standing, Suspension, Warning},
    },
    store::{audit, cases, trust},
};

/// Cases looked up at a time.
const PAGE: i64 = 200;
/// The longest suspension by a person: two years. Longer than that is another decision.
const SUSPENSION_MAX: Duration = Duration::from_secs(730 * 86_400);

/// Warns a rights holder of its suspension.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], without a reason, and for who is suspended.
pub async fn warn(house: &House, actor: &Actor, brand: &BrandId, why: &str) -> Result<Standing> {
    let why = words(why)?;
    let at = house.clock.now();
    command(house, actor, brand, "brand.warned", json!({ "why": why }), |standing| {
        not_suspended(standing)?;
        standing.warned = Some(Warning { at, why: why.to_owned() });
        Ok(())
    })
    .await
}

/// Suspends a rights holder that was warned, for the policy's time if `span` is `None`. It ends by itself.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], without a reason, without a warning in force, for who is suspended, and
/// for a span of less than an hour or more than two years.
pub async fn suspend(
    house: &House,
    actor: &Actor,
    brand: &BrandId,
    span: Option<Duration>,
    why: &str,
) -> Result<Standing> {
    let why = words(why)?;
    let span = span.unwrap_or(house.policy.trust.suspension);
    if !(Duration::from_secs(3600)..=SUSPENSION_MAX).contains(&span) {
        let problem = format!("{} is no time to suspend somebody for", span::words(span));
        return Err(Refused::one("span", problem, format!("Give 1 h to {}.", span::words(SUSPENSION_MAX))).into());
    }
    let since = house.clock.now();
    let body = json!({ "why": why, "until": (since + span).to_string() });
    command(house, actor, brand, "brand.suspended", body, |standing| {
        not_suspended(standing)?;
        if standing.warned.as_ref().is_none_or(|warning| warning.at + house.policy.trust.warning <= since) {
            let problem = "it was not warned; nobody is suspended without a warning (DSA art. 23)";
            return Err(Refused::one("brand", problem, "Warn it first with `brand warn`."));
        }
        standing.suspended = Some(Suspension { since, until: Some(since + span), why: why.to_owned() });
        Ok(())
    })
    .await
}

/// Ends a suspension before its time.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], without a reason, and for who is not suspended.
pub async fn reinstate(house: &House, actor: &Actor, brand: &BrandId, reason: &str) -> Result<Standing> {
    command(house, actor, brand, "brand.reinstated", json!({ "reason": words(reason)? }), |standing| {
        if standing.suspended.take().is_none() {
            return Err(Refused::one("brand", "it is not suspended", "Nothing to do."));
        }
        // What led to the suspension is paid for; the next one needs another warning.
        standing.warned = None;
        Ok(())
    })
    .await
}

fn not_suspended(standing: &Standing) -> std::result::Result<(), Refused> {
    match &standing.suspended {
        Some(suspension) => {
            let until = suspension.until.map_or_else(String::new, |until| format!(" until {until}"));
            Err(Refused::one("brand", format!("it is suspended already{until}"), "Reinstate it first, or wait."))
        }
        None => Ok(()),
    }
}

/// What refusing a notifier's open notices did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Swept {
    /// Cases whose claims were refused as abusive.
    pub refused: Vec<CaseId>,
    /// Cases that were passed over, and why: somebody is on them, a desk has them.
    pub passed: Vec<(CaseId, String)>,
    /// Requests for a second person, where they are more than one may decide: nothing was refused yet.
    pub waits: Vec<Waits>,
}

/// Refuses every open claim of a suspended notifier as abusive, in one go: each case with its own decision, which can be
/// undone alone. More than the policy's `batch_max` are asked for, as many in a request as one request may decide. Stopped
/// in between, it goes on when it is called again.
///
/// # Errors
/// Refused without [`Permission::Decide`] and [`Permission::Overturn`], without words for the record, and for who is not
/// suspended.
pub async fn refuse_open(house: &House, actor: &Actor, brand: &BrandId, note: &str) -> Result<Swept> {
    let note = words(note)?;
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Overturn).await?;
    authorize(&mut tx, actor, Permission::Decide).await?;
    let tier = trust::standing(&mut tx, brand).await?.map(|standing| standing.tier);
    if tier != Some(Tier::Suspended) {
        let fix = "Suspend it first with `brand suspend`, or decide its cases one by one.";
        return Err(Refused::one("brand", format!("{brand} is not suspended"), fix).into());
    }
    drop(tx);
    let requests = open_cases(house, brand, note).await?;
    let mut swept = Swept::default();
    if requests.len() > house.policy.batch_max {
        for some in requests.chunks(house.policy.approvals.cases_max) {
            swept.waits.push(approval::ask_together(house, actor, some).await?);
        }
    } else {
        for request in requests {
            let id = request.case;
            match case::act(house, actor, &Request { version: None, ..request }).await {
                Ok(_) => swept.refused.push(id),
                Err(Error::Refused(refused)) => swept.passed.push((id, refused.to_string())),
                Err(error @ Error::Changed(_)) => swept.passed.push((id, error.to_string())),
                Err(error) => return Err(error),
            }
        }
    }
    let mut tx = house.db.write().await?;
    let waits: Vec<_> = swept.waits.iter().map(|waits| waits.approval).collect();
    let body = json!({ "refused": swept.refused.len(), "passed": swept.passed.len(), "waits": waits, "note": note });
    audit::add(&mut tx, &[house.event(actor, "brand.open_refused", format!("brand:{brand}"), None, body)]).await?;
    tx.commit().await?;
    Ok(swept)
}

/// What refusing the brand's undecided cases asks for, each as it is now.
async fn open_cases(house: &House, brand: &BrandId, note: &str) -> Result<Vec<Request>> {
    let (mut requests, mut after) = (vec![], None);
    let mut conn = house.db.read().await?;
    loop {
        let open = cases::undecided_of(&mut conn, brand, after, PAGE).await?;
        let Some((last, _)) = open.last() else { return Ok(requests) };
        after = Some(*last);
        requests.extend(open.into_iter().map(|(case, version)| Request {
            case,
            version: Some(version),
            act: Act::Keep(KeepReason::Abusive),
            note: note.to_owned(),
        }));
    }
}
