//! The review queue: a keyset window over the open cases, never counted, never skipped over with OFFSET.

use super::{
    db::{Conn, Error, Result, all, row},
    reviews,
};
use crate::domain::{
    brand::{Record, Tier},
    escalation::Desk,
    ids::{BrandId, CaseId, ListingId, OperatorId, SellerId},
    priority::Factors,
    seller::Level,
    time::Time,
};

/// What a moderator wants to see. Empty means the whole queue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only this brand's cases.
    pub brand: Option<BrandId>,
    /// Only cases about this seller.
    pub seller: Option<SellerId>,
    /// Only cases due before this moment.
    pub due_before: Option<Time>,
    /// Only held cases (`true`), or only cases that nobody holds (`false`).
    pub held: Option<bool>,
    /// Only cases handed to, held by or leased by this person.
    pub of: Option<OperatorId>,
    /// Only brands of this tier.
    pub tier: Option<Tier>,
    /// Only cases of the general queue, or only those of a desk.
    pub board: Option<Board>,
    /// Only contested cases, or those that wait for their brand and are in nobody's queue.
    pub standing: Option<Standing>,
}

/// Where a case stands that is neither simply open nor held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Decided, contested, and in the queue for another person.
    Appealed,
    /// Out of the queue: its brand was asked.
    Asked,
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

/// Whose cases: everybody's, or a desk's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Board {
    /// Cases that are at no desk.
    General,
    /// Cases that were escalated to this desk.
    Desk(Desk),
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
    /// Who it was handed to.
    pub assigned_to: Option<OperatorId>,
    /// The desk that has it.
    pub desk: Option<Desk>,
    /// Whether it is contested, or waits for its brand.
    pub standing: Option<Standing>,
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
        opened_at: i64,
        brand_id: String,
        brand_name: String,
        tier: String,
        accepted: i64,
        refused: i64,
        listing_id: String,
        sold: i64,
        title: String,
        seller_id: String,
        seller_name: String,
        level: String,
        points: i64,
        held_by: Option<String>,
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
            assigned_to: person(self.assigned_to)?,
            desk: self.desk.as_deref().map(str::parse).transpose().map_err(corrupt)?,
            standing: [Standing::Appealed, Standing::Asked].into_iter().find(|one| one.as_str() == self.state),
            lease_by: person(self.lease_by)?,
            opened: Time(self.opened_at),
            brand_name: self.brand_name,
            title: self.title,
            seller_name: self.seller_name,
            points: self.points,
        })
    }
}

