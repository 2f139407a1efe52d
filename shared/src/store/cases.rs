//! Cases: reading, saving with the version that was seen, and leases.

use std::{borrow::Cow, time::Duration};

mod places;
mod told;

pub use self::{
    places::move_all_of,
    told::{Told, told},
};
use super::db::{self, Column, Conn, Error, List, Result, Tx, all, opt, row, run};
use crate::domain::{
    case::State,
    decision::Verdict,
    escalation::Desk,
    ids::{BrandId, CaseId, ListingId, OperatorId, SellerId},
    time::Time,
};

/// A reviewer's time-limited hold on a case, on the database's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who has it.
    pub by: OperatorId,
    /// When it ends unless a heartbeat comes.
    pub until: Time,
}

/// A case as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Whose claims.
    pub brand: BrandId,
    /// On which listing.
    pub listing: ListingId,
    /// Who sells it.
    pub seller: SellerId,
    /// Where it stands.
    pub state: State,
    /// Counts every change; a save names the version it saw.
    pub version: i64,
    /// Counts the times it was in the queue; one decision a round.
    pub round: i64,
    /// Its place in the queue: lower first (see [`crate::domain::priority::rank`]).
    pub rank: i64,
    /// Its place when it was read: a save names it, since a brand's new tier moves cases without a new version.
    pub read_rank: i64,
    /// When the review is due.
    pub due: Time,
    /// The heaviest reason claimed, in hours (see [`crate::domain::reason::ReasonCode::severity_hours`]).
    pub severity: i64,
    /// Claims that are open.
    pub claims: i64,
    /// Which report of this seller it was when it came in, from 1.
    pub reports: i64,
    /// The version of the listing that was reported last.
    pub snapshot_version: i64,
    /// When it came into the queue.
    pub opened: Time,
    /// Who is looking at it, if the lease lives.
    pub lease: Option<Lease>,
}

row! {
    struct CaseRow {
        id: String,
        brand_id: String,
        listing_id: String,
        seller_id: String,
        state: String,
        version: i64,
        round: i64,
        rank: i64,
        due_at: i64,
        severity: i64,
        claims: i64,
        reports: i64,
        snapshot_version: i64,
        opened_at: i64,
        assigned_to: Option<String>,
        desk: Option<String>,
        held_by: Option<String>,
        held_until: Option<i64>,
        hold_reason: Option<String>,
        request_id: Option<String>,
        asked_until: Option<i64>,
        appeal_id: Option<String>,
        decision_id: Option<String>,
        verdict_outcome: Option<String>,
        verdict_reason: Option<String>,
        decided_by: Option<String>,
        lease_by: Option<String>,
        lease_until: Option<i64>,
    }
}

impl CaseRow {
    fn case(self) -> Result<Case> {
        let id = self.id.clone();
        self.read().map_err(|problem| Error::Corrupt { table: "cases", id, problem })
    }

    fn read(self) -> std::result::Result<Case, String> {
        fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> std::result::Result<T, String> {
            text.parse().map_err(|e: T::Err| e.to_string())
        }
        let needed = |field: Option<String>, name: &str| field.ok_or_else(|| format!("{name} is missing"));
        let assigned = self.assigned_to.as_deref().map(parse).transpose()?;
        let desk = self.desk.as_deref().map(parse).transpose()?;
        let state = match self.state.as_str() {
            "open" => State::Open { assigned, desk },
            "held" => State::Held {
                by: parse(&needed(self.held_by, "held_by")?)?,
                until: Time(self.held_until.ok_or("held_until is missing")?),
                reason: self.hold_reason.unwrap_or_default(),
                desk,
            },
            "asked" => State::Asked {
                request: parse(&needed(self.request_id, "request_id")?)?,
                until: Time(self.asked_until.ok_or("asked_until is missing")?),
                desk,
            },
            decided => {
                let outcome = needed(self.verdict_outcome, "the decision")?;
                let verdict = Verdict::from_stored(&outcome, &needed(self.verdict_reason, "the reason")?)?;
                let decision = parse(&needed(self.decision_id, "decision_id")?)?;
                let by = parse(&needed(self.decided_by, "the decider")?)?;
                match decided {
                    "appealed" => {
                        let appeal = parse(&needed(self.appeal_id, "appeal_id")?)?;
                        State::Appealed { verdict, decision, by, appeal, assigned }
                    }
                    _ => State::Decided { verdict, decision, by },
                }
            }
        };
        let lease = match (self.lease_by, self.lease_until) {
            (Some(by), Some(until)) => Some(Lease { by: parse(&by)?, until: Time(until) }),
            _ => None,
        };
        Ok(Case {
            id: parse(&self.id)?,
            brand: parse(&self.brand_id)?,
            listing: parse(&self.listing_id)?,
            seller: parse(&self.seller_id)?,
            state,
            version: self.version,
            round: self.round,
            rank: self.rank,
            read_rank: self.rank,
            due: Time(self.due_at),
            severity: self.severity,
            claims: self.claims,
            reports: self.reports,
            snapshot_version: self.snapshot_version,
            opened: Time(self.opened_at),
            lease,
        })
    }
}

