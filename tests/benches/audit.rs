//! What sealing the audit record costs, and how fast the whole of it is checked.
//!
//! `cargo bench -p jointforce-tests --bench audit [-- --size EVENTS --decisions N]` (default 1,000,000
//! events, 2,000 decisions a round; 0 decisions checks only).
//!
//! Cost: eight moderators decide as fast as they can, in rounds with and without the sealer at work beside them, in the
//! same run and database and in an order that cancels drift (without, with, with, without, …). What a round left unsealed
//! is sealed before the next, so that no round seals another's events. Printed is the mean of the pairs with its standard
//! error. The bar: sealing costs less than 5 %.
//! Lag: one event every few milliseconds; how old the oldest unsealed one is, looked at twenty times a second.
//! Check: a record of so many events is sealed, then checked as `audit verify` does.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

use std::time::{Duration, Instant};

use jointforce_shared::{
    commands::{
        House,
        seal::{
            self, Sealer,
            verify::{Against, verify},
        },
    },
    domain::{
        audit::Event,
        checkpoint::SecretKey,
        ids::{AuditId, CaseId},
    },
    store::{
        audit,
        seals::{self, LAST_ID},
    },
};
use jointforce_tests::{
    bench::{Scale, Times, progress},
    load::{remove_all, report},
    servers::{Database, PrivatePostgres, sqlite_database},
    world::World,
};
use jointforce_worker::sealer::{Export, seal_until_stopped};
use tempfile::TempDir;
use tokio::sync::watch;

/// Pairs of rounds, one with and one without the sealer: many short ones, since a machine's mood changes by the minute.
const PAIRS: usize = 16;
const DECISIONS: usize = 2_000;

#[tokio::main]
async fn main() {
    let scale = Scale::from_args(1_000_000, DECISIONS);
    let words: Vec<String> = std::env::args().collect();
    let asked = words.iter().position(|word| word == "--decisions").and_then(|at| words.get(at + 1));
    let decisions =
        asked.map_or(DECISIONS.min(scale.size / 4), |asked| asked.parse().expect("--decisions and a number"));
    println!("{decisions} decisions a round, {} rounds; {} events in the record; fsync on\n", 2 * PAIRS, scale.size);
    let postgres = PrivatePostgres::start_durable();
    for (name, database, record) in [
        ("PostgreSQL", postgres.database().await, postgres.database().await),
        ("SQLite", sqlite_database(), sqlite_database()),
    ] {
        if decisions > 0 {
            cost(name, &database, decisions, decisions >= DECISIONS).await;
        }
        check(name, &record, scale.size).await;
        println!();
    }
}

fn key() -> SecretKey {
    SecretKey::from_seed("bench.example/audit", [1; 32]).unwrap()
}

/// Decisions a second with and without the sealer, then its lag.
async fn cost(name: &str, database: &Database, decisions: usize, is_full: bool) {
    let world = World::new(&database.url).await;
    let cases = report(&world, decisions * 2 * PAIRS).await;
    let folder = TempDir::new().unwrap();
    let (mut with, mut without) = (vec![], vec![]);
    for (round, cases) in cases.chunks(decisions).enumerate() {
        seal_all(&world.house).await;
        // Without, with, with, without: what grows slower with the database hits both alike.
        if matches!(round % 4, 1 | 2) {
            let sealing = Sealing::start(&world.house, &folder);
            with.push(decide_all(&world.house, cases).await);
            sealing.stop().await;
        } else {
            without.push(decide_all(&world.house, cases).await);
        }
    }
    let mean = |rates: &[f64]| rates.len() as f64 / rates.iter().map(|rate| 1.0 / rate).sum::<f64>();
    let costs: Vec<f64> = with.iter().zip(&without).map(|(with, without)| 100.0 * (1.0 - with / without)).collect();
    let (cost, error) = mean_and_error(&costs);
    let rates = |rates: &[f64]| rates.iter().map(|rate| format!("{rate:.0}")).collect::<Vec<_>>().join(" ");
    println!("{name}: decisions/s without the sealer {:.0} ({})", mean(&without), rates(&without));
    println!("{name}: decisions/s with the sealer    {:.0} ({})", mean(&with), rates(&with));
    let bar = if is_full { "" } else { ", too short a run to judge by" };
    println!("{name}: sealing costs {cost:.1} % ± {error:.1} of decision throughput (bar: under 5 %{bar})");
    lag(name, &world.house, &folder, if is_full { 1000 } else { 100 }).await;
}

/// The mean and its standard error.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

