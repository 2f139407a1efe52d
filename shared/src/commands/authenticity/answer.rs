//! A rights holder answers.

use serde_json::json;
use ulid::Ulid;

use super::come_back;
use crate::{
    commands::{
        Actor, House, Result, authorize,
        automatic::Path,
        case::{apply, decide, record},
        race,
    },
    domain::{
        authenticity::{Action, Answer, Follow, follow, step},
        automatic::Rule,
        case::{Action as CaseAction, By, State as CaseState},
        decision::{KeepReason, Verdict},
        effect::Effect,
        ids::{BrandId, CaseId, OperatorId, RequestId},
        operator::Permission,
        reason::ReasonCode,
        refused::Refused,
    },
    store::{
        Tx, audit,
        authenticity::{self, Clearance, Request},
        brands,
        cases::{self, Case},
        effects,
    },
};

/// What a rights holder answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// The question.
    pub request: RequestId,
    /// The answer.
    pub answer: Answer,
    /// What they add; at most 2,000 characters.
    pub note: String,
    /// The nonce of the link by which it came; the link is used up with it.
    pub link: Option<Ulid>,
    /// The colleague who enters what came by mail or telephone.
    pub entered_by: Option<OperatorId>,
}

/// What an answer led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub request: RequestId,
    /// The case.
    pub case: CaseId,
    /// What follows.
    pub follow: Follow,
    /// Where the case stands now.
    pub state: &'static str,
}

/// Takes a rights holder's answer, in the name of the brand that `actor` is ([`Actor::brand`]): by link, portal, or a
/// colleague who enters what came by mail. The answer, the use of the link, the case and what follows are one transaction.
///
/// # Errors
/// Refused for a request of another brand (which is told no more than for one that doesn't exist), one that was answered
/// or closed, and a link that was used or replaced. Then nothing is changed.
pub async fn answer(house: &House, actor: &Actor, answering: &Answering) -> Result<Answered> {
    if answering.note.chars().count() > 2000 {
        return Err(Refused::one("note", "it is longer than 2,000 characters", "Shorten it.").into());
    }
    race!(attempt(house, actor, answering))
}

async fn attempt(house: &House, actor: &Actor, answering: &Answering) -> Result<Answered> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let mut request = own(&mut tx, actor, answering.request).await?;
    if let Some(nonce) = answering.link {
        if let Some(at) = authenticity::link_used(&mut tx, nonce).await? {
            let fix = "Each link works once. To correct the answer, write to us and name the request.";
            return Err(Refused::one("link", format!("it was used on {at}"), fix).into());
        }
        if nonce != request.nonce {
            return Err(Refused::one("link", "a newer one replaced it", "Use the newest message.").into());
        }
        authenticity::use_link(&mut tx, nonce, request.id, now).await?;
    }
    let seen = request.state;
    request.state = step(seen, Action::Answer(answering.answer), request.until, now)?;
    request.note = answering.note.trim().replace('\0', "\u{2400}");
    request.ended = Some((actor.id().clone(), now));
    authenticity::save(&mut tx, seen, &request).await?;
    let mut case = case_of(&mut tx, &request).await?;
    let tier = brands::get(&mut tx, &request.brand).await?.map(|brand| brand.tier);
    let follows =
        follow(answering.answer, tier.unwrap_or(crate::domain::brand::Tier::Unverified), &house.policy.asking);
    let follows = carry(house, &mut tx, actor, &request, &mut case, follows).await?;
    if seen.pauses() {
        let (listing, id) = (case.listing.clone(), request.id);
        let resume = house.effect(Effect::ResumeListing { listing, case: case.id, request: id }, now);
        effects::add(&mut tx, &[resume], now).await?;
    }
    // The brand's own words stay with the request: this record can never forget.
    let body = json!({
        "request": request.id,
        "answer": answering.answer,
        "late": request.until <= now,
        "entered_by": answering.entered_by,
    });
    let event = house.event(actor, "authenticity.answered", format!("case:{}", case.id), Some(case.id), body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Answered { request: request.id, case: case.id, follow: follows, state: case.state.as_str() })
}

