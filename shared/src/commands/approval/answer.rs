//! The second person's answer, and what ends a request without one.

use std::collections::BTreeSet;

use super::{
    super::{Actor, Error, House, Result, authorize, race},
    event, execute, kept,
};
use crate::{
    commands::case,
    domain::{
        approval::{ApprovalState, Seen, Wanted},
        case::Action,
        effect::{Effect, NewEffect},
        ids::{ApprovalId, SellerId, StrikeId},
        operator::Permission,
        refused::Refused,
        time::{Time, due_words},
    },
    store::{
        Tx,
        approvals::{self, Approval},
        audit, breakers, cases, effects, penalties, policies,
        sellers::{self, SellerRecord},
    },
};

/// Cases up to which the sweep looks whether a request is still about what was seen; bigger ones are looked at when they
/// are answered.
const LOOKED_AT: usize = 10;

/// What was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The request.
    pub approval: ApprovalId,
    /// What it asked for, in words.
    pub words: String,
}

/// How an attempt at answering ended: a request that turned out to be over is closed, and the person told why.
enum Outcome {
    Answered(Answered),
    Over(Refused),
}

/// Says yes, and carries the request out in the same transaction, in the requester's name.
///
/// # Errors
/// Refused without [`Permission::Approve`], to the requester, for a request that is answered, over, or about something
/// that changed since (then it is void), and when the requester may no longer do it.
pub async fn approve(house: &House, actor: &Actor, id: ApprovalId, words: &str) -> Result<Answered> {
    check_words(words, false)?;
    over(race!(try_approve(house, actor, id, words)))
}

/// Says no, with a reason. The requester's own no takes the request back.
///
/// # Errors
/// Refused without a reason, and as [`approve`].
pub async fn refuse(house: &House, actor: &Actor, id: ApprovalId, words: &str) -> Result<Answered> {
    check_words(words, true)?;
    over(race!(try_refuse(house, actor, id, words)))
}

fn over(outcome: Result<Outcome>) -> Result<Answered> {
    match outcome? {
        Outcome::Answered(answered) => Ok(answered),
        Outcome::Over(why) => Err(why.into()),
    }
}

fn check_words(words: &str, needed: bool) -> Result<()> {
    if (needed && words.trim().is_empty()) || words.chars().count() > 2000 {
        let problem = "they are missing or longer than 2,000 characters";
        return Err(Refused::one("words", problem, "Say why in a few words; the requester reads them.").into());
    }
    Ok(())
}

/// The request, if it still waits for an answer.
async fn pending(tx: &mut Tx, id: ApprovalId) -> Result<Approval> {
    let Some(approval) = approvals::lock(tx, id).await? else {
        return Err(Refused::one("id", format!("{id} is no request here"), "See the list of approvals.").into());
    };
    if approval.state == ApprovalState::Pending {
        return Ok(approval);
    }
    let by = approval.answered.as_ref().map_or_else(String::new, |(by, _)| format!(" by {by}"));
    let why = if approval.answer.is_empty() { String::new() } else { format!(": {}", approval.answer) };
    Err(Refused::one("id", format!("it is {}{by}{why}", approval.state), "Nothing to do; ask again if it is needed.")
        .into())
}

async fn try_approve(house: &House, actor: &Actor, id: ApprovalId, words: &str) -> Result<Outcome> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let allowed = authorize(&mut tx, actor, Permission::Approve).await?;
    if allowed.operator.is_none() {
        return Err(Refused::one("actor", format!("{actor} is no person"), "A second person has to look.").into());
    }
    let approval = pending(&mut tx, id).await?;
    if approval.by == *actor.id() {
        let fix = "Ask a colleague who may approve; two people have to look.";
        return Err(Refused::one("actor", "you asked for it yourself", fix).into());
    }
    if approval.expires <= now {
        return close_and_tell(house, tx, actor, &approval, ApprovalState::Expired, "nobody answered in time").await;
    }
    if let Some(why) = changed(house, &mut tx, &approval.wanted).await? {
        return close_and_tell(house, tx, actor, &approval, ApprovalState::Void, &why).await;
    }
    execute::carry(house, &mut tx, &approval, actor.id()).await?;
    approvals::answer(&mut tx, id, ApprovalState::Approved, actor.id(), words, now).await?;
    audit::add(&mut tx, &[event(house, actor, "approval.approved", &approval, words)]).await?;
    tx.commit().await?;
    Ok(Outcome::Answered(Answered { approval: id, words: approval.wanted.words() }))
}

async fn try_refuse(house: &House, actor: &Actor, id: ApprovalId, words: &str) -> Result<Outcome> {
    let mut tx = house.db.write().await?;
    let approval = pending(&mut tx, id).await?;
    let state = if approval.by == *actor.id() {
        ApprovalState::Void
    } else {
        let allowed = authorize(&mut tx, actor, Permission::Approve).await?;
        if allowed.operator.is_none() {
            return Err(Refused::one("actor", format!("{actor} is no person"), "A second person has to look.").into());
        }
        ApprovalState::Refused
    };
    close(house, &mut tx, actor, &approval, state, words).await?;
    tx.commit().await?;
    Ok(Outcome::Answered(Answered { approval: id, words: approval.wanted.words() }))
}

async fn close_and_tell(
    house: &House,
    mut tx: Tx,
    actor: &Actor,
    approval: &Approval,
    state: ApprovalState,
    why: &str,
) -> Result<Outcome> {
    close(house, &mut tx, actor, approval, state, why).await?;
    tx.commit().await?;
    let fix = format!("It is {state} now and nothing was done. Ask again if it is still needed.");
    Ok(Outcome::Over(Refused::one("id", why, fix)))
}

