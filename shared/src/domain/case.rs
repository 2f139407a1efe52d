//! A case: one brand's claims on one listing, and the only place where it changes state.

use super::{
    decision::Verdict,
    ids::{DecisionId, OperatorId},
    refused::Refused,
    time::{Time, span_words},
};

/// Where a case stands. What has meaning in one state only is stored in that state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// In the queue.
    Open {
        /// Handed over to this person, if to anybody.
        assigned: Option<OperatorId>,
    },
    /// Kept by one person for a while, with a reason.
    Held {
        /// Who keeps it.
        by: OperatorId,
        /// When it goes back into the queue by itself.
        until: Time,
        /// What is waited for.
        reason: String,
    },
    /// Decided; the effects follow after the grace window.
    Decided {
        /// What was decided.
        verdict: Verdict,
        /// The decision.
        decision: DecisionId,
        /// Who decided.
        by: OperatorId,
    },
}

/// What can happen to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Another notice reports the listing.
    Report,
    /// Somebody decides.
    Decide {
        /// What.
        verdict: Verdict,
        /// The decision's id.
        decision: DecisionId,
    },
    /// Somebody keeps the case for a while.
    Hold {
        /// Until when.
        until: Time,
        /// What is waited for.
        reason: String,
    },
    /// The holder gives it back.
    Release,
    /// The hold's time is over.
    HoldRunsOut,
    /// Somebody passes the case to a named person.
    HandOver {
        /// To whom.
        to: OperatorId,
    },
    /// The decision is taken back.
    Undo,
}

/// Who acts, as far as the table has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The person; for the system's own actions, the system.
    pub operator: OperatorId,
    /// Whether the role may overturn others (see [`super::operator::Permission::Overturn`]).
    pub may_overturn: bool,
}

/// What follows from a step, carried out by the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consequence {
    /// A strike on the seller's record.
    Strike,
    /// The listing comes down; seller and brand hear of it once it is down.
    RemoveListing,
    /// The seller is brought to the ladder's level.
    LevelSeller,
    /// The brand hears that its claims were refused.
    TellBrand,
    /// The claims that are open now are answered with the verdict.
    AnswerClaims,
    /// The decision's effects are cancelled, or made good where they were carried out.
    TakeBack(DecisionId),
    /// The case starts another round in the queue: new deadline, new rank.
    Reopen,
    /// Rank and deadline are computed anew.
    Rescore,
}

impl State {
    /// The state as stored: `open`, `held`, `removed`, `kept`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Held { .. } => "held",
            Self::Decided { verdict, .. } => verdict.outcome(),
        }
    }
}

