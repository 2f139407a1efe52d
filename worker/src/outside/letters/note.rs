//! What a moderator wrote to a brand or a seller about a case. Only what the store hands out as public is ever read here.

use askama::Template;
use jointforce_shared::{
    domain::{
        ids::{CaseId, NoteId},
        note::Note,
        safe_text::SafeText,
    },
    store::{Conn, cases, listings, notes},
};

use super::{Fault, Letter, Party, Shown, WIDTH, text};

/// Lines of a note that are shown: more than its 2,000 characters fill.
const LINES: usize = 200;

#[derive(Template)]
#[template(path = "note.txt")]
struct NoteText<'a> {
    to: &'a SafeText,
    /// Whether the listing is theirs.
    seller: bool,
    listing: &'a Shown,
    note: Vec<SafeText>,
    case: CaseId,
}

/// The letter that brings a note on a case to `to`, who sells the listing or claims a right against it.
pub(super) async fn letter(
    conn: &mut Conn,
    to: Party,
    seller: bool,
    case: CaseId,
    note: NoteId,
) -> Result<Letter, Fault> {
    let note = public(conn, note).await?;
    let Some(case) = cases::get(conn, case).await? else { return Err(Fault::missing("case", case)) };
    let Some(listing) = listings::at_version(conn, &case.listing, case.snapshot_version).await? else {
        return Err(Fault::missing("listing", &case.listing));
    };
    let listing: Shown = listing.into();
    let body = text(&NoteText {
        to: &to.name,
        seller,
        note: SafeText::block(&note.text, WIDTH - 4, LINES),
        case: case.id,
        listing: &listing,
    })?;
    Ok(Letter { subject: format!("About {}", listing.headline()), to, copy: None, body })
}

/// The note, if it may leave the house.
pub(in crate::outside) async fn public(conn: &mut Conn, note: NoteId) -> Result<Note, Fault> {
    notes::public(conn, note).await?.ok_or_else(|| Fault::never(format!("note {note} is no public note")))
}
