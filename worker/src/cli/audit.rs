//! `audit`: who did what.

use clap::Subcommand;
use jointforce_shared::{
    commands::House,
    config::exit,
    domain::{audit::Event, ids::CaseId},
    store::audit,
};
use serde_json::json;

use super::output::{line, safe};

/// What can be looked at.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List events, newest first; of one case, oldest first.
    List {
        /// Only this case's.
        #[arg(long, value_name = "ID")]
        case: Option<CaseId>,
        /// Only those before this id: the next page.
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
}

/// Does it.
pub async fn run(house: &House, command: Audit) -> anyhow::Result<u8> {
    let Audit::List { case, before, limit, json } = command;
    let mut conn = house.db.read().await?;
    let events = match case {
        Some(case) => audit::of_case(&mut conn, case).await?,
        None => audit::newest(&mut conn, before.as_deref(), limit).await?,
    };
    for event in &events {
        line(&if json { as_json(event).to_string() } else { as_line(event) })?;
    }
    Ok(exit::OK)
}

fn as_line(event: &Event) -> String {
    format!(
        "{}  {:<20} {:<18} {}  {}",
        event.at,
        safe(&event.actor, 40),
        event.action,
        safe(&event.subject, 80),
        safe(&event.body.to_string(), 160)
    )
}

fn as_json(event: &Event) -> serde_json::Value {
    json!({
        "id": event.id, "at": event.at.to_string(), "actor": event.actor, "auth": event.auth, "action": event.action,
        "subject": event.subject, "case": event.case, "body": event.body,
    })
}
