//! How long an effect waits on a worker that has little to do.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::{House, catalogue},
    domain::{ids::CaseId, listing::Listing, seller::Seller, time::Time},
    fixtures::Random,
    store::{Db, effects},
};
use jointforce_tests::{
    bench::Times,
    load::{self, Workers},
    servers::Database,
    world::{World, listing, seller},
};
use jointforce_worker::run::RunConfig;

/// From one decision to the next, on average: each has two effects. They come as people's do, at no fixed beat: with one,
/// each effect would be due in the very moment of a later decision.
const EVERY: Duration = Duration::from_millis(40);
/// From when it is due to the first look, and so the least that is measured: looks take the processor that the worker needs.
const FIRST: Duration = Duration::from_millis(2);
/// Between two looks whether it is done. What a look finds late is not the worker's time.
const LOOK: Duration = Duration::from_micros(250);
/// How long the worker is watched doing nothing.
const IDLE: Duration = Duration::from_secs(5);

/// Decisions one after the other: half of them due at once, half after a grace window.
pub async fn measure(name: &str, database: Database, redis: Option<String>, samples: usize) {
    let sealed = tempfile::TempDir::new().unwrap();
    let (world, plan) = super::stage(&database, redis, RunConfig::BATCH, sealed.path()).await;
    // A seller each: what a repeat offender's strikes cost is not what is measured here.
    let sellers: Vec<Seller> = (0..samples).map(|n| seller(&format!("idle-{n}"))).collect();
    catalogue::load_sellers(&world.house, &World::import(), &sellers).await.unwrap();
    let all: Vec<Listing> = (0..samples).map(|n| listing(&format!("idle-{n}"), &format!("idle-{n}"))).collect();
    catalogue::load_listings(&world.house, &World::import(), &all).await.unwrap();
    let mut cases = vec![];
    for part in all.chunks(200) {
        let ids: Vec<&str> = part.iter().map(|listing| listing.id.as_str()).collect();
        cases.extend(world.report(&format!("idle-{}", ids[0]), &ids).await);
    }
    let workers = Workers::start(&world.house, &plan, 1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = workers.cpu();
    tokio::time::sleep(IDLE).await;
    let idle = 100.0 * (workers.cpu() - before).as_secs_f64() / IDLE.as_secs_f64();

    let (at_once, later) = cases.split_at(cases.len() / 2);
    // Looks go over a connection of their own: waiting for one of the pool is not the worker's time.
    let watch = Db::open(&database.url).await.unwrap();
    let committed = round(&world.house, &watch, at_once).await;
    let mut house = world.house.clone();
    house.policy.grace = Duration::from_millis(200);
    let due = round(&house, &watch, later).await;
    let ms = |times: &Times, percent| times.percentile(percent).as_secs_f64() * 1000.0;
    println!(
        "{name:<34} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {idle:>8.1}%",
        ms(&due, 50),
        ms(&due, 99),
        ms(&committed, 50),
        ms(&committed, 99),
    );
}

async fn round(house: &House, watch: &Db, cases: &[CaseId]) -> Times {
    let waits = Arc::new(Mutex::new(vec![]));
    let mut looks = tokio::task::JoinSet::new();
    let start = Instant::now();
    let mut random = Random::new(1, "decisions", 0);
    for (n, case) in cases.iter().enumerate() {
        let at = EVERY.mul_f64(n as f64 + random.unit());
        tokio::time::sleep_until((start + at).into()).await;
        let acted = load::remove(house, *case).await;
        // Due at the end of the grace window, or when it was committed.
        let now = house.clock.now();
        let due = acted.grace_until.filter(|until| *until > now).unwrap_or(now);
        let (house, watch, case, waits) = (house.clone(), watch.clone(), *case, waits.clone());
        looks.spawn(async move {
            let left = u64::try_from(due.since(house.clock.now())).unwrap_or(0);
            tokio::time::sleep(Duration::from_micros(left) + FIRST).await;
            let done = done_at(&house, &watch, case).await;
            waits.lock().unwrap().push(Duration::from_micros(u64::try_from(done.since(due)).unwrap_or(0)));
        });
    }
    looks.join_all().await;
    Times::from(std::mem::take(&mut *waits.lock().unwrap()))
}

async fn done_at(house: &House, watch: &Db, case: CaseId) -> Time {
    let mut conn = watch.read().await.unwrap();
    loop {
        let open = effects::of_case(&mut conn, case).await.unwrap();
        if open.iter().filter(|effect| effect.lane.is_inside()).all(|effect| effect.ended.is_some()) {
            return house.clock.now();
        }
        // The runtime's own timer goes by whole milliseconds, and rounds up.
        tokio::task::spawn_blocking(|| std::thread::sleep(LOOK)).await.unwrap();
    }
}
