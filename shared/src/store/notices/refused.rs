//! Claims that were refused in review, for notices that correct them.

use std::collections::BTreeSet;

use super::super::db::{Conn, Error, List, Result, all, row};
use crate::domain::{
    decision::KeepReason,
    ids::{BrandId, ListingId, NoticeId},
    time::Time,
};

/// A claim that was refused in review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedClaim {
    /// The notice that carried it.
    pub notice: NoticeId,
    /// Whose.
    pub brand: BrandId,
    /// The brand's own reference of that notice.
    pub reference: String,
    /// On which listing.
    pub listing: ListingId,
    /// Why it was refused.
    pub reason: KeepReason,
    /// When.
    pub refused: Time,
}

row! {
    struct RefusedRow {
        id: String,
        brand_id: String,
        reference: String,
        listing_id: String,
        reason: String,
        decided_at: i64,
    }
}

/// The refused claims of the notices with these references or ids, as far as the decision stands.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn refused_claims(
    conn: &mut Conn,
    references: &BTreeSet<(BrandId, &str)>,
    ids: &[NoticeId],
) -> Result<Vec<RefusedClaim>> {
    all!(
        conn,
        RefusedRow,
        "SELECT n.id, n.brand_id, n.reference, k.listing_id, d.reason, d.decided_at
         FROM notices n JOIN claims k ON k.notice_id = n.id AND k.state = 'refused' JOIN decisions d ON d.id = k.decision_id
         WHERE ((n.brand_id || ' ' || n.reference) = ANY($1) OR n.id = ANY($2)) AND d.outcome = 'kept'",
        references.iter().map(|(brand, reference)| format!("{brand} {reference}")).collect::<List>(),
        ids.iter().collect::<List>()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "claims", id: row.id.clone(), problem };
        Ok(RefusedClaim {
            notice: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            listing: row.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            reason: row.reason.parse().map_err(corrupt)?,
            refused: Time(row.decided_at),
            reference: row.reference,
        })
    })
    .collect()
}