/// The case with this id; a lease that ran out is not shown.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: CaseId) -> Result<Option<Case>> {
    opt!(
        conn,
        CaseRow,
        "SELECT c.id, c.brand_id, c.listing_id, c.seller_id, c.state, c.version, c.round, c.rank, c.due_at, c.severity, c.claims,
                c.reports, c.snapshot_version, c.opened_at, c.assigned_to, c.desk, c.held_by, c.held_until, c.hold_reason,
                c.request_id, c.asked_until, c.appeal_id, c.decision_id, d.outcome AS verdict_outcome, d.reason AS verdict_reason, d.decided_by,
                CASE WHEN c.lease_until > db_now() THEN c.lease_by END AS lease_by, c.lease_until
         FROM cases c LEFT JOIN decisions d ON d.id = c.decision_id WHERE c.id = $1",
        id.to_string()
    )?
    .map(CaseRow::case)
    .transpose()
}

/// The cases on these listings, of whatever brand.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn on_listings(conn: &mut Conn, listings: impl IntoIterator<Item = &ListingId>) -> Result<Vec<Case>> {
    all!(
        conn,
        CaseRow,
        "SELECT c.id, c.brand_id, c.listing_id, c.seller_id, c.state, c.version, c.round, c.rank, c.due_at, c.severity, c.claims,
                c.reports, c.snapshot_version, c.opened_at, c.assigned_to, c.desk, c.held_by, c.held_until, c.hold_reason,
                c.request_id, c.asked_until, c.appeal_id, c.decision_id, d.outcome AS verdict_outcome, d.reason AS verdict_reason, d.decided_by,
                CASE WHEN c.lease_until > db_now() THEN c.lease_by END AS lease_by, c.lease_until
         FROM cases c LEFT JOIN decisions d ON d.id = c.decision_id WHERE c.listing_id = ANY($1)",
        listings.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(CaseRow::case)
    .collect()
}

/// Writes new cases.
///
/// # Errors
/// What the database says; a second case of one brand on one listing is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, cases: &[Case]) -> Result<()> {
    let text = |of: fn(&Case) -> Cow<'_, str>| Column::Text(cases.iter().map(of).collect());
    let int = |of: fn(&Case) -> i64| Column::Int(cases.iter().map(of).collect());
    let columns = [
        text(|c| c.id.to_string().into()),
        text(|c| c.brand.as_str().into()),
        text(|c| c.listing.as_str().into()),
        text(|c| c.seller.as_str().into()),
        text(|c| c.state.as_str().into()),
        int(|c| c.version),
        int(|c| c.round),
        int(|c| c.rank),
        int(|c| c.due.0),
        int(|c| c.severity),
        int(|c| c.claims),
        int(|c| c.reports),
        int(|c| c.snapshot_version),
        int(|c| c.opened.0),
    ];
    db::insert(
        tx,
        "INSERT INTO cases (id, brand_id, listing_id, seller_id, state, version, round, rank, due_at, severity, claims, reports,
         snapshot_version, opened_at)",
        columns,
        "",
    )
    .await?;
    Ok(())
}

/// Saves a case as it was read and changed, and counts its version up here and there. Whoever has its lease keeps it.
///
/// # Errors
/// [`Error::Conflict`] if somebody else changed or moved it since; then nothing is written.
pub async fn save(tx: &mut Tx, case: &mut Case) -> Result<()> {
    write(tx, case, false).await
}

/// As [`save`], for whoever decided it or passed it on: nobody has it in hand any more.
///
/// # Errors
/// As there.
pub async fn save_and_let_go(tx: &mut Tx, case: &mut Case) -> Result<()> {
    case.lease = None;
    write(tx, case, true).await
}

