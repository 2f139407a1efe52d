//! Whether a worker that is at work for long keeps to its memory.
//!
//! `cargo build --release --bins && cargo bench -p jointforce-tests --bench soak [-- --size MINUTES]` (default 60): a real worker
//! on PostgreSQL and Redis carries out 40 decisions a second, each with removal, penalty, webhooks to marketplace and brand, and
//! letters, sent to receivers that answer. Printed are its load, its memory after the first tenth and at the end, and the oldest
//! effect that was ever due. The bars are 5 % more memory, and 40 MB and 1 % of a core in a minute of rest after it.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::{House, catalogue},
    domain::{brand::Brand, listing::Listing, seller::Seller},
};
use jointforce_tests::{
    bench::{Scale, progress},
    hooks::Hooks,
    load,
    mail::Mailbox,
    process,
    programs::{self, Running},
    servers::{PrivatePostgres, PrivateRedis},
    sql::number,
    wait::until,
    world::{World, brand, listing, seller},
};
use tempfile::TempDir;
use tokio::time::sleep;

/// Decisions a second; a core carries out about three times what follows from them.
const RATE: usize = 40;
/// Cases that are reported and then decided, one lot after the other.
const LOT: usize = 200;
/// Cases of one seller: repeat offenders are the rule.
const A_SELLER: usize = 4;
/// The bars: growth, and bytes and share of a core at rest.
const BAR_GROWTH: f64 = 1.05;
const BAR_REST: (f64, f64) = (40e6, 0.01);
const REST: Duration = Duration::from_secs(60);
const SECRET: &str = "whsec_c29ha3NvYWtzb2Frc29ha3NvYWtzb2Frc29hayE=";

#[tokio::main]
async fn main() -> ExitCode {
    let is_full = std::env::args().any(|word| word == "--bench");
    let minutes = Scale::from_args(60, 1).size;
    let span = if is_full { Duration::from_secs(60 * minutes as u64) } else { Duration::from_secs(10) };
    let (postgres, redis) = (PrivatePostgres::start_durable(), PrivateRedis::start());
    let (database, folder) = (postgres.database().await, TempDir::new().unwrap());
    let (hooks, mail) = (Hooks::start().await, Mailbox::start().await);
    let mut world = World::new(&database.url).await;
    world.house.policy.grace = Duration::ZERO;
    let acme = Brand { webhook_url: Some(hooks.url("/acme")), webhook_secret: Some(SECRET.into()), ..brand("acme") };
    catalogue::load_brands(&world.house, &World::import(), &[acme]).await.unwrap();
    let mut command = programs::worker();
    command.arg("run").env("HOME", folder.path()).env("JOINTFORCE_DATA_DIR", folder.path());
    command.env("DATABASE_URL", &database.url).env("REDIS_URL", redis.url()).env("SMTP_URL", mail.url());
    command.env("MARKETPLACE_URL", hooks.url("/marketplace")).env("MARKETPLACE_SECRET", SECRET);
    command.env("JOINTFORCE_WEBHOOK_ALLOW", "127.0.0.0/8").env("RUST_LOG", "warn");
    let worker = Running::start(&command);

    let (began, cpu) = (Instant::now(), process::cpu(worker.id()));
    let (mut decided, mut oldest, mut memory) = (0, 0, vec![]);
    while began.elapsed() < span {
        let cases = report(&world, decided / LOT).await;
        for case in cases {
            let at = Duration::from_secs_f64(decided as f64 / RATE as f64);
            sleep(at.saturating_sub(began.elapsed())).await;
            load::remove(&world.house, case).await;
            decided += 1;
        }
        memory.push(process::memory(worker.id(), "Rss"));
        oldest = oldest.max(late(&world.house).await);
        progress("seconds", began.elapsed().min(span).as_secs() as usize, span.as_secs() as usize);
    }
    let took = began.elapsed();
    let load = (process::cpu(worker.id()) - cpu).as_secs_f64() / took.as_secs_f64();
    until(Duration::from_secs(300), "everything that is due is done", async || late(&world.house).await == 0).await;
    let done = number(&world.house.db, "SELECT count(*) FROM effects_done").await;
    let (tenth, end) = (median(&memory, 1, 2), median(&memory, 9, 10));
    let rest = if is_full { REST } else { Duration::from_secs(1) };
    let before = process::cpu(worker.id());
    sleep(rest).await;
    let idle = (process::cpu(worker.id()) - before).as_secs_f64() / rest.as_secs_f64();
    let at_rest = process::memory(worker.id(), "Rss");

    let verdict = |met: bool| if met || !is_full { "" } else { "  MISSES THE BAR" };
    let all = [end <= tenth * BAR_GROWTH, at_rest <= BAR_REST.0 && idle <= BAR_REST.1];
    println!(
        "{decided} decisions and {done} effects in {:.0} s: {:.0} effects a second, {:.0} % of a core; \
         at most {:.2} s from due to done at any look",
        took.as_secs_f64(),
        done as f64 / took.as_secs_f64(),
        100.0 * load,
        oldest as f64 / 1e6
    );
    println!(
        "resident: {:.1} MB in the second tenth, {:.1} MB in the last: {:.3} times{}",
        tenth / 1e6,
        end / 1e6,
        end / tenth,
        verdict(all[0])
    );
    println!("at rest after it: {:.1} MB, {:.2} % of a core{}", at_rest / 1e6, 100.0 * idle, verdict(all[1]));
    ExitCode::from(u8::from(is_full && all.contains(&false)))
}

/// New listings of new sellers, reported.
async fn report(world: &World, lot: usize) -> Vec<jointforce_shared::domain::ids::CaseId> {
    let name = |n: usize| format!("soak-{lot}-{n}");
    let sellers: Vec<Seller> = (0..LOT / A_SELLER).map(|n| seller(&name(n))).collect();
    let listings: Vec<Listing> = (0..LOT).map(|n| listing(&name(n), &name(n / A_SELLER))).collect();
    catalogue::load_sellers(&world.house, &World::import(), &sellers).await.unwrap();
    catalogue::load_listings(&world.house, &World::import(), &listings).await.unwrap();
    let ids: Vec<&str> = listings.iter().map(|listing| listing.id.as_str()).collect();
    world.report(&name(0), &ids).await
}

/// Microseconds since which the first waits that is due.
async fn late(house: &House) -> i64 {
    let now = house.clock.now().0;
    number(
        &house.db,
        format!("SELECT coalesce({now} - min(due_at), 0) FROM effects WHERE state = 'due' AND due_at < {now}"),
    )
    .await
}

/// The median from one tenth of the samples to another.
fn median(samples: &[f64], from: usize, to: usize) -> f64 {
    let at = |tenth| samples.len() * tenth / 10;
    let mut some = samples[at(from)..at(to).max(at(from) + 1).min(samples.len())].to_vec();
    some.sort_by(f64::total_cmp);
    some[some.len() / 2]
}
