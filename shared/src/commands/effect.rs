//! What a person does to the ledger.

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{ids::EffectId, operator::Permission, refused::Refused},
    store::{audit, effects},
};

/// Gives dead effects another round of attempts. Gives those that were dead.
///
/// # Errors
/// Refused without [`Permission::RunEffects`].
pub async fn retry(house: &House, actor: &Actor, ids: &[EffectId]) -> Result<Vec<EffectId>> {
    retry_because(house, actor, ids, None).await
}

/// As [`retry`], with the reason why it will work now on the record.
///
/// # Errors
/// As [`retry`]; refused with a reason longer than 1,000 bytes.
pub async fn retry_because(
    house: &House,
    actor: &Actor,
    ids: &[EffectId],
    reason: Option<&str>,
) -> Result<Vec<EffectId>> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.len() > 1000) {
        return Err(Refused::one("reason", "it is longer than 1,000 bytes", "Say it in fewer words.").into());
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    let retried = effects::retry(&mut tx, ids, house.clock.now()).await?;
    let events: Vec<_> = retried
        .iter()
        .map(|id| {
            let body = reason.map_or_else(|| json!({}), |reason| json!({ "reason": reason }));
            house.event(actor, "effect.retried", format!("effect:{id}"), None, body)
        })
        .collect();
    audit::add(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(retried)
}

/// Gives dead or due effects up for good, with a reason. Gives those that were.
///
/// # Errors
/// Refused without [`Permission::RunEffects`], or without a reason.
pub async fn drop(house: &House, actor: &Actor, ids: &[EffectId], reason: &str) -> Result<Vec<EffectId>> {
    let reason = reason.trim();
    if reason.is_empty() || reason.len() > 1000 {
        return Err(
            Refused::one("reason", "it is empty or longer than 1,000 bytes", "Say why it may be given up.").into()
        );
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    let dropped = effects::drop(&mut tx, ids, reason, house.clock.now()).await?;
    let events: Vec<_> = dropped
        .iter()
        .map(|id| house.event(actor, "effect.dropped", format!("effect:{id}"), None, json!({ "reason": reason })))
        .collect();
    audit::add(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(dropped)
}
