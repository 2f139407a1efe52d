//! Pages of the queue. What an index knows is found at once; anything else is looked for in stretches of the queue, so
//! that no statement runs long, whatever is asked for and however long the queue is.

use super::{Filter, Place, QueueRow, Row, filter::Known};
use crate::{
    domain::{
        ask::Stage,
        escalation::Desk,
        ids::{BrandId, OperatorId, SellerId},
    },
    store::{
        db::{Conn, Error, List, Result, all, like::anywhere, opt, row},
        reviews,
    },
};

/// Cases that one statement looks at, as it stands in the statements below.
const STRETCH: u64 = 2000;

/// The columns of a queue row; `$window` is the window of cases.
macro_rules! rows {
    ($($window:expr),*) => {
        concat!(
            "SELECT w.id, w.version, w.rank, w.due_at, w.severity, w.claims, w.reports, w.round, w.opened_at, w.brand_id, b.name AS brand_name,
                    b.tier, b.accepted, b.refused, w.listing_id, l.sold, s.title, s.price_minor, w.seller_id, v.name AS seller_name, v.level,
                    v.points, w.held_by, w.assigned_to, w.desk, w.state,
                    CAST(CASE WHEN EXISTS (SELECT 1 FROM approval_cases k WHERE k.case_id = w.id
                         AND (SELECT a.state FROM approvals a WHERE a.id = k.approval_id) = 'pending') THEN 1 ELSE 0 END AS BIGINT) AS waits,
                    CASE WHEN w.lease_until > db_now() THEN w.lease_by END AS lease_by
             FROM (",
            $($window,)*
            ") w
             JOIN brands b ON b.id = w.brand_id JOIN sellers v ON v.id = w.seller_id JOIN listings l ON l.id = w.listing_id
             JOIN snapshots s ON s.listing_id = w.listing_id AND s.version = w.snapshot_version
             ORDER BY w.rank, w.id"
        )
    };
}

/// A part of the cases in the queue's order, after a place. The states stand there word for word: partial indexes ask for
/// it.
macro_rules! part {
    ($columns:literal, $lead:literal) => {
        part!($columns, "state IN ('open', 'held', 'appealed')", $lead)
    };
    ($columns:literal, $states:literal, $lead:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM cases WHERE ",
            $states,
            " AND (rank, id) > ($1, $2)",
            $lead,
            " ORDER BY rank, id LIMIT "
        )
    };
}

/// Of a stretch, what any filter leaves.
macro_rules! stretch {
    ($($part:tt),*) => {
        rows!(
            "SELECT * FROM (",
            part!($($part),*),
            "2000) c WHERE ($5 IS NULL OR state = ANY($5)) AND ($6 IS NULL OR brand_id = ANY($6)) AND NOT (brand_id = ANY($7))
              AND due_at BETWEEN $8 AND $9 AND opened_at BETWEEN $10 AND $11 AND reports BETWEEN $12 AND $13
              AND ($14 IS NULL OR coalesce(desk, 'none') = ANY($14))
              AND ($15 IS NULL OR assigned_to = $15 OR held_by = $15 OR (lease_by = $15 AND lease_until > db_now()))
              AND ($16 IS NULL OR brand_id IN (SELECT id FROM brands WHERE tier = ANY($16)))
              AND ($17 = 0 OR EXISTS (SELECT 1 FROM sellers WHERE sellers.id = c.seller_id AND points BETWEEN $18 AND $19
                   AND ($20 IS NULL OR level = ANY($20)) AND ($21 IS NULL OR lower(name) LIKE $21 ESCAPE '\\')))
              AND ($22 = 0 OR EXISTS (SELECT 1 FROM listings WHERE listings.id = c.listing_id AND sold BETWEEN $23 AND $24))
              AND ($25 = 0 OR EXISTS (SELECT 1 FROM snapshots WHERE snapshots.listing_id = c.listing_id
                   AND snapshots.version = c.snapshot_version AND price_minor BETWEEN $26 AND $27
                   AND ($28 IS NULL OR lower(title) LIKE $28 ESCAPE '\\') AND ($29 IS NULL OR lower(title) LIKE $29 ESCAPE '\\')
                   AND ($30 IS NULL OR lower(title) LIKE $30 ESCAPE '\\') AND ($31 IS NULL OR lower(title) LIKE $31 ESCAPE '\\')
                   AND ($32 IS NULL OR lower(title) NOT LIKE $32 ESCAPE '\\')
                   AND ($33 IS NULL OR lower(title) NOT LIKE $33 ESCAPE '\\')))
             ORDER BY rank, id LIMIT $3"
        )
    };
}

row! {
    struct PlaceRow { rank: i64, id: String, }
}

