//! Deadlines that pass by themselves.

pub mod on_call;

use serde_json::json;

pub use super::authenticity::{end_silence, remind_brands};
use super::{Actor, House, Result};
pub use super::{approval::sweep as end_approvals, penalty::sweep_payouts as release_payouts};
use crate::{
    domain::{
        case::{Action, By, step},
        ids::CaseId,
    },
    store::{audit, cases, effects::carry},
};

/// Puts held cases whose time is over back into the queue, at most 200 a call. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn end_holds(house: &House, actor: &Actor) -> Result<usize> {
    let now = house.clock.now();
    let over = cases::holds_over(&mut house.db.read().await?, now, 200).await?;
    let mut ended = 0;
    for id in over {
        ended += usize::from(end_hold(house, actor, id).await?);
    }
    Ok(ended)
}

async fn end_hold(house: &House, actor: &Actor, id: CaseId) -> Result<bool> {
    let mut tx = house.db.write().await?;
    let Some(mut case) = cases::get(&mut tx, id).await? else { return Ok(false) };
    let by = By::system(actor.id().clone());
    // Somebody else may have decided or released it since the list was made: then there is nothing to end.
    let Ok((state, _)) = step(&case.state, &Action::HoldRunsOut, &by, house.clock.now()) else { return Ok(false) };
    case.state = state;
    match cases::save(&mut tx, &case).await {
        Err(error) if error.is_race() => return Ok(false),
        saved => saved?,
    }
    let event = house.event(actor, "case.hold_ended", format!("case:{id}"), Some(id), json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the time that brands have to answer counter-notices, where it is over (see [`super::counter_notice::end_windows`]).
///
/// # Errors
/// What the store says.
pub async fn put_back(house: &House) -> Result<usize> {
    super::counter_notice::end_windows(house).await
}

/// Gives back outside effects whose worker stopped answering. Gives (due again, dead).
///
/// # Errors
/// What the store says.
pub async fn take_back_effects(house: &House) -> Result<(usize, usize)> {
    let mut tx = house.db.write().await?;
    let swept = carry::sweep(&mut tx, house.policy.attempts_max, house.clock.now()).await?;
    tx.commit().await?;
    Ok(swept)
}
