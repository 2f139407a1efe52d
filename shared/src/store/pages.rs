//! Pages. A key has at most one that is not resolved; changes are saved only on the state and level that were seen.

pub mod deadlines;

use super::db::{Conn, Error, LAST_ID, Result, Tx, all, one, opt, row, run};
use crate::domain::{
    ids::{OperatorId, PageId},
    page::{Page, PageKind, State},
    time::Time,
};

row! {
    struct PageRow {
        id: String,
        kind: String,
        key: String,
        summary: String,
        subject: String,
        case_id: Option<String>,
        severity: String,
        state: String,
        level: i64,
        raised_at: i64,
        climbs_at: Option<i64>,
        acknowledged_by: Option<String>,
        acknowledged_at: Option<i64>,
        resolved_by: Option<String>,
        resolved_at: Option<i64>,
    }
}

impl PageRow {
    fn page(self) -> Result<Page> {
        let id = self.id.clone();
        let corrupt = |problem: String| Error::Corrupt { table: "pages", id: id.clone(), problem };
        let person = |by: Option<String>, at: Option<i64>| match (by, at) {
            (Some(by), Some(at)) => Ok((by.parse::<OperatorId>().map_err(|e| corrupt(e.to_string()))?, Time(at))),
            _ => Err(corrupt("who and when are missing".into())),
        };
        let state = match self.state.as_str() {
            "open" => State::Open,
            "acknowledged" => {
                person(self.acknowledged_by, self.acknowledged_at).map(|(by, at)| State::Acknowledged { by, at })?
            }
            _ => person(self.resolved_by, self.resolved_at).map(|(by, at)| State::Resolved { by, at })?,
        };
        Ok(Page {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            kind: self.kind.parse().map_err(corrupt)?,
            case: self.case_id.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            severity: self.severity.parse().map_err(corrupt)?,
            raised: Time(self.raised_at),
            climbs: self.climbs_at.map(Time),
            key: self.key,
            summary: self.summary,
            subject: self.subject,
            level: self.level,
            state,
        })
    }
}

/// The columns of a page.
macro_rules! pages {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, key, summary, subject, case_id, severity, state, level, raised_at, climbs_at, acknowledged_by,
                    acknowledged_at, resolved_by, resolved_at FROM pages ",
            $rest
        )
    };
}

/// Writes a page about a case's `round`, or about no case. `false` if one with its key is not resolved yet; then
/// nothing is written.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, page: &Page, round: Option<i64>) -> Result<bool> {
    let written = run!(
        tx,
        "INSERT INTO pages (id, kind, key, summary, subject, case_id, round, severity, state, level, raised_at, climbs_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11) ON CONFLICT DO NOTHING",
        page.id.to_string(),
        page.kind.as_str(),
        page.key.as_str(),
        page.summary.as_str(),
        page.subject.as_str(),
        page.case.map(|id| id.to_string()),
        round,
        page.severity.as_str(),
        page.level,
        page.raised.0,
        page.climbs.map(|at| at.0)
    )?;
    Ok(written == 1)
}

/// The page with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: PageId) -> Result<Option<Page>> {
    opt!(conn, PageRow, pages!("WHERE id = $1"), id.to_string())?.map(PageRow::page).transpose()
}

/// The page with this key that is not resolved yet.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn unresolved(conn: &mut Conn, key: &str) -> Result<Option<Page>> {
    opt!(conn, PageRow, pages!("WHERE key = $1 AND state <> 'resolved'"), key)?.map(PageRow::page).transpose()
}

/// The pages that are not resolved yet, newest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn open(conn: &mut Conn, limit: i64) -> Result<Vec<Page>> {
    read(all!(conn, PageRow, pages!("WHERE state <> 'resolved' ORDER BY id DESC LIMIT $1"), limit)?)
}

/// All pages, newest first, below the id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn, before: Option<PageId>, limit: i64) -> Result<Vec<Page>> {
    let before = before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string());
    read(all!(conn, PageRow, pages!("WHERE id < $1 ORDER BY id DESC LIMIT $2"), before, limit)?)
}

