//! The seals of the audit record: numbered leaves, kept nodes of the tree, checkpoints. Rows are added and never changed.

pub mod check;

use std::collections::HashSet;

use super::{
    audit::AuditRow,
    db::{self, Column, Conn, Error, List, Result, Tx, all, one, opt, row, run},
};
use crate::domain::{
    audit::Written,
    checkpoint::Note,
    merkle::{Hash, Node, Piece, Span, Tree, pieces},
    time::Time,
};

pub use super::db::LAST_ID;

/// A number as the database keeps it.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number as the tree counts. The schema's checks keep it from being negative, an owner's hand doesn't: then it is 0.
pub(super) fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

row! {
    struct Id { id: String, }
}

/// Ids looked at in one statement.
const IDS: usize = 2000;

/// Events with ids in `from..to` that have no number yet, in the order of their ids, at most `limit`. The cost is that of
/// the window, not of the record.
///
/// The difference is taken here and not by a join: PostgreSQL keeps the plan that it made while the tables were small,
/// and with that one a batch was compared leaf by leaf, a minute for 17,000 events.
///
/// # Errors
/// What the database says.
pub async fn unsealed(conn: &mut Conn, from: &str, to: &str, limit: usize) -> Result<Vec<Written>> {
    let mut found = List::default();
    let mut from = from.to_owned();
    while found.0.len() < limit {
        let ids = all!(
            conn,
            Id,
            "SELECT id FROM audit WHERE id >= $1 AND id < $2 ORDER BY id LIMIT $3",
            from.as_str(),
            to,
            int(IDS as u64)
        )?;
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { break };
        // No more than the ids above, unless somebody made leaves without events.
        let sealed = all!(
            conn,
            Id,
            "SELECT event_id AS id FROM audit_leaves WHERE event_id >= $1 AND event_id <= $2 ORDER BY event_id LIMIT $3",
            first.id.as_str(),
            last.id.as_str(),
            int(4 * IDS as u64)
        )?;
        let sealed: HashSet<String> = sealed.into_iter().map(|row| row.id).collect();
        let is_last = ids.len() < IDS;
        // The next text after the last id: one that begins with it.
        from = format!("{}0", last.id);
        found.0.extend(ids.into_iter().map(|row| row.id).filter(|id| !sealed.contains(id)));
        if is_last {
            break;
        }
    }
    found.0.truncate(limit);
    if found.0.is_empty() {
        return Ok(vec![]);
    }
    let rows = all!(
        conn,
        AuditRow,
        "SELECT id, at, actor, auth, action, subject, case_id, body FROM audit WHERE id = ANY($1) ORDER BY id",
        &found
    )?;
    Ok(rows.into_iter().map(AuditRow::written).collect())
}

/// The id that stands `stride` events after `from`; `None` if the record ends before.
///
/// # Errors
/// What the database says.
pub async fn id_after(conn: &mut Conn, from: &str, stride: usize) -> Result<Option<String>> {
    let found =
        opt!(conn, Id, "SELECT id FROM audit WHERE id >= $1 ORDER BY id LIMIT 1 OFFSET $2", from, int(stride as u64))?;
    Ok(found.map(|row| row.id))
}

/// The last leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Leaves there are: one more than its number.
    pub size: u64,
    /// Its event.
    pub event: String,
}

row! {
    struct LeafRow { leaf: i64, event_id: String, }
}

/// The last leaf, if there is one.
///
/// # Errors
/// What the database says.
pub async fn head(conn: &mut Conn) -> Result<Option<Head>> {
    let last = opt!(conn, LeafRow, "SELECT leaf, event_id FROM audit_leaves ORDER BY leaf DESC LIMIT 1")?;
    Ok(last.map(|row| Head { size: count(row.leaf) + 1, event: row.event_id }))
}

/// Gives events the numbers from `first` on. A number or an event that is there already is a race: nothing is changed.
///
/// # Errors
/// What the database says.
pub async fn add_leaves(tx: &mut Tx, first: u64, leaves: &[(&str, Hash)]) -> Result<()> {
    let columns = [
        Column::Int((first..).take(leaves.len()).map(int).collect()),
        Column::texts(leaves.iter().map(|(event, _)| *event)),
        Column::texts(leaves.iter().map(|(_, hash)| hash.to_string())),
    ];
    db::insert(tx, "INSERT INTO audit_leaves (leaf, event_id, hash)", columns, "").await?;
    Ok(())
}

row! {
    struct NodeRow { level: i64, node: i64, hash: String, }
}

/// The hashes of neighbouring nodes, from left to right; those of leaves for level 0.
///
/// # Errors
/// [`Error::Corrupt`] where one is missing or is no hash.
pub async fn hashes(conn: &mut Conn, piece: Piece) -> Result<Vec<Hash>> {
    let rows = if piece.level == 0 {
        all!(
            conn,
            NodeRow,
            "SELECT leaf - leaf AS level, leaf AS node, hash FROM audit_leaves WHERE leaf >= $1 AND leaf < $2 ORDER BY leaf",
            int(piece.from),
            int(piece.to)
        )?
    } else {
        all!(
            conn,
            NodeRow,
            "SELECT level, node, hash FROM audit_nodes WHERE level = $1 AND node >= $2 AND node < $3 ORDER BY node",
            i64::from(piece.level),
            int(piece.from),
            int(piece.to)
        )?
    };
    let corrupt = |node: u64, problem: &str| Error::Corrupt {
        table: if piece.level == 0 { "audit_leaves" } else { "audit_nodes" },
        id: format!("{node} of level {}", piece.level),
        problem: problem.to_owned(),
    };
    let mut hashes = Vec::with_capacity(rows.len());
    for (row, wanted) in rows.iter().zip(piece.from..) {
        if row.node != int(wanted) || row.level != i64::from(piece.level) {
            return Err(corrupt(wanted, "it is missing"));
        }
        hashes.push(row.hash.parse().map_err(|_| corrupt(wanted, "it is no hash"))?);
    }
    if (hashes.len() as u64) < piece.to - piece.from {
        return Err(corrupt(piece.from + hashes.len() as u64, "it is missing"));
    }
    Ok(hashes)
}