/// The request, if it is one of the brand that acts.
async fn own(tx: &mut Tx, actor: &Actor, id: RequestId) -> Result<Request> {
    let request = authenticity::get(tx, id).await?.filter(|request| is_brand(actor, &request.brand));
    request.ok_or_else(|| {
        let fix = "Take the request's id from the newest message, or see `jointforce-worker brand requests`.";
        Refused::one("request", format!("{id} is no question to {actor}"), fix).into()
    })
}

fn is_brand(actor: &Actor, brand: &BrandId) -> bool {
    matches!(actor, Actor::Party { .. }) && actor.id().as_str().strip_prefix("brand:") == Some(brand.as_str())
}

async fn case_of(tx: &mut Tx, request: &Request) -> Result<Case> {
    let case = cases::get(tx, request.case).await?.filter(|case| case.state.decision().is_none());
    case.ok_or_else(|| {
        let fix = "You may contest the decision; the message about it says how.";
        Refused::one("request", "its case is decided already", fix).into()
    })
}

async fn carry(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    request: &Request,
    case: &mut Case,
    mut follows: Follow,
) -> Result<Follow> {
    let now = house.clock.now();
    let by = |actor: &Actor| By::system(actor.id().clone());
    if follows == Follow::RemoveAtOnce {
        let brand = brands::get(tx, &request.brand).await?;
        let mut path = Path::by(house, Rule::Answered);
        let gone = match &brand {
            Some(brand) => path.remove(tx, brand, case, ReasonCode::Counterfeit).await?,
            None => false,
        };
        if !gone {
            // A breaker stopped the path, or a desk has the case.
            follows = Follow::ToModerator(house.policy.asking.counterfeit_hours);
        }
    }
    match follows {
        Follow::Clear => {
            let clearance = Clearance {
                brand: request.brand.clone(),
                listing: request.listing.clone(),
                version: request.snapshot_version,
                request: request.id,
                cleared: now,
            };
            authenticity::clear(tx, &clearance).await?;
            let action = decide(house, Verdict::Keep(KeepReason::Genuine));
            let note = "The rights holder says that it is genuine.";
            apply(house, tx, actor, case, &action, &by(actor), note).await?;
            record(house, tx, actor, case, note).await?;
        }
        Follow::RemoveAtOnce => {}
        Follow::ToModerator(hours) => {
            if matches!(case.state, CaseState::Asked { .. }) {
                come_back(case, request.asked, now, hours);
                apply(house, tx, actor, case, &CaseAction::Answered, &by(actor), "").await?;
            } else {
                // It came late, and the case is in the queue again already: only its place changes.
                come_back(case, now, now, hours);
                cases::save(tx, case).await?;
            }
        }
    }
    Ok(follows)
}

/// Takes an answer *genuine* back: the listing may be reported again, and the brand's next notice opens the case anew.
/// By the brand itself, or by whoever decides cases.
///
/// # Errors
/// Refused for another brand's request, and where no clearance is in force.
pub async fn take_back(house: &House, actor: &Actor, request: RequestId) -> Result<()> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let request = if matches!(actor, Actor::Party { .. }) {
        own(&mut tx, actor, request).await?
    } else {
        authorize(&mut tx, actor, Permission::Decide).await?;
        authenticity::get(&mut tx, request)
            .await?
            .ok_or_else(|| Refused::one("request", format!("{request} is not known"), "See `brand requests`."))?
    };
    if !authenticity::lift(&mut tx, request.id, actor.id(), now).await? {
        let fix = "Nothing to take back: file a notice, or answer the open question.";
        return Err(Refused::one("request", "nothing is cleared by it", fix).into());
    }
    let body = json!({ "request": request.id });
    let event =
        house.event(actor, "authenticity.taken_back", format!("case:{}", request.case), Some(request.case), body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}