/// The transition table: the state after `action`, and what follows. Nothing else changes a case's state.
///
/// # Errors
/// Refused with the reason and what the person can do instead; then nothing changes.
pub fn step(state: &State, action: &Action, by: &By, now: Time) -> Result<(State, Vec<Consequence>), Refused> {
    use Consequence as C;
    let open = |assigned| State::Open { assigned };
    let held_by_other = |holder: &OperatorId| *holder != by.operator && !by.may_overturn;
    match (state, action) {
        (State::Open { .. } | State::Held { .. }, Action::Report) => Ok((state.clone(), vec![C::Rescore])),
        // Down, or on its way down: what keeps it down is this very decision, so it answers the new claims too. A seller
        // who lists the goods again has another listing, and so another case.
        (State::Decided { verdict: Verdict::Remove(_), .. }, Action::Report) => {
            Ok((state.clone(), vec![C::AnswerClaims, C::TellBrand]))
        }
        (State::Decided { .. }, Action::Report) => Ok((open(None), vec![C::Reopen])),

        (
            State::Held { by: holder, until, .. },
            Action::Decide { .. } | Action::HandOver { .. } | Action::Release | Action::Hold { .. },
        ) if held_by_other(holder) => Err(Refused::one(
            "case",
            format!("{holder} holds it for another {}", span_words(until.since(now).max(0))),
            "Ask them to release or hand it over, or ask a senior.",
        )),
        (State::Open { .. } | State::Held { .. }, Action::Decide { verdict, decision }) => {
            let state = State::Decided { verdict: *verdict, decision: *decision, by: by.operator.clone() };
            let consequences = match verdict {
                Verdict::Remove(_) => vec![C::AnswerClaims, C::Strike, C::RemoveListing, C::LevelSeller],
                Verdict::Keep(_) => vec![C::AnswerClaims, C::TellBrand],
            };
            Ok((state, consequences))
        }
        (State::Open { .. } | State::Held { .. }, Action::Hold { until, reason }) => {
            let state = State::Held { by: by.operator.clone(), until: *until, reason: reason.clone() };
            Ok((state, vec![]))
        }
        (State::Held { .. }, Action::Release) => Ok((open(None), vec![])),
        (State::Held { until, .. }, Action::HoldRunsOut) if *until <= now => Ok((open(None), vec![])),
        (State::Held { until, .. }, Action::HoldRunsOut) => Err(Refused::one(
            "case",
            format!("its hold runs another {}", span_words(until.since(now))),
            "Nothing to do: the sweep comes back.",
        )),
        (State::Open { .. } | State::Held { .. }, Action::HandOver { to }) => Ok((open(Some(to.clone())), vec![])),
        (State::Decided { decision, by: decider, verdict, .. }, Action::Undo) => {
            if *decider != by.operator && !by.may_overturn {
                return Err(Refused::one(
                    "case",
                    format!("{decider} decided it"),
                    "Only the decider or a senior may take a decision back.",
                ));
            }
            let mut consequences = vec![C::TakeBack(*decision), C::Reopen];
            if matches!(verdict, Verdict::Remove(_)) {
                consequences.push(C::LevelSeller);
            }
            Ok((open(None), consequences))
        }

        (State::Decided { verdict, by: decider, .. }, _) => Err(Refused::one(
            "case",
            format!("{decider} already decided it ({verdict})"),
            "Undo that decision first, or go on to the next case.",
        )),
        (_, Action::Undo) => {
            Err(Refused::one("case", "it is not decided, so there is nothing to undo", "Go on to the next case."))
        }
        (State::Open { .. }, Action::Release | Action::HoldRunsOut) => {
            Err(Refused::one("case", "nobody holds it", "Nothing to do."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decision::{KeepReason, RemoveReason};
    use ulid::Ulid;

    fn operator(name: &str) -> OperatorId {
        name.parse().unwrap()
    }

    fn decided(verdict: Verdict) -> State {
        State::Decided { verdict, decision: DecisionId::from_ulid(Ulid(1)), by: operator("ann") }
    }

    fn states() -> Vec<(&'static str, State)> {
        vec![
            ("open", State::Open { assigned: None }),
            ("held by ann", State::Held { by: operator("ann"), until: Time(100), reason: "asking".into() }),
            ("removed by ann", decided(Verdict::Remove(RemoveReason::CounterfeitListing))),
            ("kept by ann", decided(Verdict::Keep(KeepReason::Genuine))),
        ]
    }

    fn actions() -> Vec<(&'static str, Action)> {
        let decision = DecisionId::from_ulid(Ulid(2));
        vec![
            ("report", Action::Report),
            ("remove", Action::Decide { verdict: Verdict::Remove(RemoveReason::CounterfeitListing), decision }),
            ("keep", Action::Decide { verdict: Verdict::Keep(KeepReason::Genuine), decision }),
            ("hold", Action::Hold { until: Time(200), reason: "asking".into() }),
            ("release", Action::Release),
            ("hold runs out", Action::HoldRunsOut),
            ("hand over", Action::HandOver { to: operator("bob") }),
            ("undo", Action::Undo),
        ]
    }

    /// Reading this is reading the policy.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for (who, may_overturn) in [("ann", false), ("bob", false), ("senior", true)] {
            for (state_name, state) in states() {
                for (action_name, action) in actions() {
                    let by = By { operator: operator(who), may_overturn };
                    let line = match step(&state, &action, &by, Time(50)) {
                        Ok((next, consequences)) => format!(
                            "{}{}",
                            next.as_str(),
                            consequences.iter().map(|c| format!(" +{}", name(*c))).collect::<String>()
                        ),
                        Err(refused) => format!("refused: {}", refused.faults[0].problem),
                    };
                    table += &format!("{who:<7}{state_name:<16}{action_name:<18}{line}\n");
                }
            }
        }
        insta::assert_snapshot!(table);
    }

    fn name(consequence: Consequence) -> String {
        match consequence {
            Consequence::TakeBack(_) => "TakeBack".into(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_hold_that_ran_out_opens_the_case() {
        let held = &states()[1].1;
        let by = By { operator: operator("system"), may_overturn: false };
        let (state, _) = step(held, &Action::HoldRunsOut, &by, Time(100)).unwrap();
        assert_eq!(state, State::Open { assigned: None });
    }
}