async fn write(tx: &mut Tx, case: &mut Case, lets_go: bool) -> Result<()> {
    let (mut assigned, mut in_desk) = (None, None);
    let (mut held_by, mut held_until, mut hold_reason) = (None, None, None);
    let (mut request, mut asked_until, mut in_appeal, mut decision) = (None, None, None, None);
    match &case.state {
        State::Open { assigned: to, desk } => (assigned, in_desk) = (to.as_ref(), *desk),
        State::Held { by, until, reason, desk } => {
            (held_by, held_until, hold_reason) = (Some(by.as_str()), Some(until.0), Some(reason.as_str()));
            in_desk = *desk;
        }
        State::Asked { request: id, until, desk } => {
            (request, asked_until, in_desk) = (Some(id.to_string()), Some(until.0), *desk);
        }
        State::Appealed { decision: id, appeal, assigned: to, .. } => {
            (decision, in_appeal, assigned) = (Some(id.to_string()), Some(appeal.to_string()), to.as_ref());
        }
        State::Decided { decision: id, .. } => decision = Some(id.to_string()),
    }
    let changed = run!(
        tx,
        "UPDATE cases SET state = $3, version = version + 1, round = $4, rank = $5, due_at = $6, severity = $7, claims = $8,
                reports = $9, snapshot_version = $10, opened_at = $11, assigned_to = $12, held_by = $13, held_until = $14,
                hold_reason = $15, decision_id = $16, desk = $17, request_id = $18, asked_until = $19, appeal_id = $20, down = $21,
                lease_by = CASE WHEN $22 = 1 THEN NULL ELSE lease_by END, lease_until = CASE WHEN $22 = 1 THEN NULL ELSE lease_until END
         WHERE id = $1 AND version = $2 AND rank = $23",
        case.id.to_string(),
        case.version,
        case.state.as_str(),
        case.round,
        case.rank,
        case.due.0,
        case.severity,
        case.claims,
        case.reports,
        case.snapshot_version,
        case.opened.0,
        assigned.map(OperatorId::as_str),
        held_by,
        held_until,
        hold_reason,
        decision,
        in_desk.map(Desk::as_str),
        request,
        asked_until,
        in_appeal,
        i64::from(case.state.keeps_down()),
        i64::from(lets_go),
        case.read_rank
    )?;
    if changed != 1 {
        return Err(Error::Conflict(format!("case {}", case.id)));
    }
    (case.version, case.read_rank) = (case.version + 1, case.rank);
    Ok(())
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

/// Takes or renews the lease on cases for `by`; those that another live lease keeps are left alone. Gives the ids that
/// `by` has now.
///
/// # Errors
/// What the database says.
pub async fn lease(tx: &mut Tx, ids: &[CaseId], by: &OperatorId, span: Duration) -> Result<Vec<CaseId>> {
    let rows = all!(
        tx,
        IdRow,
        "UPDATE cases SET lease_by = $2, lease_until = db_now() + $3
         WHERE id = ANY($1) AND state IN ('open', 'held', 'asked', 'appealed') AND (lease_by IS NULL OR lease_by = $2 OR lease_until <= db_now())
         RETURNING id",
        ids.iter().collect::<List>(),
        by.as_str(),
        micros(span)
    )?;
    case_ids(rows)
}

/// Gives back the leases that `by` has on these cases, or on all cases if `ids` is `None`.
///
/// # Errors
/// What the database says.
pub async fn release(tx: &mut Tx, ids: Option<&[CaseId]>, by: &OperatorId) -> Result<()> {
    match ids {
        Some(ids) => run!(
            tx,
            "UPDATE cases SET lease_by = NULL, lease_until = NULL WHERE id = ANY($1) AND lease_by = $2",
            ids.iter().collect::<List>(),
            by.as_str()
        )?,
        None => run!(tx, "UPDATE cases SET lease_by = NULL, lease_until = NULL WHERE lease_by = $1", by.as_str())?,
    };
    Ok(())
}

row! {
    struct IdRow { id: String, }
}

/// Held cases whose hold is over at `now`, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn holds_over(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<CaseId>> {
    let rows = all!(
        conn,
        IdRow,
        "SELECT id FROM cases WHERE state = 'held' AND held_until <= $1 ORDER BY held_until LIMIT $2",
        now.0,
        limit
    )?;
    case_ids(rows)
}

/// A brand's cases that nobody decided yet, with their versions, by id after `after`, at most `limit`.
///
/// # Errors
/// What the database says.
pub async fn undecided_of(
    conn: &mut Conn,
    brand: &BrandId,
    after: Option<CaseId>,
    limit: i64,
) -> Result<Vec<(CaseId, i64)>> {
    row! { struct SeenRow { id: String, version: i64, } }
    let rows = all!(
        conn,
        SeenRow,
        "SELECT id, version FROM cases
         WHERE brand_id = $1 AND state IN ('open', 'held', 'asked') AND id > $2 ORDER BY id LIMIT $3",
        brand.as_str(),
        after.map_or_else(String::new, |id| id.to_string()),
        limit
    )?;
    rows.into_iter().map(|row| Ok((case_id(&row.id)?, row.version))).collect()
}

fn case_ids(rows: Vec<IdRow>) -> Result<Vec<CaseId>> {
    rows.into_iter().map(|row| case_id(&row.id)).collect()
}

fn case_id(id: &str) -> Result<CaseId> {
    id.parse().map_err(|e| Error::Corrupt { table: "cases", id: id.to_owned(), problem: format!("{e}") })
}
