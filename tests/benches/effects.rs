//! How fast effects are carried out, beside the floor of the same machine in the same run.
//!
//! `cargo bench -p jointforce-tests --bench effects [-- CASES]` (default 5,000 cases, two inside effects each).
//!
//! Throughput: cases are decided with no worker running; then one worker carries out what is due, through the real
//! relay, queue and transactions, fsync on. The floor is the bare batched statements that the effects come to (listings
//! down, sellers levelled, audit rows), 100 effects a transaction, over 8 connections of the same driver, without ledger.
//! Latency: decisions one by one on an idle worker, from due to seen done.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

use std::time::{Duration, Instant};

use jointforce_shared::{
    commands::{
        House,
        case::{self, Act, Request},
        catalogue, notice,
    },
    config::Places,
    domain::{
        decision::RemoveReason,
        effect::Lane,
        ids::{AuditId, CaseId},
        listing::Listing,
        seller::{Level, Seller, Standing},
        time::Time,
    },
    store::{Db, audit, effects, listings, sellers},
};
use jointforce_tests::{
    servers::{Database, PrivatePostgres, PrivateRedis, sqlite_database},
    world::{World, listing, raw, seller, who},
};
use jointforce_worker::{
    bell::BellConfig,
    run::{self, RunConfig},
};
use tokio::sync::watch;

const A_NOTICE: usize = 250;
/// Cases a seller: repeat offenders are the rule.
const A_SELLER: usize = 5;
const BATCH: usize = 100;

#[tokio::main]
async fn main() {
    if std::env::var_os("RUST_LOG").is_some() {
        jointforce_shared::telemetry::to_stderr(true);
    }
    let cases = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(5_000);
    println!("{cases} cases, {} inside effects; fsync on; one worker\n", cases * 2);
    println!("{:<24} {:>12} {:>12} {:>7} {:>10} {:>10}", "", "effects/s", "floor/s", "ratio", "p50 ms", "p99 ms");
    let postgres = PrivatePostgres::start_durable();
    let redis = PrivateRedis::start();
    measure("PostgreSQL, Redis", postgres.database().await, Some(redis.url()), cases).await;
    measure("PostgreSQL, memory", postgres.database().await, None, cases).await;
    measure("SQLite, memory", sqlite_database(), None, cases).await;
}

