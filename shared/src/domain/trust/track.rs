//! A rights holder's track record: what became of its claims in the window, and how sure one can be of a share.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{reason::ReasonCode, time::Time};

/// What became of decided claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// Led to a removal that stands.
    pub accepted: i64,
    /// Were refused, or their removal was overturned on appeal.
    pub refused: i64,
    /// Led to a removal that fell because the seller's counter-notice stood.
    pub upheld: i64,
    /// Led to a removal, and were withdrawn after the seller's counter-notice.
    pub withdrawn: i64,
    /// Met a counter-notice, whatever became of it. At least `upheld + withdrawn`.
    pub contested: i64,
}

impl Tally {
    /// Decided claims.
    #[must_use]
    pub const fn decided(&self) -> i64 {
        self.accepted + self.refused + self.upheld + self.withdrawn
    }

    /// Adds another tally.
    pub const fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.refused += other.refused;
        self.upheld += other.upheld;
        self.withdrawn += other.withdrawn;
        self.contested += other.contested;
    }
}

/// Removals that a rule carried out at a brand's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Instants {
    /// How many.
    pub total: i64,
    /// Those that were taken back since.
    pub reversed: i64,
}

/// A rights holder's track record within the window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Track {
    /// By reason code; each claim counts once.
    pub by_reason: BTreeMap<ReasonCode, Tally>,
    /// Removals without a moderator.
    pub instants: Instants,
    /// What was decided since the warning in force; empty without one.
    pub since_warning: Tally,
    /// When the oldest of the decisions was made: it leaves the window first.
    pub oldest: Option<Time>,
}

impl Track {
    /// All reason codes together.
    #[must_use]
    pub fn overall(&self) -> Tally {
        self.by_reason.values().fold(Tally::default(), |mut sum, tally| {
            sum.add(tally);
            sum
        })
    }
}

/// The share of `part` in `whole`; 0 of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of claims are far below 2^52")]
pub fn share(part: i64, whole: i64) -> f64 {
    if whole <= 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The Wilson score interval (1927) of a share, each end at one-sided confidence `z`: the true share is at least the
/// first, and at most the second, each with that confidence. (0, 1) of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of claims are far below 2^52")]
pub fn wilson(part: i64, whole: i64, z: f64) -> (f64, f64) {
    if whole <= 0 {
        return (0.0, 1.0);
    }
    let (n, p, zz) = (whole as f64, share(part.clamp(0, whole), whole), z * z);
    let centre = p + zz / (2.0 * n);
    let margin = z * (p * (1.0 - p) / n + zz / (4.0 * n * n)).sqrt();
    let scale = 1.0 + zz / n;
    (((centre - margin) / scale).max(0.0), ((centre + margin) / scale).min(1.0))
}
