//! The walk over the leaves in their order, with the tree growing beside it.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use super::{
    super::finding::{Finding, Kept},
    Against, Leaf, Page, Report, State, check_node,
};
use crate::{
    domain::{
        audit::Written,
        checkpoint::Note,
        merkle::{Hash, Tiles},
        time::Time,
    },
    store::seals::Checkpointed,
};

/// Changed events among which a swap is looked for; each pair costs two hashes.
const SWAPS: usize = 64;
/// Ids of late events that are named.
const LATE: usize = 5;

pub(super) struct Walk<'a> {
    against: &'a Against,
    /// A checkpoint may be this much older than an event that it doesn't cover.
    within: Duration,
    /// Events with smaller ids are counted.
    cut: String,
    sealed_old: u64,
    /// Leaves up to the newest stored checkpoint: nodes over them have to be there.
    covered: u64,
    tiles: Tiles,
    stored: VecDeque<Checkpointed>,
    loaded: u64,
    exported: VecDeque<&'a Note>,
    /// When the newest checkpoint passed so far was made.
    sealed_at: Time,
    /// The latest time that an event passed so far says it is of.
    reached: Time,
    changed: Vec<(u64, Hash, Box<Written>)>,
    /// By place of keeping: the largest size that held, and whether one didn't.
    held: [(u64, bool); 2],
    pub report: Report,
}

impl<'a> Walk<'a> {
    pub fn new(against: &'a Against, within: Duration, cut: String, covered: u64) -> Self {
        let mut exported: Vec<&Note> = against.exported.iter().collect();
        exported.sort_by_key(|note| note.checkpoint.size);
        let mut report = Report::default();
        for note in &exported {
            if !note.is_signed_by_any(&against.keys) {
                report.findings.add(unsigned(Kept::Exported, note.checkpoint.size));
            }
        }
        report.exported = exported.len() as u64;
        Self {
            against,
            within,
            cut,
            sealed_old: 0,
            covered,
            tiles: Tiles::default(),
            stored: VecDeque::new(),
            loaded: 0,
            exported: exported.into(),
            sealed_at: Time(i64::MIN),
            reached: Time(i64::MIN),
            changed: vec![],
            held: [(0, false); 2],
            report,
        }
    }

    /// The size up to which stored checkpoints were given.
    pub const fn loaded(&self) -> u64 {
        self.loaded
    }

    pub fn load(&mut self, checkpoints: Vec<Checkpointed>) {
        self.loaded = checkpoints.last().map_or(self.loaded, |last| last.size);
        self.stored.extend(checkpoints);
    }

    pub fn page(&mut self, page: Page) {
        let Page { from, to, leaves, nodes } = page;
        let kept: HashMap<(u8, u64), Option<Hash>> =
            nodes.into_iter().map(|(level, node, hash)| ((level, node), hash)).collect();
        debug_assert_eq!(self.tiles.size(), from);
        for leaf in leaves {
            self.gap(leaf.leaf, &kept);
            let hash = self.event(leaf);
            self.grow(hash, &kept);
        }
        self.gap(to, &kept);
    }

    /// Missing leaves: the tree goes on over nothing in their place, so that what follows is still told apart.
    fn gap(&mut self, to: u64, kept: &HashMap<(u8, u64), Option<Hash>>) {
        let from = self.tiles.size();
        if from < to {
            self.report.findings.add(Finding::Gap { from, to: to - 1 });
            for _ in from..to {
                self.grow(Hash([0; 32]), kept);
            }
        }
    }

    fn event(&mut self, leaf: Leaf) -> Hash {
        let Leaf { leaf, event, hash, state } = leaf;
        if event < self.cut && !matches!(state, State::Gone) {
            self.sealed_old += 1;
        }
        match state {
            State::AsSealed(at) => {
                self.report.sealed += 1;
                // Behind a checkpoint of a later time alone it may be a backlog being sealed, behind a later event alone
                // one whose clock was ahead.
                if at + self.within < self.sealed_at.min(self.reached) {
                    self.report.late.1 += 1;
                    if self.report.late.0.len() < LATE {
                        self.report.late.0.push(event);
                    }
                }
                self.reached = self.reached.max(at);
            }
            State::Gone => self.report.findings.add(Finding::Deleted { leaf, event }),
            State::Changed(written) => match hash {
                Some(hash) if self.changed.len() < SWAPS => self.changed.push((leaf, hash, written)),
                _ => self.report.findings.add(Finding::Edited { leaf, event }),
            },
        }
        hash.unwrap_or(Hash([0; 32]))
    }

