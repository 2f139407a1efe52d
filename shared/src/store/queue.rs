//! The review queue: a keyset window over the open cases, never counted, never skipped over with OFFSET.

mod filter;
mod page;

pub use filter::{Filter, Range};
pub use page::{page, page_for};

use super::db::{Conn, Error, Result, all, row};
use crate::domain::{
    ask::Stage,
    brand::Record,
    escalation::Desk,
    ids::{BrandId, CaseId, ListingId, OperatorId, SellerId},
    priority::Factors,
    seller::Level,
    time::Time,
};

/// Where a case stands that is neither simply open nor held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Decided, contested, and in the queue for another person.
    Appealed,
    /// Out of the queue: its brand was asked.
    Asked,
}

impl QueueRow {
    /// Where the case stands.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match (self.standing, &self.held_by) {
            (Some(Standing::Asked), _) => Stage::Asked,
            (Some(Standing::Appealed), _) => Stage::Appealed,
            (None, Some(_)) => Stage::Held,
            (None, None) => Stage::Open,
        }
    }
}

impl Standing {
    /// As [`crate::domain::case::State::as_str`].
    const fn as_str(self) -> &'static str {
        match self {
            Self::Appealed => "appealed",
            Self::Asked => "asked",
        }
    }
}

/// A place in the queue: everything after it comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The rank.
    pub rank: i64,
    /// The case at that rank.
    pub case: CaseId,
}

/// A row of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueRow {
    /// Where it stands in the queue.
    pub place: Place,
    /// The case's version, for commands.
    pub version: i64,
    /// Whose claims.
    pub brand: BrandId,
    /// The brand's name: text of a partner.
    pub brand_name: String,
    /// On which listing.
    pub listing: ListingId,
    /// Its title when it was reported: text of a stranger.
    pub title: String,
    /// Its price then, in hundredths of its currency.
    pub price_minor: i64,
    /// Who sells it.
    pub seller: SellerId,
    /// The shop's name: text of a stranger.
    pub seller_name: String,
    /// The seller's level.
    pub level: Level,
    /// The seller's points.
    pub points: i64,
    /// What the rank was made of, with today's record of the brand.
    pub factors: Factors,
    /// Who holds it, if it is held.
    pub held_by: Option<OperatorId>,
    /// Whether a second person has to say yes to what is asked for it, alone or with others.
    pub waits: bool,
    /// Who it was handed to.
    pub assigned_to: Option<OperatorId>,
    /// The desk that has it.
    pub desk: Option<Desk>,
    /// Whether it is contested, or waits for its brand.
    pub standing: Option<Standing>,
    /// How many times it was in the queue, from 1: more for what was decided and is here again.
    pub round: i64,
    /// Who has a live lease.
    pub lease_by: Option<OperatorId>,
    /// When it came into the queue.
    pub opened: Time,
}

row! {
    struct Row {
        id: String,
        version: i64,
        rank: i64,
        due_at: i64,
        severity: i64,
        claims: i64,
        reports: i64,
        round: i64,
        opened_at: i64,
        brand_id: String,
        brand_name: String,
        tier: String,
        accepted: i64,
        refused: i64,
        listing_id: String,
        sold: i64,
        title: String,
        price_minor: i64,
        seller_id: String,
        seller_name: String,
        level: String,
        points: i64,
        held_by: Option<String>,
        waits: i64,
        assigned_to: Option<String>,
        desk: Option<String>,
        state: String,
        lease_by: Option<String>,
    }
}

impl Row {
    fn read(self) -> Result<QueueRow> {
        let id = self.id.clone();
        let corrupt = |problem: String| Error::Corrupt { table: "cases", id: id.clone(), problem };
        let person = |id: Option<String>| {
            id.as_deref().map(str::parse).transpose().map_err(|e: crate::domain::ids::BadId| corrupt(e.to_string()))
        };
        Ok(QueueRow {
            place: Place { rank: self.rank, case: self.id.parse().map_err(|e| corrupt(format!("{e}")))? },
            version: self.version,
            brand: self.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            listing: self.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            seller: self.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            level: self.level.parse().map_err(corrupt)?,
            factors: Factors {
                tier: self.tier.parse().map_err(corrupt)?,
                due: Time(self.due_at),
                severity: self.severity,
                record: Record { accepted: self.accepted, refused: self.refused },
                sold: self.sold,
                reports: self.reports,
                claims: self.claims,
            },
            held_by: person(self.held_by)?,
            waits: self.waits != 0,
            assigned_to: person(self.assigned_to)?,
            desk: self.desk.as_deref().map(str::parse).transpose().map_err(corrupt)?,
            standing: [Standing::Appealed, Standing::Asked].into_iter().find(|one| one.as_str() == self.state),
            round: self.round,
            lease_by: person(self.lease_by)?,
            opened: Time(self.opened_at),
            brand_name: self.brand_name,
            title: self.title,
            price_minor: self.price_minor,
            seller_name: self.seller_name,
            points: self.points,
        })
    }
}

row! {
    struct EarlierRow { id: String, state: String, brand_name: String, title: String, opened_at: i64, }
}

/// An earlier case about the same seller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierCase {
    /// Its id.
    pub id: CaseId,
    /// Where it stands (see [`crate::domain::case::State::as_str`]).
    pub state: String,
    /// Whose claims.
    pub brand_name: String,
    /// The listing's title.
    pub title: String,
    /// When it came into the queue.
    pub opened: Time,
}

/// Other cases about a seller, the newest of the first 50 in the seller's order, at most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn about_seller(conn: &mut Conn, seller: &SellerId, but: CaseId, limit: i64) -> Result<Vec<EarlierCase>> {
    all!(
        conn,
        EarlierRow,
        "SELECT c.id, c.state, b.name AS brand_name, s.title, c.opened_at
         FROM (SELECT * FROM cases WHERE seller_id = $1 AND id <> $2 ORDER BY rank DESC, id DESC LIMIT $3) c
         JOIN brands b ON b.id = c.brand_id
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version ORDER BY c.opened_at DESC",
        seller.as_str(),
        but.to_string(),
        limit
    )?
    .into_iter()
    .map(|row| {
        Ok(EarlierCase {
            id: row.id.parse().map_err(|e| Error::Corrupt {
                table: "cases",
                id: row.id.clone(),
                problem: format!("{e}"),
            })?,
            state: row.state,
            brand_name: row.brand_name,
            title: row.title,
            opened: Time(row.opened_at),
        })
    })
    .collect()
}
