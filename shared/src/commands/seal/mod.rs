//! Sealing of the audit record. An event is written in the transaction of what it tells; here it gets its number in one
//! tree over all events, and from time to time the tree's root is signed. Nothing of it is in the way of a decision.
//!
//! Whoever seals holds a lease, taken again in the same transaction, so at most one number is given at a time. Should
//! two ever meet, the unique keys of leaf and event let one of them through.

pub mod finding;
pub mod prove;
pub mod verify;

use std::time::Duration;

use super::{House, Result, race};
use crate::{
    domain::{
        checkpoint::{Note, SecretKey},
        merkle::{Hash, Node, Piece, Span, TILE, TOP_LEVEL, Tree, width},
        refused::Refused,
    },
    store::{Conn, Error, leases, seals},
};

/// The name of the sealer's lease.
const LEASE: &str = "sealer";
/// Nodes made for one transaction: only a record that was never sealed has more to make.
const NODES_AT_ONCE: u64 = 64;

/// Who seals, and for how long without saying so again.
#[derive(Debug, Clone)]
pub struct Sealer {
    /// The process.
    pub name: String,
    /// The lease's length, on the database's clock.
    pub lease: Duration,
}

/// Takes or renews the right to seal; `false` while another has it.
///
/// # Errors
/// What the store says.
pub async fn lead(house: &House, sealer: &Sealer) -> Result<bool> {
    let mut tx = house.db.write().await?;
    let leads = leases::take(&mut tx, LEASE, &sealer.name, sealer.lease).await?;
    tx.commit().await?;
    Ok(leads)
}

/// Gives the right to seal back.
///
/// # Errors
/// What the store says.
pub async fn step_down(house: &House, sealer: &Sealer) -> Result<()> {
    let mut tx = house.db.write().await?;
    leases::give_back(&mut tx, LEASE, &sealer.name).await?;
    tx.commit().await?;
    Ok(())
}

/// What one transaction sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// How many events.
    pub count: usize,
    /// The id of the last of them: the next batch begins here.
    pub last: Option<String>,
}

/// Gives the next numbers to at most a batch of the events with ids in `from..to` that have none; `None` if another
/// leads. It looks at what has no number, never at what came after the last one: transactions commit in any order.
///
/// # Errors
/// What the store says.
pub async fn number(house: &House, sealer: &Sealer, from: &str, to: &str) -> Result<Option<Sealed>> {
    race!(attempt_number(house, sealer, from, to))
}

async fn attempt_number(house: &House, sealer: &Sealer, from: &str, to: &str) -> Result<Option<Sealed>> {
    let mut conn = house.db.read().await?;
    let events = seals::unsealed(&mut conn, from, to, house.policy.audit.seal_batch).await?;
    drop(conn);
    let Some(last) = events.last() else { return Ok(Some(Sealed { count: 0, last: None })) };
    let leaves: Vec<(&str, Hash)> = events.iter().map(|event| (event.id.as_str(), event.leaf())).collect();
    let mut tx = house.db.write().await?;
    if !leases::take(&mut tx, LEASE, &sealer.name, sealer.lease).await? {
        return Ok(None);
    }
    let first = seals::head(&mut tx).await?.map_or(0, |head| head.size);
    seals::add_leaves(&mut tx, first, &leaves).await?;
    tx.commit().await?;
    Ok(Some(Sealed { count: leaves.len(), last: Some(last.id.clone()) }))
}

/// Signs the root over everything that has a number; `None` if the newest checkpoint covers it all, or another leads.
///
/// # Errors
/// What the store says, also when leaves or nodes can't be read back.
pub async fn checkpoint(house: &House, sealer: &Sealer, key: &SecretKey) -> Result<Option<Note>> {
    race!(attempt_checkpoint(house, sealer, key))
}

async fn attempt_checkpoint(house: &House, sealer: &Sealer, key: &SecretKey) -> Result<Option<Note>> {
    let mut conn = house.db.read().await?;
    let size = seals::head(&mut conn).await?.map_or(0, |head| head.size);
    let covered = seals::newest(&mut conn).await?.map_or(0, |newest| newest.size);
    drop(conn);
    if size <= covered {
        return Ok(None);
    }
    loop {
        let mut conn = house.db.read().await?;
        let (nodes, is_all) = missing_nodes(&mut conn, size).await?;
        drop(conn);
        let mut tx = house.db.write().await?;
        if !leases::take(&mut tx, LEASE, &sealer.name, sealer.lease).await? {
            return Ok(None);
        }
        seals::add_nodes(&mut tx, &nodes).await?;
        if is_all {
            let root = seals::root(&mut tx, Span { from: 0, to: size }).await?;
            let note = key.sign(size, root);
            seals::add_checkpoint(&mut tx, &note).await?;
            tx.commit().await?;
            return Ok(Some(note));
        }
        tx.commit().await?;
    }
}

/// Nodes of a tree of `size` that are not kept yet, and whether that is all of them.
async fn missing_nodes(conn: &mut Conn, size: u64) -> Result<(Vec<Node>, bool)> {
    for level in 1..=TOP_LEVEL {
        let (have, want) = (seals::nodes(conn, level).await?, size / width(level));
        let mut found = vec![];
        for node in have..want.min(have + NODES_AT_ONCE) {
            let below = Piece { level: level - 1, from: node * TILE, to: (node + 1) * TILE };
            let mut tree = Tree::default();
            for hash in seals::hashes(conn, below).await? {
                tree.push(hash);
            }
            found.push(Node { level, node, hash: tree.root() });
        }
        if !found.is_empty() {
            // The next level is made from these, so they have to be kept first.
            let is_all =
                have + found.len() as u64 == want && size / width(level + 1) == seals::nodes(conn, level + 1).await?;
            return Ok((found, is_all));
        }
    }
    Ok((vec![], true))
}

/// Whether the record still holds what this checkpoint was signed over.
///
/// # Errors
/// Refused with what is wrong: the record was cut, or isn't the one that was sealed; otherwise what the store says.
pub async fn still_holds(house: &House, note: &Note) -> Result<()> {
    let mut conn = house.db.read().await?;
    let has = seals::head(&mut conn).await?.map_or(0, |head| head.size);
    let size = note.checkpoint.size;
    let fix = "Run `jointforce-worker audit verify`. After restoring a backup, move the exported checkpoints away.";
    if has < size {
        let problem = format!("it has {has} sealed events, but a checkpoint was exported over {size}");
        return Err(Refused::one("audit record", problem, fix).into());
    }
    match seals::root(&mut conn, Span { from: 0, to: size }).await {
        Ok(root) if root == note.checkpoint.root => Ok(()),
        Ok(_) | Err(Error::Corrupt { .. }) => {
            let problem = format!("its first {size} events are not those of the checkpoint that was exported");
            Err(Refused::one("audit record", problem, fix).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the newest checkpoint, if there is one, is of the log with this name.
///
/// # Errors
/// Refused if it is another's: this key would begin a second log over the same record. Otherwise what the store says.
pub async fn is_of_log(house: &House, name: &str) -> Result<()> {
    let newest = seals::newest(&mut house.db.read().await?).await?;
    let origin = newest.as_ref().and_then(|newest| newest.note.lines().next()).unwrap_or(name);
    if origin == name {
        return Ok(());
    }
    Err(Refused::one(
        "audit key",
        format!("the record's checkpoints are those of the log {origin}, this key is for {name}"),
        format!("Give that log's key; if it is lost, make another for it: `audit key --new FILE --name {origin}`."),
    )
    .into())
}
