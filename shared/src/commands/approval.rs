//! Four eyes: filing what one person may not do alone. A second person answers in [`answer`].

mod answer;
mod execute;

use serde_json::json;

pub use self::answer::{Answered, approve, refuse, sweep};
use super::{
    Actor, Allowed, House, Result, authorize,
    case::{self, Act, Acted, Request},
};
use crate::{
    domain::{
        approval::{self, ApprovalState, Cause, Facts, Seen, Wanted},
        brand::Tier,
        case::{Action, By, State},
        decision::Verdict,
        ids::{ApprovalId, OperatorId, SellerId},
        operator::Permission,
        penalty::Strike,
        refused::Refused,
        seller::Level,
        time::Time,
    },
    store::{
        self, Tx,
        approvals::{self, Approval},
        audit, brands,
        cases::{self, Case},
        decisions, operators, sellers,
    },
};

/// What a second person has to say yes to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// The request that was filed.
    pub approval: ApprovalId,
    /// Why it takes two.
    pub cause: Cause,
}

/// What became of several requests made together.
#[derive(Debug)]
pub enum Together {
    /// Each was done or refused by itself, in the order asked.
    Done(Vec<Result<Acted>>),
    /// All of them wait for a second person.
    Waits(Waits),
}

/// Does one act on each of several cases. More than the policy's `batch_max` are filed as one request for a second
/// person, bound to the version of every case.
///
/// # Errors
/// Refused without [`Permission::Decide`]; too many cases; more than `batch_max` whose acts differ, are no decision, or
/// that name no version; a case named twice or changed.
pub async fn act_together(house: &House, actor: &Actor, requests: &[Request]) -> Result<Together> {
    if requests.len() <= house.policy.batch_max {
        let mut done = Vec::with_capacity(requests.len());
        for request in requests {
            done.push(case::act(house, actor, request).await);
        }
        return Ok(Together::Done(done));
    }
    let wanted = batch(house, requests)?;
    super::race!(file_batch(house, actor, &wanted))
}

fn batch(house: &House, requests: &[Request]) -> Result<Wanted> {
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
    let mut seen: Vec<Seen> = vec![];
    for request in requests {
        let Some(version) = request.version else {
            return Err(Refused::one("version", "a case was not seen", "Reload the queue.").into());
        };
        seen.push(Seen { case: request.case, version });
    }
    seen.sort_unstable_by_key(|seen| seen.case);
    if seen.windows(2).any(|pair| matches!(pair, [a, b] if a.case == b.case)) {
        return Err(Refused::one("cases", "one is named twice", "Name each once.").into());
    }
    let (cases, note) = (seen, first.note.clone());
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

async fn file_batch(house: &House, actor: &Actor, wanted: &Wanted) -> Result<Together> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Decide).await?;
    if let Some(why) = answer::changed(house, &mut tx, wanted).await? {
        return Err(Refused::one("cases", why, "Look again, then ask again.").into());
    }
    let waits = file(house, &mut tx, actor, Cause::ManyListings, wanted.clone()).await?;
    tx.commit().await?;
    Ok(Together::Waits(waits))
}

/// Files what somebody is about to do to a case, if it takes a second person, and keeps the case for them meanwhile.
/// Gives the case as it is then.
pub(crate) async fn instead_of(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    allowed: &Allowed,
    case: &Case,
    action: &Action,
    note: &str,
) -> Result<Option<(Waits, Case)>> {
    let verdict = match action {
        Action::Decide { verdict, .. } => Some(*verdict),
        Action::Undo => None,
        _ => return Ok(None),
    };
    if !actor.is_person() {
        return Ok(None);
    }
    let overturns_own_team = overturns_own_team(house, tx, allowed, case, verdict).await?;
    let tier = brands::get(tx, &case.brand).await?.map_or(Tier::Unverified, |brand| brand.tier);
    let facts = Facts { verdict, listings: 1, tier, overturns_own_team };
    let policy = &house.policy;
    let Some(cause) = approval::needed(&policy.approvals, policy.batch_max, &facts) else { return Ok(None) };

    let mut case = case.clone();
    if matches!(case.state, State::Open { .. } | State::Held { .. }) {
        let reason = format!("waits for a second person: {}", cause.because());
        let hold = Action::Hold { until: expires(house), reason };
        case::apply(house, tx, actor, &mut case, &hold, &allowed.by(actor), "").await?;
        case.version += 1;
    }
    let cases = vec![Seen { case: case.id, version: case.version }];
    let note = note.to_owned();
    let wanted = match verdict {
        Some(verdict) => Wanted::Decide { verdict, cases, note },
        None => Wanted::Undo { cases, note },
    };
    let waits = file(house, tx, actor, cause, wanted).await?;
    Ok(Some((waits, case)))
}

