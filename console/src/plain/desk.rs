//! What is said next, and what an answer means. No I/O.

use jointforce_shared::domain::{
    group::Kinship, ids::CaseId, operator::Operator, policy::Policy, safe_text::SafeText, span, time::Time,
};

use super::{
    choices::{WHOLE, help, menu},
    lists,
};
use crate::{
    board::Board,
    keys::Place,
    model::{Lease, Model, dialog::Dialog, queue::Step},
    msg::{Cmd, Msg},
    update::update,
    view,
};

/// Columns and rows that a case is made for. So narrow, it has one column.
const SIZE: (u16, u16) = (72, 200);
/// Columns and rows that questions are made for: a line of them is said whole, and ends where its words do.
const QUESTION: (u16, u16) = (1000, 200);

/// What was said last, so that it is said once.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Reading,
    Case(Heard),
    /// Its text without numbers: a clock in it is no news.
    Dialog(String),
    /// A board, and whether it was read.
    Board(&'static str, bool),
    /// A row of it.
    Row(String),
    /// A group, and whether it was read.
    Group(Kinship, bool),
    /// The queue from this row on.
    List(usize),
    /// No case: under which filter, and whether it has none at all.
    Nothing(String, bool),
    /// Nobody typed for a while.
    Covered,
}

/// A case in one version, and whether it is ours.
type Heard = (CaseId, i64, Lease);

/// A console of lines.
pub struct Desk {
    /// Everything it knows.
    pub model: Model,
    /// The row at which the queue's list begins, while it is a list.
    pub(super) list: Option<usize>,
    /// The board's row that is said whole.
    pub(super) row: Option<String>,
    /// What the numbers of the list said last stand for: keys of a board's rows, or cases.
    pub(super) rows: Vec<String>,
    pub(super) cases: Vec<CaseId>,
    /// What was asked for while a line was understood.
    pub(super) asked: Vec<Cmd>,
    pub(super) said: Said,
    /// The case that was said whole last.
    pub(super) heard: Option<Heard>,
    toast: Option<(String, Time)>,
    away: bool,
    /// Lines to say before anything else.
    pub(super) first: Vec<String>,
}

impl Desk {
    /// A desk before anything was read, and what has to be read first.
    pub fn new(me: Operator, policy: Policy, now: Time) -> (Self, Vec<Cmd>) {
        let hello = format!("Joint Force. {}, {}.", me.name, me.role.title());
        let (model, cmds) = Model::new(me, policy, now, SIZE);
        let hello = vec![SafeText::line(&hello, 200).into_string(), help()];
        (
            Self {
                model,
                list: None,
                row: None,
                rows: vec![],
                cases: vec![],
                asked: vec![],
                said: Said::Reading,
                heard: None,
                toast: None,
                away: false,
                first: hello,
            },
            cmds,
        )
    }

    /// Something happened.
    pub fn handle(&mut self, msg: Msg, now: Time) -> Vec<Cmd> {
        self.model.now = now;
        update(&mut self.model, msg)
    }

    /// A line came before its question.
    pub fn ignored(&mut self) {
        self.first.push("That was typed before this was shown, and ignored.".to_owned());
    }

    /// What there is to say that was not said, and what has to be read for it.
    pub fn look(&mut self) -> (Vec<String>, Vec<Cmd>) {
        let mut cmds = std::mem::take(&mut self.asked);
        cmds.extend(self.open_next());
        let mut lines = std::mem::take(&mut self.first);
        lines.extend(self.news());
        let now = self.now_there();
        if now != self.said {
            lines.extend(self.say(&now));
            self.said = now;
            if let Said::Row(_) = self.said {
                // It is said whole: from now on it can be answered.
                let shown = self.model.shown();
                update(&mut self.model, Msg::Drawn(shown));
            }
        }
        if let Said::Case(heard) = self.said {
            // It is said whole: from now on it can be decided.
            self.heard = Some(heard);
            let shown = self.model.shown();
            if self.model.seen.is_none() {
                update(&mut self.model, Msg::Drawn(shown));
            }
        }
        (lines, cmds)
    }

