//! Carrying out what was approved, in the requester's name, inside the transaction of the approval.

use serde_json::{Value, json};

use super::{
    super::{Actor, House, Result, authorize},
    answer::look_again,
    requester,
};
use crate::{
    commands::{automatic, case, policy},
    domain::{
        approval::{Seen, Wanted},
        audit::Event,
        case::Action,
        decision::Verdict,
        ids::{CaseId, DecisionId, OperatorId},
        operator::Permission,
        penalty::Imposed,
        refused::Refused,
        seller::Level,
    },
    store::{Tx, approvals::Approval, audit, cases, decisions, effects, penalties},
};

/// How the requester is vouched for: by the request they made, and by whoever approved it.
const AUTH: &str = "approval";

/// Carries a request out. Its cases have to be as they were seen.
pub(super) async fn carry(house: &House, tx: &mut Tx, approval: &Approval, by: &OperatorId) -> Result<()> {
    let actor = requester(approval);
    match &approval.wanted {
        Wanted::Decide { verdict, cases, note } => {
            decide(house, tx, &actor, approval, by, Some(*verdict), cases, note).await
        }
        Wanted::Undo { cases, note } => decide(house, tx, &actor, approval, by, None, cases, note).await,
        Wanted::Terminate { seller, points, .. } => {
            let imposed = Imposed {
                approval: approval.id,
                because_of: seller.clone(),
                level: Level::Terminated,
                at: house.clock.now(),
                until: None,
            };
            penalties::impose(tx, seller, &imposed).await?;
            effects::add(tx, &[look_again(house, seller)], house.clock.now()).await?;
            let body = json!({ "points": points });
            write(house, tx, &actor, approval, by, "seller.terminated", format!("seller:{seller}"), None, body).await
        }
        Wanted::LetGo { guarded, note, .. } => {
            authorize(tx, &actor, Permission::Overturn).await?;
            automatic::let_go(house, tx, &actor, guarded).await?;
            let subject = format!("breaker:{guarded}");
            let body = json!({ "reason": note });
            write(house, tx, &actor, approval, by, "breaker.closed", subject, None, body).await
        }
        Wanted::Policy { from, overrides, changes, note } => {
            authorize(tx, &actor, Permission::ManagePolicy).await?;
            let version = policy::add(house, tx, &actor, *from, overrides.clone(), changes, note).await?;
            let body = json!({ "version": version, "changes": changes, "reason": note });
            write(house, tx, &actor, approval, by, "policy.changed", format!("policy:{version}"), None, body).await
        }
        Wanted::PunishLinked { worst, level, until, sellers, note } => {
            authorize(tx, &actor, Permission::Decide).await?;
            for seller in sellers {
                let imposed = Imposed {
                    approval: approval.id,
                    because_of: worst.clone(),
                    level: *level,
                    at: house.clock.now(),
                    until: *until,
                };
                penalties::impose(tx, seller, &imposed).await?;
                effects::add(tx, &[look_again(house, seller)], house.clock.now()).await?;
                let body = json!({ "because_of": worst, "level": level, "until": until, "note": note });
                let subject = format!("seller:{seller}");
                write(house, tx, &actor, approval, by, "seller.punished_with", subject, None, body).await?;
            }
            Ok(())
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one step of one command")]
async fn decide(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    approval: &Approval,
    approver: &OperatorId,
    verdict: Option<Verdict>,
    cases: &[Seen],
    note: &str,
) -> Result<()> {
    // The requester may have been disabled, or have lost the role, since.
    let by = authorize(tx, actor, Permission::Decide).await?.by(actor);
    for seen in cases {
        let Some(mut case) = cases::get(tx, seen.case).await? else { continue };
        if let Some(lease) = case.lease.as_ref().filter(|lease| lease.by != *actor.id() && lease.by != *approver) {
            let problem = format!("{} has case {} open", lease.by, case.id);
            return Err(Refused::one("case", problem, "Approve again when they are done.").into());
        }
        let decision = house.clock.id(DecisionId::from_ulid);
        let action = match verdict {
            Some(verdict) => Action::Decide { verdict, decision },
            None => Action::Undo,
        };
        let contested = case.state.decision();
        let stepped = case::apply(house, tx, actor, &mut case, &action, &by, note).await?;
        let (name, mut body) = match case.state.decision() {
            Some((verdict, decision)) if contested == Some((verdict, decision)) => {
                (case::AFFIRMED, json!({ "outcome": verdict.outcome(), "decision": decision }))
            }
            Some((verdict, decision)) if action != Action::Undo => {
                decisions::approved(tx, &[decision], approver).await?;
                let (outcome, reason) = (verdict.outcome(), verdict.reason());
                let body = json!({ "outcome": outcome, "reason": reason, "decision": decision, "round": case.round });
                ("case.decided", body)
            }
            _ => ("case.undone", json!({ "compensated": stepped.compensated })),
        };
        if !note.is_empty() {
            body["note"] = json!(note);
        }
        let subject = format!("case:{}", case.id);
        write(house, tx, actor, approval, approver, name, subject, Some(case.id), body).await?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the fields of an audit event")]
async fn write(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    approval: &Approval,
    approver: &OperatorId,
    action: &str,
    subject: String,
    case: Option<CaseId>,
    mut body: Value,
) -> Result<()> {
    body["approval"] = json!(approval.id);
    body["approved_by"] = json!(approver);
    let event = Event { auth: AUTH.to_owned(), ..house.event(actor, action, subject, case, body) };
    audit::add(tx, &[event]).await?;
    Ok(())
}
