//! Decisions: one a round of a case, kept when they are taken back.

use super::db::{Conn, Error, List, Result, Tx, all, row, run};
use crate::domain::{
    decision::Verdict,
    ids::{BrandId, CaseId, DecisionId, OperatorId, SellerId},
    time::Time,
};

/// What was decided in one round of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// On which case.
    pub case: CaseId,
    /// Whose case it is.
    pub brand: BrandId,
    /// In which round.
    pub round: i64,
    /// What.
    pub verdict: Verdict,
    /// The decider's words, for colleagues.
    pub note: String,
    /// Who decided.
    pub by: OperatorId,
    /// When.
    pub at: Time,
    /// Whether a rule decided and no person.
    pub automated: bool,
    /// The second person who agreed, where it took one.
    pub approved_by: Option<OperatorId>,
    /// Who took it back, and when.
    pub undone: Option<(OperatorId, Time)>,
}

/// Writes a decision.
///
/// # Errors
/// What the database says; a second decision in one round is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, decision: &Decision) -> Result<()> {
    run!(
        tx,
        "INSERT INTO decisions (id, case_id, brand_id, round, outcome, reason, note, decided_by, decided_at, automated)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        decision.id.to_string(),
        decision.case.to_string(),
        decision.brand.as_str(),
        decision.round,
        decision.verdict.outcome(),
        decision.verdict.reason(),
        decision.note.as_str(),
        decision.by.as_str(),
        decision.at.0,
        i64::from(decision.automated)
    )?;
    Ok(())
}

/// Writes down the second person who agreed to a decision.
///
/// # Errors
/// What the database says.
pub async fn approved(tx: &mut Tx, ids: &[DecisionId], by: &OperatorId) -> Result<()> {
    run!(tx, "UPDATE decisions SET approved_by = $2 WHERE id = ANY($1)", ids.iter().collect::<List>(), by.as_str())?;
    Ok(())
}

/// Marks a decision as taken back.
///
/// # Errors
/// What the database says.
pub async fn take_back(tx: &mut Tx, id: DecisionId, by: &OperatorId, at: Time) -> Result<()> {
    run!(
        tx,
        "UPDATE decisions SET undone_by = $2, undone_at = $3 WHERE id = $1 AND undone_at IS NULL",
        id.to_string(),
        by.as_str(),
        at.0
    )?;
    Ok(())
}

row! {
    struct DecisionRow {
        id: String,
        case_id: String,
        brand_id: String,
        round: i64,
        outcome: String,
        reason: String,
        note: String,
        decided_by: String,
        decided_at: i64,
        automated: i64,
        approved_by: Option<String>,
        undone_by: Option<String>,
        undone_at: Option<i64>,
    }
}

/// What a row is read from, and which rows.
macro_rules! decisions {
    ($which:literal) => {
        concat!(
            "SELECT id, case_id, brand_id, round, outcome, reason, note, decided_by, decided_at, automated,
             approved_by, undone_by, undone_at FROM decisions ",
            $which
        )
    };
}

/// The decisions with these ids.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get_many(conn: &mut Conn, ids: &[DecisionId]) -> Result<Vec<Decision>> {
    let rows = all!(conn, DecisionRow, decisions!("WHERE id = ANY($1)"), ids.iter().collect::<List>())?;
    rows.into_iter().map(decision).collect()
}

/// The newest decisions of one operator, newest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn by(conn: &mut Conn, by: &OperatorId, limit: i64) -> Result<Vec<Decision>> {
    let rows =
        all!(conn, DecisionRow, decisions!("WHERE decided_by = $1 ORDER BY id DESC LIMIT $2"), by.as_str(), limit)?;
    rows.into_iter().map(decision).collect()
}

/// Decisions about a seller's listings, newest first, at most `limit`, from the first `cases` of the seller's cases in the
/// order of [`super::queue::about_seller`].
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn about_seller(conn: &mut Conn, seller: &SellerId, cases: i64, limit: i64) -> Result<Vec<Decision>> {
    let rows = all!(
        conn,
        DecisionRow,
        "SELECT d.id, d.case_id, d.brand_id, d.round, d.outcome, d.reason, d.note, d.decided_by, d.decided_at, d.automated,
                d.approved_by, d.undone_by, d.undone_at
         FROM (SELECT id FROM cases WHERE seller_id = $1 ORDER BY rank DESC, id DESC LIMIT $2) c
         JOIN decisions d ON d.case_id = c.id ORDER BY d.decided_at DESC, d.id DESC LIMIT $3",
        seller.as_str(),
        cases,
        limit
    )?;
    rows.into_iter().map(decision).collect()
}

/// What one person decided under ids from `from` up to `until`, as far as it stands, at most 5,000.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn standing_of(conn: &mut Conn, by: &OperatorId, from: String, until: String) -> Result<Vec<Decision>> {
    let rows = all!(
        conn,
        DecisionRow,
        decisions!(
            "WHERE decided_by = $1 AND id >= $2 AND id < $3 AND automated = 0 AND undone_at IS NULL
             ORDER BY id LIMIT 5000"
        ),
        by.as_str(),
        from,
        until
    )?;
    rows.into_iter().map(decision).collect()
}

fn decision(row: DecisionRow) -> Result<Decision> {
    let corrupt = |problem: String| Error::Corrupt { table: "decisions", id: row.id.clone(), problem };
    let undone = match (row.undone_by, row.undone_at) {
        (Some(by), Some(at)) => Some((by.parse().map_err(|e| corrupt(format!("{e}")))?, Time(at))),
        _ => None,
    };
    Ok(Decision {
        id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
        case: row.case_id.parse().map_err(|e| corrupt(format!("{e}")))?,
        brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
        round: row.round,
        verdict: Verdict::from_stored(&row.outcome, &row.reason).map_err(corrupt)?,
        note: row.note,
        approved_by: row.approved_by.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
        by: row.decided_by.parse().map_err(|e| corrupt(format!("{e}")))?,
        at: Time(row.decided_at),
        automated: row.automated == 1,
        undone,
    })
}
