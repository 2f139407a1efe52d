//! One step of a counter-notice inside a transaction, and what follows from it.

use serde_json::json;

use crate::{
    commands::{Actor, House, Result, appeal, case, withdrawal},
    domain::{
        appeal::{Appeal, Appellant},
        case::{Action as CaseAction, By},
        counter_notice::{
            Answer, CounterNews,
            table::{Action, Consequence, Terms, step},
        },
        decision::KeepReason,
        effect::{BrandNews, Effect, SellerNews},
        ids::DecisionId,
    },
    store::{
        self, Tx, audit, brands,
        cases::{self, Case},
        counter_notices::{self, Counter},
        effects, notices,
    },
};

/// What a step left to be done to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::commands) struct Moved {
    /// The removal falls, for this reason.
    pub reinstate: Option<KeepReason>,
    /// A person is to rule.
    pub review: bool,
}

/// Moves a counter-notice on: its state, the record, what the parties hear. What becomes of the case is left to the
/// caller, who has it in hand.
pub(in crate::commands) async fn moved(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    counter: &mut Counter,
    action: Action,
) -> Result<Moved> {
    let now = house.clock.now();
    let said = &counter.said;
    let terms = Terms { not_before: said.not_before, silence: said.silence, may_reject: said.may_reject };
    let (mut moved, mut news) = (Moved::default(), vec![]);
    let mut next = Some(action);
    while let Some(action) = next.take() {
        let (state, consequences) = step(counter.state, action, &terms, now)?;
        counter.state = state;
        for consequence in consequences {
            match consequence {
                Consequence::Reinstate(reason) => {
                    moved.reinstate = Some(reason);
                    next = Some(Action::Reinstated);
                }
                Consequence::Review => moved.review = true,
                tell => news.push(tell),
            }
        }
    }
    counter.closed = counter.state.is_final().then_some(now);
    counter_notices::save(tx, counter).await?;
    let mut new = vec![];
    for tell in news {
        match tell {
            Consequence::TellSeller(step) => new.push(to_seller(counter, step)),
            Consequence::TellBrand(step) => new.extend(to_brand(tx, counter, step).await?),
            Consequence::Reinstate(_) | Consequence::Review => {}
        }
    }
    let effects: Vec<_> = new.into_iter().map(|effect| house.effect(effect, now)).collect();
    effects::add(tx, &effects, now).await?;
    let mut body = json!({ "counter": counter.id, "answer": counter.answer });
    if action == Action::WindowEnds && now > counter.said.not_after {
        body["late_since"] = json!(counter.said.not_after.to_string());
    }
    let name = format!("counter.{}", counter.state);
    let event = house.event(actor, &name, format!("counter:{}", counter.id), Some(counter.said.case), body);
    audit::add(tx, &[event]).await?;
    Ok(moved)
}

fn to_seller(counter: &Counter, step: CounterNews) -> Effect {
    let news = SellerNews::Counter { case: counter.said.case, counter: counter.id, step };
    Effect::MailSeller { seller: counter.said.seller.clone(), news }
}

/// Whoever filed a notice that the contested decision accepted, and the brand's webhook. That a listing is put back is
/// told by mail with the decision that does it.
async fn to_brand(tx: &mut Tx, counter: &Counter, step: CounterNews) -> Result<Vec<Effect>> {
    let brand = &counter.said.brand;
    let hook = brands::has_hook(tx, brand).await?;
    let news = BrandNews::Counter { case: counter.said.case, counter: counter.id, step };
    let mut told = vec![];
    for notice in notices::answered_by(tx, counter.said.decision, counter.said.case).await? {
        let both = Effect::to_brand(brand, hook, Some(notice), news.clone());
        told.extend(both.filter(|effect| step != CounterNews::PutBack || !matches!(effect, Effect::MailBrand { .. })));
    }
    Ok(told)
}

/// Moves a counter-notice on and does to its case what follows.
pub(super) async fn advance(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    counter: &mut Counter,
    action: Action,
) -> Result<()> {
    let moved = moved(house, tx, actor, counter, action).await?;
    let Some(mut case) = cases::get(tx, counter.said.case).await? else { return Ok(()) };
    let stands = case.state.keeps_down() && case.state.decision().is_some_and(|(_, id)| id == counter.said.decision);
    if action == Action::Forward && !stands {
        // Taken back since it was looked up, by somebody who didn't see that it is contested.
        return Err(store::Error::Conflict(format!("case {}", case.id)).into());
    }
    if moved.review {
        return review(house, tx, actor, counter, &mut case).await;
    }
    match moved.reinstate.filter(|_| stands) {
        Some(KeepReason::Withdrawn) => {
            let notices = notices::answered_by(tx, counter.said.decision, case.id).await?;
            let now = house.clock.now();
            withdrawal::from_case(house, tx, actor, &mut case, &notices, &counter.words, now).await?;
        }
        Some(reason) => reinstate(house, tx, actor, &mut case, reason).await?,
        // Another step of the same case at the same moment must not pass this one by.
        None => cases::save(tx, &mut case).await?,
    }
    Ok(())
}

/// A removal falls: listing, points and restrictions come back with the decision that takes its place.
pub(in crate::commands) async fn reinstate(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    of: &mut Case,
    reason: KeepReason,
) -> Result<()> {
    let decision = house.clock.id(DecisionId::from_ulid);
    let action = CaseAction::Reinstate { reason, decision };
    case::apply(house, tx, actor, of, &action, &By::system(actor.id().clone()), "").await?;
    let body = json!({ "outcome": of.state.as_str(), "reason": reason, "decision": decision, "round": of.round });
    let event = house.event(actor, "case.reinstated", format!("case:{}", of.id), Some(of.id), body);
    audit::add(tx, &[event]).await?;
    Ok(())
}

/// A counter-notice comes before a person, as an appeal of the seller's; with the one that is open already, if one is.
async fn review(house: &House, tx: &mut Tx, actor: &Actor, counter: &mut Counter, case: &mut Case) -> Result<()> {
    let open = match &case.state {
        crate::domain::case::State::Appealed { appeal, .. } => Some(*appeal),
        _ => None,
    };
    let appeal = match open {
        Some(appeal) => appeal,
        None => {
            let filed = Appeal {
                by: Appellant::Seller(counter.said.seller.clone()),
                reference: format!("counter-{}", counter.id),
                digest: counter.said.digest.clone(),
                case: case.id,
                decision: counter.said.decision,
                grounds: counter.said.explanation.clone(),
            };
            appeal::file(house, tx, actor, filed, Some(counter.id), case).await?
        }
    };
    counter.appeal = Some(appeal);
    debug_assert!(matches!(counter.answer, Some(Answer::Reject | Answer::Silent)), "somebody was to answer");
    Ok(counter_notices::save(tx, counter).await?)
}
