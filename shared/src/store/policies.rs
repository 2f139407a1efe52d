//! The versions of policy. The newest is in force; none is ever changed.

use serde_json::Value;

use super::db::{Conn, Error, Result, Tx, all, opt, row, run};
use crate::domain::{ids::OperatorId, policy::Change, time::Time};

/// One version of policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its number, from 1.
    pub version: i64,
    /// All that differs from the defaults (see [`crate::domain::policy::Policy::overrides`]).
    pub overrides: Value,
    /// What it changed of the version before.
    pub changes: Vec<Change>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: OperatorId,
    /// When.
    pub at: Time,
}

row! {
    struct VersionRow {
        version: i64,
        overrides: String,
        changes: String,
        reason: String,
        changed_by: String,
        changed_at: i64,
    }
}

impl VersionRow {
    fn version(self) -> Result<Version> {
        let corrupt = |problem: String| Error::Corrupt { table: "policy", id: self.version.to_string(), problem };
        Ok(Version {
            version: self.version,
            overrides: serde_json::from_str(&self.overrides).map_err(|e| corrupt(e.to_string()))?,
            changes: serde_json::from_str(&self.changes).map_err(|e| corrupt(e.to_string()))?,
            by: self.changed_by.parse().map_err(|e| corrupt(format!("{e}")))?,
            at: Time(self.changed_at),
            reason: self.reason,
        })
    }
}

/// The number of the version in force; 0 while nothing was changed.
///
/// # Errors
/// What the database says.
pub async fn version(conn: &mut Conn) -> Result<i64> {
    row! { struct Number { version: i64, } }
    let newest = opt!(conn, Number, "SELECT version FROM policy ORDER BY version DESC LIMIT 1")?;
    Ok(newest.map_or(0, |row| row.version))
}

/// The version in force; `None` while nothing was changed.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn newest(conn: &mut Conn) -> Result<Option<Version>> {
    Ok(history(conn, 1).await?.pop())
}

/// The versions, newest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn history(conn: &mut Conn, limit: i64) -> Result<Vec<Version>> {
    all!(
        conn,
        VersionRow,
        "SELECT version, overrides, changes, reason, changed_by, changed_at FROM policy ORDER BY version DESC LIMIT $1",
        limit
    )?
    .into_iter()
    .map(VersionRow::version)
    .collect()
}

/// Puts a version in force.
///
/// # Errors
/// What the database says; if its number was given meanwhile, that is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, version: &Version) -> Result<()> {
    run!(
        tx,
        "INSERT INTO policy (version, overrides, changes, reason, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6)",
        version.version,
        version.overrides.to_string(),
        serde_json::json!(version.changes).to_string(),
        version.reason.as_str(),
        version.by.as_str(),
        version.at.0
    )?;
    Ok(())
}
