//! What is always true of the records, each rule as one query that finds what breaks it. Tests, the torture run and
//! `doctor --deep` ask the same questions.

mod always;
mod balances;
mod swept;

pub use self::balances::{balances, requests};
use super::db::{Conn, Result, all, row};
use crate::domain::time::Time;

/// Something that breaks a rule: a bug, or a hand in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule, in words.
    pub rule: &'static str,
    /// What breaks it.
    pub id: String,
}

/// A rule and the query that gives the `id` of what breaks it, at most 20.
struct Rule(&'static str, &'static str);

row! {
    struct IdRow { id: String, }
}

impl IdRow {
    fn breaks(self, rule: &'static str) -> Broken {
        Broken { rule, id: self.id }
    }
}

/// What breaks a rule that holds at every moment, at most 20 of each.
///
/// # Errors
/// What the database says.
pub async fn broken(conn: &mut Conn) -> Result<Vec<Broken>> {
    let mut found = vec![];
    for Rule(rule, query) in always::RULES {
        found.extend(all!(conn, IdRow, query)?.into_iter().map(|row| row.breaks(rule)));
    }
    Ok(found)
}

/// What breaks a rule that holds once everything due by `now` was carried out and the clocks were swept, at most 20 of
/// each.
///
/// # Errors
/// What the database says.
pub async fn unsettled(conn: &mut Conn, now: Time) -> Result<Vec<Broken>> {
    let mut found = vec![];
    for Rule(rule, query) in swept::RULES {
        found.extend(all!(conn, IdRow, query, now.0)?.into_iter().map(|row| row.breaks(rule)));
    }
    Ok(found)
}

/// The names of all rules, as [`broken`], [`unsettled`], [`balances`] and [`requests`] give them.
#[must_use]
pub fn rules() -> Vec<&'static str> {
    let queries = always::RULES.iter().chain(swept::RULES).map(|Rule(rule, _)| *rule);
    queries.chain([balances::BALANCE, balances::BOUND]).collect()
}