    /// Without an open case the first one that is free is opened.
    fn open_next(&mut self) -> Vec<Cmd> {
        let model = &mut self.model;
        if model.cover.is_some() || model.dialog.is_some() || model.open.is_some() {
            return vec![];
        }
        if model.board.is_some() || self.list.is_some() || asks_anew(model) {
            return vec![];
        }
        let me = model.me.id.clone();
        let others = |who: &Option<_>| who.as_ref().is_some_and(|who| *who != me);
        let free = model.queue.rows.iter().position(|row| {
            let taken = others(&row.lease_by) || others(&row.held_by) || others(&row.assigned_to);
            !taken && !model.sent.contains_key(&row.place.case)
        });
        let Some(at) = free else { return vec![] };
        let height = model.queue_height();
        model.queue.go(at, height);
        update(model, Msg::Key("Enter".to_owned()))
    }

    /// Messages that were not said yet.
    fn news(&mut self) -> Vec<String> {
        let model = &self.model;
        let mut lines = vec![];
        if model.away.is_some() != self.away {
            self.away = model.away.is_some();
            if self.away {
                let words = "Attention: the database does not answer. It is tried again; nothing can be decided until it is back.";
                lines.push(words.to_owned());
            }
        }
        if let Some(toast) = &model.toast {
            let seen = (toast.words.clone(), toast.until);
            if self.toast.as_ref() != Some(&seen) {
                let words = SafeText::line(&toast.words, 400);
                lines.push(if toast.bad { format!("Attention: {words}") } else { words.into_string() });
                self.toast = Some(seen);
            }
        }
        lines
    }

    pub(super) fn now_there(&self) -> Said {
        let model = &self.model;
        match (&model.dialog, &model.open) {
            _ if model.cover.is_some() => Said::Covered,
            (Some(Dialog::Reading(reading)), _) if reading.lines.is_none() => Said::Reading,
            (Some(Dialog::Group(group)), _) => Said::Group(group.by, group.kin.is_some()),
            // What became of each is said once, when all of it is known.
            (Some(Dialog::Results(results)), _) => {
                Said::Dialog(format!("results {}", results.outcomes.len() == results.targets.len()))
            }
            (Some(Dialog::Figures(figures)), _) => Said::Dialog(format!("figures {}", figures.read.is_some())),
            (Some(_), _) => {
                let words = view::words(model, QUESTION).concat();
                Said::Dialog(words.chars().filter(|c| !c.is_ascii_digit()).collect())
            }
            (None, _) if model.board.is_some() => self.board_there(),
            (None, Some(open)) => match model.dossier(open.case) {
                Some(kept) if open.lease != Lease::Asked => Said::Case((open.case, kept.case.version, open.lease)),
                _ => Said::Reading,
            },
            (None, None) if model.queue.loaded && !asks_anew(model) => {
                let nothing = || Said::Nothing(model.queue.ask.words(), model.queue.rows.is_empty());
                self.list.map_or_else(nothing, Said::List)
            }
            (None, None) => Said::Reading,
        }
    }

    fn board_there(&self) -> Said {
        let Some(board) = &self.model.board else { return Said::Reading };
        match board.selected() {
            Some(row) if self.row.as_ref() == Some(&row.key) => Said::Row(row.key.clone()),
            _ => Said::Board(board.kind.title(), board.rows.is_some()),
        }
    }

    /// That only a part of the queue is shown, if it is.
    fn filtered(&self) -> Option<String> {
        let ask = &self.model.queue.ask;
        let is_from_queue = self.model.open.as_ref().is_some_and(|open| open.board.is_none());
        (is_from_queue && !ask.is_all()).then(|| {
            format!("Only what matches {} is shown; {WHOLE} shows the whole queue.", lists::line(&ask.words()))
        })
    }

