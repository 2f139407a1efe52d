//! What the benchmarks share: their arguments, their percentiles, their table.
//!
//! `cargo bench -p jointforce-tests --bench queue -- --size 1000000`; without a size each takes the one of its bar.
//! Run by anything else than `cargo bench` (such as `cargo test --all-targets`) they only show that they run.

use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How much a benchmark does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// How much is in the database, or goes into it.
    pub size: usize,
    /// How often each thing is measured.
    pub samples: usize,
    /// Whether the size is that of the bar, so that missing it is a failure.
    pub is_full: bool,
}

impl Scale {
    /// The scale that the command line asks for; `full` is the size of the bar.
    pub fn from_args(full: usize, samples: usize) -> Self {
        Self::from_words(&std::env::args().skip(1).collect::<Vec<_>>(), full, samples)
    }

    fn from_words(words: &[String], full: usize, samples: usize) -> Self {
        let size = words.iter().position(|word| word == "--size").and_then(|at| words.get(at + 1));
        let size = match size.map(|size| size.replace(['_', ','], "").parse()) {
            Some(size) => size.expect("--size and a number"),
            None if words.iter().any(|word| word == "--bench") => full,
            None => full.min(2000),
        };
        Self { size, samples: samples.min(size / 10).max(1), is_full: size >= full }
    }
}

/// How long something took, each time.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Does something so many times, one after the other.
    pub async fn measure<F: Future>(samples: usize, mut act: impl FnMut(usize) -> F) -> Self {
        let mut times = Vec::with_capacity(samples);
        for n in 0..samples {
            let began = Instant::now();
            act(n).await;
            times.push(began.elapsed());
        }
        Self::from(times)
    }

    /// The time that so many of a hundred don't exceed.
    pub fn percentile(&self, percent: usize) -> Duration {
        self.0.get((self.0.len() * percent / 100).min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    /// Median, 99th percentile and longest, in milliseconds.
    pub fn columns(&self) -> String {
        let ms = |time: Duration| format!("{:>9.2}", time.as_secs_f64() * 1000.0);
        format!("{}{}{}", ms(self.percentile(50)), ms(self.percentile(99)), ms(self.percentile(100)))
    }
}

impl From<Vec<Duration>> for Times {
    fn from(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }
}

/// A line that is overwritten by the next one, where somebody watches.
pub fn progress(what: &str, done: usize, of: usize) {
    use std::io::IsTerminal;
    if std::io::stderr().is_terminal() || done == of {
        eprint!("\r\x1b[K{what}: {done} of {of}{}", if done == of { "\n" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(words: &str) -> Scale {
        Scale::from_words(&words.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), 1_000_000, 1000)
    }

    #[test]
    fn the_size_is_the_bars_unless_another_is_asked_for() {
        assert_eq!(scale("--bench"), Scale { size: 1_000_000, samples: 1000, is_full: true });
        assert_eq!(scale("--size 50_000 --bench"), Scale { size: 50_000, samples: 1000, is_full: false });
        assert_eq!(scale(""), Scale { size: 2000, samples: 200, is_full: false });
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times = Times::from((1..=200).rev().map(Duration::from_millis).collect::<Vec<_>>());
        let at = |percent| times.percentile(percent).as_millis();
        assert_eq!((at(50), at(99), at(100)), (101, 199, 200));
        assert_eq!(Times::default().percentile(99), Duration::ZERO);
    }
}
