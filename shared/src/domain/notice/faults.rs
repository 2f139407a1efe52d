//! Gathers every fault, but a bounded number: 300 wrong listings need no 300 sentences.

use crate::domain::{
    refused::{Fault, Refused},
    safe_text::SafeText,
};

/// Faults said in full.
const SAID_MAX: usize = 20;

/// The faults found so far.
#[derive(Debug, Default)]
pub(in crate::domain) struct Faults {
    said: Vec<Fault>,
    more: usize,
}

impl Faults {
    /// Adds a fault; the texts are only made if it is said.
    pub fn add<P: Into<String>, F: Into<String>>(&mut self, field: impl Into<String>, texts: impl FnOnce() -> (P, F)) {
        if self.said.len() < SAID_MAX {
            let (problem, fix) = texts();
            self.said.push(Fault::new(field, problem, fix));
        } else {
            self.more += 1;
        }
    }

    /// Adds a fault of one entry of a list.
    pub fn add_at<P: Into<String>, F: Into<String>>(
        &mut self,
        list: &str,
        index: usize,
        texts: impl FnOnce() -> (P, F),
    ) {
        if self.said.len() < SAID_MAX {
            self.add(format!("{list}[{index}]"), texts);
        } else {
            self.more += 1;
        }
    }

    /// The value if there is no fault.
    pub fn or<T>(mut self, value: impl FnOnce() -> Option<T>) -> Result<T, Refused> {
        if self.said.is_empty()
            && let Some(value) = value()
        {
            return Ok(value);
        }
        if self.more > 0 {
            let problem = format!("and {} more", self.more);
            self.said.push(Fault::new("notice", problem, "Correct these first, then file it again to see the rest."));
        }
        Err(Refused { faults: self.said })
    }
}

/// A stranger's text inside a fault: cleaned, short and in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", SafeText::line(text.trim(), 60))
}
