//! Ladders of real marketplaces, as far as they are published; `shared/data/LICENSES.md` says where.

use serde::Deserialize;

use super::Ladder;

/// A marketplace's ladder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Its name on the command line: `alibaba_com`.
    pub name: String,
    /// As people say it.
    pub title: String,
    /// Where its rules were read.
    pub source: String,
    /// What the source does not say, and what stands here instead.
    pub assumed: Vec<String>,
    /// What the source says and a ladder can't.
    pub unsaid: Vec<String>,
    /// The rules.
    pub ladder: Ladder,
}

/// The ladders that ship with us.
///
/// # Errors
/// When the shipped file is broken; a test reads it.
pub fn presets() -> Result<Vec<Preset>, serde_json::Error> {
    serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/ladders.json")))
}
