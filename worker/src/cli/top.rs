//! `top`: the same as `status`, again every second, with what is done a second.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, IsTerminal as _, Write as _},
    time::{Duration, Instant},
};

use jointforce_shared::{commands::House, config::exit, domain::effect::Lane};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use super::{
    output::safe,
    status::{Seen, lines},
};

/// How often it looks.
const LOOK: Duration = Duration::from_secs(1);
/// Workers tell what they did with each beat, every 5 s: a rate is one over two of them.
const INTERVAL: Duration = Duration::from_secs(10);

/// What was done a second over the last interval.
#[derive(Debug, Default)]
pub struct Rates {
    /// What each worker had done of each lane at each look.
    looks: VecDeque<(Instant, Done)>,
}

type Done = HashMap<String, Vec<(Lane, i64)>>;

impl Rates {
    fn add(&mut self, at: Instant, done: Done) {
        self.looks.push_back((at, done));
        while self.looks.get(1).is_some_and(|(next, _)| at.duration_since(*next) >= INTERVAL) {
            self.looks.pop_front();
        }
    }

    /// Of what is told since the first look of the interval: a worker that was not there then had done nothing.
    fn over(&self, chosen: impl Fn(&str, Lane) -> bool) -> f64 {
        let (Some((from, first)), Some((to, last))) = (self.looks.front(), self.looks.back()) else { return 0.0 };
        let mut more = 0;
        for (worker, lanes) in last {
            let before = first.get(worker).map_or(&[][..], Vec::as_slice);
            for (lane, done) in lanes.iter().filter(|(lane, _)| chosen(worker, *lane)) {
                let earlier = before.iter().find(|(known, _)| known == lane).map_or(0, |(_, done)| *done);
                more += (done - earlier).max(0);
            }
        }
        let seconds = to.duration_since(*from).as_secs_f64();
        if seconds > 0.0 { more as f64 / seconds } else { 0.0 }
    }

    /// All workers together on one lane.
    pub fn of_lane(&self, lane: Lane) -> f64 {
        self.over(|_, of| of == lane)
    }

    /// One worker on all lanes.
    pub fn of_worker(&self, name: &str) -> f64 {
        self.over(|worker, _| worker == name)
    }
}

/// Draws what is seen again every second, until Ctrl-C, which a database that does not answer cannot hold up.
///
/// # Errors
/// When the screen can't be written; a database that goes away is waited for.
pub async fn top(house: &House) -> anyhow::Result<u8> {
    // Before the first look: a Ctrl-C is remembered whatever is under way when it comes.
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut rates = Rates::default();
    let mut code = exit::UNAVAILABLE;
    loop {
        let looked = tokio::select! {
            looked = Seen::look(house) => looked,
            _ = interrupts.recv() => return Ok(code),
        };
        let text = match looked {
            Ok(seen) => {
                let done = |worker: &jointforce_shared::store::leases::Worker| {
                    (worker.name.clone(), worker.done_by_lane.iter().map(|(lane, done)| (*lane, *done)).collect())
                };
                rates.add(Instant::now(), seen.workers.iter().map(done).collect());
                code = seen.code();
                lines(&seen, Some(&rates))
            }
            Err(error) => {
                code = exit::UNAVAILABLE;
                vec![safe(&format!("trying again: {error}"), 300)]
            }
        };
        draw(&text)?;
        tokio::select! {
            () = sleep(LOOK) => {}
            _ = interrupts.recv() => return Ok(code),
        }
    }
}

/// From the top of the screen, each line to its end and none beyond it, and nothing below.
fn draw(lines: &[String]) -> io::Result<()> {
    let (width, height) = size();
    let mut screen = String::from("\x1b[H");
    for (n, line) in lines.iter().take(height).enumerate() {
        if n > 0 {
            screen += "\r\n";
        }
        screen += &safe(line, width);
        screen += "\x1b[K";
    }
    screen += "\x1b[J";
    let mut out = io::stdout().lock();
    out.write_all(screen.as_bytes())?;
    out.flush()
}

/// Columns and rows of the terminal; 80 columns where there is none.
fn size() -> (usize, usize) {
    if !io::stdout().is_terminal() {
        return (80, usize::MAX);
    }
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or((80, 24), |(columns, rows)| (usize::from(columns.0).max(1), usize::from(rows.0).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_the_last_interval_by_lane_and_by_worker() {
        let begun = Instant::now();
        let mut rates = Rates::default();
        let told = |one: i64, two: i64| {
            let of = |name: &str, done| (name.to_owned(), vec![(Lane::Removals, done), (Lane::Letters, 10)]);
            HashMap::from([of("one", one), of("two", two)])
        };
        for second in 0..=30_i64 {
            let at = begun + Duration::from_secs(second.unsigned_abs());
            rates.add(at, told(second * 5, if second < 25 { 1000 } else { 1000 + (second - 25) * 8 }));
        }
        assert_eq!(rates.of_worker("one"), 5.0);
        assert_eq!(rates.of_worker("two"), 4.0);
        assert_eq!((rates.of_lane(Lane::Removals), rates.of_lane(Lane::Letters)), (9.0, 0.0));
        let mut done = told(155, 1048);
        done.insert("just begun".to_owned(), vec![(Lane::Removals, 20)]);
        rates.add(begun + Duration::from_secs(31), done);
        assert_eq!(rates.of_worker("just begun"), 2.0);
    }
}