/// Open pages that go to the next level now, at most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn climbing(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Page>> {
    read(all!(conn, PageRow, pages!("WHERE climbs_at <= $1 ORDER BY climbs_at LIMIT $2"), now.0, limit)?)
}

/// Pages about cases that nobody has to be called for any more: not in the queue, in another round or, for an escalation,
/// no longer at a desk. At most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn handled(conn: &mut Conn, limit: i64) -> Result<Vec<Page>> {
    read(all!(
        conn,
        PageRow,
        "SELECT p.id, p.kind, p.key, p.summary, p.subject, p.case_id, p.severity, p.state, p.level, p.raised_at, p.climbs_at,
                p.acknowledged_by, p.acknowledged_at, p.resolved_by, p.resolved_at
         FROM pages p JOIN cases c ON c.id = p.case_id
         WHERE p.state <> 'resolved' AND (c.round <> p.round OR (p.kind = 'sla' AND c.state NOT IN ('open', 'appealed'))
               OR (p.kind = 'escalation' AND (c.desk IS NULL OR c.state NOT IN ('open', 'held')
               OR p.key <> 'escalation:' || c.id || ':' || c.round || ':' || c.desk)))
         ORDER BY p.id LIMIT $1",
        limit
    )?)
}

fn read(rows: Vec<PageRow>) -> Result<Vec<Page>> {
    rows.into_iter().map(PageRow::page).collect()
}

/// Saves a page whose state and level were `seen`.
///
/// # Errors
/// [`Error::Conflict`] if somebody else changed it since; then nothing is written.
pub async fn save(tx: &mut Tx, seen: &Page, page: &Page) -> Result<()> {
    let (mut acknowledged, mut resolved) = ((None, None), (None, None));
    match &page.state {
        State::Open => {}
        State::Acknowledged { by, at } => acknowledged = (Some(by.as_str()), Some(at.0)),
        State::Resolved { by, at } => resolved = (Some(by.as_str()), Some(at.0)),
    }
    let changed = run!(
        tx,
        "UPDATE pages SET state = $4, level = $5, climbs_at = $6, acknowledged_by = coalesce($7, acknowledged_by),
                acknowledged_at = coalesce($8, acknowledged_at), resolved_by = $9, resolved_at = $10
         WHERE id = $1 AND state = $2 AND level = $3",
        page.id.to_string(),
        seen.state.as_str(),
        seen.level,
        page.state.as_str(),
        page.level,
        page.climbs.map(|at| at.0),
        acknowledged.0,
        acknowledged.1,
        resolved.0,
        resolved.1
    )?;
    if changed == 1 { Ok(()) } else { Err(Error::Conflict(format!("page {}", page.id))) }
}

/// Says anew what is the matter, on a page that is not resolved.
///
/// # Errors
/// What the database says.
pub async fn reword(tx: &mut Tx, id: PageId, summary: &str) -> Result<()> {
    run!(tx, "UPDATE pages SET summary = $2 WHERE id = $1 AND state <> 'resolved'", id.to_string(), summary)?;
    Ok(())
}

/// The pages of a kind that are not resolved, oldest first, at most 200.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_kind(conn: &mut Conn, kind: PageKind) -> Result<Vec<Page>> {
    read(all!(conn, PageRow, pages!("WHERE state <> 'resolved' AND kind = $1 ORDER BY id LIMIT 200"), kind.as_str())?)
}

row! {
    struct Count { n: i64, }
}

/// How many pages of a kind are not resolved.
///
/// # Errors
/// What the database says.
pub async fn count(conn: &mut Conn, kind: PageKind) -> Result<i64> {
    let sql = "SELECT count(*) AS n FROM pages WHERE state <> 'resolved' AND kind = $1";
    Ok(one!(conn, Count, sql, kind.as_str())?.n)
}
