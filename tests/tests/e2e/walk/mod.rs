//! Random walks over the whole casework, on both databases. Staff, brands, sellers and time do whatever comes to mind, in
//! whatever order: the commands accept exactly what the transition table accepts of the state that is stored, a refusal
//! changes nothing, and the records keep their rules after every step.
//!
//! `JOINTFORCE_WALKS` sets the number of walks on each database (100 if it is not set; a release is walked 10,000), and
//! `PROPTEST_RNG_SEED` makes them the same ones again. Named regressions stand in [`found`].

mod books;
mod found;
mod ground;
mod parties;
mod staff;
mod system;

use jointforce_shared::domain::{
    authenticity::Answer,
    decision::{KeepReason, RemoveReason},
    escalation::Desk,
    ids::OperatorId,
};
use proptest::{prelude::*, sample::select};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use self::system::System;

/// Cases in one walk: three listings of two sellers who share a payout account, three brands; the last case is another
/// brand's about the first listing (see [`ground`]).
pub const CASES: usize = 4;

/// Who decides here: two moderators, and a senior of their team; a senior of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Ann,
    Bob,
    Sue,
    Sid,
}

impl Who {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ann => "ann",
            Self::Bob => "bob",
            Self::Sue => "sue",
            Self::Sid => "sid",
        }
    }

    pub const fn is_senior(self) -> bool {
        matches!(self, Self::Sue | Self::Sid)
    }

    pub fn operator(self) -> OperatorId {
        self.name().parse().expect("an account")
    }
}

/// What somebody here does to one case.
#[derive(Debug, Clone, Copy)]
pub enum Doing {
    Remove(RemoveReason),
    Keep(KeepReason),
    Hold,
    Release,
    HandOver(Who),
    Escalate(Desk),
    Undo,
    Ask,
}

/// What a brand does about its case.
#[derive(Debug, Clone, Copy)]
pub enum Brand {
    /// Reports the listing; the second time it stands behind it.
    Report {
        attest: bool,
    },
    Answer(Answer),
    TakeAnswerBack,
    /// To the counter-notice: accept, withdraw, sue, reject.
    Counter(&'static str),
    Withdraw,
    Appeal,
    WithdrawAppeal,
}

/// What the seller of a case's listing does.
#[derive(Debug, Clone, Copy)]
pub enum Seller {
    Contest,
    TakeContestBack,
    Appeal,
    WithdrawAppeal,
    AskForMoney,
    ChangeListing,
}

/// What somebody here does to more than one case.
#[derive(Debug, Clone, Copy)]
pub enum House {
    /// Decides all cases there are: two alone, more by two persons.
    Together {
        remove: bool,
    },
    UndoTogether,
    /// Answers the oldest request for a second person.
    Second {
        yes: bool,
    },
    PunishLinked,
    AnswerForMoney {
        free: bool,
    },
    /// Of the Joint-Force brand.
    Breaker {
        stop: bool,
    },
    /// Of the brand of the first case.
    Suspend,
    RefuseOpen,
    SecondLook {
        remove: bool,
    },
}

/// One step of a walk.
#[derive(Debug, Clone)]
pub enum Step {
    Staff(usize, Who, Doing),
    Brand(usize, Brand),
    Seller(usize, Seller),
    House(Who, House),
    /// Time passes, in hours; what is due is carried out, and the clocks are swept.
    Pass(i64),
}

/// What the walk has to know beforehand: which cases there are.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    reported: [bool; CASES],
}

impl ReferenceStateMachine for Walk {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(_: &Self) -> BoxedStrategy<Step> {
        let who = || prop_oneof![4 => Just(Who::Ann), 3 => Just(Who::Bob), 2 => Just(Who::Sue), 2 => Just(Who::Sid)];
        let doing = prop_oneof![
            6 => select(RemoveReason::ALL).prop_map(Doing::Remove),
            3 => select(KeepReason::CHOICES).prop_map(Doing::Keep),
            1 => Just(Doing::Hold),
            1 => Just(Doing::Release),
            1 => who().prop_map(Doing::HandOver),
            1 => select(Desk::ALL).prop_map(Doing::Escalate),
            3 => Just(Doing::Undo),
            3 => Just(Doing::Ask),
        ];
        let brand = prop_oneof![
            6 => any::<bool>().prop_map(|attest| Brand::Report { attest }),
            3 => select(Answer::ALL).prop_map(Brand::Answer),
            1 => Just(Brand::TakeAnswerBack),
            3 => select(&["accept", "withdraw", "sue", "reject"][..]).prop_map(Brand::Counter),
            2 => Just(Brand::Withdraw),
            2 => Just(Brand::Appeal),
            1 => Just(Brand::WithdrawAppeal),
        ];
        let seller = prop_oneof![
            4 => Just(Seller::Contest),
            1 => Just(Seller::TakeContestBack),
            3 => Just(Seller::Appeal),
            1 => Just(Seller::WithdrawAppeal),
            1 => Just(Seller::AskForMoney),
            1 => Just(Seller::ChangeListing),
        ];
        let house = prop_oneof![
            2 => any::<bool>().prop_map(|remove| House::Together { remove }),
            1 => Just(House::UndoTogether),
            5 => prop::bool::weighted(0.8).prop_map(|yes| House::Second { yes }),
            1 => Just(House::PunishLinked),
            1 => any::<bool>().prop_map(|free| House::AnswerForMoney { free }),
            1 => any::<bool>().prop_map(|stop| House::Breaker { stop }),
            1 => Just(House::Suspend),
            1 => Just(House::RefuseOpen),
            1 => any::<bool>().prop_map(|remove| House::SecondLook { remove }),
        ];
        prop_oneof![
            6 => (0..CASES, who(), doing).prop_map(|(case, who, doing)| Step::Staff(case, who, doing)),
            5 => (0..CASES, brand).prop_map(|(case, brand)| Step::Brand(case, brand)),
            4 => (0..CASES, seller).prop_map(|(case, seller)| Step::Seller(case, seller)),
            3 => (who(), house).prop_map(|(who, house)| Step::House(who, house)),
            3 => prop_oneof![6 => 1_i64..400, 1 => 400_i64..10_000].prop_map(Step::Pass),
        ]
        .boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        // Before its first report a case is not there.
        match step {
            Step::Brand(_, Brand::Report { .. }) | Step::Pass(_) => true,
            Step::Staff(case, ..) | Step::Brand(case, _) | Step::Seller(case, _) => state.reported[*case],
            Step::House(..) => state.reported.contains(&true),
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        if let Step::Brand(case, Brand::Report { .. }) = step {
            state.reported[*case] = true;
        }
        state
    }
}

fn walks() -> ProptestConfig {
    let walks = std::env::var("JOINTFORCE_WALKS").ok().and_then(|walks| walks.parse().ok()).unwrap_or(100);
    ProptestConfig { cases: walks, failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() }
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

            fn apply(mut system: System, _: &Walk, step: Step) -> System {
                system.step(&step);
                system
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
    fn whatever_happens_in_whatever_order_the_records_keep_their_rules_on_sqlite(sequential 1..24 => OnSqlite);

    #[test]
    fn whatever_happens_in_whatever_order_the_records_keep_their_rules_on_postgres(sequential 1..24 => OnPostgres);
}
