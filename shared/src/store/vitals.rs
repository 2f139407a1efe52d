//! How the whole fleet does, in a few numbers: for `status`, `top`, and whoever draws graphs. Each is found by an index,
//! and counting stops at [`MOST`], so that looking costs as little when things go badly.

use super::{
    db::{Conn, Result, all, one, row},
    effects::flows,
};
use crate::domain::{effect::Lane, time::Time};

/// Where counting stops.
pub const MOST: i64 = 10_000;

/// What one lane has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneVitals {
    /// Which.
    pub lane: Lane,
    /// Due now and not yet begun.
    pub due: i64,
    /// Due too, and held back: somebody paused the lane, or the endpoint is parked.
    pub held: i64,
    /// Due later: a grace window, a retry, a timer.
    pub later: i64,
    /// Leased by a worker that is calling out.
    pub running: i64,
    /// Due time of the oldest that is due now and not held back.
    pub oldest: Option<Time>,
    /// Whether somebody paused it.
    pub paused: bool,
}

/// How the fleet does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vitals {
    /// What each lane has to do.
    pub lanes: Vec<LaneVitals>,
    /// Dead effects by kind, at most 50 kinds: they wait for a person.
    pub dead: Vec<(String, i64)>,
    /// Cases in the queue whose deadline has passed.
    pub cases_overdue: i64,
    /// Deadline of the case in the queue that is due first.
    pub cases_due: Option<Time>,
    /// Pages that nobody has acknowledged.
    pub pages_open: i64,
    /// Endpoints to which nothing is sent for now.
    pub endpoints_parked: i64,
    /// Breakers that keep automatic removals off.
    pub breakers_open: i64,
    /// When the oldest event behind the last sealed one was written.
    pub unsealed_since: Option<Time>,
    /// Statements of reasons that wait for the register.
    pub statements_waiting: i64,
    /// Statements that the register won't take.
    pub statements_rejected: i64,
    /// Workers that said lately that they live, and those that fell silent within a day.
    pub workers: (i64, i64),
}

impl Vitals {
    /// All dead effects.
    #[must_use]
    pub fn dead(&self) -> i64 {
        self.dead.iter().map(|(_, dead)| dead).sum()
    }

    /// Due time of the oldest effect that is due now and not held back.
    #[must_use]
    pub fn oldest(&self) -> Option<Time> {
        self.lanes.iter().filter_map(|lane| lane.oldest).min()
    }
}

row! {
    struct OfLane { lane: String, n: i64, }
}

row! {
    struct DeadRow { kind: String, dead: i64, }
}

row! {
    struct HouseRow {
        cases_overdue: i64,
        cases_due: Option<i64>,
        pages_open: i64,
        breakers_open: i64,
        parked: i64,
        unsealed_since: Option<i64>,
        statements_waiting: i64,
        statements_rejected: i64,
        alive: i64,
        silent: i64,
    }
}

/// How the fleet does at `now`. A worker is silent that has not been seen for `silent_after` microseconds.
///
/// # Errors
/// What the database says.
pub async fn read(conn: &mut Conn, now: Time, silent_after: i64) -> Result<Vitals> {
    let lanes = lanes(conn, now).await?;
    let dead = all!(
        conn,
        DeadRow,
        "SELECT kind, count(*) AS dead FROM (SELECT kind FROM effects WHERE state = 'dead' LIMIT 10000) a
         GROUP BY kind ORDER BY kind LIMIT 50"
    )?;
    let house = one!(
        conn,
        HouseRow,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM cases WHERE state IN ('open', 'held', 'appealed') AND due_at <= $1 LIMIT 10000) a) AS cases_overdue,
                (SELECT min(due_at) FROM cases WHERE state IN ('open', 'held', 'appealed')) AS cases_due,
                (SELECT count(*) FROM (SELECT 1 FROM pages WHERE state = 'open' LIMIT 10000) b) AS pages_open,
                (SELECT count(*) FROM breakers WHERE tripped_at IS NOT NULL) AS breakers_open,
                (SELECT count(*) FROM endpoints WHERE parked_until > $1) AS parked,
                (SELECT at FROM audit WHERE id > coalesce((SELECT event_id FROM audit_leaves ORDER BY leaf DESC LIMIT 1), '')
                 ORDER BY id LIMIT 1) AS unsealed_since,
                (SELECT count(*) FROM (SELECT 1 FROM statements WHERE state = 'waiting' LIMIT 10000) c) AS statements_waiting,
                (SELECT count(*) FROM (SELECT 1 FROM statements WHERE state = 'rejected' LIMIT 10000) d) AS statements_rejected,
                (SELECT count(*) FROM workers WHERE seen_at >= db_now() - $2) AS alive,
                (SELECT count(*) FROM workers WHERE seen_at < db_now() - $2) AS silent",
        now.0,
        silent_after
    )?;
    Ok(Vitals {
        lanes,
        dead: dead.into_iter().map(|row| (row.kind, row.dead)).collect(),
        cases_overdue: house.cases_overdue,
        cases_due: house.cases_due.map(Time),
        pages_open: house.pages_open,
        breakers_open: house.breakers_open,
        endpoints_parked: house.parked,
        unsealed_since: house.unsealed_since.map(Time),
        statements_waiting: house.statements_waiting,
        statements_rejected: house.statements_rejected,
        workers: (house.alive, house.silent),
    })
}

async fn lanes(conn: &mut Conn, now: Time) -> Result<Vec<LaneVitals>> {
    let waiting = flows::waiting(conn, now).await?;
    let running = all!(
        conn,
        OfLane,
        "SELECT lane, count(*) AS n FROM (SELECT lane FROM effects WHERE state = 'running' LIMIT 10000) a GROUP BY lane LIMIT 50"
    )?;
    let sql = "SELECT name AS lane, paused_at AS n FROM lanes WHERE paused_at IS NOT NULL LIMIT 50";
    let paused = all!(conn, OfLane, sql)?;
    let of = |rows: &[OfLane], lane: Lane| rows.iter().find(|row| row.lane == lane.as_str()).map(|row| row.n);
    let vitals = |waiting: flows::Waiting| LaneVitals {
        lane: waiting.lane,
        due: waiting.due,
        held: waiting.held,
        later: waiting.later,
        oldest: waiting.oldest,
        running: of(&running, waiting.lane).unwrap_or(0),
        paused: of(&paused, waiting.lane).is_some(),
    };
    Ok(waiting.into_iter().map(vitals).collect())
}
