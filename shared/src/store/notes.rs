//! Notes on cases. What leaves the house is read with [`public`] and [`told`], which know no internal note.

use super::db::{Conn, Error, Result, Tx, all, opt, row, run};
use crate::domain::{
    ids::{CaseId, NoteId},
    note::{Note, Recipient, Visibility},
    time::Time,
};

row! {
    struct NoteRow {
        id: String,
        case_id: String,
        recipient: Option<String>,
        text: String,
        written_by: String,
        written_at: i64,
    }
}

/// What a row is read from, and which rows.
macro_rules! notes {
    ($which:literal) => {
        concat!("SELECT id, case_id, recipient, text, written_by, written_at FROM notes ", $which)
    };
}

impl NoteRow {
    fn note(self) -> Result<Note> {
        let corrupt = |problem: String| Error::Corrupt { table: "notes", id: self.id.clone(), problem };
        Ok(Note {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            case: self.case_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            visibility: match &self.recipient {
                Some(to) => Visibility::Public(to.parse().map_err(corrupt)?),
                None => Visibility::Internal,
            },
            by: self.written_by.parse().map_err(|e| corrupt(format!("{e}")))?,
            at: Time(self.written_at),
            text: self.text,
        })
    }
}

/// Writes a note. It is never changed.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, note: &Note) -> Result<()> {
    let (visibility, recipient) = note.visibility.stored();
    run!(
        tx,
        "INSERT INTO notes (id, case_id, visibility, recipient, text, written_by, written_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        note.id.to_string(),
        note.case.to_string(),
        visibility,
        recipient,
        note.text.as_str(),
        note.by.as_str(),
        note.at.0
    )?;
    Ok(())
}

/// The notes on a case for colleagues, internal and public, oldest first, the newest 100.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Note>> {
    let rows = all!(conn, NoteRow, notes!("WHERE case_id = $1 ORDER BY id DESC LIMIT 100"), case.to_string())?;
    rows.into_iter().rev().map(NoteRow::note).collect()
}

/// What a brand ([`Recipient::Brand`]) or a seller ([`Recipient::Seller`]) may read on a case, oldest first, the newest 100.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn told(conn: &mut Conn, case: CaseId, to: Recipient) -> Result<Vec<Note>> {
    let rows = all!(
        conn,
        NoteRow,
        notes!("WHERE case_id = $1 AND visibility = 'public' AND recipient IN ($2, 'both') ORDER BY id DESC LIMIT 100"),
        case.to_string(),
        to.as_str()
    )?;
    rows.into_iter().rev().map(NoteRow::note).collect()
}

/// A note that may leave the house. `None` for an internal one, as if it were not there.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn public(conn: &mut Conn, id: NoteId) -> Result<Option<Note>> {
    let sql = notes!("WHERE id = $1 AND visibility = 'public'");
    opt!(conn, NoteRow, sql, id.to_string())?.map(NoteRow::note).transpose()
}
