//! The statement for a listing that is hidden from sale while its rights holder keeps silent: visibility is restricted,
//! and nothing is found yet.

use super::{Source, content_day, piece};
use crate::domain::{
    ids::StatementId,
    right::Right,
    statement::{Statement, codes::is_eea, day, personal::People, policy::ReasonsPolicy},
    time::Time,
};

/// What hiding a listing rests on.
#[derive(Debug, Clone, Copy)]
pub struct Pause<'a> {
    /// The statement's id.
    pub id: StatementId,
    /// The right under which it was reported.
    pub right: &'a Right,
    /// How we learned of it.
    pub source: Source<'a>,
    /// When the rights holder was asked.
    pub asked: Time,
    /// When its time to answer was over.
    pub until: Time,
    /// When the listing was first seen.
    pub posted: Time,
    /// Where it is offered: ISO 3166-1 alpha-2.
    pub territory: &'a str,
    /// From when it is hidden.
    pub applies: Time,
    /// Who must not be named.
    pub people: &'a People,
    /// The terms relied on.
    pub policy: &'a ReasonsPolicy,
}

/// The statement for a listing that is hidden from sale until its rights holder answers or a person decides.
#[must_use]
pub fn pause(of: &Pause<'_>) -> Statement {
    let clean = |text: &str| piece(text, of.people);
    let right = format!("{} {} ({})", of.right.kind, clean(&of.right.number), clean(&of.right.jurisdiction));
    Statement {
        decision_visibility: vec!["DECISION_VISIBILITY_CONTENT_DISABLED".into()],
        decision_ground: "DECISION_GROUND_INCOMPATIBLE_CONTENT".into(),
        decision_ground_reference_url: of.policy.terms_url.clone(),
        incompatible_content_ground: Some(of.policy.terms.clone()),
        incompatible_content_explanation: Some(
            "The terms have a listing wait, without being offered, while it is not known whether the goods in it are \
             genuine and its rights holder is one whose reports have proved right before."
                .into(),
        ),
        // Nobody has found so yet.
        incompatible_content_illegal: Some("No".into()),
        category: "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS".into(),
        content_type: vec!["CONTENT_TYPE_PRODUCT".into()],
        content_date: content_day(of.posted, of.applies),
        territorial_scope: if is_eea(of.territory) { vec![of.territory.to_owned()] } else { vec![] },
        application_date: day(of.applies),
        decision_facts: format!(
            "{} On {} the rights holder was asked whether the goods are genuine, and the time to answer was over on {}. \
             Until an answer or a decision comes, the listing is not offered. A rule hid it when the time was over; a \
             person decides next.",
            of.source.words(&right),
            day(of.asked),
            day(of.until),
        ),
        source_type: of.source.code().into(),
        source_identity: of.source.identity(of.people),
        automated_detection: "No".into(),
        automated_decision: "AUTOMATED_DECISION_FULLY".into(),
        puid: of.id.to_string(),
        ..Statement::default()
    }
}
