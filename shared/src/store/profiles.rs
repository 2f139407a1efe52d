//! Everything known of one seller, and how a brand's cases went week by week: for whoever decides about them.

use super::{
    Conn,
    authenticity::{self, Request},
    db::{Error, Result, all, row},
    decisions::{self, Decision},
    operators, penalties, reviews,
    sellers::{self, SellerRecord},
};
use crate::domain::{
    ids::{BrandId, OperatorId, SellerId},
    operator::Operator,
    payout::PayoutHold,
    penalty::{Imposed, Strike},
    time::Time,
};

/// Cases of a seller whose decisions are read.
const CASES: i64 = 200;
/// Decisions about a seller that are shown.
const DECISIONS: i64 = 20;
/// Questions to a brand that are shown.
const REQUESTS: i64 = 20;

/// Weeks of a brand's past that are counted.
pub const WEEKS: usize = 12;
/// A week, in microseconds.
const WEEK: i64 = 7 * Time::DAY;

/// A seller with their past.
#[derive(Debug, Clone, PartialEq)]
pub struct SellerProfile {
    /// Who they are and where they stand.
    pub record: SellerRecord,
    /// The strikes that stand, oldest first.
    pub strikes: Vec<Strike>,
    /// Levels that a second person approved and nobody lifted.
    pub imposed: Vec<Imposed>,
    /// Their money, if it is kept back.
    pub payout: Option<PayoutHold>,
    /// Decisions about their listings, newest first, at most 20 from 200 cases.
    pub decisions: Vec<Decision>,
    /// Sellers with the same payout account; one more than [`super::dossier::LINKED`] when there are more than that.
    pub linked: Vec<SellerRecord>,
}

/// What `viewer` may know of a seller: all of it, or what was known before the decision that they are asked about blind (see
/// [`reviews`]). `None` for an unknown seller.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn seller(conn: &mut Conn, viewer: &OperatorId, id: &SellerId) -> Result<Option<SellerProfile>> {
    let Some(record) = sellers::get(conn, id).await? else { return Ok(None) };
    let mut profile = SellerProfile {
        strikes: sellers::strikes(conn, [id]).await?.into_iter().map(|(_, strike)| strike).collect(),
        imposed: penalties::imposed(conn, [id]).await?.remove(id).unwrap_or_default(),
        payout: penalties::open_hold(conn, id).await?,
        decisions: decisions::about_seller(conn, id, CASES, DECISIONS).await?,
        linked: sellers::linked(conn, &record.seller, super::dossier::LINKED + 1).await?,
        record,
    };
    let blind = reviews::blinding(conn, viewer).await?.into_iter().map(|review| review.face);
    if let Some(face) = blind.filter(|face| face.seller == *id).min_by_key(|face| face.decided) {
        // As it was then, or the page would tell what was decided.
        let cut = face.decided;
        profile.strikes.retain(|strike| strike.at < cut);
        profile.imposed.retain(|imposed| imposed.at < cut);
        profile.decisions.retain(|decision| decision.at < cut);
        profile.payout = profile.payout.filter(|hold| hold.held < cut);
        let record = &mut profile.record;
        (record.level, record.points, record.reports) = (face.level, face.points, face.reports);
        (record.level_until, record.listings_off) = (None, false);
    }
    Ok(Some(profile))
}

/// A brand's questions and past, beside what [`crate::commands::trust::show`] says.
#[derive(Debug, Clone, PartialEq)]
pub struct BrandProfile {
    /// Cases decided in each of the last [`WEEKS`] weeks, the oldest first: removed and kept.
    pub weeks: Vec<(i64, i64)>,
    /// Questions that it has not answered, newest first, at most 20.
    pub requests: Vec<Request>,
    /// Its account manager, if one is named who works here.
    pub manager: Option<Operator>,
}

/// What is known of a brand's last weeks; `manager` is who its standing names.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn brand(conn: &mut Conn, id: &BrandId, manager: Option<&OperatorId>, now: Time) -> Result<BrandProfile> {
    let manager = match manager {
        Some(manager) => operators::get(conn, manager).await?,
        None => None,
    };
    Ok(BrandProfile {
        weeks: weeks(conn, id, now).await?,
        requests: authenticity::list(conn, Some(id), true, REQUESTS).await?,
        manager,
    })
}

row! {
    struct WeekRow { week: i64, outcome: String, many: i64, }
}

async fn weeks(conn: &mut Conn, brand: &BrandId, now: Time) -> Result<Vec<(i64, i64)>> {
    let span = i64::try_from(WEEKS).unwrap_or(0);
    // The last week ends now.
    let from = now.0 - span * WEEK + 1;
    let rows = all!(
        conn,
        WeekRow,
        "SELECT (decided_at - $2) / $3 AS week, outcome, count(*) AS many FROM decisions
         WHERE brand_id = $1 AND decided_at >= $2 AND decided_at < $2 + $3 * $4 AND undone_at IS NULL
         GROUP BY (decided_at - $2) / $3, outcome LIMIT 100",
        brand.as_str(),
        from,
        WEEK,
        span
    )?;
    let mut weeks = vec![(0, 0); WEEKS];
    for row in rows {
        let week = usize::try_from(row.week).ok().and_then(|at| weeks.get_mut(at));
        let (removed, kept) = week.ok_or_else(|| Error::Corrupt {
            table: "decisions",
            id: brand.to_string(),
            problem: format!("week {} is none of the last {WEEKS}", row.week),
        })?;
        *if row.outcome == "removed" { removed } else { kept } += row.many;
    }
    Ok(weeks)
}
