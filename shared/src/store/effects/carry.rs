//! How workers carry effects out.
//!
//! Inside effects: [`claim`], apply, [`done`] in one transaction; a killed worker's transaction rolls back.
//! Outside effects: [`lease`] in one transaction, call, then [`finish`] or [`fail`] in another, fenced by worker and
//! attempt: whoever lost the lease changes nothing. [`sweep`] gives back what a killed worker had leased.

use std::time::Duration;

use super::{Error, List, Result, all, history, opt, row};
use crate::{
    domain::{
        effect::{EffectState, Lane},
        ids::{DecisionId, EffectId},
        time::Time,
        trace::Trace,
    },
    store::{
        db::{Conn, Tx, run},
        endpoints,
    },
};

/// An effect that a worker has in its hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its id, and the idempotency key of what it does outside.
    pub id: EffectId,
    /// Its kind as stored.
    pub kind: String,
    /// Its payload's version.
    pub version: i64,
    /// The payload as JSON; see [`super::read_payload`].
    pub payload: String,
    /// The decision that it follows from.
    pub decision: Option<DecisionId>,
    /// What ties it together with what it follows from, and with what follows from it.
    pub trace: Trace,
    /// Which attempt this is, from 1: the fence.
    pub attempt: i64,
}

row! {
    struct ClaimedRow {
        id: String,
        kind: String,
        version: i64,
        payload: String,
        decision_id: Option<String>,
        trace: String,
        attempts: i64,
    }
}

row! {
    pub(super) struct IdRow { pub(super) id: String, }
}

pub(super) fn ids(rows: Vec<IdRow>) -> Result<Vec<EffectId>> {
    rows.into_iter()
        .map(|row| {
            row.id.parse().map_err(|e| Error::Corrupt { table: "effects", id: row.id.clone(), problem: format!("{e}") })
        })
        .collect()
}

fn claimed(rows: Vec<ClaimedRow>, add: i64) -> Result<Vec<Claimed>> {
    rows.into_iter()
        .map(|row| {
            let corrupt = |problem: String| Error::Corrupt { table: "effects", id: row.id.clone(), problem };
            Ok(Claimed {
                id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
                decision: row
                    .decision_id
                    .as_deref()
                    .map(str::parse)
                    .transpose()
                    .map_err(|e| corrupt(format!("{e}")))?,
                trace: row.trace.parse().map_err(&corrupt)?,
                attempt: row.attempts + add,
                kind: row.kind,
                version: row.version,
                payload: row.payload,
            })
        })
        .collect()
}

/// Ids that are due on these lanes at `now`, the longest due first, whoever they call and whether or not they are paused.
///
/// # Errors
/// What the database says.
pub async fn due(conn: &mut Conn, lanes: &[Lane], now: Time, limit: i64) -> Result<Vec<EffectId>> {
    ids(all!(
        conn,
        IdRow,
        "SELECT id FROM effects WHERE state = 'due' AND lane = ANY($1) AND due_at <= $2 ORDER BY due_at, id LIMIT $3",
        lanes.iter().collect::<List>(),
        now.0,
        limit
    )?)
}

/// Locks those of the inside effects that are due, on no paused lane, and that nobody else has, until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn claim(tx: &mut Tx, effects: &[EffectId], now: Time) -> Result<Vec<Claimed>> {
    // By id: the index of what is due, which `||` keeps out of it, costs by all that waits, and a planner whose statistics
    // are from before the rush takes it.
    let rows = all!(
        tx,
        ClaimedRow,
        "SELECT id, kind, version, payload, decision_id, trace, attempts FROM effects
         WHERE id = ANY($1) AND state || '' = 'due' AND lane IN ('removals', 'penalties') AND due_at <= $2
           AND lane NOT IN (SELECT name FROM lanes WHERE paused_at IS NOT NULL)
         ORDER BY id FOR UPDATE SKIP LOCKED",
        effects.iter().collect::<List>(),
        now.0
    )?;
    claimed(rows, 1)
}

/// Moves claimed inside effects to the history, as done.
///
/// # Errors
/// What the database says.
pub async fn done(tx: &mut Tx, effects: &[EffectId], now: Time) -> Result<()> {
    tx.wake_on_commit();
    history::done(tx, effects, EffectState::Due, 1, now).await
}

/// What happens to an effect that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is tried again at this time.
    Retry(Time),
    /// It waits for a person.
    Dead(Time),
    /// It waits until this time and the attempt doesn't count: not its fault.
    Park(Time),
}

/// Counts a failed attempt at an inside effect, in a transaction of its own.
///
/// # Errors
/// What the database says.
pub async fn fail_inside(tx: &mut Tx, id: EffectId, error: &str, next: Next) -> Result<()> {
    let (state, due, ended, count) = columns(next);
    run!(
        tx,
        "UPDATE effects SET state = $2, attempts = attempts + $6, due_at = coalesce($3, due_at), ended_at = $4, last_error = $5
         WHERE id = $1 AND state = 'due'",
        id.to_string(),
        state,
        due,
        ended,
        error,
        count
    )?;
    tx.wake_on_commit();
    Ok(())
}

fn columns(next: Next) -> (&'static str, Option<i64>, Option<i64>, i64) {
    match next {
        Next::Retry(at) => ("due", Some(at.0), None, 1),
        Next::Dead(at) => ("dead", None, Some(at.0), 1),
        Next::Park(until) => ("due", Some(until.0), None, 0),
    }
}

