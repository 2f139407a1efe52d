//! Requests for a second person's approval.

use super::db::{self, Column, Conn, Error, LAST_ID, Result, Tx, all, opt, row, run};
use crate::domain::{
    approval::{ApprovalState, Cause, Wanted, digest},
    ids::{ApprovalId, CaseId, OperatorId, SellerId},
    time::Time,
};

/// A request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Why it takes two.
    pub cause: Cause,
    /// What is asked for.
    pub wanted: Wanted,
    /// SHA-256 of the exact request.
    pub digest: String,
    /// Who asks: an operator, or a rule (`automatic:ladder`).
    pub by: OperatorId,
    /// When they asked.
    pub at: Time,
    /// When nobody may approve it any more.
    pub expires: Time,
    /// Where it stands.
    pub state: ApprovalState,
    /// Who answered, and when.
    pub answered: Option<(OperatorId, Time)>,
    /// Their words, or why it is void.
    pub answer: String,
}

row! {
    struct ApprovalRow {
        id: String,
        cause: String,
        request: String,
        digest: String,
        requested_by: String,
        requested_at: i64,
        expires_at: i64,
        state: String,
        answered_by: Option<String>,
        answered_at: Option<i64>,
        answer: String,
    }
}

/// What a row is read from, and which rows.
macro_rules! approvals {
    ($which:literal) => {
        concat!(
            "SELECT id, cause, request, digest, requested_by, requested_at, expires_at, state, answered_by,
             answered_at, answer FROM approvals ",
            $which
        )
    };
}

impl ApprovalRow {
    fn approval(self) -> Result<Approval> {
        let corrupt = |problem: String| Error::Corrupt { table: "approvals", id: self.id.clone(), problem };
        // Whoever changed the request behind our back must not have it approved.
        if digest(&self.request) != self.digest {
            return Err(corrupt("its hash is not that of its request".into()));
        }
        Ok(Approval {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            cause: self.cause.parse().map_err(corrupt)?,
            wanted: serde_json::from_str(&self.request).map_err(|e| corrupt(e.to_string()))?,
            by: self.requested_by.parse().map_err(|e| corrupt(format!("{e}")))?,
            at: Time(self.requested_at),
            expires: Time(self.expires_at),
            state: self.state.parse().map_err(corrupt)?,
            answered: match (self.answered_by, self.answered_at) {
                (Some(by), Some(at)) => {
                    let by = by.parse().map_err(|e| Error::Corrupt {
                        table: "approvals",
                        id: self.id.clone(),
                        problem: format!("{e}"),
                    })?;
                    Some((by, Time(at)))
                }
                _ => None,
            },
            digest: self.digest,
            answer: self.answer,
        })
    }
}

/// Writes a request.
///
/// # Errors
/// What the database says; a second open request about one thing is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, approval: &Approval) -> Result<()> {
    let request = approval.wanted.canonical().map_err(|e| Error::Corrupt {
        table: "approvals",
        id: approval.id.to_string(),
        problem: e.to_string(),
    })?;
    run!(
        tx,
        "INSERT INTO approvals (id, cause, subject, request, digest, requested_by, requested_at, expires_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending')",
        approval.id.to_string(),
        approval.cause.as_str(),
        approval.wanted.subject(),
        request,
        approval.digest.as_str(),
        approval.by.as_str(),
        approval.at.0,
        approval.expires.0
    )?;
    let cases = approval.wanted.cases();
    let columns = [
        Column::Text(cases.iter().map(|_| approval.id.to_string().into()).collect()),
        Column::Text(cases.iter().map(|seen| seen.case.to_string().into()).collect()),
    ];
    db::insert(tx, "INSERT INTO approval_cases (approval_id, case_id)", columns, "").await?;
    Ok(())
}

/// Answers an open request; `false` if somebody or something was faster.
///
/// # Errors
/// What the database says; an approver who is the requester is refused by a check.
pub async fn answer(
    tx: &mut Tx,
    id: ApprovalId,
    state: ApprovalState,
    by: &OperatorId,
    words: &str,
    now: Time,
) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE approvals SET state = $2, answered_by = $3, answered_at = $4, answer = $5 WHERE id = $1 AND state = 'pending'",
        id.to_string(),
        state.as_str(),
        by.as_str(),
        now.0,
        words
    )?;
    Ok(changed == 1)
}

