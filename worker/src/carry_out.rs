//! Carrying out what was rung.
//!
//! Inside: claim, apply, done, for a whole ring in one transaction. If it fails, the ring is halved until the one
//! effect that can't be carried out stands alone and is counted.
//! Outside: lease, call, finish; whoever lost the lease meanwhile changes nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use jointforce_shared::{
    commands::{Actor, House, webhook},
    domain::{
        effect::{Effect, Endpoint},
        ids::EffectId,
        policy::Policy,
        time::Time,
    },
    store::{
        self,
        effects::{
            self,
            carry::{self, Claimed, Next},
        },
        endpoints,
    },
};
use tracing::{debug, error, info, warn};

use crate::{
    bell::Ring,
    effects::Batch,
    metrics::{self, Outcome},
    outside::{Fault, Outside, Sent},
};

/// How long an effect of a newer program waits for one to come.
const PARK: Duration = Duration::from_secs(300);

/// One worker's hands. Cloned for each ring, so that the numbers of policy stay the same while it is carried out.
#[derive(Clone)]
pub struct Carrier {
    /// The truth.
    pub house: House,
    /// The way out.
    pub outside: Arc<Outside>,
    /// The worker's name: it signs leases and audit events.
    pub name: String,
}

impl Carrier {
    /// Carries out a ring of inside effects.
    pub async fn inside(&self, ring: Ring) {
        self.inside_ids(read_ids(&ring)).await;
    }

    async fn inside_ids(&self, ids: Vec<EffectId>) {
        // A stack instead of recursion: halves of a ring that failed.
        let mut rings = vec![ids];
        while let Some(ids) = rings.pop() {
            match self.try_inside(&ids).await {
                // What failed before stands alone, so that a poison effect spoils one batch and no other.
                Ok(tried) => rings.extend(tried.into_iter().map(|id| vec![id])),
                Err(error) if error.is_passing() => {
                    // Nothing was changed; the relay rings again.
                    info!(effects = ids.len(), "put off: {error}");
                }
                Err(error) if ids.len() == 1 => self.fail_inside(ids[0], &error.to_string()).await,
                Err(error) => {
                    info!(effects = ids.len(), "a ring failed and is halved: {error}");
                    let (left, right) = ids.split_at(ids.len() / 2);
                    rings.extend([right.to_vec(), left.to_vec()]);
                }
            }
        }
    }

