//! Who has to hear of what became of a case.

use std::collections::HashMap;

use super::super::db::{Conn, Error, List, Result, all, row};
use crate::domain::ids::{BrandId, CaseId, DecisionId, NoticeId, SellerId};

/// Who has to hear of what became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The case.
    pub case: CaseId,
    /// Whose claims.
    pub brand: BrandId,
    /// Whether the brand has a webhook.
    pub has_hook: bool,
    /// Who sells the listing.
    pub seller: SellerId,
    /// The notices that carry its claims, each with the decision that answered it.
    pub notices: Vec<(NoticeId, Option<DecisionId>)>,
}

row! {
    struct ToldRow { id: String, brand_id: String, seller_id: String, has_hook: i64, }
}

row! {
    struct NoticeRow { case_id: String, notice_id: String, decision_id: Option<String>, }
}

/// Who has to hear of what became of these cases.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn told(conn: &mut Conn, cases: impl IntoIterator<Item = CaseId>) -> Result<HashMap<CaseId, Told>> {
    let ids: List = cases.into_iter().collect();
    let rows = all!(
        conn,
        ToldRow,
        "SELECT c.id, c.brand_id, c.seller_id, CAST(CASE WHEN nullif(b.webhook_url, b.webhook_gone) IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_hook
         FROM cases c JOIN brands b ON b.id = c.brand_id WHERE c.id = ANY($1)",
        ids.clone()
    )?;
    let mut told = HashMap::with_capacity(rows.len());
    for row in rows {
        let corrupt = |e: crate::domain::ids::BadId| Error::Corrupt {
            table: "cases",
            id: row.id.clone(),
            problem: e.to_string(),
        };
        let case: CaseId = row.id.parse().map_err(corrupt)?;
        let brand = row.brand_id.parse().map_err(corrupt)?;
        let seller = row.seller_id.parse().map_err(corrupt)?;
        told.insert(case, Told { case, brand, has_hook: row.has_hook == 1, seller, notices: vec![] });
    }
    let rows = all!(
        conn,
        NoticeRow,
        "SELECT DISTINCT case_id, notice_id, decision_id FROM claims WHERE case_id = ANY($1)",
        ids
    )?;
    for row in rows {
        let corrupt = |e: crate::domain::ids::BadId| Error::Corrupt {
            table: "claims",
            id: row.notice_id.clone(),
            problem: e.to_string(),
        };
        let case: CaseId = row.case_id.parse().map_err(corrupt)?;
        let decision = row.decision_id.as_deref().map(str::parse).transpose().map_err(corrupt)?;
        if let Some(told) = told.get_mut(&case) {
            told.notices.push((row.notice_id.parse().map_err(corrupt)?, decision));
        }
    }
    Ok(told)
}
