//! Authenticity requests and the clearances that come of them.

mod clearances;

pub use self::clearances::{Clearance, clear, clearances, lift, lift_of_case};

use super::db::{Conn, Error, Result, Tx, all, opt, row, run};
use crate::domain::{
    authenticity::{Silence, State},
    ids::{BrandId, CaseId, ListingId, OperatorId, RequestId},
    time::Time,
};

/// A question to a rights holder, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: RequestId,
    /// The case it was asked for.
    pub case: CaseId,
    /// Who is asked.
    pub brand: BrandId,
    /// About which listing.
    pub listing: ListingId,
    /// In which version of its content.
    pub snapshot_version: i64,
    /// The template's name.
    pub template: String,
    /// The question in a few words.
    pub title: String,
    /// The question; strangers' words in it are clean.
    pub question: String,
    /// What follows when no answer comes, as the rights holder was told.
    pub silence: Silence,
    /// Who asked.
    pub asked_by: OperatorId,
    /// When.
    pub asked: Time,
    /// When the reminder goes out.
    pub remind: Time,
    /// When it went out.
    pub reminded: Option<Time>,
    /// When the answer is due.
    pub until: Time,
    /// When the link in the letter ends.
    pub link_until: Time,
    /// What makes its link another than every other one.
    pub nonce: ulid::Ulid,
    /// Where it stands.
    pub state: State,
    /// What the rights holder added: text of a stranger, at most 2,000 characters.
    pub note: String,
    /// Who ended it (`brand:acme` for an answer), and when.
    pub ended: Option<(OperatorId, Time)>,
}

/// Writes a request.
///
/// # Errors
/// What the database says; a second open one of a case is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, request: &Request) -> Result<()> {
    run!(
        tx,
        "INSERT INTO authenticity_requests (id, case_id, brand_id, listing_id, snapshot_version, template, title, question, silence,
                asked_by, asked_at, remind_at, until, link_until, link_nonce, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'open')",
        request.id.to_string(),
        request.case.to_string(),
        request.brand.as_str(),
        request.listing.as_str(),
        request.snapshot_version,
        request.template.as_str(),
        request.title.as_str(),
        request.question.as_str(),
        request.silence.as_str(),
        request.asked_by.as_str(),
        request.asked.0,
        request.remind.0,
        request.until.0,
        request.link_until.0,
        request.nonce.to_string()
    )?;
    Ok(())
}

/// Moves a request on from the state in which it was seen.
///
/// # Errors
/// [`Error::Conflict`] if somebody else moved it first; then nothing is written.
pub async fn save(tx: &mut Tx, seen: State, request: &Request) -> Result<()> {
    let answer = match request.state {
        State::Answered(answer) => Some(answer.as_str()),
        _ => None,
    };
    let changed = run!(
        tx,
        "UPDATE authenticity_requests SET state = $3, answer = $4, note = $5, ended_by = $6, ended_at = $7, pauses = $8, silence = $9
         WHERE id = $1 AND state = $2",
        request.id.to_string(),
        seen.as_str(),
        request.state.as_str(),
        answer,
        request.note.as_str(),
        request.ended.as_ref().map(|(by, _)| by.as_str()),
        request.ended.as_ref().map(|(_, at)| at.0),
        i64::from(request.state.pauses()),
        request.silence.as_str()
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict(format!("request {}", request.id))) }
}

row! {
    struct RequestRow {
        id: String,
        case_id: String,
        brand_id: String,
        listing_id: String,
        snapshot_version: i64,
        template: String,
        title: String,
        question: String,
        silence: String,
        asked_by: String,
        asked_at: i64,
        remind_at: i64,
        reminded_at: Option<i64>,
        until: i64,
        link_until: i64,
        link_nonce: String,
        state: String,
        answer: Option<String>,
        note: String,
        ended_by: Option<String>,
        ended_at: Option<i64>,
    }
}

impl RequestRow {
    fn request(self) -> Result<Request> {
        let id = self.id.clone();
        self.read().map_err(|problem| Error::Corrupt { table: "authenticity_requests", id, problem })
    }

