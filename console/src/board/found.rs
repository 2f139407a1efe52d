//! Cases that were looked for.

use jointforce_shared::{
    domain::time::span_words,
    store::{self, Conn, find},
};

use super::{ROWS, Reader, Row};

pub(super) async fn cases(conn: &mut Conn, reader: &Reader, text: &str) -> store::db::Result<Vec<Row>> {
    let now = reader.now;
    let found = find::cases_for(conn, &reader.me.id, text, ROWS).await?;
    Ok(found
        .into_iter()
        .map(|case| {
            let decided = case.decided.as_ref().map(|(by, at)| {
                format!(
                    "Decided by {by} {} ago: Enter opens it, then u takes it back.",
                    span_words(now.since(*at).max(0))
                )
            });
            let by = case.decided.as_ref().map_or_else(String::new, |(by, _)| format!(" by {by}"));
            Row {
                key: case.id.to_string(),
                since: case.decided.as_ref().map_or(case.opened, |(_, at)| *at),
                title: case.title,
                state: format!("{}{by}", case.state),
                details: std::iter::once(format!("{}, sold by {}", case.brand_name, case.seller_name))
                    .chain(decided)
                    .chain([format!("case {}", case.id)])
                    .collect(),
                case: Some(case.id),
                yes: None,
                no: None,
                barred: None,
            }
        })
        .collect())
}