async fn measure(name: &str, database: Database, redis: Option<String>, cases: usize) {
    let mut world = World::new(&database.url).await;
    world.house.policy.grace = Duration::ZERO;
    let reported = fill(&world, cases).await;
    // Decided by several at once, as moderators do.
    let mut hands = tokio::task::JoinSet::new();
    for part in reported.chunks(reported.len().div_ceil(8)) {
        let (house, part) = (world.house.clone(), part.to_vec());
        hands.spawn(async move {
            for case in part {
                remove(&house, case).await;
            }
        });
    }
    hands.join_all().await;

    // The worker seals the audit record too, as it does everywhere; a server's has its key here.
    let sealed = tempfile::TempDir::new().unwrap();
    let folder = database.folder().unwrap_or_else(|| sealed.path().to_path_buf());
    let config = |lanes: Vec<Lane>| {
        let places = Places { database_url: database.url.clone(), redis_url: None, data_dir: folder.clone() };
        let bell = match &redis {
            Some(url) => BellConfig::Redis { url: url.clone(), prefix: "bench".into() },
            None => BellConfig::Memory,
        };
        RunConfig { bell, lanes, ..run::embedded_config(&places) }
    };

    let started = Instant::now();
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(run::run(world.house.clone(), config(vec![Lane::Inside]), stopped));
    while inside_left(&world.house).await > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let rate = (cases * 2) as f64 / started.elapsed().as_secs_f64();

    // One decision after another on the idle worker. The listings are other ones, not yet reported.
    world.house.policy.grace = Duration::from_millis(200);
    let idle: Vec<Listing> = (0..100).map(|n| listing(&format!("idle-{n}"), "shop")).collect();
    catalogue::load_listings(&world.house, &World::import(), &idle).await.unwrap();
    let mut waits = vec![];
    for listing in &idle {
        let case = world.report(&format!("idle-{}", listing.id), &[listing.id.as_str()]).await[0];
        let acted = remove(&world.house, case).await;
        let due = acted.grace_until.unwrap();
        loop {
            let mut conn = world.house.db.read().await.unwrap();
            let open = effects::of_case(&mut conn, case).await.unwrap();
            drop(conn);
            if open.iter().filter(|e| e.lane == Lane::Inside).all(|e| e.ended.is_some()) {
                waits.push(world.house.clock.now().since(due) as f64 / 1000.0);
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    stop.send_replace(true);
    worker.await.unwrap().unwrap();
    waits.sort_by(f64::total_cmp);

    let floor = floor(&world.house, cases).await;
    println!(
        "{name:<24} {rate:>12.0} {floor:>12.0} {:>6.0}% {:>10.1} {:>10.1}",
        100.0 * rate / floor,
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100]
    );
}

async fn inside_left(house: &House) -> usize {
    let mut conn = house.db.read().await.unwrap();
    effects::carry::due(&mut conn, Lane::Inside, house.clock.now(), 1).await.unwrap().len()
}

async fn remove(house: &House, case: CaseId) -> case::Acted {
    let act = Act::Remove(RemoveReason::ImproperUse);
    case::act(house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await.unwrap()
}

/// A seller's listings are spread over all batches.
fn seller_of(listing: usize, cases: usize) -> String {
    format!("s{}", listing % cases.div_ceil(A_SELLER))
}

/// Listings of many sellers, each reported once.
async fn fill(world: &World, cases: usize) -> Vec<CaseId> {
    let import = World::import();
    let many: Vec<Seller> = (0..cases.div_ceil(A_SELLER)).map(|n| seller(&format!("s{n}"))).collect();
    catalogue::load_sellers(&world.house, &import, &many).await.unwrap();
    let mut reported = vec![];
    for part in 0..cases.div_ceil(A_NOTICE) {
        let some: Vec<Listing> = (part * A_NOTICE..cases.min((part + 1) * A_NOTICE))
            .map(|n| listing(&format!("l{n}"), &seller_of(n, cases)))
            .collect();
        catalogue::load_listings(&world.house, &import, &some).await.unwrap();
        let ids: Vec<&str> = some.iter().map(|l| l.id.as_str()).collect();
        match notice::file(&world.house, &import, &[raw(&format!("bench-{part}"), &ids)]).await.unwrap().pop() {
            Some(notice::Filed::New { cases, .. }) => reported.extend(cases),
            other => panic!("{other:?}"),
        }
    }
    reported
}

/// The bare statements of the same effects: half of a batch takes listings down, half levels sellers, all leave an audit
/// row. The listings are put back first so that there is something to take down.
async fn floor(house: &House, cases: usize) -> f64 {
    put_back(&house.db).await;
    let batches: Vec<usize> = (0..cases).step_by(BATCH / 2).collect();
    let started = Instant::now();
    let mut connections = tokio::task::JoinSet::new();
    for lane in 0..8 {
        let (house, batches) = (house.clone(), batches.clone());
        connections.spawn(async move {
            for from in batches.into_iter().skip(lane).step_by(8) {
                bare_batch(&house, cases, from, cases.min(from + BATCH / 2)).await;
            }
        });
    }
    connections.join_all().await;
    (cases * 2) as f64 / started.elapsed().as_secs_f64()
}

async fn put_back(db: &Db) {
    let sql = "UPDATE listings SET state = 'live'";
    match db {
        Db::Sqlite { writer, .. } => sqlx::query(sql).execute(writer).await.map(drop).unwrap(),
        Db::Postgres(pool) => sqlx::query(sql).execute(pool).await.map(drop).unwrap(),
    }
}

async fn bare_batch(house: &House, cases: usize, from: usize, to: usize) {
    let now = house.clock.now();
    let listings: Vec<_> = (from..to).map(|n| format!("l{n}").parse().unwrap()).collect();
    let standing = Standing { points: 2, level: Level::Cautioned, until: None, listings_off: false, next_change: None };
    let mut levels: Vec<(sellers::SellerRecord, Standing)> = (from..to)
        .map(|n| {
            let seller = seller(&seller_of(n, cases));
            let record = sellers::SellerRecord {
                seller,
                reports: 0,
                points: 0,
                level: Level::Good,
                level_until: None,
                listings_off: false,
            };
            (record, standing.clone())
        })
        .collect();
    levels.sort_by(|a, b| a.0.seller.id.cmp(&b.0.seller.id));
    let events: Vec<_> = (from..to)
        .flat_map(|n| ["listing.removed", "seller.leveled"].map(|action| (n, action)))
        .map(|(n, action)| jointforce_shared::domain::audit::Event {
            id: house.clock.id(AuditId::from_ulid),
            at: now,
            actor: "floor".into(),
            auth: "process".into(),
            action: action.into(),
            subject: format!("listing:l{n}"),
            case: None,
            body: serde_json::json!({}),
        })
        .collect();
    let mut tx = house.db.write().await.unwrap();
    listings::remove(&mut tx, &listings, now).await.unwrap();
    sellers::set_levels(&mut tx, &levels, Time(now.0)).await.unwrap();
    audit::add(&mut tx, &events).await.unwrap();
    tx.commit().await.unwrap();
}
