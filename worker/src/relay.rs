//! Rings for whatever is due. It is the only thing that rings, so a first send, a retry, a crash, a lost Redis and
//! the embedded mode are one path: what is due and not carried out is rung, and rung again.
//!
//! One process leads at a time, by a lease on the database's clock; what it rang is remembered in its memory only. A
//! new leader rings everything once more, and carriers pass over what is no longer due. Because one rings for all, lanes'
//! rates and endpoints' limits hold for the whole fleet.

mod pace;
mod plan;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::House,
    domain::{effect::EndpointPolicy, time::Time},
    store::{
        self,
        effects::flows::{self, Flow},
        leases,
    },
};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use tracing::{info, warn};

use self::plan::{Due, Rung};
use crate::{
    bell::{Away, Bell},
    carry_out::Carrier,
    metrics,
    progress::Progress,
};

/// How often the ledger is asked while wake-ups are heard: what one that was lost costs at most.
const SELDOM: Duration = Duration::from_millis(250);
/// How often the ledger is asked where other processes' wake-ups can't be heard: on SQLite, and while the database that
/// carries them is away.
const OFTEN: Duration = Duration::from_millis(50);
/// How long a wake-up waits for more of them, after a pass that rang little and after one that rang much.
const GATHER: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(10)];
/// Ids of a lane inside that are looked at in one pass: the work in flight.
const WINDOW: i64 = 4_000;
/// Rings of a lane inside that wait and need no more beside them.
const FED: usize = 8;
/// How long the leader leads without renewing.
const LEAD: Duration = Duration::from_secs(5);
/// How often the leader renews, and the others try.
const RENEW: Duration = Duration::from_millis(1500);

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
    let mut relay =
        Relay { house, bell, name, newest, rung: Rung::new(batch), leads_until: None, asked: None, away_since: None };
    let ring = async {
        while !*stop.borrow() {
            progress.pass("relay");
            let began = Instant::now();
            let longest = if hears.load(Ordering::Relaxed) { SELDOM } else { OFTEN };
            let (pause, much) = match relay.pass().await {
                Ok((pause, much)) => (pause.min(longest), much),
                Err(error) => {
                    warn!("the relay rests: {error}");
                    (Duration::from_secs(1), false)
                }
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = nudge.notified() => sleep(GATHER[usize::from(much)].saturating_sub(began.elapsed())).await,
                _ = stop.changed() => {}
            }
        }
        progress.end("relay");
        relay.step_down().await;
    };
    tokio::select! { () = listen => {} () = ring => {} }
}

struct Relay {
    house: House,
    bell: Bell,
    name: String,
    newest: watch::Receiver<Carrier>,
    rung: Rung,
    leads_until: Option<Instant>,
    asked: Option<Instant>,
    away_since: Option<Instant>,
}

impl Relay {
    /// One look at the ledger; gives how long to wait for the next, and whether this one rang much.
    async fn pass(&mut self) -> store::db::Result<(Duration, bool)> {
        if !self.leads().await? {
            return Ok((RENEW, false));
        }
        let limits = self.newest.borrow().house.policy.endpoints.clone();
        let mut conn = self.house.db.read().await?;
        let now = self.house.clock.now();
        let (flows, look) = tokio::join!(flows::all(&mut conn), self.bell.look());
        let (mut ready, mut rest) = (vec![], RENEW);
        for flow in flows? {
            match room(&flow, &limits, now) {
                Room::Later(span) => rest = rest.min(span),
                Room::Now(most) => ready.push((flow, most)),
                Room::None => {}
            }
        }
        if ready.is_empty() {
            return Ok((rest, false));
        }
        let look = match look {
            Ok(look) => look,
            Err(away) => return Ok(self.note_away(&away)),
        };
        if look.emptied && self.rung.forget() {
            info!("the queue was emptied, ringing everything again");
        }
        let mut due = vec![];
        for (flow, most) in ready {
            // Whoever takes is fed: what waits need not be read again at each wake-up.
            if flow.endpoint.is_none() && look.waiting(flow.lane) >= FED {
                continue;
            }
            let ids = flows::due(&mut conn, &flow, now, most).await?;
            due.push(Due { flow, ids });
        }
        drop(conn);
        let plan = self.rung.plan(&due, &look, &limits, Instant::now());
        if !plan.rings.is_empty()
            && let Err(away) = self.bell.ring_all(&plan.rings).await
        {
            return Ok(self.note_away(&away));
        }
        plan.rings.iter().for_each(|(lane, _)| metrics::rang(*lane));
        self.note_back();
        let much = plan.rings.len() > 1;
        Ok((rest.min(self.rung.keep(plan)), much))
    }

    /// Gives how long to wait for the next look.
    fn note_away(&mut self, away: &Away) -> (Duration, bool) {
        if self.away_since.is_none() {
            warn!("the queue is away, effects wait in the ledger: {away}");
            self.away_since = Some(Instant::now());
        }
        (Duration::from_secs(1), false)
    }

    fn note_back(&mut self) {
        if let Some(since) = self.away_since.take() {
            // What was rung before may be lost with the queue.
            self.rung.forget();
            info!(seconds = since.elapsed().as_secs(), "the queue is back, catching up");
        }
    }

    async fn leads(&mut self) -> store::db::Result<bool> {
        if self.asked.is_some_and(|at| at.elapsed() < RENEW) {
            return Ok(self.leads_until.is_some_and(|until| Instant::now() < until));
        }
        // Counted from before the question, so that we stop before the database thinks we did.
        let asked = Instant::now();
        let mut tx = self.house.db.write().await?;
        let leads = leases::take(&mut tx, "relay", &self.name, LEAD).await?;
        tx.commit().await?;
        self.asked = Some(asked);
        if leads && self.leads_until.is_none() {
            info!("leading the relay");
            self.rung.inherit();
        }
        self.leads_until = leads.then(|| asked + LEAD);
        metrics::leads(leads);
        Ok(leads)
    }

    async fn step_down(&mut self) {
        metrics::leads(false);
        let given = async {
            let mut tx = self.house.db.write().await?;
            leases::give_back(&mut tx, "relay", &self.name).await?;
            tx.commit().await
        };
        if let Err(error) = given.await {
            warn!("the relay's lease could not be given back: {error}");
        }
    }
}

/// How much of a flow may be in flight.
#[derive(Debug, PartialEq, Eq)]
enum Room {
    /// So many of the first that wait.
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
        Some(_) => match limits.room(flow.failures) - flow.running {
            room @ 1.. => Room::Now(room),
            _ => Room::None,
        },
    }
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::effect::{Endpoint, Lane};

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
        assert_eq!(room_of(Flow { running: 15, ..flow() }), Room::Now(1));
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
