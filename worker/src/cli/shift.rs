//! `shift`: from one shift to the next.

use clap::Subcommand;
use jointforce_shared::{
    commands::{self, House},
    config::exit,
    domain::{
        page::State,
        shift::{Asked, ShiftNote, Waiting},
        time::Time,
    },
};
use serde_json::{Value, json};

use super::output::line;

/// What can be done with shifts.
#[derive(Debug, Subcommand)]
pub enum Shift {
    /// Print the note for whoever comes next: pages, late and nearly late cases, holds, desks, dead and stuck effects,
    /// since the shift that runs now began.
    Note {
        /// Since another moment, 2026-11-23T09:00:00Z.
        #[arg(long, value_name = "MOMENT", value_parser = moment)]
        since: Option<Time>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

fn moment(text: &str) -> Result<Time, String> {
    let at: jiff::Timestamp = text.parse().map_err(|_| "write it like 2026-11-23T09:00:00Z".to_owned())?;
    Ok(at.into())
}

/// Does it.
pub async fn run(house: &House, command: Shift) -> anyhow::Result<u8> {
    let Shift::Note { since, json } = command;
    let note = commands::shift::note(house, since).await?;
    if json {
        line(&as_json(&note).to_string())?;
    } else {
        for text in note.lines() {
            line(&text)?;
        }
    }
    Ok(exit::OK)
}

fn as_json(note: &ShiftNote) -> Value {
    let pages: Vec<Value> = note
        .pages
        .iter()
        .map(|page| {
            let by = match &page.state {
                State::Acknowledged { by, .. } => Some(by),
                _ => None,
            };
            json!({ "id": page.id, "severity": page.severity, "summary": page.summary, "level": page.level, "by": by })
        })
        .collect();
    json!({
        "who": note.who, "since": note.since.to_string(), "at": note.at.to_string(), "pages": pages,
        "raised": note.raised, "resolved": note.resolved, "late": cases(&note.late), "late_in_shift": note.late_in_shift,
        "near": cases(&note.near), "held": cases(&note.held), "escalated": cases(&note.escalated),
        "dead": note.dead.iter().map(|dead| json!({ "effect": dead.effect, "kind": dead.kind, "why": dead.why })).collect::<Vec<_>>(),
        "approvals": note.approvals.iter().map(asked).collect::<Vec<_>>(), "stuck": note.stuck,
    })
}

fn asked(of: &Asked) -> Value {
    json!({ "approval": of.approval, "what": of.what, "by": of.by, "expires": of.expires.to_string() })
}

fn cases(waiting: &[Waiting]) -> Value {
    let case = |case: &Waiting| {
        let held =
            case.held.as_ref().map(|(by, until, why)| json!({ "by": by, "until": until.to_string(), "why": why }));
        json!({
            "case": case.case, "brand": case.brand, "listing": case.listing, "due": case.due.to_string(),
            "desk": case.desk, "assigned": case.assigned, "held": held,
        })
    };
    waiting.iter().map(case).collect()
}
