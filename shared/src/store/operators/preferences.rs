//! What each operator's console is like.

use super::super::db::{Conn, Result, Tx, opt, row, run};
use crate::domain::{ids::OperatorId, operator::preferences::Preferences, time::Time};

row! {
    struct PreferencesRow { theme: Option<String>, ascii: i64, keys: String, }
}

/// What an operator chose; the default for whoever chose nothing. A theme that this program doesn't know is none: it must
/// keep nobody from their seat.
///
/// # Errors
/// What the database says.
pub async fn get(conn: &mut Conn, operator: &OperatorId) -> Result<Preferences> {
    let sql = "SELECT theme, ascii, keys FROM preferences WHERE operator = $1";
    let row = opt!(conn, PreferencesRow, sql, operator.as_str())?;
    let chosen = row.map(|row| Preferences {
        theme: row.theme.and_then(|name| name.parse().ok()),
        ascii: row.ascii == 1,
        keys: row.keys,
    });
    Ok(chosen.unwrap_or_default())
}

/// Keeps what an operator's console is to be like, in place of what was kept; `by` whoever said it.
///
/// # Errors
/// What the database says.
pub async fn save(
    tx: &mut Tx,
    operator: &OperatorId,
    preferences: &Preferences,
    by: &OperatorId,
    now: Time,
) -> Result<()> {
    run!(
        tx,
        "INSERT INTO preferences (operator, theme, ascii, keys, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (operator) DO UPDATE SET theme = excluded.theme, ascii = excluded.ascii, keys = excluded.keys,
             set_by = excluded.set_by, set_at = excluded.set_at",
        operator.as_str(),
        preferences.theme.map(|theme| theme.as_str()),
        i64::from(preferences.ascii),
        preferences.keys.as_str(),
        by.as_str(),
        now.0
    )?;
    Ok(())
}
