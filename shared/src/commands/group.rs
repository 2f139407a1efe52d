//! Many cases at once. Each is decided on its own merits, with its own record, and can be undone alone; more than one
//! person may decide are asked for, and a second person decides them.

use std::collections::BTreeSet;

use super::{
    Actor, House, Result,
    approval::{self, Waits},
    case::{self, Act, Acted, Request},
};
use crate::{
    domain::{ids::CaseId, refused::Refused},
    store::cases,
};

/// What became of several cases that were decided together.
#[derive(Debug)]
pub enum Together {
    /// Each was done or refused by itself, in the order asked.
    Done(Vec<Result<Acted>>),
    /// They are more than the policy's `batch_max`: all of them wait for a second person.
    Waits(Waits),
}

/// Decides the cases of a group, or takes the decisions on them back, in the order given: all leases are taken first, so that nobody comes between, and what
/// could not be decided is given back. The answers come in the order of the requests; one that is refused, or changed
/// since it was seen, doesn't touch the others.
///
/// More than the policy's `batch_max` are filed as one request for a second person, bound to the version of every case.
///
/// # Errors
/// Refused as a whole, before anything is done: one named twice, an act that isn't a decision, no permission; of a
/// request for a second person also acts that differ, and cases that changed or whose version is not said.
pub async fn decide(house: &House, actor: &Actor, requests: &[Request]) -> Result<Together> {
    let decides = |request: &&Request| matches!(request.act, Act::Remove(_) | Act::Keep(_) | Act::Undo);
    if let Some(other) = requests.iter().find(|request| !decides(request)) {
        let problem = format!("{:?} is no decision", other.act);
        return Err(Refused::one("act", problem, "Decide the group, or act on its cases one by one.").into());
    }
    let cases: Vec<CaseId> = requests.iter().map(|request| request.case).collect();
    check_once(&cases)?;
    if requests.len() > house.policy.batch_max {
        return Ok(Together::Waits(approval::ask_together(house, actor, requests).await?));
    }
    case::lease(house, actor, &cases).await?;
    let mut answers = Vec::with_capacity(requests.len());
    for request in requests {
        answers.push(case::act(house, actor, request).await);
    }
    let left: Vec<CaseId> =
        cases.iter().zip(&answers).filter(|(_, answer)| answer.is_err()).map(|(case, _)| *case).collect();
    if !left.is_empty() {
        case::release(house, actor, Some(&left)).await?;
    }
    Ok(Together::Done(answers))
}

/// Takes the decisions on a group's cases back as they are now, whatever was seen of them.
///
/// # Errors
/// As [`decide`].
pub async fn undo(house: &House, actor: &Actor, cases: &[CaseId], note: &str) -> Result<Together> {
    let mut requests = Vec::with_capacity(cases.len());
    let mut conn = house.db.read().await?;
    for &case in cases {
        // Each for itself needs no version; together they are bound to what they are now.
        let bound = cases.len() > house.policy.batch_max;
        let version = if bound { cases::get(&mut conn, case).await?.map(|case| case.version) } else { None };
        requests.push(Request { case, version, act: Act::Undo, note: note.to_owned() });
    }
    drop(conn);
    decide(house, actor, &requests).await
}

fn check_once(cases: &[CaseId]) -> Result<()> {
    let mut seen = BTreeSet::new();
    match cases.iter().find(|case| !seen.insert(**case)) {
        Some(twice) => Err(Refused::one("case", format!("{twice} is named twice"), "Name each case once.").into()),
        None => Ok(()),
    }
}
