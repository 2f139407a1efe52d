//! What is always true of the records, each rule as one query that finds what breaks it. Tests, the torture run and
//! `doctor --deep` ask the same questions.

use super::db::{Conn, Result, all, row};
use crate::domain::time::Time;

/// Something that breaks a rule: a bug, or a hand in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The rule, in words.
    pub rule: &'static str,
    /// What breaks it.
    pub id: String,
}

row! {
    struct IdRow { id: String, }
}

/// What breaks a rule that holds at every moment, at most 20 of each.
///
/// # Errors
/// What the database says.
pub async fn broken(conn: &mut Conn) -> Result<Vec<Broken>> {
    let mut found = vec![];
    let mut note = |rule, rows: Vec<IdRow>| found.extend(rows.into_iter().map(|row| Broken { rule, id: row.id }));
    note(
        "a decided case's decision is its own and stands",
        all!(
            conn,
            IdRow,
            "SELECT c.id FROM cases c LEFT JOIN decisions d ON d.id = c.decision_id
             WHERE c.decision_id IS NOT NULL AND (d.id IS NULL OR d.case_id <> c.id OR d.undone_at IS NOT NULL) LIMIT 20"
        )?,
    );
    note(
        // A listing that was kept and is reported again opens another round; what was kept before stays answered.
        "a removal that stands is the decision its case has",
        all!(
            conn,
            IdRow,
            "SELECT d.id FROM decisions d JOIN cases c ON c.id = d.case_id
             WHERE d.outcome = 'removed' AND d.undone_at IS NULL AND coalesce(c.decision_id, '') <> d.id LIMIT 20"
        )?,
    );
    note(
        "no decision without its audit event",
        all!(
            conn,
            IdRow,
            "SELECT d.id FROM decisions d WHERE NOT EXISTS
               (SELECT 1 FROM audit a WHERE a.case_id = d.case_id AND a.body LIKE '%' || d.id || '%') LIMIT 20"
        )?,
    );
    note(
        "a removal that stands has one strike, any other decision has none",
        all!(
            conn,
            IdRow,
            "SELECT d.id FROM decisions d WHERE
               (SELECT count(*) FROM strikes s WHERE s.decision_id = d.id AND s.voided_at IS NULL)
               <> CASE WHEN d.outcome = 'removed' AND d.undone_at IS NULL THEN 1 ELSE 0 END LIMIT 20"
        )?,
    );
    note(
        "a decided case has no open claim, and an open one counts its own",
        all!(
            conn,
            IdRow,
            "SELECT c.id FROM cases c
             WHERE c.claims <> (SELECT count(*) FROM claims k WHERE k.case_id = c.id AND k.state = 'open') LIMIT 20"
        )?,
    );
    note(
        "a claim is answered by a decision that stands",
        all!(
            conn,
            IdRow,
            "SELECT k.case_id AS id FROM claims k LEFT JOIN decisions d ON d.id = k.decision_id
             WHERE k.state IN ('accepted', 'refused') AND (d.id IS NULL OR d.undone_at IS NOT NULL
                OR (d.outcome = 'removed') <> (k.state = 'accepted')) LIMIT 20"
        )?,
    );
    note(
        "an effect that ended says when, one that did not says nothing",
        all!(conn, IdRow, "SELECT id FROM ledger WHERE (state IN ('due', 'running')) <> (ended_at IS NULL) LIMIT 20")?,
    );
    Ok(found)
}

/// What breaks a rule that holds once everything due by `now` was carried out, at most 20 of each.
///
/// # Errors
/// What the database says.
pub async fn unsettled(conn: &mut Conn, now: Time) -> Result<Vec<Broken>> {
    let mut found = vec![];
    let mut note = |rule, rows: Vec<IdRow>| found.extend(rows.into_iter().map(|row| Broken { rule, id: row.id }));
    note(
        "inside effects that are due are carried out, dead or cancelled",
        all!(
            conn,
            IdRow,
            "SELECT id FROM effects WHERE lane IN ('removals', 'penalties') AND state = 'due' AND due_at <= $1 LIMIT 20",
            now.0
        )?,
    );
    note(
        "what a decision in force keeps down is down",
        all!(
            conn,
            IdRow,
            "SELECT l.id FROM listings l JOIN cases c ON c.listing_id = l.id
             WHERE c.down = 1 AND l.state NOT IN ('removed', 'ended')
               AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.decision_id = c.decision_id AND e.kind = 'remove_listing'
                                AND e.due_at > $1) LIMIT 20",
            now.0
        )?,
    );
    Ok(found)
}