struct Sealing {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Sealing {
    fn start(house: &House, folder: &TempDir) -> Self {
        let (stop, stopped) = watch::channel(false);
        let export = Export::to(folder.path().join("checkpoints"));
        let task = tokio::spawn(seal_until_stopped(house.clone(), "bench".into(), key(), export, stopped));
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }
}

/// Decisions a second.
async fn decide_all(house: &House, cases: &[CaseId]) -> f64 {
    let began = Instant::now();
    remove_all(house, cases).await;
    cases.len() as f64 / began.elapsed().as_secs_f64()
}

async fn seal_all(house: &House) {
    let sealer = Sealer { name: "bench".into(), lease: Duration::from_secs(60) };
    let mut from = String::new();
    while let Some(last) = seal::number(house, &sealer, &from, LAST_ID).await.unwrap().expect("the lead").last {
        from = last;
    }
    seal::checkpoint(house, &sealer, &key()).await.unwrap();
    seal::step_down(house, &sealer).await.unwrap();
}

async fn lag(name: &str, house: &House, folder: &TempDir, events: usize) {
    seal_all(house).await;
    let sealing = Sealing::start(house, folder);
    let writer = {
        let house = house.clone();
        tokio::spawn(async move {
            for n in 0..events {
                let mut tx = house.db.write().await.unwrap();
                audit::add(&mut tx, &[event(&house, n)]).await.unwrap();
                tx.commit().await.unwrap();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
    };
    let from = house.clock.id(AuditId::from_ulid).to_string();
    let mut ages = vec![];
    while !writer.is_finished() {
        let mut conn = house.db.read().await.unwrap();
        let oldest = seals::unsealed(&mut conn, &from, LAST_ID, 1).await.unwrap().pop();
        drop(conn);
        let age = oldest.map_or(0, |oldest| house.clock.now().0 - oldest.at);
        ages.push(Duration::from_micros(age.max(0) as u64));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    writer.await.unwrap();
    sealing.stop().await;
    println!("{name}: age of the oldest unsealed event, ms: p50, p99, most{}", Times::from(ages).columns());
}

fn event(house: &House, n: usize) -> Event {
    Event {
        id: house.clock.id(AuditId::from_ulid),
        at: house.clock.now(),
        actor: "ann".into(),
        auth: "os".into(),
        action: "case.decided".into(),
        subject: format!("case:{}", house.clock.id(CaseId::from_ulid)),
        case: Some(house.clock.id(CaseId::from_ulid)),
        body: serde_json::json!({ "outcome": "removed", "reason": "counterfeit_listing", "round": 1, "decision": n }),
    }
}

/// Seals a record of so many events, and checks it.
async fn check(name: &str, database: &Database, events: usize) {
    let mut world = World::new(&database.url).await;
    world.house.policy.audit.seal_batch = 10_000;
    let house = &world.house;
    for from in (0..events).step_by(5_000) {
        progress("events written", from, events);
        let some: Vec<Event> = (from..events.min(from + 5_000)).map(|n| event(house, n)).collect();
        let mut tx = house.db.write().await.unwrap();
        audit::add(&mut tx, &some).await.unwrap();
        tx.commit().await.unwrap();
    }
    progress("events written", events, events);
    let began = Instant::now();
    seal_all(house).await;
    let sealed = began.elapsed().as_secs_f64();
    let against = Against { keys: vec![key().public()], exported: vec![] };
    let began = Instant::now();
    let report =
        verify(house, &against, |done, of| progress("events checked", done as usize, of as usize)).await.unwrap();
    let checked = began.elapsed().as_secs_f64();
    assert!(report.findings.is_empty() && report.sealed as usize >= events, "{report:?}");
    println!("{name}: {events} events sealed at {:.0}/s", events as f64 / sealed);
    println!(
        "{name}: checked in {checked:.1} s, {:.0}/s; 10,000,000 would take {:.0} s",
        events as f64 / checked,
        1e7 * checked / events as f64
    );
    let ids: Vec<AuditId> = {
        let mut conn = house.db.read().await.unwrap();
        let step = (report.sealed / 100).max(1);
        let mut ids = vec![];
        for leaf in (0..report.sealed).step_by(step as usize) {
            let leaf = seals::check::leaves(&mut conn, leaf, leaf + 1).await.unwrap().pop().unwrap();
            ids.push(leaf.event.parse().unwrap());
        }
        ids
    };
    let proofs = Times::measure(ids.len(), |n| seal::prove::inclusion(house, ids[n])).await;
    println!("{name}: a proof of one event, ms: p50, p99, most{}", proofs.columns());
}
