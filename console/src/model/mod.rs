//! What the console knows: everything that the view shows, and nothing that does I/O.

pub mod dialog;
pub mod group;
mod kept;
pub mod line;
pub mod link;
pub mod own;
pub mod queue;
pub mod refresh;
mod rest;
mod said;
pub mod sellers;
pub mod sent;
pub mod tally;
mod target;
mod undo;

use std::{collections::BTreeMap, sync::Arc};

use jointforce_shared::{
    domain::{
        case::State,
        decision::Verdict,
        ids::{CaseId, OperatorId},
        operator::{Operator, Permission},
        policy::Policy,
        sitting::{Sitting, Writing},
        time::Time,
        view::View,
    },
    store::dossier::Dossier,
};

use self::{
    dialog::Dialog, line::Line, link::Link, own::Own, queue::Queue, sellers::Sellers, sent::Sent, tally::Tally,
};
pub use self::{kept::Kept, rest::Rest, said::Toast, target::Target, undo::Undo};
use crate::{
    board::Board,
    keys::{Intent, Place, key_of},
    msg::{Cmd, Worker},
    update::covered_at,
    waiting::Waiting,
};

/// A decision counts only on a case that has been on the screen for this long, in microseconds: what was typed ahead
/// or bounced must not decide a case that nobody has seen.
pub const SEEN_AFTER: i64 = 250_000;
/// The same key again within this time, in microseconds, may be one that is held: terminals don't tell. Keyboards wait 250 to
/// 1000 ms before they repeat (X.org 660, GNOME and Windows 500, KDE 600, Windows at most 1000). Nothing shorter is safe: the
/// first repeat looks like a second press at a calm pace, however fast the others follow, and a link spaces or gathers them
/// as it likes. Whoever is faster takes two keys in turn: a keyboard repeats one.
pub const HELD_WITHIN: i64 = 1_000_000;
/// Cases kept in memory: the open one, the next ones, the last ones.
const DOSSIERS_MAX: usize = 40;

/// Everything the console knows.
#[derive(Debug)]
pub struct Model {
    /// Who sits here.
    pub me: Operator,
    /// What is this person's own about the console.
    pub own: Own,
    /// The numbers of policy.
    pub policy: Policy,
    /// The moment of the message that is being handled.
    pub now: Time,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The queue; always there, below the case.
    pub queue: Queue,
    /// The case that is open, if one is.
    pub open: Option<Open>,
    /// The board that is open over the queue, if one is.
    pub board: Option<Board>,
    /// What the link to the terminal is like.
    pub link: Link,
    /// Which row of the board is on the screen, and since when.
    pub seen_row: Option<(String, Time)>,
    /// What is typed on the cover, while the screen is covered.
    pub cover: Option<Line>,
    /// Whether it is left because its person said so.
    pub by_hand: bool,
    /// When the last key came.
    pub touched: Time,
    /// The last key, and when.
    pub pressed: Option<(String, Time)>,
    /// Whether the key that is handled may be the last one, still held.
    pub held: bool,
    /// What lies over the screen and takes the keys.
    pub dialog: Option<Dialog>,
    /// Cases that were read.
    pub dossiers: BTreeMap<CaseId, Kept>,
    /// Marked cases, in the order of marking.
    pub marks: Vec<Target>,
    /// What waits for people, as it was counted last.
    pub waiting: Waiting,
    /// When it is counted again.
    pub waiting_at: Time,
    /// What was sent and is not confirmed, or failed.
    pub sent: BTreeMap<CaseId, Sent>,
    /// What was done since the console was opened.
    pub tally: Tally,
    /// What can be taken back, newest last.
    pub undo: Vec<Undo>,
    /// The last verdict, for `.`.
    pub last: Option<Verdict>,
    /// A short message.
    pub toast: Option<Toast>,
    /// Since when the database doesn't answer.
    pub away: Option<Time>,
    /// Who carries effects out.
    pub worker: Worker,
    /// Who works here, once somebody asked.
    pub staff: Vec<Operator>,
    /// Filters that were kept, by key.
    pub views: Vec<View>,
    /// Where one sits as it was kept last; `None` before it is known where one sat before.
    pub sat: Option<Sitting>,
    /// When it is said next that one still sits here.
    pub beat_at: Time,
    /// What was being written when the last sitting broke off, until its case is read.
    pub draft: Option<(Writing, String)>,
    /// The brands' names, once somebody asked.
    pub brands: Vec<String>,
    /// Sellers' names, as one types them.
    pub sellers: Sellers,
    /// Which case is on the screen, and since when.
    pub seen: Option<(CaseId, Time)>,
    /// The case in focus, and since when the cursor is on it.
    pub rests: Option<Rest>,
    /// Whether the cursor was moved by a key and does not rest yet.
    pub moves: bool,
    /// The case that stands beside the list, or below it: the one in focus, unless the cursor moves.
    pub pane: Option<CaseId>,
}

