//! The note that one shift leaves for the next.

use super::{House, Result};
use crate::{
    domain::{shift::ShiftNote, time::Time},
    store::{rotas, shift},
};

/// The note of the shift that runs now at level 1 of the rota, or of the last hours without one (see
/// [`crate::domain::page::OnCallPolicy::shift_without_rota`]); since another moment if `since` is given.
///
/// # Errors
/// What the store says.
pub async fn note(house: &House, since: Option<Time>) -> Result<ShiftNote> {
    let now = house.clock.now();
    let policy = &house.policy.on_call;
    let mut conn = house.db.read().await?;
    let turn = rotas::current(&mut conn).await?.and_then(|loaded| loaded.rota.turn_at(1, now));
    let began = turn.as_ref().map_or(now - policy.shift_without_rota, |turn| turn.from);
    let who = turn.and_then(|turn| turn.who);
    Ok(shift::note(&mut conn, who, since.unwrap_or(began), now, policy).await?)
}
