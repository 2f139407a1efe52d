//! A case that something is done to.

use jointforce_shared::{
    domain::ids::CaseId,
    store::{dossier::Dossier, queue::QueueRow},
};

/// A case that something is about to be done to, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub case: CaseId,
    /// The version that was on the screen.
    pub version: Option<i64>,
    /// The listing's title: a stranger's text.
    pub title: String,
    /// Whose claims: a partner's text.
    pub brand: String,
    /// Who sells it: a stranger's text.
    pub seller: String,
}

impl Target {
    /// From a row of the queue.
    pub fn row(row: &QueueRow) -> Self {
        Self {
            case: row.place.case,
            version: Some(row.version),
            title: row.title.clone(),
            brand: row.brand_name.clone(),
            seller: row.seller_name.clone(),
        }
    }

    /// From a case that was read.
    pub fn of(dossier: &Dossier) -> Self {
        Self {
            case: dossier.case.id,
            version: Some(dossier.case.version),
            title: dossier.listing.content.title.clone(),
            brand: dossier.brand.name.clone(),
            seller: dossier.seller.seller.name.clone(),
        }
    }
}
