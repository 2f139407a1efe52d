//! `effects`: the ledger by hand.

use std::io;

use clap::{Args, Subcommand};
use jointforce_shared::{
    account,
    commands::{self, Actor, House},
    config::exit,
    domain::{
        effect::EffectState,
        ids::EffectId,
        refused::Refused,
        time::{Time, due_words},
    },
    store::effects::{self, Entry},
};
use serde_json::{Value, json};

use super::output::{cut, line, list, rest, safe};

/// Which part of a list, and how it is printed.
#[derive(Debug, Args)]
pub struct Page {
    /// Only those before this id: the next page.
    #[arg(long, value_name = "ID")]
    pub before: Option<EffectId>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    pub limit: i64,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

impl Page {
    /// How many to ask for: one more than is shown, so that it is known whether there are more.
    pub const fn asked(&self) -> i64 {
        self.limit + 1
    }

    /// Whether that many were found, so that not all are shown.
    pub fn is_full(&self, entries: &[Entry]) -> bool {
        usize::try_from(self.asked()).is_ok_and(|asked| entries.len() >= asked)
    }

    /// Prints the effects of this page, and how to ask for the next; `of` are all that there are, where that was counted.
    pub fn print(&self, mut entries: Vec<Entry>, of: Option<&str>, now: Time) -> io::Result<()> {
        let more = cut(&mut entries, self.limit);
        list(&entries, "there are no such effects", |entry| {
            if self.json { as_json(entry).to_string() } else { as_line(entry, now) }
        })?;
        match entries.last() {
            Some(last) if more => {
                let of = of.map(|all| format!("{} of {all}, ", entries.len())).unwrap_or_default();
                rest(self.json, &format!("{of}more: --before {}", last.id))
            }
            _ => Ok(()),
        }
    }
}

/// What can be done with effects.
#[derive(Debug, Subcommand)]
pub enum Effects {
    /// List effects, newest first.
    List {
        /// Only those in this state: due, running, done, dead, cancelled or dropped.
        #[arg(long)]
        state: Option<EffectState>,
        #[command(flatten)]
        page: Page,
    },
    /// Show all of one effect.
    Show {
        /// Which.
        id: EffectId,
    },
    /// Give dead effects another round of attempts, from now.
    Retry {
        /// Which.
        #[arg(required = true)]
        ids: Vec<EffectId>,
    },
    /// Give dead or due effects up for good.
    Drop {
        /// Which.
        #[arg(required = true)]
        ids: Vec<EffectId>,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
}

/// Does it.
pub async fn run(house: &House, command: Effects) -> anyhow::Result<u8> {
    match command {
        Effects::List { state, page } => {
            let entries = effects::list(&mut house.db.read().await?, state, page.before, page.asked()).await?;
            page.print(entries, None, house.clock.now())?;
            Ok(exit::OK)
        }
        Effects::Show { id } => show(house, id, "See `effects list`.").await,
        Effects::Retry { ids } => {
            let retried = commands::effect::retry(house, &me()?, &ids).await?;
            report("due again", "is not dead, nothing to retry", &ids, &retried)
        }
        Effects::Drop { ids, reason } => {
            let dropped = commands::effect::drop(house, &me()?, &ids, &reason).await?;
            report("dropped", "is neither dead nor due, nothing to drop", &ids, &dropped)
        }
    }
}

/// Prints all of one effect.
pub async fn show(house: &House, id: EffectId, elsewhere: &str) -> anyhow::Result<u8> {
    let entry = effects::get(&mut house.db.read().await?, id)
        .await?
        .ok_or_else(|| Refused::one("id", format!("{id} is no effect here"), elsewhere))?;
    line(&serde_json::to_string_pretty(&as_json(&entry))?)?;
    Ok(exit::OK)
}

fn me() -> Result<Actor, Refused> {
    account::current().map(Actor::Operator)
}

fn report(done: &str, not: &str, asked: &[EffectId], changed: &[EffectId]) -> anyhow::Result<u8> {
    for id in asked {
        line(&format!("{id} {}", if changed.contains(id) { done } else { not }))?;
    }
    Ok(if changed.len() == asked.len() { exit::OK } else { exit::DATA })
}

fn as_line(entry: &Entry, now: Time) -> String {
    let when = match entry.state {
        EffectState::Due => due_words(entry.due, now),
        _ => entry.ended.unwrap_or(entry.due).to_string(),
    };
    let error = entry.last_error.as_deref().map(|error| format!("  {}", safe(error, 120))).unwrap_or_default();
    format!(
        "{}  {:<9} {:<16} {:>2} attempts  {when}{error}",
        entry.id,
        entry.state,
        safe(&entry.kind, 16),
        entry.attempts
    )
}

fn as_json(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "kind": entry.kind,
        "version": entry.version,
        "lane": entry.lane,
        "state": entry.state,
        "case": entry.case,
        "trace": entry.trace.to_string(),
        "attempts": entry.attempts,
        "due": entry.due.to_string(),
        "leased_by": entry.lease_by,
        "last_error": entry.last_error,
        "created": entry.created.to_string(),
        "ended": entry.ended.map(|ended| ended.to_string()),
        "payload": serde_json::from_str::<Value>(&entry.payload).unwrap_or_else(|_| json!(entry.payload)),
    })
}