/// The request with this id, locked until the transaction ends.
///
/// # Errors
/// What the database says, a row that can't be read back, or one whose hash is not that of its request.
pub async fn lock(tx: &mut Tx, id: ApprovalId) -> Result<Option<Approval>> {
    opt!(tx, ApprovalRow, approvals!("WHERE id = $1 FOR UPDATE"), id.to_string())?
        .map(ApprovalRow::approval)
        .transpose()
}

/// The request with this id.
///
/// # Errors
/// As [`lock`].
pub async fn get(conn: &mut Conn, id: ApprovalId) -> Result<Option<Approval>> {
    opt!(conn, ApprovalRow, approvals!("WHERE id = $1"), id.to_string())?.map(ApprovalRow::approval).transpose()
}

/// The open request about one thing (see [`Wanted::subject`]).
///
/// # Errors
/// As [`lock`].
pub async fn pending_about(conn: &mut Conn, subject: &str) -> Result<Option<Approval>> {
    opt!(conn, ApprovalRow, approvals!("WHERE subject = $1 AND state = 'pending'"), subject)?
        .map(ApprovalRow::approval)
        .transpose()
}

/// Open requests that this case is in, or that are about its seller's account, those first that are over soonest, at most 5.
///
/// # Errors
/// As [`lock`].
pub async fn pending_on(conn: &mut Conn, case: CaseId, seller: &SellerId) -> Result<Vec<Approval>> {
    all!(
        conn,
        ApprovalRow,
        approvals!(
            "WHERE state = 'pending' AND (subject = $1 OR subject = $2
                    OR id IN (SELECT approval_id FROM approval_cases WHERE case_id = $3))
             ORDER BY expires_at, id LIMIT 5"
        ),
        format!("seller:{seller}"),
        format!("linked:{seller}"),
        case.to_string()
    )?
    .into_iter()
    .map(ApprovalRow::approval)
    .collect()
}

/// Whether somebody said no to exactly this.
///
/// # Errors
/// What the database says.
pub async fn was_refused(conn: &mut Conn, digest: &str) -> Result<bool> {
    row! { struct IdRow { _id: String, } }
    let row =
        opt!(conn, IdRow, "SELECT id AS _id FROM approvals WHERE digest = $1 AND state = 'refused' LIMIT 1", digest)?;
    Ok(row.is_some())
}

/// The queue of second persons: open requests, those first that are over soonest, after a moment and id if given.
///
/// # Errors
/// As [`lock`].
pub async fn queue(conn: &mut Conn, after: Option<(Time, ApprovalId)>, limit: i64) -> Result<Vec<Approval>> {
    let (moment, id) = after.map_or((i64::MIN, String::new()), |(moment, id)| (moment.0, id.to_string()));
    all!(
        conn,
        ApprovalRow,
        approvals!(
            "WHERE state = 'pending' AND (expires_at > $1 OR expires_at = $1 AND id > $2)
             ORDER BY expires_at, id LIMIT $3"
        ),
        moment,
        id,
        limit
    )?
    .into_iter()
    .map(ApprovalRow::approval)
    .collect()
}

/// Requests in a state or in any, newest first, below the id `before` if given.
///
/// # Errors
/// As [`lock`].
pub async fn list(
    conn: &mut Conn,
    state: Option<ApprovalState>,
    before: Option<ApprovalId>,
    limit: i64,
) -> Result<Vec<Approval>> {
    let before = before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string());
    all!(
        conn,
        ApprovalRow,
        approvals!("WHERE id < $1 AND ($2 = '' OR state = $2) ORDER BY id DESC LIMIT $3"),
        before,
        state.map_or("", ApprovalState::as_str),
        limit
    )?
    .into_iter()
    .map(ApprovalRow::approval)
    .collect()
}
