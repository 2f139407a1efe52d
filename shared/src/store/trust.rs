//! Rights holders' trust: what people said, what the record earned, and the record itself.

use std::collections::BTreeMap;

use super::{
    counter_notices::{self, CounterRecord},
    db::{self, Column, Conn, Error, List, Result, Tx, all, one, opt, row, run},
};
use crate::domain::{
    brand::{Brand, Tier},
    ids::BrandId,
    reason::ReasonCode,
    span,
    time::Time,
    trust::{Base, Instants, Standing, Suspension, Tally, Track, Warning},
};

row! {
    struct StandingRow {
        tier: String,
        base: Option<String>,
        invited: Option<i64>,
        manager: Option<String>,
        locked_until: Option<i64>,
        warned_at: Option<i64>,
        warned_why: Option<String>,
        suspended_at: Option<i64>,
        suspended_until: Option<i64>,
        suspended_why: Option<String>,
        notices_a_day: Option<i64>,
    }
}

impl StandingRow {
    fn standing(self, brand: &BrandId) -> Result<Standing> {
        let corrupt = |problem: String| Error::Corrupt { table: "trust", id: brand.to_string(), problem };
        let tier: Tier = self.tier.parse().map_err(corrupt)?;
        let Some(base) = self.base else { return Ok(Standing::new(tier)) };
        Ok(Standing {
            tier,
            base: base.parse().map_err(corrupt)?,
            invited: self.invited == Some(1),
            manager: self.manager.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            locked_until: self.locked_until.map(Time),
            warned: self.warned_at.zip(self.warned_why).map(|(at, why)| Warning { at: Time(at), why }),
            suspended: self.suspended_at.zip(self.suspended_why).map(|(since, why)| Suspension {
                since: Time(since),
                until: self.suspended_until.map(Time),
                why,
            }),
            notices_a_day: self.notices_a_day,
        })
    }
}

/// What is known of a brand's trust beside its record; `None` for an unknown brand.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn standing(conn: &mut Conn, brand: &BrandId) -> Result<Option<Standing>> {
    opt!(
        conn,
        StandingRow,
        "SELECT b.tier, t.base, t.invited, t.manager, t.locked_until, t.warned_at, t.warned_why, t.suspended_at,
                t.suspended_until, t.suspended_why, t.notices_a_day
         FROM brands b LEFT JOIN trust t ON t.brand_id = b.id WHERE b.id = $1",
        brand.as_str()
    )?
    .map(|row| row.standing(brand))
    .transpose()
}

row! {
    struct BrandRow { brand_id: String, }
}

fn brand_ids(rows: Vec<BrandRow>) -> Result<Vec<BrandId>> {
    let id = |row: BrandRow| {
        let corrupt = |problem: String| Error::Corrupt { table: "trust", id: row.brand_id.clone(), problem };
        row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))
    };
    rows.into_iter().map(id).collect()
}

/// Keeps others from judging the brand until the transaction ends. False if it is not known.
///
/// # Errors
/// What the database says.
pub async fn lock(tx: &mut Tx, brand: &BrandId) -> Result<bool> {
    // The order in which a decision takes them: the brand's row, then its trust.
    let found =
        opt!(tx, BrandRow, "SELECT id AS brand_id FROM brands WHERE id = $1 FOR NO KEY UPDATE", brand.as_str())?;
    Ok(found.is_some())
}

/// Writes what judging gave; the record is no longer dirty.
///
/// # Errors
/// What the database says.
pub async fn save(tx: &mut Tx, brand: &BrandId, standing: &Standing, look_at: Option<Time>, now: Time) -> Result<()> {
    run!(
        tx,
        "UPDATE brands SET tier = $2, updated_at = $3 WHERE id = $1 AND tier <> $2",
        brand.as_str(),
        standing.tier.as_str(),
        now.0
    )?;
    let (warned, suspended) = (standing.warned.as_ref(), standing.suspended.as_ref());
    run!(
        tx,
        "INSERT INTO trust (brand_id, base, invited, manager, locked_until, warned_at, warned_why, suspended_at,
                            suspended_until, suspended_why, notices_a_day, dirty, look_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12)
         ON CONFLICT (brand_id) DO UPDATE SET base = excluded.base, invited = excluded.invited, manager = excluded.manager,
            locked_until = excluded.locked_until, warned_at = excluded.warned_at, warned_why = excluded.warned_why,
            suspended_at = excluded.suspended_at, suspended_until = excluded.suspended_until,
            suspended_why = excluded.suspended_why, notices_a_day = excluded.notices_a_day, dirty = 0,
            look_at = excluded.look_at",
        brand.as_str(),
        standing.base.as_str(),
        i64::from(standing.invited),
        standing.manager.as_ref().map(|manager| manager.as_str()),
        standing.locked_until.map(|until| until.0),
        warned.map(|warning| warning.at.0),
        warned.map(|warning| warning.why.as_str()),
        suspended.map(|suspension| suspension.since.0),
        suspended.and_then(|suspension| suspension.until).map(|until| until.0),
        suspended.map(|suspension| suspension.why.as_str()),
        standing.notices_a_day,
        look_at.map(|at| at.0)
    )?;
    Ok(())
}

