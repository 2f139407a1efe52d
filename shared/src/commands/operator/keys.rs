//! Coming in over SSH: whose key is whose, which account of a machine is a gate, and who takes a seat through it.

use serde_json::json;

use super::super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        ids::OperatorId,
        operator::{
            Operator, Permission,
            key::{Fingerprint, OperatorKey, Seat},
        },
        refused::Refused,
    },
    store::{
        Conn, audit,
        operators::{self, keys},
    },
};

/// Adds the keys of a `.pub` file, one a line, for an operator: all of them or none.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], for an operator who is unknown or disabled, for lines that are no key
/// (see [`OperatorKey::parse`]), and for a key that is here already, revoked or not: a key that was let go is made anew.
pub async fn add(house: &House, actor: &Actor, account: &OperatorId, text: &str) -> Result<Vec<OperatorKey>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let found = lines.map(OperatorKey::parse).collect::<std::result::Result<Vec<_>, Refused>>()?;
    if found.is_empty() || found.len() > 20 {
        let problem = format!("{} keys were given", found.len());
        return Err(Refused::one("key", problem, "Give the lines of one to twenty .pub files.").into());
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    if !operators::get(&mut tx, account).await?.is_some_and(|operator| operator.enabled) {
        let problem = format!("{account} may not sign in");
        return Err(Refused::one("operator", problem, "Add them first: `operators add`.").into());
    }
    let mut events = vec![];
    for key in &found {
        let print = &key.fingerprint;
        if !keys::add(&mut tx, key, account, actor.id(), house.clock.now()).await? {
            let fix = "Nobody shares a key, and a revoked one stays revoked: let them make another with ssh-keygen.";
            return Err(Refused::one("key", format!("{print} is here already"), fix).into());
        }
        let body = json!({ "fingerprint": print });
        events.push(house.event(actor, "operator.key_added", format!("operator:{account}"), None, body));
    }
    audit::add(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(found)
}

/// Lets a key in no more; consoles that it opened end within a quarter of a minute. Gives whose it was.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], and for a key that is unknown or revoked.
pub async fn revoke(house: &House, actor: &Actor, fingerprint: &Fingerprint) -> Result<OperatorId> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    let kept = keys::get(&mut tx, fingerprint).await?;
    let Some(kept) = kept.filter(|kept| kept.revoked_at.is_none()) else {
        let problem = format!("{fingerprint} lets nobody in");
        return Err(Refused::one("key", problem, "See `operators keys list`.").into());
    };
    keys::revoke(&mut tx, fingerprint, actor.id(), house.clock.now()).await?;
    let subject = format!("operator:{}", kept.operator);
    let event = house.event(actor, "operator.key_revoked", subject, None, json!({ "fingerprint": fingerprint }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(kept.operator)
}

/// Says whether an account of the machines where consoles run is a gate: one that nobody has a shell on, and whose sshd
/// says who comes.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], for an operator's own account, and when it is so already.
pub async fn set_gate(house: &House, actor: &Actor, account: &OperatorId, open: bool) -> Result<()> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    if open && operators::get(&mut tx, account).await?.is_some() {
        let problem = format!("{account} is somebody's own account");
        return Err(Refused::one("gate", problem, "Make an account that is for consoles alone.").into());
    }
    if !keys::set_gate(&mut tx, account, open, actor.id(), house.clock.now()).await? {
        let problem = format!("{account} is {} already", if open { "a gate" } else { "no gate" });
        return Err(Refused::one("gate", problem, "Nothing has to be done.").into());
    }
    let action = if open { "gate.opened" } else { "gate.closed" };
    let event = house.event(actor, action, format!("gate:{account}"), None, json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}

/// Who takes a seat through a gate; on the record.
///
/// # Errors
/// As [`sits`].
pub async fn take_seat(house: &House, gate: &OperatorId, seat: &Seat) -> Result<Operator> {
    let mut tx = house.db.write().await?;
    let operator = sits(&mut tx, gate, seat).await?;
    let actor = Actor::Keyed(operator.id.clone());
    let body = json!({ "gate": gate, "seat": seat.to_string() });
    let event = house.event(&actor, "operator.signed_in", format!("operator:{}", operator.id), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(operator)
}

/// Whose seat it is now; changes nothing.
///
/// # Errors
/// Refused when the account is no gate, the key is unknown or revoked, and when its owner is disabled.
pub async fn sits(conn: &mut Conn, gate: &OperatorId, seat: &Seat) -> Result<Operator> {
    if !keys::is_gate(conn, gate).await? {
        let problem = format!("{gate} is no gate, so nobody is let in by a key through it");
        let fix = "Sign in with your own account; or let an admin run `jointforce-console operators gate open`.";
        return Err(Refused::one("account", problem, fix).into());
    }
    let id = match seat {
        Seat::Certificate(id) => id.clone(),
        Seat::Key(fingerprint) => match keys::get(conn, fingerprint).await? {
            Some(kept) if kept.revoked_at.is_none() => kept.operator,
            Some(_) => return Err(Refused::one("account", "this key was revoked", "Ask an admin.").into()),
            None => return Err(Refused::one("account", "nobody has this key", "Ask an admin.").into()),
        },
    };
    match operators::get(conn, &id).await? {
        Some(operator) if operator.enabled => Ok(operator),
        Some(_) => Err(Refused::one("account", format!("{id} is disabled"), "Ask an admin.").into()),
        None => Err(Refused::one("account", format!("{id} is no operator here"), "Ask an admin.").into()),
    }
}
