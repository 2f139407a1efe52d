//! What many consoles on one host cost: their memory, their rest, their connections.
//!
//! `cargo build --release --bins && cargo bench -p jointforce-tests --bench consoles [-- --size CONSOLES]` (default 200).
//! Each is a real console in a terminal of 120x40 with 400 cases before it, on one PostgreSQL. When all show their rows, each opens a
//! case and goes back; then all are left alone for 30 s. Beside them stands what another program of the kind costs in the
//! same run: a `psql` in a terminal, with its one connection. The bars are 25 MB and 0.2 % of a core, of the median console.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark fails loudly")]

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use jointforce_shared::{account, commands::operator, domain::operator::Role};
use jointforce_tests::{
    bench::{Scale, progress},
    load, process, programs,
    pty::Terminal,
    servers::PrivatePostgres,
    sql::number,
    world::World,
};
use tempfile::TempDir;
use tokio::time::sleep;

/// The bars, of the median console: resident bytes, and the share of a core.
const BAR_RESIDENT: f64 = 25e6;
const BAR_IDLE: f64 = 0.002;
/// Connections that a console may have.
const BAR_CONNECTIONS: f64 = 3.0;
const CASES: usize = 400;
/// How long all are left alone.
const IDLE: Duration = Duration::from_secs(30);
const SOON: Duration = Duration::from_secs(120);
/// Terminals that are opened at the same time.
const AT_ONCE: usize = 10;

#[tokio::main]
async fn main() -> ExitCode {
    let scale = Scale::from_args(200, 1);
    let is_full = std::env::args().any(|word| word == "--bench");
    let count = if is_full { scale.size } else { scale.size.min(5) };
    let postgres = PrivatePostgres::start_for(count * 12 + 50);
    let (database, data) = (postgres.database().await, TempDir::new().unwrap());
    let world = World::new(&database.url).await;
    let me = account::current().unwrap();
    operator::add(&world.house, &World::import(), me.clone(), me.as_str(), Role::Senior).await.unwrap();
    load::report(&world, CASES).await;

    let started = Instant::now();
    let mut command = programs::console();
    command.env("DATABASE_URL", &database.url).env("JOINTFORCE_DATA_DIR", data.path());
    let mut consoles = open(&command, count, "ACME style").await;
    println!("{count} consoles of a {} build, all with rows after {:.1?}", programs::profile(), started.elapsed());
    let mut most = connections(&world).await;
    for console in &mut consoles {
        console.send_keys("<Enter>");
    }
    for console in &mut consoles {
        console.wait_for_text("· case", SOON).await;
        most = most.max(connections(&world).await);
        console.send_keys("<Esc>");
    }
    for console in &consoles {
        console.wait_for_text("· queue", SOON).await;
    }
    let mut client = Command::new(PrivatePostgres::client());
    client.arg(&database.url);
    let peers = open(&client, count.min(10), "=#").await;
    sleep(Duration::from_secs(5)).await;

    let before = (spent(&consoles), spent(&peers));
    let rested = Instant::now();
    sleep(IDLE).await;
    let rested = rested.elapsed().as_secs_f64();
    let idle = |before: &[f64], programs: &[Terminal]| {
        median(before.iter().zip(spent(programs)).map(|(before, after)| (after - before) / rested).collect())
    };
    let (idle, idle_peer) = (idle(&before.0, &consoles), idle(&before.1, &peers));
    let size = |name: &str, programs: &[Terminal]| {
        median(programs.iter().map(|one| process::memory(one.id(), name)).collect())
    };
    let kept = connections(&world).await / count as f64;

    println!("\n{:<36}{:>12}{:>12}{:>12}{:>8}", "the median of each", "console", "bar", "psql", "times");
    let mut missed = vec![];
    let mut row = |what: &str, console: f64, bar: Option<f64>, peer: f64, unit: f64| {
        let bar_words = bar.map_or_else(String::new, |bar| format!("{:.2}", bar / unit));
        let times = if peer > 0.0 { format!("{:.1}", console / peer) } else { String::new() };
        println!("{what:<36}{:>12.2}{bar_words:>12}{:>12.2}{times:>8}", console / unit, peer / unit);
        if bar.is_some_and(|bar| console > bar) {
            missed.push(what.to_owned());
        }
    };
    row("resident, MB", size("Rss", &consoles), Some(BAR_RESIDENT), size("Rss", &peers), 1e6);
    row("its share of what is shared (PSS), MB", size("Pss", &consoles), None, size("Pss", &peers), 1e6);
    row("its own alone, MB", size("Private_Dirty", &consoles), None, size("Private_Dirty", &peers), 1e6);
    row("idle, % of a core", idle, Some(BAR_IDLE), idle_peer, 0.01);
    row("connections kept, on average", kept, Some(BAR_CONNECTIONS), 1.0, 1.0);
    row("connections while all open a case", most / count as f64, None, 1.0, 1.0);
    for miss in &missed {
        println!("MISSED: {miss}");
    }
    ExitCode::from(u8::from(is_full && !missed.is_empty()))
}

/// Opens so many, and waits until each shows `text`.
async fn open(command: &Command, count: usize, text: &str) -> Vec<Terminal> {
    let mut open: Vec<Terminal> = vec![];
    while open.len() < count {
        let new: Vec<_> = (0..AT_ONCE.min(count - open.len())).map(|_| Terminal::start(command, 120, 40)).collect();
        for terminal in new {
            terminal.wait_for_text(text, SOON).await;
            open.push(terminal);
        }
        progress("opened", open.len(), count);
    }
    open
}

/// Connections of consoles at the server; those of this program are not of them.
async fn connections(world: &World) -> f64 {
    let ours = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'jointforce-console'";
    number(&world.house.db, ours).await as f64
}

/// Seconds of a core that each has used so far.
fn spent(programs: &[Terminal]) -> Vec<f64> {
    programs.iter().map(|one| process::cpu(one.id()).as_secs_f64()).collect()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_unstable_by(f64::total_cmp);
    figures[figures.len() / 2]
}
