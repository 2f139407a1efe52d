//! The statement of reasons that a seller is owed when the ladder takes something from its account (DSA art. 17).

use jointforce_shared::{
    domain::{
        ids::{CaseId, StatementId},
        penalty::Strike,
        seller::Standing,
        statement::{
            Made, Measure,
            build::{self, AccountMeasure, Automation, Record},
        },
    },
    store::{self, Tx, sellers::SellerRecord, statements},
};

use super::Follow;

/// Writes statements, held to the register's rules like those of decisions.
pub(super) async fn add(tx: &mut Tx, made: &[Made]) -> store::db::Result<()> {
    for made in made {
        made.content.validate().map_err(|refused| store::Error::Corrupt {
            table: "statements",
            id: made.id.to_string(),
            problem: format!("the register would not take it: {refused}"),
        })?;
    }
    statements::add(tx, made).await
}

/// The statement for a seller's new standing; none where nothing more is taken than before.
pub(super) fn for_standing(
    follow: &Follow<'_>,
    before: &SellerRecord,
    standing: &Standing,
    strikes: &[Strike],
    case: Option<CaseId>,
) -> Option<Made> {
    let measure = AccountMeasure::of(standing)?;
    // No end is later than any.
    let longer = before.level_until.is_some_and(|was| standing.until.is_none_or(|until| until > was));
    if standing.level < before.level || (standing.level == before.level && !longer) {
        return None;
    }
    let policy = &follow.house.policy.reasons;
    let id = follow.house.clock.id(StatementId::from_ulid);
    let content = build::account(
        measure,
        &Record {
            id,
            points: standing.points,
            violations: strikes.len(),
            since: strikes.iter().map(|strike| strike.at).min().unwrap_or(follow.now),
            applies: follow.now,
            until: standing.until,
            // Closing an account takes two persons; the other steps follow from the sum by themselves.
            automation: if measure == AccountMeasure::Terminated { Automation::None } else { Automation::Partly },
            policy,
        },
    );
    Some(Made {
        id,
        measure: Measure::Account,
        seller: before.seller.id.clone(),
        case,
        decision: None,
        at: follow.now,
        due: follow.now + policy.send_after,
        content,
    })
}
