//! What is wrong with the audit record, each in words that say what was done to it as far as that can be told.

use std::fmt;

use serde::Serialize;

/// Where a checkpoint is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// In the database.
    Stored,
    /// Outside, where the database's owner can't write.
    Exported,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stored => "the stored checkpoint",
            Self::Exported => "the exported checkpoint",
        })
    }
}

/// One thing that is wrong. Leaves are the events' numbers, from 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// An event isn't what was sealed.
    Edited {
        /// Its number.
        leaf: u64,
        /// Its id.
        event: String,
    },
    /// Two events have each other's content.
    Swapped {
        /// Their numbers.
        leaves: (u64, u64),
        /// Their ids.
        events: (String, String),
    },
    /// A sealed event is gone.
    Deleted {
        /// Its number.
        leaf: u64,
        /// Its id.
        event: String,
    },
    /// Numbers are missing.
    Gap {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// An event was never sealed although everything of its time was.
    Inserted {
        /// Its id.
        event: String,
        /// What it claims.
        action: String,
    },
    /// Leaves have numbers that no sealer gives.
    Impossible {
        /// How many.
        leaves: u64,
    },
    /// A kept node isn't the one over its leaves.
    Node {
        /// The first leaf below it.
        from: u64,
        /// The last leaf below it.
        to: u64,
    },
    /// The leaves aren't those that a checkpoint was signed over.
    Rewritten {
        /// Where the checkpoint is kept.
        kept: Kept,
        /// Its size.
        size: u64,
        /// The largest size below it for which a checkpoint kept there holds.
        holds: u64,
        /// Its root.
        signed: String,
        /// The root over the leaves that are there.
        found: String,
    },
    /// A checkpoint that nobody whom we trust signed.
    Unsigned {
        /// Where it is kept.
        kept: Kept,
        /// Its size.
        size: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A checkpoint covers more events than there are.
    Cut {
        /// Where it is kept.
        kept: Kept,
        /// Its size.
        size: u64,
        /// Leaves that are there.
        has: u64,
    },
    /// A checkpoint that was exported is no longer in the database.
    Dropped {
        /// Its size.
        size: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { leaf, event } => write!(f, "edited: event {event} (number {leaf}) isn't what was sealed"),
            Self::Swapped { leaves: (a, b), events: (one, other) } => {
                write!(f, "swapped: events {one} and {other} (numbers {a} and {b}) have each other's content")
            }
            Self::Deleted { leaf, event } => write!(f, "deleted: event {event} (number {leaf}) was sealed and is gone"),
            Self::Gap { from, to } => write!(f, "deleted: the seals with the numbers {from} to {to} are gone"),
            Self::Inserted { event, action } => write!(
                f,
                "inserted: event {event} ({action}) has no seal, although the record was sealed long after its time"
            ),
            Self::Impossible { leaves } => write!(f, "inserted: {leaves} seals have negative numbers"),
            Self::Node { from, to } => {
                write!(f, "changed: the seals with the numbers {from} to {to} aren't those that the tree was made of")
            }
            Self::Rewritten { kept, size, holds, signed, found } => write!(
                f,
                "re-chained: {kept} over {size} events has root {signed}, but the events that are here come to {found}; \
                 something between number {holds} and {} was changed, swapped, inserted or taken out, with its seals",
                size.saturating_sub(1)
            ),
            Self::Unsigned { kept, size, problem } => write!(f, "forged: {kept} over {size} events: {problem}"),
            Self::Cut { kept, size, has } => {
                write!(f, "truncated: {kept} covers {size} events, and only {has} sealed ones are here")
            }
            Self::Dropped { size } => {
                write!(f, "deleted: the checkpoint over {size} events was exported and is gone from the database")
            }
        }
    }
}

/// Findings that are kept to be shown; more are only counted.
const SHOWN: usize = 1000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The first of them.
    pub shown: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, finding: Finding) {
        if self.shown.len() < SHOWN {
            self.shown.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}
