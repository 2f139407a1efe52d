//! The case under the cursor, and the one that the screen tells about beside the list: the same as soon as the cursor rests.

use jointforce_shared::{domain::ids::CaseId, domain::time::Time, store::queue::QueueRow};

use super::Model;
use crate::msg::Cmd;

/// The cursor rests after this long, in microseconds; then the case under it is read.
const READ_AFTER: i64 = 100_000;
/// What did not come by then, in microseconds, is asked for again.
const READ_AGAIN: i64 = 30 * Time::SECOND;

/// Where the cursor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// The case in focus.
    pub case: CaseId,
    /// Since when.
    since: Time,
    /// When it is read, if it was not.
    read_at: Time,
}

impl Model {
    /// Something happened: the case in focus may be another one.
    pub(crate) fn settle(&mut self) {
        let (focus, now) = (self.focus(), self.now);
        if self.rests.map(|rest| rest.case) != focus {
            self.rests = focus.map(|case| Rest { case, since: now, read_at: Time(now.0 + READ_AFTER) });
        }
        if !self.moves || self.pane_row().is_none() {
            self.pane = focus;
        }
        self.moves &= self.pane != focus;
        if self.seen.map(|(case, _)| case) != focus {
            self.seen = None;
        }
    }

    /// What is due because the cursor rests.
    pub(crate) fn rest(&mut self) -> Option<Cmd> {
        let (now, after) = (self.now, self.link.pane_after());
        let rest = self.rests.as_mut()?;
        self.moves &= now.since(rest.since) < after;
        if self.open.is_some() || self.dossiers.contains_key(&rest.case) || rest.read_at > now {
            return None;
        }
        rest.read_at = Time(now.0 + READ_AGAIN);
        Some(Cmd::Dossier(rest.case))
    }

    /// When that is next.
    pub(super) fn rested_at(&self) -> Option<Time> {
        let rest = self.rests?;
        let reads = self.open.is_none() && !self.dossiers.contains_key(&rest.case);
        let pane = Time(rest.since.0 + self.link.pane_after());
        reads.then_some(rest.read_at).into_iter().chain(self.moves.then_some(pane)).min()
    }

    /// A case could not be read: it is tried again soon.
    pub(crate) fn read_again(&mut self, case: CaseId) {
        if let Some(rest) = self.rests.as_mut().filter(|rest| rest.case == case) {
            rest.read_at = Time(self.now.0 + READ_AFTER);
        }
    }

    /// The row that the screen tells about beside the list, or below it.
    pub fn pane_row(&self) -> Option<&QueueRow> {
        self.pane.and_then(|case| self.queue.position(case)).and_then(|at| self.queue.rows.get(at))
    }
}
