//! Effects that ended leave the hot table in the transaction that ends them, so that it holds what is open and nothing
//! else, however many there ever were.

use super::{
    super::db::{self, Column, Error, List, Result, Tx, row, run},
    carry,
};
use crate::domain::{effect::EffectState, ids::EffectId, time::Time};

row! {
    pub(super) struct EndedRow {
        id: String,
        kind: String,
        version: i64,
        lane: String,
        endpoint: String,
        payload: String,
        case_id: Option<String>,
        decision_id: Option<String>,
        trace: String,
        attempts: i64,
        due_at: i64,
        last_error: Option<String>,
        created_at: i64,
    }
}

/// Keeps rows that were just taken out of the hot table; `why` replaces what went wrong last. Gives their ids.
pub(super) async fn keep(
    tx: &mut Tx,
    ended: Vec<EndedRow>,
    state: EffectState,
    why: Option<&str>,
    now: Time,
) -> Result<Vec<EffectId>> {
    let text = |of: fn(&EndedRow) -> &str| Column::texts(ended.iter().map(of));
    let maybe = |of: fn(&EndedRow) -> Option<&str>| Column::maybe_texts(ended.iter().map(of));
    let int = |of: fn(&EndedRow) -> i64| Column::Int(ended.iter().map(of).collect());
    let columns = [
        text(|row| &row.id),
        text(|row| &row.kind),
        int(|row| row.version),
        text(|row| &row.lane),
        text(|row| &row.endpoint),
        text(|row| &row.payload),
        maybe(|row| row.case_id.as_deref()),
        maybe(|row| row.decision_id.as_deref()),
        text(|row| &row.trace),
        Column::texts(ended.iter().map(|_| state.as_str())),
        int(|row| row.attempts),
        int(|row| row.due_at),
        Column::maybe_texts(ended.iter().map(|row| why.or(row.last_error.as_deref()))),
        int(|row| row.created_at),
        Column::Int(ended.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO effects_done (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, last_error, created_at, ended_at)",
        columns,
        "",
    )
    .await?;
    carry::ids(ended.into_iter().map(|row| carry::IdRow { id: row.id }).collect())
}

/// Moves effects that this transaction has locked to the history as done; `add` is what the last attempt counts. The
/// payload never leaves the database for it.
///
/// # Errors
/// [`Error::Conflict`] if one of them is not there in this state: then nothing may be committed.
pub(super) async fn done(tx: &mut Tx, effects: &[EffectId], from: EffectState, add: i64, now: Time) -> Result<()> {
    let ids = || effects.iter().collect::<List>();
    // By id, as in [`carry::claim`].
    let kept = run!(
        tx,
        "INSERT INTO effects_done (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, created_at, ended_at)
         SELECT id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, 'done', attempts + $3, due_at, created_at, $4
         FROM effects WHERE id = ANY($1) AND state || '' = $2",
        ids(),
        from.as_str(),
        add,
        now.0
    )?;
    let gone = run!(tx, "DELETE FROM effects WHERE id = ANY($1) AND state || '' = $2", ids(), from.as_str())?;
    let all = effects.len() as u64;
    if kept == all && gone == all {
        Ok(())
    } else {
        Err(Error::Conflict(format!("{} of {all} claimed effects", all - kept.min(gone).min(all))))
    }
}