/// Ends a request without carrying it out: the case goes back to the queue, a termination is looked at again.
async fn close(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    approval: &Approval,
    state: ApprovalState,
    why: &str,
) -> Result<()> {
    let now = house.clock.now();
    if !approvals::answer(tx, approval.id, state, actor.id(), why, now).await? {
        return Ok(());
    }
    if let Some((mut case, by)) = kept(tx, approval).await? {
        case::apply(house, tx, actor, &mut case, &Action::Release, &by, "").await?;
    }
    if let Wanted::Terminate { seller, .. } = &approval.wanted
        && state != ApprovalState::Refused
    {
        effects::add(tx, &[look_again(house, seller)], now).await?;
    }
    audit::add(tx, &[event(house, actor, &format!("approval.{state}"), approval, why)]).await?;
    Ok(())
}

/// Has a seller's level looked at again now.
pub(super) fn look_again(house: &House, seller: &SellerId) -> NewEffect {
    house.effect(Effect::LevelSeller { seller: seller.clone(), case: None }, house.clock.now())
}

/// Why what is asked for is no longer what was seen, if it isn't.
pub(super) async fn changed(house: &House, tx: &mut Tx, wanted: &Wanted) -> Result<Option<String>> {
    match wanted {
        Wanted::Decide { cases, .. } | Wanted::Undo { cases, .. } => {
            for Seen { case, version } in cases {
                match cases::get(tx, *case).await? {
                    Some(found) if found.version == *version => {}
                    Some(_) => return Ok(Some(format!("case {case} changed since it was asked for"))),
                    None => return Ok(Some(format!("case {case} is not known"))),
                }
            }
            Ok(None)
        }
        Wanted::Terminate { seller, strikes, .. } => {
            let Some(record) = sellers::lock_many(tx, [seller]).await?.pop() else {
                return Ok(Some(format!("seller {seller} is not known")));
            };
            let stand: Vec<_> = sellers::strikes(tx, [seller]).await?.into_iter().map(|(_, strike)| strike).collect();
            let imposed = penalties::imposed(tx, [seller]).await?.remove(seller).unwrap_or_default();
            let force = house.policy.ladder.in_force(&record.seller.id, &stand, &imposed, house.clock.now());
            let ids = |strikes: &mut dyn Iterator<Item = StrikeId>| strikes.collect::<BTreeSet<_>>();
            if ids(&mut stand.iter().map(|strike| strike.id)) != ids(&mut strikes.iter().copied()) {
                return Ok(Some(format!("the strikes of seller {seller} changed since it was proposed")));
            }
            let why = format!("the ladder no longer asks to close the account of {seller}");
            Ok((!force.termination_due).then_some(why))
        }
        Wanted::LetGo { guarded, tripped, .. } => {
            let breaker = match guarded.parse() {
                Ok(guarded) => breakers::get_many(tx, [&guarded]).await?.pop(),
                Err(_) => None,
            };
            let stands = breaker.and_then(|breaker| breaker.tripped).is_some_and(|(at, _)| at == *tripped);
            Ok((!stands).then(|| format!("{guarded} is not stopped any more, or was stopped anew")))
        }
        Wanted::Policy { from, .. } => {
            let is_same = policies::version(tx).await? == *from;
            Ok((!is_same).then(|| "the policy changed since it was asked for".to_owned()))
        }
        Wanted::PunishLinked { worst, level, until, sellers, .. } => {
            let Some(record) = sellers::lock_many(tx, [worst]).await?.pop() else {
                return Ok(Some(format!("seller {worst} is not known")));
            };
            if (record.level, record.level_until) != (*level, *until) {
                return Ok(Some(format!("the level of seller {worst} changed since it was asked for")));
            }
            let others = sellers::get_many(tx, sellers).await?;
            let is_linked = |other: &SellerRecord| {
                other.seller.payout_account.is_some() && other.seller.payout_account == record.seller.payout_account
            };
            let gone =
                sellers.iter().find(|id| !others.iter().any(|other| other.seller.id == **id && is_linked(other)));
            Ok(gone.map(|seller| format!("seller {seller} does not share a payout account with {worst} any more")))
        }
    }
}

/// Ends requests whose time is over or that are about something that changed, of the 200 that end soonest. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn sweep(house: &House, actor: &Actor) -> Result<usize> {
    let open = approvals::queue(&mut house.db.read().await?, None, 200).await?;
    let now = house.clock.now();
    let mut ended = 0;
    for approval in open {
        if approval.expires <= now || approval.wanted.cases().len() <= LOOKED_AT {
            ended += usize::from(race!(end(house, actor, approval.id, now))?);
        }
    }
    Ok(ended)
}

async fn end(house: &House, actor: &Actor, id: ApprovalId, now: Time) -> Result<bool> {
    let mut tx = house.db.write().await?;
    // Somebody may have answered since the list was made: then there is nothing to end.
    let approval = match pending(&mut tx, id).await {
        Ok(approval) => approval,
        Err(Error::Refused(_)) => return Ok(false),
        Err(other) => return Err(other),
    };
    if approval.expires <= now {
        let why = format!("nobody answered; it was {}", due_words(approval.expires, now));
        close(house, &mut tx, actor, &approval, ApprovalState::Expired, &why).await?;
    } else if let Some(why) = changed(house, &mut tx, &approval.wanted).await? {
        close(house, &mut tx, actor, &approval, ApprovalState::Void, &why).await?;
    } else {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
