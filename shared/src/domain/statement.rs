//! Statements of reasons: what a seller is told when something is taken from them (DSA art. 17), in the field names of
//! the EU Transparency Database, to which the same statement is sent (art. 24(5)).
//!
//! [`build`] makes one, [`validate`] holds it to the register's rules, [`personal`] keeps people out of it.

pub mod build;
pub mod codes;
pub mod csv;
pub mod personal;
pub mod policy;
#[cfg(test)]
mod tests;
pub mod validate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    ids::{CaseId, DecisionId, SellerId, StatementId},
    time::Time,
    words::words,
};

/// A statement of reasons, as the register takes it. Names and values are those of its schema; what is empty is left
/// out. Codes are those of [`codes`], days are `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Statement {
    /// What is done to the content: [`codes::List::Visibility`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decision_visibility: Vec<String>,
    /// In words, where the code is "other"; at most 500 characters, as every `_other`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_visibility_other: Option<String>,
    /// The last day of it; none for no end, as every end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_visibility_restriction: Option<String>,
    /// What is done to payments: [`codes::List::Monetary`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_monetary: Option<String>,
    /// In words, where the code is "other".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_monetary_other: Option<String>,
    /// The last day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_monetary_restriction: Option<String>,
    /// What is done to the service: [`codes::List::Provision`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_provision: Option<String>,
    /// The last day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_service_restriction: Option<String>,
    /// What is done to the account: [`codes::List::Account`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_account: Option<String>,
    /// The last day of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date_account_restriction: Option<String>,
    /// Whose account: [`codes::List::AccountType`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_type: Option<String>,
    /// Illegal content, or against the terms: [`codes::List::Ground`].
    pub decision_ground: String,
    /// Where the law or the terms can be read; at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_ground_reference_url: Option<String>,
    /// The law relied on, for illegal content; at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub illegal_content_legal_ground: Option<String>,
    /// Why the content is illegal; at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub illegal_content_explanation: Option<String>,
    /// The terms relied on, for what is against them; at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incompatible_content_ground: Option<String>,
    /// Why it is against them; at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incompatible_content_explanation: Option<String>,
    /// Whether it is illegal as well: `Yes` or `No`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incompatible_content_illegal: Option<String>,
    /// [`codes::List::Category`].
    pub category: String,
    /// Further categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category_addition: Vec<String>,
    /// [`codes::List::Keyword`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category_specification: Vec<String>,
    /// In words, where a keyword is "other".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_specification_other: Option<String>,
    /// [`codes::List::ContentType`], at least one.
    pub content_type: Vec<String>,
    /// In words, where a type is "other".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type_other: Option<String>,
    /// ISO 639-1 in capitals, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_language: Option<String>,
    /// When the content was posted.
    pub content_date: String,
    /// What the content is known by elsewhere: only `EAN-13`, 13 digits.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub content_id: BTreeMap<String, String>,
    /// Where the restriction applies, ISO 3166-1 alpha-2 of the European Economic Area.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub territorial_scope: Vec<String>,
    /// From when the restriction applies.
    pub application_date: String,
    /// Facts and circumstances relied on, at most 5,000 characters.
    pub decision_facts: String,
    /// How we learned of it: [`codes::List::Source`].
    pub source_type: String,
    /// Who told us, where it has to be said; at most 500 characters, never with a source of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// `Yes` or `No`: whether a program found it.
    pub automated_detection: String,
    /// Whether a person decided: [`codes::List::Automation`].
    pub automated_decision: String,
    /// Our own identifier of the statement: stable, and never used again.
    pub puid: String,
}

words! {
    /// What a statement is about.
    Measure {
        /// A listing that was taken down.
        Listing = "listing",
        /// A listing that is hidden from sale until its rights holder answers or a person decides.
        Pause = "pause",
        /// A seller's account: restricted, suspended, terminated.
        Account = "account",
        /// A seller's money, held back.
        Payout = "payout",
    }
}

words! {
    /// Where a statement stands with the register. Who moves it on: waiting → accepted or rejected by the sender;
    /// waiting → withdrawn by an undo inside the grace window; rejected → waiting by a person.
    RegisterState {
        /// To be sent when it is due.
        Waiting = "waiting",
        /// In the register; final.
        Accepted = "accepted",
        /// The register won't take it; waits for a person.
        Rejected = "rejected",
        /// The decision was taken back before anybody outside knew of it; final.
        Withdrawn = "withdrawn",
        /// Concerns no country of the register; final.
        Exempt = "exempt",
    }
}

/// A statement and what it belongs to, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its id: the `puid`.
    pub id: StatementId,
    /// What it is about.
    pub measure: Measure,
    /// Who is told.
    pub seller: SellerId,
    /// The case that led to it, if one did.
    pub case: Option<CaseId>,
    /// The decision that it explains; none where the ladder or time acted.
    pub decision: Option<DecisionId>,
    /// When it was made.
    pub at: Time,
    /// When it may go to the register: after the grace window, with the policy's delay.
    pub due: Time,
    /// The statement.
    pub content: Statement,
}

impl Made {
    /// Where it begins: the register takes what concerns its countries.
    #[must_use]
    pub const fn state(&self) -> RegisterState {
        if self.content.territorial_scope.is_empty() { RegisterState::Exempt } else { RegisterState::Waiting }
    }
}

/// A moment's day in UTC, as the register writes it.
#[must_use]
pub fn day(at: Time) -> String {
    at.to_string().chars().take(10).collect()
}
