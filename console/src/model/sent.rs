//! What was sent to the database and is not confirmed, or failed.

use jointforce_shared::domain::time::Time;

/// One act on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What is being done, for the row: `removing`, `keeping`, `taking back`.
    pub words: &'static str,
    /// The listing's title: a stranger's text.
    pub title: String,
    /// What went wrong, if it did.
    pub failed: Option<String>,
    /// When it was sent.
    pub at: Time,
    /// How long the case had been looked at then, in microseconds, if it was decided alone.
    pub took: Option<i64>,
    /// When the case is due, where that is known.
    pub due: Option<Time>,
}

impl Sent {
    /// An act on a case that is sent now.
    pub fn new(words: &'static str, title: &str, at: Time, due: Option<Time>) -> Self {
        Self { words, title: title.to_owned(), failed: None, at, took: None, due }
    }

    /// Whether it was sent before the case's deadline; what has none is never late.
    pub fn is_in_time(&self) -> bool {
        self.due.is_none_or(|due| self.at <= due)
    }
}