/// What a frame shows that can be decided on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The case in focus, once it can be acted on.
    pub case: Option<CaseId>,
    /// The board's row under the cursor.
    pub row: Option<String>,
}

/// The case that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Which.
    pub case: CaseId,
    /// Its title, before it is read.
    pub title: String,
    /// The first line shown.
    pub scroll: usize,
    /// Whether we have the lease.
    pub lease: Lease,
    /// When the lease is renewed next.
    pub renew_at: Time,
    /// When the case is read again.
    pub reload_at: Time,
    /// Whether it turned out not to exist.
    pub unknown: bool,
    /// The board that it was opened on, to go back to.
    pub board: Option<Board>,
}

/// Where we stand with the lease on the open case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// Our role takes none.
    None,
    /// Asked for.
    Asked,
    /// We have it.
    Ours,
    /// Somebody else has it, or it is decided.
    Refused,
}

impl Model {
    /// The console before anything was read, and what has to be read first.
    pub fn new(me: Operator, policy: Policy, now: Time, size: (u16, u16)) -> (Self, Vec<Cmd>) {
        let mut model = Self {
            me,
            own: Own::default(),
            policy,
            now,
            size,
            queue: Queue::default(),
            open: None,
            board: None,
            link: Link::default(),
            seen_row: None,
            cover: None,
            by_hand: false,
            touched: now,
            pressed: None,
            held: false,
            dialog: None,
            dossiers: BTreeMap::new(),
            marks: vec![],
            waiting: Waiting::default(),
            waiting_at: now,
            sent: BTreeMap::new(),
            tally: Tally { since: now, ..Tally::default() },
            undo: vec![],
            last: None,
            toast: None,
            away: None,
            worker: Worker::default(),
            staff: vec![],
            views: vec![],
            sat: None,
            beat_at: now,
            draft: None,
            brands: vec![],
            sellers: Sellers::default(),
            seen: None,
            rests: None,
            moves: false,
            pane: None,
        };
        let first = model.load(queue::Step::Again);
        (model, first.into_iter().chain([Cmd::Views, Cmd::WhereISat]).collect())
    }

    /// What the next frame will show that can be decided on.
    pub fn shown(&self) -> Shown {
        if self.cover.is_some() {
            return Shown::default();
        }
        Shown {
            // While another case stands beside the list, nobody has seen this one.
            case: self.focus().filter(|_| self.target().is_some() && !self.moves),
            row: self.board.as_ref().and_then(Board::selected).map(|row| row.key.clone()),
        }
    }

    /// Which keys count.
    pub fn place(&self) -> Place {
        match (&self.dialog, &self.open) {
            (Some(dialog), _) => dialog.place(),
            (None, _) if self.board.is_some() => Place::Board,
            (None, Some(_)) => Place::Case,
            (None, None) => Place::Queue,
        }
    }

    /// Whether the role decides cases.
    pub fn may_decide(&self) -> bool {
        self.me.role.may(Permission::Decide)
    }

