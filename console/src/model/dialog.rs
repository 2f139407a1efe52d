//! What lies over the screen and takes the keys.

use std::{collections::BTreeMap, time::Duration};

use jointforce_shared::domain::{
    ask::{Ask, Mistake, complete::Choice},
    decision::{KeepReason, RemoveReason, Verdict},
    ids::{CaseId, OperatorId},
    time::Time,
};
use jointforce_shared::store::{figures, pictures::Standing};

use super::{Target, group::Group, line::Line, refresh::Refresh};
use crate::{
    deed::{Deed, Proof},
    keys::Place,
    text::Text,
};

/// A dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// Numbered reasons.
    Reasons(Reasons),
    /// A batch is confirmed by typing how many cases it is.
    Count(Count),
    /// Words for colleagues.
    Note(Target, Line),
    /// How long a hold is to be, numbered.
    HoldFor(Target),
    /// What a hold waits for.
    HoldWhy(Target, Duration, Line),
    /// Who takes over.
    HandOver(Target, Line, usize),
    /// The filter.
    Filter(Asking),
    /// Everything that can be done.
    Palette(Line, usize),
    /// Which cases are looked for.
    Find(Line),
    /// A text to read.
    Reading(Reading),
    /// The figures of the sitting and the queue.
    Figures(Figures),
    /// A picture of the listing.
    Picture(Looking),
    /// All keys.
    Help(usize),
    /// What became of a batch.
    Results(Results),
    /// Cases that are alike.
    Group(Group),
    /// Numbered deeds.
    Choices(Choices),
    /// What only a reader can type, before a deed that can't be taken back.
    Sure(Proof, Deed, Line),
    /// The words that a deed asks for.
    Say(Deed, Line),
}

/// The menu of reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons {
    /// Remove, or keep.
    pub remove: bool,
    /// Which cases.
    pub targets: Vec<Target>,
    /// Words that go with the decision, while they are typed.
    pub note: Line,
    /// Whether keys go into the note.
    pub typing: bool,
}

impl Reasons {
    /// The verdicts, in the order of their numbers.
    pub fn verdicts(remove: bool) -> Vec<Verdict> {
        if remove {
            RemoveReason::ALL.iter().copied().map(Verdict::Remove).collect()
        } else {
            KeepReason::CHOICES.iter().copied().map(Verdict::Keep).collect()
        }
    }
}

/// What a batch does to each of its cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Decides.
    Decide(Verdict),
    /// Takes decisions back.
    Undo(Verdict),
}

/// A batch before it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// What is done.
    pub doing: Doing,
    /// To which cases.
    pub targets: Vec<Target>,
    /// Words that go with it.
    pub note: String,
    /// What it would do to the sellers, in words, the sternest first; `None` before that was read.
    pub preview: Option<Vec<String>>,
    /// What was typed.
    pub line: Line,
}

/// A filter while it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// What was typed.
    pub line: Line,
    /// What is wrong with it, once that was asked.
    pub mistake: Option<Mistake>,
    /// Which of the words that could stand there is chosen.
    pub at: usize,
    /// While one goes through them: these words and the byte that they begin at. The line holds one of them, from which the
    /// others can't be told any more.
    pub menu: Option<(usize, Vec<Choice>)>,
    /// What the queue showed before: Esc brings it back.
    pub before: Ask,
    /// And the case under the cursor then.
    pub stood: Option<CaseId>,
}

/// A text that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which.
    pub text: Text,
    /// Its lines; `None` before they came.
    pub lines: Option<Vec<String>>,
    /// The first line shown.
    pub scroll: usize,
}

/// The figures on the screen; those of the sitting are the model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The queue's; `None` before they came.
    pub read: Option<Box<figures::Figures>>,
    /// When they are read again.
    pub refresh: Refresh,
    /// The first line shown.
    pub scroll: usize,
}

/// A picture that is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looking {
    /// The addresses of all of the listing's pictures.
    pub urls: Vec<String>,
    /// Which of them it is.
    pub at: usize,
    /// How it stands; `None` before that is known.
    pub shown: Option<Standing>,
    /// When it is asked again.
    pub refresh: Refresh,
}

