//! Who works here.

pub mod keys;
pub mod preferences;

use super::db::{Conn, Error, Result, Tx, all, one, opt, row, run};
use crate::domain::{
    ids::OperatorId,
    operator::{Operator, Role},
    time::Time,
};

row! {
    struct OperatorRow { id: String, name: String, role: String, enabled: i64, desks: String, team: String, }
}

impl OperatorRow {
    fn operator(self) -> Result<Operator> {
        let corrupt = |problem: String| Error::Corrupt { table: "operators", id: self.id.clone(), problem };
        Ok(Operator {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            role: self.role.parse().map_err(corrupt)?,
            desks: self
                .desks
                .split(',')
                .filter(|desk| !desk.is_empty())
                .map(|desk| desk.parse().map_err(corrupt))
                .collect::<Result<_>>()?,
            enabled: self.enabled == 1,
            team: Some(self.team).filter(|team| !team.is_empty()),
            name: self.name,
        })
    }
}

/// The operator with this account.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: &OperatorId) -> Result<Option<Operator>> {
    opt!(conn, OperatorRow, "SELECT id, name, role, enabled, desks, team FROM operators WHERE id = $1", id.as_str())?
        .map(OperatorRow::operator)
        .transpose()
}

row! {
    struct Count { n: i64, }
}

/// Keeps others from changing what is one operator's until the transaction ends; `false` for no operator.
///
/// # Errors
/// What the database says.
pub async fn lock(tx: &mut Tx, id: &OperatorId) -> Result<bool> {
    let sql = "SELECT CAST(1 AS BIGINT) AS n FROM operators WHERE id = $1 FOR NO KEY UPDATE";
    Ok(opt!(tx, Count, sql, id.as_str())?.is_some())
}

/// Everybody, by account, at most 1,000.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn) -> Result<Vec<Operator>> {
    all!(conn, OperatorRow, "SELECT id, name, role, enabled, desks, team FROM operators ORDER BY id LIMIT 1000")?
        .into_iter()
        .map(OperatorRow::operator)
        .collect()
}

/// Writes an operator, new or changed.
///
/// # Errors
/// What the database says.
pub async fn save(tx: &mut Tx, operator: &Operator, now: Time) -> Result<()> {
    run!(
        tx,
        "INSERT INTO operators (id, name, role, enabled, added_at, desks, team) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, enabled = excluded.enabled,
             desks = excluded.desks, team = excluded.team",
        operator.id.as_str(),
        operator.name.as_str(),
        operator.role.as_str(),
        i64::from(operator.enabled),
        now.0,
        operator.desks.iter().map(|desk| desk.as_str()).collect::<Vec<_>>().join(","),
        operator.team.as_deref().unwrap_or_default()
    )?;
    Ok(())
}

/// How many hold the role and may sign in; counting stops at 1,000.
///
/// # Errors
/// What the database says.
pub async fn enabled(conn: &mut Conn, role: Role) -> Result<i64> {
    let sql = "SELECT count(*) AS n FROM (SELECT 1 FROM operators WHERE role = $1 AND enabled = 1 LIMIT 1000) a";
    Ok(one!(conn, Count, sql, role.as_str())?.n)
}
