//! What is rung now: whatever is due and was not rung lately, as far as rates and the queue leave room.
//!
//! Ringing again is bounded. An id is rung once more only where the queue holds fewer rings than what is due needs: then
//! some were lost, or are in somebody's hands. So the queue never holds more than twice what is due.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use jointforce_shared::{
    domain::{
        effect::{Endpoint, EndpointPolicy, Lane},
        ids::EffectId,
    },
    store::effects::flows::Flow,
};

use super::pace::Bucket;
use crate::bell::{Look, Ring};

/// What was rung, is still due, and may have been lost is rung again after this.
const AGAIN: Duration = Duration::from_secs(1);
/// What was rung is forgotten after this, unless it is still due.
const FORGET: Duration = Duration::from_secs(3);
/// Rings of a lane that wait to be taken; with more the relay rests. Far below what hurts Redis or apalis.
const MOST_WAITING: usize = 500;
/// Effects a ring of a lane outside: what one hand leases at once.
const OUTSIDE: usize = 8;

/// What is due of a flow, the longest due first, as much of it as may be in flight.
pub(super) struct Due {
    pub flow: Flow,
    pub ids: Vec<EffectId>,
}

/// What was rung, as the leader remembers it.
pub(super) struct Rung {
    batch: usize,
    at: HashMap<EffectId, Instant>,
    pruned: Option<Instant>,
    lanes: HashMap<Lane, Bucket>,
    endpoints: HashMap<Endpoint, Bucket>,
    /// Another led before, and what it rang may still wait.
    inherits: bool,
}

/// What to ring.
pub(super) struct Plan {
    pub rings: Vec<(Lane, Ring)>,
    ids: Vec<EffectId>,
    /// When to look again, where a rate held something back.
    wait: Duration,
    now: Instant,
}

impl Rung {
    pub(super) fn new(batch: usize) -> Self {
        Self {
            batch: batch.clamp(1, Ring::MOST_IDS),
            at: HashMap::new(),
            pruned: None,
            lanes: HashMap::new(),
            endpoints: HashMap::new(),
            inherits: false,
        }
    }

    /// Forgets what was rung: it was lost. `false` if there was nothing.
    pub(super) fn forget(&mut self) -> bool {
        self.inherits = false;
        let some = !self.at.is_empty();
        self.at.clear();
        some
    }

    /// Another led until now.
    pub(super) fn inherit(&mut self) {
        self.at.clear();
        self.inherits = true;
    }

    const fn ids_a_ring(&self, lane: Lane) -> usize {
        if lane.is_inside() { self.batch } else { OUTSIDE }
    }

    /// What to ring of what is due, while this waits in the queue.
    pub(super) fn plan(&mut self, due: &[Due], look: &Look, limits: &EndpointPolicy, now: Instant) -> Plan {
        let mut plan = Plan { rings: vec![], ids: vec![], wait: Duration::MAX, now };
        for lane in Lane::ALL {
            let flows = || due.iter().filter(|due| due.flow.lane == *lane);
            let size = self.ids_a_ring(*lane);
            let needed: usize = flows().map(|due| due.ids.len().div_ceil(size)).sum();
            let may_be_lost = look.waiting(*lane) < needed;
            let mut room = MOST_WAITING.saturating_sub(look.waiting(*lane));
            for due in flows() {
                let mut ids = self.silent(&due.ids, may_be_lost, now);
                self.slow_down(&due.flow, &mut ids, limits, &mut plan);
                for ids in ids.chunks(size).take(room) {
                    room -= 1;
                    plan.rings.push((*lane, Ring::new(ids.iter().map(EffectId::to_string).collect())));
                    plan.ids.extend(ids);
                }
            }
        }
        plan
    }

    /// Everything that another rang has been looked at once.
    pub(super) fn settle(&mut self) {
        self.inherits = false;
    }

    /// Those that no ring is under way for.
    fn silent(&mut self, due: &[EffectId], may_be_lost: bool, now: Instant) -> Vec<EffectId> {
        let mut silent = vec![];
        for id in due {
            match self.at.get_mut(id) {
                Some(at) if now.duration_since(*at) < AGAIN => {}
                // It waits in the queue, behind others.
                Some(at) if !may_be_lost => *at = now,
                None if self.inherits && !may_be_lost => drop(self.at.insert(*id, now)),
                Some(_) | None => silent.push(*id),
            }
        }
        silent
    }

    /// Leaves as many as the rates of lane and endpoint allow.
    fn slow_down(&mut self, flow: &Flow, ids: &mut Vec<EffectId>, limits: &EndpointPolicy, plan: &mut Plan) {
        if ids.is_empty() {
            return;
        }
        let lane = flow.rate.map(|rate| (self.lanes.entry(flow.lane).or_insert_with(|| Bucket::new(plan.now)), rate));
        let endpoint = flow.endpoint.as_ref().map(|endpoint| {
            let full = || Bucket::full(limits.a_second, plan.now);
            (self.endpoints.entry(endpoint.clone()).or_insert_with(full), limits.a_second)
        });
        let mut buckets: Vec<_> = lane.into_iter().chain(endpoint).collect();
        let most = buckets.iter_mut().map(|(bucket, rate)| bucket.fill(*rate, plan.now)).min().unwrap_or(usize::MAX);
        let given = ids.len().min(most);
        buckets.iter_mut().for_each(|(bucket, _)| bucket.take(given));
        if given < ids.len() {
            let wait = buckets.iter().map(|(bucket, rate)| bucket.wait(*rate)).max();
            plan.wait = plan.wait.min(wait.unwrap_or(Duration::MAX));
            ids.truncate(given);
        }
    }

    /// Remembers what was rung; gives when to look again.
    pub(super) fn keep(&mut self, plan: Plan) -> Duration {
        let now = plan.now;
        self.at.extend(plan.ids.into_iter().map(|id| (id, now)));
        if self.pruned.is_none_or(|at| now.duration_since(at) > AGAIN) {
            self.at.retain(|_, at| now.duration_since(*at) < FORGET);
            self.endpoints.retain(|_, bucket| !bucket.rests(now));
            self.pruned = Some(now);
        }
        plan.wait.min(AGAIN)
    }
}

#[cfg(test)]
mod tests;
