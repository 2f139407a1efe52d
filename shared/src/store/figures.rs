//! How the queue does, in figures for whoever clears it: what waits, by time left and by age; what came and what was
//! cleared by the hour. Each is found by an index and counting stops at [`MOST`], so that looking costs as little when a million wait.

use ulid::Ulid;

use super::db::{Conn, Error, Result, all, one, opt, row};
use crate::domain::{escalation::Desk, ids::BrandId, time::Time};

/// Where counting stops.
pub const MOST: i64 = 10_000;
/// Hours that are looked back.
pub const HOURS: usize = 24;
/// Brands told at most.
pub const BRANDS: i64 = 5;

/// A stretch of time: left until a deadline, where negative is past it, or since a case came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From so many microseconds, itself included; `None` for as long past as any is.
    pub from: Option<i64>,
    /// To so many, itself not included; `None` for as far off as any is.
    pub to: Option<i64>,
}

/// The stretches by which waiting cases are told, the latest first.
pub const STRETCHES: [Stretch; 8] = [
    Stretch { from: None, to: Some(-Time::DAY) },
    Stretch { from: Some(-Time::DAY), to: Some(-4 * Time::HOUR) },
    Stretch { from: Some(-4 * Time::HOUR), to: Some(0) },
    Stretch { from: Some(0), to: Some(Time::HOUR) },
    Stretch { from: Some(Time::HOUR), to: Some(4 * Time::HOUR) },
    Stretch { from: Some(4 * Time::HOUR), to: Some(Time::DAY) },
    Stretch { from: Some(Time::DAY), to: Some(3 * Time::DAY) },
    Stretch { from: Some(3 * Time::DAY), to: None },
];

/// The stretches of age by which waiting cases are told, the youngest first; as old as `age` in a filter is.
pub const AGES: [Stretch; 7] = [
    Stretch { from: None, to: Some(Time::HOUR) },
    Stretch { from: Some(Time::HOUR), to: Some(4 * Time::HOUR) },
    Stretch { from: Some(4 * Time::HOUR), to: Some(Time::DAY) },
    Stretch { from: Some(Time::DAY), to: Some(3 * Time::DAY) },
    Stretch { from: Some(3 * Time::DAY), to: Some(7 * Time::DAY) },
    Stretch { from: Some(7 * Time::DAY), to: Some(28 * Time::DAY) },
    Stretch { from: Some(28 * Time::DAY), to: None },
];

/// What happened in one hour. Each count stops at [`MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    /// New cases.
    pub arrived: i64,
    /// Decisions that stand, by people and by rules.
    pub cleared: i64,
}

/// The case whose deadline is the longest past, or the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// Its deadline.
    pub due: Time,
    /// When it came into the queue.
    pub opened: Time,
}

/// The figures of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The moment that they are of.
    pub at: Time,
    /// Cases in the queue by [`STRETCHES`]; each count stops at [`MOST`].
    pub waiting: Vec<i64>,
    /// The same cases by [`AGES`]; each count stops at [`MOST`].
    pub ages: Vec<i64>,
    /// Which is due first.
    pub first: Option<First>,
    /// The last [`HOURS`], the oldest first.
    pub hours: Vec<Hour>,
    /// What people decided in that time and what stands of it, at most the newest [`MOST`], and how many of those in time.
    pub decided: (i64, i64),
    /// The brands with the most cases among the [`MOST`] that are due first: id, name (a partner's text), cases.
    pub brands: Vec<(BrandId, String, i64)>,
    /// What lies at each desk; each count stops at [`MOST`].
    pub desks: Vec<(Desk, i64)>,
}

impl Figures {
    /// All that is in the queue, and whether it is more than was counted.
    #[must_use]
    pub fn open(&self) -> (i64, bool) {
        (self.waiting.iter().sum(), self.waiting.iter().any(|count| *count >= MOST))
    }
}

row! {
    struct Count { n: i64, }
}

row! {
    struct FirstRow { due_at: i64, opened_at: i64, }
}

row! {
    struct HourRow { arrived: i64, cleared: i64, }
}

row! {
    struct DecidedRow { decided: i64, in_time: i64, }
}

row! {
    struct BrandRow { brand_id: String, name: String, n: i64, }
}

/// The figures of the queue as of `now`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn queue(conn: &mut Conn, now: Time) -> Result<Figures> {
    let first = opt!(
        conn,
        FirstRow,
        "SELECT due_at, opened_at FROM cases WHERE state IN ('open', 'held', 'appealed') ORDER BY due_at LIMIT 1"
    )?;
    let waiting = waiting(conn, now).await?;
    let ages = ages(conn, now).await?;
    let hours = hours(conn, now).await?;
    Ok(Figures {
        at: now,
        waiting,
        ages,
        first: first.map(|row| First { due: Time(row.due_at), opened: Time(row.opened_at) }),
        hours,
        decided: decided(conn, now).await?,
        brands: brands(conn).await?,
        desks: desks(conn).await?,
    })
}