    fn read(self) -> std::result::Result<Request, String> {
        fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> std::result::Result<T, String> {
            text.parse().map_err(|e: T::Err| e.to_string())
        }
        let silence: Silence = parse(&self.silence)?;
        let state = match (self.state.as_str(), self.answer) {
            ("open", None) => State::Open,
            ("answered", Some(answer)) => State::Answered(parse(&answer)?),
            ("silent", None) => State::Silent(silence),
            ("withdrawn", None) => State::Withdrawn,
            (state, answer) => return Err(format!("state {state} with answer {answer:?}")),
        };
        let ended = match (self.ended_by, self.ended_at) {
            (Some(by), Some(at)) => Some((parse(&by)?, Time(at))),
            _ => None,
        };
        Ok(Request {
            id: parse(&self.id)?,
            case: parse(&self.case_id)?,
            brand: parse(&self.brand_id)?,
            listing: parse(&self.listing_id)?,
            snapshot_version: self.snapshot_version,
            template: self.template,
            title: self.title,
            question: self.question,
            silence,
            asked_by: parse(&self.asked_by)?,
            asked: Time(self.asked_at),
            remind: Time(self.remind_at),
            reminded: self.reminded_at.map(Time),
            until: Time(self.until),
            link_until: Time(self.link_until),
            nonce: ulid::Ulid::from_string(&self.link_nonce).map_err(|e| e.to_string())?,
            state,
            note: self.note,
            ended,
        })
    }
}

/// The request with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: RequestId) -> Result<Option<Request>> {
    opt!(conn, RequestRow, "SELECT * FROM authenticity_requests WHERE id = $1", id.to_string())?
        .map(RequestRow::request)
        .transpose()
}

/// The requests of a case, newest first, at most 20.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Request>> {
    all!(
        conn,
        RequestRow,
        "SELECT * FROM authenticity_requests WHERE case_id = $1 ORDER BY id DESC LIMIT 20",
        case.to_string()
    )?
    .into_iter()
    .map(RequestRow::request)
    .collect()
}

/// The requests of a case whose deadline passed without an answer.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn unanswered(conn: &mut Conn, case: CaseId) -> Result<Vec<Request>> {
    all!(
        conn,
        RequestRow,
        "SELECT * FROM authenticity_requests WHERE case_id = $1 AND state = 'silent' ORDER BY id LIMIT 20",
        case.to_string()
    )?
    .into_iter()
    .map(RequestRow::request)
    .collect()
}

/// Requests for people, newest first: of one brand or of all, only those that wait for an answer or all.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn, brand: Option<&BrandId>, open: bool, limit: i64) -> Result<Vec<Request>> {
    all!(
        conn,
        RequestRow,
        "SELECT * FROM authenticity_requests
         WHERE (CAST($1 AS TEXT) IS NULL OR brand_id = $1) AND ($2 = 0 OR state = 'open') ORDER BY id DESC LIMIT $3",
        brand.map(BrandId::as_str),
        i64::from(open),
        limit
    )?
    .into_iter()
    .map(RequestRow::request)
    .collect()
}

/// Notes that the reminder goes out for those requests whose half time has come, and gives them, at most `limit`. A
/// request is given once, however many ask at once. One whose deadline has passed needs no reminder any more.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn remind(tx: &mut Tx, now: Time, limit: i64) -> Result<Vec<Request>> {
    all!(
        tx,
        RequestRow,
        "UPDATE authenticity_requests SET reminded_at = $1
         WHERE state = 'open' AND reminded_at IS NULL AND until > $1 AND id IN (
             SELECT id FROM authenticity_requests WHERE state = 'open' AND reminded_at IS NULL AND remind_at <= $1 AND until > $1
             ORDER BY remind_at LIMIT $2 FOR UPDATE SKIP LOCKED)
         RETURNING *",
        now.0,
        limit
    )?
    .into_iter()
    .map(RequestRow::request)
    .collect()
}

row! {
    struct IdRow { id: String, }
}

/// Open requests whose deadline has passed at `now`, at most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn overdue(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<RequestId>> {
    let rows = all!(
        conn,
        IdRow,
        "SELECT id FROM authenticity_requests WHERE state = 'open' AND until <= $1 ORDER BY until LIMIT $2",
        now.0,
        limit
    )?;
    rows.into_iter()
        .map(|row| {
            row.id.parse().map_err(|e| Error::Corrupt {
                table: "authenticity_requests",
                id: row.id.clone(),
                problem: format!("{e}"),
            })
        })
        .collect()
}

row! {
    struct UsedRow { used_at: i64, }
}

/// When the link with this nonce was used, if it was.
///
/// # Errors
/// What the database says.
pub async fn link_used(conn: &mut Conn, nonce: ulid::Ulid) -> Result<Option<Time>> {
    let row = opt!(conn, UsedRow, "SELECT used_at FROM used_links WHERE nonce = $1", nonce.to_string())?;
    Ok(row.map(|row| Time(row.used_at)))
}

/// Uses a link up.
///
/// # Errors
/// What the database says; a second use is a race (see [`Error::is_race`]).
pub async fn use_link(tx: &mut Tx, nonce: ulid::Ulid, request: RequestId, now: Time) -> Result<()> {
    run!(
        tx,
        "INSERT INTO used_links (nonce, purpose, subject, used_at) VALUES ($1, 'answer', $2, $3)",
        nonce.to_string(),
        request.to_string(),
        now.0
    )?;
    Ok(())
}