    /// The case that keys act on.
    pub fn focus(&self) -> Option<CaseId> {
        match &self.open {
            _ if self.board.is_some() => None,
            Some(open) => Some(open.case),
            None => self.queue.selected().map(|row| row.place.case),
        }
    }

    /// The key that stands for an intent, as this person has it.
    pub fn key(&self, intent: Intent) -> &'static str {
        key_of(&self.own.keys, intent)
    }

    /// Who else has this case before them.
    pub fn readers(&self, case: CaseId) -> impl Iterator<Item = &OperatorId> {
        self.waiting.people.iter().filter(move |one| one.case == Some(case)).map(|one| &one.who)
    }

    /// Who decided the open case, if it is decided and nobody contests that.
    pub fn decided(&self) -> Option<&OperatorId> {
        let open = self.open.as_ref().filter(|_| self.board.is_none())?;
        match &self.dossier(open.case)?.case.state {
            State::Decided { by, .. } => Some(by),
            _ => None,
        }
    }

    /// Who else holds a case, if it was read and somebody does.
    pub fn holder(&self, case: CaseId) -> Option<&OperatorId> {
        match &self.dossier(case)?.case.state {
            State::Held { by, .. } if *by != self.me.id => Some(by),
            _ => None,
        }
    }

    /// What is known about a case, if it was read.
    pub fn dossier(&self, case: CaseId) -> Option<&Arc<Dossier>> {
        self.kept(case).map(|kept| &kept.dossier)
    }

    /// As [`Self::dossier`], with what was found in it.
    pub fn kept(&self, case: CaseId) -> Option<&Kept> {
        self.dossiers.get(&case)
    }

    /// The case that keys act on, as it is on the screen; `None` while it is still being read.
    pub fn target(&self) -> Option<Target> {
        match &self.open {
            Some(open) => self.dossier(open.case).map(|dossier| Target::of(dossier)),
            None => self.queue.selected().map(Target::row),
        }
    }

    /// When a case is due, if it is on the screen or was read.
    pub fn due(&self, case: CaseId) -> Option<Time> {
        let row = self.queue.position(case).and_then(|at| self.queue.rows.get(at)).map(|row| row.factors.due);
        self.dossier(case).map(|kept| kept.case.due).or(row)
    }

    /// Keeps a case that was read, and forgets the one that was read longest ago if there are too many.
    pub fn keep(&mut self, dossier: Arc<Dossier>) {
        self.dossiers.insert(dossier.case.id, Kept::new(dossier, self.now));
        if self.dossiers.len() > DOSSIERS_MAX {
            let focus = self.focus();
            let oldest = self.dossiers.iter().filter(|(id, _)| Some(**id) != focus).min_by_key(|(_, kept)| kept.at);
            if let Some(id) = oldest.map(|(id, _)| *id) {
                self.dossiers.remove(&id);
            }
        }
    }

    /// The next moment at which something has to happen without a key.
    pub fn deadline(&self) -> Time {
        let mut next = self.queue.refresh_at.min(self.waiting_at);
        if let Some(toast) = &self.toast {
            next = next.min(toast.until);
        }
        if let Some(at) = covered_at(self) {
            next = next.min(at);
        }
        if let Some(board) = &self.board {
            next = next.min(board.refresh.at());
        }
        if let Some(Dialog::Figures(figures)) = &self.dialog {
            next = next.min(figures.refresh.at());
        }
        if let Some(Dialog::Picture(looking)) = &self.dialog
            && !looking.is_over()
        {
            next = next.min(looking.refresh.at());
        }
        if self.sat.is_some() {
            next = next.min(self.beat_at);
        }
        if let Some(open) = &self.open {
            next = next.min(open.reload_at);
            if matches!(open.lease, Lease::Ours | Lease::Asked) {
                next = next.min(open.renew_at);
            }
        }
        if let Some(at) = self.sellers.at() {
            next = next.min(at);
        }
        if let Some(at) = self.link.calm_at() {
            next = next.min(at);
        }
        if let Some(at) = self.rested_at() {
            next = next.min(at);
        }
        next
    }
}
