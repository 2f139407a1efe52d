//! Circuit breakers of the automatic path, and what went by them.

use super::db::{Conn, Error, List, Result, Tx, all, one, row, run};
use crate::domain::{
    automatic::{Guarded, Load},
    ids::OperatorId,
    time::Time,
    trust::Instants,
};

/// A breaker that tripped at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// What it guards.
    pub guarded: Guarded,
    /// Since when it stops the path, and why; `None` when it is closed.
    pub tripped: Option<(Time, String)>,
    /// Only what was removed since then counts: when it was closed last.
    pub counts_from: Time,
}

row! {
    struct BreakerRow { guarded: String, tripped_at: Option<i64>, why: Option<String>, counts_from: i64, }
}

impl BreakerRow {
    fn breaker(self) -> Result<Breaker> {
        let corrupt = |problem: String| Error::Corrupt { table: "breakers", id: self.guarded.clone(), problem };
        Ok(Breaker {
            guarded: self.guarded.parse().map_err(corrupt)?,
            tripped: self.tripped_at.map(Time).zip(self.why),
            counts_from: Time(self.counts_from),
        })
    }
}

/// These breakers, as far as they ever tripped.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get_many(conn: &mut Conn, guarded: impl IntoIterator<Item = &Guarded>) -> Result<Vec<Breaker>> {
    all!(
        conn,
        BreakerRow,
        "SELECT guarded, tripped_at, why, counts_from FROM breakers WHERE guarded = ANY($1)",
        guarded.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(BreakerRow::breaker)
    .collect()
}

/// The breakers that ever tripped, at most 1,000: those that stop the path now first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn) -> Result<Vec<Breaker>> {
    all!(
        conn,
        BreakerRow,
        "SELECT guarded, tripped_at, why, counts_from FROM breakers
         ORDER BY CASE WHEN tripped_at IS NULL THEN 1 ELSE 0 END, guarded LIMIT 1000"
    )?
    .into_iter()
    .map(BreakerRow::breaker)
    .collect()
}

/// Trips a breaker. False if it was tripped before.
///
/// # Errors
/// What the database says.
pub async fn trip(tx: &mut Tx, guarded: &Guarded, why: &str, now: Time) -> Result<bool> {
    let changed = run!(
        tx,
        "INSERT INTO breakers (guarded, tripped_at, why, counts_from) VALUES ($1, $2, $3, 0)
         ON CONFLICT (guarded) DO UPDATE SET tripped_at = excluded.tripped_at, why = excluded.why
         WHERE breakers.tripped_at IS NULL",
        guarded.to_string(),
        now.0,
        why
    )?;
    Ok(changed == 1)
}

/// Closes a breaker; what was removed before no longer counts. False if it was not tripped.
///
/// # Errors
/// What the database says.
pub async fn close(tx: &mut Tx, guarded: &Guarded, now: Time) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE breakers SET tripped_at = NULL, why = NULL, counts_from = $2 WHERE guarded = $1 AND tripped_at IS NOT NULL",
        guarded.to_string(),
        now.0
    )?;
    Ok(changed == 1)
}

row! {
    struct LoadRow { total: i64, reversed: i64, hour: i64, }
}

/// What went by a breaker since `from`, and of it since `hour`. A rule's decisions are found by `decider`.
///
/// # Errors
/// What the database says.
pub async fn load(conn: &mut Conn, guarded: &Guarded, decider: &OperatorId, from: Time, hour: Time) -> Result<Load> {
    let row = match guarded {
        Guarded::Brand(brand) => one!(
            conn,
            LoadRow,
            "SELECT count(*) AS total, count(undone_at) AS reversed,
                    CAST(coalesce(sum(CASE WHEN decided_at > $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS hour
             FROM decisions WHERE brand_id = $1 AND decided_at >= $2 AND automated = 1 AND outcome = 'removed'",
            brand.as_str(),
            from.0,
            hour.0
        )?,
        Guarded::Rule(_) => one!(
            conn,
            LoadRow,
            "SELECT count(*) AS total, count(undone_at) AS reversed,
                    CAST(coalesce(sum(CASE WHEN decided_at > $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS hour
             FROM decisions WHERE decided_by = $1 AND decided_at >= $2 AND automated = 1 AND outcome = 'removed'",
            decider.as_str(),
            from.0,
            hour.0
        )?,
    };
    Ok(Load { hour: row.hour, window: Instants { total: row.total, reversed: row.reversed } })
}
