//! Carrying out what was rung.
//!
//! Inside ([`inside`]): claim, apply, done, for a whole ring in one transaction.
//! Outside: lease, call, finish; whoever lost the lease meanwhile changes nothing.

mod inside;

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
        effects::carry::{self, Claimed, Next},
        endpoints,
    },
};
use tracing::{Instrument as _, Span, debug, error, info, info_span, warn};

use crate::{
    bell::Ring,
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
            Ok(leased) => {
                let send = |effect| async move { self.send(effect).instrument(span_of(effect)).await };
                join_all(leased.iter().map(send)).await;
            }
            Err(error) => info!("put off: {error}"),
        }
    }

    async fn send(&self, effect: &Claimed) {
        let now = || self.house.clock.now();
        let payload = match store::effects::read_payload(effect.version, &effect.payload) {
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
                    debug!(kind = effect.kind, done, "carried out");
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

/// Whatever is logged while an effect is carried out names the trace that it belongs to.
fn span_of(effect: &Claimed) -> Span {
    info_span!("carry out", effect = %effect.id, trace = %effect.trace, attempt = effect.attempt)
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
