//! Effects that ended leave the hot table in the transaction that ends them, so that it holds what is open and nothing
//! else, however many there ever were. The payload never leaves the database for it.

use super::{
    super::db::{Error, List, Result, Tx, all, moved},
    carry::{self, IdRow},
};
use crate::domain::{
    effect::EffectState,
    ids::{CaseId, DecisionId, EffectId},
    time::Time,
};

/// What the history keeps of an effect, with what its end says in SQL: state, attempts, what went wrong last, when.
macro_rules! ended {
    ($state:literal, $attempts:literal, $why:literal, $at:literal) => {
        concat!(
            "INSERT INTO effects_done (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, last_error, created_at, ended_at)
             SELECT id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, ", $state, ", ", $attempts, ", due_at, ", $why, ", created_at, ", $at
        )
    };
}

/// Moves effects that this transaction has locked to the history as done; `add` is what the last attempt counts.
///
/// # Errors
/// [`Error::Conflict`] if one of them is not there in this state: then nothing may be committed.
pub(super) async fn done(tx: &mut Tx, effects: &[EffectId], from: EffectState, add: i64, now: Time) -> Result<()> {
    // By id, as in [`carry::claim`].
    let moved = moved!(
        tx,
        ended!("'done'", "attempts + $3", "NULL", "$4"),
        "effects WHERE id = ANY($1) AND state || '' = $2",
        effects.iter().collect::<List>(),
        from.as_str(),
        add,
        now.0
    )?;
    match (effects.len() as u64).saturating_sub(moved) {
        0 => Ok(()),
        lost => Err(Error::Conflict(format!("{lost} of {} claimed effects", effects.len()))),
    }
}

/// Moves what a decision of this case still has due to the history as cancelled. Gives how many.
pub(super) async fn cancelled(tx: &mut Tx, case: CaseId, decision: DecisionId, now: Time) -> Result<u64> {
    // By the case, as ids in [`carry::claim`].
    moved!(
        tx,
        ended!("'cancelled'", "attempts", "last_error", "$3"),
        "effects WHERE case_id = $1 AND decision_id = $2 AND state || '' = 'due'",
        case.to_string(),
        decision.to_string(),
        now.0
    )
}

/// Moves those that are dead or due to the history as given up, for this reason. Gives their ids.
pub(super) async fn dropped(tx: &mut Tx, effects: &[EffectId], reason: &str, now: Time) -> Result<Vec<EffectId>> {
    let there = carry::ids(all!(
        tx,
        IdRow,
        "SELECT id FROM effects WHERE id = ANY($1) AND state IN ('dead', 'due') ORDER BY id FOR UPDATE",
        effects.iter().collect::<List>()
    )?)?;
    moved!(
        tx,
        ended!("'dropped'", "attempts", "$2", "$3"),
        "effects WHERE id = ANY($1)",
        there.iter().collect::<List>(),
        reason,
        now.0
    )?;
    Ok(there)
}
