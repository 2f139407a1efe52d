//! The real thing beside the walk: commands, store and worker on one database.

use jointforce_shared::{
    commands::Error,
    domain::{
        ids::{CaseId, SellerId},
        time::Time,
    },
    store::cases::{self, Case},
};

use super::{
    CASES, Step,
    books::look_through,
    ground::{Ground, PLAN, ground},
};

/// One walk: brands, sellers and listings of its own.
pub struct System {
    postgres: bool,
    pub walk: u64,
    pub cases: [Option<CaseId>; CASES],
    /// Things that were sent so far: each has a reference of its own.
    pub sent: u64,
}

/// What became of a step, for the rule that a refusal changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused,
}

impl Outcome {
    /// Only refusals may be answered with no: anything else is a bug.
    pub fn of<T>(outcome: Result<T, Error>) -> Self {
        match outcome {
            Ok(_) => Self::Done,
            Err(Error::Refused(_)) => Self::Refused,
            Err(other) => panic!("{other}"),
        }
    }
}

impl System {
    pub fn begin(postgres: bool) -> Self {
        let walk = ground(postgres, true).begin();
        Self { postgres, walk, cases: [None; CASES], sent: 0 }
    }

    /// A name of this walk.
    pub fn of(&self, name: &str) -> String {
        format!("{name}-{}", self.walk)
    }

    pub fn seller(&self, case: usize) -> SellerId {
        self.of(PLAN[case].4).parse().unwrap()
    }

    /// The number of the next thing that is sent.
    pub fn next(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    pub fn step(&mut self, step: &Step) {
        let ground = ground(self.postgres, false);
        let runtime = &ground.runtime;
        runtime.block_on(async {
            let before = self.versions(&ground).await;
            let outcome = match step {
                Step::Staff(case, who, doing) => self.staff(&ground, *case, *who, *doing).await,
                Step::Brand(case, brand) => self.brand(&ground, *case, *brand).await,
                Step::Seller(case, seller) => self.of_seller(&ground, *case, *seller).await,
                Step::House(who, house) => self.house(&ground, *who, *house).await,
                Step::Pass(hours) => {
                    ground.pass(hours * Time::HOUR);
                    ground.settle().await;
                    look_through(&ground, "after time has passed").await;
                    Outcome::Done
                }
            };
            let after = self.versions(&ground).await;
            if outcome == Outcome::Refused {
                assert_eq!(after, before, "{step:?} was refused and changed something");
            }
            look_through(&ground, &format!("{step:?}")).await;
        });
    }

    async fn versions(&self, ground: &Ground) -> Vec<i64> {
        let mut versions = vec![];
        for id in self.cases.iter().flatten() {
            versions.push(case_of(ground, *id).await.version);
        }
        versions
    }

    /// Everything is carried out, and the records are looked at as a whole.
    pub fn end(self) {
        let ground = ground(self.postgres, false);
        ground.pass(Time::HOUR);
        ground.runtime.block_on(async {
            ground.settle().await;
            ground.write_letters().await;
            look_through(&ground, "at the end").await;
            super::books::settled(&ground).await;
            self.listings(&ground).await;
        });
    }
}

pub async fn case_of(ground: &Ground, id: CaseId) -> Case {
    cases::get(&mut ground.world.house.db.read().await.unwrap(), id).await.unwrap().unwrap()
}
