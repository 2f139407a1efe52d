//! What a second look is taken at: sampled decisions, sampled automatic removals, golden cases.

use std::collections::BTreeSet;

use super::db::{self, Column, Conn, Error, List, Result, Tx, all, opt, row, run};
use crate::domain::{
    decision::Verdict,
    ids::{CaseId, DecisionId, OperatorId, SampleId},
    quality::SampleKind,
    time::Time,
};

/// A decision, or golden case, that a second look is taken at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its id.
    pub id: SampleId,
    /// What it was drawn from.
    pub kind: SampleKind,
    /// The case.
    pub case: CaseId,
    /// The decision on it.
    pub decision: DecisionId,
    /// Who decided, and so is never asked: a person or a rule.
    pub decided_by: OperatorId,
    /// What answers are compared with: the decision's own verdict, or for a golden case the right one.
    pub verdict: Verdict,
    /// Why it is here, in the words of whoever added it; for those drawn by chance empty.
    pub note: String,
    /// Who drew it.
    pub drawn_by: OperatorId,
    /// When.
    pub drawn: Time,
    /// When it was dealt to its reviewer; for a golden case, when it was retired.
    pub closed: Option<Time>,
}

row! {
    struct SampleRow {
        id: String,
        kind: String,
        case_id: String,
        decision_id: String,
        decided_by: String,
        outcome: String,
        reason: String,
        note: String,
        drawn_by: String,
        drawn_at: i64,
        closed_at: Option<i64>,
    }
}

impl SampleRow {
    fn sample(self) -> Result<Sample> {
        let corrupt = |problem: String| Error::Corrupt { table: "samples", id: self.id.clone(), problem };
        Ok(Sample {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            kind: self.kind.parse().map_err(corrupt)?,
            case: self.case_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            decision: self.decision_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            decided_by: self.decided_by.parse().map_err(|e| corrupt(format!("{e}")))?,
            verdict: Verdict::from_stored(&self.outcome, &self.reason).map_err(corrupt)?,
            note: self.note,
            drawn_by: self.drawn_by.parse().map_err(|e| corrupt(format!("{e}")))?,
            drawn: Time(self.drawn_at),
            closed: self.closed_at.map(Time),
        })
    }
}

/// Writes samples; a decision that was drawn before for the same kind is left as it is. Gives how many are new.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, samples: &[Sample]) -> Result<u64> {
    let columns = [
        Column::texts(samples.iter().map(|s| s.id.to_string())),
        Column::texts(samples.iter().map(|s| s.kind.as_str())),
        Column::texts(samples.iter().map(|s| s.case.to_string())),
        Column::texts(samples.iter().map(|s| s.decision.to_string())),
        Column::texts(samples.iter().map(|s| s.decided_by.as_str())),
        Column::texts(samples.iter().map(|s| s.verdict.outcome())),
        Column::texts(samples.iter().map(|s| s.verdict.reason())),
        Column::texts(samples.iter().map(|s| s.note.as_str())),
        Column::texts(samples.iter().map(|s| s.drawn_by.as_str())),
        Column::Int(samples.iter().map(|s| s.drawn.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO samples (id, kind, case_id, decision_id, decided_by, outcome, reason, note, drawn_by, drawn_at)",
        columns,
        "ON CONFLICT DO NOTHING",
    )
    .await
}

/// The sample with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: SampleId) -> Result<Option<Sample>> {
    opt!(
        conn,
        SampleRow,
        "SELECT id, kind, case_id, decision_id, decided_by, outcome, reason, note, drawn_by, drawn_at, closed_at
         FROM samples WHERE id = $1",
        id.to_string()
    )?
    .map(SampleRow::sample)
    .transpose()
}

/// Those of these kinds that are not closed, oldest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn open(conn: &mut Conn, kinds: &[SampleKind], limit: i64) -> Result<Vec<Sample>> {
    all!(
        conn,
        SampleRow,
        "SELECT id, kind, case_id, decision_id, decided_by, outcome, reason, note, drawn_by, drawn_at, closed_at
         FROM samples WHERE kind = ANY($1) AND closed_at IS NULL ORDER BY id LIMIT $2",
        kinds.iter().collect::<List>(),
        limit
    )?
    .into_iter()
    .map(SampleRow::sample)
    .collect()
}

/// Closes a sample: dealt, or retired. Gives whether it was open.
///
/// # Errors
/// What the database says.
pub async fn close(tx: &mut Tx, id: SampleId, now: Time) -> Result<bool> {
    let closed =
        run!(tx, "UPDATE samples SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL", id.to_string(), now.0)?;
    Ok(closed == 1)
}

/// Opens a sample again whose reviewer passed it on.
///
/// # Errors
/// What the database says.
pub async fn reopen(tx: &mut Tx, id: SampleId) -> Result<()> {
    run!(tx, "UPDATE samples SET closed_at = NULL WHERE id = $1", id.to_string())?;
    Ok(())
}

row! {
    struct PeriodRow { period: i64, }
}

/// The periods from `from` on whose decisions are drawn, at most 100.
///
/// # Errors
/// What the database says.
pub async fn drawn_since(conn: &mut Conn, from: i64) -> Result<BTreeSet<i64>> {
    let rows =
        all!(conn, PeriodRow, "SELECT period FROM sample_periods WHERE period >= $1 ORDER BY period LIMIT 100", from)?;
    Ok(rows.into_iter().map(|row| row.period).collect())
}

/// Notes that a period's decisions are drawn; `false` if somebody did before, and then nothing is left to do.
///
/// # Errors
/// What the database says.
pub async fn begin_period(tx: &mut Tx, period: i64, now: Time) -> Result<bool> {
    let begun = run!(
        tx,
        "INSERT INTO sample_periods (period, drawn_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        period,
        now.0
    )?;
    Ok(begun == 1)
}
