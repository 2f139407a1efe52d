//! Rotas: each one that was ever in force, as it was loaded. The newest is in force.

use super::db::{Conn, Error, Result, Tx, opt, row, run};
use crate::domain::{
    ids::{AuditId, OperatorId},
    rota::Rota,
    time::Time,
};

/// A rota and who put it in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The rota.
    pub rota: Rota,
    /// Who loaded it.
    pub by: OperatorId,
    /// When.
    pub at: Time,
}

row! {
    struct RotaRow { id: String, body: String, loaded_by: String, loaded_at: i64, }
}

/// The rota in force, if any was ever loaded.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn current(conn: &mut Conn) -> Result<Option<Loaded>> {
    let row = opt!(conn, RotaRow, "SELECT id, body, loaded_by, loaded_at FROM rotas ORDER BY id DESC LIMIT 1")?;
    row.map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "rotas", id: row.id.clone(), problem };
        Ok(Loaded {
            rota: serde_json::from_str(&row.body).map_err(|e| corrupt(e.to_string()))?,
            by: row.loaded_by.parse().map_err(|e| corrupt(format!("{e}")))?,
            at: Time(row.loaded_at),
        })
    })
    .transpose()
}

/// Puts a rota in force, under the id of the audit event that tells of it.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, id: AuditId, rota: &Rota, by: &OperatorId, now: Time) -> Result<()> {
    let body = serde_json::to_string(rota).map_err(|e| Error::Corrupt {
        table: "rotas",
        id: "new".into(),
        problem: e.to_string(),
    })?;
    run!(
        tx,
        "INSERT INTO rotas (id, body, loaded_by, loaded_at) VALUES ($1, $2, $3, $4)",
        id.to_string(),
        body,
        by.as_str(),
        now.0
    )?;
    Ok(())
}
