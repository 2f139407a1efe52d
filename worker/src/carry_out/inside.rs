//! Inside effects: a ring in one transaction.
//!
//! An effect whose own rows can't be read, or may not be changed, is counted as failed in the transaction that carries the
//! others out. If the database refuses anything else, nobody knows whose it was: the ring is claimed once more and halved,
//! in one transaction too. What failed before never stands in a batch again.

use std::{collections::HashSet, time::Instant};

use jointforce_shared::{
    domain::ids::EffectId,
    store::{
        self, Tx,
        db::Halving,
        effects::{
            self,
            carry::{self, Claimed, Next},
        },
    },
};
use tracing::{Level, debug, enabled, info, warn};

use super::{Carrier, after_failure, log_failure, read_ids, span_of, unreadable};
use crate::{
    bell::Ring,
    effects::Batch,
    metrics::{self, Outcome},
};

/// An attempt that failed.
#[derive(Debug)]
struct Failed {
    effect: Claimed,
    why: String,
    next: Next,
}

impl Failed {
    fn tell(&self) {
        span_of(&self.effect).in_scope(|| log_failure(&self.effect, &self.why, self.next));
    }
}

/// What came of effects that one transaction was to carry out. It is told when the transaction is committed: until then
/// all of it may be taken back and tried again.
#[derive(Debug)]
struct Carried {
    /// Those that it did.
    done: Vec<Claimed>,
    /// Those that it counted as failed.
    failed: Vec<Failed>,
    /// Those that failed before and have to stand alone.
    tried: Vec<EffectId>,
}

impl Carried {
    /// All of these are done but those that failed.
    fn of(mut done: Vec<Claimed>, failed: Vec<Failed>, tried: Vec<EffectId>) -> Self {
        let spoiled: HashSet<EffectId> = failed.iter().map(|failed| failed.effect.id).collect();
        done.retain(|effect| !spoiled.contains(&effect.id));
        Self { done, failed, tried }
    }
}

impl Carrier {
    /// Carries out a ring of inside effects.
    pub async fn inside(&self, ring: Ring) {
        // A stack instead of recursion: the ring, and then what has to stand alone.
        let mut rings = vec![read_ids(&ring)];
        while let Some(ids) = rings.pop() {
            let carried = match self.try_inside(&ids).await {
                Err(error) if ids.len() > 1 && !error.is_passing() => {
                    info!(effects = ids.len(), "a ring failed and is halved: {error}");
                    self.halve(&ids).await
                }
                carried => carried,
            };
            match carried {
                Ok(tried) => rings.extend(tried.into_iter().map(|id| vec![id])),
                // Nothing was changed; the relay rings again.
                Err(error) if error.is_passing() => info!(effects = ids.len(), "put off: {error}"),
                Err(error) if ids.len() == 1 => self.fail_inside(ids[0], error.to_string()).await,
                // The commit itself is refused: then each has one of its own.
                Err(_) => rings.extend(ids.into_iter().map(|id| vec![id])),
            }
        }
    }

    /// Carries these out in one transaction, but for those of several that failed before: it gives them back.
    async fn try_inside(&self, ids: &[EffectId]) -> store::db::Result<Vec<EffectId>> {
        let began = Instant::now();
        let mut tx = self.house.db.write().await?;
        let applied = async {
            let (fresh, tried) = self.claim(&mut tx, ids).await?;
            let failed = self.apply(&mut tx, &fresh).await?;
            Ok(Carried::of(fresh, failed, tried))
        };
        match applied.await {
            Ok(carried) => commit(tx, carried, began).await,
            Err(error) => {
                // Now, not when it is dropped: the same are claimed next, and what is still locked would be passed over.
                let _ = tx.rollback().await;
                Err(error)
            }
        }
    }

