//! What was sent to the database and is not confirmed, or failed.

/// One act on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What is being done, for the row: `removing`, `keeping`, `taking back`.
    pub words: &'static str,
    /// The listing's title: a stranger's text.
    pub title: String,
    /// What went wrong, if it did.
    pub failed: Option<String>,
}
