//! What a moderator does to a case.

mod consequences;
mod contests;
mod desk;
mod note;

use std::time::Duration;

use serde_json::{Value, json};

use self::consequences::Consequences;
use super::{
    Actor, Error, House, Result,
    approval::{self, Waits},
    authorize, race, review,
};
use crate::{
    domain::{
        case::{Action, By, State, step},
        decision::{KeepReason, RemoveReason, Verdict},
        escalation::Desk,
        ids::{CaseId, DecisionId, OperatorId, SkipId},
        note::{Recipient, Visibility},
        operator::{Operator, Permission},
        refused::Refused,
        skip::SkipReason,
        time::Time,
    },
    store::{
        Tx, audit,
        cases::{self, Case},
        effects, groups, operators, reviews,
        skips::{self, Skip},
    },
};

/// What somebody wants done to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Take the listing down and penalise the seller.
    Remove(RemoveReason),
    /// Leave the listing up and refuse the claims.
    Keep(KeepReason),
    /// Keep the case for a while; at most the policy's `hold_max`.
    Hold {
        /// How long.
        span: Duration,
        /// What is waited for.
        reason: String,
    },
    /// Give a held case back to the queue.
    Release,
    /// Pass the case to a named operator.
    HandOver {
        /// To whom.
        to: OperatorId,
    },
    /// Pass the case to a desk; the note says why.
    Escalate {
        /// To which.
        desk: Desk,
        /// Whether somebody on call has to look at it now. Some desks are always called (see
        /// [`crate::domain::page::OnCallPolicy::urgent_desks`]).
        urgent: bool,
    },
    /// Take the decision back.
    Undo,
    /// Write a note on the case for colleagues; it leaves the house by no way.
    Note,
    /// Pass over it for now; on the record, so that skipped cases are seen. [`SkipReason::Other`] needs a note.
    Skip(SkipReason),
    /// Write a note on the case that is told to brand or seller, in a mail of its own.
    Tell {
        /// To whom.
        to: Recipient,
    },
}

/// One act on one case, as the person saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which case.
    pub case: CaseId,
    /// The version that was on the screen; `None` for whatever it is now (undo of one's own decision).
    pub version: Option<i64>,
    /// What to do.
    pub act: Act,
    /// The person's words for colleagues; at most 2,000 characters.
    pub note: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// Which case.
    pub case: CaseId,
    /// Its version now.
    pub version: i64,
    /// Where it stands now (see [`State::as_str`]).
    pub state: &'static str,
    /// Until when undo cancels without a trace outside, after a decision.
    pub grace_until: Option<Time>,
    /// After an undo: whether effects had been carried out and compensating ones were written.
    pub compensated: bool,
    /// When a second person has to say yes first: then nothing else was done.
    pub waits: Option<Waits>,
}

impl Acted {
    fn of(case: &Case) -> Self {
        let (id, version, state) = (case.id, case.version, case.state.as_str());
        Self { case: id, version, state, grace_until: None, compensated: false, waits: None }
    }
}

/// Takes or renews the lease on cases; gives those that the actor has now.
///
/// # Errors
/// Refused without [`Permission::Decide`].
pub async fn lease(house: &House, actor: &Actor, ids: &[CaseId]) -> Result<Vec<CaseId>> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Decide).await?;
    let mut leased = cases::lease(&mut tx, ids, actor.id(), house.policy.lease).await?;
    if leased.len() < ids.len() {
        leased.extend(reviews::lease(&mut tx, ids, actor.id(), house.policy.lease).await?);
    }
    tx.commit().await?;
    Ok(leased)
}

/// Gives leases back, all of the actor's if `ids` is `None`.
///
/// # Errors
/// What the store says.
pub async fn release(house: &House, actor: &Actor, ids: Option<&[CaseId]>) -> Result<()> {
    let mut tx = house.db.write().await?;
    cases::release(&mut tx, ids, actor.id()).await?;
    reviews::release(&mut tx, ids, actor.id()).await?;
    tx.commit().await?;
    Ok(())
}

/// Does one act on one case: the state, the record, the strikes, the effects and the audit event in one transaction.
///
/// # Errors
/// Refused by role, lease, hold, state or bad input; [`Error::Changed`] when the case changed since it was
/// seen. Then nothing is changed.
pub async fn act(house: &House, actor: &Actor, request: &Request) -> Result<Acted> {
    check(house, request)?;
    race!(attempt(house, actor, request))
}

