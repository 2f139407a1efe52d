//! Rings for whatever is due. It is the only thing that rings, so a first send, a retry, a crash, a lost Redis and
//! the embedded mode are one path: what is due and not carried out is rung, and rung again.
//!
//! One process leads at a time, by a lease on the database's clock; what it rang is remembered in its memory only. A
//! new leader rings everything once more, and carriers pass over what is no longer due. Because one rings for all, lanes'
//! rates and endpoints' limits hold for the whole fleet.

mod lead;
mod pace;
mod plan;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::House,
    domain::{
        effect::{EndpointPolicy, Lane},
        time::Time,
    },
    store::{
        self, Conn,
        effects::flows::{self, Flow},
    },
};
use tokio::{
    sync::{Notify, watch},
    time::sleep_until,
};
use tracing::{debug, info, warn};

use self::{
    lead::{Lead, RENEW},
    plan::{Due, Rung},
};
use crate::{
    bell::{Away, Bell, Look},
    carry_out::Carrier,
    metrics,
    progress::Progress,
};

/// How often the ledger is asked while wake-ups are heard: what one that was lost costs at most.
const SELDOM: Duration = Duration::from_millis(500);
/// How often the ledger is asked while other processes' wake-ups can't be heard.
const OFTEN: Duration = Duration::from_millis(50);
/// From one look to the next while wake-ups come, at least: after one that rang little.
const GATHER: Duration = Duration::from_millis(2);
/// After one that rang more than once for each lane inside.
const GATHER_MORE: Duration = Duration::from_millis(10);
/// And after one that found hands with enough to do: each look passes over what was carried out just now, and takes of the
/// database what those hands need.
const GATHER_MOST: Duration = Duration::from_millis(25);
/// So long before something is due the look begins that finds it due: timers go by milliseconds and round up, and reading
/// the flows takes as long. What is left of it is waited for inside the look.
const EARLY: Duration = Duration::from_millis(1);
/// Ids of a lane inside that are looked at in one pass: the work in flight. Several times what [`FED`] rings hold, or most of
/// what is read was rung already.
const WINDOW: i64 = 8_000;
/// Rings of a lane inside that wait and need no more beside them.
const FED: usize = 8;
/// The pause after a look that failed.
const REST: Duration = Duration::from_secs(1);

/// Rings until `stop` turns true, in rings of at most `batch` effects inside. The policy is the carrier's newest.
pub async fn relay(
    newest: watch::Receiver<Carrier>,
    bell: Bell,
    batch: usize,
    progress: Progress,
    mut stop: watch::Receiver<bool>,
) {
    let (house, name) = {
        let carrier = newest.borrow();
        (carrier.house.clone(), carrier.name.clone())
    };
    let (nudge, hears) = (Notify::new(), AtomicBool::new(false));
    let listen = house.db.wakes().run(|| nudge.notify_one(), |others| hears.store(others, Ordering::Relaxed));
    let lead = Lead::new(house.db.clone(), name);
    let renew = lead.keep(|| nudge.notify_one());
    let mut relay = Relay { house, bell, newest, rung: Rung::new(batch), lead: &lead, term: 0, away_since: None };
    let ring = async {
        while !*stop.borrow() {
            progress.pass("relay");
            let began = Instant::now();
            let longest = if hears.load(Ordering::Relaxed) { SELDOM } else { OFTEN };
            let next = relay.pass().await.unwrap_or_else(|error| {
                warn!("the relay rests: {error}");
                Next::after(REST)
            });
            tokio::select! {
                () = sleep_until(next.at.min(began + longest).into()) => {}
                () = nudge.notified() => gather(began, &next).await,
                _ = stop.changed() => {}
            }
        }
        progress.end("relay");
    };
    tokio::select! { () = listen => {} () = renew => {} () = ring => {} }
    lead.step_down().await;
}

/// Lets more wake-ups come, where the look before began just now, but not beyond what is known to be due; a timer would take
/// a millisecond or two to say that it is over already.
async fn gather(began: Instant, next: &Next) {
    let until = (began + next.gather).min(next.at);
    if until > Instant::now() {
        sleep_until(until.into()).await;
    }
}

/// When to look again.
struct Next {
    at: Instant,
    /// How long wake-ups are gathered before.
    gather: Duration,
}

impl Next {
    fn after(span: Duration) -> Self {
        Self { at: Instant::now() + span, gather: GATHER }
    }
}

