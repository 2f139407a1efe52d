//! The keys with which operators come in over SSH, and the accounts through which they may.

use super::super::db::{Conn, Error, Result, Tx, all, opt, row, run};
use crate::domain::{
    ids::OperatorId,
    operator::key::{Fingerprint, OperatorKey},
    time::Time,
};

/// A key that was given to us for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// Whose.
    pub operator: OperatorId,
    /// The key.
    pub key: OperatorKey,
    /// When it was added.
    pub added_at: Time,
    /// Since when it lets nobody in.
    pub revoked_at: Option<Time>,
}

row! {
    struct KeyRow {
        fingerprint: String,
        operator: String,
        public_key: String,
        comment: String,
        added_at: i64,
        revoked_at: Option<i64>,
    }
}

impl KeyRow {
    fn kept(self) -> Result<KeptKey> {
        let corrupt =
            |problem: String| Error::Corrupt { table: "operator_keys", id: self.fingerprint.clone(), problem };
        Ok(KeptKey {
            operator: self.operator.parse().map_err(|e| corrupt(format!("{e}")))?,
            key: OperatorKey {
                fingerprint: self.fingerprint.parse().map_err(|e| corrupt(format!("{e}")))?,
                public_key: self.public_key,
                comment: self.comment,
            },
            added_at: Time(self.added_at),
            revoked_at: self.revoked_at.map(Time),
        })
    }
}

/// The key with this fingerprint, revoked or not.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, fingerprint: &Fingerprint) -> Result<Option<KeptKey>> {
    opt!(
        conn,
        KeyRow,
        "SELECT fingerprint, operator, public_key, comment, added_at, revoked_at FROM operator_keys WHERE fingerprint = $1",
        fingerprint.as_str()
    )?
    .map(KeyRow::kept)
    .transpose()
}

/// Everybody's keys, by their owners, revoked ones too; at most 1,000.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn) -> Result<Vec<KeptKey>> {
    all!(
        conn,
        KeyRow,
        "SELECT fingerprint, operator, public_key, comment, added_at, revoked_at FROM operator_keys
         ORDER BY operator, added_at, fingerprint LIMIT 1000"
    )?
    .into_iter()
    .map(KeyRow::kept)
    .collect()
}

/// Keeps a key. `false` if it was here before, whosever it is.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, key: &OperatorKey, operator: &OperatorId, by: &OperatorId, now: Time) -> Result<bool> {
    let added = run!(
        tx,
        "INSERT INTO operator_keys (fingerprint, operator, public_key, comment, added_by, added_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        key.fingerprint.as_str(),
        operator.as_str(),
        key.public_key.as_str(),
        key.comment.as_str(),
        by.as_str(),
        now.0
    )?;
    Ok(added == 1)
}

/// Lets a key in no more. `false` if it was revoked before or is unknown.
///
/// # Errors
/// What the database says.
pub async fn revoke(tx: &mut Tx, fingerprint: &Fingerprint, by: &OperatorId, now: Time) -> Result<bool> {
    let revoked = run!(
        tx,
        "UPDATE operator_keys SET revoked_by = $2, revoked_at = $3 WHERE fingerprint = $1 AND revoked_at IS NULL",
        fingerprint.as_str(),
        by.as_str(),
        now.0
    )?;
    Ok(revoked == 1)
}

row! {
    struct GateRow { account: String, }
}

/// Whether a console that this account starts believes who sshd says it is.
///
/// # Errors
/// What the database says.
pub async fn is_gate(conn: &mut Conn, account: &OperatorId) -> Result<bool> {
    let row = opt!(conn, GateRow, "SELECT account FROM gates WHERE account = $1", account.as_str())?;
    Ok(row.is_some_and(|row| row.account == account.as_str()))
}

/// Opens or closes a gate. `false` if it was so before.
///
/// # Errors
/// What the database says.
pub async fn set_gate(tx: &mut Tx, account: &OperatorId, open: bool, by: &OperatorId, now: Time) -> Result<bool> {
    let changed = if open {
        run!(
            tx,
            "INSERT INTO gates (account, opened_by, opened_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            account.as_str(),
            by.as_str(),
            now.0
        )?
    } else {
        run!(tx, "DELETE FROM gates WHERE account = $1", account.as_str())?
    };
    Ok(changed == 1)
}
