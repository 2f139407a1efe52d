//! How it stands with the register: how much waits, and whether it answers.

use super::super::db::{Conn, Result, Tx, one, opt, row, run};
use crate::domain::time::Time;

/// How it stands, for `status`. Counts stop at 10,000.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Statements that wait.
    pub waiting: i64,
    /// When the oldest of them was due.
    pub oldest: Option<Time>,
    /// Statements that the register won't take; they wait for a person.
    pub rejected: i64,
    /// Failures in a row.
    pub failures: i64,
    /// When it is called again after a failure.
    pub next: Option<Time>,
    /// What went wrong last; `None` once it answered.
    pub last_error: Option<String>,
    /// When it was called last.
    pub tried: Option<Time>,
    /// When it last took something.
    pub accepted: Option<Time>,
}

row! {
    struct CallsRow { failures: i64, next_at: i64, last_error: Option<String>, tried_at: i64, accepted_at: Option<i64>, }
}

row! {
    struct CountsRow { waiting: i64, oldest: Option<i64>, rejected: i64, }
}

/// How it stands.
///
/// # Errors
/// What the database says.
pub async fn standing(conn: &mut Conn) -> Result<Standing> {
    let counts = one!(
        conn,
        CountsRow,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM statements WHERE state = 'waiting' LIMIT 10000) a) AS waiting,
                (SELECT min(due_at) FROM statements WHERE state = 'waiting') AS oldest,
                (SELECT count(*) FROM (SELECT 1 FROM statements WHERE state = 'rejected' LIMIT 10000) b) AS rejected"
    )?;
    let calls = calls(conn).await?;
    Ok(Standing {
        waiting: counts.waiting,
        oldest: counts.oldest.map(Time),
        rejected: counts.rejected,
        failures: calls.as_ref().map_or(0, |row| row.failures),
        next: calls.as_ref().filter(|row| row.failures > 0).map(|row| Time(row.next_at)),
        tried: calls.as_ref().map(|row| Time(row.tried_at)),
        accepted: calls.as_ref().and_then(|row| row.accepted_at).map(Time),
        last_error: calls.and_then(|row| row.last_error),
    })
}

async fn calls(conn: &mut Conn) -> Result<Option<CallsRow>> {
    opt!(
        conn,
        CallsRow,
        "SELECT failures, next_at, last_error, tried_at, accepted_at FROM register WHERE name = 'register'"
    )
}

/// Failures in a row, and the moment before which it must be left alone.
///
/// # Errors
/// What the database says.
pub async fn backoff(conn: &mut Conn) -> Result<(i64, Time)> {
    Ok(calls(conn).await?.map_or((0, Time(i64::MIN)), |row| (row.failures, Time(row.next_at))))
}

/// Notes that it answered; `accepted` if it took something.
///
/// # Errors
/// What the database says.
pub async fn answered(tx: &mut Tx, accepted: bool, now: Time) -> Result<()> {
    run!(
        tx,
        "INSERT INTO register (name, failures, next_at, last_error, tried_at, accepted_at) VALUES ('register', 0, $1, NULL, $1, $2)
         ON CONFLICT (name) DO UPDATE SET failures = 0, next_at = excluded.next_at, last_error = NULL,
            tried_at = excluded.tried_at, accepted_at = coalesce(excluded.accepted_at, register.accepted_at)",
        now.0,
        accepted.then_some(now.0)
    )?;
    Ok(())
}

/// Notes that it failed, why, and when it is called again.
///
/// # Errors
/// What the database says.
pub async fn failed(tx: &mut Tx, failures: i64, why: &str, next: Time, now: Time) -> Result<()> {
    run!(
        tx,
        "INSERT INTO register (name, failures, next_at, last_error, tried_at) VALUES ('register', $1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, next_at = excluded.next_at,
            last_error = excluded.last_error, tried_at = excluded.tried_at",
        failures,
        next.0,
        why,
        now.0
    )?;
    Ok(())
}

/// Lets it be called at once, whatever it failed before.
///
/// # Errors
/// What the database says.
pub async fn call_now(tx: &mut Tx, now: Time) -> Result<()> {
    run!(tx, "UPDATE register SET next_at = $1 WHERE name = 'register' AND next_at > $1", now.0)?;
    Ok(())
}
