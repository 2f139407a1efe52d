//! The transition table: the only place where a case changes state. Its test prints it whole.

use super::{Action, By, Consequence, State};
use crate::domain::{
    decision::Verdict,
    escalation::Desk,
    ids::{AppealId, DecisionId, OperatorId, RequestId},
    refused::Refused,
    time::{Time, span_words},
};

/// A step: the state after it, and what follows.
pub type Step = Result<(State, Vec<Consequence>), Refused>;

/// The state after `action`, and what follows. Nothing else changes a case's state.
///
/// # Errors
/// Refused with the reason and what the person can do instead; then nothing changes.
pub fn step(state: &State, action: &Action, by: &By, now: Time) -> Step {
    match state {
        State::Open { assigned, desk } => open(assigned.as_ref(), *desk, action, by),
        State::Held { by: holder, until, desk, .. } => held(state, holder, *until, *desk, action, by, now),
        State::Asked { request, desk, .. } => asked(state, *request, *desk, action, by),
        State::Appealed { verdict, decision, by: decider, appeal, assigned: _ } => {
            appealed(state, &InForce { verdict: *verdict, decision: *decision, decider }, *appeal, action, by)
        }
        State::Decided { verdict, decision, by: decider } => {
            decided(state, &InForce { verdict: *verdict, decision: *decision, decider }, action, by)
        }
    }
}

/// The decision that is in force.
struct InForce<'a> {
    verdict: Verdict,
    decision: DecisionId,
    decider: &'a OperatorId,
}

impl InForce<'_> {
    /// The state in which it is in force and nobody contests it.
    fn stands(&self) -> State {
        State::Decided { verdict: self.verdict, decision: self.decision, by: self.decider.clone() }
    }
}

fn open(assigned: Option<&OperatorId>, desk: Option<Desk>, action: &Action, by: &By) -> Step {
    let state = || State::Open { assigned: assigned.cloned(), desk };
    match action {
        Action::Report => Ok((state(), vec![Consequence::Rescore])),
        Action::HoldRunsOut => Err(Refused::one("case", "nobody holds it", "Nothing to do.")),
        Action::Release if desk.is_none() && assigned.is_none() => {
            Err(Refused::one("case", "nobody holds it", "Nothing to do."))
        }
        _ => {
            at_desk(desk, action, by)?;
            undecided(&state(), desk, action, by)
        }
    }
}

fn held(
    state: &State,
    holder: &OperatorId,
    until: Time,
    desk: Option<Desk>,
    action: &Action,
    by: &By,
    now: Time,
) -> Step {
    match action {
        Action::Report => Ok((state.clone(), vec![Consequence::Rescore])),
        Action::HoldRunsOut if until <= now => Ok((State::Open { assigned: None, desk }, vec![])),
        Action::HoldRunsOut => Err(Refused::one(
            "case",
            format!("its hold runs another {}", span_words(until.since(now))),
            "Nothing to do: the sweep comes back.",
        )),
        // Those come from outside and wait for nobody.
        Action::Reinstate { .. } | Action::Undo | Action::Appeal { .. } | Action::WithdrawAppeal | Action::Answered => {
            undecided(state, desk, action, by)
        }
        _ if *holder != by.operator && !by.may_overturn => Err(Refused::one(
            "case",
            format!("{holder} holds it for another {}", span_words(until.since(now).max(0))),
            "Ask them to release or hand it over, or ask a senior.",
        )),
        Action::Release => Ok((State::Open { assigned: None, desk }, vec![])),
        _ => undecided(state, desk, action, by),
    }
}

fn asked(state: &State, request: RequestId, desk: Option<Desk>, action: &Action, by: &By) -> Step {
    let close = Consequence::CloseRequest(request);
    match action {
        Action::Report => Ok((state.clone(), vec![Consequence::Rescore])),
        Action::Answered => Ok((State::Open { assigned: None, desk }, vec![Consequence::Rescore])),
        Action::Release => Ok((State::Open { assigned: None, desk }, vec![close])),
        Action::HoldRunsOut => Err(Refused::one("case", "nobody holds it", "Nothing to do.")),
        Action::Ask { .. } => Err(Refused::one(
            "case",
            "the brand was asked already and has not answered yet",
            "Wait for the answer, or release the case and ask again.",
        )),
        _ => {
            at_desk(desk, action, by)?;
            let (state, mut consequences) = undecided(state, desk, action, by)?;
            consequences.insert(0, close);
            Ok((state, consequences))
        }
    }
}