/// Whether the words and lengths of a request make sense.
pub(super) fn check(house: &House, request: &Request) -> Result<()> {
    let words = |field: &str, text: &str, needed: bool| {
        if (needed && text.trim().is_empty()) || text.chars().count() > 2000 {
            Err(Refused::one(field, "it is empty or longer than 2,000 characters", "Say it in a few words."))
        } else {
            Ok(())
        }
    };
    let said =
        matches!(request.act, Act::Note | Act::Tell { .. } | Act::Escalate { .. } | Act::Skip(SkipReason::Other));
    words("note", &request.note, said)?;
    if let Act::Hold { span, reason } = &request.act {
        words("reason", reason, true)?;
        if span.is_zero() || *span > house.policy.hold_max {
            let most = house.policy.hold_max.as_secs() / 3600;
            return Err(Refused::one(
                "hold",
                format!("it is 0 or longer than {most} h"),
                format!("Hold up to {most} h."),
            )
            .into());
        }
    }
    Ok(())
}

async fn attempt(house: &House, actor: &Actor, request: &Request) -> Result<Acted> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let allowed = authorize(&mut tx, actor, Permission::Decide).await?;
    let by = allowed.by(actor);
    let Some(mut case) = cases::get(&mut tx, request.case).await? else {
        return review::act(house, actor, request, tx, &by).await;
    };
    check_lease(&case, actor, now)?;
    let Some(action) = action(house, &mut tx, &request.act, Some(&case)).await? else {
        return remark(house, actor, request, tx, case).await;
    };
    // The table speaks first: "ann already decided it" tells more than "the version changed".
    if let Err(refused) = step(&case.state, &action, &by, now) {
        return Err(desk::named(&mut tx, &case, &action, refused).await?.into());
    }
    if request.version.is_some_and(|seen| seen != case.version) {
        return Err(Error::Changed(format!("case {}", case.id)));
    }
    let filed = approval::instead_of(house, &mut tx, actor, &allowed, &case, &action, &request.note).await?;
    if let Some((waits, case)) = filed {
        // Whoever asked has done their part; a colleague may be the one who goes on with it.
        cases::release(&mut tx, Some(&[case.id]), actor.id()).await?;
        tx.commit().await?;
        return Ok(Acted { waits: Some(waits), ..Acted::of(&case) });
    }
    let contested = case.state.decision();
    let Stepped { grace_until, compensated } =
        apply(house, &mut tx, actor, &mut case, &action, &by, &request.note).await?;
    if let Act::Escalate { desk, urgent } = request.act
        && (urgent || house.policy.on_call.urgent_desks.contains(&desk))
    {
        desk::call(&mut tx, house, actor, &case, desk, &request.note).await?;
    }
    // A ruling that lets a decision stand is not another decision.
    let affirmed = contested.is_some() && case.state.decision() == contested;
    let event = house.event(
        actor,
        if affirmed { AFFIRMED } else { action_name(&request.act) },
        format!("case:{}", case.id),
        Some(case.id),
        body(request, &case.state, case.round, compensated),
    );
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Acted { grace_until, compensated, ..Acted::of(&case) })
}

/// What the transition table is asked; nothing for what changes no state.
pub(super) async fn action(house: &House, tx: &mut Tx, act: &Act, case: Option<&Case>) -> Result<Option<Action>> {
    Ok(Some(match act {
        Act::Note | Act::Tell { .. } | Act::Skip(_) => return Ok(None),
        Act::Remove(reason) => decide(house, Verdict::Remove(*reason)),
        Act::Keep(reason) => decide(house, Verdict::Keep(*reason)),
        Act::Hold { span, reason } => Action::Hold { until: house.clock.now() + *span, reason: reason.clone() },
        Act::Release => Action::Release,
        Act::HandOver { to } => {
            let to = check_recipient(tx, to).await?;
            if let Some(case) = case {
                desk::check_recipient(tx, case, &to).await?;
            }
            Action::HandOver { to: to.id }
        }
        Act::Escalate { desk, .. } => Action::Escalate { desk: *desk },
        Act::Undo => Action::Undo,
    }))
}

/// Lets nobody act on a case that another is looking at.
pub(crate) fn check_lease(case: &Case, actor: &Actor, now: Time) -> Result<()> {
    match case.lease.as_ref().filter(|lease| lease.by != *actor.id()) {
        None => Ok(()),
        Some(lease) => {
            let left = crate::domain::time::span_words(lease.until.since(now).max(0));
            let problem = format!("{} is on it for another {left}", lease.by);
            Err(Refused::one("case", problem, "Go on to the next case.").into())
        }
    }
}

/// What a step brought with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stepped {
    /// See [`Acted::grace_until`].
    pub grace_until: Option<Time>,
    /// See [`Acted::compensated`].
    pub compensated: bool,
}

