//! Pictures: asked for at a console, made by a worker.

use std::time::Duration;

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        operator::Permission,
        picture::{Picture, digest},
    },
    store::{
        audit,
        pictures::{self, Standing},
    },
};

/// What failed is not tried again before this.
const AGAIN: Duration = Duration::from_secs(60);

/// Asks for the picture at an address, and says how it stands.
///
/// # Errors
/// Refused to whoever may not see the queue.
pub async fn ask(house: &House, actor: &Actor, url: &str) -> Result<Standing> {
    let now = house.clock.now();
    let stands = pictures::get(&mut house.db.read().await?, url).await?;
    let keep = match &stands {
        Some(Standing::Asked) => return Ok(Standing::Asked),
        Some(Standing::Failed(_)) => AGAIN,
        _ => house.policy.console.pictures.keep,
    };
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Read).await?;
    if !pictures::ask(&mut tx, url, actor.id(), now - keep, now).await? {
        return Ok(stands.unwrap_or(Standing::Asked));
    }
    let event = house.event(actor, "picture.asked", format!("picture:{}", digest(url)), None, json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Standing::Asked)
}

/// Writes what became of a picture, and forgets those of long ago.
///
/// # Errors
/// What the store says.
pub async fn settle(house: &House, url: &str, made: &std::result::Result<Picture, String>) -> Result<()> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    pictures::settle(&mut tx, url, made, now).await?;
    pictures::forget(&mut tx, now - house.policy.console.pictures.keep).await?;
    tx.commit().await?;
    Ok(())
}
