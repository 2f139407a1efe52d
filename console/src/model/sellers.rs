//! Sellers' names that begin as what is typed: there are too many to know them all, so they are looked up.

use jointforce_shared::domain::time::Time;

use crate::msg::Cmd;

/// Names that are looked up at once.
pub const MOST: usize = 20;
/// Nobody is asked before the keys rest for so long, in microseconds.
const AFTER: i64 = 150_000;

/// What was found, and what is looked up next.
#[derive(Debug, Clone, Default)]
pub struct Sellers {
    /// What was found last.
    found: Option<Found>,
    /// What is on its way.
    asked: Option<String>,
    /// What is asked next, and when.
    next: Option<(String, Time)>,
    /// What nobody answered while the database was away.
    lost: Option<String>,
}

#[derive(Debug, Clone)]
struct Found {
    /// How the names begin.
    start: String,
    /// Each once.
    names: Vec<String>,
    /// Whether no others begin so.
    is_all: bool,
}

impl Sellers {
    /// So a seller's name begins that is being typed; empty where none is.
    pub fn typed(&mut self, start: &str, now: Time) {
        let start = start.to_lowercase();
        self.lost = None;
        let is_known = start.is_empty() || self.asked.as_ref() == Some(&start) || self.holds(&start);
        self.next = (!is_known).then(|| (start, Time(now.0 + AFTER)));
    }

    /// Whether what was found tells which names begin so.
    fn holds(&self, start: &str) -> bool {
        let tells = |found: &Found| found.start == start || (found.is_all && start.starts_with(&found.start));
        self.found.as_ref().is_some_and(tells)
    }

    /// When something is asked next.
    pub fn at(&self) -> Option<Time> {
        self.next.as_ref().map(|(_, at)| *at)
    }

    /// What has to be asked now.
    pub fn due(&mut self, now: Time) -> Option<Cmd> {
        let (start, _) = self.next.take_if(|(_, at)| *at <= now)?;
        self.asked = Some(start.clone());
        Some(Cmd::Sellers(start))
    }

    /// An answer came. One to what was asked before something else is over.
    pub fn put(&mut self, start: String, mut names: Vec<String>) {
        if self.asked.as_ref() == Some(&start) {
            self.asked = None;
            let is_all = names.len() < MOST;
            names.dedup();
            self.found = Some(Found { start, names, is_all });
        }
    }

    /// No answer will come to what was asked; nobody minds if that was asked before something else.
    pub fn lose(&mut self, start: &str) {
        self.lost = self.asked.take_if(|asked| asked == start).or(self.lost.take());
    }

    /// The database is back: what was lost is asked again.
    pub fn back(&mut self, now: Time) {
        self.next = self.lost.take().map(|start| (start, now)).or(self.next.take());
    }

    /// The names that were found.
    pub fn names(&self) -> &[String] {
        self.found.as_ref().map_or(&[], |found| &found.names)
    }
}
