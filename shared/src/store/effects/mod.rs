//! The ledger of effects. Who moves a row on stands at [`EffectState`]; how workers do it, in [`carry`].

pub mod carry;
pub mod dead;
pub mod flows;
mod history;

use std::{borrow::Cow, time::Duration};

use super::db::{self, Column, Conn, Error, LAST_ID, List, Result, Tx, all, one, opt, row};
use crate::domain::{
    effect::{Effect, EffectState, Endpoint, Lane, NewEffect, PAYLOAD_VERSION},
    ids::{CaseId, DecisionId, EffectId},
    time::Time,
    trace::Trace,
};

/// Writes effects. One whose `once` key is already due is dropped.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, effects: &[NewEffect], now: Time) -> Result<()> {
    write(tx, effects, &effects.iter().map(|e| e.effect.trace(e.id)).collect::<Vec<_>>(), now).await
}

/// Writes effects that follow from others, each with the trace that it goes on. One whose `once` key is already due is
/// dropped.
///
/// # Errors
/// What the database says.
pub async fn follow(tx: &mut Tx, effects: &[(NewEffect, Trace)], now: Time) -> Result<()> {
    let (new, traces): (Vec<_>, Vec<_>) = effects.iter().cloned().unzip();
    write(tx, &new, &traces, now).await
}

async fn write(tx: &mut Tx, effects: &[NewEffect], traces: &[Trace], now: Time) -> Result<()> {
    let payloads = effects
        .iter()
        .map(|new| serde_json::to_string(&new.effect))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|e| Error::Corrupt { table: "effects", id: "new".into(), problem: e.to_string() })?;
    let text = |of: fn(&NewEffect) -> Cow<'_, str>| Column::Text(effects.iter().map(of).collect());
    let columns = [
        text(|e| e.id.to_string().into()),
        text(|e| e.effect.kind().as_str().into()),
        Column::Int(effects.iter().map(|_| PAYLOAD_VERSION).collect()),
        text(|e| e.effect.lane().as_str().into()),
        text(|e| e.effect.endpoint().map_or_else(String::new, |endpoint| endpoint.to_string()).into()),
        Column::texts(payloads),
        Column::maybe_texts(effects.iter().map(|e| e.effect.case().map(|id| id.to_string()))),
        Column::maybe_texts(effects.iter().map(|e| e.decision.map(|id| id.to_string()))),
        Column::texts(traces.iter().map(ToString::to_string)),
        Column::maybe_texts(effects.iter().map(|e| e.once.as_deref())),
        text(|_| EffectState::Due.as_str().into()),
        Column::Int(effects.iter().map(|e| e.due.0).collect()),
        Column::Int(effects.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO effects (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, once, state, due_at, created_at)",
        columns,
        // Only a `once` key can meet another; without one PostgreSQL is spared looking first.
        if effects.iter().any(|e| e.once.is_some()) { "ON CONFLICT DO NOTHING" } else { "" },
    )
    .await?;
    // The relay knows what is due later, and looks again before.
    if effects.iter().any(|e| e.due <= now + SOON) {
        tx.wake_on_commit();
    }
    Ok(())
}

/// The relay looks at least this often: for what is due later nobody has to be woken.
const SOON: Duration = Duration::from_secs(1);

/// Cancels what a decision of this case still has due. Gives how many were cancelled, and how many were begun: carried out, being
/// carried out, dead, or tried and cancelled now. A call that failed may have been heard all the same.
///
/// # Errors
/// What the database says.
pub async fn cancel(tx: &mut Tx, case: CaseId, decision: DecisionId, now: Time) -> Result<(u64, i64)> {
    let cancelled = history::cancelled(tx, case, decision, now).await?;
    let begun = one!(
        tx,
        Count,
        "SELECT count(*) AS n FROM ledger WHERE case_id = $1 AND decision_id = $2
           AND (state IN ('running', 'done', 'dead') OR attempts > 0)",
        case.to_string(),
        decision.to_string()
    )?;
    Ok((cancelled, begun.n))
}

