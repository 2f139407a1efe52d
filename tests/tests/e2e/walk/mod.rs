//! Random walks over the whole casework, on both databases: whatever happens in whatever order, the commands accept
//! exactly what the transition table accepts, and the records keep their rules.
//!
//! `JOINTFORCE_WALKS` sets the number of walks on each database (100 if it is not set; a release is walked 10,000).

mod system;

use jointforce_shared::domain::{
    case::{Action, By, State, step},
    decision::{KeepReason, RemoveReason, Verdict},
    escalation::Desk,
    ids::{DecisionId, OperatorId},
    time::Time,
};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use ulid::Ulid;

use self::system::System;

/// Cases in one walk: two listings of one seller.
const CASES: usize = 2;

/// Who walks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Ann,
    Bob,
    Sue,
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ann => "ann",
            Self::Bob => "bob",
            Self::Sue => "sue",
        }
    }

    fn by(self) -> By {
        By { operator: operator(self), may_overturn: self == Self::Sue, desks: vec![] }
    }
}

fn operator(who: Who) -> OperatorId {
    who.name().parse().expect("an account")
}

/// What somebody does.
#[derive(Debug, Clone, Copy)]
pub enum Doing {
    Report,
    Remove(RemoveReason),
    Keep(KeepReason),
    Hold,
    Release,
    HandOver(Who),
    Escalate(Desk),
    Undo,
}

/// One step of a walk.
#[derive(Debug, Clone)]
pub enum Transition {
    /// Somebody does something to a case.
    Do(usize, Who, Doing),
    /// Time passes, in hours; what is due is carried out, and the sweep runs.
    Pass(i64),
}

/// What the walk has come to: each case's state as the table alone says, and the time.
#[derive(Debug, Clone)]
pub struct Walk {
    pub states: [Option<State>; CASES],
    pub hours: i64,
}

/// The walk's clock: hours from its start, so that the table's answer about a hold is the same in both worlds.
fn moment(hours: i64) -> Time {
    Time(hours * Time::HOUR)
}

impl Walk {
    /// The table's answer to a step; `None` for a report that opens the case.
    pub fn expected(&self, case: usize, who: Who, doing: Doing) -> Option<Result<State, String>> {
        let state = self.states[case].as_ref()?;
        let decision = DecisionId::from_ulid(Ulid(1));
        let now = moment(self.hours);
        let action = match doing {
            Doing::Report => Action::Report,
            Doing::Remove(reason) => Action::Decide { verdict: Verdict::Remove(reason), decision },
            Doing::Keep(reason) => Action::Decide { verdict: Verdict::Keep(reason), decision },
            Doing::Hold => Action::Hold { until: moment(self.hours + HOLD_HOURS), reason: "waiting".into() },
            Doing::Release => Action::Release,
            Doing::HandOver(to) => Action::HandOver { to: operator(to) },
            Doing::Escalate(desk) => Action::Escalate { desk },
            Doing::Undo => Action::Undo,
        };
        let outcome = step(state, &action, &who.by(), now);
        Some(outcome.map(|(state, _)| state).map_err(|refused| refused.to_string()))
    }
}

/// How long every hold in a walk is.
pub const HOLD_HOURS: i64 = 5;

impl ReferenceStateMachine for Walk {
    type State = Self;
    type Transition = Transition;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self { states: [const { None }; CASES], hours: 0 }).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Transition> {
        let who = || prop_oneof![4 => Just(Who::Ann), 3 => Just(Who::Bob), 2 => Just(Who::Sue)];
        let doing = prop_oneof![
            4 => Just(Doing::Report),
            4 => proptest::sample::select(RemoveReason::ALL).prop_map(Doing::Remove),
            3 => proptest::sample::select(KeepReason::CHOICES).prop_map(Doing::Keep),
            1 => Just(Doing::Hold),
            1 => Just(Doing::Release),
            1 => who().prop_map(Doing::HandOver),
            1 => proptest::sample::select(Desk::ALL).prop_map(Doing::Escalate),
            3 => Just(Doing::Undo),
        ];
        prop_oneof![
            6 => (0..CASES, who(), doing).prop_map(|(case, who, doing)| Transition::Do(case, who, doing)),
            1 => (1_i64..400).prop_map(Transition::Pass),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, transition: &Transition) -> bool {
        // Before its first report a case is not there.
        match transition {
            Transition::Do(case, _, doing) => state.states[*case].is_some() || matches!(doing, Doing::Report),
            Transition::Pass(_) => true,
        }
    }

    fn apply(mut state: Self, transition: &Transition) -> Self {
        match transition {
            Transition::Pass(hours) => {
                state.hours += hours;
                let now = moment(state.hours);
                for case in state.states.iter_mut().flatten() {
                    let by = By::system("worker".parse().expect("an account"));
                    if let Ok((open, _)) = step(case, &Action::HoldRunsOut, &by, now)
                        && matches!(case, State::Held { .. })
                    {
                        *case = open;
                    }
                }
            }
            Transition::Do(case, who, doing) => match state.expected(*case, *who, *doing) {
                None => state.states[*case] = Some(State::Open { assigned: None, desk: None }),
                Some(Ok(next)) => state.states[*case] = Some(next),
                Some(Err(_)) => {}
            },
        }
        state
    }
}

fn walks() -> ProptestConfig {
    let walks = std::env::var("JOINTFORCE_WALKS").ok().and_then(|walks| walks.parse().ok()).unwrap_or(100);
    ProptestConfig { cases: walks, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default() }
}

/// Walks on SQLite.
pub struct OnSqlite;
/// Walks on PostgreSQL.
pub struct OnPostgres;

macro_rules! walks_on {
    ($on:ident, $postgres:literal) => {
        impl StateMachineTest for $on {
            type SystemUnderTest = System;
            type Reference = Walk;

            fn init_test(_: &Walk) -> System {
                System::begin($postgres)
            }

            fn apply(system: System, after: &Walk, transition: Transition) -> System {
                system.step(after, &transition)
            }

            fn check_invariants(system: &System, after: &Walk) {
                system.check(after);
            }

            fn teardown(system: System, _: Walk) {
                system.end();
            }
        }
    };
}
walks_on!(OnSqlite, false);
walks_on!(OnPostgres, true);

prop_state_machine! {
    #![proptest_config(walks())]

    #[test]
    fn whatever_happens_in_whatever_order_the_records_keep_their_rules_on_sqlite(sequential 1..16 => OnSqlite);

    #[test]
    fn whatever_happens_in_whatever_order_the_records_keep_their_rules_on_postgres(sequential 1..16 => OnPostgres);
}
