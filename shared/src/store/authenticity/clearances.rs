//! What rights holders said is genuine.

use super::super::db::{Conn, Error, List, Result, Tx, all, row, run};
use crate::domain::{
    ids::{BrandId, CaseId, ListingId, OperatorId, RequestId},
    time::Time,
};

/// A rights holder's word that a listing's content is genuine; in force until the listing changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    /// Whose word.
    pub brand: BrandId,
    /// About which listing.
    pub listing: ListingId,
    /// In which version of its content.
    pub version: i64,
    /// The request that was answered.
    pub request: RequestId,
    /// When.
    pub cleared: Time,
}

row! {
    struct ClearanceRow { brand_id: String, listing_id: String, version: i64, request_id: String, cleared_at: i64, }
}

/// The clearances that are in force on these listings: those of the content that the listing has now.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn clearances(conn: &mut Conn, listings: impl IntoIterator<Item = &ListingId>) -> Result<Vec<Clearance>> {
    all!(
        conn,
        ClearanceRow,
        "SELECT c.brand_id, c.listing_id, c.version, c.request_id, c.cleared_at FROM clearances c
         JOIN listings l ON l.id = c.listing_id AND l.version = c.version
         WHERE c.listing_id = ANY($1) AND c.lifted_at IS NULL",
        listings.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "clearances", id: row.listing_id.clone(), problem };
        Ok(Clearance {
            brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            listing: row.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            version: row.version,
            request: row.request_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            cleared: Time(row.cleared_at),
        })
    })
    .collect()
}

/// Clears a listing's content for a brand.
///
/// # Errors
/// What the database says.
pub async fn clear(tx: &mut Tx, clearance: &Clearance) -> Result<()> {
    run!(
        tx,
        "INSERT INTO clearances (brand_id, listing_id, version, request_id, cleared_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (brand_id, listing_id, version) DO UPDATE SET request_id = excluded.request_id,
             cleared_at = excluded.cleared_at, lifted_by = NULL, lifted_at = NULL",
        clearance.brand.as_str(),
        clearance.listing.as_str(),
        clearance.version,
        clearance.request.to_string(),
        clearance.cleared.0
    )?;
    Ok(())
}

/// Takes back what the answer to a request had cleared; `false` if nothing was in force.
///
/// # Errors
/// What the database says.
pub async fn lift(tx: &mut Tx, request: RequestId, by: &OperatorId, now: Time) -> Result<bool> {
    let lifted = run!(
        tx,
        "UPDATE clearances SET lifted_by = $2, lifted_at = $3 WHERE request_id = $1 AND lifted_at IS NULL",
        request.to_string(),
        by.as_str(),
        now.0
    )?;
    Ok(lifted > 0)
}

/// Takes back what answers to the questions of a case had cleared.
///
/// # Errors
/// What the database says.
pub async fn lift_of_case(tx: &mut Tx, case: CaseId, by: &OperatorId, now: Time) -> Result<()> {
    run!(
        tx,
        "UPDATE clearances SET lifted_by = $2, lifted_at = $3 WHERE lifted_at IS NULL
           AND request_id IN (SELECT id FROM authenticity_requests WHERE case_id = $1)",
        case.to_string(),
        by.as_str(),
        now.0
    )?;
    Ok(())
}
