//! Pausing lanes, letting them go on, slowing them down. Every worker honours it at once: nothing on a paused lane is
//! begun, also not what was rung before.

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        effect::{Endpoint, Lane, RATE_MAX},
        operator::Permission,
        refused::Refused,
    },
    store::{audit, endpoints, lanes},
};

/// Pauses a lane, with a reason of 1 to 500 bytes. `false` if it was paused before: then that reason stands.
///
/// # Errors
/// Refused without [`Permission::RunEffects`], or without a reason.
pub async fn pause(house: &House, actor: &Actor, lane: Lane, reason: &str) -> Result<bool> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 500 {
        return Err(Refused::one("reason", "it is empty or longer than 500 bytes", "Say why the lane stands.").into());
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    if !lanes::pause(&mut tx, lane, actor.id(), reason, house.clock.now()).await? {
        return Ok(false);
    }
    let event = house.event(actor, "lane.paused", format!("lane:{lane}"), None, json!({ "reason": reason }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Lets a lane go on. `false` if it was not paused.
///
/// # Errors
/// Refused without [`Permission::RunEffects`].
pub async fn resume(house: &House, actor: &Actor, lane: Lane) -> Result<bool> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    if !lanes::resume(&mut tx, lane).await? {
        return Ok(false);
    }
    let event = house.event(actor, "lane.resumed", format!("lane:{lane}"), None, json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Sets how many effects of a lane the fleet begins in a second at most, 1 to [`RATE_MAX`]; `None` for as many as it can.
/// `false` if that was so before.
///
/// # Errors
/// Refused without [`Permission::RunEffects`], or for a rate that makes no sense.
pub async fn set_rate(house: &House, actor: &Actor, lane: Lane, rate: Option<u32>) -> Result<bool> {
    if rate.is_some_and(|rate| !(1..=RATE_MAX).contains(&rate)) {
        let fix = "Give 1 to 1,000,000; to stop a lane, pause it.";
        return Err(Refused::one("rate", "it makes no sense", fix).into());
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    if !lanes::set_rate(&mut tx, lane, rate).await? {
        return Ok(false);
    }
    let event = house.event(actor, "lane.rate_set", format!("lane:{lane}"), None, json!({ "a_second": rate }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Closes an endpoint's breaker by hand: what waits for it is tried now. `false` if it had not failed.
///
/// # Errors
/// Refused without [`Permission::RunEffects`].
pub async fn forgive(house: &House, actor: &Actor, endpoint: &Endpoint) -> Result<bool> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    if !endpoints::forgive(&mut tx, endpoint).await? {
        return Ok(false);
    }
    let event = house.event(actor, "endpoint.forgiven", format!("endpoint:{endpoint}"), None, json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}
