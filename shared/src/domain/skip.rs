//! Why somebody passes over a case.

use super::words::words;

words! {
    /// Why a case is passed over. Numbered in this order in the console.
    SkipReason {
        /// It takes more than the person knows.
        TooHard = "too_hard",
        /// It is in a language that the person doesn't read.
        Language = "language",
        /// The person knows the seller or the brand, or has a stake.
        ConflictOfInterest = "conflict_of_interest",
        /// It can't be decided on what is there.
        NeedsEvidence = "needs_evidence",
        /// Something else; the note says what.
        Other = "other",
    }
}

impl SkipReason {
    /// In a few words, for lists and menus.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::TooHard => "too hard",
            Self::Language => "language not read",
            Self::ConflictOfInterest => "conflict of interest",
            Self::NeedsEvidence => "needs more evidence",
            Self::Other => "other (say what)",
        }
    }
}
