//! The Merkle tree of RFC 6962 (section 2.1): hashes of leaves and nodes, roots, and the two proofs. Checked as RFC 9162
//! (sections 2.1.3.2 and 2.1.4.2) says.

mod tiles;

#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

pub use tiles::{Node, Piece, TILE, TOP_LEVEL, Tiles, pieces, width};

/// A SHA-256 hash; written in base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The first eight characters: enough for people to compare by eye.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no hash: 32 bytes in base64")]
pub struct BadHash;

impl FromStr for Hash {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        // 44 characters need 33 bytes before the padding is known.
        let mut bytes = [0; 33];
        match STANDARD.decode_slice(text, &mut bytes) {
            Ok(32) => bytes[..32].try_into().map(Self).map_err(|_| BadHash),
            _ => Err(BadHash),
        }
    }
}

/// The hash of a leaf with this content.
#[must_use]
pub fn leaf_hash(content: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(content).finalize().into())
}

/// The hash of a node over two others.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// A tree that grows at its right end. Only its peaks are kept, the roots of the full subtrees from left to right, so it
/// costs a few hundred bytes at any size.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    peaks: Vec<(u32, Hash)>,
}

impl Tree {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf);
    }

    /// Adds a full subtree of `2^height` leaves. Its height is at most that of the lowest peak.
    pub fn push_subtree(&mut self, mut height: u32, mut root: Hash) {
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == height) {
            root = node_hash(&left, &root);
            height += 1;
        }
        self.peaks.push((height, root));
    }

    /// The root; that of no leaves is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        root_of(self.peaks.iter().map(|(_, root)| root))
    }
}

/// The root over peaks, given from left to right.
fn root_of<'a>(peaks: impl DoubleEndedIterator<Item = &'a Hash>) -> Hash {
    let mut peaks = peaks.rev();
    match peaks.next() {
        Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        None => Hash(Sha256::digest([]).into()),
    }
}

/// Leaves `from..to`, the place of a node in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: u64,
    /// The one after the last.
    pub to: u64,
}

impl Span {
    const fn len(self) -> u64 {
        self.to - self.from
    }

    /// Where RFC 6962 splits it: after the largest power of two below its length.
    const fn split(self) -> (Self, Self) {
        let middle = self.from + (1 << (self.len() - 1).ilog2());
        (Self { from: self.from, to: middle }, Self { from: middle, to: self.to })
    }
}

/// The spans whose roots prove that leaf `leaf` is in the tree of `size` leaves, from the leaf up; empty if it isn't.
#[must_use]
pub fn inclusion(leaf: u64, size: u64) -> Vec<Span> {
    let mut spans = vec![];
    let mut at = Span { from: 0, to: size };
    while leaf < size && at.len() > 1 {
        let (left, right) = at.split();
        let (inside, beside) = if leaf < left.to { (left, right) } else { (right, left) };
        spans.push(beside);
        at = inside;
    }
    spans.reverse();
    spans
}

/// The spans whose roots prove that the tree of `new` leaves begins with that of `old`; empty if it can't, or needs none.
#[must_use]
pub fn consistency(old: u64, new: u64) -> Vec<Span> {
    let mut spans = vec![];
    if old == 0 || old >= new {
        return spans;
    }
    let mut at = Span { from: 0, to: new };
    // Whether the old tree's root is a node on the way: then whoever checks has it already.
    let mut is_root = true;
    while old != at.to {
        let (left, right) = at.split();
        if old <= left.to {
            spans.push(right);
            at = left;
        } else {
            spans.push(left);
            at = right;
            is_root = false;
        }
    }
    if !is_root {
        spans.push(at);
    }
    spans.reverse();
    spans
}

/// Whether `path` shows that the leaf with this hash is number `leaf` of the tree with this size and root.
#[must_use]
pub fn includes(root: &Hash, size: u64, leaf: u64, hash: Hash, path: &[Hash]) -> bool {
    if leaf >= size {
        return false;
    }
    let (mut at, mut last, mut found) = (leaf, size - 1, hash);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            found = node_hash(beside, &found);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            found = node_hash(&found, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && found == *root
}

/// Whether `path` shows that the tree with the `new` size and root begins with the tree with the `old` ones.
#[must_use]
pub fn extends(old: (u64, &Hash), new: (u64, &Hash), path: &[Hash]) -> bool {
    if old.0 > new.0 {
        return false;
    }
    if old.0 == new.0 {
        return path.is_empty() && old.1 == new.1;
    }
    if old.0 == 0 {
        return path.is_empty();
    }
    let mut path = path.iter();
    let first = if old.0.is_power_of_two() { Some(old.1) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (old.0 - 1, new.0 - 1);
    let down = at.trailing_ones();
    (at, last) = (at >> down, last >> down);
    let (mut found_old, mut found_new) = (*first, *first);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            found_old = node_hash(beside, &found_old);
            found_new = node_hash(beside, &found_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            found_new = node_hash(&found_new, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && found_old == *old.1 && found_new == *new.1
}
