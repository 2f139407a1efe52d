//! More cases than one person may decide: filed as one request for a second person.

use super::{Waits, answer, file};
use crate::{
    commands::{
        Actor, House, Result, authorize,
        case::{self, Act, Request},
        race,
    },
    domain::{
        approval::{Cause, Seen, Wanted},
        decision::Verdict,
        operator::Permission,
        refused::Refused,
    },
};

/// Files one act on many cases as one request, bound to the version of every case.
///
/// # Errors
/// Refused without [`Permission::Decide`]; too many cases; acts that differ, are no decision, or name no version; a case
/// named twice or changed.
pub(in crate::commands) async fn ask_together(house: &House, actor: &Actor, requests: &[Request]) -> Result<Waits> {
    let wanted = wanted(house, requests)?;
    race!(attempt(house, actor, &wanted))
}

fn wanted(house: &House, requests: &[Request]) -> Result<Wanted> {
    let (Some(first), most) = (requests.first(), house.policy.approvals.cases_max) else {
        return Err(Refused::one("cases", "none is named", "Mark some.").into());
    };
    if requests.len() > most {
        let problem = format!("{} cases are more than {most}", requests.len());
        return Err(Refused::one("cases", problem, "Narrow the filter and do the rest afterwards.").into());
    }
    if requests.iter().any(|request| request.act != first.act || request.note != first.note) {
        return Err(Refused::one("cases", "they are not to be treated alike", "Ask for one thing at a time.").into());
    }
    case::check(house, first)?;
    let mut cases: Vec<Seen> = vec![];
    for request in requests {
        let Some(version) = request.version else {
            return Err(Refused::one("version", "a case was not seen", "Reload the queue.").into());
        };
        cases.push(Seen { case: request.case, version });
    }
    cases.sort_unstable_by_key(|seen| seen.case);
    if cases.windows(2).any(|pair| matches!(pair, [a, b] if a.case == b.case)) {
        return Err(Refused::one("cases", "one is named twice", "Name each once.").into());
    }
    let note = first.note.clone();
    match first.act {
        Act::Remove(reason) => Ok(Wanted::Decide { verdict: Verdict::Remove(reason), cases, note }),
        Act::Keep(reason) => Ok(Wanted::Decide { verdict: Verdict::Keep(reason), cases, note }),
        Act::Undo => Ok(Wanted::Undo { cases, note }),
        _ => {
            let most = house.policy.batch_max;
            let problem = format!("more than {most} cases are only decided or taken back together");
            Err(Refused::one("act", problem, format!("Do it to at most {most} at a time.")).into())
        }
    }
}

async fn attempt(house: &House, actor: &Actor, wanted: &Wanted) -> Result<Waits> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Decide).await?;
    if let Some(why) = answer::changed(house, &mut tx, wanted).await? {
        return Err(Refused::one("cases", why, "Look again, then ask again.").into());
    }
    let waits = file(house, &mut tx, actor, Cause::ManyListings, wanted.clone()).await?;
    tx.commit().await?;
    Ok(waits)
}
