//! Dead effects.

use jointforce_shared::{
    domain::{effect::EffectState, operator::Permission},
    store::{
        self, Conn,
        effects::{self, Entry},
        find::{self, Found},
    },
};

use super::{ROWS, Reader, Row};
use crate::deed::Deed;

pub(super) async fn dead(conn: &mut Conn, reader: &Reader) -> store::db::Result<Vec<Row>> {
    let entries = effects::list(conn, Some(EffectState::Dead), None, ROWS).await?;
    let ids: Vec<String> = entries.iter().filter_map(|entry| entry.case).map(|case| case.to_string()).collect();
    let cases = find::these(conn, &ids, ROWS).await?;
    let of = |entry: &Entry| cases.iter().find(|found| Some(found.id) == entry.case);
    Ok(entries.iter().map(|entry| row(reader, entry, of(entry))).collect())
}

/// Whose and which first: what failed in the same way looks alike behind that.
fn row(reader: &Reader, entry: &Entry, case: Option<&Found>) -> Row {
    let may = reader.me.role.may(Permission::RunEffects);
    let whose = match (case, &entry.endpoint) {
        (Some(case), _) => format!("{} {}", case.brand_name, case.id.short()),
        (None, Some(endpoint)) => endpoint.to_string(),
        (None, None) => entry.lane.to_string(),
    };
    let why = entry.last_error.as_deref().unwrap_or("no reason was given");
    let about = case.map(|case| format!("{}, sold by {}", case.title, case.seller_name));
    let tries = if entry.attempts == 1 { "try" } else { "tries" };
    Row {
        key: entry.id.to_string(),
        since: entry.ended.unwrap_or(entry.created),
        title: format!("{whose}: {}: {why}", entry.kind.replace('_', " ")),
        state: format!("{} {tries}", entry.attempts),
        details: about.into_iter().chain([format!("effect {}", entry.id)]).collect(),
        case: entry.case,
        yes: may.then_some(Deed::Retry(entry.id)),
        proof: None,
        no: may.then_some(Deed::Drop(entry.id)),
        barred: (!may).then(|| "Only on-call and seniors try again or give up".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::operator::Role;

    use super::*;
    use crate::fixture::{NOW, case_id, dossier, operator};

    fn of(role: Role, case: Option<&Found>) -> Row {
        let mut entry = dossier(0).effects[2].clone();
        entry.attempts = 1;
        entry.case = case.map(|case| case.id);
        row(&Reader { me: operator("ann", role), now: NOW }, &entry, case)
    }

    fn found() -> Found {
        Found {
            id: case_id(7),
            state: "removed".into(),
            brand_name: "Acme".into(),
            title: "Belt".into(),
            seller_name: "luckystar88".into(),
            opened: NOW,
            decided: None,
        }
    }

    #[test]
    fn a_row_begins_with_whose_it_is_and_says_each_thing_once() {
        let row = of(Role::OnCall, Some(&found()));
        assert_eq!(row.title, "Acme 000007: hook brand: 410 gone");
        assert_eq!(row.state, "1 try");
        assert_eq!(row.details, ["Belt, sold by luckystar88", "effect 01KEKSE0000000000000000001"]);
        assert_eq!(of(Role::OnCall, None).title, "mail: hook brand: 410 gone");
    }

    #[test]
    fn who_may_not_carry_out_is_offered_nothing_and_told_why() {
        let row = of(Role::Moderator, Some(&found()));
        assert!(row.yes.is_none() && row.no.is_none());
        assert_eq!(row.barred.as_deref(), Some("Only on-call and seniors try again or give up"));
        assert!(of(Role::OnCall, None).barred.is_none());
    }
}
