//! What the passing of time does to questions: the reminder at half time, and what follows silence. Each once, however
//! many workers ask.

use serde_json::json;

use super::{come_back, tell_brand};
use crate::{
    commands::{
        Actor, Error, House, Result,
        case::{apply, decide, record},
        race, statement,
    },
    domain::{
        authenticity::{Action, Silence, step},
        case::{Action as CaseAction, By},
        decision::{KeepReason, Verdict},
        effect::Effect,
        ids::RequestId,
    },
    store::{audit, authenticity, cases, effects},
};

/// Requests that one call looks at.
const AT_ONCE: i64 = 200;

/// Reminds the brands whose half time has come and who have not answered, at most 200 a call. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn remind_brands(house: &House, actor: &Actor) -> Result<usize> {
    race!(remind(house, actor))
}

async fn remind(house: &House, actor: &Actor) -> Result<usize> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let due = authenticity::remind(&mut tx, now, AT_ONCE).await?;
    let (mut told, mut events) = (vec![], vec![]);
    for request in &due {
        told.extend(tell_brand(house, &mut tx, request, true, now).await?);
        let body = json!({ "request": request.id, "until": request.until.to_string() });
        let subject = format!("case:{}", request.case);
        events.push(house.event(actor, "authenticity.reminded", subject, Some(request.case), body));
    }
    if due.is_empty() {
        return Ok(0);
    }
    effects::add(&mut tx, &told, now).await?;
    audit::add(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(due.len())
}

/// Does what follows the silence of brands whose deadline has passed, at most 200 a call. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn end_silence(house: &House, actor: &Actor) -> Result<usize> {
    let now = house.clock.now();
    let over = authenticity::overdue(&mut house.db.read().await?, now, AT_ONCE).await?;
    let mut ended = 0;
    for id in over {
        match race!(end(house, actor, id)) {
            Ok(done) => ended += usize::from(done),
            // One case that can't be moved must not stop the others' clocks.
            Err(Error::Refused(refused)) => tracing::warn!(request = %id, "silence can't be ended: {refused}"),
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

async fn end(house: &House, actor: &Actor, id: RequestId) -> Result<bool> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let Some(mut request) = authenticity::get(&mut tx, id).await? else { return Ok(false) };
    let seen = request.state;
    // The seller could be told no reason for a pause when all claims were taken back meanwhile.
    if request.silence == Silence::Pause && !statement::has_grounds(&mut tx, request.case).await? {
        request.silence = Silence::Moderator;
    }
    // It may have been answered since the list was made, or ended by another worker: then there is nothing to do.
    let Ok(state) = step(seen, Action::Deadline(request.silence), request.until, now) else { return Ok(false) };
    request.state = state;
    request.ended = Some((actor.id().clone(), now));
    authenticity::save(&mut tx, seen, &request).await?;
    let Some(mut case) = cases::get(&mut tx, request.case).await? else { return Ok(false) };
    if request.silence == Silence::KeepUp {
        let rule = Actor::automatic("silence");
        let by = By::system(rule.id().clone());
        let action = decide(house, Verdict::Keep(KeepReason::WeakEvidence));
        let note = "The rights holder was asked and did not answer in time.";
        apply(house, &mut tx, &rule, &mut case, &action, &by, note).await?;
        record(house, &mut tx, &rule, &case, note).await?;
    } else {
        come_back(&mut case, request.asked, now, 0);
        let by = By::system(actor.id().clone());
        apply(house, &mut tx, actor, &mut case, &CaseAction::Answered, &by, "").await?;
    }
    if request.state.pauses() {
        statement::explain_pause(house, &mut tx, &case, &request).await?;
        let (listing, id) = (request.listing.clone(), request.id);
        let pause = house.effect(Effect::PauseListing { listing, case: case.id, request: id }, now);
        effects::add(&mut tx, &[pause], now).await?;
    }
    let body = json!({ "request": request.id, "follows": request.silence });
    let event = house.event(actor, "authenticity.silent", format!("case:{}", case.id), Some(case.id), body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}
