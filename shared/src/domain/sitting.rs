//! Where somebody sits in the console: kept so that a lost connection costs nothing.

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
