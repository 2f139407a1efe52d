//! Samples before their reviewers. A review is shown and answered as if it were the case itself: its id is in the form of
//! a case's, and lists and dossier tell nothing else. No effect, strike or letter ever comes of one.

mod face;
mod read;

pub use self::{
    face::{Face, dossier, version_shown},
    read::{Compared, Rated, compared, disagreements, golden_dealt, seen, waiting},
};
use super::{
    cases::Lease,
    db::{Conn, Error, List, Result, Tx, all, opt, row, run},
};
use crate::domain::{
    case::State,
    decision::Verdict,
    ids::{CaseId, DecisionId, OperatorId, SampleId},
    quality::ReviewState,
    time::Time,
};

/// What a reviewer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The verdict.
    pub verdict: Verdict,
    /// In their words.
    pub note: String,
    /// When.
    pub at: Time,
}

/// A sample before one reviewer.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// Its id, in the form of a case's.
    pub id: CaseId,
    /// What it is a review of.
    pub sample: SampleId,
    /// The decision that it is a review of.
    pub decision: DecisionId,
    /// Who is asked.
    pub reviewer: OperatorId,
    /// Where it stands.
    pub state: ReviewState,
    /// While it is held: until when, and what is waited for.
    pub held: Option<(Time, String)>,
    /// Counts every change; a save names the version it saw.
    pub version: i64,
    /// Its place in the queue.
    pub rank: i64,
    /// What the queue shows.
    pub face: Face,
    /// When it was put before the reviewer: all moments that it shows are moved by as much as lies between the decision
    /// and this one.
    pub dealt: Time,
    /// The reviewer's lease, if it lives.
    pub lease: Option<Lease>,
    /// The answer.
    pub given: Option<Given>,
}

impl Review {
    /// Where the case seems to stand, for the transition table.
    #[must_use]
    pub fn as_case(&self) -> State {
        match (&self.given, &self.held) {
            (Some(given), _) => {
                State::Decided { verdict: given.verdict, decision: self.decision, by: self.reviewer.clone() }
            }
            (None, Some((until, reason))) => {
                State::Held { by: self.reviewer.clone(), until: *until, reason: reason.clone(), desk: None }
            }
            (None, None) => State::Open { assigned: None, desk: None },
        }
    }
}

row! {
    struct ReviewRow {
        id: String,
        sample_id: String,
        decision_id: String,
        reviewer: String,
        state: String,
        version: i64,
        rank: i64,
        face: String,
        dealt_at: i64,
        held_until: Option<i64>,
        hold_reason: Option<String>,
        lease_until: Option<i64>,
        outcome: Option<String>,
        reason: Option<String>,
        note: Option<String>,
        answered_at: Option<i64>,
    }
}

impl ReviewRow {
    fn review(self) -> Result<Review> {
        let corrupt = |problem: String| Error::Corrupt { table: "reviews", id: self.id.clone(), problem };
        let reviewer: OperatorId = self.reviewer.parse().map_err(|e| corrupt(format!("{e}")))?;
        let given = match (&self.outcome, &self.reason, self.answered_at) {
            (Some(outcome), Some(reason), Some(at)) => Some(Given {
                verdict: Verdict::from_stored(outcome, reason).map_err(corrupt)?,
                note: self.note.clone().unwrap_or_default(),
                at: Time(at),
            }),
            _ => None,
        };
        Ok(Review {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            sample: self.sample_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            decision: self.decision_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            state: self.state.parse().map_err(corrupt)?,
            held: self.held_until.map(|until| (Time(until), self.hold_reason.clone().unwrap_or_default())),
            version: self.version,
            rank: self.rank,
            face: serde_json::from_str(&self.face).map_err(|e| corrupt(e.to_string()))?,
            dealt: Time(self.dealt_at),
            lease: self.lease_until.map(|until| Lease { by: reviewer.clone(), until: Time(until) }),
            reviewer,
            given,
        })
    }
}

/// The columns of a review.
macro_rules! review {
    ($where:literal) => {
        concat!(
            "SELECT r.id, r.sample_id, s.decision_id, r.reviewer, r.state, r.version, r.rank, r.face, r.dealt_at, r.held_until,
                    r.hold_reason, CASE WHEN r.lease_until > db_now() THEN r.lease_until END AS lease_until, r.outcome, r.reason,
                    r.note, r.answered_at
             FROM reviews r JOIN samples s ON s.id = r.sample_id WHERE ",
            $where
        )
    };
}

/// The review with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: CaseId) -> Result<Option<Review>> {
    opt!(conn, ReviewRow, review!("r.id = $1"), id.to_string())?.map(ReviewRow::review).transpose()
}

/// What waits for one reviewer, in the order of the queue, at most 50.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of(conn: &mut Conn, reviewer: &OperatorId) -> Result<Vec<Review>> {
    all!(
        conn,
        ReviewRow,
        review!("r.reviewer = $1 AND r.state IN ('open', 'held') ORDER BY r.rank, r.id LIMIT 50"),
        reviewer.as_str()
    )?
    .into_iter()
    .map(ReviewRow::review)
    .collect()
}

/// What one reviewer must not see the decision of: what waits for them, and what they answered and may still answer
/// otherwise; at most 100.
///
/// # Errors
/// As [`of`].
pub async fn blinding(conn: &mut Conn, reviewer: &OperatorId) -> Result<Vec<Review>> {
    let mut blinding = of(conn, reviewer).await?;
    let answered = all!(
        conn,
        ReviewRow,
        review!("r.reviewer = $1 AND r.state = 'answered' ORDER BY r.answered_at DESC, r.id LIMIT 50"),
        reviewer.as_str()
    )?;
    for row in answered {
        blinding.push(row.review()?);
    }
    Ok(blinding)
}

