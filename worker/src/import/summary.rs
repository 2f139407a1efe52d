//! What an import came to.

use std::{fmt, time::Duration};

use jointforce_shared::{config::exit, domain::words::grouped};
use serde::Serialize;

/// Rows, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Summary {
    /// Rows read; the sum of the four below.
    pub read: u64,
    /// Not known before.
    pub new: u64,
    /// Known before and the same; or said anew by a later row of the same batch.
    pub same: u64,
    /// Known before and different.
    pub changed: u64,
    /// Refused.
    pub refused: u64,
    /// Seconds it took.
    pub seconds: f64,
}

impl Summary {
    /// The exit code that says whether any row was refused.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        if self.refused > 0 { exit::DATA } else { exit::OK }
    }

    /// Adds what became of a batch.
    pub fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.new += other.new;
        self.same += other.same;
        self.changed += other.changed;
        self.refused += other.refused;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} new", grouped(self.new))?;
        if self.changed > 0 {
            write!(f, ", {} changed", grouped(self.changed))?;
        }
        if self.same > 0 {
            write!(f, ", {} already there", grouped(self.same))?;
        }
        write!(f, ", {} refused", grouped(self.refused))
    }
}

/// Why an import ended before its input did, and how far it came.
#[derive(Debug)]
pub struct Stop {
    /// The exit code, of [`exit`].
    pub code: u8,
    /// Why, in words; then what to do.
    pub why: String,
    /// What became of the rows up to there; all of it is committed.
    pub summary: Summary,
}

impl Stop {
    /// A stop for this reason.
    pub fn new(code: u8, why: impl fmt::Display) -> Self {
        Self { code, why: why.to_string(), summary: Summary::default() }
    }

    /// A stop for this error, with the code that it has everywhere.
    #[must_use]
    pub fn of(error: anyhow::Error) -> Self {
        Self::new(exit::code_of(&error), format!("{error:#}"))
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.why)?;
        if self.summary.read > 0 {
            let read = grouped(self.summary.read);
            write!(
                f,
                " The first {read} rows are done: {}. Run it again to go on; nothing is done twice.",
                self.summary
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Stop {}

/// A count per second.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
pub fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64().max(0.001)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_says_how_far_it_came_and_what_to_do() {
        let summary = Summary { read: 2000, new: 1990, refused: 10, ..Summary::default() };
        let stop = Stop { summary, ..Stop::new(exit::TEMPORARY, "it was stopped") };
        assert_eq!(
            stop.to_string(),
            "it was stopped. The first 2,000 rows are done: 1,990 new, 10 refused. Run it again to go on; nothing is done twice."
        );
        assert_eq!((summary.exit_code(), Summary::default().exit_code()), (exit::DATA, exit::OK));
    }
}
