//! Where somebody sits. Like a lease it is no act, and not on the record: it changes every few seconds, colleagues see no
//! more of it than what is on the screen, and it is forgotten when the console is left.

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{ids::SittingId, operator::Permission, sitting::Sitting},
    store::sittings,
};

/// Keeps where the actor sits, as the console `id` says, in place of what was kept before.
///
/// # Errors
/// Refused to whoever may not see the queue.
pub async fn keep(house: &House, actor: &Actor, id: SittingId, sitting: &Sitting) -> Result<()> {
    write(house, actor, id, sitting, false).await
}

/// Says that the actor still sits there, unless another console of theirs was heard of lately.
///
/// # Errors
/// Refused to whoever may not see the queue.
pub async fn beat(house: &House, actor: &Actor, id: SittingId, sitting: &Sitting) -> Result<()> {
    write(house, actor, id, sitting, true).await
}

async fn write(house: &House, actor: &Actor, id: SittingId, sitting: &Sitting, meek: bool) -> Result<()> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Read).await?;
    sittings::save(&mut tx, actor.id(), id, sitting, meek, house.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// The console was left: there is nothing to come back to.
///
/// # Errors
/// What the store says.
pub async fn end(house: &House, actor: &Actor, id: SittingId) -> Result<()> {
    let mut tx = house.db.write().await?;
    sittings::remove(&mut tx, actor.id(), id).await?;
    tx.commit().await?;
    Ok(())
}
