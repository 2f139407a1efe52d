//! What the relay looks at: flows. A flow is what waits on one lane for one endpoint; inside, a lane is one flow.

use super::{
    super::db::{Conn, Error, Result, all, row},
    carry,
};
use crate::domain::{
    effect::{Endpoint, Lane},
    ids::EffectId,
    time::Time,
};

/// Something waits here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Its lane.
    pub lane: Lane,
    /// Whom it calls; `None` inside.
    pub endpoint: Option<Endpoint>,
    /// When the first of what waits is due.
    pub first: Time,
    /// Whether its lane is paused.
    pub paused: bool,
    /// Effects of its lane that may be begun in a second, by the whole fleet.
    pub rate: Option<u32>,
    /// How often its endpoint failed in a row.
    pub failures: i64,
    /// Nothing is sent to its endpoint before.
    pub parked_until: Option<Time>,
    /// Its effects that are leased.
    pub running: i64,
}

row! {
    struct FlowRow {
        lane: String,
        endpoint: String,
        first: i64,
        paused: i64,
        rate: Option<i64>,
        failures: i64,
        parked_until: Option<i64>,
        running: i64,
    }
}

impl FlowRow {
    fn flow(self) -> Result<Flow> {
        let corrupt = |problem: String| Error::Corrupt { table: "effects", id: self.endpoint.clone(), problem };
        Ok(Flow {
            lane: self.lane.parse().map_err(corrupt)?,
            endpoint: Some(&self.endpoint).filter(|e| !e.is_empty()).map(|e| e.parse().map_err(corrupt)).transpose()?,
            first: Time(self.first),
            paused: self.paused == 1,
            rate: self.rate.map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)),
            failures: self.failures,
            parked_until: self.parked_until.map(Time),
            running: self.running,
        })
    }
}

/// A query over `flow`: each lane with each endpoint for which something of it waits (and once without any).
macro_rules! flows {
    ($select:literal) => {
        concat!(
            "WITH RECURSIVE flow (lane, endpoint) AS (
               SELECT l.name, (SELECT min(e.endpoint) FROM effects e WHERE e.state = 'due' AND e.lane = l.name) FROM lanes l
               UNION ALL
               SELECT f.lane, (SELECT min(e.endpoint) FROM effects e WHERE e.state = 'due' AND e.lane = f.lane AND e.endpoint > f.endpoint)
               FROM flow f WHERE f.endpoint IS NOT NULL
             ) ",
            $select
        )
    };
}

/// The flows in which something waits, now or for later; at most 5,000.
///
/// It leaps over the index from endpoint to endpoint, so it costs by the number of flows and not by what waits in them.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn all(conn: &mut Conn) -> Result<Vec<Flow>> {
    all!(
        conn,
        FlowRow,
        flows!(
            "SELECT f.lane, f.endpoint,
                (SELECT min(e.due_at) FROM effects e WHERE e.state = 'due' AND e.lane = f.lane AND e.endpoint = f.endpoint) AS first,
                CAST(CASE WHEN l.paused_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS paused, l.rate,
                coalesce(p.failures, 0) AS failures, p.parked_until, coalesce(r.n, 0) AS running
         FROM flow f JOIN lanes l ON l.name = f.lane LEFT JOIN endpoints p ON p.name = f.endpoint
         LEFT JOIN (SELECT lane, endpoint, count(*) AS n FROM effects WHERE state = 'running' GROUP BY lane, endpoint) r
                ON r.lane = f.lane AND r.endpoint = f.endpoint
         WHERE f.endpoint IS NOT NULL LIMIT 5000"
        )
    )?
    .into_iter()
    .map(FlowRow::flow)
    .collect()
}

/// Ids of a flow that are due at `now`, the longest due first: so many that with those that are leased there are at most
/// `at_once`. Both are counted at one moment, or what is leased in between would be counted in neither place.
///
/// # Errors
/// What the database says.
pub async fn due(conn: &mut Conn, flow: &Flow, now: Time, at_once: i64) -> Result<Vec<EffectId>> {
    carry::ids(all!(
        conn,
        carry::IdRow,
        "SELECT id FROM effects WHERE state = 'due' AND lane = $1 AND endpoint = $2 AND due_at <= $3
         ORDER BY due_at, id LIMIT (SELECT CASE WHEN count(*) < $4 THEN $4 - count(*) ELSE 0 END FROM effects
                                    WHERE state = 'running' AND lane = $1 AND endpoint = $2)",
        flow.lane.as_str(),
        flow.endpoint.as_ref().map_or_else(String::new, ToString::to_string),
        now.0,
        at_once
    )?)
}