row! {
    struct Count { n: i64, }
}

/// A row of the ledger, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EffectId,
    /// Its kind as stored; may be one this program doesn't know.
    pub kind: String,
    /// Its payload's version.
    pub version: i64,
    /// Which queue it travels on.
    pub lane: Lane,
    /// Whom it calls; `None` inside.
    pub endpoint: Option<Endpoint>,
    /// Where it is.
    pub state: EffectState,
    /// The payload as JSON.
    pub payload: String,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// What ties it together with what it follows from.
    pub trace: Trace,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is or was due.
    pub due: Time,
    /// The worker that has it.
    pub lease_by: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was written.
    pub created: Time,
    /// When it ended.
    pub ended: Option<Time>,
}

row! {
    struct EntryRow {
        id: String,
        kind: String,
        version: i64,
        lane: String,
        endpoint: String,
        state: String,
        payload: String,
        case_id: Option<String>,
        trace: String,
        attempts: i64,
        due_at: i64,
        lease_by: Option<String>,
        last_error: Option<String>,
        created_at: i64,
        ended_at: Option<i64>,
    }
}

/// The columns of a row of the ledger; what ended has no lease.
macro_rules! entries {
    ($from:expr) => {
        entries!("lease_by", $from)
    };
    ($lease:literal, $from:expr) => {
        concat!(
            "SELECT id, kind, version, lane, endpoint, state, payload, case_id, trace, attempts, due_at, ",
            $lease,
            ", last_error, created_at, ended_at FROM ",
            $from
        )
    };
}
use entries;

impl EntryRow {
    fn entry(self) -> Result<Entry> {
        let corrupt = |problem: String| Error::Corrupt { table: "effects", id: self.id.clone(), problem };
        Ok(Entry {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            lane: self.lane.parse().map_err(corrupt)?,
            endpoint: Some(&self.endpoint).filter(|e| !e.is_empty()).map(|e| e.parse().map_err(corrupt)).transpose()?,
            state: self.state.parse().map_err(corrupt)?,
            case: self.case_id.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            version: self.version,
            trace: self.trace.parse().map_err(corrupt)?,
            attempts: self.attempts,
            due: Time(self.due_at),
            created: Time(self.created_at),
            ended: self.ended_at.map(Time),
            kind: self.kind,
            payload: self.payload,
            lease_by: self.lease_by,
            last_error: self.last_error,
        })
    }
}

/// One row of the ledger.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: EffectId) -> Result<Option<Entry>> {
    opt!(conn, EntryRow, entries!("ledger WHERE id = $1"), id.to_string())?.map(EntryRow::entry).transpose()
}

/// Rows in a state, or in any, newest first, below the id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(
    conn: &mut Conn,
    state: Option<EffectState>,
    before: Option<EffectId>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let before = before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string());
    // A text for each: what is asked for decides which table and which partial index can answer.
    let sql = match state {
        None => entries!("ledger WHERE id < $1 ORDER BY id DESC LIMIT $2"),
        Some(EffectState::Due) => entries!("effects WHERE state = 'due' AND id < $1 ORDER BY id DESC LIMIT $2"),
        Some(EffectState::Running) => entries!("effects WHERE state = 'running' AND id < $1 ORDER BY id DESC LIMIT $2"),
        Some(EffectState::Dead) => entries!("effects WHERE state = 'dead' AND id < $1 ORDER BY id DESC LIMIT $2"),
        Some(EffectState::Done) => {
            entries!("NULL AS lease_by", "effects_done WHERE state = 'done' AND id < $1 ORDER BY id DESC LIMIT $2")
        }
        Some(EffectState::Cancelled) => {
            entries!("NULL AS lease_by", "effects_done WHERE state = 'cancelled' AND id < $1 ORDER BY id DESC LIMIT $2")
        }
        Some(EffectState::Dropped) => {
            entries!("NULL AS lease_by", "effects_done WHERE state = 'dropped' AND id < $1 ORDER BY id DESC LIMIT $2")
        }
    };
    let rows = all!(conn, EntryRow, sql, before, limit)?;
    rows.into_iter().map(EntryRow::entry).collect()
}

