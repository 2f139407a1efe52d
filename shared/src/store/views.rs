//! Filters that operators kept under a number key.

use super::db::{Conn, Error, Result, Tx, all, row, run};
use crate::domain::{ids::OperatorId, time::Time, view::View};

row! {
    struct ViewRow { slot: i64, name: String, ask: String, }
}

/// An operator's views, by key.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn, operator: &OperatorId) -> Result<Vec<View>> {
    let sql = "SELECT slot, name, ask FROM views WHERE operator = $1 ORDER BY slot LIMIT 9";
    let rows = all!(conn, ViewRow, sql, operator.as_str())?;
    rows.into_iter()
        .map(|row| {
            let slot = u8::try_from(row.slot).unwrap_or(0);
            View::new(slot, &row.name, &row.ask).map_err(|refused| Error::Corrupt {
                table: "views",
                id: format!("{operator} {slot}"),
                problem: refused.to_string(),
            })
        })
        .collect()
}

/// Keeps a view, in place of the one that had its key.
///
/// # Errors
/// What the database says.
pub async fn save(tx: &mut Tx, operator: &OperatorId, view: &View, now: Time) -> Result<()> {
    run!(
        tx,
        "INSERT INTO views (operator, slot, name, ask, kept_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (operator, slot) DO UPDATE SET name = excluded.name, ask = excluded.ask, kept_at = excluded.kept_at",
        operator.as_str(),
        i64::from(view.slot),
        view.name.as_str(),
        view.ask.words(),
        now.0
    )?;
    Ok(())
}

/// Forgets the view of a key. Whether there was one.
///
/// # Errors
/// What the database says.
pub async fn remove(tx: &mut Tx, operator: &OperatorId, slot: u8) -> Result<bool> {
    let sql = "DELETE FROM views WHERE operator = $1 AND slot = $2";
    Ok(run!(tx, sql, operator.as_str(), i64::from(slot))? > 0)
}
