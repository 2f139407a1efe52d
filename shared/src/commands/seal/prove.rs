//! Proofs from the record, for strangers who hold the log's public key.

use super::{super::Result, House};
use crate::{
    domain::{
        ids::AuditId,
        merkle::{self, Span},
        proof::Proof,
        refused::Refused,
    },
    store::{Conn, seals},
};

/// A proof that the newest checkpoint covers this event.
///
/// # Errors
/// Refused if there is no such event, or no checkpoint covers it yet; otherwise what the store says.
pub async fn inclusion(house: &House, event: AuditId) -> Result<Proof> {
    let mut conn = house.db.read().await?;
    let Some((leaf, written)) = seals::leaf_of(&mut conn, &event.to_string()).await? else {
        return Err(Refused::one(
            "event",
            format!("{event} is not in the audit record, or has no number yet"),
            "`audit list` shows ids; a new event gets its number within seconds while a worker runs.",
        )
        .into());
    };
    let newest = seals::newest(&mut conn).await?.filter(|newest| newest.size > leaf);
    let Some(newest) = newest else {
        return Err(Refused::one(
            "event",
            format!("no checkpoint covers {event} yet"),
            "Wait a minute while a worker with the signing key runs; `audit checkpoint` shows the newest.",
        )
        .into());
    };
    let path = roots(&mut conn, &merkle::inclusion(leaf, newest.size)).await?;
    Ok(Proof::Inclusion { leaf, content: written.canonical(), path, checkpoint: newest.note })
}

/// A proof that the record under the newest checkpoint begins with the one that had `size` events.
///
/// # Errors
/// Refused if there is no checkpoint of that size; otherwise what the store says.
pub async fn growth(house: &House, size: u64) -> Result<Proof> {
    let mut conn = house.db.read().await?;
    let older =
        seals::checkpoints(&mut conn, size.saturating_sub(1), 1).await?.pop().filter(|older| older.size == size);
    let newest = seals::newest(&mut conn).await?;
    let Some((older, newest)) = older.zip(newest) else {
        return Err(Refused::one(
            "size",
            format!("there is no checkpoint over {size} events"),
            "The second line of an exported checkpoint is its size.",
        )
        .into());
    };
    let path = roots(&mut conn, &merkle::consistency(size, newest.size)).await?;
    Ok(Proof::Growth { older: older.note, path, newer: newest.note })
}

async fn roots(conn: &mut Conn, spans: &[Span]) -> Result<Vec<String>> {
    let mut roots = Vec::with_capacity(spans.len());
    for span in spans {
        roots.push(seals::root(conn, *span).await?.to_string());
    }
    Ok(roots)
}
