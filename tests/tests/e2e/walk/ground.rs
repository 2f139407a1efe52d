//! Databases that walks take in turn, and the marketplace that each walk finds: brands, sellers and listings of its own.

use std::{
    sync::{
        Arc, LazyLock, Mutex, MutexGuard,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jointforce_shared::{
    clock::Clock,
    commands::{Actor, House, catalogue, operator, sweep},
    domain::{
        brand::{Brand, Record, Tier},
        effect::{EffectState, Lane},
        listing::Listing,
        operator::Role,
        right::Right,
        seller::Seller,
        time::Time,
    },
    store::{
        audit,
        effects::{self, carry},
    },
};
use jointforce_tests::{
    servers::{self, Database},
    world::{World, brand, listing, right, seller, who},
};
use jointforce_worker::{
    bell::Ring,
    carry_out::Carrier,
    outside::{MailRoute, Outside, OutsideConfig, PagerConfig},
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Walks on one database: its tables are looked through as a whole after every step.
const WALKS: u64 = 12;

/// A Monday morning, 2026-03-02 at 10:00 UTC: what a walk finds must not depend on the day on which it is walked.
const MONDAY: i64 = 1_772_445_600 * Time::SECOND;

/// Of each case, the brand, its right, the law that it is under, and the listing with its seller.
pub const PLAN: [(&str, &str, &str, &str, &str); super::CASES] = [
    ("good", "good-eu", "EU", "ware-de", "shop"),
    ("plain", "plain-us", "US", "ware-us", "shop"),
    ("joint", "joint-cn", "CN", "ware-cn", "stall"),
    ("joint", "joint-eu", "EU", "ware-de", "shop"),
];

/// A database, a clock that stands until it is moved, and a worker's hands.
pub struct Ground {
    pub runtime: Runtime,
    pub world: World,
    carrier: Carrier,
    clock: Arc<AtomicI64>,
    /// Walks begun here.
    walks: u64,
    _kept: (Database, TempDir),
}

/// The ground for a new walk, or the one that the walk before took.
pub fn ground(postgres: bool, new: bool) -> MutexGuard<'static, Ground> {
    static SQLITE: LazyLock<Mutex<Ground>> = LazyLock::new(|| Mutex::new(Ground::new(false)));
    static POSTGRES: LazyLock<Mutex<Ground>> = LazyLock::new(|| Mutex::new(Ground::new(true)));
    // A walk that failed leaves its rows behind; what finds them broken gets another ground.
    let ground = if postgres { &POSTGRES } else { &SQLITE };
    let failed = ground.is_poisoned();
    ground.clear_poison();
    let mut ground = ground.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let late = ground.clock.load(Ordering::SeqCst) > MONDAY + 5 * 365 * Time::DAY;
    if new && (failed || late || ground.walks >= WALKS) {
        *ground = Ground::new(postgres);
    }
    ground
}

impl Ground {
    fn new(postgres: bool) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(AtomicI64::new(MONDAY));
        let (world, database) = runtime.block_on(async {
            let database = if postgres { servers::postgres_database().await } else { servers::sqlite_database() };
            let mut world = World::new(&database.url).await;
            world.house = House { clock: Clock::Set(clock.clone()), ..world.house };
            let policy = &mut world.house.policy;
            policy.batch_max = 2;
            (policy.trust.decided_min, policy.trust.contested_min) = (3, 2);
            policy.automatic.sample_percent = 50;
            operator::add(&world.house, &who("adam"), "sid".parse().unwrap(), "Sid", Role::Senior).await.unwrap();
            for name in ["ann", "bob", "sue"] {
                operator::set_team(&world.house, &who("adam"), who(name).id(), Some("shoes")).await.unwrap();
            }
            (world, database)
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
        Self { runtime, world, carrier, clock, walks: 0, _kept: (database, folder) }
    }

    /// Lets time pass, but not beyond the last year of the transparency register, which ends with 2037.
    pub fn pass(&self, micros: i64) {
        let last = MONDAY + 11 * 365 * Time::DAY;
        let passed = |now: i64| Some(now.saturating_add(micros).min(last.max(now)));
        let _ = self.clock.fetch_update(Ordering::SeqCst, Ordering::SeqCst, passed);
    }

    /// A marketplace of its own for the next walk, whose number is given; it begins on a Monday morning.
    pub fn begin(&mut self) -> u64 {
        self.walks += 1;
        let (walk, week) = (self.walks, 7 * Time::DAY);
        let now = self.clock.load(Ordering::SeqCst);
        self.clock.store(MONDAY + (now - MONDAY + week) / week * week, Ordering::SeqCst);
        let of = |name: &str| format!("{name}-{walk}");
        self.runtime.block_on(async {
            let (house, import) = (&self.world.house, World::import());
            let tiers = [("good", Tier::GoodFaith), ("plain", Tier::Standard), ("joint", Tier::JointForce)];
            let brands: Vec<Brand> = tiers
                .into_iter()
                .map(|(name, tier)| Brand { tier, record: Record::default(), ..brand(&of(name)) })
                .collect();
            catalogue::load_brands(house, &import, &brands).await.unwrap();
            let rights: Vec<Right> = PLAN
                .iter()
                .map(|(brand, id, law, ..)| Right { jurisdiction: (*law).into(), ..right(&of(id), &of(brand)) })
                .collect();
            catalogue::load_rights(house, &import, &rights).await.unwrap();
            let account = Some(of("account"));
            let sellers = ["shop", "stall"].map(|name| Seller { payout_account: account.clone(), ..seller(&of(name)) });
            catalogue::load_sellers(house, &import, &sellers).await.unwrap();
            for (n, (.., law, ware, shop)) in PLAN.iter().take(3).enumerate() {
                let territory = if n == 0 { "DE" } else { law };
                let ware = Listing { territory: territory.into(), ..listing(&of(ware), &of(shop)) };
                catalogue::load_listings(house, &import, &[ware]).await.unwrap();
            }
        });
        walk
    }

    /// Carries out what is due inside and sweeps the clocks, until nothing is left to do.
    pub async fn settle(&self) {
        let house = &self.world.house;
        for _ in 0..60 {
            let mut carried = 0;
            loop {
                let due = {
                    let mut conn = house.db.read().await.unwrap();
                    carry::due(&mut conn, Lane::INSIDE, house.clock.now(), 200).await.unwrap()
                };
                if due.is_empty() {
                    break;
                }
                carried += due.len();
                self.carrier.inside(Ring::new(due.iter().map(ToString::to_string).collect())).await;
                assert!(carried < 5000, "effects never end");
            }
            let swept = sweep::all(house, &Actor::program("walker")).await;
            for (clock, done) in &swept.0 {
                assert!(done.is_ok(), "{clock}: {done:?}");
            }
            if carried == 0 && swept.total() == 0 {
                return;
            }
        }
        panic!("the clocks never come to rest");
    }

    /// Writes the letters and calls that are due.
    pub async fn write_letters(&self) {
        let house = &self.world.house;
        loop {
            let due = {
                let mut conn = house.db.read().await.unwrap();
                carry::due(&mut conn, Lane::OUTSIDE, house.clock.now(), 50).await.unwrap()
            };
            if due.is_empty() {
                break;
            }
            self.carrier.outside(Ring::new(due.iter().map(ToString::to_string).collect())).await;
        }
        let mut conn = house.db.read().await.unwrap();
        let dead = effects::list(&mut conn, Some(EffectState::Dead), None, 10).await.unwrap();
        assert!(dead.is_empty(), "dead: {dead:?}");
    }

    /// What was done in this database, for whoever reads of a failure.
    pub async fn story(&self) -> String {
        let mut conn = self.world.house.db.read().await.unwrap();
        let mut events = audit::newest(&mut conn, None, 40).await.unwrap();
        events.reverse();
        events.iter().map(|e| format!("\n  {} {} {} {} {}", e.at, e.actor, e.action, e.subject, e.body)).collect()
    }
}
