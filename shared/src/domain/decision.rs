//! What a moderator can decide, and the words in which each party hears it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{penalty::Severity, words::words};

words! {
    /// Why a listing is removed; decides how heavy the strike is. Numbered in this order in the console.
    RemoveReason {
        /// The listing offers a counterfeit.
        CounterfeitListing = "counterfeit_listing",
        /// A counterfeit was delivered to a buyer, shown by a test purchase or a buyer's complaint.
        CounterfeitSold = "counterfeit_sold",
        /// A mark, text or picture is used without permission; the goods may be genuine.
        ImproperUse = "improper_use",
        /// Counterfeits on a large scale, or evasion of earlier measures.
        Serious = "serious",
        /// Danger to life or health, or organised counterfeiting.
        Extreme = "extreme",
    }
}

words! {
    /// Why a listing stays up and the notice is refused. Numbered in this order in the console.
    KeepReason {
        /// The notice doesn't show that the right is infringed.
        WeakEvidence = "weak_evidence",
        /// The right claimed doesn't cover this listing.
        RightMismatch = "right_mismatch",
        /// The goods are genuine, or the seller is authorised.
        Genuine = "genuine",
        /// Genuine goods resold: the right is exhausted.
        Exhausted = "exhausted",
        /// The listing had already ended or changed.
        AlreadyGone = "already_gone",
        /// The notice is abusive.
        Abusive = "abusive",
        /// The seller's counter-notice stood: the brand accepted it or did not sue in time. Not chosen by a moderator.
        CounterUpheld = "counter_upheld",
        /// The brand took its notice back. Not chosen by a moderator.
        Withdrawn = "withdrawn",
    }
}

/// What was decided on a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "snake_case")]
pub enum Verdict {
    /// The listing comes down, the seller is penalised.
    Remove(RemoveReason),
    /// The listing stays, the claims are refused.
    Keep(KeepReason),
}

impl Verdict {
    /// `removed` or `kept`, as stored.
    #[must_use]
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Remove(_) => "removed",
            Self::Keep(_) => "kept",
        }
    }

    /// The reason as stored.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Remove(reason) => reason.as_str(),
            Self::Keep(reason) => reason.as_str(),
        }
    }

    /// The reason in a few words, for lists.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Remove(reason) => reason.title(),
            Self::Keep(reason) => reason.title(),
        }
    }

    /// Reads what [`Verdict::outcome`] and [`Verdict::reason`] wrote.
    ///
    /// # Errors
    /// Says which of the two is unknown.
    pub fn from_stored(outcome: &str, reason: &str) -> Result<Self, String> {
        match outcome {
            "removed" => reason.parse().map(Self::Remove),
            "kept" => reason.parse().map(Self::Keep),
            other => Err(format!("{other:?} is no outcome")),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.outcome(), self.title())
    }
}

impl RemoveReason {
    /// In a few words, for lists and menus.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::CounterfeitListing => "counterfeit offered",
            Self::CounterfeitSold => "counterfeit sold",
            Self::ImproperUse => "improper use of mark, text or picture",
            Self::Serious => "serious: large scale or evasion",
            Self::Extreme => "extreme: danger or organised",
        }
    }

    /// How heavy the strike is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::CounterfeitListing => Severity::CounterfeitListing,
            Self::CounterfeitSold => Severity::CounterfeitSold,
            Self::ImproperUse => Severity::General,
            Self::Serious => Severity::Serious,
            Self::Extreme => Severity::Extreme,
        }
    }

    /// What the seller is told happened (the facts of the statement of reasons).
    #[must_use]
    pub const fn facts(self) -> &'static str {
        match self {
            Self::CounterfeitListing => {
                "The listing offers goods that bear a protected mark without the holder's consent."
            }
            Self::CounterfeitSold => {
                "Goods that bear a protected mark without the holder's consent were delivered from this listing."
            }
            Self::ImproperUse => "The listing uses a protected mark, text or picture without the holder's consent.",
            Self::Serious => {
                "The listing is part of a sale of infringing goods on a large scale, or evades an earlier measure."
            }
            Self::Extreme => {
                "The goods infringe a right and endanger life or health, or come from organised infringement."
            }
        }
    }
}

impl KeepReason {
    /// What a moderator can choose, in the order of the numbers in the console.
    pub const CHOICES: &'static [Self] =
        &[Self::WeakEvidence, Self::RightMismatch, Self::Genuine, Self::Exhausted, Self::AlreadyGone, Self::Abusive];

    /// In a few words, for lists and menus.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::WeakEvidence => "evidence too weak",
            Self::RightMismatch => "right does not cover this listing",
            Self::Genuine => "genuine, or seller authorised",
            Self::Exhausted => "genuine goods resold (right exhausted)",
            Self::AlreadyGone => "listing had already ended",
            Self::Abusive => "abusive notice",
            Self::CounterUpheld => "counter-notice stood",
            Self::Withdrawn => "notice withdrawn",
        }
    }

    /// What the notifier is told: the failed check, the field that it concerns, and what would change the answer.
    #[must_use]
    pub const fn lesson(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::WeakEvidence => (
                "The notice does not show why this listing infringes the right.",
                "explanation, evidence",
                "File again with a test purchase, a comparison with the genuine article, or the picture that was copied.",
            ),
            Self::RightMismatch => (
                "The right claimed does not cover these goods or this territory.",
                "right",
                "File again under a right registered for these goods where the listing is offered.",
            ),
            Self::Genuine => (
                "The goods are genuine, or the seller is authorised to sell them.",
                "listings",
                "If you have reason to think otherwise, file again with a test purchase.",
            ),
            Self::Exhausted => (
                "The goods were first sold with the holder's consent, so their resale is free.",
                "reason",
                "If the goods were changed, or come from outside the territory, file again and say so.",
            ),
            Self::AlreadyGone => (
                "The listing had ended before the review.",
                "listings",
                "Nothing to do; report it again if it comes back.",
            ),
            Self::Abusive => (
                "The notice was found to be unfounded and made without good faith.",
                "good_faith",
                "Further unfounded notices lead to suspension (DSA art. 23). You may complain about this decision.",
            ),
            Self::CounterUpheld => (
                "The seller's counter-notice stood: it was accepted, or no suit was brought in time.",
                "listings",
                "If a court finds for you, file again and name its judgment.",
            ),
            Self::Withdrawn => (
                "You took the notice back.",
                "reference",
                "Nothing to do. File again if the listing infringes after all.",
            ),
        }
    }
}
