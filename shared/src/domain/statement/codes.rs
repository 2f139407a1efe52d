//! The register's lists of codes, read once from the copy of its schema that ships with us
//! (`shared/data/LICENSES.md` says whose it is).

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::domain::right::EU_STATES;

/// One list of codes, by its name in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// What is done to the content.
    Visibility,
    /// What is done to payments.
    Monetary,
    /// What is done to the service.
    Provision,
    /// What is done to the account.
    Account,
    /// Whose account.
    AccountType,
    /// Illegal, or against the terms.
    Ground,
    /// What kind of illegality.
    Category,
    /// Finer than the category.
    Keyword,
    /// What the content is.
    ContentType,
    /// How we learned of it.
    Source,
    /// Whether a person decided.
    Automation,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 11] = [
        Self::Visibility,
        Self::Monetary,
        Self::Provision,
        Self::Account,
        Self::AccountType,
        Self::Ground,
        Self::Category,
        Self::Keyword,
        Self::ContentType,
        Self::Source,
        Self::Automation,
    ];

    /// Its name in the file.
    const fn name(self) -> &'static str {
        match self {
            Self::Visibility => "DECISION_VISIBILITIES",
            Self::Monetary => "DECISION_MONETARIES",
            Self::Provision => "DECISION_PROVISIONS",
            Self::Account => "DECISION_ACCOUNTS",
            Self::AccountType => "ACCOUNT_TYPES",
            Self::Ground => "DECISION_GROUNDS",
            Self::Category => "STATEMENT_CATEGORIES",
            Self::Keyword => "KEYWORDS",
            Self::ContentType => "CONTENT_TYPES",
            Self::Source => "SOURCE_TYPES",
            Self::Automation => "AUTOMATED_DECISIONS",
        }
    }

    /// Its codes, each with the register's words for it.
    #[must_use]
    pub fn codes(self) -> &'static BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        SCHEMA.enums.get(self.name()).unwrap_or(&NONE)
    }

    /// The register's words for a code of this list; `None` if it is none.
    #[must_use]
    pub fn words(self, code: &str) -> Option<&'static str> {
        self.codes().get(code).map(String::as_str)
    }
}

#[derive(Debug, Default, Deserialize)]
struct Schema {
    enums: BTreeMap<String, BTreeMap<String, String>>,
    csv_headings_full: Vec<String>,
    batch_max: usize,
    #[cfg(test)]
    validation: BTreeMap<String, String>,
}

// Tests read every list: the file can't be wrong in a program that passed them, and an empty list is no panic.
static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../data/dsa_sor_schema.json")).unwrap_or_default());

/// The columns of the register's own CSV, in order.
#[must_use]
pub fn csv_headings() -> &'static [String] {
    &SCHEMA.csv_headings_full
}

/// Statements in one call to the register: 100.
#[must_use]
pub fn batch_max() -> usize {
    SCHEMA.batch_max.max(1)
}

/// The countries of the register beside the Union's: the rest of the European Economic Area.
const EEA_BESIDE_EU: [&str; 3] = ["IS", "LI", "NO"];

/// Whether a territory belongs to the European Economic Area.
#[must_use]
pub fn is_eea(territory: &str) -> bool {
    EU_STATES.contains(&territory) || EEA_BESIDE_EU.contains(&territory)
}

/// The whole European Economic Area, sorted, as the register's own form fills it in.
#[must_use]
pub fn eea() -> Vec<String> {
    let mut all: Vec<String> = EU_STATES.iter().chain(&EEA_BESIDE_EU).map(|code| (*code).to_owned()).collect();
    all.sort_unstable();
    all
}

/// The register's rules in its own words, by field; the tests hold [`super::validate`] to their numbers.
#[cfg(test)]
pub(super) fn rules() -> &'static BTreeMap<String, String> {
    &SCHEMA.validation
}