    /// Carries these out in one transaction, after it was tried in vain: as many as can be at a time.
    async fn halve(&self, ids: &[EffectId]) -> store::db::Result<Vec<EffectId>> {
        let began = Instant::now();
        let mut tx = self.house.db.write().await?;
        let (fresh, tried) = self.claim(&mut tx, ids).await?;
        let mut failed = vec![];
        let mut halving = Halving::of_refused(&fresh);
        while let Some(part) = halving.next(&mut tx).await? {
            let applied = self.apply(&mut tx, part).await;
            failed.extend(halving.settle(&mut tx, part, applied).await?.into_iter().flatten());
        }
        for (effect, why) in halving.refused() {
            failed.push(self.fail(&mut tx, effect, why).await?);
        }
        commit(tx, Carried::of(fresh, failed, tried), began).await
    }

    /// Claims those that are due: those to be carried out together, and those of several that failed before.
    async fn claim(&self, tx: &mut Tx, ids: &[EffectId]) -> store::db::Result<(Vec<Claimed>, Vec<EffectId>)> {
        let claimed = carry::claim(tx, ids, self.house.clock.now()).await?;
        let (fresh, tried): (Vec<_>, Vec<_>) =
            claimed.into_iter().partition(|effect| effect.attempt == 1 || ids.len() == 1);
        Ok((fresh, tried.into_iter().map(|effect| effect.id).collect()))
    }

    /// Carries these out; gives those that can't be, counted as failed.
    async fn apply(&self, tx: &mut Tx, effects: &[Claimed]) -> store::db::Result<Vec<Failed>> {
        let (mut batch, mut failed) = (Batch::default(), vec![]);
        for effect in effects {
            let read = effects::read_payload(effect.version, &effect.payload);
            if let Err(why) = read.and_then(|payload| batch.add(effect, payload)) {
                let next = unreadable(effect, self.house.clock.now());
                failed.push(count(tx, effect, why, next).await?);
            }
        }
        for (id, why) in batch.apply(tx, &self.house, &self.name, self.outside.has_marketplace()).await? {
            if let Some(effect) = effects.iter().find(|effect| effect.id == id) {
                failed.push(self.fail(tx, effect, why).await?);
            }
        }
        Ok(failed)
    }

    /// Counts a failed attempt at an effect that this transaction has claimed.
    async fn fail(&self, tx: &mut Tx, effect: &Claimed, why: String) -> store::db::Result<Failed> {
        let next = after_failure(&self.house.policy, effect, None, self.house.clock.now());
        count(tx, effect, why, next).await
    }

    async fn fail_inside(&self, id: EffectId, why: String) {
        let counted = async {
            let mut tx = self.house.db.write().await?;
            let failed = match carry::claim(&mut tx, &[id], self.house.clock.now()).await?.pop() {
                Some(effect) => Some(self.fail(&mut tx, &effect, why).await?),
                None => None,
            };
            tx.commit().await?;
            Ok::<_, store::db::Error>(failed)
        };
        match counted.await {
            Ok(failed) => failed.iter().for_each(Failed::tell),
            Err(error) => warn!(effect = %id, "a failure could not be counted: {error}"),
        }
    }
}

async fn count(tx: &mut Tx, effect: &Claimed, why: String, next: Next) -> store::db::Result<Failed> {
    carry::fail_inside(tx, effect.id, &why, next).await?;
    Ok(Failed { effect: effect.clone(), why, next })
}

/// Makes it true and tells it; gives those that have to stand alone.
async fn commit(tx: Tx, carried: Carried, began: Instant) -> store::db::Result<Vec<EffectId>> {
    let applied = began.elapsed();
    tx.commit().await?;
    metrics::batch(began.elapsed());
    debug!(effects = carried.done.len(), ?applied, took = ?began.elapsed(), "a ring is carried out");
    for effect in &carried.done {
        // A span costs more than an effect's share of a statement: none is made for nobody.
        if enabled!(Level::DEBUG) {
            span_of(effect).in_scope(|| debug!(kind = effect.kind, "carried out"));
        }
        metrics::carried(&effect.kind, Outcome::Done);
    }
    carried.failed.iter().for_each(Failed::tell);
    Ok(carried.tried)
}
