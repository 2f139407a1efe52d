//! `audit list`: who did what.

use clap::Args;
use jointforce_shared::{
    commands::House,
    config::exit,
    domain::{audit::Event, ids::CaseId},
    store::audit,
};
use serde_json::json;

use super::super::output::{cut, list, rest, safe};

/// Which events.
#[derive(Debug, Args)]
pub struct ListArgs {
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
}

/// Lists them.
pub async fn run(house: &House, args: ListArgs) -> anyhow::Result<u8> {
    let mut conn = house.db.read().await?;
    let (before, limit) = (args.before.as_deref(), args.limit + 1);
    let mut events = match args.case {
        Some(case) => audit::newest_of_case(&mut conn, case, before, limit).await?,
        None => audit::newest(&mut conn, before, limit).await?,
    };
    let more = cut(&mut events, args.limit);
    list(
        &events,
        "the record has no such event",
        |event| {
            if args.json { as_json(event).to_string() } else { as_line(event) }
        },
    )?;
    if let Some(last) = events.last().filter(|_| more) {
        rest(args.json, &format!("more: --before {}", last.id))?;
    }
    Ok(exit::OK)
}

fn as_line(event: &Event) -> String {
    format!(
        "{}  {}  {:<20} {:<18} {}  {}",
        event.id,
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
