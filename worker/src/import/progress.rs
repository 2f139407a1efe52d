//! How far an import has come, on standard error: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{self, IsTerminal as _},
    sync::Mutex,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jointforce_shared::domain::{time::span_words, words::grouped};

use super::{
    What,
    summary::{Summary, rate},
};

/// Between two lines where there is no terminal, and the time over which the rate is taken.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Shows progress.
#[derive(Debug)]
pub struct Progress {
    what: What,
    /// Bytes of the input, if that is known.
    total: Option<u64>,
    bar: Option<ProgressBar>,
    quiet: bool,
    marks: Mutex<Marks>,
}

/// Where it was, to tell how fast it goes.
#[derive(Debug, Clone, Copy)]
struct Marks {
    last: (Instant, u64, u64),
    before: (Instant, u64, u64),
}

impl Progress {
    /// Begins.
    #[must_use]
    pub fn begin(what: What, total: Option<u64>, quiet: bool) -> Self {
        let bar = (!quiet && io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
            let template = if total.is_some() { "{bar:24} {percent:>3} %  {msg}" } else { "{spinner} {msg}" };
            bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let now = (Instant::now(), 0, 0);
        Self { what, total, bar, quiet, marks: Mutex::new(Marks { last: now, before: now }) }
    }

    /// Shows that it came so far: this many bytes of the input, with these results.
    pub fn show(&self, bytes: u64, so_far: &Summary) {
        if self.quiet {
            return;
        }
        let now = Instant::now();
        let Ok(mut marks) = self.marks.lock() else { return };
        let is_time = now - marks.last.0 >= BETWEEN_LINES;
        let (since, rows, from) = marks.before;
        let speed = rate(so_far.read - rows, now - since);
        let left = self.total.map(|total| (total.saturating_sub(bytes), rate(bytes - from, now - since)));
        if is_time {
            marks.before = marks.last;
            marks.last = (now, so_far.read, bytes);
        }
        drop(marks);
        let mut words = format!("{so_far} · {}/s", grouped(speed.round() as u64));
        if let Some((left, speed)) = left
            && speed > 0.0
        {
            let left = Duration::from_secs_f64((left as f64 / speed).min(1e9));
            words += &format!(" · {} left", span_words(i64::try_from(left.as_micros()).unwrap_or(i64::MAX)));
        }
        match &self.bar {
            Some(bar) => {
                bar.set_message(words);
                bar.set_position(bytes);
            }
            None if is_time => {
                let percent = self.total.map(|total| format!("{} %, ", bytes * 100 / total.max(1)));
                eprintln!("{}: {}{words}", self.what.as_str(), percent.unwrap_or_default());
            }
            None => {}
        }
    }

    /// Says something in between, above the bar; also when quiet, since somebody has to know.
    pub fn say(&self, words: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{words}")),
            None => eprintln!("{words}"),
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
