//! What the statement for a removal rests on, in one read: it is part of every removal.

use super::super::db::{Conn, Error, Result, opt, row};
use crate::domain::{
    brand::Tier,
    ids::CaseId,
    reason::ReasonCode,
    right::{Right, RightKind},
    time::Time,
};

/// The newest claim of a case, its right, and everybody around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// What the notice said is wrong.
    pub code: ReasonCode,
    /// When it was filed.
    pub filed: Time,
    /// The right relied on.
    pub right: Right,
    /// The rights holder's name.
    pub brand_name: String,
    /// Its tier.
    pub tier: Tier,
    /// Where the listing is offered.
    pub territory: String,
    /// When the listing was first seen.
    pub posted: Time,
    /// Names and addresses of the seller and of whoever filed the notice: who must not be named.
    pub people: Vec<String>,
}

row! {
    struct GroundsRow {
        code: String,
        filed_at: i64,
        right_id: String,
        right_brand: String,
        kind: String,
        number: String,
        right_title: String,
        jurisdiction: String,
        valid_from: i64,
        valid_until: Option<i64>,
        brand_name: String,
        tier: String,
        territory: String,
        posted: i64,
        seller_name: String,
        seller_email: String,
        payout_account: Option<String>,
        notifier_name: String,
        notifier_email: String,
        signature: String,
    }
}

/// What the removal of a case's listing rests on: its newest claim that is neither refused nor withdrawn. `None` if nobody
/// claims anything (any more).
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Option<Grounds>> {
    let row = opt!(
        conn,
        GroundsRow,
        "SELECT n.reason AS code, n.filed_at, r.id AS right_id, r.brand_id AS right_brand, r.kind, r.number, r.title AS right_title,
                r.jurisdiction, r.valid_from, r.valid_until, b.name AS brand_name, b.tier, l.territory,
                (SELECT min(taken_at) FROM snapshots WHERE listing_id = l.id) AS posted,
                e.name AS seller_name, e.email AS seller_email, e.payout_account, n.notifier_name, n.notifier_email, n.signature
         FROM claims k
         JOIN notices n ON n.id = k.notice_id
         JOIN rights r ON r.id = k.right_id
         JOIN brands b ON b.id = n.brand_id
         JOIN listings l ON l.id = k.listing_id
         JOIN sellers e ON e.id = l.seller_id
         WHERE k.case_id = $1 AND k.state IN ('open', 'accepted') ORDER BY k.notice_id DESC LIMIT 1",
        case.to_string()
    )?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |problem: String| Error::Corrupt { table: "claims", id: case.to_string(), problem };
    Ok(Some(Grounds {
        code: row.code.parse().map_err(corrupt)?,
        filed: Time(row.filed_at),
        right: Right {
            id: row.right_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand: row.right_brand.parse().map_err(|e| corrupt(format!("{e}")))?,
            kind: row.kind.parse::<RightKind>().map_err(corrupt)?,
            number: row.number,
            title: row.right_title,
            jurisdiction: row.jurisdiction,
            // A statement names no classes.
            classes: vec![],
            valid_from: Time(row.valid_from),
            valid_until: row.valid_until.map(Time),
        },
        brand_name: row.brand_name,
        tier: row.tier.parse().map_err(corrupt)?,
        territory: row.territory,
        posted: Time(row.posted),
        people: [row.seller_name, row.seller_email, row.notifier_name, row.notifier_email, row.signature]
            .into_iter()
            .chain(row.payout_account)
            .collect(),
    }))
}
