//! Where somebody sits in the console: kept so that a lost connection costs nothing, and colleagues know who is at what.

use std::{fmt, str::FromStr};

use super::{ask::Ask, escalation::Desk, ids::CaseId, note::Recipient};

/// Where somebody sits.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sitting {
    /// What its queue shows.
    pub ask: Ask,
    /// The case that is open.
    pub case: Option<CaseId>,
    /// What is being written about it, and the text so far.
    pub draft: Option<(Writing, String)>,
    /// What is on the screen: all of this that colleagues see, with the case if that is what it is.
    pub seat: Seat,
}

/// What somebody has before them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Seat {
    /// The queue.
    #[default]
    Queue,
    /// The case that is open.
    Case,
    /// A board, by its title.
    Board(String),
    /// A covered screen that nobody touched for a while.
    Away,
    /// Nothing: the connection ended.
    Gone,
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue => f.write_str("queue"),
            Self::Case => f.write_str("case"),
            Self::Board(title) => write!(f, "board {title}"),
            Self::Away => f.write_str("away"),
            Self::Gone => f.write_str("gone"),
        }
    }
}

impl FromStr for Seat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.split_once(' ')) {
            ("queue", _) => Ok(Self::Queue),
            ("case", _) => Ok(Self::Case),
            ("away", _) => Ok(Self::Away),
            ("gone", _) => Ok(Self::Gone),
            (_, Some(("board", title))) => Ok(Self::Board(title.to_owned())),
            _ => Err(format!("{text:?} is nowhere to sit")),
        }
    }
}

impl Sitting {
    /// Whether there is nothing to come back to.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ask.is_all() && self.case.is_none() && self.draft.is_none()
    }
}

/// Something that is written about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// A note for colleagues.
    Note,
    /// What a hold of so many hours waits for.
    Hold(u64),
    /// A letter to the parties.
    Tell(Recipient),
    /// Why it goes to a desk.
    Escalate(Desk),
}

impl fmt::Display for Writing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note => f.write_str("note"),
            Self::Hold(hours) => write!(f, "hold {hours}"),
            Self::Tell(to) => write!(f, "tell {to}"),
            Self::Escalate(desk) => write!(f, "escalate {desk}"),
        }
    }
}

impl FromStr for Writing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("{text:?} is nothing that is written");
        match text.split_once(' ') {
            None if text == "note" => Ok(Self::Note),
            Some(("hold", hours)) => hours.parse().map(Self::Hold).map_err(|_| bad()),
            Some(("tell", to)) => to.parse().map(Self::Tell),
            Some(("escalate", desk)) => desk.parse().map(Self::Escalate),
            _ => Err(bad()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_sits_reads_back() {
        let every = [Seat::Queue, Seat::Case, Seat::Board("dead effects".into()), Seat::Away, Seat::Gone];
        for seat in every {
            assert_eq!(seat.to_string().parse(), Ok(seat));
        }
        for text in ["", "queues", "board", "case 1"] {
            assert!(text.parse::<Seat>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let every = [Writing::Note, Writing::Hold(24), Writing::Tell(Recipient::Both), Writing::Escalate(Desk::Legal)];
        for writing in every {
            assert_eq!(writing.to_string().parse(), Ok(writing));
        }
        for text in ["", "notes", "hold x", "tell", "tell nobody", "escalate"] {
            assert!(text.parse::<Writing>().is_err(), "{text}");
        }
    }
}
