//! Pages that are not resolved.

use jointforce_shared::{
    domain::{
        page::{Page, State},
        time::{Time, span_words},
    },
    store::{self, Conn, pages},
};

use super::{ROWS, Row};
use crate::deed::Deed;

pub(super) async fn open(conn: &mut Conn, now: Time) -> store::db::Result<Vec<Row>> {
    Ok(pages::open(conn, ROWS).await?.into_iter().map(|page| row(page, now)).collect())
}

fn row(page: Page, now: Time) -> Row {
    let state = match &page.state {
        State::Open => format!("level {} called", page.level),
        State::Acknowledged { by, .. } => format!("{by} is on it"),
        State::Resolved { .. } => "handled".into(),
    };
    let mut details = vec![format!("{}, {}: {}", page.kind.as_str().replace('_', " "), page.severity, page.subject)];
    if let Some(climbs) = page.climbs {
        details.push(format!(
            "The next level is called in {} unless somebody is on it.",
            span_words(climbs.since(now).max(0))
        ));
    }
    if page.kind.ends_by_itself() {
        details.push("It ends by itself when what it is about ends.".into());
    }
    Row {
        key: page.id.to_string(),
        since: page.raised,
        title: page.summary,
        state,
        details,
        case: page.case,
        yes: matches!(page.state, State::Open).then_some(Deed::Acknowledge(page.id)),
        proof: None,
        no: (!page.kind.ends_by_itself()).then_some(Deed::Resolve(page.id)),
        barred: None,
    }
}
