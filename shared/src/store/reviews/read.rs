//! What leads read of reviews, and what has to be known to deal them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        decision::Verdict,
        ids::{CaseId, OperatorId, SampleId},
        quality::{Answer, ReviewState, SampleKind},
        time::Time,
    },
    store::db::{Conn, Error, List, Result, all, row},
};

/// A settled answer beside what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The review.
    pub review: CaseId,
    /// What it is a review of.
    pub sample: SampleId,
    /// The real case.
    pub case: CaseId,
    /// Where the comparison stands.
    pub state: ReviewState,
    /// The two verdicts and who gave them.
    pub answer: Answer,
    /// The reviewer's words.
    pub note: String,
    /// When they answered.
    pub at: Time,
}

row! {
    struct ComparedRow {
        id: String,
        sample_id: String,
        case_id: String,
        state: String,
        kind: String,
        decided_by: String,
        compared_outcome: String,
        compared_reason: String,
        reviewer: String,
        outcome: String,
        reason: String,
        note: String,
        answered_at: i64,
        ruled_outcome: Option<String>,
        ruled_reason: Option<String>,
    }
}

impl ComparedRow {
    fn read(self) -> Result<Compared> {
        let id = self.id.clone();
        let corrupt = |problem: String| Error::Corrupt { table: "reviews", id: id.clone(), problem };
        let ruled = match (&self.ruled_outcome, &self.ruled_reason) {
            (Some(outcome), Some(reason)) => Some(Verdict::from_stored(outcome, reason).map_err(corrupt)?),
            _ => None,
        };
        Ok(Compared {
            review: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            sample: self.sample_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            case: self.case_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            state: self.state.parse().map_err(corrupt)?,
            answer: Answer {
                kind: self.kind.parse().map_err(corrupt)?,
                decided_by: self.decided_by.parse().map_err(|e| corrupt(format!("{e}")))?,
                compared: Verdict::from_stored(&self.compared_outcome, &self.compared_reason).map_err(corrupt)?,
                reviewer: self.reviewer.parse().map_err(|e| corrupt(format!("{e}")))?,
                given: Verdict::from_stored(&self.outcome, &self.reason).map_err(corrupt)?,
                ruled,
            },
            note: self.note,
            at: Time(self.answered_at),
        })
    }
}

/// The columns of a comparison.
macro_rules! compared {
    ($where:literal) => {
        concat!(
            "SELECT r.id, r.sample_id, s.case_id, r.state, s.kind, s.decided_by, s.outcome AS compared_outcome,
                    s.reason AS compared_reason, r.reviewer, r.outcome, r.reason, r.note, r.answered_at, r.ruled_outcome,
                    r.ruled_reason
             FROM reviews r JOIN samples s ON s.id = r.sample_id WHERE ",
            $where
        )
    };
}

/// The answers since `since` that count, the newest first, at most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn compared(conn: &mut Conn, since: Time, limit: i64) -> Result<Vec<Compared>> {
    all!(
        conn,
        ComparedRow,
        compared!(
            "r.answered_at IS NOT NULL AND r.answered_at >= $1 AND r.state IN ('agreed', 'disagreed', 'ruled')
             ORDER BY r.answered_at DESC, r.id DESC LIMIT $2"
        ),
        since.0,
        limit
    )?
    .into_iter()
    .map(ComparedRow::read)
    .collect()
}

/// Disagreements that wait for a lead, oldest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn disagreements(conn: &mut Conn, limit: i64) -> Result<Vec<Compared>> {
    all!(conn, ComparedRow, compared!("r.state = 'disagreed' ORDER BY r.answered_at, r.id LIMIT $1"), limit)?
        .into_iter()
        .map(ComparedRow::read)
        .collect()
}

row! {
    struct CountRow { reviewer: String, n: i64, }
}

/// Counts by reviewer.
pub type Rated = BTreeMap<String, i64>;

/// How many reviews wait for each reviewer.
///
/// # Errors
/// What the database says.
pub async fn waiting(conn: &mut Conn) -> Result<Rated> {
    let rows = all!(
        conn,
        CountRow,
        "SELECT reviewer, count(*) AS n FROM reviews WHERE state IN ('open', 'held') GROUP BY reviewer LIMIT 1000"
    )?;
    Ok(rows.into_iter().map(|row| (row.reviewer, row.n)).collect())
}

/// How many golden cases each reviewer got since `since`.
///
/// # Errors
/// What the database says.
pub async fn golden_dealt(conn: &mut Conn, since: Time) -> Result<Rated> {
    let rows = all!(
        conn,
        CountRow,
        "SELECT r.reviewer, count(*) AS n FROM samples s JOIN reviews r ON r.sample_id = s.id
         WHERE s.kind = $2 AND r.dealt_at >= $1 GROUP BY r.reviewer LIMIT 1000",
        since.0,
        SampleKind::Golden.as_str()
    )?;
    Ok(rows.into_iter().map(|row| (row.reviewer, row.n)).collect())
}

row! {
    struct SeenRow { sample_id: String, reviewer: String, }
}

/// Which of these samples which reviewers had before them.
///
/// # Errors
/// What the database says.
pub async fn seen(conn: &mut Conn, samples: &[SampleId]) -> Result<BTreeSet<(String, OperatorId)>> {
    all!(
        conn,
        SeenRow,
        "SELECT sample_id, reviewer FROM reviews WHERE sample_id = ANY($1)",
        samples.iter().collect::<List>()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "reviews", id: row.sample_id.clone(), problem };
        let reviewer = row.reviewer.parse().map_err(|e| corrupt(format!("{e}")))?;
        Ok((row.sample_id.clone(), reviewer))
    })
    .collect()
}