/// Counts a stretch of time left. The order keeps PostgreSQL on the index: a scan of the table could pass over years of
/// decided cases first. Seen outside for the test of its plan.
pub const LEFT: &str = "SELECT count(*) AS n FROM (SELECT 1 FROM cases WHERE state IN ('open', 'held', 'appealed')
     AND due_at >= $1 AND due_at < $2 ORDER BY due_at LIMIT 10000) a";

/// Counts a stretch of age, as [`LEFT`] does.
pub const AGED: &str = "SELECT count(*) AS n FROM (SELECT 1 FROM cases WHERE state IN ('open', 'held', 'appealed')
     AND opened_at > $1 AND opened_at <= $2 ORDER BY opened_at LIMIT 10000) a";

async fn waiting(conn: &mut Conn, now: Time) -> Result<Vec<i64>> {
    let bounds = STRETCHES.map(|stretch| {
        let from = stretch.from.map_or(i64::MIN, |from| now.0.saturating_add(from));
        (from, stretch.to.map_or(i64::MAX, |to| now.0.saturating_add(to)))
    });
    counts(conn, LEFT, &bounds).await
}

async fn ages(conn: &mut Conn, now: Time) -> Result<Vec<i64>> {
    let bounds = AGES.map(|stretch| {
        let until = stretch.to.map_or(i64::MIN, |to| now.0.saturating_sub(to));
        // A clock that runs ahead makes nothing younger than new.
        (until, stretch.from.map_or(i64::MAX, |from| now.0.saturating_sub(from)))
    });
    counts(conn, AGED, &bounds).await
}

/// One count for each pair of bounds.
async fn counts(conn: &mut Conn, sql: &'static str, bounds: &[(i64, i64)]) -> Result<Vec<i64>> {
    let mut counts = Vec::with_capacity(bounds.len());
    for (from, to) in bounds {
        counts.push(one!(conn, Count, sql, *from, *to)?.n);
    }
    Ok(counts)
}

/// By the moment that is in the ids of cases and decisions, which are their primary keys.
async fn hours(conn: &mut Conn, now: Time) -> Result<Vec<Hour>> {
    let mut hours = Vec::with_capacity(HOURS);
    for ago in (0..HOURS as i64).rev() {
        let from = Time(now.0 - (ago + 1) * Time::HOUR);
        let until = Time(now.0 - ago * Time::HOUR);
        let row = one!(
            conn,
            HourRow,
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM cases WHERE id > $1 AND id <= $2 ORDER BY id LIMIT 10000) a) AS arrived,
                    (SELECT count(*) FROM (SELECT 1 FROM decisions WHERE id > $1 AND id <= $2 AND undone_at IS NULL
                     ORDER BY id LIMIT 10000) b) AS cleared",
            last_id(from),
            last_id(until)
        )?;
        hours.push(Hour { arrived: row.arrived, cleared: row.cleared });
    }
    Ok(hours)
}

/// A case keeps its deadline when it is decided, until it is contested: then it has another round and another deadline.
async fn decided(conn: &mut Conn, now: Time) -> Result<(i64, i64)> {
    let row = one!(
        conn,
        DecidedRow,
        "SELECT count(*) AS decided, coalesce(sum(CASE WHEN d.decided_at <= c.due_at THEN 1 ELSE 0 END), 0) AS in_time
         FROM (SELECT case_id, round, decided_at, automated, undone_at FROM decisions WHERE id > $1 ORDER BY id DESC LIMIT 10000) d
         JOIN cases c ON c.id = d.case_id AND c.round = d.round WHERE d.automated = 0 AND d.undone_at IS NULL",
        last_id(Time(now.0 - HOURS as i64 * Time::HOUR))
    )?;
    Ok((row.decided, row.in_time))
}

async fn brands(conn: &mut Conn) -> Result<Vec<(BrandId, String, i64)>> {
    all!(
        conn,
        BrandRow,
        "SELECT f.brand_id, b.name, f.n FROM
         (SELECT brand_id, count(*) AS n FROM
          (SELECT brand_id FROM cases WHERE state IN ('open', 'held', 'appealed') ORDER BY due_at LIMIT 10000) c
          GROUP BY brand_id ORDER BY n DESC, brand_id LIMIT $1) f
         JOIN brands b ON b.id = f.brand_id ORDER BY f.n DESC, f.brand_id",
        BRANDS
    )?
    .into_iter()
    .map(|row| {
        let id = row.brand_id.parse().map_err(|e| Error::Corrupt {
            table: "cases",
            id: row.brand_id.clone(),
            problem: format!("{e}"),
        })?;
        Ok((id, row.name, row.n))
    })
    .collect()
}

async fn desks(conn: &mut Conn) -> Result<Vec<(Desk, i64)>> {
    let mut counts = vec![];
    for desk in Desk::ALL.iter().copied() {
        let counted = one!(
            conn,
            Count,
            "SELECT count(*) AS n FROM (SELECT 1 FROM cases WHERE desk IS NOT NULL AND desk = $1
             AND state IN ('open', 'held', 'appealed') ORDER BY rank LIMIT 10000) a",
            desk.as_str()
        )?;
        counts.push((desk, counted.n));
    }
    Ok(counts)
}

/// The last id that could have been made at `moment`.
fn last_id(moment: Time) -> String {
    Ulid::from_parts(moment.unix_ms(), u128::MAX).to_string()
}
