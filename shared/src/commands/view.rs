//! Views: everybody's own, kept and forgotten by themselves.

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{operator::Permission, view::View},
    store::{audit, views},
};

/// Keeps a filter under a key, in place of what was kept there.
///
/// # Errors
/// Refused for a key, name or filter that is none, and to whoever may not see the queue.
pub async fn keep(house: &House, actor: &Actor, slot: u8, name: &str, ask: &str) -> Result<View> {
    let view = View::new(slot, name, ask)?;
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Read).await?;
    views::save(&mut tx, actor.id(), &view, house.clock.now()).await?;
    let body = json!({ "key": slot, "name": view.name, "filter": view.ask.words() });
    let event = house.event(actor, "view.kept", format!("operator:{}", actor.id()), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(view)
}

/// Forgets what was kept under a key. Whether there was anything.
///
/// # Errors
/// Refused to whoever may not see the queue.
pub async fn forget(house: &House, actor: &Actor, slot: u8) -> Result<bool> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Read).await?;
    let was = views::remove(&mut tx, actor.id(), slot).await?;
    if was {
        let subject = format!("operator:{}", actor.id());
        let event = house.event(actor, "view.forgotten", subject, None, json!({ "key": slot }));
        audit::add(&mut tx, &[event]).await?;
    }
    tx.commit().await?;
    Ok(was)
}