/// Where a search begins: what an index knows about what is wanted.
enum Lead<'a> {
    All,
    Brand(&'a BrandId),
    Seller(&'a SellerId),
    Desk(&'static str),
    Asked,
}

impl Known<'_> {
    fn lead(&self) -> Lead<'_> {
        let filter = self.filter;
        if filter.stages.as_ref().is_some_and(|stages| stages.contains(&Stage::Asked)) {
            return Lead::Asked;
        }
        match (&self.seller, self.brands.as_deref(), filter.desks.as_deref()) {
            (Some(seller), ..) => Lead::Seller(seller),
            (_, Some([brand]), _) => Lead::Brand(brand),
            (_, _, Some([Some(desk)])) => Lead::Desk(desk.as_str()),
            _ => Lead::All,
        }
    }

    /// Whether the index alone finds what is wanted.
    fn is_led(&self) -> bool {
        let filter = self.filter;
        let bare = Filter { brand: None, brands: vec![], seller: None, seller_called: None, ..filter.clone() };
        let none = self.no_brands.is_empty() && self.seller_like.is_none();
        let one = |lead: bool| none && lead && bare == Filter::default();
        match self.lead() {
            Lead::All => one(self.brands.is_none()),
            Lead::Brand(_) => one(true),
            Lead::Seller(_) => one(self.brands.is_none()),
            Lead::Desk(_) => none && self.brands.is_none() && Filter { desks: None, ..bare } == Filter::default(),
            Lead::Asked => false,
        }
    }
}

impl<'a> Lead<'a> {
    /// The parameter `$4`.
    fn value(&self) -> Option<&'a str> {
        match self {
            Self::All | Self::Asked => None,
            Self::Brand(brand) => Some(brand.as_str()),
            Self::Seller(seller) => Some(seller.as_str()),
            Self::Desk(desk) => Some(desk),
        }
    }

    /// A page of what the index finds by itself.
    const fn page(&self) -> &'static str {
        match self {
            Self::Brand(_) => rows!(part!("*", " AND brand_id = $4"), "$3"),
            Self::Seller(_) => rows!(part!("*", " AND seller_id = $4"), "$3"),
            Self::Desk(_) => rows!(part!("*", " AND desk = $4"), "$3"),
            Self::All | Self::Asked => rows!(part!("*", ""), "$3"),
        }
    }

    /// What a filter leaves of a stretch. Where nothing leads, `$4` is there all the same, so that the numbers behind it are.
    const fn stretch(&self) -> &'static str {
        match self {
            Self::Brand(_) => stretch!("*", " AND brand_id = $4"),
            Self::Seller(_) => stretch!("*", " AND seller_id = $4"),
            Self::Desk(_) => stretch!("*", " AND desk = $4"),
            Self::Asked => stretch!("*", "state = 'asked'", " AND $4 IS NULL"),
            Self::All => stretch!("*", " AND $4 IS NULL"),
        }
    }

    /// The last place of a stretch, if the queue goes on behind it.
    const fn end(&self) -> &'static str {
        match self {
            Self::Brand(_) => concat!(part!("rank, id", " AND brand_id = $3"), "1 OFFSET 1999"),
            Self::Seller(_) => concat!(part!("rank, id", " AND seller_id = $3"), "1 OFFSET 1999"),
            Self::Desk(_) => concat!(part!("rank, id", " AND desk = $3"), "1 OFFSET 1999"),
            Self::Asked => concat!(part!("rank, id", "state = 'asked'", " AND $3 IS NULL"), "1 OFFSET 1999"),
            Self::All => concat!(part!("rank, id", " AND $3 IS NULL"), "1 OFFSET 1999"),
        }
    }
}

fn place(after: Option<Place>) -> (i64, String) {
    after.map_or((i64::MIN, String::new()), |place| (place.rank, place.case.to_string()))
}