struct Relay<'a> {
    house: House,
    bell: Bell,
    newest: watch::Receiver<Carrier>,
    rung: Rung,
    lead: &'a Lead,
    /// The term that what is remembered as rung is of.
    term: u64,
    away_since: Option<Instant>,
}

impl Relay<'_> {
    /// One look at the ledger.
    async fn pass(&mut self) -> store::db::Result<Next> {
        let Some(term) = self.lead.term() else { return Ok(Next::after(RENEW)) };
        if term != self.term {
            self.rung.inherit();
            self.term = term;
        }
        let limits = self.newest.borrow().house.policy.endpoints.clone();
        let began = Instant::now();
        let mut conn = self.house.db.read().await?;
        let (flows, look) = tokio::join!(flows::all(&mut conn), self.bell.look());
        let flows = flows?;
        if let Some(span) = flows.iter().filter_map(|flow| soon(flow, &limits, self.house.clock.now())).max() {
            exactly(span).await;
        }
        // After reading: what came due meanwhile is due.
        let (read, now) = (Instant::now(), self.house.clock.now());
        let (mut ready, mut rest) = (vec![], RENEW);
        for flow in flows {
            match room(&flow, &limits, now) {
                Room::Later(span) => rest = rest.min(span.saturating_sub(EARLY)),
                Room::Now(most) => ready.push((flow, most)),
                Room::None => {}
            }
        }
        let mut next = Next { at: read + rest, gather: GATHER };
        if ready.is_empty() {
            return Ok(next);
        }
        let look = match look {
            Ok(look) => look,
            Err(away) => return Ok(self.note_away(&away)),
        };
        if look.emptied && self.rung.forget() {
            info!("the queue was emptied, ringing everything again");
        }
        // What is inside is rung before the many endpoints outside are looked at.
        let (mut inside, outside): (Vec<_>, Vec<_>) = ready.into_iter().partition(|(flow, _)| flow.endpoint.is_none());
        // Whoever takes is fed: what waits need not be read again at each wake-up.
        let hungry = |flow: &Flow| look.waiting(flow.lane) < FED;
        let is_fed = inside.iter().any(|(flow, _)| !hungry(flow));
        inside.retain(|(flow, _)| hungry(flow));
        let mut rings = 0;
        for is_inside in [true, false] {
            let due = if is_inside {
                due_inside(&mut conn, &inside, now).await?
            } else {
                due_outside(&mut conn, &outside, now).await?
            };
            match self.ring(&due, &look, &limits).await {
                Ok((rang, wait)) => {
                    rings += rang;
                    next.at = next.at.min(read + wait);
                }
                Err(away) => return Ok(self.note_away(&away)),
            }
        }
        self.rung.settle();
        if is_fed {
            next.gather = GATHER_MOST;
        } else if rings > Lane::INSIDE.len() {
            next.gather = GATHER_MORE;
        }
        debug!(rings, read_us = micros(read - began), us = micros(began.elapsed()), "looked at the ledger");
        Ok(next)
    }

    /// Rings for what is due; gives how often, and when to look again.
    async fn ring(&mut self, due: &[Due], look: &Look, limits: &EndpointPolicy) -> Result<(usize, Duration), Away> {
        let plan = self.rung.plan(due, look, limits, Instant::now());
        let rang = plan.rings.len();
        if rang > 0 {
            self.bell.ring_all(&plan.rings).await?;
        }
        self.note_back();
        plan.rings.iter().for_each(|(lane, _)| metrics::rang(*lane));
        Ok((rang, self.rung.keep(plan)))
    }

    /// Gives when to look again.
    fn note_away(&mut self, away: &Away) -> Next {
        if self.away_since.is_none() {
            warn!("the queue is away, effects wait in the ledger: {away}");
            self.away_since = Some(Instant::now());
        }
        Next::after(REST)
    }

    fn note_back(&mut self) {
        if let Some(since) = self.away_since.take() {
            // What was rung before may be lost with the queue.
            self.rung.forget();
            info!(seconds = since.elapsed().as_secs(), "the queue is back, catching up");
        }
    }
}