/// What is alike in all states without a decision.
fn undecided(state: &State, desk: Option<Desk>, action: &Action, by: &By) -> Step {
    match action {
        Action::Decide { verdict, decision } => Ok(decide(*verdict, *decision, by)),
        Action::Reinstate { reason, decision } => Ok(decide(Verdict::Keep(*reason), *decision, by)),
        Action::Hold { until, reason } => {
            let state = State::Held { by: by.operator.clone(), until: *until, reason: reason.clone(), desk };
            Ok((state, vec![]))
        }
        Action::Release => Ok((State::Open { assigned: None, desk: None }, vec![])),
        Action::HandOver { to } => Ok((State::Open { assigned: Some(to.clone()), desk }, vec![])),
        Action::Escalate { desk: to } if desk == Some(*to) => Err(Refused::one(
            "desk",
            format!("it is at the {} desk already", to.title()),
            "Hand it over to somebody there, or decide it.",
        )),
        Action::Escalate { desk } => Ok((State::Open { assigned: None, desk: Some(*desk) }, vec![])),
        Action::Ask { request, until } => Ok((State::Asked { request: *request, until: *until, desk }, vec![])),
        Action::Answered => Err(Refused::one("case", "the brand is not asked about it", "Nothing to do.")),
        Action::Undo => {
            Err(Refused::one("case", "it is not decided, so there is nothing to undo", "Go on to the next case."))
        }
        Action::Appeal { .. } => Err(Refused::one(
            "case",
            "it is not decided, so there is nothing to appeal against",
            "Wait for the decision.",
        )),
        Action::WithdrawAppeal => Err(nothing_contested()),
        Action::Report | Action::HoldRunsOut => Ok((state.clone(), vec![])),
    }
}

fn decide(verdict: Verdict, decision: DecisionId, by: &By) -> (State, Vec<Consequence>) {
    use Consequence as C;
    let consequences = match verdict {
        Verdict::Remove(_) => vec![C::AnswerClaims, C::Strike, C::RemoveListing, C::LevelSeller],
        Verdict::Keep(_) => vec![C::AnswerClaims, C::TellBrand],
    };
    (State::Decided { verdict, decision, by: by.operator.clone() }, consequences)
}

/// What a desk has is decided by its members and by seniors. Anybody may pass it on.
fn at_desk(desk: Option<Desk>, action: &Action, by: &By) -> Result<(), Refused> {
    let free =
        matches!(action, Action::Escalate { .. } | Action::Reinstate { .. } | Action::Undo | Action::WithdrawAppeal);
    match desk {
        Some(desk) if !free && !by.may_overturn && !by.desks.contains(&desk) => Err(Refused::one(
            "desk",
            format!("the {} desk has it", desk.title()),
            "Leave it to them, or ask an admin to add you to that desk.",
        )),
        _ => Ok(()),
    }
}

