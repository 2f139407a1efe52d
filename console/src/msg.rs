//! What reaches the model, and what it asks the shell to do.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        self,
        approval::Waits,
        case::{Acted, Request},
    },
    domain::{
        decision::RemoveReason,
        group::Kinship,
        ids::{CaseId, SellerId},
        operator::{Operator, preferences::Preferences},
        penalty::Preview,
        policy::Policy,
        sitting::Sitting,
        view::View,
    },
    store::{
        self,
        dossier::Dossier,
        figures::Figures,
        groups::Group,
        pictures::Standing,
        queue::{Filter, Place, QueueRow},
        sellers::Names,
    },
};

use crate::{
    board::{Kind, Row},
    deed::Deed,
    model::Shown,
    text::Text,
    waiting::Waiting,
};

/// Something that happened. `model.now` is set to its moment before it is handled.
#[derive(Debug)]
pub enum Msg {
    /// A key, by its name in the key table (`r`, `Space`, `C-d`, `Enter`).
    Key(String),
    /// Text pasted into the terminal, or typed faster than a person can.
    Paste(String),
    /// The terminal has a new size.
    Resize(u16, u16),
    /// This is on the screen now.
    Drawn(Shown),
    /// A frame was shown so long after it was written.
    Lag(Duration),
    /// A deadline that the model named is here.
    Tick,
    /// A window of the queue.
    Queue {
        /// Which question this answers.
        ticket: u64,
        /// The rows.
        rows: Vec<QueueRow>,
    },
    /// A window is still being looked for.
    Looked {
        /// For which question.
        ticket: u64,
        /// How many cases were looked at.
        cases: u64,
    },
    /// The views that this person kept.
    Views(Vec<View>),
    /// What is kept about this person's console.
    Preferences(Preferences),
    /// Where this person sat when their last console ended without a word.
    Sat(Option<Box<Sitting>>),
    /// The names of brands.
    Brands(Vec<String>),
    /// Names of sellers that begin so.
    Sellers(String, Result<Names, Failure>),
    /// A case with all that belongs to it; `None` when it is not known.
    Dossier(CaseId, Option<Box<Dossier>>),
    /// The answer to a lease: whether we have it.
    Leased(CaseId, bool),
    /// An act was carried out, or not.
    Acted(Box<Request>, Result<Acted, Failure>),
    /// Cases that were too many for one person were filed for a second one, or not.
    Filed(Vec<CaseId>, Result<Waits, Failure>),
    /// What removing these cases for this reason would do to each of their sellers.
    Preview(Vec<CaseId>, RemoveReason, Vec<(SellerId, Preview)>),
    /// A deed was done, and what was done in words, or not.
    Done(Box<Deed>, Result<String, Failure>),
    /// A group that was read; `None` when its case is not open any more.
    Group(Box<Result<Option<Group>, Failure>>),
    /// What stands on a board.
    Board(Kind, Result<Vec<Row>, Failure>),
    /// A text that was asked for.
    Text(Text, Result<Vec<String>, Failure>),
    /// The figures of the queue.
    Figures(Result<Box<Figures>, Failure>),
    /// How the picture at an address stands.
    Picture(String, Result<Standing, Failure>),
    /// What waits for people.
    Waiting(Waiting),
    /// Who works here.
    Staff(Vec<Operator>),
    /// Another policy is in force.
    Policy(Box<Policy>),
    /// A read failed.
    Failed(Read, Failure),
    /// The database doesn't answer.
    Away,
    /// It does.
    There,
    /// Who carries effects out.
    Worker(Worker),
}

/// Who carries effects out, as far as this process knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Worker {
    /// Workers of the fleet: not our business.
    #[default]
    Fleet,
    /// This process.
    Here,
    /// Another process that serves the same file.
    Elsewhere,
    /// The one in this process ended; it will be started again.
    Ended,
}

/// What was read when a read failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// The queue, for this ticket.
    Queue(u64),
    /// A case.
    Dossier(CaseId),
    /// A lease.
    Lease(CaseId),
    /// The staff.
    Staff,
}

/// Why something was not done, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Why, and what to do.
    pub words: String,
    /// Whether the database can't be reached.
    pub away: bool,
}

impl From<commands::Error> for Failure {
    fn from(error: commands::Error) -> Self {
        match error {
            commands::Error::Refused(refused) => {
                // The field is noise on a screen that shows what it is about.
                let words = refused.faults.iter().map(|fault| format!("{}. {}", fault.problem, fault.fix));
                Self { words: words.collect::<Vec<_>>().join("; "), away: false }
            }
            commands::Error::Changed(_) => {
                Self { words: "it changed since you saw it; look again".into(), away: false }
            }
            commands::Error::Store(error) => error.into(),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self { away: matches!(error, store::Error::Away(_)), words: error.to_string() }
    }
}

/// Something for the shell to do; its answer comes back as a [`Msg`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cmd {
    /// Read a window of the queue.
    Queue {
        /// Comes back with the answer.
        ticket: u64,
        /// What is wanted.
        filter: Box<Filter>,
        /// Where the window starts.
        after: Option<Place>,
        /// How many rows.
        limit: i64,
    },
    /// Read a case.
    Dossier(CaseId),
    /// Take or renew the lease on a case.
    Lease(CaseId),
    /// Give the lease on a case back.
    Release(CaseId),
    /// Do something to a case. Acts are carried out one after the other.
    Act(Box<Request>),
    /// Do the same to more cases than one person may decide.
    Together(Vec<Request>),
    /// Read what removing these cases for this reason would do to their sellers.
    Preview(Vec<CaseId>, RemoveReason),
    /// Do a deed, with the words that it asked for.
    Do(Box<Deed>, String),
    /// Read the group of a case.
    Group(CaseId, Kinship),
    /// Read a board.
    Board(Kind),
    /// Read a text.
    Text(Text),
    /// Read the figures of the queue.
    Figures,
    /// Ask for the picture at an address.
    Picture(String),
    /// Ask the database whether it is there: a question that it answers at once, whatever it is at.
    Ping,
    /// Count what waits for people.
    Waiting,
    /// Read who works here.
    Staff,
    /// Read the views that this person kept.
    Views,
    /// Read what is kept about this person's console.
    Preferences,
    /// Read where this person sat.
    WhereISat,
    /// Keep where this person sits.
    Sit(Box<Sitting>),
    /// Say that this person still sits there.
    Beat(Box<Sitting>),
    /// Read the brands' names.
    Brands,
    /// Read names of sellers that begin so.
    Sellers(String),
    /// Draw everything anew.
    Redraw,
    /// Leave.
    Quit,
}
