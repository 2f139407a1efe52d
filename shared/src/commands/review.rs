//! A reviewer's answer to a second look. It goes the way of a decision, through the same transition table, the same words
//! and the same record, so that nothing tells the two apart; what the table says follows is left out, all of it.

use serde_json::json;

use super::{
    Actor, Error, House, Result,
    case::{self, Act, Acted, Request},
};
use crate::{
    domain::{
        audit::Event,
        case::{Action, By, State, step},
        ids::CaseId,
        note::Visibility,
        quality::{ReviewState, SampleKind},
        refused::Refused,
    },
    store::{
        Tx, audit,
        reviews::{self, Given, Review},
        samples,
    },
};

/// As [`case::act`], on what is no case.
pub(super) async fn act(house: &House, actor: &Actor, request: &Request, mut tx: Tx, by: &By) -> Result<Acted> {
    let now = house.clock.now();
    let mut review = find(&mut tx, actor, request.case).await?;
    let Some(action) = case::action(house, &mut tx, &request.act, None).await? else {
        if case::skip(house, &mut tx, actor, request).await? {
            reviews::release(&mut tx, Some(&[review.id]), actor.id()).await?;
        }
        let state = review.as_case();
        return finish(house, actor, request, tx, &review, &state, review.version, false).await;
    };
    let (state, _) = step(&review.as_case(), &action, by, now)?;
    if matches!(review.state, ReviewState::Agreed | ReviewState::Disagreed | ReviewState::Ruled) {
        return Err(Refused::one(
            "case",
            "it was a second look at a decision, and your answer was compared by now",
            "Nothing to undo: it changed nothing.",
        )
        .into());
    }
    if request.version.is_some_and(|seen| seen != review.version) {
        return Err(Error::Changed(format!("case {}", review.id)));
    }
    // What a decision has had carried out by then.
    let carried_out = review.given.as_ref().is_some_and(|given| given.at + house.policy.grace <= now);
    take(&mut review, &state, &request.note, house.clock.now());
    if review.state == ReviewState::Passed {
        give_back(&mut tx, &review).await?;
    }
    reviews::save(&mut tx, &review).await?;
    let compensated = request.act == Act::Undo && carried_out;
    finish(house, actor, request, tx, &review, &state, review.version + 1, compensated).await
}

/// What else a reviewer would do with the case than decide it, such as ask the brand: nobody hears of it, and the sample
/// waits for somebody else. Gives the version now.
pub(super) async fn pass(
    house: &House,
    actor: &Actor,
    mut tx: Tx,
    (id, seen): (CaseId, Option<i64>),
    action: &Action,
    by: &By,
    event: Event,
) -> Result<i64> {
    let mut review = find(&mut tx, actor, id).await?;
    let (state, _) = step(&review.as_case(), action, by, house.clock.now())?;
    if seen.is_some_and(|seen| seen != review.version) {
        return Err(Error::Changed(format!("case {id}")));
    }
    take(&mut review, &state, "", house.clock.now());
    give_back(&mut tx, &review).await?;
    reviews::save(&mut tx, &review).await?;
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(review.version + 1)
}

/// Only its reviewer finds a review; to everybody else it isn't there.
async fn find(tx: &mut Tx, actor: &Actor, id: CaseId) -> Result<Review> {
    let found = reviews::get(tx, id).await?;
    let own = found.filter(|review| review.reviewer == *actor.id() && review.state != ReviewState::Passed);
    Ok(own.ok_or_else(|| Refused::one("case", format!("{id} is not known"), "Reload the queue."))?)
}

/// The state that the table gave, as a review keeps it.
fn take(review: &mut Review, state: &State, note: &str, now: crate::domain::time::Time) {
    (review.held, review.given) = (None, None);
    review.state = match state {
        State::Decided { verdict, .. } => {
            review.given = Some(Given { verdict: *verdict, note: note.to_owned(), at: now });
            ReviewState::Answered
        }
        State::Held { until, reason, .. } => {
            review.held = Some((*until, reason.clone()));
            ReviewState::Held
        }
        State::Open { assigned: None, desk: None } => ReviewState::Open,
        _ => ReviewState::Passed,
    };
}

/// A sample that its reviewer passes on unanswered waits for somebody else.
async fn give_back(tx: &mut Tx, review: &Review) -> Result<()> {
    let golden = samples::get(tx, review.sample).await?.is_some_and(|sample| sample.kind == SampleKind::Golden);
    if !golden {
        samples::reopen(tx, review.sample).await?;
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the particulars of one answer")]
async fn finish(
    house: &House,
    actor: &Actor,
    request: &Request,
    mut tx: Tx,
    review: &Review,
    state: &State,
    version: i64,
    compensated: bool,
) -> Result<Acted> {
    let mut body = case::body(request, state, review.face.round, compensated);
    // A note stays with the review, and what is said to others is said to nobody.
    match request.act {
        Act::Note => body["visibility"] = json!(Visibility::Internal),
        Act::Tell { to } => body["visibility"] = json!(Visibility::Public(to)),
        _ => {}
    }
    let subject = format!("case:{}", review.id);
    let event = house.event(actor, case::action_name(&request.act), subject, Some(review.id), body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    let decided = matches!(request.act, Act::Remove(_) | Act::Keep(_));
    let grace_until = decided.then(|| house.clock.now() + house.policy.grace);
    Ok(Acted { case: review.id, version, state: state.as_str(), grace_until, compensated, waits: None })
}
