//! Groups: open cases that are decided together, because one seller, one brand, or nearly the same title stands behind
//! them. One is shown whole, of the others only what differs.

mod difference;
mod fold;
pub(super) mod lookalike;
mod signature;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub(super) use self::fold::is_ideograph;
pub use self::{
    difference::{Difference, Side, differences},
    fold::fold,
    signature::{BANDS, Signature},
};
use super::{
    refused::{Fault, Refused},
    words::words,
};

words! {
    /// What the cases of a group have in common.
    Kinship {
        /// Who sells.
        Seller = "seller",
        /// Whose claims.
        Brand = "brand",
        /// Nearly the same title, whoever sells.
        Title = "title",
    }
}

/// The numbers of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupPolicy {
    /// From what share of common shingles two titles are near-duplicates, in percent (Jaccard). Default 60: of eight
    /// words one may be another, of three none. Our own: with two steps from title to title it finds forty wordings of
    /// one title among a thousand others and nothing else; at 50 the brand's other models come in.
    pub alike_percent: u8,
    /// Members shown with one card at most. Default 200.
    pub members_max: u16,
}

impl Default for GroupPolicy {
    fn default() -> Self {
        Self { alike_percent: 60, members_max: 200 }
    }
}

impl GroupPolicy {
    /// Checks the numbers.
    ///
    /// # Errors
    /// Each fault with field and fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if !(30..=100).contains(&self.alike_percent) {
            let problem = format!("{} % of common shingles don't make a near-duplicate", self.alike_percent);
            faults.push(Fault::new("groups.alike_percent", problem, "give 30 to 100"));
        }
        if !(1..=1000).contains(&self.members_max) {
            let problem = format!("{} members make no group", self.members_max);
            faults.push(Fault::new("groups.members_max", problem, "give 1 to 1000"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}