/// The columns of a queue row; `w` is the window of cases. The states stand there word for word: partial indexes ask for it.
macro_rules! window {
    ($where:literal) => {
        window!("state IN ('open', 'held', 'appealed')", $where)
    };
    ($states:literal, $where:literal) => {
        concat!(
            "SELECT w.id, w.version, w.rank, w.due_at, w.severity, w.claims, w.reports, w.opened_at, w.brand_id, b.name AS brand_name,
                    b.tier, b.accepted, b.refused, w.listing_id, l.sold, s.title, w.seller_id, v.name AS seller_name, v.level,
                    v.points, w.held_by, w.assigned_to, w.desk, w.state, CASE WHEN w.lease_until > db_now() THEN w.lease_by END AS lease_by
             FROM (SELECT * FROM cases WHERE ",
            $states,
            " AND ",
            $where,
            " ORDER BY rank, id LIMIT $3) w
             JOIN brands b ON b.id = w.brand_id JOIN sellers v ON v.id = w.seller_id JOIN listings l ON l.id = w.listing_id
             JOIN snapshots s ON s.listing_id = w.listing_id AND s.version = w.snapshot_version
             ORDER BY w.rank, w.id"
        )
    };
}

/// The window that any filter may narrow.
macro_rules! filtered {
    ($conn:ident, $filter:ident, $rank:ident, $id:ident, $limit:ident, $states:literal) => {
        all!(
            $conn,
            Row,
            window!(
                $states,
                "(rank, id) > ($1, $2) AND ($4 IS NULL OR brand_id = $4) AND ($5 IS NULL OR seller_id = $5)
                 AND ($6 IS NULL OR due_at < $6) AND ($7 IS NULL OR state = $7)
                 AND ($8 IS NULL OR assigned_to = $8 OR held_by = $8 OR (lease_by = $8 AND lease_until > db_now()))
                 AND ($9 IS NULL OR brand_id IN (SELECT id FROM brands WHERE tier = $9))
                 AND ($10 IS NULL OR coalesce(desk, '') = $10)"
            ),
            $rank,
            $id,
            $limit,
            $filter.brand.as_ref().map(BrandId::as_str),
            $filter.seller.as_ref().map(SellerId::as_str),
            $filter.due_before.map(|due| due.0),
            $filter.state(),
            $filter.of.as_ref().map(OperatorId::as_str),
            $filter.tier.map(Tier::as_str),
            $filter.board.map(|board| match board {
                Board::General => "",
                Board::Desk(desk) => desk.as_str(),
            })
        )?
    };
}

impl Filter {
    /// The one state that is wanted, if it is one.
    fn state(&self) -> Option<&'static str> {
        self.standing.map(Standing::as_str).or_else(|| self.held.map(|held| if held { "held" } else { "open" }))
    }

    /// Whether a row would be in the page; for rows that come from elsewhere than the cases.
    fn lets(&self, row: &QueueRow) -> bool {
        let is = |who: &Option<OperatorId>| self.of.is_some() && *who == self.of;
        self.brand.as_ref().is_none_or(|brand| *brand == row.brand)
            && self.seller.as_ref().is_none_or(|seller| *seller == row.seller)
            && self.due_before.is_none_or(|due| row.factors.due < due)
            && self.held.is_none_or(|held| held == row.held_by.is_some())
            && (self.of.is_none() || is(&row.held_by) || is(&row.assigned_to) || is(&row.lease_by))
            && self.tier.is_none_or(|tier| tier == row.factors.tier)
            && self.board.is_none_or(|board| match board {
                Board::General => row.desk.is_none(),
                Board::Desk(desk) => row.desk == Some(desk),
            })
            && self.standing.is_none_or(|standing| row.standing == Some(standing))
    }
}

/// The page as `viewer` sees it: with the second looks that only they are asked for (see [`reviews`]), at the
/// places where such cases would stand.
///
/// # Errors
/// As [`page`].
pub async fn page_for(
    conn: &mut Conn,
    viewer: &OperatorId,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<QueueRow>> {
    let mut rows = page(conn, filter, after, limit).await?;
    let full = rows.len() >= usize::try_from(limit).unwrap_or(0);
    let last = rows.last().map(|row| row.place).filter(|_| full);
    for review in reviews::of(conn, viewer).await? {
        let row = review.row();
        let here = after.is_none_or(|after| row.place > after) && last.is_none_or(|last| row.place < last);
        if here && filter.lets(&row) {
            let at = rows.partition_point(|other| other.place < row.place);
            rows.insert(at, row);
        }
    }
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The next `limit` open cases after `after`, in the order of the queue.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn page(conn: &mut Conn, filter: &Filter, after: Option<Place>, limit: i64) -> Result<Vec<QueueRow>> {
    let (rank, id) = after.map_or((i64::MIN, String::new()), |place| (place.rank, place.case.to_string()));
    let plain = Filter { brand: None, seller: None, ..filter.clone() } == Filter::default();
    let rows = match filter {
        Filter { brand: None, seller: None, .. } if plain => {
            all!(conn, Row, window!("(rank, id) > ($1, $2)"), rank, id, limit)?
        }
        Filter { brand: Some(brand), seller: None, .. } if plain => {
            all!(conn, Row, window!("(rank, id) > ($1, $2) AND brand_id = $4"), rank, id, limit, brand.as_str())?
        }
        Filter { brand: None, seller: Some(seller), .. } if plain => {
            all!(conn, Row, window!("(rank, id) > ($1, $2) AND seller_id = $4"), rank, id, limit, seller.as_str())?
        }
        Filter { board: Some(Board::Desk(desk)), .. }
            if Filter { board: None, ..filter.clone() } == Filter::default() =>
        {
            all!(conn, Row, window!("(rank, id) > ($1, $2) AND desk = $4"), rank, id, limit, desk.as_str())?
        }
        Filter { standing: Some(Standing::Asked), .. } => {
            filtered!(conn, filter, rank, id, limit, "state = 'asked'")
        }
        _ => filtered!(conn, filter, rank, id, limit, "state IN ('open', 'held', 'appealed')"),
    };
    rows.into_iter().map(Row::read).collect()
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
