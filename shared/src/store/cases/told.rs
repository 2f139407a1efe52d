//! Who has to hear of what became of a case.

use std::collections::HashMap;

use super::super::db::{Conn, Error, List, Result, all, row};
use crate::domain::ids::{BadId, BrandId, CaseId, DecisionId, NoticeId, SellerId};

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
    struct ToldRow {
        id: String,
        brand_id: String,
        seller_id: String,
        has_hook: i64,
        notice_id: Option<String>,
        decision_id: Option<String>,
    }
}

/// Who has to hear of what became of these cases.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn told(conn: &mut Conn, cases: impl IntoIterator<Item = CaseId>) -> Result<HashMap<CaseId, Told>> {
    // A notice is about one right and so has one claim in a case.
    let rows = all!(
        conn,
        ToldRow,
        "SELECT c.id, c.brand_id, c.seller_id, k.notice_id, k.decision_id,
                CAST(CASE WHEN nullif(b.webhook_url, b.webhook_gone) IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_hook
         FROM cases c JOIN brands b ON b.id = c.brand_id LEFT JOIN claims k ON k.case_id = c.id WHERE c.id = ANY($1)",
        cases.into_iter().collect::<List>()
    )?;
    let mut told: HashMap<CaseId, Told> = HashMap::new();
    for row in rows {
        let corrupt = |e: BadId| Error::Corrupt { table: "cases", id: row.id.clone(), problem: e.to_string() };
        let case: CaseId = row.id.parse().map_err(corrupt)?;
        let (brand, seller) = (row.brand_id.parse().map_err(corrupt)?, row.seller_id.parse().map_err(corrupt)?);
        let nobody = Told { case, brand, has_hook: row.has_hook == 1, seller, notices: vec![] };
        let told = told.entry(case).or_insert(nobody);
        let decision = row.decision_id.as_deref().map(str::parse).transpose().map_err(corrupt)?;
        if let Some(notice) = row.notice_id.as_deref() {
            told.notices.push((notice.parse().map_err(corrupt)?, decision));
        }
    }
    Ok(told)
}
