//! The window over the queue: a few screens of rows around the cursor, never the whole queue.

use std::collections::BTreeMap;

use jointforce_shared::{
    domain::{ask::Ask, evidence::Signs, ids::CaseId, time::Time},
    store::queue::{Filter, Place, QueueRow},
};

use super::Model;
use crate::{msg::Cmd, view::layout};

/// The queue is read again this often, in microseconds.
pub const REFRESH: i64 = 2 * Time::SECOND;
/// A question that let so many deadlines pass is asked again.
pub const SILENT_MAX: u8 = 8;

/// The window, and the cursor in it.
#[derive(Debug, Default)]
pub struct Queue {
    /// The rows of the window.
    pub rows: Vec<QueueRow>,
    /// The row that the cursor is on.
    pub cursor: usize,
    /// The first row on the screen.
    pub top: usize,
    /// Where the window starts; `None` for the head of the queue.
    pub after: Option<Place>,
    /// Where the windows before this one started.
    pub starts: Vec<Option<Place>>,
    /// Whether there are rows after the window.
    pub more: bool,
    /// What the moderator wants to see.
    pub ask: Ask,
    /// Whether any rows were read since the filter changed.
    pub loaded: bool,
    /// The question that is on its way.
    pub asked: Option<(u64, Step)>,
    /// When it was asked.
    pub asked_at: Time,
    /// How many cases were looked at for it, if that takes long.
    pub looked: u64,
    /// How many deadlines that question has let pass.
    pub silent: u8,
    /// Whether it was asked meanwhile if the database is there at all, and nothing came.
    pub pinged: bool,
    /// When the window is read again.
    pub refresh_at: Time,
    /// The case that the cursor should go to when it appears.
    pub seek: Option<CaseId>,
    /// Cases that left the queue by our own acts, with the last question asked before that was known: an older answer
    /// may still hold them.
    pub gone: BTreeMap<CaseId, u64>,
    /// What is the matter with the titles of the window, by case and version.
    pub signs: BTreeMap<(CaseId, i64), Signs>,
    ticket: u64,
}

/// Which window is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The same again.
    Again,
    /// The one that starts after this place.
    On(Place),
    /// The one before.
    Back,
    /// The first.
    Head,
}

impl Queue {
    /// The row under the cursor.
    pub fn selected(&self) -> Option<&QueueRow> {
        self.rows.get(self.cursor)
    }

    /// What is the matter with the title of a row.
    pub fn signs(&self, row: &QueueRow) -> Signs {
        self.signs.get(&(row.place.case, row.version)).copied().unwrap_or_default()
    }

    /// Where a case stands in the window.
    pub fn position(&self, case: CaseId) -> Option<usize> {
        self.rows.iter().position(|row| row.place.case == case)
    }

    /// The newest question asked.
    pub const fn ticket(&self) -> u64 {
        self.ticket
    }

    /// Puts the cursor on a row, and moves the screen by half a page when it would leave it.
    pub fn go(&mut self, to: usize, height: usize) {
        self.cursor = to.min(self.rows.len().saturating_sub(1));
        let half = height / 2;
        if self.cursor < self.top {
            self.top = self.cursor.saturating_sub(half);
        } else if self.cursor >= self.top + height {
            self.top =
                (self.cursor + 1).saturating_sub(height) + half.min(self.rows.len().saturating_sub(1 + self.cursor));
        }
        self.top = self.top.min(self.rows.len().saturating_sub(1));
    }
}

impl Model {
    /// Rows of the queue that the screen shows.
    pub fn queue_height(&self) -> usize {
        layout::queue(self.size).rows
    }

    /// Asks for a window, unless the same is already on its way.
    pub fn load(&mut self, step: Step) -> Option<Cmd> {
        if self.queue.asked.is_some() && step == Step::Again {
            return None;
        }
        let after = match step {
            Step::Again => self.queue.after,
            Step::On(place) => Some(place),
            Step::Back => self.queue.starts.last().copied().flatten(),
            Step::Head => None,
        };
        let queue = &mut self.queue;
        queue.ticket += 1;
        queue.asked = Some((queue.ticket, step));
        (queue.silent, queue.pinged) = (0, false);
        queue.looked = 0;
        queue.asked_at = self.now;
        queue.refresh_at = Time(self.now.0 + REFRESH);
        let (ticket, height) = (queue.ticket, self.queue_height());
        let limit = i64::try_from((height * 5).clamp(100, 1000)).unwrap_or(100);
        Some(Cmd::Queue { ticket, filter: Box::new(Filter::of(&self.queue.ask, &self.me.id, self.now)), after, limit })
    }

