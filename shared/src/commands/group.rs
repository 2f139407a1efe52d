//! Many cases at once. Each is decided on its own merits, with its own record, and can be undone alone.

use std::collections::BTreeSet;

use super::{
    Actor, Error, House, Result,
    case::{self, Act, Acted, Request},
};
use crate::domain::{ids::CaseId, refused::Refused};

/// Decides the cases of a group, in the order given: all leases are taken first, so that nobody comes between, and what
/// could not be decided is given back. The answers come in the order of the requests; one that is refused, or changed
/// since it was seen, doesn't touch the others.
///
/// # Errors
/// Refused as a whole, before anything is done: more cases than the policy's `batch_max`, one named twice, an act that
/// isn't a decision, no permission.
pub async fn decide(house: &House, actor: &Actor, requests: &[Request]) -> Result<Vec<Result<Acted>>> {
    if let Some(other) = requests.iter().find(|request| !matches!(request.act, Act::Remove(_) | Act::Keep(_))) {
        let problem = format!("{:?} is no decision", other.act);
        return Err(Refused::one("act", problem, "Decide the group, or act on its cases one by one.").into());
    }
    let cases: Vec<CaseId> = requests.iter().map(|request| request.case).collect();
    admit(house, &cases)?;
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
    Ok(answers)
}

/// Takes the decisions on a group's cases back, in the order given; each on its own merits.
///
/// # Errors
/// As [`decide`].
pub async fn undo(house: &House, actor: &Actor, cases: &[CaseId], note: &str) -> Result<Vec<Result<Acted>>> {
    admit(house, cases)?;
    let mut answers = Vec::with_capacity(cases.len());
    for case in cases {
        let request = Request { case: *case, version: None, act: Act::Undo, note: note.to_owned() };
        answers.push(case::act(house, actor, &request).await);
    }
    Ok(answers)
}

/// What is asked of a group before anything is done to it.
fn admit(house: &House, cases: &[CaseId]) -> Result<()> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = cases.iter().find(|case| !seen.insert(**case)) {
        return Err(Refused::one("case", format!("{twice} is named twice"), "Name each case once.").into());
    }
    if cases.len() > house.policy.batch_max {
        return Err(too_many(house, cases.len()));
    }
    Ok(())
}

fn too_many(house: &House, cases: usize) -> Error {
    let problem = format!("{cases} cases at once are more than the {} that one may decide", house.policy.batch_max);
    Refused::one("cases", problem, "Decide fewer at once, or ask for a second person's approval.").into()
}