fn appealed(state: &State, was: &InForce<'_>, appeal: AppealId, action: &Action, by: &By) -> Step {
    use Consequence as C;
    match action {
        Action::Report => Ok(reported_again(state, was.verdict)),
        Action::Decide { .. } if *was.decider == by.operator => Err(Refused::one(
            "case",
            "the decision that is contested is yours",
            "Leave it to somebody else: an appeal is ruled on by another person (DSA art. 20).",
        )),
        Action::Decide { verdict, .. } if verdict.outcome() == was.verdict.outcome() => {
            Ok((was.stands(), vec![C::Affirm(appeal)]))
        }
        Action::WithdrawAppeal => Ok((was.stands(), vec![C::DropAppeal(appeal)])),
        Action::Decide { verdict, decision } => {
            let (state, mut consequences) = replaced(was, *verdict, *decision, by);
            consequences.push(C::Overturn(appeal));
            Ok((state, consequences))
        }
        Action::Reinstate { reason, decision } if state.keeps_down() => {
            let (state, mut consequences) = replaced(was, Verdict::Keep(*reason), *decision, by);
            consequences.push(C::Overturn(appeal));
            Ok((state, consequences))
        }
        Action::HandOver { to } if to == was.decider => Err(Refused::one(
            "to",
            format!("{to} made the decision that is contested"),
            "Name somebody else: an appeal is ruled on by another person (DSA art. 20).",
        )),
        Action::HandOver { to } => {
            let mut state = state.clone();
            if let State::Appealed { assigned, .. } = &mut state {
                *assigned = Some(to.clone());
            }
            Ok((state, vec![]))
        }
        Action::Appeal { .. } => Err(Refused::one("case", "it is contested already", "Wait for the ruling.")),
        Action::Reinstate { .. } => Err(nothing_down()),
        _ => Err(Refused::one(
            "case",
            format!("the decision of {} is contested", was.decider),
            "Rule on the appeal: decide as they did, or otherwise. Or hand it over.",
        )),
    }
}

fn decided(state: &State, was: &InForce<'_>, action: &Action, by: &By) -> Step {
    use Consequence as C;
    match action {
        Action::Report => Ok(reported_again(state, was.verdict)),
        Action::Undo if *was.decider != by.operator && !by.may_overturn => Err(Refused::one(
            "case",
            format!("{} decided it", was.decider),
            "Only the decider or a senior may take a decision back.",
        )),
        Action::Undo => {
            let mut consequences = vec![C::TakeBack(was.decision), C::Reopen];
            if state.keeps_down() {
                consequences.push(C::LevelSeller);
            }
            Ok((State::Open { assigned: None, desk: None }, consequences))
        }
        Action::Appeal { appeal } => {
            let state = State::Appealed {
                verdict: was.verdict,
                decision: was.decision,
                by: was.decider.clone(),
                appeal: *appeal,
                assigned: None,
            };
            Ok((state, vec![C::Reopen, C::Rescore]))
        }
        Action::Reinstate { reason, decision } if state.keeps_down() => {
            let (state, mut consequences) = replaced(was, Verdict::Keep(*reason), *decision, by);
            consequences.insert(1, C::Reopen);
            Ok((state, consequences))
        }
        Action::Reinstate { .. } => Err(nothing_down()),
        Action::WithdrawAppeal => Err(nothing_contested()),
        _ => Err(Refused::one(
            "case",
            format!("{} already decided it ({})", was.decider, was.verdict),
            "Undo that decision first, or go on to the next case.",
        )),
    }
}

/// A decision takes another's place.
fn replaced(was: &InForce<'_>, verdict: Verdict, decision: DecisionId, by: &By) -> (State, Vec<Consequence>) {
    let (state, mut consequences) = decide(verdict, decision, by);
    consequences.insert(0, Consequence::TakeBack(was.decision));
    if matches!(was.verdict, Verdict::Remove(_)) && !consequences.contains(&Consequence::LevelSeller) {
        consequences.push(Consequence::LevelSeller);
    }
    (state, consequences)
}

/// Down, or on its way down: what keeps it down is this very decision, so it answers the new claims too. A seller who
/// lists the goods again has another listing, and so another case.
fn reported_again(state: &State, verdict: Verdict) -> (State, Vec<Consequence>) {
    match (verdict, state) {
        (Verdict::Remove(_), _) => (state.clone(), vec![Consequence::AnswerClaims, Consequence::TellBrand]),
        (Verdict::Keep(_), State::Appealed { .. }) => (state.clone(), vec![Consequence::Rescore]),
        (Verdict::Keep(_), _) => (State::Open { assigned: None, desk: None }, vec![Consequence::Reopen]),
    }
}

fn nothing_contested() -> Refused {
    Refused::one("case", "nobody contests a decision on it", "Nothing to take back.")
}

fn nothing_down() -> Refused {
    Refused::one("case", "no removal is in force on it", "Nothing to put back.")
}
