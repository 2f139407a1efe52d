//! What only one process may do at a time (lead the relay), and which workers are alive; on the database's clock.

use std::time::Duration;

use super::db::{Conn, Result, Tx, all, known, row, run};
use crate::domain::time::Time;

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
}

row! {
    struct WorkerRow { name: String, started_at: i64, silent: i64, queue: String, state: String, version: String, schema: i64, done: i64, }
}

/// Says that a worker is alive and how many effects it has carried out, and forgets those not seen for a day.
///
/// # Errors
/// What the database says.
pub async fn beat(tx: &mut Tx, name: &str, started: Time, queue: &str, state: &str, done: i64) -> Result<()> {
    run!(
        tx,
        "INSERT INTO workers (name, started_at, seen_at, queue, state, version, schema, done)
         VALUES ($1, $2, db_now(), $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at, state = excluded.state, done = excluded.done",
        name,
        started.0,
        queue,
        state,
        env!("CARGO_PKG_VERSION"),
        known(),
        done
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
        "SELECT name, started_at, db_now() - seen_at AS silent, queue, state, version, schema, done FROM workers
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
        })
        .collect())
}
