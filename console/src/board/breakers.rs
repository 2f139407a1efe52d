//! Automatic paths that are stopped.

use jointforce_shared::{
    domain::{automatic::Guarded, operator::Permission},
    store::{self, Conn, brands, breakers},
};

use super::{Reader, Row};
use crate::deed::Deed;

pub(super) async fn tripped(conn: &mut Conn, reader: &Reader) -> store::db::Result<Vec<Row>> {
    let mut rows = vec![];
    for breaker in breakers::list(conn).await? {
        // Those that stop the path now come first.
        let Some((since, why)) = breaker.tripped else { break };
        let name = match &breaker.guarded {
            Guarded::Brand(brand) => {
                let name = brands::get(conn, brand).await?.map_or_else(|| brand.to_string(), |brand| brand.name);
                format!("everything at the word of {name}")
            }
            Guarded::Rule(rule) => format!("everything by the rule {rule}"),
        };
        let may = reader.me.role.may(Permission::Overturn);
        rows.push(Row {
            key: breaker.guarded.to_string(),
            since,
            title: format!("{name}: {why}"),
            state: "stopped".into(),
            details: vec![
                format!("Stopped: {why}"),
                "Its cases go to moderators. Let go on, only what is removed from then on counts against it.".into(),
            ],
            case: None,
            yes: may.then(|| Deed::LetGoOn(breaker.guarded.clone())),
            proof: None,
            no: None,
            barred: (!may).then(|| "Only a senior lets it go on".to_owned()),
        });
    }
    Ok(rows)
}