/// What the filter leaves of the next stretch, at most `limit` rows.
async fn stretch(conn: &mut Conn, known: &Known<'_>, after: Option<Place>, limit: i64) -> Result<Vec<QueueRow>> {
    let filter = known.filter;
    let (rank, id) = place(after);
    let words = |list: Option<Vec<&'static str>>| list.map(List::from_iter);
    let of_seller = filter.points.narrows() || filter.levels.is_some() || known.seller_like.is_some();
    let of_title = filter.price.narrows() || !filter.titles.is_empty() || !filter.no_titles.is_empty();
    let title = |n: usize| filter.titles.get(n).map(|text| anywhere(text));
    // Letters that let anything pass would shut anything out.
    let no_title = |n: usize| filter.no_titles.get(n).filter(|text| text.is_ascii()).map(|text| anywhere(text));
    let lead = known.lead();
    let rows = all!(
        conn,
        Row,
        lead.stretch(),
        rank,
        id.as_str(),
        limit,
        lead.value(),
        words(filter.stages.as_ref().map(|stages| stages.iter().map(|stage| stage.as_str()).collect())),
        known.brands.as_ref().map(|brands| brands.iter().collect::<List>()),
        known.no_brands.iter().collect::<List>(),
        filter.due.from,
        filter.due.to,
        filter.opened.from,
        filter.opened.to,
        filter.reports.from,
        filter.reports.to,
        words(filter.desks.as_ref().map(|desks| desks.iter().map(|desk| desk.map_or("none", Desk::as_str)).collect())),
        filter.of.as_ref().map(OperatorId::as_str),
        words(filter.tiers.as_ref().map(|tiers| tiers.iter().map(|tier| tier.as_str()).collect())),
        i64::from(of_seller),
        filter.points.from,
        filter.points.to,
        words(filter.levels.as_ref().map(|levels| levels.iter().map(|level| level.as_str()).collect())),
        known.seller_like.as_deref().map(anywhere),
        i64::from(filter.sold.narrows()),
        filter.sold.from,
        filter.sold.to,
        i64::from(of_title),
        filter.price.from,
        filter.price.to,
        title(0),
        title(1),
        title(2),
        title(3),
        no_title(0),
        no_title(1)
    )?;
    rows.into_iter().map(Row::read).collect()
}

/// Where the next stretch ends, if the queue goes on behind it.
async fn end(conn: &mut Conn, lead: &Lead<'_>, after: Option<Place>) -> Result<Option<Place>> {
    let (rank, id) = place(after);
    let Some(last) = opt!(conn, PlaceRow, lead.end(), rank, id.as_str(), lead.value())? else { return Ok(None) };
    let case =
        last.id.parse().map_err(|e| Error::Corrupt { table: "cases", id: last.id.clone(), problem: format!("{e}") })?;
    Ok(Some(Place { rank: last.rank, case }))
}

async fn known_page(
    conn: &mut Conn,
    known: &Known<'_>,
    after: Option<Place>,
    limit: i64,
    mut looked: impl FnMut(u64) -> bool,
) -> Result<Vec<QueueRow>> {
    if known.is_void() {
        return Ok(vec![]);
    }
    let lead = known.lead();
    if known.is_led() {
        let (rank, id) = place(after);
        let found = match lead.value() {
            Some(value) => all!(conn, Row, lead.page(), rank, id, limit, value)?,
            None => all!(conn, Row, lead.page(), rank, id, limit)?,
        };
        return found.into_iter().map(Row::read).collect();
    }
    let wanted = usize::try_from(limit).unwrap_or(0);
    let (mut rows, mut after, mut seen) = (Vec::new(), after, 0);
    loop {
        let found = stretch(conn, known, after, limit).await?;
        let full = found.len() >= wanted;
        let last = found.last().map(|row: &QueueRow| row.place);
        rows.extend(found.into_iter().filter(|row| known.lets(row)));
        let next = if full { last } else { end(conn, &lead, after).await? };
        if rows.len() >= wanted || next.is_none() {
            rows.truncate(wanted);
            return Ok(rows);
        }
        after = next;
        seen += STRETCH;
        if !looked(seen) {
            return Ok(rows);
        }
    }
}

/// The page as `viewer` sees it: with the second looks that only they are asked for (see [`reviews`]), at the
/// places where such cases would stand. When that takes more than one statement, `looked` is told how many cases were
/// looked at and says whether to go on.
///
/// # Errors
/// As [`page`].
pub async fn page_for(
    conn: &mut Conn,
    viewer: &OperatorId,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
    looked: impl FnMut(u64) -> bool,
) -> Result<Vec<QueueRow>> {
    let known = Known::of(conn, filter).await?;
    let mut rows = known_page(conn, &known, after, limit, looked).await?;
    let full = rows.len() >= usize::try_from(limit).unwrap_or(0);
    let last = rows.last().map(|row| row.place).filter(|_| full);
    for review in reviews::of(conn, viewer).await? {
        let row = review.row();
        let here = after.is_none_or(|after| row.place > after) && last.is_none_or(|last| row.place < last);
        if here && known.lets(&row) {
            let at = rows.partition_point(|other| other.place < row.place);
            rows.insert(at, row);
        }
    }
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}

/// The next `limit` cases that are wanted after `after`, in the order of the queue.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn page(conn: &mut Conn, filter: &Filter, after: Option<Place>, limit: i64) -> Result<Vec<QueueRow>> {
    let known = Known::of(conn, filter).await?;
    known_page(conn, &known, after, limit, |_| true).await
}
