//! Where operators sit.

use super::db::{Conn, Error, Result, Tx, opt, row, run};
use crate::domain::{
    ask::Ask,
    ids::{CaseId, OperatorId, SittingId},
    sitting::Sitting,
    time::Time,
};

row! {
    struct SittingRow { ask: String, case_id: Option<String>, writing: Option<String>, draft: String, }
}

/// Where an operator sat last, if their console did not end by itself. A filter that can't be read any more is none.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn last(conn: &mut Conn, operator: &OperatorId) -> Result<Option<Sitting>> {
    let sql = "SELECT ask, case_id, writing, draft FROM sittings WHERE operator = $1";
    let Some(row) = opt!(conn, SittingRow, sql, operator.as_str())? else { return Ok(None) };
    let corrupt = |problem: String| Error::Corrupt { table: "sittings", id: operator.to_string(), problem };
    let writing = row.writing.as_deref().map(str::parse).transpose().map_err(corrupt)?;
    Ok(Some(Sitting {
        ask: Ask::parse(&row.ask).unwrap_or_default(),
        case: row.case_id.map(|id| id.parse::<CaseId>()).transpose().map_err(|e| corrupt(format!("{e}")))?,
        draft: writing.map(|writing| (writing, row.draft)),
    }))
}

/// Keeps where an operator sits, as the console `id` says.
///
/// # Errors
/// What the database says.
pub async fn save(tx: &mut Tx, operator: &OperatorId, id: SittingId, sitting: &Sitting, now: Time) -> Result<()> {
    let (writing, draft) = sitting.draft.as_ref().map(|(writing, text)| (writing.to_string(), text.as_str())).unzip();
    run!(
        tx,
        "INSERT INTO sittings (operator, id, ask, case_id, writing, draft, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (operator) DO UPDATE SET id = excluded.id, ask = excluded.ask, case_id = excluded.case_id,
             writing = excluded.writing, draft = excluded.draft, kept_at = excluded.kept_at",
        operator.as_str(),
        id.to_string(),
        sitting.ask.words(),
        sitting.case.map(|case| case.to_string()),
        writing,
        draft.unwrap_or_default(),
        now.0
    )?;
    Ok(())
}

/// Forgets where an operator sat, unless another console of theirs wrote it.
///
/// # Errors
/// What the database says.
pub async fn remove(tx: &mut Tx, operator: &OperatorId, id: SittingId) -> Result<()> {
    run!(tx, "DELETE FROM sittings WHERE operator = $1 AND id = $2", operator.as_str(), id.to_string())?;
    Ok(())
}
