//! Four eyes: filing what one person may not do alone. A second person answers in [`answer`].

mod answer;
mod execute;
mod together;

use serde_json::json;

pub use self::answer::{Answered, approve, refuse, sweep};
pub(super) use self::together::ask_together;
use super::{Actor, Allowed, House, Result, authorize, case};
use crate::{
    domain::{
        approval::{self, ApprovalState, Cause, Facts, Seen, Wanted},
        automatic::Guarded,
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
    let most = house.policy.approvals.linked_max;
    let mut cluster = sellers::linked(&mut tx, &record.seller, most + 1).await?;
    if cluster.len() > most {
        let problem = format!("more than {most} others share the payout account of {seller}");
        let fix = "It is hardly one trader's: look at whose account it is. An admin may raise approvals.linked_max.";
        return Err(Refused::one("seller", problem, fix).into());
    }
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

/// Asks to let a stopped automatic path go on.
pub(super) async fn ask_to_let_go(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    guarded: &Guarded,
    tripped: Time,
    note: &str,
) -> Result<Waits> {
    let wanted = Wanted::LetGo { guarded: guarded.to_string(), tripped, note: note.to_owned() };
    file(house, tx, actor, Cause::AutomaticPath, wanted).await
}

/// Asks to put a policy in force that switches the automatic path on.
pub(super) async fn ask_for_policy(house: &House, tx: &mut Tx, actor: &Actor, wanted: Wanted) -> Result<Waits> {
    file(house, tx, actor, Cause::AutomaticPath, wanted).await
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
