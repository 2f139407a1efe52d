//! Who else is at work.

use jointforce_shared::{
    domain::sitting::Seat,
    store::{
        self, Conn,
        sittings::{self, Present},
    },
};

use super::{Reader, Row};

pub(super) async fn here(conn: &mut Conn, reader: &Reader) -> store::db::Result<Vec<Row>> {
    Ok(sittings::present(conn, &reader.me.id).await?.into_iter().map(row).collect())
}

/// What somebody has before them, in words; a stranger's text may be in them.
pub fn doing(one: &Present) -> String {
    match (&one.seat, &one.title) {
        (Seat::Case, Some(title)) => title.clone(),
        (Seat::Case, None) => "a case".to_owned(),
        (Seat::Queue, _) => "the queue".to_owned(),
        (Seat::Board(title), _) => title.clone(),
        (Seat::Away | Seat::Gone, _) => "away".to_owned(),
    }
}

fn row(one: Present) -> Row {
    let role = one.role.title();
    let state = match (&one.seat, one.case) {
        (Seat::Case, Some(case)) => format!("case {}", case.short()),
        (Seat::Case, None) => "case".to_owned(),
        (Seat::Queue, _) => "queue".to_owned(),
        (Seat::Board(_), _) => "board".to_owned(),
        (Seat::Away | Seat::Gone, _) => "away".to_owned(),
    };
    Row {
        key: one.who.to_string(),
        since: one.since,
        title: format!("{}: {}", one.who, doing(&one)),
        state,
        details: vec![format!("{}, {role}", one.name)],
        case: one.case,
        yes: None,
        proof: None,
        no: None,
        barred: None,
    }
}
