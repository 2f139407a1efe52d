//! The audit record: who did what to which thing, written in the transaction that does it, and sealed soon after.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    ids::{AuditId, CaseId},
    merkle::{self, Hash},
    refused::Refused,
    span,
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
    /// The particulars: ids, numbers, and the words in which colleagues and answering brands say why. No secret, no name
    /// or address, nothing that a seller wrote: what is here can never be erased.
    pub body: Value,
}

/// An event as its row holds it. This is what is sealed: the stored text, not what a program reads into it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Its id.
    pub id: String,
    /// When, in microseconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// How they proved it.
    pub auth: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// The case it belongs to.
    pub case: Option<String>,
    /// The particulars: JSON with sorted keys.
    pub body: String,
}

impl Written {
    /// The event as one JSON object: keys in this order, no blanks, the body as it is stored. Different rows give
    /// different texts: everything before the body is quoted, and so is everything after it.
    #[must_use]
    pub fn canonical(&self) -> String {
        let Self { id, at, actor, auth, action, subject, case, body } = self;
        let quoted = |text: &str| Value::from(text).to_string();
        let (action, actor, auth, id, subject) =
            (quoted(action), quoted(actor), quoted(auth), quoted(id), quoted(subject));
        let case = case.as_deref().map_or_else(|| "null".to_owned(), quoted);
        format!(
            r#"{{"action":{action},"actor":{actor},"at":{at},"auth":{auth},"body":{body},"case":{case},"id":{id},"subject":{subject}}}"#
        )
    }

    /// Its hash as a leaf of the record's tree.
    #[must_use]
    pub fn leaf(&self) -> Hash {
        merkle::leaf_hash(self.canonical().as_bytes())
    }
}

/// How the record is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditPolicy {
    /// New events get their numbers this often. Default 2 s.
    #[serde(with = "span")]
    pub seal_every: Duration,
    /// Events that get their numbers in one transaction. Default 1,000.
    pub seal_batch: usize,
    /// A checkpoint is signed this long after the last one. Default 60 s.
    #[serde(with = "span")]
    pub checkpoint_every: Duration,
    /// A checkpoint is signed at once when so many events came since the last one. Default 1,000.
    pub checkpoint_events: u64,
    /// How long an event may take from its id to its commit to be found by the next pass; what takes longer is found by
    /// the patrol over the whole record. Default 15 s.
    #[serde(with = "span")]
    pub commit_within: Duration,
    /// An event without a seal is suspicious once the record was sealed this long after its time. Default 10 min.
    #[serde(with = "span")]
    pub sealed_within: Duration,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self {
            seal_every: Duration::from_secs(2),
            seal_batch: 1000,
            checkpoint_every: Duration::from_secs(60),
            checkpoint_events: 1000,
            commit_within: Duration::from_secs(15),
            sealed_within: Duration::from_secs(600),
        }
    }
}

impl AuditPolicy {
    /// Whether the numbers can be worked with.
    ///
    /// # Errors
    /// Refused with the field and the fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let second = Duration::from_secs(1);
        let faults = [
            ("audit.seal_every", self.seal_every < second / 10, "seal at most ten times a second"),
            ("audit.seal_batch", !(1..=10_000).contains(&self.seal_batch), "seal 1 to 10,000 events at a time"),
            ("audit.checkpoint_every", self.checkpoint_every < second, "sign at most once a second"),
            ("audit.checkpoint_events", self.checkpoint_events == 0, "sign after at least 1 event"),
            ("audit.commit_within", self.commit_within < second, "give commits at least 1 s"),
            (
                "audit.sealed_within",
                self.sealed_within < self.commit_within + self.checkpoint_every,
                "suspect nothing before commit_within and checkpoint_every have passed",
            ),
        ];
        match faults.into_iter().find(|(_, is_wrong, _)| *is_wrong) {
            Some((field, _, fix)) => Err(Refused::one(field, "it is out of range", fix)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written() -> Written {
        Written {
            id: "01J00000000000000000000000".into(),
            at: 1_700_000_000_000_000,
            actor: "ann".into(),
            auth: "os".into(),
            action: "case.noted".into(),
            subject: "case:1".into(),
            case: Some("1".into()),
            body: r#"{"note":"a \"quoted\" word"}"#.into(),
        }
    }

    #[test]
    fn the_canonical_text_is_json_with_sorted_keys() {
        let text = written().canonical();
        assert_eq!(
            text,
            r#"{"action":"case.noted","actor":"ann","at":1700000000000000,"auth":"os","body":{"note":"a \"quoted\" word"},"case":"1","id":"01J00000000000000000000000","subject":"case:1"}"#
        );
        // As long as serde_json keeps its maps sorted, which stored bodies rely on too.
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap().to_string(), text);
    }

    #[test]
    fn the_defaults_are_valid_and_nonsense_is_named() {
        assert_eq!(AuditPolicy::default().validate(), Ok(()));
        let nonsense = AuditPolicy { seal_batch: 0, ..AuditPolicy::default() };
        assert_eq!(nonsense.validate().unwrap_err().faults[0].field, "audit.seal_batch");
        let hasty = AuditPolicy { sealed_within: Duration::from_secs(20), ..AuditPolicy::default() };
        assert_eq!(hasty.validate().unwrap_err().faults[0].field, "audit.sealed_within");
    }

    proptest! {
        /// A forger may put anything into any column, also pieces of the canonical text itself.
        #[test]
        fn different_rows_never_have_the_same_text(a in forged(), b in forged()) {
            prop_assert_eq!(a == b, a.canonical() == b.canonical());
        }
    }

    fn forged() -> impl Strategy<Value = Written> {
        let bits = ["", "1", "{}", "\"", "\\", ",\"case\":", ",\"id\":", ",\"subject\":", "null", "}", "a"];
        let text = || prop::collection::vec(prop::sample::select(bits.to_vec()), 0..4).prop_map(|bits| bits.concat());
        (text(), 0..2i64, text(), text(), prop::option::of(text()), text()).prop_map(
            |(id, at, action, subject, case, body)| Written {
                id,
                at,
                action,
                subject,
                case,
                body,
                ..Written::default()
            },
        )
    }
}
