//! The transparency register: statements of reasons go to it over HTTP, in batches, one sender at a time.
//!
//! A sweep and no effects of the ledger: the register may be away for days, and then nothing is dead, it is only late.
//! What it takes is decided by the statement's id alone: after an answer that was lost the batch is sent again, and
//! "I have this one" is as good as "accepted".

mod answer;
mod client;

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor, House,
        statement::{self, Settlement},
    },
    domain::{ids::StatementId, trace::Trace},
    store::{self, leases, statements::Kept},
};
use tokio::{sync::watch, time::sleep};
use tracing::{debug, error, info, warn};

use self::answer::Answer;
pub use self::client::{Register, RegisterConfig, Token};

/// How often the sender looks for what is due.
const LOOK: Duration = Duration::from_secs(1);
/// How much longer than a call the sender's lease lasts: time to write down what was answered.
const SLACK: Duration = Duration::from_secs(30);
/// The name of that lease.
const LEASE: &str = "register";

/// Sends what is due to the register, until `stop` turns true.
pub(crate) async fn send_until_stopped(
    register: Register,
    mut house: House,
    name: String,
    mut stop: watch::Receiver<bool>,
) {
    let mut sender = Sender::new(register, Actor::program(&name));
    while !*stop.borrow() {
        // A policy that can't be read is told of by the sweep; the one in hand stays.
        let _ = house.refresh().await;
        let went = sender.turn(&house, &name).await;
        if let Err(error) = &went {
            warn!("the register's turn failed: {error}");
        }
        if !matches!(went, Ok(true)) {
            tokio::select! { () = sleep(LOOK) => {} _ = stop.changed() => {} }
        }
    }
    let given_back = async {
        let mut tx = house.db.write().await?;
        leases::give_back(&mut tx, LEASE, &name).await?;
        tx.commit().await
    };
    if let Err(error) = given_back.await {
        warn!("the register's lease runs out by itself: {error}");
    }
}

/// Sends one batch after the other.
#[derive(Debug)]
pub struct Sender {
    register: Register,
    actor: Actor,
    /// The most that one call carries: less than the policy's after an answer that named nothing.
    most: usize,
}

impl Sender {
    /// A sender that signs as `actor`.
    #[must_use]
    pub const fn new(register: Register, actor: Actor) -> Self {
        Self { register, actor, most: usize::MAX }
    }

    /// One batch, if this process is the one that sends. `true` if there may be more to send at once.
    async fn turn(&mut self, house: &House, name: &str) -> jointforce_shared::commands::Result<bool> {
        if statement::next_batch(house).await?.is_empty() || !hold(house, name).await? {
            return Ok(false);
        }
        self.send_one(house).await
    }

    /// Sends one batch and writes down what was answered. `true` if there may be more to send at once.
    ///
    /// # Errors
    /// What the store says; what the register says is written down.
    pub async fn send_one(&mut self, house: &House) -> jointforce_shared::commands::Result<bool> {
        // Read under the lease: what another sender settled meanwhile is not sent again.
        let mut batch = statement::next_batch(house).await?;
        batch.truncate(self.most.max(1));
        let Some(parent) = parent_of(&batch) else { return Ok(false) };
        for kept in &batch {
            debug!(statement = %kept.id, trace = %kept.trace(), call = %parent, "goes to the register");
        }
        let said = self.register.send(&batch, &parent, house.policy.reasons.timeout, house.clock.now()).await;
        match said {
            Answer::Created(uuids) => {
                self.most = usize::MAX;
                let accepted = batch.iter().map(|kept| (kept.id, uuids.get(&kept.id).cloned())).collect();
                self.settle(house, Settlement { accepted, rejected: vec![] }).await
            }
            Answer::Known(known) => {
                let accepted = known.into_iter().map(|id| (id, None)).collect();
                self.settle(house, Settlement { accepted, rejected: vec![] }).await
            }
            Answer::Faulty { known, faulty } => {
                let accepted = known.into_iter().map(|id| (id, None)).collect();
                self.settle(house, Settlement { accepted, rejected: faulty }).await
            }
            // It names nothing, so the batch is halved until the one that it means stands alone.
            Answer::Unclear(_) if batch.len() > 1 => {
                self.most = batch.len() / 2;
                Ok(true)
            }
            Answer::Unclear(words) => {
                self.most = usize::MAX;
                self.settle(house, all_rejected(&batch, &words)).await
            }
            Answer::Malformed(words) => {
                self.settle(house, all_rejected(&batch, &words)).await?;
                // Whatever makes it answer so may meet the next batch too: let a person look first.
                self.put_off(house, &words, None).await
            }
            Answer::Later { why, after } => self.put_off(house, &why, after).await,
        }
    }

    async fn settle(&self, house: &House, settlement: Settlement) -> jointforce_shared::commands::Result<bool> {
        for (id, why) in &settlement.rejected {
            error!(statement = %id, "the register won't take it, needs a person: {why}");
        }
        statement::settle(house, &self.actor, &settlement).await?;
        info!(accepted = settlement.accepted.len(), rejected = settlement.rejected.len(), "the register answered");
        Ok(true)
    }

    async fn put_off(
        &self,
        house: &House,
        why: &str,
        after: Option<Duration>,
    ) -> jointforce_shared::commands::Result<bool> {
        let again = statement::put_off(house, why, after).await?;
        warn!(%again, "the register is left alone for a while: {why}");
        Ok(false)
    }
}

/// The `traceparent` of the call that carries a batch: on the trace of its case, or one of its own where there are several.
/// None for an empty batch.
fn parent_of(batch: &[Kept]) -> Option<String> {
    let first = batch.first()?;
    let of_one = batch.iter().all(|kept| kept.trace() == first.trace());
    let trace = if of_one { first.trace() } else { Trace::of_statement(first.id) };
    Some(trace.parent_of_statements(first.id))
}

fn all_rejected(batch: &[Kept], words: &str) -> Settlement {
    let rejected: Vec<(StatementId, String)> = batch.iter().map(|kept| (kept.id, words.to_owned())).collect();
    Settlement { accepted: vec![], rejected }
}

/// Takes or renews the right to send.
async fn hold(house: &House, name: &str) -> store::db::Result<bool> {
    let mut tx = house.db.write().await?;
    let ours = leases::take(&mut tx, LEASE, name, house.policy.reasons.timeout + SLACK).await?;
    tx.commit().await?;
    Ok(ours)
}