/// Whether this takes back, or rules against, what a colleague of the same team decided. Inside the grace window nothing
/// has happened yet that two would have to look at.
async fn overturns_own_team(
    house: &House,
    tx: &mut Tx,
    allowed: &Allowed,
    case: &Case,
    verdict: Option<Verdict>,
) -> Result<bool> {
    let Some(me) = &allowed.operator else { return Ok(false) };
    let (decider, decision) = match (&case.state, verdict) {
        (State::Decided { by, decision, .. }, None) => (by, *decision),
        (State::Appealed { by, decision, verdict: was, .. }, Some(verdict)) if was.outcome() != verdict.outcome() => {
            (by, *decision)
        }
        _ => return Ok(false),
    };
    if *decider == me.id || me.team.is_none() {
        return Ok(false);
    }
    let theirs = operators::get(tx, decider).await?.and_then(|operator| operator.team);
    let made = decisions::get_many(tx, &[decision]).await?.pop().map(|decision| decision.at);
    let in_grace = made.is_some_and(|at| at + house.policy.grace > house.clock.now());
    Ok(theirs == me.team && !in_grace)
}

/// When a request made now is over.
fn expires(house: &House) -> Time {
    let hours = i64::from(house.policy.approvals.expires_hours);
    Time(house.clock.now().0.saturating_add(hours * Time::HOUR))
}

/// Writes a request. What is asked again in the same words is the same request; in other words it takes the place of the
/// one before.
async fn file(house: &House, tx: &mut Tx, actor: &Actor, cause: Cause, wanted: Wanted) -> Result<Waits> {
    let now = house.clock.now();
    let text = wanted.canonical().map_err(|e| store::Error::Corrupt {
        table: "approvals",
        id: "new".into(),
        problem: e.to_string(),
    })?;
    let digest = approval::digest(&text);
    if let Some(open) = approvals::pending_about(tx, &wanted.subject()).await? {
        if open.digest == digest && open.by == *actor.id() {
            return Ok(Waits { approval: open.id, cause: open.cause });
        }
        approvals::answer(tx, open.id, ApprovalState::Void, actor.id(), "another request took its place", now).await?;
        audit::add(tx, &[event(house, actor, "approval.void", &open, "another request took its place")]).await?;
    }
    let approval = Approval {
        id: house.clock.id(ApprovalId::from_ulid),
        cause,
        wanted,
        digest,
        by: actor.id().clone(),
        at: now,
        expires: expires(house),
        state: ApprovalState::Pending,
        answered: None,
        answer: String::new(),
    };
    approvals::add(tx, &approval).await?;
    audit::add(tx, &[event(house, actor, "approval.requested", &approval, approval.wanted.note())]).await?;
    Ok(Waits { approval: approval.id, cause })
}

/// An audit event about a request.
fn event(house: &House, actor: &Actor, action: &str, approval: &Approval, words: &str) -> crate::domain::audit::Event {
    let case = if let [one] = approval.wanted.cases() { Some(one.case) } else { None };
    let mut body = json!({
        "cause": approval.cause, "digest": approval.digest, "requested_by": approval.by, "want": approval.wanted.words(),
    });
    if !words.is_empty() {
        body["words"] = json!(words);
    }
    house.event(actor, action, format!("approval:{}", approval.id), case, body)
}

