//! How alike two titles are, and how those that are alike are found among a million.

use std::collections::BTreeSet;

use super::fold::fold;

/// Bands of a signature. Stored with each open case: another number means filing the titles anew. With
/// [`ROWS`] hashes in each, titles that have 80 % of their shingles in common share a band with 98.6 %
/// probability, at 60 % with 77 %, at 30 % with 15 %, at 10 % with 0.6 %.
pub const BANDS: usize = 6;

/// Hashes in a band.
const ROWS: usize = 3;

/// A title's shingles: each folded word, and each pair of neighbours, as hashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Signature(BTreeSet<u64>);

impl Signature {
    /// The signature of a title.
    #[must_use]
    pub fn of(title: &str) -> Self {
        let words = fold(title);
        let single = words.iter().map(|word| hash(word.as_bytes()));
        let pairs = words.windows(2).map(|pair| hash(format!("{}\u{1f}{}", pair[0], pair[1]).as_bytes()));
        Self(single.chain(pairs).collect())
    }

    /// The share of shingles that both have, of all that either has (Jaccard), 0 to 1. Titles without any word are
    /// like nothing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a title has at most some hundred words")]
    pub fn similarity(&self, other: &Self) -> f64 {
        let both = self.0.intersection(&other.0).count();
        let either = self.0.len() + other.0.len() - both;
        if either == 0 { 0.0 } else { both as f64 / either as f64 }
    }

    /// Whether they are near-duplicates at `percent`.
    #[must_use]
    pub fn is_like(&self, other: &Self, percent: u8) -> bool {
        let both = self.0.intersection(&other.0).count();
        let either = self.0.len() + other.0.len() - both;
        either > 0 && both * 100 >= either * usize::from(percent)
    }

    /// The bands by which it is looked up (`MinHash`, banded); none for a title without words.
    #[must_use]
    pub fn bands(&self) -> Option<[i64; BANDS]> {
        if self.0.is_empty() {
            return None;
        }
        let least = |seed: u64| self.0.iter().map(|shingle| mix(shingle ^ mix(seed))).min().unwrap_or_default();
        Some(std::array::from_fn(|band| {
            let rows = (0..ROWS).map(|row| least((band * ROWS + row + 1) as u64));
            rows.fold(band as u64, |sum, row| mix(sum.rotate_left(17) ^ row)).cast_signed()
        }))
    }
}

/// FNV-1a. Stored, so it may never change; a std hasher may.
fn hash(bytes: &[u8]) -> u64 {
    let fnv = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    mix(fnv)
}

/// The finaliser of `SplitMix64`: every bit of the input moves half of the output's.
const fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
