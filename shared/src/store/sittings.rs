//! Where operators sit, and who of them is at work.

use super::db::{Conn, Error, Result, Tx, all, opt, row, run};
use crate::domain::{
    ask::Ask,
    ids::{CaseId, OperatorId, SittingId},
    operator::Role,
    sitting::{Seat, Sitting},
    time::Time,
};

/// Whose console was not heard of for so many microseconds is not at work: three missed beats.
pub const SILENT: i64 = 60_000_000;
/// Colleagues told at most.
pub const PRESENT: i64 = 200;

row! {
    struct SittingRow { ask: String, case_id: Option<String>, writing: Option<String>, draft: String, seat: String, }
}

/// Where an operator sat last, if their console did not end by itself. A filter that can't be read any more is none.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn last(conn: &mut Conn, operator: &OperatorId) -> Result<Option<Sitting>> {
    let sql = "SELECT ask, case_id, writing, draft, seat FROM sittings WHERE operator = $1";
    let Some(row) = opt!(conn, SittingRow, sql, operator.as_str())? else { return Ok(None) };
    let corrupt = |problem: String| Error::Corrupt { table: "sittings", id: operator.to_string(), problem };
    let writing = row.writing.as_deref().map(str::parse).transpose().map_err(corrupt)?;
    Ok(Some(Sitting {
        ask: Ask::parse(&row.ask).unwrap_or_default(),
        case: row.case_id.map(|id| id.parse::<CaseId>()).transpose().map_err(|e| corrupt(format!("{e}")))?,
        draft: writing.map(|writing| (writing, row.draft)),
        seat: row.seat.parse().map_err(corrupt)?,
    }))
}

/// Keeps where an operator sits, as the console `id` says. With `meek` nothing is kept while another console of theirs was
/// heard of lately: it is there that they sit.
///
/// # Errors
/// What the database says.
pub async fn save(
    tx: &mut Tx,
    operator: &OperatorId,
    id: SittingId,
    sitting: &Sitting,
    meek: bool,
    now: Time,
) -> Result<()> {
    let (writing, draft) = sitting.draft.as_ref().map(|(writing, text)| (writing.to_string(), text.as_str())).unzip();
    run!(
        tx,
        "INSERT INTO sittings (operator, id, ask, case_id, writing, draft, seat, since, kept_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, db_now())
         ON CONFLICT (operator) DO UPDATE SET id = excluded.id, ask = excluded.ask, case_id = excluded.case_id,
             writing = excluded.writing, draft = excluded.draft, seat = excluded.seat,
             since = CASE WHEN sittings.seat = excluded.seat AND coalesce(sittings.case_id, '') = coalesce(excluded.case_id, '')
                          THEN sittings.since ELSE excluded.since END,
             kept_at = excluded.kept_at, seen_at = excluded.seen_at
         WHERE $9 = 0 OR sittings.id = excluded.id OR sittings.seen_at < db_now() - $10",
        operator.as_str(),
        id.to_string(),
        sitting.ask.words(),
        sitting.case.map(|case| case.to_string()),
        writing,
        draft.unwrap_or_default(),
        sitting.seat.to_string(),
        now.0,
        i64::from(meek),
        SILENT
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

/// A colleague who is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    /// The account.
    pub who: OperatorId,
    /// The name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// What they have before them.
    pub seat: Seat,
    /// Which case, if it is one. None for a second look, which is nobody else's business.
    pub case: Option<CaseId>,
    /// Its listing's title: text of a stranger.
    pub title: Option<String>,
    /// Since when.
    pub since: Time,
}

row! {
    struct PresentRow {
        operator: String,
        name: String,
        role: String,
        seat: String,
        case_id: Option<String>,
        title: Option<String>,
        since: i64,
    }
}

/// Who else is at work, by name, at most [`PRESENT`].
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn present(conn: &mut Conn, but: &OperatorId) -> Result<Vec<Present>> {
    all!(
        conn,
        PresentRow,
        "SELECT s.operator, o.name, o.role, s.seat, s.case_id, n.title, s.since
         FROM sittings s JOIN operators o ON o.id = s.operator
         LEFT JOIN cases c ON s.seat = 'case' AND c.id = s.case_id
         LEFT JOIN snapshots n ON n.listing_id = c.listing_id AND n.version = c.snapshot_version
         WHERE s.operator <> $1 AND s.seat <> 'gone' AND s.seen_at >= db_now() - $2 AND o.enabled = 1
         ORDER BY o.name, o.id LIMIT $3",
        but.as_str(),
        SILENT,
        PRESENT
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "sittings", id: row.operator.clone(), problem };
        let seat: Seat = row.seat.parse().map_err(corrupt)?;
        let case = row.case_id.as_deref().filter(|_| row.title.is_some());
        Ok(Present {
            who: row.operator.parse().map_err(|e| corrupt(format!("{e}")))?,
            role: row.role.parse().map_err(corrupt)?,
            case: case.map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            name: row.name,
            seat,
            title: row.title,
            since: Time(row.since),
        })
    })
    .collect()
}