/// What the marketplace says of brands that it loads: a base that is news makes their records dirty. The tier itself is
/// taken only from the first load.
///
/// # Errors
/// What the database says.
pub async fn told(tx: &mut Tx, brands: &[Brand], now: Time) -> Result<()> {
    let suspended = |brand: &Brand| brand.tier == Tier::Suspended;
    let columns = [
        Column::texts(brands.iter().map(|b| b.id.as_str())),
        Column::texts(brands.iter().map(|b| Base::of(b.tier).as_str())),
        Column::Int(brands.iter().map(|b| i64::from(b.tier == Tier::JointForce)).collect()),
        Column::MaybeInt(brands.iter().map(|b| suspended(b).then_some(now.0)).collect()),
        Column::maybe_texts(brands.iter().map(|b| suspended(b).then_some("the marketplace says so"))),
    ];
    db::insert(
        tx,
        "INSERT INTO trust (brand_id, base, invited, suspended_at, suspended_why)",
        columns,
        "ON CONFLICT (brand_id) DO UPDATE SET base = excluded.base, dirty = 1 WHERE trust.base <> excluded.base",
    )
    .await?;
    Ok(())
}

/// A brand's record changed: the sweep judges it again.
///
/// # Errors
/// What the database says.
pub async fn mark(tx: &mut Tx, brand: &BrandId) -> Result<()> {
    run!(tx, "UPDATE trust SET dirty = 1 WHERE brand_id = $1 AND dirty = 0", brand.as_str())?;
    Ok(())
}

/// Brands whose record changed, by a decision or by time, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn due(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<BrandId>> {
    let mut rows = all!(conn, BrandRow, "SELECT brand_id FROM trust WHERE dirty = 1 LIMIT $1", limit)?;
    rows.extend(all!(
        conn,
        BrandRow,
        "SELECT brand_id FROM trust WHERE look_at <= $1 AND dirty = 0 ORDER BY look_at LIMIT $2",
        now.0,
        limit
    )?);
    brand_ids(rows)
}

/// Whether the brand still has to be judged, seen from inside the transaction that does it.
///
/// # Errors
/// What the database says.
pub async fn is_due(tx: &mut Tx, brand: &BrandId, now: Time) -> Result<bool> {
    let sql = "SELECT brand_id FROM trust WHERE brand_id = $1 AND (dirty = 1 OR look_at <= $2)";
    Ok(opt!(tx, BrandRow, sql, brand.as_str(), now.0)?.is_some())
}

row! {
    struct TallyRow { code: String, claim: String, outcome: String, reason: String, n: i64, oldest: i64, }
}

/// What became of a brand's claims: those decided, contested and withdrawn since `from`, and of the last two those since
/// `warned`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn track(conn: &mut Conn, brand: &BrandId, from: Time, warned: Option<Time>) -> Result<Track> {
    let rows = all!(
        conn,
        TallyRow,
        "SELECT n.reason AS code, k.state AS claim, d.outcome, d.reason, count(*) AS n, min(d.decided_at) AS oldest
         FROM decisions d JOIN claims k ON k.case_id = d.case_id AND k.decision_id = d.id
                          JOIN notices n ON n.id = k.notice_id
         WHERE d.brand_id = $1 AND d.decided_at >= $2
         GROUP BY n.reason, k.state, d.outcome, d.reason LIMIT 1000",
        brand.as_str(),
        from.0
    )?;
    let mut by_reason: BTreeMap<ReasonCode, Tally> = BTreeMap::new();
    let mut oldest: Option<Time> = None;
    for row in rows {
        let corrupt = |problem: String| Error::Corrupt { table: "notices", id: brand.to_string(), problem };
        by_reason.entry(row.code.parse().map_err(corrupt)?).or_default().add(&row.tally());
        oldest = Some(oldest.map_or(Time(row.oldest), |oldest| oldest.min(Time(row.oldest))));
    }
    for (reason, contested) in counter_notices::record_of(conn, brand, from).await? {
        contest(by_reason.entry(reason).or_default(), &contested);
    }
    let mut since_warning = Tally::default();
    if let Some(warned) = warned {
        for contested in counter_notices::record_of(conn, brand, (warned + span::TICK).max(from)).await?.values() {
            contest(&mut since_warning, contested);
        }
    }
    Ok(Track { by_reason, instants: instants(conn, brand, from).await?, since_warning, oldest })
}

