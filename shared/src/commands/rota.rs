//! Who is on call: putting a rota in force.

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        operator::Permission,
        refused::{Fault, Refused},
        rota::Rota,
    },
    store::{Conn, audit, operators, rotas},
};

/// Checks a rota as [`load`] does, and changes nothing.
///
/// # Errors
/// Refused with every fault: what [`Rota::validate`] finds, and people who are no operators here.
pub async fn check(conn: &mut Conn, rota: &Rota) -> Result<()> {
    let mut faults = rota.validate().err().map_or_else(Vec::new, |refused| refused.faults);
    for who in rota.people.keys() {
        if !operators::get(conn, who).await?.is_some_and(|operator| operator.enabled) {
            let fix = "Add them with `jointforce-console operators add`, or take them off the rota.";
            faults.push(Fault::new(format!("people.{who}"), "nobody with this account works here", fix));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refused { faults }.into()) }
}

/// Puts a rota in force, in place of the one before.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], and as [`check`] says; then the one before stays in force.
pub async fn load(house: &House, actor: &Actor, rota: &Rota) -> Result<()> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    check(&mut tx, rota).await?;
    let people: Vec<_> = rota.people.keys().collect();
    let body = json!({ "levels": rota.levels.len(), "people": people, "starts": rota.starts.to_string() });
    let event = house.event(actor, "rota.loaded", "rota".into(), None, body);
    rotas::add(&mut tx, event.id, rota, actor.id(), event.at).await?;
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}
