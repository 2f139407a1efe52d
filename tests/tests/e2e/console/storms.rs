//! Windows that change their size faster than anybody draws, and terminals that answer nothing.

use std::time::{Duration, Instant};

use jointforce_tests::{
    pty::Terminal,
    servers::{Database, postgres_database, sqlite_database},
};
use nix::sys::signal::Signal;

use super::{Desk, LIMIT, command, press, see};

const WIDTH: u16 = 80;
const HEIGHT: u16 = 24;
/// Changes of size in one storm.
const GUSTS: u64 = 150;

/// A desk with three cases in its queue.
async fn desk(database: Database) -> Desk {
    let desk = Desk::on(database).await;
    desk.world.report("n1", &["item-1", "item-2", "item-3"]).await;
    desk
}

/// Changes the size again and again, from 1x1 to 300x100, with `keys` between; ends on 80x24.
async fn storm(terminal: &mut Terminal, seed: u64, keys: &[&str]) {
    let mut state = seed;
    let mut below = |end: u64| {
        // Knuth's multiplier: every storm with this seed is the same one.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    for gust in 0..GUSTS {
        let (columns, rows) = match gust % 10 {
            0 => (1, 1),
            1 => (300, 100),
            2 => (300, 1),
            3 => (1, 100),
            4 => (WIDTH, HEIGHT),
            _ => [300, 100].map(|most| u16::try_from(1 + below(most)).unwrap()).into(),
        };
        terminal.resize(columns, rows);
        if below(3) == 0 {
            terminal.send_keys(keys[usize::try_from(below(keys.len() as u64)).unwrap()]);
        }
        if below(2) == 0 {
            tokio::time::sleep(Duration::from_millis(below(6))).await;
        }
    }
    terminal.resize(WIDTH, HEIGHT);
    // What comes in one read with much typing is a paste, and no key in it counts.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// What is on the screen, colours included; in the bar without the lag, which only the stormy one may have.
fn seen(terminal: &Terminal) -> (String, Vec<String>) {
    let words = terminal.contents();
    let bar = words.lines().next().unwrap_or_default();
    let lag =
        bar.find(" · lag").map_or(String::new(), |at| bar[at..].chars().take(" · lag 0.2 s".chars().count()).collect());
    let bar = bar.replace(&lag, "").replace(" · slow link", "").split_whitespace().collect::<Vec<_>>().join(" ");
    (bar, terminal.rows().split_off(1))
}

/// Waits until both terminals show the same.
async fn alike(one: &Terminal, other: &Terminal) {
    let started = Instant::now();
    while seen(one) != seen(other) {
        let both = || format!("{}\n---\n{}", one.contents(), other.contents());
        assert!(started.elapsed() < LIMIT, "after the storm, and fresh:\n{}", both());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_hundreds_of_sizes_the_screen_is_that_of_a_fresh_console() {
    // On a server neither console carries effects out, so that both say the same.
    let desk = desk(postgres_database().await).await;
    let mut terminal = desk.sit_down(WIDTH, HEIGHT);
    see(&terminal, "trainers item-").await;
    storm(&mut terminal, 1, &["j", "k", "G", "g", "<C-d>", "<C-u>"]).await;
    terminal.send_keys("g");
    let mut fresh = desk.sit_down(WIDTH, HEIGHT);
    see(&fresh, "trainers item-").await;
    alike(&terminal, &fresh).await;

    for console in [&mut terminal, &mut fresh] {
        press(console, "?", "In the queue").await;
    }
    storm(&mut terminal, 2, &["j", "k", "<C-d>", "<Down>", "G", "g"]).await;
    terminal.send_keys("g");
    alike(&terminal, &fresh).await;

    for console in [&mut terminal, &mut fresh] {
        console.send_keys("q");
        press(console, "/", "Show only").await;
        press(console, "brand:", "/brand:").await;
    }
    storm(&mut terminal, 3, &["a", "<Backspace>", "z"]).await;
    for console in [&mut terminal, &mut fresh] {
        console.send_keys("<C-u>");
        console.wait_for("an empty line", |screen| !screen.contents().contains("/brand"), LIMIT).await;
        press(console, "item", "/item").await;
    }
    alike(&terminal, &fresh).await;
    for console in [&mut terminal, &mut fresh] {
        console.send_keys("<Esc>");
    }
    alike(&terminal, &fresh).await;
    see(&terminal, "trainers item-").await;
    for mut console in [terminal, fresh] {
        console.send_keys("q");
        assert!(console.wait_for_end(LIMIT).await.success(), "{}", console.contents());
        assert!(console.is_restored());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_was_open_in_a_storm_is_decided_after_it_and_none_in_it() {
    let desk = desk(sqlite_database()).await;
    let mut terminal = desk.sit_down(WIDTH, HEIGHT);
    see(&terminal, "trainers item-").await;
    press(&mut terminal, "<Enter>", "yours for now").await;
    see(&terminal, "Beside the genuine product").await;
    storm(&mut terminal, 4, &["j", "k", "<Tab>", "G", "<C-d>"]).await;
    press(&mut terminal, "n", "Note for colleagues").await;
    storm(&mut terminal, 7, &["a", "é", "<Backspace>"]).await;
    // Else it may not be drawn yet, and is taken for closed: then the next key would make Alt of the Escape.
    terminal.wait_for_text("Note for colleagues", LIMIT).await;
    terminal.send_keys("<Esc>");
    terminal.wait_for("no dialog", |screen| !screen.contents().contains("Note for colleagues"), LIMIT).await;
    terminal.send_keys("g");
    see(&terminal, "Beside the genuine product").await;
    press(&mut terminal, "r", "counterfeit sold").await;
    storm(&mut terminal, 5, &["<Tab>", "<Up>", "<Left>"]).await;
    press(&mut terminal, "1", "Removed").await;
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_that_went_and_came_back_unnoticed_is_drawn_anew() {
    let desk = desk(sqlite_database()).await;
    let mut terminal = desk.sit_down(WIDTH, HEIGHT);
    see(&terminal, "trainers item-").await;
    // Both changes come as one signal: the size is what it was, and the rows are gone.
    terminal.signal(Signal::SIGSTOP);
    terminal.resize(1, 1);
    terminal.resize(WIDTH, HEIGHT);
    assert!(!terminal.contents().contains("trainers"));
    terminal.signal(Signal::SIGCONT);
    see(&terminal, "trainers item-").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_answers_nothing_can_be_worked_on() {
    let desk = desk(sqlite_database()).await;
    let mut terminal = Terminal::silent(&command(&desk.database, &desk.data), WIDTH, HEIGHT);
    see(&terminal, "trainers item-").await;
    storm(&mut terminal, 6, &["j", "k"]).await;
    for _ in 0..2 {
        see(&terminal, "trainers item-").await;
        press(&mut terminal, "r", "counterfeit sold").await;
        press(&mut terminal, "1", "Removed").await;
    }
    press(&mut terminal, "u", "Taken back").await;
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());
    assert!(terminal.is_restored());
}