/// Puts a sample before its reviewer.
///
/// # Errors
/// What the database says; the same sample before the same person twice is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, review: &Review) -> Result<()> {
    let face = serde_json::to_string(&review.face).map_err(|e| Error::Corrupt {
        table: "reviews",
        id: review.id.to_string(),
        problem: e.to_string(),
    })?;
    run!(
        tx,
        "INSERT INTO reviews (id, sample_id, reviewer, state, version, rank, face, dealt_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        review.id.to_string(),
        review.sample.to_string(),
        review.reviewer.as_str(),
        review.state.as_str(),
        review.version,
        review.rank,
        face,
        review.dealt.0
    )?;
    Ok(())
}

/// Saves a review whose version was `seen`, counts its version up, and ends the lease.
///
/// # Errors
/// [`Error::Conflict`] if it changed since; then nothing is written.
pub async fn save(tx: &mut Tx, review: &Review) -> Result<()> {
    let given = review.given.as_ref();
    let changed = run!(
        tx,
        "UPDATE reviews SET state = $3, version = version + 1, held_until = $4, hold_reason = $5, lease_until = NULL, outcome = $6,
                reason = $7, note = $8, answered_at = $9 WHERE id = $1 AND version = $2",
        review.id.to_string(),
        review.version,
        review.state.as_str(),
        review.held.as_ref().map(|(until, _)| until.0),
        review.held.as_ref().map(|(_, reason)| reason.as_str()),
        given.map(|given| given.verdict.outcome()),
        given.map(|given| given.verdict.reason()),
        given.map(|given| given.note.as_str()),
        given.map(|given| given.at.0)
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict(format!("case {}", review.id))) }
}

row! {
    struct IdRow { id: String, }
}

fn id(row: IdRow) -> Result<CaseId> {
    row.id.parse().map_err(|e| Error::Corrupt { table: "reviews", id: row.id.clone(), problem: format!("{e}") })
}

/// As [`super::cases::lease`].
///
/// # Errors
/// What the database says.
pub async fn lease(tx: &mut Tx, ids: &[CaseId], by: &OperatorId, span: std::time::Duration) -> Result<Vec<CaseId>> {
    all!(
        tx,
        IdRow,
        "UPDATE reviews SET lease_until = db_now() + $3 WHERE id = ANY($1) AND reviewer = $2 AND state IN ('open', 'held')
         RETURNING id",
        ids.iter().collect::<List>(),
        by.as_str(),
        i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
    )?
    .into_iter()
    .map(id)
    .collect()
}

/// As [`super::cases::release`].
///
/// # Errors
/// What the database says.
pub async fn release(tx: &mut Tx, ids: Option<&[CaseId]>, by: &OperatorId) -> Result<()> {
    match ids {
        Some(ids) => run!(
            tx,
            "UPDATE reviews SET lease_until = NULL WHERE id = ANY($1) AND reviewer = $2",
            ids.iter().collect::<List>(),
            by.as_str()
        )?,
        None => run!(
            tx,
            "UPDATE reviews SET lease_until = NULL WHERE reviewer = $1 AND state IN ('open', 'held') AND lease_until IS NOT NULL",
            by.as_str()
        )?,
    };
    Ok(())
}

/// Ends the holds that are over at `now`, at most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn end_holds(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<CaseId>> {
    all!(
        tx,
        IdRow,
        "UPDATE reviews SET state = 'open', version = version + 1, held_until = NULL, hold_reason = NULL
         WHERE id IN (SELECT id FROM reviews WHERE held_until IS NOT NULL AND held_until <= $1 LIMIT $2) AND state = 'held'
         RETURNING id",
        now.0,
        limit
    )?
    .into_iter()
    .map(id)
    .collect()
}

row! {
    struct SettledRow { id: String, state: String, }
}

/// Compares the answers given until `until`, at most `limit`; gives them with where they stand now.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn settle(tx: &mut Tx, until: Time, limit: i64) -> Result<Vec<(CaseId, ReviewState)>> {
    all!(
        tx,
        SettledRow,
        "UPDATE reviews SET version = version + 1, state = CASE WHEN outcome || ' ' || reason
                = (SELECT s.outcome || ' ' || s.reason FROM samples s WHERE s.id = reviews.sample_id) THEN 'agreed' ELSE 'disagreed' END
         WHERE id IN (SELECT id FROM reviews WHERE state = 'answered' AND answered_at <= $1 ORDER BY answered_at LIMIT $2)
               AND state = 'answered' RETURNING id, state",
        until.0,
        limit
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "reviews", id: row.id.clone(), problem };
        Ok((row.id.parse().map_err(|e| corrupt(format!("{e}")))?, row.state.parse().map_err(corrupt)?))
    })
    .collect()
}

/// Writes a lead's ruling on a disagreement. Gives whether there was one to rule on.
///
/// # Errors
/// What the database says.
pub async fn rule(tx: &mut Tx, id: CaseId, right: Verdict, note: &str, by: &OperatorId, now: Time) -> Result<bool> {
    let ruled = run!(
        tx,
        "UPDATE reviews SET state = 'ruled', version = version + 1, ruled_outcome = $2, ruled_reason = $3, ruled_note = $4,
                ruled_by = $5, ruled_at = $6 WHERE id = $1 AND state = 'disagreed'",
        id.to_string(),
        right.outcome(),
        right.reason(),
        note,
        by.as_str(),
        now.0
    )?;
    Ok(ruled == 1)
}