impl TallyRow {
    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        match (self.claim.as_str(), self.outcome.as_str(), self.reason.as_str()) {
            // Taken back by its sender (the withdrawals say whether too late), or decided too late to matter.
            ("withdrawn", ..) | (_, "kept", "withdrawn" | "already_gone") => {}
            (_, "kept", "counter_upheld") => tally.upheld = self.n,
            (_, "removed", _) => tally.accepted = self.n,
            _ => tally.refused = self.n,
        }
        tally
    }
}

/// Adds to a tally what counter-notices and withdrawals say.
fn contest(tally: &mut Tally, record: &CounterRecord) {
    // Where a person ruled for the seller, the claim was refused for that person's reason: it counts as upheld, once.
    let ruled = (record.upheld - tally.upheld).clamp(0, tally.refused);
    tally.refused -= ruled;
    tally.upheld += ruled;
    tally.withdrawn += record.withdrawn_after_counter;
    tally.contested += record.received.max(record.withdrawn_after_counter);
}

/// What became of removals by a rule, for a brand, since `from`.
///
/// # Errors
/// What the database says.
pub async fn instants(conn: &mut Conn, brand: &BrandId, from: Time) -> Result<Instants> {
    row! { struct InstantRow { total: i64, reversed: i64, } }
    let row = one!(
        conn,
        InstantRow,
        "SELECT count(*) AS total, count(undone_at) AS reversed FROM decisions
         WHERE brand_id = $1 AND decided_at >= $2 AND automated = 1 AND outcome = 'removed'",
        brand.as_str(),
        from.0
    )?;
    Ok(Instants { total: row.total, reversed: row.reversed })
}

/// What keeps a brand from filing as much as it likes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which brand.
    pub brand: BrandId,
    /// Notices in 24 hours because its record is poor.
    pub notices_a_day: Option<i64>,
    /// Until when it is suspended, and why; `None` for one that is not, or not by us.
    pub suspended: Option<(Option<Time>, String)>,
    /// When the 24 hours that are counted began, and how many notices there were since.
    pub filed: (Time, i64),
}

row! {
    struct LimitRow {
        brand_id: String,
        notices_a_day: Option<i64>,
        suspended_until: Option<i64>,
        suspended_why: Option<String>,
        since: i64,
        notices: i64,
    }
}

/// What limits these brands; only those that have a limit, are suspended, or were counted.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn limits(conn: &mut Conn, brands: impl IntoIterator<Item = &BrandId>) -> Result<Vec<Limit>> {
    all!(
        conn,
        LimitRow,
        "SELECT t.brand_id, t.notices_a_day, t.suspended_until, t.suspended_why,
                coalesce(f.since, 0) AS since, coalesce(f.notices, 0) AS notices
         FROM trust t LEFT JOIN filing_days f ON f.brand_id = t.brand_id
         WHERE t.brand_id = ANY($1) AND (t.notices_a_day IS NOT NULL OR t.suspended_at IS NOT NULL OR f.since IS NOT NULL)",
        brands.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "trust", id: row.brand_id.clone(), problem };
        Ok(Limit {
            brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            notices_a_day: row.notices_a_day,
            suspended: row.suspended_why.map(|why| (row.suspended_until.map(Time), why)),
            filed: (Time(row.since), row.notices),
        })
    })
    .collect()
}

/// Counts notices of limited brands: (brand, since when, how many since then).
///
/// # Errors
/// What the database says.
pub async fn count_filed(tx: &mut Tx, counts: &[(BrandId, Time, i64)]) -> Result<()> {
    let columns = [
        Column::texts(counts.iter().map(|(brand, ..)| brand.as_str())),
        Column::Int(counts.iter().map(|(_, since, _)| since.0).collect()),
        Column::Int(counts.iter().map(|(.., notices)| *notices).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO filing_days (brand_id, since, notices)",
        columns,
        "ON CONFLICT (brand_id) DO UPDATE SET since = excluded.since, notices = excluded.notices",
    )
    .await?;
    Ok(())
}
