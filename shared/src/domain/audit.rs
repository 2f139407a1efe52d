//! The audit record: who did what to which thing, written in the transaction that does it.

use serde_json::Value;

use super::{
    ids::{AuditId, CaseId},
    time::Time,
};

/// One entry. Never changed, never deleted; the database refuses both.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Time,
    /// Who: an operator's account, `worker:…`, `import:…` or `system`.
    pub actor: String,
    /// How they proved who they are: `os` for the operating system's account, `process` for a program of ours.
    pub auth: String,
    /// What was done, noun first: `case.decided`, `listing.removed`, `operator.added`.
    pub action: String,
    /// What it was done to: `case:01J…`, `listing:4711`.
    pub subject: String,
    /// The case it belongs to, if any: the case's timeline is the events with its id.
    pub case: Option<CaseId>,
    /// The particulars; holds no secret and no personal data beyond ids.
    pub body: Value,
}
