//! What an operator's console is like wherever they sit: their own business, or an admin's.

use serde_json::json;

use super::super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        ids::OperatorId,
        operator::{Permission, preferences::Preferences},
        refused::Refused,
    },
    store::{
        audit,
        operators::{self, preferences},
    },
};

/// Changes what an operator's console is like, by a pure function of what was kept; gives what is kept now. The record has
/// the key map whole: whoever changes somebody's keys changes what their hands do.
///
/// # Errors
/// Refused for somebody else's console without [`Permission::ManageStaff`], for an unknown account, and as `change` and
/// [`Preferences::checked`] refuse.
pub async fn set(
    house: &House,
    actor: &Actor,
    account: &OperatorId,
    change: impl FnOnce(&Preferences) -> std::result::Result<Preferences, Refused>,
) -> Result<Preferences> {
    let mut tx = house.db.write().await?;
    let needed = if actor.id() == account { Permission::Read } else { Permission::ManageStaff };
    authorize(&mut tx, actor, needed).await?;
    // Two consoles of one person may change different things at once: the second sees what the first did.
    if !operators::lock(&mut tx, account).await? {
        return Err(Refused::one("operator", format!("{account} is no operator"), "See `operators list`.").into());
    }
    let kept = preferences::get(&mut tx, account).await?;
    let changed = change(&kept)?.checked()?;
    if changed == kept {
        return Ok(kept);
    }
    preferences::save(&mut tx, account, &changed, actor.id(), house.clock.now()).await?;
    let body = json!({ "theme": changed.theme, "ascii": changed.ascii, "keys": changed.keys });
    let event = house.event(actor, "operator.preferences_set", format!("operator:{account}"), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(changed)
}
