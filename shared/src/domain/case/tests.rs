use ulid::Ulid;

use super::*;
use crate::domain::decision::RemoveReason;

fn operator(name: &str) -> OperatorId {
    name.parse().unwrap()
}

fn decided(verdict: Verdict) -> State {
    State::Decided { verdict, decision: DecisionId::from_ulid(Ulid(1)), by: operator("ann") }
}

fn appealed(verdict: Verdict) -> State {
    State::Appealed {
        verdict,
        decision: DecisionId::from_ulid(Ulid(1)),
        by: operator("ann"),
        appeal: AppealId::from_ulid(Ulid(4)),
        assigned: None,
    }
}

fn states() -> Vec<(&'static str, State)> {
    vec![
        ("open", State::Open { assigned: None, desk: None }),
        ("at legal desk", State::Open { assigned: None, desk: Some(Desk::Legal) }),
        ("held by ann", State::Held { by: operator("ann"), until: Time(100), reason: "waiting".into(), desk: None }),
        ("asked", State::Asked { request: RequestId::from_ulid(Ulid(3)), until: Time(100), desk: None }),
        ("removed by ann", decided(Verdict::Remove(RemoveReason::CounterfeitListing))),
        ("kept by ann", decided(Verdict::Keep(KeepReason::Genuine))),
        ("removal appealed", appealed(Verdict::Remove(RemoveReason::CounterfeitListing))),
        ("keeping appealed", appealed(Verdict::Keep(KeepReason::Genuine))),
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
        ("escalate", Action::Escalate { desk: Desk::Legal }),
        ("ask", Action::Ask { request: RequestId::from_ulid(Ulid(5)), until: Time(200) }),
        ("answered", Action::Answered),
        ("appeal", Action::Appeal { appeal: AppealId::from_ulid(Ulid(4)) }),
        ("withdraw appeal", Action::WithdrawAppeal),
        ("reinstate", Action::Reinstate { reason: KeepReason::CounterUpheld, decision }),
        ("undo", Action::Undo),
    ]
}

/// Reading this is reading the policy.
#[test]
fn the_whole_table() {
    let mut table = String::new();
    let people = [("ann", false, None), ("bob", false, None), ("lea", false, Some(Desk::Legal)), ("sue", true, None)];
    for (who, may_overturn, desk) in people {
        for (state_name, state) in states() {
            for (action_name, action) in actions() {
                let by = By { operator: operator(who), may_overturn, desks: desk.into_iter().collect() };
                let line = match step(&state, &action, &by, Time(50)) {
                    Ok((next, consequences)) => format!(
                        "{}{}",
                        next.as_str(),
                        consequences.iter().map(|c| format!(" +{}", name(*c))).collect::<String>()
                    ),
                    Err(refused) => format!("refused: {}", refused.faults[0].problem),
                };
                table += &format!("{who:<5}{state_name:<18}{action_name:<17}{line}\n");
            }
        }
    }
    insta::assert_snapshot!(table);
}

fn name(consequence: Consequence) -> String {
    match consequence {
        Consequence::TakeBack(_) => "TakeBack".into(),
        Consequence::CloseRequest(_) => "CloseRequest".into(),
        Consequence::Affirm(_) => "Affirm".into(),
        Consequence::Overturn(_) => "Overturn".into(),
        Consequence::DropAppeal(_) => "DropAppeal".into(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_hold_that_ran_out_opens_the_case() {
    let held = &states()[2].1;
    let by = By { operator: operator("system"), may_overturn: false, desks: vec![] };
    let (state, _) = step(held, &Action::HoldRunsOut, &by, Time(100)).unwrap();
    assert_eq!(state, State::Open { assigned: None, desk: None });
}
