//! Notes on cases. An internal one is for colleagues and leaves the house by no way; a public one is told to brand or seller.

use serde::{Deserialize, Serialize};

use super::{
    ids::{CaseId, NoteId, OperatorId},
    time::Time,
    words::words,
};

words! {
    /// Whom a public note is for.
    Recipient {
        /// The brand whose claims the case is about.
        Brand = "brand",
        /// Whoever sells the listing.
        Seller = "seller",
        /// Each of them, in a message of their own.
        Both = "both",
    }
}

impl Recipient {
    /// Whether the brand is told.
    #[must_use]
    pub const fn is_brand(self) -> bool {
        matches!(self, Self::Brand | Self::Both)
    }

    /// Whether the seller is told.
    #[must_use]
    pub const fn is_seller(self) -> bool {
        matches!(self, Self::Seller | Self::Both)
    }
}

/// Who may read a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Colleagues.
    Internal,
    /// Also whom it is for, in a mail and wherever they see their case.
    Public(Recipient),
}

impl Visibility {
    /// As stored: `internal` or `public`, and whom a public one is for.
    #[must_use]
    pub const fn stored(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Internal => ("internal", None),
            Self::Public(to) => ("public", Some(to.as_str())),
        }
    }
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// The case.
    pub case: CaseId,
    /// Who may read it.
    pub visibility: Visibility,
    /// What it says: text of a colleague, not clean.
    pub text: String,
    /// Who wrote it.
    pub by: OperatorId,
    /// When.
    pub at: Time,
}
