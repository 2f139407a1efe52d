//! The statement of reasons that a seller is owed when the ladder takes something from its account (DSA art. 17).

use jointforce_shared::{
    domain::{
        ids::{CaseId, SellerId, StatementId},
        payout::PayoutHold,
        penalty::Strike,
        seller::Standing,
        statement::{
            Made, Measure, Statement,
            build::{self, AccountMeasure, Automation, Record},
        },
        time::Time,
    },
    store::{self, Tx, sellers::SellerRecord, statements},
};

use super::Follow;

/// The facts where a seller is punished for another's strikes.
const LINKED: &str = "The seller is paid through the same account as another seller whose listings were found, repeatedly or \
in a serious way, to infringe intellectual property. Two people agreed that both are one trader, and that the measure \
against the other account applies to this one as well.";

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
    let id = follow.house.clock.id(StatementId::from_ulid);
    let mut rests_on = record(follow, id, standing.points, standing.until, strikes);
    if measure == AccountMeasure::Terminated {
        // Closing an account takes two persons; the other steps follow from the sum by themselves.
        rests_on.automation = Automation::None;
    }
    let mut content = build::account(measure, &rests_on);
    if strikes.is_empty() {
        // Only an imposed level reaches a seller without strikes.
        content.decision_facts = LINKED.to_owned();
    }
    Some(made(follow, id, Measure::Account, &before.seller.id, case, content))
}

/// The statement for money that is kept back.
pub(super) fn for_payouts(follow: &Follow<'_>, hold: &PayoutHold, standing: &Standing, strikes: &[Strike]) -> Made {
    let id = follow.house.clock.id(StatementId::from_ulid);
    let content = build::payout_hold(&record(follow, id, standing.points, Some(hold.until), strikes));
    made(follow, id, Measure::Payout, &hold.seller, None, content)
}

fn record<'a>(
    follow: &'a Follow<'_>,
    id: StatementId,
    points: i64,
    until: Option<Time>,
    strikes: &[Strike],
) -> Record<'a> {
    Record {
        id,
        points,
        violations: strikes.len(),
        since: strikes.iter().map(|strike| strike.at).min().unwrap_or(follow.now),
        applies: follow.now,
        until,
        automation: Automation::Partly,
        policy: &follow.house.policy.reasons,
    }
}

fn made(
    follow: &Follow<'_>,
    id: StatementId,
    measure: Measure,
    seller: &SellerId,
    case: Option<CaseId>,
    content: Statement,
) -> Made {
    Made {
        id,
        measure,
        seller: seller.clone(),
        case,
        decision: None,
        at: follow.now,
        due: follow.now + follow.house.policy.reasons.send_after,
        content,
    }
}
