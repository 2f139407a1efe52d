//! What the passing of time does, each thing exactly once, however many workers sweep.

pub mod on_call;

use serde_json::json;
use tracing::warn;

pub use super::authenticity::{end_silence, remind_brands};
use super::{Actor, Error, House, Result, quality, trust};
pub use super::{approval::sweep as end_approvals, penalty::sweep_payouts as release_payouts};
use crate::{
    domain::{
        case::{Action, By, step},
        ids::CaseId,
    },
    store::{self, audit, cases, effects::carry},
};

/// What one pass over all clocks did: each clock by its name, in the order in which they ran.
#[derive(Debug)]
pub struct Swept(pub Vec<(&'static str, Result<usize>)>);

impl Swept {
    /// How many things this clock did; 0 for one that failed or that there isn't.
    #[must_use]
    pub fn of(&self, clock: &str) -> usize {
        self.0.iter().filter(|(name, _)| *name == clock).filter_map(|(_, done)| done.as_ref().ok()).sum()
    }

    /// How many things all clocks did.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().filter_map(|(_, done)| done.as_ref().ok()).sum()
    }

    fn is_away(&self) -> bool {
        self.0.iter().any(|(_, done)| matches!(done, Err(Error::Store(store::Error::Away(_)))))
    }

    /// A clock that fails is named in the log and comes again with the next pass; it stops no other.
    fn note(&mut self, clock: &'static str, done: Result<usize>) {
        if let Err(error) = &done {
            warn!("the sweep of {clock} failed: {error}");
        }
        self.0.push((clock, done));
    }
}

/// Looks at every clock once: the table of what passing time does. Workers do this every second. Points and restrictions
/// that end are not here: they are effects with a day on which they are due.
pub async fn all(house: &House, actor: &Actor) -> Swept {
    let mut swept = Swept(vec![]);
    swept.note("effects", take_back_effects(house).await.map(|(again, dead)| again + dead));
    // With the database away, each of the others would say the same.
    if swept.is_away() {
        return swept;
    }
    swept.note("holds", end_holds(house, actor).await);
    swept.note("trust", trust::sweep(house, actor).await);
    swept.note("reminders", remind_brands(house, actor).await);
    swept.note("silence", end_silence(house, actor).await);
    swept.note("counter-notices", put_back(house).await);
    swept.note("approvals", end_approvals(house, actor).await);
    swept.note("payouts", release_payouts(house, actor).await);
    swept.note("second looks", quality::deal::sweep(house, actor).await);
    // Pages last: what the others did may be what they are about.
    swept.note("deadlines", on_call::page_deadlines(house, actor).await);
    swept.note("dead effects", on_call::watch_ledger(house, actor).await);
    swept.note("endpoints", on_call::watch_endpoints(house, actor).await);
    swept.note("the rota", on_call::watch_rota(house, actor).await);
    swept.note("unheard pages", on_call::climb(house, actor).await);
    swept.note("handled pages", on_call::end_handled(house, actor).await);
    swept
}

/// Puts held cases whose time is over back into the queue, at most 200 a call. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn end_holds(house: &House, actor: &Actor) -> Result<usize> {
    let now = house.clock.now();
    let over = cases::holds_over(&mut house.db.read().await?, now, 200).await?;
    let mut ended = 0;
    for id in over {
        ended += usize::from(end_hold(house, actor, id).await?);
    }
    Ok(ended)
}

async fn end_hold(house: &House, actor: &Actor, id: CaseId) -> Result<bool> {
    let mut tx = house.db.write().await?;
    let Some(mut case) = cases::get(&mut tx, id).await? else { return Ok(false) };
    let by = By::system(actor.id().clone());
    // Somebody else may have decided or released it since the list was made: then there is nothing to end.
    let Ok((state, _)) = step(&case.state, &Action::HoldRunsOut, &by, house.clock.now()) else { return Ok(false) };
    case.state = state;
    match cases::save(&mut tx, &mut case).await {
        Err(error) if error.is_race() => return Ok(false),
        saved => saved?,
    }
    let event = house.event(actor, "case.hold_ended", format!("case:{id}"), Some(id), json!({}));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the time that brands have to answer counter-notices, where it is over (see [`super::counter_notice::end_windows`]).
///
/// # Errors
/// What the store says.
pub async fn put_back(house: &House) -> Result<usize> {
    super::counter_notice::end_windows(house).await
}

/// Gives back outside effects whose worker stopped answering. Gives (due again, dead).
///
/// # Errors
/// What the store says.
pub async fn take_back_effects(house: &House) -> Result<(usize, usize)> {
    let mut tx = house.db.write().await?;
    let swept = carry::sweep(&mut tx, house.policy.attempts_max, house.clock.now()).await?;
    tx.commit().await?;
    Ok(swept)
}
