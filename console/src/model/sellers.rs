//! Sellers' names that begin as what is typed: there are too many to know them all, so they are looked up.

use jointforce_shared::{domain::time::Time, store::sellers::Names};

use crate::msg::Cmd;

/// Names that are looked up at once.
pub const MOST: usize = 20;
/// Nobody is asked before the keys rest for so long, in microseconds.
const AFTER: i64 = 150_000;

/// What was found, and what is looked up next.
#[derive(Debug, Clone, Default)]
pub struct Sellers {
    /// What was found last, and how the names begin.
    found: Option<(String, Names)>,
    /// What is on its way.
    asked: Option<String>,
    /// What is asked next, and when.
    next: Option<(String, Time)>,
    /// What nobody answered while the database was away.
    lost: Option<String>,
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
        let found = self.found.as_ref();
        found.is_some_and(|(found, names)| found == start || (names.is_all && start.starts_with(found)))
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
    pub fn put(&mut self, start: String, names: Names) {
        if self.asked.as_ref() == Some(&start) {
            self.asked = None;
            self.found = Some((start, names));
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
        self.found.as_ref().map_or(&[], |(_, found)| &found.names)
    }
}
