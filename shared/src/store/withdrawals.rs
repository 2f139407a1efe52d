//! Notices that brands took back, listing by listing.

use super::db::{Conn, Error, List, Result, Tx, all, one, row, run};
use crate::domain::{
    ids::{BrandId, CaseId, DecisionId, ListingId, NoticeId, OperatorId},
    reason::ReasonCode,
    time::Time,
    withdrawal::Withdrawn,
};

/// What a withdrawal did to one listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The notice.
    pub notice: NoticeId,
    /// The listing.
    pub listing: ListingId,
    /// Whose notice.
    pub brand: BrandId,
    /// The case.
    pub case: CaseId,
    /// The notice's reason code.
    pub reason: ReasonCode,
    /// Why, in the brand's words; perhaps empty.
    pub why: String,
    /// What it led to.
    pub led_to: Withdrawn,
    /// Whether a counter-notice had come before.
    pub after_counter: bool,
    /// Who withdrew.
    pub by: OperatorId,
    /// When.
    pub at: Time,
}

/// Marks the claims of notices on one listing as withdrawn. Gives the states that they had.
///
/// # Errors
/// What the database says.
pub async fn take_back(tx: &mut Tx, notices: &[NoticeId], case: CaseId) -> Result<Vec<String>> {
    row! { struct StateRow { state: String, } }
    let before = all!(
        tx,
        StateRow,
        "SELECT state FROM claims WHERE notice_id = ANY($1) AND case_id = $2 AND state IN ('open', 'accepted')",
        notices.iter().collect::<List>(),
        case.to_string()
    )?;
    run!(
        tx,
        "UPDATE claims SET state = 'withdrawn' WHERE notice_id = ANY($1) AND case_id = $2 AND state IN ('open', 'accepted')",
        notices.iter().collect::<List>(),
        case.to_string()
    )?;
    Ok(before.into_iter().map(|row| row.state).collect())
}

/// Claims of a case that are still open, and that were accepted by this decision and still stand.
///
/// # Errors
/// What the database says.
pub async fn left(conn: &mut Conn, case: CaseId, decision: Option<DecisionId>) -> Result<(i64, i64)> {
    row! { struct LeftRow { open: i64, accepted: i64, } }
    let row = one!(
        conn,
        LeftRow,
        "SELECT count(CASE WHEN state = 'open' THEN 1 END) AS open,
                count(CASE WHEN state = 'accepted' AND decision_id = $2 THEN 1 END) AS accepted FROM claims WHERE case_id = $1",
        case.to_string(),
        decision.map(|id| id.to_string()).unwrap_or_default()
    )?;
    Ok((row.open, row.accepted))
}

/// Writes what a withdrawal did. What is there already stays.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, row: &Row) -> Result<()> {
    run!(
        tx,
        "INSERT INTO withdrawals (notice_id, listing_id, brand_id, case_id, notice_reason, why, led_to, after_counter,
                withdrawn_by, withdrawn_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (notice_id, listing_id) DO NOTHING",
        row.notice.to_string(),
        row.listing.as_str(),
        row.brand.as_str(),
        row.case.to_string(),
        row.reason.as_str(),
        row.why.as_str(),
        row.led_to.as_str(),
        i64::from(row.after_counter),
        row.by.as_str(),
        row.at.0
    )?;
    Ok(())
}

row! {
    struct WithdrawalRow {
        notice_id: String,
        listing_id: String,
        brand_id: String,
        case_id: String,
        notice_reason: String,
        why: String,
        led_to: String,
        after_counter: i64,
        withdrawn_by: String,
        withdrawn_at: i64,
    }
}

/// What the withdrawal of a notice at this moment did, in the order of the listings.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_notice(conn: &mut Conn, notice: NoticeId, at: Time) -> Result<Vec<Row>> {
    let rows = all!(
        conn,
        WithdrawalRow,
        "SELECT * FROM withdrawals WHERE notice_id = $1 AND withdrawn_at = $2 ORDER BY listing_id LIMIT 10000",
        notice.to_string(),
        at.0
    )?;
    rows.into_iter()
        .map(|row| {
            let corrupt = |problem: String| Error::Corrupt { table: "withdrawals", id: row.notice_id.clone(), problem };
            Ok(Row {
                notice: row.notice_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                listing: row.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                case: row.case_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                reason: row.notice_reason.parse().map_err(corrupt)?,
                why: row.why.clone(),
                led_to: row.led_to.parse().map_err(corrupt)?,
                after_counter: row.after_counter == 1,
                by: row.withdrawn_by.parse().map_err(|e| corrupt(format!("{e}")))?,
                at: Time(row.withdrawn_at),
            })
        })
        .collect()
}
