//! Checking the whole record: every event against its seal, the seals against each other, and the tree against every
//! checkpoint, stored and exported. Pages are read and hashed side by side; the tree is walked in order.

mod walk;

use futures_util::{StreamExt as _, stream};
use ulid::Ulid;

use self::walk::Walk;
use super::{
    super::{House, Result},
    finding::{Finding, Findings},
};
use crate::{
    domain::{
        audit::Written,
        checkpoint::{Note, PublicKey},
        ids::AuditId,
        merkle::{Hash, Node, Piece, TILE, TOP_LEVEL, width},
        time::Time,
    },
    store::{
        Db, Error,
        seals::{self, check},
    },
};

/// Leaves of a page: whole tiles, and some megabytes at most.
const PAGE: u64 = 32 * TILE;
/// Pages read at the same time: one for each core of a small machine, one for the database.
const AHEAD: usize = 3;

/// What the record is checked against.
#[derive(Debug, Clone, Default)]
pub struct Against {
    /// The keys whose checkpoints are trusted.
    pub keys: Vec<PublicKey>,
    /// Checkpoints from where the database's owner can't write.
    pub exported: Vec<Note>,
}

/// What a check of the whole record came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Sealed events that were checked.
    pub sealed: u64,
    /// New events that wait for their seal, at most 1,000 are counted.
    pub waiting: u64,
    /// Events below the newest stored checkpoint.
    pub covered: u64,
    /// Stored checkpoints that were checked.
    pub stored: u64,
    /// Exported checkpoints that were checked.
    pub exported: u64,
    /// Events that were sealed long after their time, while others were sealed in time: written late, or put in
    /// afterwards. The first few ids, and how many.
    pub late: (Vec<String>, u64),
    /// What is wrong.
    pub findings: Findings,
}

/// Checks the whole record; `progress` hears how many of how many events were checked.
///
/// # Errors
/// What the store says; whatever is wrong with the record itself is a finding.
pub async fn verify(house: &House, against: &Against, progress: impl Fn(u64, u64)) -> Result<Report> {
    let mut conn = house.db.read().await?;
    let head = seals::head(&mut conn).await?;
    let newest = seals::newest(&mut conn).await?;
    let size = head.as_ref().map_or(0, |head| head.size);
    // Everything older than this has been sealed, if nobody put it in afterwards.
    let reached = head.as_ref().and_then(|head| head.event.parse::<AuditId>().ok()).map_or(Time(0), |id| id.made_at());
    let sealed_until = newest.as_ref().map_or(reached, |newest| newest.made.min(reached));
    let cut = first_id(sealed_until - house.policy.audit.sealed_within);
    let old_events = check::events_before(&mut conn, &cut).await?;
    let impossible = check::impossible_leaves(&mut conn).await?;
    drop(conn);

    let covered = newest.map_or(0, |newest| newest.size);
    let mut walk = Walk::new(against, house.policy.audit.sealed_within, cut.clone(), covered);
    if impossible > 0 {
        walk.report.findings.add(Finding::Impossible { leaves: impossible });
    }
    let ranges = (0..size.div_ceil(PAGE)).map(|page| (page * PAGE, size.min((page + 1) * PAGE)));
    let mut pages = stream::iter(ranges)
        .map(|(from, to)| {
            let read = tokio::spawn(read(house.db.clone(), from, to));
            async move { read.await.map_err(|error| Error::Away(error.to_string()))? }
        })
        .buffered(AHEAD);
    while let Some(page) = pages.next().await {
        let page = page?;
        let to = page.to;
        load_checkpoints(house, &mut walk, to).await?;
        walk.page(page);
        progress(to, size);
    }
    load_checkpoints(house, &mut walk, i64::MAX as u64).await?;
    let (mut report, sealed_old) = walk.end(size);
    report.covered = covered.min(size);
    if old_events != sealed_old {
        add_inserted(house, &cut, &mut report.findings).await?;
    }
    let mut conn = house.db.read().await?;
    report.waiting = seals::unsealed(&mut conn, &cut, seals::LAST_ID, 1000).await?.len() as u64;
    Ok(report)
}

/// The smallest id of this moment.
fn first_id(at: Time) -> String {
    Ulid::from_parts(at.unix_ms(), 0).to_string()
}

/// One leaf, checked against its event.
struct Leaf {
    leaf: u64,
    event: String,
    hash: Option<Hash>,
    state: State,
}

/// How a leaf's event is.
enum State {
    /// As it was sealed; when it says it was.
    AsSealed(Time),
    /// Something else stands there now.
    Changed(Box<Written>),
    Gone,
}

/// Leaves `from..to` and the nodes kept over them.
struct Page {
    from: u64,
    to: u64,
    leaves: Vec<Leaf>,
    nodes: Vec<(u8, u64, Option<Hash>)>,
}

async fn read(db: Db, from: u64, to: u64) -> std::result::Result<Page, Error> {
    let mut conn = db.read().await?;
    let rows = check::leaves(&mut conn, from, to).await?;
    let mut nodes = vec![];
    for level in 1..=TOP_LEVEL {
        let piece = Piece { level, from: from / width(level), to: to / width(level) };
        if piece.from < piece.to {
            nodes.extend(check::nodes(&mut conn, piece).await?.into_iter().map(|(node, hash)| (level, node, hash)));
        }
    }
    drop(conn);
    let leaves = rows.into_iter().map(|check::Leaf { leaf, event, hash, written }| {
        let state = match written {
            None => State::Gone,
            Some(written) if Some(written.leaf()) == hash => State::AsSealed(Time(written.at)),
            Some(written) => State::Changed(Box::new(written)),
        };
        Leaf { leaf, event, hash, state }
    });
    Ok(Page { from, to, leaves: leaves.collect(), nodes })
}

/// Gives the walk the stored checkpoints up to this size.
async fn load_checkpoints(house: &House, walk: &mut Walk<'_>, to: u64) -> Result<()> {
    const AT_ONCE: usize = 500;
    while walk.loaded() < to {
        let mut conn = house.db.read().await?;
        let some = seals::checkpoints(&mut conn, walk.loaded(), AT_ONCE).await?;
        let is_last = some.len() < AT_ONCE;
        walk.load(some);
        if is_last {
            break;
        }
    }
    Ok(())
}

/// Names the events without a seal that are older than `cut`.
async fn add_inserted(house: &House, cut: &str, findings: &mut Findings) -> Result<()> {
    let mut from = String::new();
    loop {
        let mut conn = house.db.read().await?;
        let some = seals::unsealed(&mut conn, &from, cut, 1000).await?;
        let Some(last) = some.last() else { return Ok(()) };
        // An id's successor in any collation that sorts a text before those that begin with it.
        from = format!("{}0", last.id);
        for event in some {
            findings.add(Finding::Inserted { event: event.id, action: event.action });
        }
    }
}

/// Whether a kept node is the one over its leaves.
fn check_node(kept: Option<Option<Hash>>, node: &Node, is_expected: bool) -> Option<Finding> {
    let is_wrong = kept.map_or(is_expected, |kept| kept != Some(node.hash));
    let span = node.span();
    is_wrong.then(|| Finding::Node { from: span.from, to: span.to - 1 })
}