/// The root of a span that RFC 6962 makes, from leaves and kept nodes.
///
/// # Errors
/// As [`hashes`]; nodes are kept up to the newest checkpoint.
pub async fn root(conn: &mut Conn, span: Span) -> Result<Hash> {
    let mut tree = Tree::default();
    for piece in pieces(span) {
        for hash in hashes(conn, piece).await? {
            tree.push_subtree(piece.height(), hash);
        }
    }
    Ok(tree.root())
}

row! {
    struct Number { number: Option<i64>, }
}

/// Nodes of this level that are kept.
///
/// # Errors
/// What the database says.
pub async fn nodes(conn: &mut Conn, level: u8) -> Result<u64> {
    let last = one!(conn, Number, "SELECT max(node) AS number FROM audit_nodes WHERE level = $1", i64::from(level))?;
    Ok(last.number.map_or(0, |last| count(last) + 1))
}

/// Keeps nodes.
///
/// # Errors
/// What the database says.
pub async fn add_nodes(tx: &mut Tx, nodes: &[Node]) -> Result<()> {
    let columns = [
        Column::Int(nodes.iter().map(|node| i64::from(node.level)).collect()),
        Column::Int(nodes.iter().map(|node| int(node.node)).collect()),
        Column::texts(nodes.iter().map(|node| node.hash.to_string())),
    ];
    db::insert(tx, "INSERT INTO audit_nodes (level, node, hash)", columns, "").await?;
    Ok(())
}

/// Keeps a checkpoint, made now by the database's clock.
///
/// # Errors
/// What the database says.
pub async fn add_checkpoint(tx: &mut Tx, note: &Note) -> Result<()> {
    run!(
        tx,
        "INSERT INTO audit_checkpoints (size, root, note, made_at) VALUES ($1, $2, $3, db_now())",
        int(note.checkpoint.size),
        note.checkpoint.root.to_string(),
        note.to_string()
    )?;
    Ok(())
}

/// A checkpoint as its row holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpointed {
    /// Leaves below it.
    pub size: u64,
    /// The root.
    pub root: String,
    /// The signed note.
    pub note: String,
    /// When, on the database's clock.
    pub made: Time,
    /// How long ago, in microseconds of the database's clock.
    pub age: i64,
}

row! {
    struct CheckpointRow { size: i64, root: String, note: String, made_at: i64, age: i64, }
}

impl CheckpointRow {
    fn checkpointed(self) -> Checkpointed {
        let Self { size, root, note, made_at, age } = self;
        Checkpointed { size: count(size), root, note, made: Time(made_at), age }
    }
}

/// The newest checkpoint.
///
/// # Errors
/// What the database says.
pub async fn newest(conn: &mut Conn) -> Result<Option<Checkpointed>> {
    let row = opt!(
        conn,
        CheckpointRow,
        "SELECT size, root, note, made_at, db_now() - made_at AS age FROM audit_checkpoints ORDER BY size DESC LIMIT 1"
    )?;
    Ok(row.map(CheckpointRow::checkpointed))
}

/// Checkpoints over more than `size` leaves, the smallest first, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn checkpoints(conn: &mut Conn, size: u64, limit: usize) -> Result<Vec<Checkpointed>> {
    let rows = all!(
        conn,
        CheckpointRow,
        "SELECT size, root, note, made_at, db_now() - made_at AS age FROM audit_checkpoints WHERE size > $1 ORDER BY size LIMIT $2",
        int(size),
        int(limit as u64)
    )?;
    Ok(rows.into_iter().map(CheckpointRow::checkpointed).collect())
}

/// The number of an event, if it has one, and the event.
///
/// # Errors
/// What the database says.
pub async fn leaf_of(conn: &mut Conn, event: &str) -> Result<Option<(u64, Written)>> {
    let leaf = opt!(conn, LeafRow, "SELECT leaf, event_id FROM audit_leaves WHERE event_id = $1", event)?;
    let written = opt!(
        conn,
        AuditRow,
        "SELECT id, at, actor, auth, action, subject, case_id, body FROM audit WHERE id = $1",
        event
    )?;
    Ok(leaf.zip(written).map(|(leaf, written)| (count(leaf.leaf), written.written())))
}

/// How the record stands sealed, for a status line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The newest checkpoint, if there is one.
    pub newest: Option<Checkpointed>,
    /// Sealed events that no checkpoint covers yet.
    pub uncovered: u64,
}

impl Status {
    /// The first eight characters of the newest root: what two people compare.
    #[must_use]
    pub fn short_root(&self) -> Option<&str> {
        self.newest.as_ref().map(|newest| newest.root.get(..8).unwrap_or(&newest.root))
    }
}

/// How the record stands sealed: two reads of one row each.
///
/// # Errors
/// What the database says.
pub async fn status(conn: &mut Conn) -> Result<Status> {
    let newest = newest(conn).await?;
    let size = head(conn).await?.map_or(0, |head| head.size);
    let covered = newest.as_ref().map_or(0, |newest| newest.size);
    Ok(Status { newest, uncovered: size.saturating_sub(covered) })
}
