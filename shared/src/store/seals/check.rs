//! What checking the whole record reads: pages of leaves with their events, and what has no leaf. Nothing that is read
//! here is trusted, so what can't be read back is a finding and no error.

use super::{
    super::db::{Conn, Result, all, one, row},
    count, int,
};
use crate::domain::{
    audit::Written,
    merkle::{Hash, Piece},
};

/// A leaf, and its event where it is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its number.
    pub leaf: u64,
    /// The id of its event.
    pub event: String,
    /// The hash that was sealed; `None` if what stands there is no hash.
    pub hash: Option<Hash>,
    /// The event.
    pub written: Option<Written>,
}

row! {
    struct LeafRow {
        leaf: i64,
        event_id: String,
        hash: String,
        id: Option<String>,
        at: Option<i64>,
        actor: Option<String>,
        auth: Option<String>,
        action: Option<String>,
        subject: Option<String>,
        case_id: Option<String>,
        body: Option<String>,
    }
}

impl LeafRow {
    fn leaf(self) -> Leaf {
        let Self { leaf, event_id, hash, id, at, actor, auth, action, subject, case_id, body } = self;
        let written = id.map(|id| Written {
            id,
            at: at.unwrap_or_default(),
            actor: actor.unwrap_or_default(),
            auth: auth.unwrap_or_default(),
            action: action.unwrap_or_default(),
            subject: subject.unwrap_or_default(),
            case: case_id,
            body: body.unwrap_or_default(),
        });
        Leaf { leaf: count(leaf), event: event_id, hash: hash.parse().ok(), written }
    }
}

/// The leaves numbered `from..to` that are there, in order.
///
/// # Errors
/// What the database says.
pub async fn leaves(conn: &mut Conn, from: u64, to: u64) -> Result<Vec<Leaf>> {
    let rows = all!(
        conn,
        LeafRow,
        "SELECT l.leaf, l.event_id, l.hash, a.id, a.at, a.actor, a.auth, a.action, a.subject, a.case_id, a.body
         FROM audit_leaves l LEFT JOIN audit a ON a.id = l.event_id WHERE l.leaf >= $1 AND l.leaf < $2 ORDER BY l.leaf",
        int(from),
        int(to)
    )?;
    Ok(rows.into_iter().map(LeafRow::leaf).collect())
}

row! {
    struct NodeRow { node: i64, hash: String, }
}

/// The kept nodes of a piece that are there, with their numbers.
///
/// # Errors
/// What the database says.
pub async fn nodes(conn: &mut Conn, piece: Piece) -> Result<Vec<(u64, Option<Hash>)>> {
    let rows = all!(
        conn,
        NodeRow,
        "SELECT node, hash FROM audit_nodes WHERE level = $1 AND node >= $2 AND node < $3 ORDER BY node",
        i64::from(piece.level),
        int(piece.from),
        int(piece.to)
    )?;
    Ok(rows.into_iter().map(|row| (count(row.node), row.hash.parse().ok())).collect())
}

row! {
    struct Number { number: i64, }
}

/// Events whose ids come before `id`.
///
/// # Errors
/// What the database says.
pub async fn events_before(conn: &mut Conn, id: &str) -> Result<u64> {
    Ok(count(one!(conn, Number, "SELECT count(*) AS number FROM audit WHERE id < $1", id)?.number))
}

/// Leaves with a negative number: no sealer of ours gives one.
///
/// # Errors
/// What the database says.
pub async fn impossible_leaves(conn: &mut Conn) -> Result<u64> {
    Ok(count(one!(conn, Number, "SELECT count(*) AS number FROM audit_leaves WHERE leaf < 0")?.number))
}
