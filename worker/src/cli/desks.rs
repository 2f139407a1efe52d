//! `desks`: who decides the cases that were escalated.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{Actor, House, operator},
    config::exit,
    domain::{escalation::Desk, ids::OperatorId},
    store::operators,
};

use serde_json::json;

use super::output::{Json, line};

/// What can be done with desks.
#[derive(Debug, Subcommand)]
pub enum Desks {
    /// Show who sits at each desk. Seniors decide the cases of every desk.
    List(Json),
    /// Say at which desks somebody sits, in place of what was said before.
    Set {
        /// Their account.
        account: OperatorId,
        /// legal, brand_relations, safety, senior; none takes them off every desk.
        desks: Vec<Desk>,
    },
}

/// Does it.
pub async fn run(house: &House, command: Desks) -> anyhow::Result<u8> {
    match command {
        Desks::List(json) => {
            let staff = operators::list(&mut house.db.read().await?).await?;
            for desk in Desk::ALL {
                let sits = staff.iter().filter(|who| who.enabled && who.desks.contains(desk));
                let names: Vec<&str> = sits.map(|who| who.id.as_str()).collect();
                if json.json {
                    line(&json!({ "desk": desk, "accounts": names }).to_string())?;
                    continue;
                }
                let names =
                    if names.is_empty() { "nobody; seniors decide its cases".to_owned() } else { names.join(", ") };
                line(&format!("{:<16} {names}", desk.as_str()))?;
            }
        }
        Desks::Set { account: id, desks } => {
            let operator = operator::set_desks(house, &Actor::Operator(account::current()?), &id, &desks).await?;
            let desks: Vec<&str> = operator.desks.iter().map(|desk| desk.title()).collect();
            let desks = if desks.is_empty() { "no desk".to_owned() } else { desks.join(", ") };
            line(&format!("{id} sits at: {desks}"))?;
        }
    }
    Ok(exit::OK)
}