/// The effects of a case, oldest first, at most 100.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Entry>> {
    all!(conn, EntryRow, entries!("ledger WHERE case_id = $1 ORDER BY id LIMIT 100"), case.to_string())?
        .into_iter()
        .map(EntryRow::entry)
        .collect()
}

/// Gives dead effects another round of attempts from `now`; gives those that were dead.
///
/// # Errors
/// What the database says.
pub async fn retry(tx: &mut Tx, ids: &[EffectId], now: Time) -> Result<Vec<EffectId>> {
    let rows = all!(
        tx,
        carry::IdRow,
        "UPDATE effects SET state = 'due', attempts = 0, due_at = $2, ended_at = NULL
         WHERE id = ANY($1) AND state = 'dead' RETURNING id",
        ids.iter().collect::<List>(),
        now.0
    )?;
    tx.wake_on_commit();
    carry::ids(rows)
}

/// Gives up dead or due effects for good; gives those that were. The reason stays in `last_error`.
///
/// # Errors
/// What the database says.
pub async fn drop(tx: &mut Tx, ids: &[EffectId], reason: &str, now: Time) -> Result<Vec<EffectId>> {
    history::dropped(tx, ids, reason, now).await
}

/// What the ledger has to do, for `status`. Counts stop at 10,000 for each lane and endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Due now and not yet carried out, on a paused lane or for a parked endpoint too.
    pub overdue: i64,
    /// Due later.
    pub waiting: i64,
    /// Leased.
    pub running: i64,
    /// Waiting for a person.
    pub dead: i64,
    /// Due time of the oldest that is due now and not held back.
    pub oldest: Option<Time>,
}

row! {
    struct BacklogRow { running: i64, dead: i64, }
}

/// What the ledger has to do at `now`.
///
/// # Errors
/// What the database says.
pub async fn backlog(conn: &mut Conn, now: Time) -> Result<Backlog> {
    let lanes = flows::waiting(conn, now).await?;
    let row = one!(
        conn,
        BacklogRow,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM effects WHERE state = 'running' LIMIT 10000) c) AS running,
                (SELECT count(*) FROM (SELECT 1 FROM effects WHERE state = 'dead' LIMIT 10000) d) AS dead"
    )?;
    Ok(Backlog {
        overdue: lanes.iter().map(|lane| lane.due + lane.held).sum(),
        waiting: lanes.iter().map(|lane| lane.later).sum(),
        running: row.running,
        dead: row.dead,
        oldest: lanes.iter().filter_map(|lane| lane.oldest).min(),
    })
}

/// Where [`dead`] stops counting.
pub const DEAD_MOST: i64 = 1_000;

/// How many effects wait for a person; counting stops at [`DEAD_MOST`].
///
/// # Errors
/// What the database says.
pub async fn dead(conn: &mut Conn) -> Result<i64> {
    let sql = "SELECT count(*) AS n FROM (SELECT 1 FROM effects WHERE state = 'dead' LIMIT $1) a";
    Ok(one!(conn, Count, sql, DEAD_MOST)?.n)
}

/// Reads a payload that this program knows.
///
/// # Errors
/// Says why not: a newer version, an unknown kind, a broken text.
pub fn read_payload(version: i64, payload: &str) -> std::result::Result<Effect, String> {
    if version > PAYLOAD_VERSION {
        return Err(format!("payload version {version} is newer than this program's {PAYLOAD_VERSION}"));
    }
    serde_json::from_str(payload).map_err(|error| error.to_string())
}
