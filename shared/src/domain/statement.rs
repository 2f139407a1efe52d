//! The statement of reasons that a seller is told (DSA art. 17), in the field names of the EU Transparency Database.

use serde::{Deserialize, Serialize};

use super::{
    brand::Tier,
    decision::RemoveReason,
    right::{Right, RightKind},
    time::Time,
};

/// A statement of reasons. Names and values are those of the EU schema, so that it can be sent to the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What is done to the content.
    pub decision_visibility: Vec<String>,
    /// Illegal content, or against the terms.
    pub decision_ground: String,
    /// The law relied on.
    pub illegal_content_legal_ground: String,
    /// Why the content is illegal.
    pub illegal_content_explanation: String,
    /// The register's category.
    pub category: String,
    /// The register's keyword for the kind of right.
    pub category_specification: Vec<String>,
    /// What the content is.
    pub content_type: Vec<String>,
    /// When the restriction applies, `YYYY-MM-DD`.
    pub application_date: String,
    /// Facts relied on, at most 5,000 characters; no personal data.
    pub decision_facts: String,
    /// How we learned of it.
    pub source_type: String,
    /// `Yes` or `No`.
    pub automated_detection: String,
    /// Whether a person decided.
    pub automated_decision: String,
    /// What the seller can do about it. Told, not sent to the register.
    pub redress: String,
}

/// Six months, free of charge, decided by another person (DSA art. 20).
const REDRESS: &str = "You may contest this decision free of charge within six months, by answering this message with your \
reasons and proof (an invoice from the rights holder's chain of supply, or a licence). Another person than the one who \
decided will review it; no machine decides alone. You may also turn to a certified out-of-court dispute settlement body \
(DSA art. 21) or to a court.";

impl Statement {
    /// The statement for a removal by a person.
    #[must_use]
    pub fn for_removal(reason: RemoveReason, right: &Right, tier: Tier, applies: Time) -> Self {
        let (law, keyword) = match right.kind {
            RightKind::Trademark => ("trademark law", "KEYWORD_TRADEMARK_INFRINGEMENT"),
            RightKind::Copyright => ("copyright law", "KEYWORD_COPYRIGHT_INFRINGEMENT"),
            RightKind::Design => ("design law", "KEYWORD_DESIGN_INFRINGEMENT"),
            RightKind::Patent => ("patent law", "KEYWORD_PATENT_INFRINGEMENT"),
        };
        let source = match tier {
            Tier::TrustedFlagger => "SOURCE_TRUSTED_FLAGGER",
            _ => "SOURCE_ARTICLE_16",
        };
        Self {
            decision_visibility: vec!["DECISION_VISIBILITY_CONTENT_REMOVED".into()],
            decision_ground: "DECISION_GROUND_ILLEGAL_CONTENT".into(),
            illegal_content_legal_ground: format!("{} ({} {})", law, right.jurisdiction, right.number),
            illegal_content_explanation: reason.facts().into(),
            category: "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS".into(),
            category_specification: vec![keyword.into()],
            content_type: vec!["CONTENT_TYPE_PRODUCT".into()],
            application_date: applies.to_string().chars().take(10).collect(),
            decision_facts: format!(
                "{} The rights holder reported the listing under {} {} ({}).",
                reason.facts(),
                right.kind,
                right.number,
                right.jurisdiction
            ),
            source_type: source.into(),
            automated_detection: "No".into(),
            automated_decision: "AUTOMATED_DECISION_NOT_AUTOMATED".into(),
            redress: REDRESS.into(),
        }
    }
}