async fn due_inside(conn: &mut Conn, flows: &[(Flow, i64)], now: Time) -> store::db::Result<Vec<Due>> {
    let lanes: Vec<Lane> = flows.iter().map(|(flow, _)| flow.lane).collect();
    if lanes.is_empty() {
        return Ok(vec![]);
    }
    let due = flows::due_inside(conn, &lanes, now, WINDOW).await?;
    let ids = |lane| due.iter().filter(|(of, _)| *of == lane).map(|(_, id)| *id).collect();
    Ok(flows.iter().map(|(flow, _)| Due { flow: flow.clone(), ids: ids(flow.lane) }).collect())
}

async fn due_outside(conn: &mut Conn, flows: &[(Flow, i64)], now: Time) -> store::db::Result<Vec<Due>> {
    let mut due = vec![];
    for (flow, most) in flows {
        due.push(Due { flow: flow.clone(), ids: flows::due(conn, flow, now, *most).await? });
    }
    Ok(due)
}

/// Microseconds, for a log.
fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// How much of a flow may be in flight.
#[derive(Debug, PartialEq, Eq)]
enum Room {
    /// So many, with those that are leased.
    Now(i64),
    /// Nothing before this span is over.
    Later(Duration),
    /// Nothing until something else changes, which wakes the relay.
    None,
}

fn room(flow: &Flow, limits: &EndpointPolicy, now: Time) -> Room {
    if flow.paused {
        return Room::None;
    }
    let from = flow.parked_until.map_or(flow.first, |until| until.max(flow.first));
    if from > now {
        return Room::Later(Duration::from_micros(u64::try_from(from.since(now)).unwrap_or(u64::MAX)));
    }
    match &flow.endpoint {
        None => Room::Now(WINDOW),
        Some(_) => match limits.room(flow.failures) {
            at_once if at_once > flow.running => Room::Now(at_once),
            _ => Room::None,
        },
    }
}

/// How long until this flow is due, if that is within [`EARLY`].
fn soon(flow: &Flow, limits: &EndpointPolicy, now: Time) -> Option<Duration> {
    match room(flow, limits, now) {
        Room::Later(span) => Some(span).filter(|span| *span <= EARLY),
        Room::Now(_) | Room::None => None,
    }
}

/// Waits so long to some ten microseconds, which the runtime's timers can't.
async fn exactly(span: Duration) {
    // No error: nobody aborts it, and a sleep doesn't panic.
    let _ = tokio::task::spawn_blocking(move || std::thread::sleep(span)).await;
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::effect::Endpoint;

    use super::*;

    const NOW: Time = Time(1_000 * Time::SECOND);

    fn flow() -> Flow {
        let (lane, endpoint) = (Lane::Letters, Some(Endpoint::Mail));
        Flow { lane, endpoint, first: NOW, paused: false, rate: None, failures: 0, parked_until: None, running: 0 }
    }

    #[test]
    fn an_endpoint_has_so_many_calls_at_a_time_and_one_while_it_is_probed() {
        let limits = EndpointPolicy::default();
        let room_of = |flow: Flow| room(&flow, &limits, NOW);
        assert_eq!(room_of(flow()), Room::Now(16));
        assert_eq!(room_of(Flow { running: 15, ..flow() }), Room::Now(16));
        assert_eq!(room_of(Flow { running: 16, ..flow() }), Room::None);
        assert_eq!(room_of(Flow { failures: 5, parked_until: Some(NOW), ..flow() }), Room::Now(1));
        assert_eq!(room_of(Flow { failures: 5, parked_until: Some(NOW), running: 1, ..flow() }), Room::None);
        assert_eq!(room_of(Flow { endpoint: None, running: 99, ..flow() }), Room::Now(WINDOW));
    }

    #[test]
    fn what_is_paused_is_not_looked_at_and_what_is_parked_or_not_due_is_looked_at_in_time() {
        let limits = EndpointPolicy::default();
        let room_of = |flow: Flow| room(&flow, &limits, NOW);
        let later = NOW + Duration::from_secs(7);
        assert_eq!(room_of(Flow { paused: true, ..flow() }), Room::None);
        assert_eq!(room_of(Flow { first: later, ..flow() }), Room::Later(Duration::from_secs(7)));
        assert_eq!(room_of(Flow { parked_until: Some(later), ..flow() }), Room::Later(Duration::from_secs(7)));
        let both = Flow { first: later, parked_until: Some(NOW), ..flow() };
        assert_eq!(room_of(both), Room::Later(Duration::from_secs(7)));
    }
}