/// One step of a case inside a transaction: asks the table, carries out what follows, writes the effects and saves the
/// case with the version it has in hand. Every command that changes a case's state comes through here, and writes its
/// own audit event.
pub(crate) async fn apply(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    case: &mut Case,
    action: &Action,
    by: &By,
    note: &str,
) -> Result<Stepped> {
    let now = house.clock.now();
    contests::check_ruler(tx, actor, case, action).await?;
    let (state, consequences) = step(&case.state, action, by, now)?;
    let was_decided = case.state.is_decided();
    case.state = state;
    let mut done = Consequences::of(house, actor, note, now);
    for consequence in consequences {
        done.carry(tx, case, consequence).await?;
    }
    let Consequences { effects: new, grace_until, compensated, .. } = done;
    effects::add(tx, &new, now).await?;
    cases::save_and_let_go(tx, case).await?;
    match (was_decided, case.state.is_decided()) {
        (false, true) => groups::forget(tx, case.id).await?,
        (true, false) => groups::index(tx, [case.id]).await?,
        _ => {}
    }
    Ok(Stepped { grace_until, compensated })
}

/// The action that decides so, with a new decision's id.
pub(crate) fn decide(house: &House, verdict: Verdict) -> Action {
    Action::Decide { verdict, decision: house.clock.id(DecisionId::from_ulid) }
}

async fn check_recipient(tx: &mut Tx, to: &OperatorId) -> Result<Operator> {
    let known =
        operators::get(tx, to).await?.filter(|operator| operator.enabled && operator.role.may(Permission::Decide));
    match known {
        Some(operator) => Ok(operator),
        None => Err(Refused::one(
            "to",
            format!("{to} does not decide cases here"),
            "Name a moderator or senior; `operators list` shows them.",
        )
        .into()),
    }
}

async fn remark(house: &House, actor: &Actor, request: &Request, mut tx: Tx, case: Case) -> Result<Acted> {
    let visibility = match request.act {
        Act::Note => Some(Visibility::Internal),
        Act::Tell { to } => Some(Visibility::Public(to)),
        _ => None,
    };
    let mut body = body(request, &case.state, case.round, false);
    if let Some(visibility) = visibility {
        note::write(&mut tx, house, actor, &case, visibility, request.note.trim()).await?;
        body["visibility"] = json!(visibility);
    }
    let event = house.event(actor, action_name(&request.act), format!("case:{}", case.id), Some(case.id), body);
    audit::add(&mut tx, &[event]).await?;
    if skip(house, &mut tx, actor, request).await? {
        cases::release(&mut tx, Some(&[case.id]), actor.id()).await?;
    }
    tx.commit().await?;
    Ok(Acted::of(&case))
}

/// Writes down that the case is passed over, if that is the act.
pub(super) async fn skip(house: &House, tx: &mut Tx, actor: &Actor, request: &Request) -> Result<bool> {
    let Act::Skip(reason) = request.act else { return Ok(false) };
    let id = house.clock.id(SkipId::from_ulid);
    let (by, note, at) = (actor.id().clone(), request.note.clone(), house.clock.now());
    skips::add(tx, &Skip { id, case: request.case, by, reason, note, at }).await?;
    Ok(true)
}

/// Writes down the decision that a case has now, made by a party or by time and not by an act of a person here.
pub(crate) async fn record(house: &House, tx: &mut Tx, actor: &Actor, case: &Case, note: &str) -> Result<()> {
    let Some((verdict, decision)) = case.state.decision() else { return Ok(()) };
    let body = json!({
        "outcome": verdict.outcome(), "reason": verdict.reason(), "decision": decision, "round": case.round,
        "automated": actor.is_automatic(), "note": note,
    });
    let event = house.event(actor, "case.decided", format!("case:{}", case.id), Some(case.id), body);
    Ok(audit::add(tx, &[event]).await?)
}

/// What is done to a case whose contested decision stands after all.
pub(crate) const AFFIRMED: &str = "case.affirmed";

pub(super) const fn action_name(act: &Act) -> &'static str {
    match act {
        Act::Remove(_) | Act::Keep(_) => "case.decided",
        Act::Hold { .. } => "case.held",
        Act::Release => "case.released",
        Act::HandOver { .. } => "case.handed_over",
        Act::Escalate { .. } => "case.escalated",
        Act::Undo => "case.undone",
        Act::Note => "case.noted",
        Act::Skip(_) => "case.skipped",
        Act::Tell { .. } => "case.told",
    }
}

pub(super) fn body(request: &Request, state: &State, round: i64, compensated: bool) -> Value {
    let mut body = match &request.act {
        Act::Hold { reason, .. } => json!({ "reason": reason }),
        Act::HandOver { to } => json!({ "to": to }),
        Act::Escalate { desk, urgent } => json!({ "desk": desk, "urgent": urgent }),
        Act::Undo => json!({ "compensated": compensated }),
        Act::Skip(reason) => json!({ "reason": reason }),
        _ => json!({}),
    };
    if let (Act::Remove(_) | Act::Keep(_), State::Decided { verdict, decision, .. }) = (&request.act, state) {
        body =
            json!({ "outcome": verdict.outcome(), "reason": verdict.reason(), "decision": decision, "round": round });
    }
    if !request.note.is_empty() {
        body["note"] = json!(request.note);
    }
    body
}
