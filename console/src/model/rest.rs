//! The case under the cursor, and the one that the screen tells about beside the list: the same as soon as the cursor rests.

use jointforce_shared::{domain::ids::CaseId, domain::time::Time, store::queue::QueueRow};

use super::Model;
use crate::{msg::Cmd, view::layout};

/// The cursor rests after this long, in microseconds; then the case under it is read.
const READ_AFTER: i64 = 100_000;
/// What did not come by then, in microseconds, is asked for again.
const READ_AGAIN: i64 = 30 * Time::SECOND;
/// What stands beside the list is read again after this long, in microseconds: a seller's record moves without its case.
const READ_AFRESH: i64 = 15 * Time::SECOND;

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
        let case = rest.case;
        let due = self.read_at(case)?;
        let rest = self.rests.as_mut().filter(|_| due <= now)?;
        rest.read_at = Time(now.0 + READ_AGAIN);
        Some(Cmd::Dossier(case))
    }

    /// When that is next.
    pub(super) fn rested_at(&self) -> Option<Time> {
        let rest = self.rests?;
        let pane = Time(rest.since.0 + self.link.pane_after());
        self.read_at(rest.case).into_iter().chain(self.moves.then_some(pane)).min()
    }

    /// When the case under the cursor is read next: soon if it was not, and again where it stands beside the list.
    fn read_at(&self, case: CaseId) -> Option<Time> {
        let asked = self.rests.filter(|rest| self.open.is_none() && rest.case == case)?.read_at;
        match self.dossiers.get(&case) {
            None => Some(asked),
            Some(kept) => {
                let beside = self.board.is_none() && self.cover.is_none() && layout::queue(self.size).strip == 0;
                beside.then(|| asked.max(Time(kept.at.0 + READ_AFRESH)))
            }
        }
    }

    /// A case could not be read: it is tried again at this time.
    pub(crate) fn read_again(&mut self, case: CaseId, at: Time) {
        if let Some(rest) = self.rests.as_mut().filter(|rest| rest.case == case) {
            rest.read_at = at;
        }
    }

    /// The row that the screen tells about beside the list, or below it.
    pub fn pane_row(&self) -> Option<&QueueRow> {
        self.pane.and_then(|case| self.queue.position(case)).and_then(|at| self.queue.rows.get(at))
    }
}
