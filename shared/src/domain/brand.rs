//! Brands (rights holders), how far they are trusted, and how accurate their notices have been.

use serde::{Deserialize, Serialize};

use super::{ids::BrandId, words::words};

words! {
    /// How far a rights holder is trusted; decides its deadline, its place in the queue and its limits.
    Tier {
        /// Not yet checked: few listings a notice, slow deadline.
        Unverified = "unverified",
        /// Checked, no record yet.
        Standard = "standard",
        /// At least 90 % of its decided claims were accepted, at most 5 % upheld counter-notices.
        GoodFaith = "good_faith",
        /// Invited out of good faith, has an account manager.
        JointForce = "joint_force",
        /// A trusted flagger under DSA art. 22.
        TrustedFlagger = "trusted_flagger",
        /// May not file for the time being.
        Suspended = "suspended",
    }
}

impl Tier {
    /// The tier as people say it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unverified => "Unverified",
            Self::Standard => "Standard",
            Self::GoodFaith => "GoodFaith",
            Self::JointForce => "JointForce",
            Self::TrustedFlagger => "TrustedFlagger",
            Self::Suspended => "Suspended",
        }
    }
}

/// What became of a rights holder's decided claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Record {
    /// Claims that led to a removal which stands.
    pub accepted: i64,
    /// Claims that were refused.
    pub refused: i64,
}

impl Record {
    /// Decided claims.
    #[must_use]
    pub const fn decided(self) -> i64 {
        self.accepted + self.refused
    }

    /// Share of decided claims that were accepted, in whole percent; `None` before the first decision.
    #[must_use]
    pub const fn percent(self) -> Option<i64> {
        if self.decided() == 0 { None } else { Some(self.accepted * 100 / self.decided()) }
    }

    /// In words, with what is counted: every claim ever decided, not those of the window that trust is judged on.
    #[must_use]
    pub fn words(self) -> Option<String> {
        self.percent().map(|percent| format!("{percent} % of all {} claims accepted", self.decided()))
    }

    /// The weight of this record, about -15 to +30, after the rule Discourse publishes for its flaggers:
    /// 0 up to 5 decided, then `((p-0.7)/0.3 if p >= 0.7 else -(0.7-p)/0.7) * log4(total) * 5`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of claims are far below 2^52")]
    pub fn weight(self) -> f64 {
        let total = self.decided();
        if total <= 5 {
            return 0.0;
        }
        let p = self.accepted as f64 / total as f64;
        let slope = if p >= 0.7 { (p - 0.7) / 0.3 } else { -(0.7 - p) / 0.7 };
        slope * (total as f64).ln() / 4_f64.ln() * 5.0
    }
}

/// A rights holder: the name under which rights are grouped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// Its id on the marketplace.
    pub id: BrandId,
    /// Its name.
    pub name: String,
    /// How far it is trusted.
    pub tier: Tier,
    /// Where its mail goes.
    pub email: String,
    /// Where its webhook is, if it has one: an `http` or `https` URL.
    pub webhook_url: Option<String>,
    /// The webhook's signing secret in Standard Webhooks form (`whsec_` and base64); never printed.
    pub webhook_secret: Option<String>,
    /// What became of its claims.
    pub record: Record,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accuracy_counts_only_after_five_decided_claims() {
        assert!(Record { accepted: 5, refused: 0 }.weight().abs() < 1e-9);
        assert!((Record { accepted: 16, refused: 0 }.weight() - 10.0).abs() < 1e-9);
        assert!((Record { accepted: 0, refused: 16 }.weight() + 10.0).abs() < 1e-9);
        assert_eq!(Record::default().percent(), None);
    }
}
