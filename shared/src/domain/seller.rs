//! Sellers and where they stand on the ladder.

use serde::{Deserialize, Serialize};

use super::{ids::SellerId, time::Time, words::words};

words! {
    /// What a step of the ladder does to a seller, mildest first.
    Level {
        /// Nothing.
        Good = "good",
        /// Close to a step: told so, nothing taken away.
        Cautioned = "cautioned",
        /// A severe warning.
        Warned = "warned",
        /// May not open new listings.
        Restricted = "restricted",
        /// Restricted, and hidden from search.
        Hidden = "hidden",
        /// The account is sealed for a while, its listings off, its money kept back.
        Suspended = "suspended",
        /// The account is closed for ever. Only a second person's approval brings a seller here.
        Terminated = "terminated",
    }
}

impl Level {
    /// Whether a seller at this level sells nothing: every listing is off, whatever the step says.
    #[must_use]
    pub const fn sells_nothing(self) -> bool {
        matches!(self, Self::Suspended | Self::Terminated)
    }
}

/// Where a seller stands: the ladder applied to the strikes, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Points that count now.
    pub points: i64,
    /// The level in force.
    pub level: Level,
    /// When a restriction ends; `None` if nothing is restricted or it has no end.
    pub until: Option<Time>,
    /// Whether every listing of the seller is off.
    pub listings_off: bool,
    /// When the standing changes next if nothing else happens (points expire, a restriction ends).
    pub next_change: Option<Time>,
}

/// A seller on the marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Its id on the marketplace.
    pub id: SellerId,
    /// The shop's name: text of a stranger.
    pub name: String,
    /// Where its mail goes.
    pub email: String,
    /// ISO 3166-1 alpha-2 of its seat.
    pub country: String,
    /// An opaque reference to its payout account; sellers who share one are linked.
    pub payout_account: Option<String>,
}