    fn grow(&mut self, hash: Hash, kept: &HashMap<(u8, u64), Option<Hash>>) {
        for node in self.tiles.push(hash) {
            let is_expected = node.span().to <= self.covered;
            let found = check_node(kept.get(&(node.level, node.node)).copied(), &node, is_expected);
            found.into_iter().for_each(|finding| self.report.findings.add(finding));
        }
        self.checkpoints();
    }

    /// Compares the tree with the checkpoints of just this size.
    fn checkpoints(&mut self) {
        let size = self.tiles.size();
        let mut is_stored = false;
        while let Some(stored) = self.stored.pop_front_if(|stored| stored.size <= size) {
            is_stored = true;
            self.sealed_at = stored.made;
            self.signature(&stored);
            self.compare(Kept::Stored, size, &stored.root);
        }
        while let Some(note) = self.exported.pop_front_if(|note| note.checkpoint.size <= size) {
            // A checkpoint over nothing says nothing.
            if note.checkpoint.size == size
                && self.compare(Kept::Exported, size, &note.checkpoint.root.to_string())
                && !is_stored
            {
                self.report.findings.add(Finding::Dropped { size });
            }
        }
    }

    fn compare(&mut self, kept: Kept, size: u64, root: &str) -> bool {
        let found = self.tiles.root().to_string();
        let (holds, is_broken) = &mut self.held[kept as usize];
        if found == root {
            *holds = size;
            return true;
        }
        // All that follow differ too: one says where it began.
        if !std::mem::replace(is_broken, true) {
            let finding = Finding::Rewritten { kept, size, holds: *holds, signed: root.to_owned(), found };
            self.report.findings.add(finding);
        }
        false
    }

    fn signature(&mut self, stored: &Checkpointed) {
        self.report.stored += 1;
        let problem = match stored.note.parse::<Note>() {
            Err(error) => error.to_string(),
            Ok(note) if note.checkpoint.size != stored.size || note.checkpoint.root.to_string() != stored.root => {
                "its note is about another size or root".to_owned()
            }
            Ok(note) if !note.is_signed_by_any(&self.against.keys) => {
                return self.report.findings.add(unsigned(Kept::Stored, stored.size));
            }
            Ok(_) => return,
        };
        self.report.findings.add(Finding::Unsigned { kept: Kept::Stored, size: stored.size, problem });
    }

    /// What is left when there are no more leaves. Also gives how many old events have a seal.
    pub fn end(mut self, has: u64) -> (Report, u64) {
        let swapped = swaps(&self.changed);
        for (n, (leaf, _, written)) in self.changed.iter().enumerate() {
            match swapped.get(&n) {
                Some(&other) if n < other => {
                    let (with, _, other) = &self.changed[other];
                    self.report.findings.add(Finding::Swapped {
                        leaves: (*leaf, *with),
                        events: (written.id.clone(), other.id.clone()),
                    });
                }
                Some(_) => {}
                None => self.report.findings.add(Finding::Edited { leaf: *leaf, event: written.id.clone() }),
            }
        }
        // One for each place says it all: the largest.
        while let Some(stored) = self.stored.pop_front() {
            self.signature(&stored);
            if self.stored.is_empty() {
                self.report.findings.add(Finding::Cut { kept: Kept::Stored, size: stored.size, has });
            }
        }
        if let Some(note) = self.exported.back().filter(|note| note.checkpoint.size > has) {
            self.report.findings.add(Finding::Cut { kept: Kept::Exported, size: note.checkpoint.size, has });
        }
        (self.report, self.sealed_old)
    }
}

fn unsigned(kept: Kept, size: u64) -> Finding {
    Finding::Unsigned { kept, size, problem: "none of the trusted keys signed it".to_owned() }
}

/// Which changed events have each other's body, or all but each other's id.
fn swaps(changed: &[(u64, Hash, Box<Written>)]) -> HashMap<usize, usize> {
    let with_body = |to: &Written, from: &Written| Written { body: from.body.clone(), ..to.clone() };
    let with_all = |to: &Written, from: &Written| Written { id: to.id.clone(), ..from.clone() };
    let mut swapped = HashMap::new();
    for (a, (_, a_hash, one)) in changed.iter().enumerate() {
        for (b, (_, b_hash, other)) in changed.iter().enumerate().skip(a + 1) {
            let bodies = || with_body(one, other).leaf() == *a_hash && with_body(other, one).leaf() == *b_hash;
            let rows = || with_all(one, other).leaf() == *a_hash && with_all(other, one).leaf() == *b_hash;
            if !swapped.contains_key(&a) && !swapped.contains_key(&b) && (bodies() || rows()) {
                swapped.extend([(a, b), (b, a)]);
            }
        }
    }
    swapped
}
