//! Rings for whatever is due. It is the only thing that rings, so a first send, a retry, a crash, a lost Redis and
//! the embedded mode are one path: what is due and not carried out is rung, and rung again.
//!
//! One process leads at a time, by a lease on the database's clock; what it rang is remembered in its memory only. A
//! new leader rings everything once more, and carriers pass over what is no longer due.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::House,
    domain::{effect::Lane, ids::EffectId},
    store::{self, effects::carry, leases},
};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};
use tracing::{info, warn};

use crate::bell::{Away, Bell, Ring};

/// How often the ledger is asked when nobody nudges: what another process wrote starts within this.
const POLL: Duration = Duration::from_millis(50);
/// How long a nudge waits for more of them: under load every batch nudges.
const GATHER: Duration = Duration::from_millis(10);
/// What was rung and is still due after this is rung again.
const AGAIN: Duration = Duration::from_secs(3);
/// Ids looked at in one pass: the work in flight of one lane.
const WINDOW: i64 = 4_000;
/// Rings of a lane that wait to be taken; with more the relay rests. Far below what hurts Redis or apalis.
const MOST_WAITING: usize = 500;
/// How long the leader leads without renewing.
const LEAD: Duration = Duration::from_secs(5);
/// How often the leader renews, and the others try.
const RENEW: Duration = Duration::from_millis(1500);

/// Ids a ring: what one transaction carries out, or what one leases at once.
const fn ids_a_ring(lane: Lane) -> usize {
    match lane {
        Lane::Inside => 200,
        Lane::Outside => 8,
    }
}

/// Rings until `stop` turns true. `nudge` wakes it early.
pub async fn relay(house: House, bell: Bell, name: String, nudge: Arc<Notify>, mut stop: watch::Receiver<bool>) {
    let mut relay = Relay { house, bell, name, rung: HashMap::new(), leads_until: None, asked: None, away_since: None };
    while !*stop.borrow() {
        let began = Instant::now();
        let pause = match relay.pass().await {
            Ok(pause) => pause,
            Err(error) => {
                warn!("the relay rests: {error}");
                Duration::from_secs(1)
            }
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = nudge.notified() => sleep(GATHER.saturating_sub(began.elapsed())).await,
            _ = stop.changed() => {}
        }
    }
    relay.step_down().await;
}

struct Relay {
    house: House,
    bell: Bell,
    name: String,
    rung: HashMap<EffectId, Instant>,
    leads_until: Option<Instant>,
    asked: Option<Instant>,
    away_since: Option<Instant>,
}

impl Relay {
    /// One look at the ledger; gives how long to wait for the next.
    async fn pass(&mut self) -> store::db::Result<Duration> {
        if !self.leads().await? {
            return Ok(RENEW);
        }
        let now = Instant::now();
        self.rung.retain(|_, at| now.duration_since(*at) < AGAIN);
        let mut pause = POLL;
        for lane in Lane::ALL {
            pause = pause.min(self.ring_due(*lane).await?);
        }
        Ok(pause)
    }

    async fn ring_due(&mut self, lane: Lane) -> store::db::Result<Duration> {
        let mut conn = self.house.db.read().await?;
        let now = self.house.clock.now();
        let due = carry::due(&mut conn, lane, now, WINDOW).await?;
        if due.is_empty() {
            let next = carry::next_due(&mut conn, lane).await?;
            let left = next.map_or(i64::MAX, |next| next.since(self.house.clock.now()).max(0));
            return Ok(Duration::from_micros(u64::try_from(left).unwrap_or(u64::MAX)));
        }
        drop(conn);
        let fresh: Vec<EffectId> = due.iter().filter(|id| !self.rung.contains_key(id)).copied().collect();
        for ids in fresh.chunks(ids_a_ring(lane)) {
            match self.ring(lane, ids).await {
                Ok(true) => self.rung.extend(ids.iter().map(|id| (*id, Instant::now()))),
                Ok(false) => break,
                Err(away) => {
                    self.note_away(&away);
                    return Ok(Duration::from_secs(1));
                }
            }
        }
        self.note_back();
        Ok(POLL)
    }

    /// `false` if enough rings wait already.
    async fn ring(&self, lane: Lane, ids: &[EffectId]) -> Result<bool, Away> {
        if self.bell.waiting(lane).await? >= MOST_WAITING {
            return Ok(false);
        }
        self.bell.ring(lane, Ring::new(ids.iter().map(EffectId::to_string).collect())).await?;
        Ok(true)
    }

    fn note_away(&mut self, away: &Away) {
        if self.away_since.is_none() {
            warn!("the queue is away, effects wait in the ledger: {away}");
            self.away_since = Some(Instant::now());
        }
    }

    fn note_back(&mut self) {
        if let Some(since) = self.away_since.take() {
            // What was rung before may be lost with the queue.
            self.rung.clear();
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
            self.rung.clear();
        }
        self.leads_until = leads.then(|| asked + LEAD);
        Ok(leads)
    }

    async fn step_down(&mut self) {
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
