//! What it costs that Redis loses everything, again and again.
//!
//! `cargo bench -p jointforce-tests --bench flushes [-- --size SECONDS]` (default 60): cases are decided all the time while
//! Redis is emptied every 2 seconds, with one worker over PostgreSQL. Printed is the throughput before, meanwhile and after,
//! how long after the last flush everything due was done, and the most ids in the queue beside what was open. The bars are
//! 2 seconds, and twice.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::House,
    domain::{effect::Lane, ids::CaseId},
    store::effects::carry,
};
use jointforce_tests::{
    bench::Scale,
    load::{self, Plan, Workers},
    servers::{PrivatePostgres, PrivateRedis},
    sql::number,
    wait::until,
    world::World,
};
use jointforce_worker::run::RunConfig;
use serde_json::Value;
use tokio::{task::JoinSet, time::sleep};

/// From one flush to the next.
const EVERY: Duration = Duration::from_secs(2);
/// Decisions a second at most, two inside effects each.
const RATE: usize = 200;
/// Before the first flush, and after the last.
const CALM: Duration = Duration::from_secs(10);
const HANDS: usize = 4;
/// The bars.
const BACK: Duration = Duration::from_secs(2);
const MOST: f64 = 2.0;

#[tokio::main]
async fn main() {
    if load::worked().await {
        return;
    }
    let seconds = Duration::from_secs(Scale::from_args(60, 1).size.min(600) as u64);
    let (postgres, redis) = (PrivatePostgres::start_durable(), Arc::new(PrivateRedis::start()));
    let (database, folder) = (postgres.database().await, tempfile::TempDir::new().unwrap());
    let mut world = World::new(&database.url).await;
    world.house.policy.grace = Duration::ZERO;
    let house = world.house.clone();
    let cases = load::report(&world, RATE * (seconds + CALM * 2).as_secs() as usize).await;
    let lanes = Lane::INSIDE.to_vec();
    let plan = Plan {
        url: database.url.clone(),
        redis: Some(redis.url()),
        batch: RunConfig::BATCH,
        lanes,
        folder: folder.path().into(),
    };
    let _workers = Workers::start(&house, &plan, 1).await;

    let stop = Arc::new(AtomicBool::new(false));
    let mut moderators = decide(&house, cases, &stop);
    let calm = rate(&house, CALM).await;
    let (most, flushed) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let watch = tokio::spawn(watch(house.clone(), redis.clone(), most.clone(), stop.clone()));
    let empty = async {
        while flushed.elapsed() < seconds {
            redis.empty();
            sleep(EVERY).await;
        }
        redis.empty();
    };
    let (meanwhile, ()) = tokio::join!(rate(&house, seconds), empty);
    let last = Instant::now();
    let open_then = done_until(&house).await;
    let back = last.elapsed();
    let after = rate(&house, CALM).await;
    stop.store(true, Ordering::Relaxed);
    while moderators.join_next().await.is_some() {}
    watch.await.unwrap();

    println!(
        "effects a second: {calm:.0} before, {meanwhile:.0} while Redis is emptied every 2 s, {after:.0} after ({:.2} times)",
        meanwhile / calm
    );
    println!(
        "after the last flush all {open_then} that were due were done in {:.2} s{}",
        back.as_secs_f64(),
        verdict(back <= BACK)
    );
    let times = most.load(Ordering::Relaxed) as f64 / 100.0;
    println!("the queue held at most {times:.2} times the ids of what was open{}", verdict(times <= MOST));
}

const fn verdict(met: bool) -> &'static str {
    if met { "" } else { "  MISSES THE BAR" }
}

/// Decides the cases, so many a second, until all are decided or it is told to stop.
fn decide(house: &House, cases: Vec<CaseId>, stop: &Arc<AtomicBool>) -> JoinSet<()> {
    let mut hands = JoinSet::new();
    for part in cases.chunks(cases.len().div_ceil(HANDS)) {
        let (house, part, stop) = (house.clone(), part.to_vec(), stop.clone());
        hands.spawn(async move {
            let started = Instant::now();
            for (n, case) in part.into_iter().enumerate() {
                let at = started + Duration::from_secs_f64((n * HANDS) as f64 / RATE as f64);
                sleep(at.saturating_duration_since(Instant::now())).await;
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                load::remove(&house, case).await;
            }
        });
    }
    hands
}

/// Inside effects done a second, over this span.
async fn rate(house: &House, span: Duration) -> f64 {
    let done = async || number(&house.db, "SELECT count(*) FROM effects_done").await;
    let (before, started) = (done().await, Instant::now());
    sleep(span).await;
    (done().await - before) as f64 / started.elapsed().as_secs_f64()
}

/// Waits until everything that is due at this moment is done; gives how much that was.
async fn done_until(house: &House) -> usize {
    let mut conn = house.db.read().await.unwrap();
    let due = carry::due(&mut conn, Lane::INSIDE, house.clock.now(), 10_000).await.unwrap();
    let ids: Vec<String> = due.iter().map(|id| format!("'{id}'")).collect();
    let open = format!(
        "SELECT count(*) FROM effects WHERE id IN ({})",
        if ids.is_empty() { "''".into() } else { ids.join(",") }
    );
    until(Duration::from_secs(60), "what was due is done", async || number(&house.db, open.clone()).await == 0).await;
    due.len()
}

/// Looks again and again how many hundredths of what is open is in the queue, where it is worth a word.
async fn watch(house: House, redis: Arc<PrivateRedis>, most: Arc<AtomicUsize>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let texts = tokio::task::spawn_blocking({
            let redis = redis.clone();
            move || redis.in_lists().unwrap_or_default()
        })
        .await
        .unwrap();
        let ids = |ring: &String| {
            serde_json::from_str(ring).map_or(0, |ring: Value| ring["ids"].as_array().map_or(0, Vec::len))
        };
        let queued: usize = texts.iter().map(ids).sum();
        let open = number(&house.db, "SELECT count(*) FROM effects WHERE lane IN ('removals', 'penalties')").await;
        if open >= 20 {
            most.fetch_max(100 * queued / usize::try_from(open).unwrap(), Ordering::Relaxed);
        }
        sleep(Duration::from_millis(50)).await;
    }
}
