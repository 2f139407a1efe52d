//! How fast effects are carried out, beside the floor of the same machine in the same run.
//!
//! `cargo bench -p jointforce-tests --bench effects [-- --size CASES] [throughput | latency]` (default 5,000 cases, two
//! inside effects each; both).
//!
//! Throughput: cases are decided while their lanes are paused; then worker processes, warm from a few cases before, carry out
//! what is due, through the real relay, queue and transactions, fsync on. The floor is the bare batched statements that the effects come to (listings
//! down, sellers levelled, audit rows), 100 effects a transaction, over 8 connections of the same driver, without ledger.
//! Latency: 50 effects a second, each decision's from due, and from commit, to seen done.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

mod floor;
mod latency;

use std::time::Duration;

use jointforce_shared::domain::effect::Lane;
use jointforce_tests::{
    bench::Scale,
    load::{self, Plan, Workers},
    servers::{Database, PrivatePostgres, PrivateRedis, sqlite_database},
    world::World,
};
use jointforce_worker::run::RunConfig;

/// What one line of the table measures.
struct Case {
    name: &'static str,
    workers: usize,
    batch: usize,
    /// Of the cases asked for, one in so many: batches of one take their time.
    part: usize,
}

const BATCHED: usize = RunConfig::BATCH;
/// One in so many cases is decided and carried out before, so that no connection is opened and no statement planned for the
/// first time while it is measured: the floor's are warm too.
const WARM: usize = 5;

#[tokio::main]
async fn main() {
    if load::worked().await {
        return;
    }
    if std::env::var_os("RUST_LOG").is_some() {
        jointforce_shared::telemetry::begin(jointforce_shared::telemetry::Log::Json);
    }
    let scale = Scale::from_args(5_000, 500);
    let (postgres, redis) = (PrivatePostgres::start_durable(), PrivateRedis::start());
    let only = |what: &str| std::env::args().any(|word| word == what);
    if !only("latency") {
        throughputs(&scale, &postgres, &redis).await;
    }
    if !only("throughput") {
        latencies(&scale, &postgres, &redis).await;
    }
}

async fn throughputs(scale: &Scale, postgres: &PrivatePostgres, redis: &PrivateRedis) {
    println!("{} cases, {} inside effects; fsync on; the floor is of the same run\n", scale.size, scale.size * 2);
    println!("{:<34} {:>11} {:>10} {:>6} {:>9} {:>7}", "", "effects/s", "floor/s", "ratio", "CPU us", "MB");
    let mut rates = vec![];
    for case in [
        Case { name: "PostgreSQL, Redis, 1 worker", workers: 1, batch: BATCHED, part: 1 },
        Case { name: "PostgreSQL, Redis, batches of one", workers: 1, batch: 1, part: 5 },
        Case { name: "PostgreSQL, Redis, 2 workers", workers: 2, batch: BATCHED, part: 1 },
        Case { name: "PostgreSQL, Redis, 4 workers", workers: 4, batch: BATCHED, part: 1 },
    ] {
        rates.push(throughput(&case, postgres.database().await, Some(redis.url()), scale.size).await);
    }
    let memory = Case { name: "PostgreSQL, memory", workers: 1, batch: BATCHED, part: 1 };
    throughput(&memory, postgres.database().await, None, scale.size).await;
    let sqlite = Case { name: "SQLite, memory", workers: 1, batch: BATCHED, part: 1 };
    throughput(&sqlite, sqlite_database(), None, scale.size).await;
    println!("\none worker is {:.1} times as fast as with batches of one", rates[0] / rates[1]);
}

async fn latencies(scale: &Scale, postgres: &PrivatePostgres, redis: &PrivateRedis) {
    println!("\n{:<34} {:>19} {:>19} {:>9}", "50 effects a second, ms", "due to done", "commit to done", "idle CPU");
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}", "", "p50", "p99", "p50", "p99");
    latency::measure("PostgreSQL, Redis", postgres.database().await, Some(redis.url()), scale.samples).await;
    latency::measure("PostgreSQL, memory", postgres.database().await, None, scale.samples).await;
    latency::measure("SQLite, memory", sqlite_database(), None, scale.samples).await;
}

/// A world without a grace window, and the plan of workers for it.
async fn stage(database: &Database, redis: Option<String>, batch: usize, folder: &std::path::Path) -> (World, Plan) {
    let mut world = World::new(&database.url).await;
    world.house.policy.grace = Duration::ZERO;
    let folder = database.folder().unwrap_or_else(|| folder.to_path_buf());
    (world, Plan { url: database.url.clone(), redis, batch, lanes: Lane::INSIDE.to_vec(), folder })
}

async fn throughput(case: &Case, database: Database, redis: Option<String>, cases: usize) -> f64 {
    let cases = (cases / case.part).max(100);
    let all = cases + cases / WARM;
    // The workers seal the audit record too, as everywhere; a server's have their key here.
    let sealed = tempfile::TempDir::new().unwrap();
    let (world, plan) = stage(&database, redis, case.batch, sealed.path()).await;
    let reported = load::report(&world, all).await;
    let (first, measured) = reported.split_at(all - cases);
    load::pause_inside(&world.house, true).await;
    load::remove_all(&world.house, first).await;
    let workers = Workers::start(&world.house, &plan, case.workers).await;
    load::carry_all(&world.house).await;
    load::pause_inside(&world.house, true).await;
    load::remove_all(&world.house, measured).await;
    let before = workers.cpu();
    let took = load::carry_all(&world.house).await;
    let cpu = (workers.cpu() - before).as_micros() as f64 / (cases * 2) as f64;
    let memory = workers.memory() / 1e6;
    drop(workers);
    let rate = (cases * 2) as f64 / took.as_secs_f64();
    let floor = floor::floor(&world.house, all).await;
    println!("{:<34} {rate:>11.0} {floor:>10.0} {:>5.0}% {cpu:>9.0} {memory:>7.0}", case.name, 100.0 * rate / floor);
    rate
}