/// A batch after it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// What is done.
    pub doing: Doing,
    /// To which cases.
    pub targets: Vec<Target>,
    /// What became of each; missing while it is on its way.
    pub outcomes: BTreeMap<CaseId, Result<String, String>>,
    /// The first line shown.
    pub scroll: usize,
}

/// A menu of deeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// What stands above it.
    pub title: String,
    /// What can be done, by number from 1.
    pub deeds: Vec<Deed>,
    /// Which nine of them have numbers now.
    pub page: usize,
}

/// Numbers of a menu.
const NUMBERS: usize = 9;

impl Choices {
    /// How often one turns to see them all.
    pub fn pages(&self) -> usize {
        self.deeds.len().div_ceil(NUMBERS)
    }

    /// Those that have numbers now.
    pub fn shown(&self) -> &[Deed] {
        let from = (self.page * NUMBERS).min(self.deeds.len());
        &self.deeds[from..(from + NUMBERS).min(self.deeds.len())]
    }
}

/// What can be chosen for a hold, in hours.
pub const HOLDS: [u64; 5] = [1, 2, 4, 8, 24];

impl Looking {
    /// Whether there is nothing more to ask: it is made, or can't be.
    pub const fn is_over(&self) -> bool {
        matches!(self.shown, Some(Standing::Made(_) | Standing::Failed(_)))
    }
}

impl Dialog {
    /// Which keys count.
    pub fn place(&self) -> Place {
        match self {
            Self::Reasons(reasons) if reasons.typing => Place::Prompt,
            Self::Reasons(_) | Self::HoldFor(_) | Self::Choices(_) => Place::Menu,
            Self::Count(_)
            | Self::Note(..)
            | Self::HoldWhy(..)
            | Self::Filter(_)
            | Self::Find(_)
            | Self::Sure(..)
            | Self::Say(..) => Place::Prompt,
            Self::HandOver(..) | Self::Palette(..) => Place::Picker,
            Self::Help(_) | Self::Results(_) | Self::Reading(_) | Self::Figures(_) | Self::Picture(_) => Place::Pager,
            Self::Group(_) => Place::Group,
        }
    }

    /// Whether an answer changes something outside this console, now or with the next answer.
    pub const fn does(&self) -> bool {
        match self {
            Self::Reasons(reasons) => !reasons.typing,
            Self::Choices(_)
            | Self::HoldFor(_)
            | Self::HoldWhy(..)
            | Self::Count(_)
            | Self::Note(..)
            | Self::HandOver(..)
            | Self::Sure(..)
            | Self::Say(..) => true,
            _ => false,
        }
    }

    /// How many numbers a menu has.
    pub fn numbers(&self) -> usize {
        match self {
            Self::Reasons(reasons) => Reasons::verdicts(reasons.remove).len(),
            Self::HoldFor(_) => HOLDS.len(),
            Self::Choices(choices) => choices.shown().len(),
            _ => 0,
        }
    }

    /// The line that keys are typed into.
    pub fn line(&mut self) -> Option<&mut Line> {
        match self {
            Self::Reasons(reasons) if reasons.typing => Some(&mut reasons.note),
            Self::Count(count) => Some(&mut count.line),
            Self::Note(_, line)
            | Self::Say(_, line)
            | Self::Sure(_, _, line)
            | Self::HoldWhy(_, _, line)
            | Self::HandOver(_, line, _)
            | Self::Filter(Asking { line, .. })
            | Self::Find(line)
            | Self::Palette(line, _) => Some(line),
            _ => None,
        }
    }
}

/// An operator who can be handed a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// The account.
    pub id: OperatorId,
    /// The name.
    pub name: String,
}

/// A moment, for the day's hours in holds.
pub fn hold_words(hours: u64, now: Time) -> String {
    let until = now + Duration::from_secs(hours * 3600);
    format!("{hours} h, until {}", until.timestamp().strftime("%a %H:%M UTC"))
}
