//! Cases whose deadline is near and about which nobody was called yet in their round.

use super::{Conn, Error, Result, Tx, all, row};
use crate::{
    domain::{
        brand::Tier,
        ids::{BrandId, CaseId, ListingId},
        time::Time,
    },
    store::db::List,
};

/// A case that is about to be decided too late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearBreach {
    /// Which.
    pub case: CaseId,
    /// Its round.
    pub round: i64,
    /// Whose claims.
    pub brand: BrandId,
    /// The brand's tier.
    pub tier: Tier,
    /// On which listing.
    pub listing: ListingId,
    /// Its deadline.
    pub due: Time,
}

row! {
    struct IdRow { id: String, }
}

/// Cases of brands of this tier that wait for a decision, are due at `until` and were not paged for in their round; the
/// most urgent first.
///
/// # Errors
/// What the database says.
pub async fn unpaged(conn: &mut Conn, tier: Tier, until: Time, limit: i64) -> Result<Vec<String>> {
    let rows = all!(
        conn,
        IdRow,
        "SELECT c.id FROM cases c JOIN brands b ON b.id = c.brand_id
         WHERE c.state IN ('open', 'appealed') AND c.paged_round < c.round AND c.due_at <= $1 AND b.tier = $2
         ORDER BY c.due_at LIMIT $3",
        until.0,
        tier.as_str(),
        limit
    )?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

row! {
    struct NearRow { id: String, round: i64, brand_id: String, tier: String, listing_id: String, due_at: i64, }
}

/// Marks those of the cases as paged for that still wait and nobody else has marked; gives them, the most urgent first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn mark(tx: &mut Tx, cases: Vec<String>) -> Result<Vec<NearBreach>> {
    let rows = all!(
        tx,
        NearRow,
        "UPDATE cases SET paged_round = round
         WHERE state IN ('open', 'appealed') AND paged_round < round AND id = ANY($1)
         RETURNING id, round, brand_id, (SELECT tier FROM brands WHERE brands.id = cases.brand_id) AS tier, listing_id, due_at",
        List(cases)
    )?;
    let mut near = rows
        .into_iter()
        .map(|row| {
            let corrupt = |problem: String| Error::Corrupt { table: "cases", id: row.id.clone(), problem };
            Ok(NearBreach {
                case: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
                brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                tier: row.tier.parse().map_err(corrupt)?,
                listing: row.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                round: row.round,
                due: Time(row.due_at),
            })
        })
        .collect::<Result<Vec<_>>>()?;
    near.sort_by_key(|near| (near.due, near.case));
    Ok(near)
}

/// Whether some case still waits that was paged for together with others, and has no page of its own.
///
/// # Errors
/// What the database says.
pub async fn some_without_page(conn: &mut Conn) -> Result<bool> {
    let found = all!(
        conn,
        IdRow,
        "SELECT c.id FROM cases c WHERE c.state IN ('open', 'appealed') AND c.paged_round = c.round
         AND NOT EXISTS (SELECT 1 FROM pages p WHERE p.case_id = c.id AND p.kind = 'sla' AND p.round = c.round) LIMIT 1"
    )?;
    Ok(!found.is_empty())
}
