//! Lanes as on-call left them: paused, slowed down, or running.

use super::db::{Conn, Error, Result, Tx, all, row, run};
use crate::domain::{
    effect::{Lane, LaneState, Paused},
    ids::OperatorId,
    time::Time,
};

row! {
    struct LaneRow {
        name: String,
        paused_at: Option<i64>,
        paused_by: Option<String>,
        reason: Option<String>,
        rate: Option<i64>,
    }
}

impl LaneRow {
    fn lane(self) -> Result<LaneState> {
        let lane = self.name.parse().map_err(|problem| Error::Corrupt { table: "lanes", id: self.name, problem })?;
        let paused = match (self.paused_at, self.paused_by, self.reason) {
            (Some(at), Some(by), Some(reason)) => Some(Paused { at: Time(at), by, reason }),
            _ => None,
        };
        Ok(LaneState { lane, paused, rate: self.rate.map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)) })
    }
}

/// All lanes, in the order of their priority.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn) -> Result<Vec<LaneState>> {
    let rows = all!(conn, LaneRow, "SELECT name, paused_at, paused_by, reason, rate FROM lanes LIMIT 100")?;
    let mut lanes = rows.into_iter().map(LaneRow::lane).collect::<Result<Vec<_>>>()?;
    lanes.sort_by_key(|state| state.lane);
    Ok(lanes)
}

/// Lanes that are paused, in the order of their priority: mostly none.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn paused(conn: &mut Conn) -> Result<Vec<LaneState>> {
    let mut lanes = list(conn).await?;
    lanes.retain(|state| state.paused.is_some());
    Ok(lanes)
}

/// Pauses a lane; `false` if it was paused before.
///
/// # Errors
/// What the database says.
pub async fn pause(tx: &mut Tx, lane: Lane, by: &OperatorId, reason: &str, now: Time) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE lanes SET paused_at = $2, paused_by = $3, reason = $4 WHERE name = $1 AND paused_at IS NULL",
        lane.as_str(),
        now.0,
        by.as_str(),
        reason
    )?;
    Ok(changed == 1)
}

/// Lets a lane go on; `false` if it was not paused.
///
/// # Errors
/// What the database says.
pub async fn resume(tx: &mut Tx, lane: Lane) -> Result<bool> {
    tx.wake_on_commit();
    let sql =
        "UPDATE lanes SET paused_at = NULL, paused_by = NULL, reason = NULL WHERE name = $1 AND paused_at IS NOT NULL";
    Ok(run!(tx, sql, lane.as_str())? == 1)
}

/// Sets how many effects of a lane the fleet begins in a second at most; `false` if that was so before.
///
/// # Errors
/// What the database says.
pub async fn set_rate(tx: &mut Tx, lane: Lane, rate: Option<u32>) -> Result<bool> {
    tx.wake_on_commit();
    let sql = "UPDATE lanes SET rate = $2 WHERE name = $1 AND coalesce(rate, 0) <> coalesce($2, 0)";
    Ok(run!(tx, sql, lane.as_str(), rate.map(i64::from))? == 1)
}