/// Leases those of the outside effects that are due, on no paused lane, to no parked endpoint, and that nobody else has,
/// for `span`, and counts the attempt.
///
/// # Errors
/// What the database says.
pub async fn lease(tx: &mut Tx, effects: &[EffectId], worker: &str, span: Duration, now: Time) -> Result<Vec<Claimed>> {
    let rows = all!(
        tx,
        ClaimedRow,
        "UPDATE effects SET state = 'running', attempts = attempts + 1, lease_by = $2, lease_until = db_now() + $3
         WHERE id IN (SELECT id FROM effects WHERE id = ANY($1) AND state || '' = 'due'
               AND lane NOT IN ('removals', 'penalties') AND due_at <= $4
               AND lane NOT IN (SELECT name FROM lanes WHERE paused_at IS NOT NULL)
               AND endpoint NOT IN (SELECT name FROM endpoints WHERE parked_until > $4) FOR UPDATE SKIP LOCKED)
         RETURNING id, kind, version, payload, decision_id, trace, attempts",
        effects.iter().collect::<List>(),
        worker,
        i64::try_from(span.as_micros()).unwrap_or(i64::MAX),
        now.0
    )?;
    claimed(rows, 0)
}

/// Moves a leased effect to the history, as done, and forgets what its endpoint failed before. `false` if the lease was lost
/// meanwhile; then nothing is changed.
///
/// # Errors
/// What the database says.
pub async fn finish(tx: &mut Tx, effect: &Claimed, worker: &str, now: Time) -> Result<bool> {
    let ours = opt!(
        tx,
        EndpointRow,
        "SELECT endpoint FROM effects WHERE id = $1 AND state = 'running' AND lease_by = $2 AND attempts = $3 FOR UPDATE",
        effect.id.to_string(),
        worker,
        effect.attempt
    )?;
    let Some(ours) = ours else { return Ok(false) };
    history::done(tx, &[effect.id], EffectState::Running, 0, now).await?;
    endpoints::took(tx, &ours.endpoint).await?;
    tx.wake_on_commit();
    Ok(true)
}

row! {
    struct EndpointRow { endpoint: String, }
}

/// Gives a leased effect back after a failure. `false` if the lease was lost meanwhile; then nothing is changed.
///
/// # Errors
/// What the database says.
pub async fn fail(tx: &mut Tx, effect: &Claimed, worker: &str, error: &str, next: Next) -> Result<bool> {
    let (state, due, ended, count) = columns(next);
    let marked = run!(
        tx,
        "UPDATE effects SET state = $4, lease_by = NULL, lease_until = NULL, due_at = coalesce($5, due_at), ended_at = $6,
                last_error = $7, attempts = attempts + $8 - 1
         WHERE id = $1 AND state = 'running' AND lease_by = $2 AND attempts = $3",
        effect.id.to_string(),
        worker,
        effect.attempt,
        state,
        due,
        ended,
        error,
        count
    )?;
    tx.wake_on_commit();
    Ok(marked == 1)
}

row! {
    struct SweptRow { id: String, state: String, }
}

/// Gives back leased effects whose lease ran out: due again at `now`, or dead where `attempts_max` were begun.
/// At most 1,000 a call. Gives (due again, dead).
///
/// # Errors
/// What the database says.
pub async fn sweep(tx: &mut Tx, attempts_max: i64, now: Time) -> Result<(usize, usize)> {
    let rows = all!(
        tx,
        SweptRow,
        "UPDATE effects SET state = CASE WHEN attempts >= $1 THEN 'dead' ELSE 'due' END, due_at = $2,
                ended_at = CASE WHEN attempts >= $1 THEN $2 END, lease_by = NULL, lease_until = NULL,
                last_error = 'the worker that had it stopped answering (attempt ' || attempts || ')'
         WHERE state = 'running' AND id IN (SELECT id FROM effects WHERE state = 'running' AND lease_until <= db_now()
               ORDER BY lease_until LIMIT 1000 FOR UPDATE SKIP LOCKED)
         RETURNING id, state",
        attempts_max,
        now.0
    )?;
    if !rows.is_empty() {
        tx.wake_on_commit();
    }
    let dead = rows.iter().filter(|row| row.state == "dead").count();
    for row in &rows {
        tracing::warn!(effect = row.id, state = row.state, "a worker's lease ran out");
    }
    Ok((rows.len() - dead, dead))
}

/// Gives back whatever a worker that leaves still has leased: due again at `now`, or dead where `attempts_max` were
/// begun. The attempt stays counted, since the call may have been made. Gives how many.
///
/// # Errors
/// What the database says.
pub async fn hand_back(tx: &mut Tx, worker: &str, attempts_max: i64, now: Time) -> Result<u64> {
    run!(
        tx,
        "UPDATE effects SET state = CASE WHEN attempts >= $2 THEN 'dead' ELSE 'due' END, due_at = $3,
                ended_at = CASE WHEN attempts >= $2 THEN $3 END, lease_by = NULL, lease_until = NULL,
                last_error = 'the worker that had it left (attempt ' || attempts || ')'
         WHERE state = 'running' AND lease_by = $1",
        worker,
        attempts_max,
        now.0
    )
}
