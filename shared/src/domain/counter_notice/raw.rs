//! A counter-notice as it was sent: anything may be missing, nothing is checked yet.

use serde::{Deserialize, Serialize};

use crate::domain::notice::lenient::{flag, list, text};

/// A counter-notice as it was sent. Every field may be missing, so that all that is missing can be said at once; one
/// that nobody knows is an error, since it is a misspelt one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawCounterNotice {
    /// The seller's own reference, unique for the seller.
    #[serde(deserialize_with = "text")]
    pub reference: String,
    /// Seller id.
    #[serde(deserialize_with = "text")]
    pub seller: String,
    /// The listing that was removed, by id or by the URL where it was: 17 U.S.C. 512(g)(3)(B).
    #[serde(deserialize_with = "text")]
    pub listing: String,
    /// The case id in the statement of reasons; empty where only one removal keeps the listing down.
    #[serde(deserialize_with = "text")]
    pub case: String,
    /// The decision id; empty for the one in force.
    #[serde(deserialize_with = "text")]
    pub decision: String,
    /// A word of [`super::CounterReason`].
    #[serde(deserialize_with = "text")]
    pub reason: String,
    /// Why the removal is wrong.
    #[serde(deserialize_with = "text")]
    pub explanation: String,
    /// What was removed: 17 U.S.C. 512(g)(3)(B).
    #[serde(deserialize_with = "text")]
    pub material: String,
    /// "I believe in good faith that it was removed by mistake or misidentification": 512(g)(3)(C).
    #[serde(deserialize_with = "flag")]
    pub good_faith: bool,
    /// "Under penalty of perjury": 512(g)(3)(C).
    #[serde(deserialize_with = "flag")]
    pub perjury: bool,
    /// Full name: 512(g)(3)(D).
    #[serde(deserialize_with = "text")]
    pub name: String,
    /// Postal address: 512(g)(3)(D).
    #[serde(deserialize_with = "text")]
    pub address: String,
    /// Telephone number: 512(g)(3)(D).
    #[serde(deserialize_with = "text")]
    pub phone: String,
    /// E-mail address; empty for the one on the account.
    #[serde(deserialize_with = "text")]
    pub email: String,
    /// "I consent to the jurisdiction of the court and will accept service of process": 512(g)(3)(D).
    #[serde(deserialize_with = "flag")]
    pub consent: bool,
    /// Electronic signature: 512(g)(3)(A).
    #[serde(deserialize_with = "text")]
    pub signature: String,
    /// URLs.
    #[serde(deserialize_with = "list")]
    pub evidence: Vec<String>,
}

impl RawCounterNotice {
    /// The names of its fields: the header of a CSV file.
    pub const FIELDS: [&str; 17] = [
        "reference",
        "seller",
        "listing",
        "case",
        "decision",
        "reason",
        "explanation",
        "material",
        "good_faith",
        "perjury",
        "name",
        "address",
        "phone",
        "email",
        "consent",
        "signature",
        "evidence",
    ];
}
