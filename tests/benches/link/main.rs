//! The console over a bad link: a real sshd, a real ssh in a terminal of 200x60, and between them 256 kbit/s with a round
//! trip of 150 ms.
//!
//! `cargo build --release --bins && cargo bench -p jointforce-tests --bench link` (with `cargo test … --bench link` the short
//! form, of the programs that lie beside it). Beside each figure stands that of a program which does the least there is: it
//! answers a key with one byte; and beside a held key that of one which sends the whole screen for each. Ends with 1 when a held key
//! has not settled within a second, or the screen is not what the console draws anew.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that can't go on stops")]

mod bare;
mod seat;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::{catalogue, notice},
    domain::listing::Listing,
    store::queue::{self, Filter, QueueRow},
};
use jointforce_tests::{
    bench::Times,
    link::Quality,
    programs,
    served::Served,
    servers::PrivatePostgres,
    world::{World, listing, raw, seller},
};
use tokio::time::sleep;

use self::{bare::Bare, seat::Seat};

/// The bar: a held key has settled.
const BAR: Duration = Duration::from_secs(1);
/// A key that is held comes 30 times a second.
const REPEAT: Duration = Duration::from_micros(33_333);
const HELD: usize = 90;
const CASES: usize = 400;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let is_full = std::env::args().any(|word| word == "--bench");
    let (rounds, peer_keys) = if is_full { (5, HELD) } else { (1, 15) };
    let postgres = PrivatePostgres::start_durable();
    let served = Served::on(postgres.database().await, None).await;
    fill(&served.world).await;
    let ann = served.hire_with_key("ann").await;
    println!(
        "200x60 through sshd, {} kbit/s, {:?} round trip, {} build",
        Quality::POOR.bits / 1000,
        Quality::POOR.delay * 2,
        programs::profile()
    );

    let bare = Bare::start();
    let (mut echo, ready) = bare.connect(if is_full { 3 } else { 1 }).await;
    let floor = echo.keys(rounds * 6).await;
    println!("\n{:<34}{:>10}{:>10}{:>10}{:>10}", "", "p50 ms", "max ms", "bytes", "floors");
    row("the floor: a key, one byte back", &floor, None, floor.percentile(50));
    row("the floor: from ssh to ready", &ready, None, ready.percentile(50));

    let mut missed = vec![];
    let plain: &[&str] = &[];
    for words in [plain, &["-C"]].into_iter().take(if is_full { 2 } else { 1 }) {
        println!("\nssh{}", words.iter().map(|word| format!(" {word}")).collect::<String>());
        // The one before has decided some.
        let rows = head(&served.world).await;
        let (mut seat, started) = Seat::take(&served, &ann, words, &rows).await;
        row("from ssh to the queue's rows", &vec![started].into(), Some(seat.carried()), ready.percentile(50));
        let floor = floor.percentile(50);
        let (step, bytes) = seat.steps(rounds * 6).await;
        row("j: the cursor moves", &step, Some(bytes), floor);
        let (mut cursor, mut all, mut bytes) = (vec![], vec![], vec![]);
        for round in 0..rounds {
            let held = seat.hold(HELD, &rows[HELD]).await;
            cursor.push(held.cursor);
            all.push(held.all);
            bytes.push(held.bytes);
            missed.extend(held.stale.map(|stale| format!("round {round}: {stale}")));
        }
        bytes.sort_unstable();
        let (cursor, all) = (Times::from(cursor), Times::from(all));
        row("j held 3 s: the cursor is right", &cursor, Some(bytes[rounds / 2]), floor);
        row("j held 3 s: everything is right", &all, None, floor);
        if all.percentile(100) > BAR {
            missed.push(format!("a held key settled after {:?}, the bar is {BAR:?}", all.percentile(100)));
        }
        let (next, bytes) = seat.decide(rounds.max(2), &rows).await;
        row("r 1: the next case", &next, Some(bytes), floor);
        let (redraw, bytes) = seat.redraw().await;
        row("C-l: the whole screen", &vec![redraw].into(), Some(bytes), floor);
        println!("{:<34}{:>30}", "10 s of idling", seat.idle(Duration::from_secs(10)).await);

        if words.is_empty() {
            bare.answer_with(&seat.whole);
            let settled = echo.hold(peer_keys).await;
            let what = format!("{peer_keys} keys held, whole screens instead");
            row(&what, &vec![settled].into(), Some((seat.whole.len() * peer_keys) as u64), floor);
        }
    }
    for miss in &missed {
        println!("MISSED: {miss}");
    }
    ExitCode::from(u8::from(!missed.is_empty()))
}

fn row(what: &str, times: &Times, bytes: Option<u64>, floor: Duration) {
    let ms = |percent| times.percentile(percent).as_secs_f64() * 1000.0;
    let bytes = bytes.map_or_else(String::new, |bytes| bytes.to_string());
    println!(
        "{what:<34}{:>10.0}{:>10.0}{bytes:>10}{:>10.2}",
        ms(50),
        ms(100),
        times.percentile(50).as_secs_f64() / floor.as_secs_f64()
    );
}

/// The head of the queue.
async fn head(world: &World) -> Vec<QueueRow> {
    let mut conn = world.house.db.read().await.unwrap();
    queue::page(&mut conn, &Filter::default(), None, 200).await.unwrap()
}

/// Cases with titles that tell them apart in the list.
async fn fill(world: &World) {
    let import = World::import();
    let sellers: Vec<_> = (0..CASES / 5).map(|n| seller(&format!("s{n}"))).collect();
    catalogue::load_sellers(&world.house, &import, &sellers).await.unwrap();
    let listings: Vec<Listing> = (0..CASES)
        .map(|n| {
            let mut listing = listing(&format!("l{n}"), &format!("s{}", n * 7 % sellers.len()));
            listing.content.title = format!("c{n:03} leather trainers, white, sizes 36 to 45, fast shipping");
            listing
        })
        .collect();
    catalogue::load_listings(&world.house, &import, &listings).await.unwrap();
    for (n, part) in listings.chunks(100).enumerate() {
        let ids: Vec<&str> = part.iter().map(|listing| listing.id.as_str()).collect();
        let filed = notice::file(&world.house, &import, &[raw(&format!("n{n}"), &ids)]).await.unwrap().pop();
        assert!(matches!(filed, Some(notice::Filed::New { .. })), "{filed:?}");
    }
}

/// Types a key so many times as a keyboard does that is held; gives when the last one was typed.
async fn held(keys: usize, mut press: impl FnMut()) -> Instant {
    let began = tokio::time::Instant::now();
    for n in 0..keys {
        tokio::time::sleep_until(began + REPEAT * u32::try_from(n).unwrap()).await;
        press();
    }
    Instant::now()
}

/// Looks every millisecond until something holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(120), "waited in vain: {what}");
        sleep(Duration::from_millis(1)).await;
    }
}