    fn say(&mut self, now: &Said) -> Vec<String> {
        match now {
            Said::Reading | Said::Board(_, false) | Said::Group(_, false) => vec![],
            Said::Board(..) => {
                let Some(board) = &self.model.board else { return vec![] };
                let (lines, rows) = lists::board(&self.model, board);
                (self.row, self.rows) = (None, rows);
                spaced(lines)
            }
            Said::Row(_) => {
                let selected = self.model.board.as_ref().and_then(Board::selected);
                selected.map(|row| spaced(lists::row(&self.model, row))).unwrap_or_default()
            }
            Said::Group(..) => match &self.model.dialog {
                Some(Dialog::Group(group)) => spaced(lists::group(&self.model, group)),
                _ => vec![],
            },
            Said::List(from) => {
                let (lines, cases) = lists::queue(&self.model, *from);
                self.cases = cases;
                spaced(lines)
            }
            Said::Covered => {
                let idle = span::words(self.model.policy.console.cover_after);
                vec![format!("No line for {idle}: your leases were given back. Type {} to go on.", self.model.me.id)]
            }
            Said::Nothing(ask, empty) => {
                let words = match (empty, ask.is_empty()) {
                    (true, true) => "The queue is empty. A new case is told here by itself.".to_owned(),
                    (true, false) => format!("Nothing matches {}. {WHOLE} shows the whole queue.", lists::line(ask)),
                    (false, true) => {
                        "No case is free: colleagues have all of them. A free one is told here by itself.".to_owned()
                    }
                    (false, false) => format!(
                        "Of what matches {} no case is free: colleagues have all of them. {WHOLE} shows the whole queue.",
                        lists::line(ask)
                    ),
                };
                vec![words, menu()]
            }
            // Back from a question: what was said of it still holds.
            Said::Case(heard) if self.heard == Some(*heard) => {
                [String::new()].into_iter().chain(self.filtered()).chain([menu()]).collect()
            }
            Said::Case((case, _, lease)) => {
                let whose = match lease {
                    Lease::Ours => "yours for now",
                    Lease::Refused if self.model.decided().is_some() => "decided",
                    Lease::Refused => "read only, somebody else has it",
                    Lease::Asked | Lease::None => "to read",
                };
                let mut lines = vec![String::new(), format!("Case {}, {whose}.", case.short())];
                lines.extend(self.filtered());
                lines.extend(view::words(&self.model, SIZE));
                lines.extend([String::new(), menu()]);
                if self.model.open.as_ref().is_some_and(|open| open.board.is_some()) {
                    lines.push("b goes back to the board.".to_owned());
                }
                lines
            }
            Said::Dialog(_) => {
                let mut lines = vec![String::new()];
                lines.extend(view::words(&self.model, QUESTION).into_iter().filter(|line| line.trim() != ">"));
                lines.push(
                    match self.model.place() {
                        Place::Menu => "Type a number, or only Enter to change nothing.",
                        Place::Pager => "Enter goes on.",
                        _ => "Type it, or only Enter to change nothing.",
                    }
                    .to_owned(),
                );
                if matches!(&self.model.dialog, Some(Dialog::Choices(choices)) if choices.pages() > 1) {
                    lines.push("+ says the next ones, - those before.".to_owned());
                }
                if matches!(&self.model.dialog, Some(Dialog::Reasons(_))) && self.model.place() == Place::Menu {
                    lines.push("n writes a note first.".to_owned());
                }
                lines
            }
        }
    }
}

/// Whether another part of the queue was asked for than the one that is there.
fn asks_anew(model: &Model) -> bool {
    matches!(model.queue.asked, Some((_, Step::Head)))
}

/// With an empty line before them.
fn spaced(mut lines: Vec<String>) -> Vec<String> {
    lines.insert(0, String::new());
    lines
}
