//! The records: every rule a query that finds what breaks it.

use jointforce_shared::{
    domain::ids::SellerId,
    store::{Conn, invariants, sellers},
};

use super::{
    super::{stage::Stage, witness},
    Findings,
};

/// What is true of the records once everything due was carried out.
const RULES: [(&str, &str); 6] = [
    (
        "P1 what was due is done, dead or cancelled",
        "SELECT id || ' ' || kind || ' ' || state || ' ' || coalesce(last_error, '') FROM effects
         WHERE state IN ('due', 'running') AND due_at <= {soon} LIMIT 20",
    ),
    (
        "P1 nothing is dead that only had to be tried again",
        "SELECT id || ' ' || kind || ' ' || coalesce(last_error, '') FROM effects WHERE state = 'dead' LIMIT 20",
    ),
    (
        "I5 one decision a round of a case",
        "SELECT case_id FROM decisions GROUP BY case_id, round HAVING count(*) > 1 LIMIT 20",
    ),
    (
        "a notice is filed once, however often it is sent",
        "SELECT brand_id || ' ' || reference FROM notices GROUP BY brand_id, reference HAVING count(*) > 1 LIMIT 20",
    ),
    (
        "a listing is down for a decision or a store, or it is up",
        "SELECT l.id FROM listings l JOIN sellers s ON s.id = l.seller_id
         WHERE l.state = 'removed' AND s.listings_off = 0
           AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.listing_id = l.id AND c.down = 1) LIMIT 20",
    ),
    (
        // The undo itself, or the decision that came so soon after it that it is all there is to say. By decisions and
        // rounds, not by time: the clock of the worker that wrote one of them may have been off.
        "a brand that was told of a decision hears that it was taken back",
        "SELECT e.id || ' ' || e.case_id FROM ledger e JOIN decisions d ON d.id = e.decision_id
         WHERE d.undone_at IS NOT NULL AND e.kind = 'hook_brand' AND e.attempts > 0 AND e.state IN ('done', 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM ledger u JOIN decisions x ON x.case_id = e.case_id AND u.payload LIKE '%' || x.id || '%'
                           WHERE u.case_id = e.case_id AND u.kind = 'hook_brand'
                             AND (x.round > d.round OR x.id = d.id AND u.payload LIKE '%\"news\":\"undone\"%')) LIMIT 20",
    ),
];

/// What is true of the seals once whoever seals has left.
const SEALS: [(&str, &str); 2] = [
    (
        "I7 every event has its number",
        "SELECT a.id FROM audit a LEFT JOIN audit_leaves l ON l.event_id = a.id WHERE l.event_id IS NULL LIMIT 20",
    ),
    (
        "I7 the numbers have no gap",
        "SELECT 'leaf ' || leaf FROM audit_leaves WHERE leaf > 0 AND NOT EXISTS
           (SELECT 1 FROM audit_leaves l WHERE l.leaf = audit_leaves.leaf - 1) LIMIT 20",
    ),
];

pub(super) async fn check_seals(stage: &Stage, findings: &mut Findings) {
    for (rule, sql) in SEALS {
        let found = witness::texts(&stage.house.db, sql).await;
        findings.rule(rule, found.unwrap_or_else(|error| vec![error.to_string()]));
    }
}

pub(super) async fn check(stage: &Stage, findings: &mut Findings) {
    let house = &stage.house;
    let now = house.clock.now();
    match house.db.read().await {
        Ok(mut conn) => {
            let broken = invariants::broken(&mut conn).await.expect("the rules can be asked");
            let unsettled = invariants::unsettled(&mut conn, now).await.expect("the rules can be asked");
            findings.rules += 10;
            for found in broken.into_iter().chain(unsettled) {
                findings.rule(found.rule, [found.id]);
            }
            let wrong = ladder(stage, &mut conn).await;
            findings.rule("I8 points and level are what the ladder says of the strikes", wrong);
        }
        Err(error) => findings.rule("the database is there", [error.to_string()]),
    }
    let soon = (now.0 + 600_000_000).to_string();
    for (rule, sql) in RULES.iter().chain(&witness::RULES) {
        let found = witness::texts(&house.db, &sql.replace("{soon}", &soon)).await;
        findings.rule(*rule, found.unwrap_or_else(|error| vec![error.to_string()]));
    }
}

/// Sellers whose record is not what their strikes come to. Nobody approves anything here, so what would be closed is
/// suspended.
async fn ladder(stage: &Stage, conn: &mut Conn) -> Vec<String> {
    let ids = witness::texts(
        &stage.house.db,
        "SELECT id FROM sellers WHERE points > 0 OR level <> 'good' OR id IN (SELECT seller_id FROM strikes)",
    );
    let mut wrong = vec![];
    for id in ids.await.expect("sellers") {
        let id: SellerId = id.parse().expect("an id");
        let record = sellers::get(conn, &id).await.expect("a seller").expect("a seller");
        let strikes = sellers::strikes(conn, [&id]).await.expect("strikes");
        let strikes: Vec<_> = strikes.into_iter().map(|(_, strike)| strike).collect();
        let says = stage.house.policy.ladder.in_force(&id, &strikes, &[], stage.house.clock.now()).standing;
        if (record.points, record.level, record.listings_off) != (says.points, says.level, says.listings_off) {
            wrong.push(format!(
                "{id} has {} points and is {}, the ladder says {} and {}",
                record.points, record.level, says.points, says.level
            ));
        }
    }
    wrong
}
