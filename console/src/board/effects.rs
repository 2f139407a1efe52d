//! Dead effects.

use jointforce_shared::{
    domain::effect::EffectState,
    store::{
        self, Conn,
        effects::{self, Entry},
    },
};

use super::{ROWS, Row};
use crate::deed::Deed;

pub(super) async fn dead(conn: &mut Conn) -> store::db::Result<Vec<Row>> {
    let entries = effects::list(conn, Some(EffectState::Dead), None, ROWS).await?;
    Ok(entries.into_iter().map(row).collect())
}

fn row(entry: Entry) -> Row {
    let why = entry.last_error.unwrap_or_default();
    Row {
        key: entry.id.to_string(),
        since: entry.ended.unwrap_or(entry.created),
        title: format!("{}: {why}", entry.kind.replace('_', " ")),
        state: format!("{} tries", entry.attempts),
        details: vec![why, format!("effect {}, payload {}", entry.id, entry.payload)],
        case: entry.case,
        yes: Some(Deed::Retry(entry.id)),
        no: Some(Deed::Drop(entry.id)),
        barred: None,
    }
}
