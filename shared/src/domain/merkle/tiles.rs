//! Which nodes of the tree are kept: those at every eighth height, one row for 256 below it. From them the root of any
//! span costs at most 255 rows a level, so a checkpoint or a proof at ten million leaves reads a few hundred rows, and
//! keeping them costs one row in 256.

use super::{Hash, Span, Tree, root_of};

/// Nodes below a kept node.
pub const TILE: u64 = 256;
const HEIGHT: u32 = TILE.trailing_zeros();

/// The highest level of kept nodes: 2^32 leaves.
pub const TOP_LEVEL: u8 = 4;

/// Leaves below a node of this level; level 0 is the leaves themselves.
#[must_use]
pub const fn width(level: u8) -> u64 {
    TILE.pow(level as u32)
}

/// Neighbouring kept nodes: numbers `from..to` of a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// 0 for leaves.
    pub level: u8,
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
}

impl Piece {
    /// How high its nodes stand above the leaves.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.level as u32 * HEIGHT
    }
}

/// The kept nodes that make up a span of a proof, from left to right, the highest first.
#[must_use]
pub fn pieces(span: Span) -> Vec<Piece> {
    let mut pieces = vec![];
    let mut at = span.from;
    for level in (0..=TOP_LEVEL).rev() {
        let width = width(level);
        let end = span.to / width * width;
        if at.is_multiple_of(width) && end > at {
            pieces.push(Piece { level, from: at / width, to: end / width });
            at = end;
        }
    }
    pieces
}

/// A node that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// From 1.
    pub level: u8,
    /// Its number in the level, from 0.
    pub node: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Node {
    /// The leaves below it.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span { from: self.node * width(self.level), to: (self.node + 1) * width(self.level) }
    }
}

/// A tree that grows leaf by leaf and says each kept node as it becomes full.
#[derive(Debug, Clone, Default)]
pub struct Tiles {
    size: u64,
    /// By level: the tree over the nodes since the last full tile.
    levels: [Tree; TOP_LEVEL as usize + 1],
}

impl Tiles {
    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; gives the kept nodes that it fills, mostly none.
    pub fn push(&mut self, leaf: Hash) -> Vec<Node> {
        self.levels[0].push(leaf);
        self.size += 1;
        let mut full = vec![];
        for level in 1..=TOP_LEVEL {
            if !self.size.is_multiple_of(width(level)) {
                break;
            }
            let hash = std::mem::take(&mut self.levels[usize::from(level) - 1]).root();
            self.levels[usize::from(level)].push(hash);
            full.push(Node { level, node: self.size / width(level) - 1, hash });
        }
        full
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let peaks: Vec<&Hash> =
            self.levels.iter().rev().flat_map(|tree| tree.peaks.iter().map(|(_, hash)| hash)).collect();
        root_of(peaks.into_iter())
    }
}
