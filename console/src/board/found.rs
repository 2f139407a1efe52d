//! Cases that were looked for.

use jointforce_shared::{
    domain::{operator::Permission, time::span_words},
    store::{self, Conn, find},
};

use super::{ROWS, Reader, Row};
use crate::{deed::Deed, model::Target};

pub(super) async fn cases(conn: &mut Conn, reader: &Reader, text: &str) -> store::db::Result<Vec<Row>> {
    let now = reader.now;
    let found = find::cases_for(conn, &reader.me.id, text, ROWS).await?;
    Ok(found
        .into_iter()
        .map(|case| {
            let me = &reader.me;
            let may = case.decided.as_ref().is_some_and(|(by, _)| *by == me.id || me.role.may(Permission::Overturn));
            let decided = case
                .decided
                .as_ref()
                .map(|(by, at)| format!("Decided by {by} {} ago", span_words(now.since(*at).max(0))));
            let by = case.decided.as_ref().map_or_else(String::new, |(by, _)| format!(" by {by}"));
            let target = Target {
                case: case.id,
                version: None,
                title: case.title.clone(),
                brand: case.brand_name.clone(),
                seller: case.seller_name.clone(),
            };
            // What is contested is answered, not taken back.
            let stands = matches!(case.state.as_str(), "removed" | "kept");
            let taken_back =
                case.decided.as_ref().filter(|_| may && stands).map(|(by, _)| Deed::Overturn(target, by.clone()));
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
                proof: None,
                no: taken_back,
                barred: None,
            }
        })
        .collect())
}
