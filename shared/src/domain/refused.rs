//! Refusals: what is said to a person whose request can't be done, all of it at once, each with its fix.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One failed check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The field that is wrong, as the sender wrote its name (`listings[3]`, `right`, `role`).
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
    /// What the person can do.
    pub fix: String,
}

impl Fault {
    /// A fault in `field`.
    pub fn new(field: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into(), fix: fix.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}. {}", self.field, self.problem, self.fix)
    }
}

/// A request that was refused, and changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Refused {
    /// Every failed check; never empty.
    pub faults: Vec<Fault>,
}

impl Refused {
    /// A refusal for one reason.
    pub fn one(field: impl Into<String>, problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { faults: vec![Fault::new(field, problem, fix)] }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, fault) in self.faults.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
