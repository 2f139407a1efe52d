//! The brand's time is over.

use super::advance::advance;
use crate::{
    commands::{Actor, Error, House, Result},
    domain::{
        counter_notice::{Answer, CounterState, table::Action},
        ids::CounterId,
    },
    store::counter_notices,
};

/// Ends the windows that are over, at most 200 a call: puts the listing back where the law says so, or brings it
/// before a person. However many workers do this at once, each window ends once. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn end_windows(house: &House) -> Result<usize> {
    let over = counter_notices::windows_over(&mut house.db.read().await?, house.clock.now(), 200).await?;
    let mut ended = 0;
    for id in over {
        match end(house, id).await {
            Ok(done) => ended += usize::from(done),
            // Somebody else was at it: the next sweep looks again.
            Err(error) if error.is_race() => {}
            Err(Error::Refused(refused)) => tracing::warn!(counter = %id, "its window could not end: {refused}"),
            Err(error) => return Err(error),
        }
    }
    Ok(ended)
}

async fn end(house: &House, id: CounterId) -> Result<bool> {
    let actor = Actor::automatic("put_back");
    let mut tx = house.db.write().await?;
    let Some(mut counter) = counter_notices::get(&mut tx, id).await? else { return Ok(false) };
    let now = house.clock.now();
    // Answered since the list was made.
    if counter.state != CounterState::Forwarded || now < counter.said.not_before {
        return Ok(false);
    }
    counter.answer = Some(Answer::Silent);
    counter.answered = Some((actor.id().clone(), now));
    advance(house, &mut tx, &actor, &mut counter, Action::WindowEnds).await?;
    tx.commit().await?;
    Ok(true)
}
