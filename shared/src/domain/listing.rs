//! Listings, and snapshots of them as they stood when reported.

use serde::{Deserialize, Serialize};

use super::{
    ids::{ListingId, SellerId},
    words::words,
};

words! {
    /// What buyers see of a listing.
    ListingState {
        /// For sale.
        Live = "live",
        /// Taken down by a decision.
        Removed = "removed",
        /// Ended by its seller.
        Ended = "ended",
    }
}

/// A listing's content. Each change makes a new snapshot with the next version; none is ever overwritten, because
/// evidence changes after the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Title: text of a stranger, at most 500 characters.
    pub title: String,
    /// Description: text of a stranger, at most 5,000 characters.
    pub description: String,
    /// Price in the currency's minor unit (cents).
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The marketplace's category path, ` > ` between levels.
    pub category: String,
    /// Nice class of the goods, 1 to 45, if the marketplace knows it.
    pub nice_class: Option<u8>,
    /// The listing's address on the marketplace.
    pub url: String,
    /// Addresses of its pictures.
    pub images: Vec<String>,
}

/// A listing on the marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its id on the marketplace.
    pub id: ListingId,
    /// Who sells it.
    pub seller: SellerId,
    /// What buyers see of it.
    pub state: ListingState,
    /// Where it is offered: ISO 3166-1 alpha-2.
    pub territory: String,
    /// Units sold in the last 30 days: its exposure.
    pub sold: i64,
    /// The version of [`Listing::content`], from 1.
    pub version: i64,
    /// The content as it stands.
    pub content: Snapshot,
}
