//! What only one process may do at a time (lead the relay), and which workers are alive; on the database's clock.

use std::{collections::BTreeMap, time::Duration};

use super::db::{Conn, Result, Tx, all, known, row, run};
use crate::domain::{effect::Lane, time::Time};

/// A worker not seen for so many microseconds is taken for dead: three missed beats.
pub const SILENT: i64 = 15_000_000;

/// Takes or renews a named lease for `holder`; `false` while another holds it.
///
/// # Errors
/// What the database says.
pub async fn take(tx: &mut Tx, name: &str, holder: &str, span: Duration) -> Result<bool> {
    let taken = run!(
        tx,
        "INSERT INTO leases (name, holder, until) VALUES ($1, $2, db_now() + $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE leases.holder = excluded.holder OR leases.until <= db_now()",
        name,
        holder,
        i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
    )?;
    Ok(taken == 1)
}

/// Gives a named lease back.
///
/// # Errors
/// What the database says.
pub async fn give_back(tx: &mut Tx, name: &str, holder: &str) -> Result<()> {
    run!(tx, "DELETE FROM leases WHERE name = $1 AND holder = $2", name, holder)?;
    Ok(())
}

/// A worker process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    /// host-pid-ulid.
    pub name: String,
    /// When it started.
    pub started: Time,
    /// How long ago it was seen, in microseconds of the database's clock.
    pub silent: i64,
    /// `memory` or `redis`.
    pub queue: String,
    /// What it says of itself: `running`, `quiet`, `leaving`, and since when the queue is away.
    pub state: String,
    /// Its program's version.
    pub version: String,
    /// The newest schema that its program knows.
    pub schema: i64,
    /// Effects that it carried out since it started.
    pub done: i64,
    /// The same by lane; empty from a worker that is older than this count.
    pub done_by_lane: BTreeMap<Lane, i64>,
}

row! {
    struct WorkerRow {
        name: String,
        started_at: i64,
        silent: i64,
        queue: String,
        state: String,
        version: String,
        schema: i64,
        done: i64,
        done_by_lane: String,
    }
}

/// Says that a worker is alive and how many effects of each lane it has carried out, and forgets those not seen for a day.
///
/// # Errors
/// What the database says.
pub async fn beat(
    tx: &mut Tx,
    name: &str,
    started: Time,
    queue: &str,
    state: &str,
    done: &BTreeMap<Lane, i64>,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO workers (name, started_at, seen_at, queue, state, version, schema, done, done_by_lane)
         VALUES ($1, $2, db_now(), $3, $4, $5, $6, $7, $8)
         ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, state = excluded.state, done = excluded.done,
             done_by_lane = excluded.done_by_lane",
        name,
        started.0,
        queue,
        state,
        env!("CARGO_PKG_VERSION"),
        known(),
        done.values().sum::<i64>(),
        serde_json::to_string(done).unwrap_or_default()
    )?;
    run!(tx, "DELETE FROM workers WHERE seen_at < db_now() - 86400000000")?;
    Ok(())
}

/// Says that a worker has left.
///
/// # Errors
/// What the database says.
pub async fn leave(tx: &mut Tx, name: &str) -> Result<()> {
    run!(tx, "DELETE FROM workers WHERE name = $1", name)?;
    Ok(())
}

/// The workers of the last day, newest first, at most 200.
///
/// # Errors
/// What the database says.
pub async fn workers(conn: &mut Conn) -> Result<Vec<Worker>> {
    let rows = all!(
        conn,
        WorkerRow,
        "SELECT name, started_at, db_now() - seen_at AS silent, queue, state, version, schema, done, done_by_lane FROM workers
         ORDER BY started_at DESC LIMIT 200"
    )?;
    Ok(rows
        .into_iter()
        .map(|row| Worker {
            name: row.name,
            started: Time(row.started_at),
            silent: row.silent,
            queue: row.queue,
            state: row.state,
            version: row.version,
            schema: row.schema,
            done: row.done,
            done_by_lane: serde_json::from_str(&row.done_by_lane).unwrap_or_default(),
        })
        .collect())
}

/// What a worker has in hand of one kind: leased, and being called out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InHand {
    /// Which worker.
    pub worker: String,
    /// Of which kind.
    pub kind: String,
    /// How many.
    pub effects: i64,
}

row! {
    struct InHandRow { worker: String, kind: String, effects: i64, }
}

/// What the workers have in hand, by worker and kind, at most 1,000 of them; counting stops at 10,000 in all. Inside effects
/// are in nobody's hand: they are claimed, done and gone in one transaction.
///
/// # Errors
/// What the database says.
pub async fn in_hand(conn: &mut Conn) -> Result<Vec<InHand>> {
    let rows = all!(
        conn,
        InHandRow,
        "SELECT worker, kind, count(*) AS effects
         FROM (SELECT lease_by AS worker, kind FROM effects WHERE state = 'running' LIMIT 10000) a
         GROUP BY worker, kind ORDER BY worker, kind LIMIT 1000"
    )?;
    Ok(rows.into_iter().map(|row| InHand { worker: row.worker, kind: row.kind, effects: row.effects }).collect())
}