    /// Carries these out in one transaction, but for those of several that failed before: it gives them back.
    async fn try_inside(&self, ids: &[EffectId]) -> store::db::Result<Vec<EffectId>> {
        let began = Instant::now();
        let mut tx = self.house.db.write().await?;
        match self.apply_inside(&mut tx, ids).await {
            Ok((tried, kinds)) => {
                let applied = began.elapsed();
                tx.commit().await?;
                metrics::batch(began.elapsed());
                debug!(
                    effects = kinds.len(),
                    of = ids.len(),
                    applied_us = applied.as_micros() as u64,
                    us = began.elapsed().as_micros() as u64,
                    "carried out"
                );
                kinds.iter().for_each(|kind| metrics::carried(kind, Outcome::Done));
                Ok(tried)
            }
            Err(error) => {
                // Now, not when it is dropped: the halves are claimed next, and pass over what is still locked.
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }

    /// Gives those that have to stand alone, and the kinds of those that it carried out.
    async fn apply_inside(
        &self,
        tx: &mut store::Tx,
        ids: &[EffectId],
    ) -> store::db::Result<(Vec<EffectId>, Vec<String>)> {
        let (mut batch, mut tried, mut kinds) = (Batch::default(), vec![], vec![]);
        for effect in carry::claim(tx, ids, self.house.clock.now()).await? {
            if effect.attempt > 1 && ids.len() > 1 {
                tried.push(effect.id);
                continue;
            }
            let read = effects::read_payload(effect.version, &effect.payload);
            match read.and_then(|payload| batch.add(effect.id, payload)) {
                Ok(()) => kinds.push(effect.kind),
                Err(why) => self.give_up(tx, &effect, &why).await?,
            }
        }
        batch.apply(tx, &self.house, &self.name, self.outside.has_marketplace()).await?;
        Ok((tried, kinds))
    }

    async fn give_up(&self, tx: &mut store::Tx, effect: &Claimed, why: &str) -> store::db::Result<()> {
        let next = unreadable(effect, self.house.clock.now());
        warn!(effect = %effect.id, kind = effect.kind, "an effect can't be read: {why}");
        metrics::carried(&effect.kind, outcome_of(next));
        carry::fail_inside(tx, effect.id, why, next).await
    }

    async fn fail_inside(&self, id: EffectId, why: &str) {
        let counted = async {
            let now = self.house.clock.now();
            let mut tx = self.house.db.write().await?;
            if let Some(effect) = carry::claim(&mut tx, &[id], now).await?.pop() {
                let next = after_failure(&self.house.policy, &effect, None, now);
                log_failure(&effect, why, next);
                carry::fail_inside(&mut tx, id, why, next).await?;
            }
            tx.commit().await
        };
        if let Err(error) = counted.await {
            warn!(effect = %id, "a failure could not be counted: {error}");
        }
    }

    /// Carries out a ring of outside effects, all at once.
    pub async fn outside(&self, ring: Ring) {
        let ids = read_ids(&ring);
        let leased = async {
            let mut tx = self.house.db.write().await?;
            let policy = &self.house.policy;
            let leased = carry::lease(&mut tx, &ids, &self.name, policy.effect_lease, self.house.clock.now()).await?;
            tx.commit().await.map(|()| leased)
        };
        match leased.await {
            Ok(leased) => drop(join_all(leased.iter().map(|effect| self.send(effect))).await),
            Err(error) => info!("put off: {error}"),
        }
    }

    async fn send(&self, effect: &Claimed) {
        let now = || self.house.clock.now();
        let payload = match effects::read_payload(effect.version, &effect.payload) {
            Ok(payload) => payload,
            Err(why) => return self.give_back(effect, None, why.clone(), unreadable(effect, now())).await,
        };
        let began = Instant::now();
        let outcome = self.outside.carry(&self.house.db, effect, &payload, now()).await;
        metrics::called(payload.kind(), began.elapsed());
        let fault = match outcome {
            Ok(sent) => return self.finish(effect, sent).await,
            Err(fault) => fault,
        };
        let policy = &self.house.policy;
        match fault {
            Fault::Never { why } => self.give_back(effect, None, why, Next::Dead(now())).await,
            Fault::Gone { why, url } => self.end_hook(effect, &payload, why, &url).await,
            Fault::Retry { why, after } => {
                self.give_back(effect, None, why, after_failure(policy, effect, after, now())).await;
            }
            Fault::Away { why, after, pause } => {
                let away = payload.endpoint().map(|endpoint| (endpoint, pause));
                self.give_back(effect, away, why, after_failure(policy, effect, after, now())).await;
            }
        }
    }

    /// The endpoint said that it is gone: a brand's is not called any more, any other is for a person to look at.
    async fn end_hook(&self, effect: &Claimed, payload: &Effect, why: String, url: &str) {
        let now = self.house.clock.now();
        let Effect::HookBrand { brand, .. } = payload else {
            return self.give_back(effect, None, why, Next::Dead(now)).await;
        };
        match webhook::gone(&self.house, &Actor::program(&self.name), brand, url).await {
            Ok(news) => {
                if news {
                    warn!(%brand, "its webhook answered 410 and is not called any more");
                }
                self.finish(effect, Sent::NothingToSend("the brand's webhook is gone")).await;
            }
            Err(error) => {
                let next = after_failure(&self.house.policy, effect, None, now);
                self.give_back(effect, None, format!("{why} That could not be written down: {error}"), next).await;
            }
        }
    }

    /// Writes a failure down; `away` is the endpoint that failed, and the pause that it asked for.
    async fn give_back(&self, effect: &Claimed, away: Option<(Endpoint, Option<Duration>)>, why: String, next: Next) {
        log_failure(effect, &why, next);
        let failed = async {
            let mut tx = self.house.db.write().await?;
            let ours = carry::fail(&mut tx, effect, &self.name, &why, next).await?;
            let mut parked = None;
            if let Some((endpoint, pause)) = &away {
                let (policy, now) = (&self.house.policy.endpoints, self.house.clock.now());
                parked = endpoints::failed(&mut tx, endpoint, policy, *pause, &why, now).await?;
            }
            tx.commit().await.map(|()| (ours, parked))
        };
        match failed.await {
            Ok((ours, parked)) => {
                if let (Some(until), Some((endpoint, _))) = (parked, &away) {
                    warn!(%endpoint, %until, "parked: nothing is sent to it until then, then one probe: {why}");
                }
                self.note_fence(effect, Ok(ours));
            }
            Err(error) => self.note_fence(effect, Err(error)),
        }
    }

    async fn finish(&self, effect: &Claimed, sent: Sent) {
        if let Sent::NothingToSend(why) = sent {
            info!(effect = %effect.id, kind = effect.kind, "nothing to send: {why}");
        }
        // What was sent must be marked, or it is sent again: the database may be away for a moment.
        let mut pause = Duration::from_millis(100);
        loop {
            let finished = async {
                let mut tx = self.house.db.write().await?;
                let ours = carry::finish(&mut tx, effect, &self.name, self.house.clock.now()).await?;
                tx.commit().await.map(|()| ours)
            };
            match finished.await {
                Err(error) if error.is_passing() && pause < self.house.policy.effect_lease / 2 => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                outcome => {
                    let done = matches!(outcome, Ok(true));
                    metrics::carried(&effect.kind, if done { Outcome::Done } else { Outcome::Lost });
                    return self.note_fence(effect, outcome);
                }
            }
        }
    }

    fn note_fence(&self, effect: &Claimed, outcome: store::db::Result<bool>) {
        match outcome {
            Ok(true) => {}
            Ok(false) => {
                warn!(effect = %effect.id, attempt = effect.attempt, "the lease was lost; another worker has it")
            }
            Err(error) => {
                warn!(effect = %effect.id, "the outcome could not be written, the lease will run out: {error}")
            }
        }
    }
}

fn read_ids(ring: &Ring) -> Vec<EffectId> {
    let ids: Vec<EffectId> = ring.ids.iter().filter_map(|id| id.parse().ok()).collect();
    if ids.len() < ring.ids.len() {
        error!(unreadable = ring.ids.len() - ids.len(), "a ring carries ids that are none");
    }
    ids
}

const fn outcome_of(next: Next) -> Outcome {
    match next {
        Next::Retry(_) => Outcome::Retried,
        Next::Dead(_) => Outcome::Dead,
        Next::Park(_) => Outcome::Parked,
    }
}

fn log_failure(effect: &Claimed, why: &str, next: Next) {
    metrics::carried(&effect.kind, outcome_of(next));
    match next {
        Next::Dead(_) => {
            error!(effect = %effect.id, kind = effect.kind, attempt = effect.attempt, "dead, needs a person: {why}");
        }
        Next::Retry(at) | Next::Park(at) => {
            warn!(effect = %effect.id, kind = effect.kind, attempt = effect.attempt, again = %at, "failed: {why}");
        }
    }
}

/// A payload that this program can't read: a newer program's waits for it, a broken one waits for a person.
fn unreadable(effect: &Claimed, now: Time) -> Next {
    if effect.version > jointforce_shared::domain::effect::PAYLOAD_VERSION {
        Next::Park(now + PARK)
    } else {
        Next::Dead(now)
    }
}

/// Exponential backoff with jitter between half and the whole of the step, never sooner than the other side asked;
/// dead when the attempts are used up. The jitter comes from the effect's id, so that a storm spreads.
fn after_failure(policy: &Policy, effect: &Claimed, asked: Option<Duration>, now: Time) -> Next {
    if effect.attempt >= policy.attempts_max {
        return Next::Dead(now);
    }
    let doublings = u32::try_from(effect.attempt - 1).unwrap_or(0).min(30);
    let step = policy.backoff_first.saturating_mul(1 << doublings).min(policy.backoff_max);
    let spread = effect
        .id
        .to_string()
        .bytes()
        .fold(effect.attempt as u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let jittered = step / 2 + step.mul_f64((spread >> 11) as f64 / (1u64 << 53) as f64) / 2;
    Next::Retry(now + jittered.max(asked.unwrap_or_default()))
}
