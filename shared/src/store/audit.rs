//! The audit record: written in the transaction that does the thing, never changed.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    db::{self, Column, Conn, Error, Result, Tx, all, row},
    seals::LAST_ID,
};
use crate::domain::{
    audit::{Event, Written},
    ids::CaseId,
    time::Time,
};

/// Writes events.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, events: &[Event]) -> Result<()> {
    let text = |of: fn(&Event) -> Cow<'_, str>| Column::Text(events.iter().map(of).collect());
    let columns = [
        text(|e| e.id.to_string().into()),
        Column::Int(events.iter().map(|e| e.at.0).collect()),
        text(|e| e.actor.as_str().into()),
        text(|e| e.auth.as_str().into()),
        text(|e| e.action.as_str().into()),
        text(|e| e.subject.as_str().into()),
        Column::maybe_texts(events.iter().map(|e| e.case.map(|id| id.to_string()))),
        text(|e| e.body.to_string().into()),
    ];
    db::insert(tx, "INSERT INTO audit (id, at, actor, auth, action, subject, case_id, body)", columns, "").await?;
    Ok(())
}

row! {
    pub(super) struct AuditRow {
        id: String,
        at: i64,
        actor: String,
        auth: String,
        action: String,
        subject: String,
        case_id: Option<String>,
        body: String,
    }
}

impl AuditRow {
    pub(super) fn written(self) -> Written {
        let Self { id, at, actor, auth, action, subject, case_id, body } = self;
        Written { id, at, actor, auth, action, subject, case: case_id, body }
    }

    fn event(self) -> Result<Event> {
        let corrupt = |problem: String| Error::Corrupt { table: "audit", id: self.id.clone(), problem };
        Ok(Event {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            at: Time(self.at),
            case: self.case_id.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            body: serde_json::from_str::<Value>(&self.body).map_err(|e| corrupt(e.to_string()))?,
            actor: self.actor,
            auth: self.auth,
            action: self.action,
            subject: self.subject,
        })
    }
}

/// The timeline of a case, oldest first, the newest 200.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Event>> {
    let mut events = newest_of_case(conn, case, None, 200).await?;
    events.reverse();
    Ok(events)
}

/// The newest events of a case, newest first, before the event with id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn newest_of_case(conn: &mut Conn, case: CaseId, before: Option<&str>, limit: i64) -> Result<Vec<Event>> {
    let rows = all!(
        conn,
        AuditRow,
        "SELECT id, at, actor, auth, action, subject, case_id, body FROM audit WHERE case_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        case.to_string(),
        before.unwrap_or(LAST_ID),
        limit
    )?;
    rows.into_iter().map(AuditRow::event).collect()
}

/// The newest events, newest first, before the event with id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn newest(conn: &mut Conn, before: Option<&str>, limit: i64) -> Result<Vec<Event>> {
    let rows = all!(
        conn,
        AuditRow,
        "SELECT id, at, actor, auth, action, subject, case_id, body FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2",
        before.unwrap_or(LAST_ID),
        limit
    )?;
    rows.into_iter().map(AuditRow::event).collect()
}