    /// Puts a window that was read in place of the old one, the cursor on the same case as before.
    pub fn put_rows(&mut self, ticket: u64, rows: Vec<QueueRow>) -> Vec<Cmd> {
        let Some((asked, step)) = self.queue.asked else { return vec![] };
        if asked != ticket {
            return vec![];
        }
        let height = self.queue_height();
        let queue = &mut self.queue;
        queue.asked = None;
        // What took long is not asked for all the time.
        let took = self.now.since(queue.asked_at).max(0);
        queue.refresh_at = Time(self.now.0 + self.link.refresh().max(took.saturating_mul(10)));
        match step {
            Step::Again => {}
            Step::On(place) => {
                queue.starts.push(queue.after);
                queue.after = Some(place);
            }
            Step::Back => queue.after = queue.starts.pop().flatten(),
            Step::Head => {
                queue.starts.clear();
                queue.after = None;
            }
        }
        let was = queue.selected().map(|row| row.place.case);
        let offset = queue.cursor.saturating_sub(queue.top);
        queue.more = rows.len() >= (height * 5).clamp(100, 1000);
        queue.gone.retain(|_, last| *last >= ticket);
        queue.rows = rows.into_iter().filter(|row| !queue.gone.contains_key(&row.place.case)).collect();
        queue.loaded = true;
        let known = std::mem::take(&mut queue.signs);
        let signs = |row: &QueueRow| {
            let key = (row.place.case, row.version);
            (key, known.get(&key).copied().unwrap_or_else(|| Signs::of(&row.title, &row.brand_name)))
        };
        queue.signs = queue.rows.iter().map(signs).collect();
        // What failed is shown on its row; without a row it is over.
        self.sent.retain(|case, sent| sent.failed.is_none() || queue.position(*case).is_some());
        let seek = queue.seek.and_then(|case| queue.position(case));
        if seek.is_some() || step == Step::Head {
            // What is not among the first when all is shown anew left the queue: nobody looks for it any more.
            queue.seek = None;
        }
        let cursor = match seek.or_else(|| queue.position(was?)) {
            Some(found) => found,
            // The case left the queue: the next one takes its place, and nothing else moves.
            None if step == Step::Again => queue.cursor,
            None => 0,
        };
        queue.cursor = cursor.min(queue.rows.len().saturating_sub(1));
        queue.top = queue.cursor.saturating_sub(offset.min(height.saturating_sub(1)));
        if step == Step::Head && queue.cursor < height {
            // The most urgent are in sight wherever they can be.
            queue.top = 0;
        } else if step != Step::Again {
            // Another part of the queue: no row stays above the screen while there is room for it.
            queue.top = queue.top.min(queue.rows.len().saturating_sub(height));
        }
        if queue.rows.is_empty() && queue.after.is_some() {
            return self.load(Step::Head).into_iter().collect();
        }
        vec![]
    }

    /// Asks for the next or the one before when the cursor comes near the window's edge.
    pub fn extend(&mut self) -> Option<Cmd> {
        let height = self.queue_height();
        let queue = &self.queue;
        if matches!(queue.asked, Some((_, step)) if step != Step::Again) {
            return None;
        }
        if queue.more && queue.cursor + height >= queue.rows.len() {
            // Two screens stay above, so that turning back needs no read.
            let start = queue.cursor.saturating_sub(height * 2);
            let place = queue.rows.get(start)?.place;
            return if start > 0 { self.load(Step::On(place)) } else { None };
        }
        if !queue.starts.is_empty() && queue.cursor < height {
            return self.load(Step::Back);
        }
        None
    }

    /// A case left the queue by our own act.
    pub fn drop_row(&mut self, case: CaseId) {
        let queue = &mut self.queue;
        queue.gone.insert(case, queue.ticket());
        if let Some(at) = queue.position(case) {
            queue.rows.remove(at);
            if at < queue.cursor {
                queue.cursor -= 1;
                queue.top = queue.top.saturating_sub(1);
            }
            queue.cursor = queue.cursor.min(queue.rows.len().saturating_sub(1));
            queue.top = queue.top.min(queue.cursor);
        }
        self.marks.retain(|mark| mark.case != case);
    }
}
