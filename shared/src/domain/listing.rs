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
        /// Hidden from sale while a rights holder who was asked about it keeps silent.
        Paused = "paused",
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

/// Digits after the point in a currency's minor unit (ISO 4217, list one of 2024).
#[must_use]
pub fn minor_digits(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "CLF" | "UYW" => 4,
        _ => 2,
    }
}

/// A price with its currency: `19.99 EUR`.
#[must_use]
pub fn price(minor: i64, currency: &str) -> String {
    let digits = minor_digits(currency);
    let (sign, minor) = (if minor < 0 { "-" } else { "" }, minor.unsigned_abs());
    let unit = 10_u64.pow(u32::try_from(digits).unwrap_or(0));
    match digits {
        0 => format!("{sign}{minor} {currency}"),
        _ => format!("{sign}{}.{:0digits$} {currency}", minor / unit, minor % unit),
    }
}

impl Snapshot {
    /// The price with its currency (see [`price`]).
    #[must_use]
    pub fn price(&self) -> String {
        price(self.price_minor, &self.currency)
    }
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