row! {
    struct DueRow { lane: String, id: String, }
}

/// Ids that are due at `now` on these of the lanes inside, each lane's longest due first and at most `limit`: in one answer,
/// because every effect waits for it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn due_inside(conn: &mut Conn, lanes: &[Lane], now: Time, limit: i64) -> Result<Vec<(Lane, EffectId)>> {
    let most = |lane: Lane| if lanes.contains(&lane) { limit } else { 0 };
    all!(
        conn,
        DueRow,
        "SELECT lane, id FROM (SELECT lane, id FROM effects WHERE state = 'due' AND lane = 'removals' AND endpoint = '' AND due_at <= $1
                               ORDER BY due_at, id LIMIT $2) r
         UNION ALL
         SELECT lane, id FROM (SELECT lane, id FROM effects WHERE state = 'due' AND lane = 'penalties' AND endpoint = '' AND due_at <= $1
                               ORDER BY due_at, id LIMIT $3) p",
        now.0,
        most(Lane::Removals),
        most(Lane::Penalties)
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "effects", id: row.id.clone(), problem };
        Ok((row.lane.parse().map_err(&corrupt)?, row.id.parse().map_err(|e| corrupt(format!("{e}")))?))
    })
    .collect()
}

/// What waits on a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub lane: Lane,
    /// Due and not begun; of each endpoint at most 10,000 are counted.
    pub due: i64,
    /// Due too, and held back: somebody paused the lane, or the endpoint is parked. Counted in the same way.
    pub held: i64,
    /// Due later; of each endpoint at most 10,000 are counted.
    pub later: i64,
    /// Since when the first waits that is due and not held back.
    pub oldest: Option<Time>,
}

row! {
    struct WaitingRow { lane: String, first: i64, due: i64, later: i64, held: i64, }
}

/// What waits at `now` on each lane, in the order of their priority; lanes without anything are in it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn waiting(conn: &mut Conn, now: Time) -> Result<Vec<Waiting>> {
    let rows = all!(
        conn,
        WaitingRow,
        flows!(
            "SELECT f.lane,
                (SELECT min(e.due_at) FROM effects e WHERE e.state = 'due' AND e.lane = f.lane AND e.endpoint = f.endpoint) AS first,
                (SELECT count(*) FROM (SELECT 1 FROM effects e WHERE e.state = 'due' AND e.lane = f.lane AND e.endpoint = f.endpoint
                                        AND e.due_at <= $1 LIMIT 10000) a) AS due,
                (SELECT count(*) FROM (SELECT 1 FROM effects e WHERE e.state = 'due' AND e.lane = f.lane AND e.endpoint = f.endpoint
                                        AND e.due_at > $1 LIMIT 10000) b) AS later,
                CAST(CASE WHEN l.paused_at IS NOT NULL OR p.parked_until > $1 THEN 1 ELSE 0 END AS BIGINT) AS held
         FROM flow f JOIN lanes l ON l.name = f.lane LEFT JOIN endpoints p ON p.name = f.endpoint
         WHERE f.endpoint IS NOT NULL LIMIT 5000"
        ),
        now.0
    )?;
    let mut lanes: Vec<Waiting> =
        Lane::ALL.iter().map(|lane| Waiting { lane: *lane, due: 0, held: 0, later: 0, oldest: None }).collect();
    for row in rows {
        let lane: Lane =
            row.lane.parse().map_err(|problem| Error::Corrupt { table: "lanes", id: row.lane.clone(), problem })?;
        for waiting in lanes.iter_mut().filter(|waiting| waiting.lane == lane) {
            waiting.later += row.later;
            if row.held == 1 {
                waiting.held += row.due;
            } else if row.due > 0 {
                waiting.due += row.due;
                waiting.oldest = Some(waiting.oldest.map_or(Time(row.first), |oldest| oldest.min(Time(row.first))));
            }
        }
    }
    Ok(lanes)
}
