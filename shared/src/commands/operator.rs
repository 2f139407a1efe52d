//! Who works here: signing in, adding, disabling.

pub mod keys;
pub mod preferences;

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        escalation::Desk,
        ids::OperatorId,
        operator::{Operator, Permission, Role},
        refused::Refused,
    },
    store::{audit, operators},
};

/// The operator behind an account that the operating system vouches for.
///
/// # Errors
/// Refused when the account is no operator or is disabled.
pub async fn sign_in(house: &House, account: &OperatorId) -> Result<Operator> {
    let mut conn = house.db.read().await?;
    match operators::get(&mut conn, account).await? {
        Some(operator) if operator.enabled => Ok(operator),
        Some(_) => Err(Refused::one("account", format!("{account} is disabled"), "Ask an admin.").into()),
        None => Err(Refused::one(
            "account",
            format!("{account} is no operator here"),
            "Ask an admin to run `jointforce-console operators add`; while there is no admin, you may run it yourself.",
        )
        .into()),
    }
}

/// Adds an operator, or changes name and role of one who is there, and lets them in.
///
/// While nobody is an enabled admin, whoever can write the database may do this: they hold its credentials anyway, and
/// otherwise the first one, or the next after a mistake, could never be added.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], and for the last admin who may sign in, in another role: nobody could manage
/// staff then.
pub async fn add(house: &House, actor: &Actor, account: OperatorId, name: &str, role: Role) -> Result<Operator> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Refused::one(
            "name",
            "it is empty, too long or has control characters",
            "Give 1 to 100 characters.",
        )
        .into());
    }
    let mut tx = house.db.write().await?;
    let bootstrap = operators::enabled(&mut tx, Role::Admin).await? == 0;
    if !bootstrap {
        authorize(&mut tx, actor, Permission::ManageStaff).await?;
    }
    let known = operators::get(&mut tx, &account).await?;
    let is_admin = |who: &Operator| who.enabled && who.role == Role::Admin;
    if role != Role::Admin
        && known.as_ref().is_some_and(is_admin)
        && operators::enabled(&mut tx, Role::Admin).await? < 2
    {
        let problem = format!("{account} is the only admin");
        return Err(Refused::one("operator", problem, "Make somebody else admin first.").into());
    }
    let before = known.as_ref().map(|known| known.role.as_str());
    let (desks, team) = known.map(|known| (known.desks, known.team)).unwrap_or_default();
    let operator = Operator { id: account, name: name.to_owned(), role, enabled: true, desks, team };
    operators::save(&mut tx, &operator, house.clock.now()).await?;
    let body = json!({ "role": role.as_str(), "was": before, "before_there_was_an_admin": bootstrap });
    let event = house.event(actor, "operator.added", format!("operator:{}", operator.id), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(operator)
}

/// Keeps an operator out from now on.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], for an unknown account, and for one's own.
pub async fn disable(house: &House, actor: &Actor, account: &OperatorId) -> Result<()> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    if actor.id() == account {
        return Err(Refused::one("account", "that is you", "Ask another admin.").into());
    }
    let Some(operator) = operators::get(&mut tx, account).await? else {
        return Err(Refused::one("operator", format!("{account} is no operator"), "See `operators list`.").into());
    };
    operators::save(&mut tx, &Operator { enabled: false, ..operator }, house.clock.now()).await?;
    let event = house.event(actor, "operator.disabled", format!("operator:{account}"), None, json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}

/// Says whose cases of which desks somebody decides, in place of what was said before.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], and for somebody who is unknown or decides no cases at all.
pub async fn set_desks(house: &House, actor: &Actor, account: &OperatorId, desks: &[Desk]) -> Result<Operator> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    let Some(operator) = operators::get(&mut tx, account).await? else {
        return Err(Refused::one("operator", format!("{account} is no operator"), "See `operators list`.").into());
    };
    if !operator.role.may(Permission::Decide) && !desks.is_empty() {
        let problem = format!("{account} decides no cases");
        return Err(Refused::one("operator", problem, "Make them a moderator or a senior first.").into());
    }
    let desks = Desk::ALL.iter().copied().filter(|desk| desks.contains(desk)).collect();
    let operator = Operator { desks, ..operator };
    operators::save(&mut tx, &operator, house.clock.now()).await?;
    let body = json!({ "desks": operator.desks });
    let event = house.event(actor, "operator.desks_set", format!("operator:{account}"), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(operator)
}

/// Says in whose team an operator works; `None` for nobody's.
///
/// # Errors
/// Refused without [`Permission::ManageStaff`], for an unknown account, and for a name that is none.
pub async fn set_team(house: &House, actor: &Actor, account: &OperatorId, team: Option<&str>) -> Result<()> {
    let team = team.map(str::trim);
    if team.is_some_and(|team| team.is_empty() || team.chars().count() > 40 || team.chars().any(char::is_control)) {
        let problem = "it is empty, too long or has control characters";
        return Err(Refused::one("team", problem, "Give 1 to 40 characters, or none for no team.").into());
    }
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManageStaff).await?;
    let Some(operator) = operators::get(&mut tx, account).await? else {
        return Err(Refused::one("operator", format!("{account} is no operator"), "See `operators list`.").into());
    };
    let operator = Operator { team: team.map(str::to_owned), ..operator };
    operators::save(&mut tx, &operator, house.clock.now()).await?;
    let event = house.event(actor, "operator.teamed", format!("operator:{account}"), None, json!({ "team": team }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}
