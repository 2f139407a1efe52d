//! A moderator at the far end of the link.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use jointforce_shared::store::queue::QueueRow;
use jointforce_tests::{
    bench::Times,
    link::{Link, Quality},
    pty::Terminal,
    served::Served,
};
use tokio::time::sleep;

use super::{held, until};

/// After so long without a byte the screen is taken for what it will stay.
const SETTLED: Duration = Duration::from_millis(1000);
/// What the console asks at the end of each frame.
const ASK: &[u8] = b"\x1b[5n";

pub struct Seat {
    terminal: Terminal,
    link: Link,
    /// What the console wrote when it was asked to draw everything.
    pub whole: Vec<u8>,
}

/// What became of a held key.
pub struct Held {
    /// From the last key until the cursor was where it belongs.
    pub cursor: Duration,
    /// From the last key until nothing changed any more.
    pub all: Duration,
    /// Bytes that came over the link for it.
    pub bytes: u64,
    /// What the screen then showed that the console doesn't when it draws anew.
    pub stale: Option<String>,
}

impl Seat {
    /// Connects; gives how long it took until the queue was there.
    pub async fn take(served: &Served, key: &Path, words: &[&str], rows: &[QueueRow]) -> (Self, Duration) {
        let link = Link::to(served.sshd.port(), Quality::POOR).await;
        let began = Instant::now();
        let terminal = Terminal::start(&served.sshd.connect_through(link.port(), key, words), 200, 60);
        let seat = Self { terminal, link, whole: vec![] };
        seat.cursor_on(&rows[0]).await;
        let started = seat.terminal.written_at() - began;
        seat.settled().await;
        (seat, started)
    }

    /// Bytes that came over the link so far.
    pub fn carried(&self) -> u64 {
        self.link.carried()
    }

    /// Moves the cursor down so many times, each when the one before is long shown; gives the times, and the bytes of a
    /// move in the middle.
    pub async fn steps(&mut self, steps: usize) -> (Times, u64) {
        let (mut times, mut bytes) = (vec![], vec![]);
        for _ in 0..steps {
            let (before, at) = (self.carried(), self.terminal.look(row_of_cursor));
            let began = Instant::now();
            self.terminal.send_keys("j");
            until("the cursor moved", || self.terminal.look(row_of_cursor) == at.map(|at| at + 1)).await;
            times.push(self.terminal.written_at() - began);
            bytes.push(self.carried() - before);
            sleep(Duration::from_millis(700)).await;
        }
        bytes.sort_unstable();
        (times.into(), bytes[steps / 2])
    }

    /// Holds `j` from the head of the queue, until the cursor comes to `row`.
    pub async fn hold(&mut self, keys: usize, row: &QueueRow) -> Held {
        self.terminal.send_keys("g");
        self.settled().await;
        let before = self.carried();
        let last = held(keys, || self.terminal.send_keys("j")).await;
        self.cursor_on(row).await;
        let cursor = self.terminal.written_at().saturating_duration_since(last);
        self.settled().await;
        let all = self.terminal.written_at().saturating_duration_since(last);
        let bytes = self.carried() - before;
        let shown = self.terminal.contents();
        self.redraw().await;
        let stale = differing(&shown, &self.terminal.contents());
        let stale = stale.or_else(|| (!shown.contains(&row.title)).then(|| format!("{} is not there", row.title)));
        Held { cursor, all, bytes, stale }
    }

    /// Opens the first case and removes one after the other; gives the times from the last key to the next case, and the
    /// bytes of one in the middle.
    pub async fn decide(&mut self, cases: usize, rows: &[QueueRow]) -> (Times, u64) {
        self.terminal.send_keys("g");
        self.settled().await;
        let first = rows.iter().position(|row| self.terminal.look(|screen| has_cursor_on(screen, row))).unwrap();
        self.terminal.send_keys("<Enter>");
        self.terminal.wait_for_text("yours for now", SETTLED * 20).await;
        let (mut times, mut bytes) = (vec![], vec![]);
        for next in &rows[first + 1..=first + cases] {
            self.settled().await;
            self.terminal.send_keys("r");
            self.terminal.wait_for_text("counterfeit sold", SETTLED * 20).await;
            sleep(Duration::from_millis(700)).await;
            let before = self.carried();
            let began = Instant::now();
            self.terminal.send_keys("1");
            until("the next case", || {
                self.terminal.look(|screen| {
                    let text = screen.contents();
                    text.contains(&format!("case {}", next.place.case.short())) && text.contains(&next.title)
                })
            })
            .await;
            times.push(self.terminal.written_at() - began);
            bytes.push(self.carried() - before);
        }
        self.settled().await;
        self.terminal.send_keys("<Esc>");
        self.terminal.wait_for_text("· queue", SETTLED * 20).await;
        self.settled().await;
        bytes.sort_unstable();
        (times.into(), bytes[cases / 2])
    }

    /// Has everything drawn anew; gives how long that took and what came over the link.
    pub async fn redraw(&mut self) -> (Duration, u64) {
        let (from, before, began) = (self.terminal.raw().len(), self.carried(), Instant::now());
        self.terminal.send_keys("<C-l>");
        until("it is drawn", || self.terminal.written_at() > began).await;
        self.settled().await;
        // The first frame, without the question at its end: it would be answered, and each answer taken for a key.
        self.whole = self.terminal.raw().split_off(from);
        let end = self.whole.windows(ASK.len()).position(|bytes| bytes == ASK);
        self.whole.truncate(end.unwrap_or(self.whole.len()));
        (self.terminal.written_at() - began, self.carried() - before)
    }

    /// Does nothing; gives what the console wrote all the same.
    pub async fn idle(&self, span: Duration) -> String {
        let before = self.terminal.raw().len();
        sleep(span).await;
        format!("{} bytes", self.terminal.raw().len() - before)
    }

    async fn cursor_on(&self, row: &QueueRow) {
        until(&row.title, || self.terminal.look(|screen| has_cursor_on(screen, row))).await;
    }

    async fn settled(&self) {
        let asked = Instant::now();
        until("silence", || self.terminal.written_at().max(asked).elapsed() > SETTLED).await;
    }
}

/// Which row has the mark of the cursor.
fn row_of_cursor(screen: &vt100::Screen) -> Option<usize> {
    screen.rows(0, 1).position(|row| row == ">")
}

/// The first line that differs; clocks, and the bar at the top with its lag, may.
fn differing(one: &str, other: &str) -> Option<String> {
    let lines = |text: &str| {
        let timeless = |c: char| if c.is_ascii_digit() { '0' } else { c };
        text.lines().skip(1).map(|line| line.chars().map(timeless).collect()).collect::<Vec<String>>()
    };
    let (one, other) = (lines(one), lines(other));
    let at = (0..one.len().max(other.len())).find(|at| one.get(*at) != other.get(*at))?;
    Some(format!("{:?} where {:?} belongs", one.get(at), other.get(at)))
}

fn has_cursor_on(screen: &vt100::Screen, row: &QueueRow) -> bool {
    let name: String = row.title.chars().take(5).collect();
    screen.rows(0, 110).any(|line| line.starts_with('>') && line.contains(&name))
}
