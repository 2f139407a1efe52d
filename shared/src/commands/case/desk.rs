//! Cases at a desk: who may take them, and calling somebody when it is urgent.

use super::super::{
    Actor, House, Result,
    page::{self, Raise},
};
use crate::{
    domain::{
        case::Action,
        escalation::Desk,
        ids::OperatorId,
        operator::{Operator, Permission},
        page::{PageKind, Severity},
        refused::Refused,
    },
    store::{Conn, Tx, cases::Case, operators},
};

/// Who decides a desk's cases: its members, and seniors.
fn decides(operator: &Operator, desk: Desk) -> bool {
    let of_desk = operator.desks.contains(&desk) || operator.role.may(Permission::Overturn);
    operator.enabled && operator.role.may(Permission::Decide) && of_desk
}

async fn who_may(conn: &mut Conn, desk: Desk) -> Result<String> {
    let staff = operators::list(conn).await?;
    let names: Vec<&str> = staff.iter().filter(|who| decides(who, desk)).map(|who| who.id.as_str()).take(10).collect();
    Ok(if names.is_empty() { "nobody yet".to_owned() } else { names.join(", ") })
}

/// A refusal because a desk has the case, with the names of those who may take it.
pub(super) async fn named(conn: &mut Conn, case: &Case, action: &Action, refused: Refused) -> Result<Refused> {
    let of_desk = refused.faults.first().is_some_and(|fault| fault.field == "desk");
    let Some(desk) = case.state.desk().filter(|_| of_desk && !matches!(action, Action::Escalate { .. })) else {
        return Ok(refused);
    };
    let fix = format!("Leave it to {}; or ask an admin to add you to that desk.", who_may(conn, desk).await?);
    Ok(Refused::one("desk", format!("the {} desk has it", desk.title()), fix))
}

/// Whoever is handed a desk's case must be able to decide it.
pub(super) async fn check_recipient(conn: &mut Conn, case: &Case, to: &Operator) -> Result<()> {
    match case.state.desk() {
        Some(desk) if !decides(to, desk) => {
            let problem = format!("{} does not decide cases of the {} desk", to.id, desk.title());
            Err(Refused::one("to", problem, format!("Name one of {}.", who_may(conn, desk).await?)).into())
        }
        _ => Ok(()),
    }
}

/// Calls whoever is on call about a case that was just escalated. The page ends by itself when the case leaves the desk.
pub(super) async fn call(tx: &mut Tx, house: &House, actor: &Actor, case: &Case, desk: Desk, why: &str) -> Result<()> {
    let by: &OperatorId = actor.id();
    let raise = Raise {
        kind: PageKind::Escalation,
        key: format!("escalation:{}:{}:{desk}", case.id, case.round),
        summary: format!("case {} went to the {} desk, urgent, {by}: {why}", case.id.short(), desk.title()),
        subject: format!("case:{}", case.id),
        case: Some((case.id, case.round)),
        severity: if desk == Desk::Safety { Severity::Critical } else { Severity::Error },
        level: 1,
    };
    page::raise(tx, house, actor, &raise).await?;
    Ok(())
}