/// Proposes to close a seller's account for ever: the ladder says so, a person has to. Once said no to, the same strikes
/// are not proposed again.
///
/// # Errors
/// What the store says.
pub async fn propose_termination(
    house: &House,
    tx: &mut Tx,
    seller: &SellerId,
    points: i64,
    strikes: &[Strike],
) -> store::db::Result<()> {
    let strikes = strikes.iter().map(|strike| strike.id).collect();
    let wanted = Wanted::Terminate { seller: seller.clone(), points, strikes };
    let corrupt = |problem: String| store::Error::Corrupt { table: "approvals", id: seller.to_string(), problem };
    let digest = approval::digest(&wanted.canonical().map_err(|e| corrupt(e.to_string()))?);
    if approvals::was_refused(tx, &digest).await? {
        return Ok(());
    }
    match file(house, tx, &Actor::automatic("ladder"), Cause::Termination, wanted).await {
        Ok(_) => Ok(()),
        Err(super::Error::Store(error)) => Err(error),
        Err(other) => Err(corrupt(other.to_string())),
    }
}

/// Asks to bring the sellers who share a payout account with this one to the level of the worst of them.
///
/// # Errors
/// Refused without [`Permission::Decide`] and a note; when nobody is linked, when the worst stands below the policy's
/// limit, and when all stand alike.
pub async fn punish_linked(house: &House, actor: &Actor, seller: &SellerId, note: &str) -> Result<Waits> {
    if note.trim().is_empty() || note.chars().count() > 2000 {
        let problem = "it is empty or longer than 2,000 characters";
        return Err(Refused::one("note", problem, "Say why they belong together.").into());
    }
    super::race!(ask_for_linked(house, actor, seller, note))
}

async fn ask_for_linked(house: &House, actor: &Actor, seller: &SellerId, note: &str) -> Result<Waits> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Decide).await?;
    let Some(record) = sellers::get(&mut tx, seller).await? else {
        return Err(Refused::one("seller", format!("{seller} is not known"), "Name one that is.").into());
    };
    let mut cluster = sellers::linked(&mut tx, &record.seller).await?;
    if cluster.is_empty() {
        let problem = format!("nobody shares the payout account of {seller}");
        return Err(Refused::one("seller", problem, "Punish it by its own strikes.").into());
    }
    cluster.push(record);
    cluster.sort_by(|a, b| (b.level, &a.seller.id).cmp(&(a.level, &b.seller.id)));
    let worst = cluster.remove(0);
    let from = house.policy.approvals.linked_from;
    if worst.level < from || worst.level < Level::Restricted {
        let problem = format!("the worst of them, {}, is only {}", worst.seller.id, worst.level);
        return Err(Refused::one("seller", problem, format!("Wait until one is {from}.")).into());
    }
    let milder = cluster.into_iter().filter(|record| record.level < worst.level);
    let sellers: Vec<SellerId> = milder.map(|record| record.seller.id).collect();
    if sellers.is_empty() {
        let problem = format!("all of them are {} already", worst.level);
        return Err(Refused::one("seller", problem, "Nothing to do.").into());
    }
    let wanted = Wanted::PunishLinked {
        worst: worst.seller.id,
        level: worst.level,
        until: worst.level_until,
        sellers,
        note: note.to_owned(),
    };
    let waits = file(house, &mut tx, actor, Cause::LinkedSellers, wanted).await?;
    tx.commit().await?;
    Ok(waits)
}

/// The operator who asked, acting through whoever approves.
fn requester(approval: &Approval) -> Actor {
    let id: OperatorId = approval.by.clone();
    if id.as_str().starts_with("automatic:") { Actor::Automatic(id) } else { Actor::Operator(id) }
}

/// The case that a request waits for, if it is still as it was left.
async fn kept(tx: &mut Tx, approval: &Approval) -> Result<Option<(Case, By)>> {
    let [seen] = approval.wanted.cases() else { return Ok(None) };
    let Some(case) = cases::get(tx, seen.case).await? else { return Ok(None) };
    let is_kept = matches!(&case.state, State::Held { by, .. } if *by == approval.by) && case.version == seen.version;
    Ok(is_kept.then(|| (case, By::system(approval.by.clone()))))
}
