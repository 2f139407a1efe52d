//! Everything that a moderator sees of one case, read in one go.

use std::collections::BTreeSet;

use super::{
    Conn, audit, brands,
    cases::{self, Case},
    db::Result,
    decisions::{self, Decision},
    effects::{self, Entry},
    listings,
    notices::{self, Claim},
    queue::{self, EarlierCase},
    sellers::{self, SellerRecord},
};
use crate::domain::{
    audit::Event, brand::Brand, ids::CaseId, listing::Listing, penalty::Strike, priority::Factors, right::Right,
};

/// A case with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The case.
    pub case: Case,
    /// What its rank was made of, with today's record of the brand.
    pub factors: Factors,
    /// Whose claims.
    pub brand: Brand,
    /// The listing as it stood when it was reported last.
    pub listing: Listing,
    /// The version that the listing has by now, if it changed since.
    pub changed_since: Option<i64>,
    /// The claims, newest first, at most 50.
    pub claims: Vec<Claim>,
    /// The rights claimed.
    pub rights: Vec<Right>,
    /// Who sells it.
    pub seller: SellerRecord,
    /// The strikes that stand against the seller, oldest first.
    pub strikes: Vec<Strike>,
    /// Sellers with the same payout account.
    pub linked: Vec<SellerRecord>,
    /// Other cases about the seller.
    pub earlier: Vec<EarlierCase>,
    /// The decision in force.
    pub decision: Option<Decision>,
    /// What was done to the case, oldest first.
    pub timeline: Vec<Event>,
    /// What follows from the decisions, oldest first.
    pub effects: Vec<Entry>,
}

/// Other cases about the seller that are shown.
const EARLIER: i64 = 10;

/// Reads a case with all that belongs to it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn load(conn: &mut Conn, id: CaseId) -> Result<Option<Dossier>> {
    let Some(case) = cases::get(conn, id).await? else { return Ok(None) };
    let Some(brand) = brands::get(conn, &case.brand).await? else { return Ok(None) };
    let Some(listing) = listings::at_version(conn, &case.listing, case.snapshot_version).await? else {
        return Ok(None);
    };
    let Some(seller) = sellers::get(conn, &case.seller).await? else { return Ok(None) };
    let newest = listings::newest_version(conn, &case.listing).await?;
    let claims = notices::claims_of(conn, id).await?;
    let rights: BTreeSet<_> = claims.iter().map(|claim| &claim.right).collect();
    let rights = brands::rights(conn, rights).await?;
    let strikes = sellers::strikes(conn, [&case.seller]).await?.into_iter().map(|(_, strike)| strike).collect();
    let linked = sellers::linked(conn, &seller.seller).await?;
    let earlier = queue::about_seller(conn, &case.seller, id, EARLIER).await?;
    let decision = match case.state.decision() {
        Some((_, decision)) => decisions::get_many(conn, &[decision]).await?.pop(),
        None => None,
    };
    let factors = Factors {
        tier: brand.tier,
        due: case.due,
        severity: case.severity,
        record: brand.record,
        sold: listing.sold,
        reports: case.reports,
        claims: case.claims,
    };
    Ok(Some(Dossier {
        factors,
        changed_since: newest.filter(|newest| *newest != case.snapshot_version),
        timeline: audit::of_case(conn, id).await?,
        effects: effects::of_case(conn, id).await?,
        case,
        brand,
        listing,
        claims,
        rights,
        seller,
        strikes,
        linked,
        earlier,
        decision,
    }))
}
