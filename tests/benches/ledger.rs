//! What an effect costs as the ledger grows.
//!
//! `cargo bench -p jointforce-tests --bench ledger [-- --size EFFECTS]`: with 10,000, 100,000, … effects in the history, up
//! to the size (default 10,000,000), 4,000 inside effects are carried out by one worker, three times; printed is the median
//! cost of one and how many times that of the smallest ledger it is. PostgreSQL with Redis and SQLite, fsync on.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

use std::{path::PathBuf, time::Duration};

use jointforce_shared::{domain::effect::Lane, store::Db};
use jointforce_tests::{
    bench::Scale,
    load::{self, Plan, Workers},
    servers::{Database, PrivatePostgres, PrivateRedis, sqlite_database},
    world::World,
};
use jointforce_worker::run::RunConfig;
use sqlx::AssertSqlSafe;

/// Cases a round; two inside effects each.
const CASES: usize = 2_000;
const ROUNDS: usize = 3;
/// The bar: an effect at the largest size costs at most this many times one at the smallest.
const BAR: f64 = 1.3;

#[tokio::main]
async fn main() {
    if load::worked().await {
        return;
    }
    let scale = Scale::from_args(10_000_000, ROUNDS * CASES);
    let cases = CASES.min(scale.size);
    println!("{:<22} {:>12} {:>12} {:>10} {:>8}", "", "in history", "us/effect", "effects/s", "times");
    let (postgres, redis) = (PrivatePostgres::start_durable(), PrivateRedis::start());
    let folder = tempfile::TempDir::new().unwrap();
    grow("PostgreSQL, Redis", postgres.database().await, Some(redis.url()), &scale, cases, folder.path().into()).await;
    let sqlite = sqlite_database();
    let folder = sqlite.folder().unwrap();
    grow("SQLite, memory", sqlite, None, &scale, cases, folder).await;
}

async fn grow(name: &str, database: Database, redis: Option<String>, scale: &Scale, cases: usize, folder: PathBuf) {
    let mut world = World::new(&database.url).await;
    world.house.policy.grace = Duration::ZERO;
    let plan = Plan { url: database.url.clone(), redis, batch: RunConfig::BATCH, lanes: Lane::INSIDE.to_vec(), folder };
    let reported = load::report(&world, cases * ROUNDS * steps(scale.size).count()).await;
    let (mut filled, mut first, mut last) = (0, None, 1.0);
    for (step, size) in steps(scale.size).enumerate() {
        fill(&world.house.db, filled, size).await;
        filled = size;
        let mut costs = vec![];
        for round in 0..ROUNDS {
            let at = (step * ROUNDS + round) * cases;
            load::pause_inside(&world.house, true).await;
            load::remove_all(&world.house, &reported[at..at + cases]).await;
            let workers = Workers::start(&world.house, &plan, 1).await;
            costs.push(load::carry_all(&world.house).await.as_secs_f64() * 1e6 / (cases * 2) as f64);
            drop(workers);
        }
        costs.sort_by(f64::total_cmp);
        let cost = costs[ROUNDS / 2];
        last = cost / *first.get_or_insert(cost);
        println!("{name:<22} {size:>12} {cost:>12.1} {:>10.0} {last:>7.2}x", 1e6 / cost);
    }
    if scale.is_full {
        println!("{name:<22} {}", if last <= BAR { "within the bar" } else { "MISSES THE BAR of 1.3 times" });
    }
}

/// 10,000 and its tenfolds up to the size, and the size.
fn steps(size: usize) -> impl Iterator<Item = usize> {
    (4..12).map(|power| 10_usize.pow(power)).filter(move |step| *step < size).chain([size])
}

/// Puts ended effects into the history, from `from` up to `to` in all, with cases and decisions in no order, and lets the
/// database learn about them.
async fn fill(db: &Db, from: usize, to: usize) {
    const COLUMNS: &str = "INSERT INTO effects_done (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, created_at, ended_at)";
    const PART: usize = 500_000;
    for from in (from..to).step_by(PART) {
        let to = to.min(from + PART);
        let payload = r#"'{"kind":"remove_listing","listing":"item-00000000","case":"01KEKSC0000000000000000000","decision":"01KEKSD0000000000000000000"}'"#;
        match db {
            Db::Postgres(pool, _) => {
                let sql = format!(
                    "{COLUMNS} SELECT '01K0' || lpad(n::text, 22, '0'), 'remove_listing', 1, 'removals', '', {payload},
                     '01KE' || upper(substr(md5(n::text), 1, 22)), '01KD' || upper(substr(md5((-n)::text), 1, 22)), md5(n::text), 'done', 1, n, n, n
                     FROM generate_series({from}, {to} - 1) n"
                );
                sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap();
            }
            Db::Sqlite { writer, .. } => {
                let sql = format!(
                    "WITH RECURSIVE s(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {to})
                     {COLUMNS} SELECT printf('01K0%022d', n), 'remove_listing', 1, 'removals', '', {payload},
                     '01KE' || hex(randomblob(11)), '01KD' || hex(randomblob(11)), lower(hex(randomblob(16))), 'done', 1, n, n, n FROM s"
                );
                sqlx::query(AssertSqlSafe(sql)).execute(writer).await.unwrap();
            }
        }
        jointforce_tests::bench::progress("filling", to, to);
    }
    match db {
        Db::Postgres(pool, _) => sqlx::raw_sql("ANALYZE").execute(pool).await.map(drop).unwrap(),
        Db::Sqlite { writer, .. } => sqlx::raw_sql("ANALYZE").execute(writer).await.map(drop).unwrap(),
    }
}
