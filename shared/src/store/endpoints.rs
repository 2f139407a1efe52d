//! Endpoints that failed since they last took something: the state of their circuit breakers, for the whole fleet.

use std::time::Duration;

use super::db::{Conn, Error, Result, Tx, all, one, row, run};
use crate::domain::{
    effect::{Endpoint, EndpointPolicy, Failing},
    time::Time,
};

row! {
    struct FailuresRow { failures: i64, parked_until: Option<i64>, }
}

/// Counts a failure and parks the endpoint where that is due; `asked` is the pause that it asked for itself. What fails
/// while it is parked was under way before and doesn't count. Gives until when it is parked, if that is news.
///
/// # Errors
/// What the database says.
pub async fn failed(
    tx: &mut Tx,
    endpoint: &Endpoint,
    policy: &EndpointPolicy,
    asked: Option<Duration>,
    why: &str,
    now: Time,
) -> Result<Option<Time>> {
    let row = one!(
        tx,
        FailuresRow,
        "INSERT INTO endpoints (name, failures, why, failed_at) VALUES ($1, 1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET why = excluded.why, failed_at = excluded.failed_at,
           failures = endpoints.failures + CASE WHEN coalesce(endpoints.parked_until, 0) > $3 THEN 0 ELSE 1 END
         RETURNING failures, parked_until",
        endpoint.to_string(),
        why,
        now.0
    )?;
    let before = row.parked_until.map(Time).filter(|until| *until > now);
    let until = match before {
        // Only what it asks for itself can make the pause longer.
        Some(before) => asked.map(|asked| now + asked).filter(|asked| *asked > before),
        None => policy.parked_until(row.failures, asked, now),
    };
    if let Some(until) = until {
        run!(tx, "UPDATE endpoints SET parked_until = $2 WHERE name = $1", endpoint.to_string(), until.0)?;
    }
    Ok(until.filter(|_| before.is_none()))
}

/// It took something: its breaker is closed. Mostly there is nothing to forget, and then nothing is written.
pub(super) async fn took(tx: &mut Tx, endpoint: &str) -> Result<()> {
    run!(tx, "DELETE FROM endpoints WHERE name = $1", endpoint)?;
    Ok(())
}

/// Forgets what an endpoint failed, so that everything for it is tried now. `false` if it had not failed.
///
/// # Errors
/// What the database says.
pub async fn forgive(tx: &mut Tx, endpoint: &Endpoint) -> Result<bool> {
    tx.wake_on_commit();
    Ok(run!(tx, "DELETE FROM endpoints WHERE name = $1", endpoint.to_string())? == 1)
}

row! {
    struct FailingRow { name: String, failures: i64, parked_until: Option<i64>, why: String, }
}

impl FailingRow {
    fn failing(self) -> Result<Failing> {
        let endpoint = self.name.parse();
        let corrupt = |problem| Error::Corrupt { table: "endpoints", id: self.name, problem };
        Ok(Failing {
            endpoint: endpoint.map_err(corrupt)?,
            failures: self.failures,
            parked_until: self.parked_until.map(Time),
            why: self.why,
        })
    }
}

/// Endpoints that failed since they last took something, those with most failures first, at most 200.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn failing(conn: &mut Conn) -> Result<Vec<Failing>> {
    let rows = all!(
        conn,
        FailingRow,
        "SELECT name, failures, parked_until, why FROM endpoints ORDER BY failures DESC, name LIMIT 200"
    )?;
    rows.into_iter().map(FailingRow::failing).collect()
}

/// Those of our own choosing, mail, marketplace and where pages go, that failed at least so often since they last took
/// something: their breakers are open. A brand's webhook is its own.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn ours_stopped(conn: &mut Conn, failures: i64) -> Result<Vec<Failing>> {
    let rows = all!(
        conn,
        FailingRow,
        "SELECT name, failures, parked_until, why FROM endpoints
         WHERE name IN ('mail', 'marketplace', 'pager_duty', 'alertmanager') AND failures >= $1 ORDER BY name LIMIT 10",
        failures
    )?;
    rows.into_iter().map(FailingRow::failing).collect()
}
