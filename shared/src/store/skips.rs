//! Cases that people passed over.

use super::db::{Conn, Error, Result, Tx, all, row, run};
use crate::domain::{
    ids::{CaseId, OperatorId, SkipId},
    skip::SkipReason,
    time::Time,
};

/// One passing over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// Its id.
    pub id: SkipId,
    /// Which case.
    pub case: CaseId,
    /// By whom.
    pub by: OperatorId,
    /// Why.
    pub reason: SkipReason,
    /// In their words.
    pub note: String,
    /// When.
    pub at: Time,
}

/// A case in the queue that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which.
    pub case: CaseId,
    /// When its review is due.
    pub due: Time,
    /// The listing's title: text of a stranger.
    pub title: String,
    /// How often it was passed over, by anybody.
    pub times: i64,
    /// The newest passings over, newest first, at most 20.
    pub skips: Vec<Skip>,
}

/// Writes one down.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, skip: &Skip) -> Result<()> {
    run!(
        tx,
        "INSERT INTO skips (id, case_id, operator, reason, note, skipped_at) VALUES ($1, $2, $3, $4, $5, $6)",
        skip.id.to_string(),
        skip.case.to_string(),
        skip.by.as_str(),
        skip.reason.as_str(),
        skip.note.as_str(),
        skip.at.0
    )?;
    Ok(())
}

row! {
    struct CaseRow { id: String, due_at: i64, title: String, times: i64, }
}

row! {
    struct SkipRow { id: String, operator: String, reason: String, note: String, skipped_at: i64, }
}

/// The cases in the queue that were passed over since they came into it, the one that waits longest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn waiting(conn: &mut Conn, limit: i64) -> Result<Vec<Skipped>> {
    let rows = all!(
        conn,
        CaseRow,
        "SELECT c.id, c.due_at, s.title, k.times
         FROM (SELECT case_id, count(*) AS times, min(skipped_at) AS first, max(skipped_at) AS last FROM skips GROUP BY case_id) k
         JOIN cases c ON c.id = k.case_id AND c.state IN ('open', 'held', 'appealed') AND k.last >= c.opened_at
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version
         ORDER BY k.first, c.id LIMIT $1",
        limit
    )?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.id.clone();
        let case: CaseId =
            id.parse().map_err(|e| Error::Corrupt { table: "cases", id: row.id, problem: format!("{e}") })?;
        let skips = of_case(conn, case).await?;
        found.push(Skipped { case, due: Time(row.due_at), title: row.title, times: row.times, skips });
    }
    Ok(found)
}

/// Who passed over a case, newest first, at most 20.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Skip>> {
    all!(
        conn,
        SkipRow,
        "SELECT id, operator, reason, note, skipped_at FROM skips WHERE case_id = $1 ORDER BY skipped_at DESC, id DESC LIMIT 20",
        case.to_string()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "skips", id: row.id.clone(), problem };
        Ok(Skip {
            id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            case,
            by: row.operator.parse().map_err(|e| corrupt(format!("{e}")))?,
            reason: row.reason.parse().map_err(corrupt)?,
            note: row.note,
            at: Time(row.skipped_at),
        })
    })
    .collect()
}
