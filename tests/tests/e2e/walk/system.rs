//! The real thing beside the walk: commands, store and worker on one database, which all walks share.

use std::{
    sync::{
        Arc, LazyLock, Mutex, MutexGuard,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use jointforce_shared::{
    clock::Clock,
    commands::{
        Actor, Error, House,
        case::{self, Act, Request},
        catalogue,
        notice::Filed,
        sweep,
    },
    domain::{case::State, effect::Lane, ids::CaseId, listing::ListingState, time::Time},
    store::{cases, effects::carry, invariants, listings, sellers},
};
use jointforce_tests::{
    servers::{self, Database},
    world::{World, listing, listing_id, raw, seller, who},
};
use jointforce_worker::{
    bell::Ring,
    carry_out::Carrier,
    outside::{MailRoute, Outside, OutsideConfig, PagerConfig},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{CASES, Doing, HOLD_HOURS, Transition, Walk};

/// A database that walks take in turn.
struct Ground {
    runtime: Runtime,
    world: World,
    carrier: Carrier,
    clock: Arc<AtomicI64>,
    walks: AtomicU64,
    _kept: (Database, TempDir),
}

fn ground(postgres: bool) -> MutexGuard<'static, Ground> {
    static SQLITE: LazyLock<Mutex<Ground>> = LazyLock::new(|| Mutex::new(Ground::new(false)));
    static POSTGRES: LazyLock<Mutex<Ground>> = LazyLock::new(|| Mutex::new(Ground::new(true)));
    // A walk that failed leaves its rows behind and nothing else: the next one, or the shrinking, goes on.
    let ground = if postgres { &POSTGRES } else { &SQLITE };
    ground.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Ground {
    fn new(postgres: bool) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = TempDir::new().unwrap();
        let (world, database, clock) = runtime.block_on(async {
            let database = if postgres { servers::postgres_database().await } else { servers::sqlite_database() };
            let mut world = World::new(&database.url).await;
            let clock = Arc::new(AtomicI64::new(Clock::System.now().0));
            world.house = House { clock: Clock::Set(clock.clone()), ..world.house };
            (world, database, clock)
        });
        let outside = Outside::new(OutsideConfig {
            mail: MailRoute::Folder(folder.path().to_path_buf()),
            mail_from: "Joint Force <takedowns@localhost>".into(),
            marketplace: None,
            pager: PagerConfig::default(),
            timeout: Duration::from_secs(1),
            webhook_allow: vec![],
        });
        let carrier =
            Carrier { house: world.house.clone(), outside: Arc::new(outside.unwrap()), name: "walker".into() };
        Self { runtime, world, carrier, clock, walks: AtomicU64::new(0), _kept: (database, folder) }
    }
}

/// One walk: a seller of its own with its listings.
pub struct System {
    postgres: bool,
    walk: u64,
    cases: [Option<CaseId>; CASES],
    reports: u64,
    /// Cases whose listing was down when it was reported: the notice was refused, so the walk no longer knows their
    /// state. The rules hold for them all the same.
    lost: [bool; CASES],
}

impl System {
    pub fn begin(postgres: bool) -> Self {
        let ground = ground(postgres);
        let walk = ground.walks.fetch_add(1, Ordering::SeqCst);
        ground.runtime.block_on(async {
            let (house, import) = (&ground.world.house, World::import());
            let shop = format!("walker-{walk}");
            catalogue::load_sellers(house, &import, &[seller(&shop)]).await.unwrap();
            let wares: Vec<_> = (0..CASES).map(|n| listing(&format!("ware-{walk}-{n}"), &shop)).collect();
            catalogue::load_listings(house, &import, &wares).await.unwrap();
        });
        Self { postgres, walk, cases: [None; CASES], reports: 0, lost: [false; CASES] }
    }

    fn ware(&self, case: usize) -> String {
        format!("ware-{}-{case}", self.walk)
    }

    pub fn step(mut self, after: &Walk, transition: &Transition) -> Self {
        let ground = ground(self.postgres);
        match transition {
            Transition::Pass(hours) => {
                ground.clock.fetch_add(hours * Time::HOUR, Ordering::SeqCst);
                ground.runtime.block_on(ground.settle());
            }
            Transition::Do(case, _, Doing::Report) => {
                let reference = format!("walk-{}-{}", self.walk, self.reports);
                self.reports += 1;
                let ware = self.ware(*case);
                let filed = ground.runtime.block_on(async {
                    ground.settle().await;
                    ground.world.file(&[raw(&reference, &[&ware])]).await.pop()
                });
                match filed {
                    Some(Filed::New { cases, .. }) => self.cases[*case] = Some(cases[0]),
                    Some(Filed::Refused(_)) if !ground.runtime.block_on(ground.is_live(&ware)) => {
                        self.lost[*case] = true;
                    }
                    other => panic!("the notice was not filed: {other:?}"),
                }
            }
            Transition::Do(case, _, _) if self.lost[*case] => {}
            Transition::Do(case, person, doing) => {
                let id = self.cases[*case].expect("the walk reports a case before anything else");
                let outcome = ground.runtime.block_on(ground.act(id, &who(person.name()), *doing));
                self.compare(&ground, after, *case, outcome);
            }
        }
        self
    }

    /// The command did what the table says, or refused as it does.
    fn compare(&self, ground: &Ground, after: &Walk, case: usize, outcome: Result<&'static str, Error>) {
        match outcome {
            Ok(state) => assert_eq!(state, state_of(after, case)),
            Err(Error::Refused(_)) => {
                let id = self.cases[case].expect("a case");
                let stored = ground.runtime.block_on(ground.state(id));
                assert_eq!(stored.as_str(), state_of(after, case), "a refusal changed something");
            }
            Err(other) => panic!("{other}"),
        }
    }

    pub fn check(&self, after: &Walk) {
        let ground = ground(self.postgres);
        for (n, id) in self.cases.iter().enumerate() {
            let Some(id) = id.filter(|_| !self.lost[n]) else { continue };
            let stored = ground.runtime.block_on(ground.state(id));
            assert_eq!(stored.as_str(), state_of(after, n), "case {n}");
        }
    }

    /// Everything is carried out, and the records are looked at as a whole.
    pub fn end(self) {
        let ground = ground(self.postgres);
        ground.clock.fetch_add(Time::HOUR, Ordering::SeqCst);
        ground.runtime.block_on(async {
            ground.settle().await;
            let house = &ground.world.house;
            let mut conn = house.db.read().await.unwrap();
            let shop = format!("walker-{}", self.walk).parse().unwrap();
            let record = sellers::get(&mut conn, &shop).await.unwrap().unwrap();
            for (n, id) in self.cases.iter().enumerate() {
                let Some(id) = id else { continue };
                let case = cases::get(&mut conn, *id).await.unwrap().unwrap();
                let ware = listings::at_version(&mut conn, &listing_id(&self.ware(n)), 1).await.unwrap().unwrap();
                assert_eq!(
                    ware.state == ListingState::Removed,
                    case.state.keeps_down() || record.listings_off,
                    "listing {n} in {:?}",
                    case.state
                );
            }
            let strikes: Vec<_> =
                sellers::strikes(&mut conn, [&shop]).await.unwrap().into_iter().map(|(_, strike)| strike).collect();
            // Nobody approves anything here, so what the ladder would close is suspended.
            let standing = house.policy.ladder.in_force(&shop, &strikes, &[], house.clock.now()).standing;
            let (kept, says) = ((record.points, record.level), (standing.points, standing.level));
            assert_eq!((kept, record.listings_off), (says, standing.listings_off), "the ladder and the record");
            // The rules are about all records; each look costs a scan, so not every walk takes one.
            if self.walk.is_multiple_of(25) {
                assert_eq!(invariants::broken(&mut conn).await.unwrap(), []);
                assert_eq!(invariants::unsettled(&mut conn, house.clock.now()).await.unwrap(), []);
            }
        });
    }
}

fn state_of(walk: &Walk, case: usize) -> &'static str {
    walk.states[case].as_ref().map_or("", State::as_str)
}

impl Ground {
    async fn is_live(&self, ware: &str) -> bool {
        let mut conn = self.world.house.db.read().await.unwrap();
        let ware = listings::at_version(&mut conn, &listing_id(ware), 1).await.unwrap().unwrap();
        ware.state == ListingState::Live
    }

    async fn state(&self, id: CaseId) -> State {
        let mut conn = self.world.house.db.read().await.unwrap();
        cases::get(&mut conn, id).await.unwrap().unwrap().state
    }

    async fn act(&self, case: CaseId, actor: &Actor, doing: Doing) -> Result<&'static str, Error> {
        let act = match doing {
            Doing::Remove(reason) => Act::Remove(reason),
            Doing::Keep(reason) => Act::Keep(reason),
            Doing::Hold => {
                let hours = u64::try_from(HOLD_HOURS).unwrap();
                Act::Hold { span: Duration::from_secs(hours * 3600), reason: "waiting".into() }
            }
            Doing::Release => Act::Release,
            Doing::HandOver(to) => Act::HandOver { to: to.name().parse().unwrap() },
            Doing::Escalate(desk) => Act::Escalate { desk, urgent: false },
            Doing::Undo => Act::Undo,
            Doing::Report => panic!("reports are filed"),
        };
        let request = Request { case, version: None, act, note: "walking".into() };
        case::act(&self.world.house, actor, &request).await.map(|acted| acted.state)
    }

    /// Carries out what is due inside until nothing is; what goes outside is other tests' business.
    async fn settle(&self) {
        let house = &self.world.house;
        loop {
            let due = {
                let mut conn = house.db.read().await.unwrap();
                carry::due(&mut conn, Lane::INSIDE, house.clock.now(), 200).await.unwrap()
            };
            if due.is_empty() {
                break;
            }
            self.carrier.inside(Ring::new(due.iter().map(ToString::to_string).collect())).await;
        }
        while sweep::end_holds(house, &Actor::program("walker")).await.unwrap() > 0 {}
    }
}
