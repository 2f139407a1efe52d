//! What the decisions of others do to questions. Called inside the transaction of the step that causes it.

use super::come_back;
use crate::{
    commands::{Actor, Result},
    domain::{
        authenticity::{Action, step},
        ids::{CaseId, RequestId},
        time::Time,
    },
    store::{
        Tx,
        authenticity::{self, Request},
        cases::Case,
    },
};

/// Nobody waits for the answer any more: the case left the state in which it does. Back in the queue, it gets the time back
/// that it waited.
pub(in crate::commands) async fn close(
    tx: &mut Tx,
    actor: &Actor,
    case: &mut Case,
    id: RequestId,
    now: Time,
) -> Result<()> {
    let Some(request) = authenticity::get(tx, id).await? else { return Ok(()) };
    let asked = request.asked;
    if withdraw(tx, actor, request, now).await? && case.state.decision().is_none() {
        come_back(case, asked, now, 0);
    }
    Ok(())
}

/// The case was decided: questions that went unanswered can change nothing any more. Gives the one, if any, that hid the
/// listing from sale.
pub(in crate::commands) async fn settle(
    tx: &mut Tx,
    actor: &Actor,
    case: CaseId,
    now: Time,
) -> Result<Option<RequestId>> {
    let mut paused = None;
    for request in authenticity::unanswered(tx, case).await? {
        let (id, paused_it) = (request.id, request.state.pauses());
        if withdraw(tx, actor, request, now).await? && paused_it {
            paused = Some(id);
        }
    }
    Ok(paused)
}

async fn withdraw(tx: &mut Tx, actor: &Actor, mut request: Request, now: Time) -> Result<bool> {
    let seen = request.state;
    // Answered or silent in this very transaction: nothing to withdraw.
    let Ok(state) = step(seen, Action::Withdraw, request.until, now) else { return Ok(false) };
    request.state = state;
    request.ended = Some((actor.id().clone(), now));
    authenticity::save(tx, seen, &request).await?;
    Ok(true)
}

/// The decision of a case was taken back: what its rights holder had cleared is open again.
pub(in crate::commands) async fn lift_of_case(tx: &mut Tx, actor: &Actor, case: CaseId, now: Time) -> Result<()> {
    Ok(authenticity::lift_of_case(tx, case, actor.id(), now).await?)
}
