//! What counter-notices and withdrawals say of a brand's notices, reason code by reason code.

use std::collections::BTreeMap;

use super::super::db::{Conn, Error, Result, all, row};
use crate::domain::{ids::BrandId, reason::ReasonCode, time::Time};

/// Counts of one reason code, of one brand, since a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CounterRecord {
    /// Counter-notices that came in.
    pub received: i64,
    /// Those that stood: the brand accepted them, let its time pass without a suit, or a person ruled for the seller.
    pub upheld: i64,
    /// Those that fell: the removal stands.
    pub rejected: i64,
    /// Claims that the brand took back.
    pub withdrawn: i64,
    /// Those of them that it took back after a counter-notice.
    pub withdrawn_after_counter: i64,
}

row! {
    struct CountRow { notice_reason: String, what: String, n: i64, }
}

/// A brand's record since a moment, by the reason codes of its notices; codes without any are left out. Counter-notices
/// count when they came in, withdrawals when they were made.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn record_of(conn: &mut Conn, brand: &BrandId, since: Time) -> Result<BTreeMap<ReasonCode, CounterRecord>> {
    let rows = all!(
        conn,
        CountRow,
        "SELECT notice_reason, what, count(*) AS n FROM (
             SELECT notice_reason, 'received' AS what FROM counter_notices WHERE brand_id = $1 AND received_at >= $2
             UNION ALL
             SELECT notice_reason, CASE WHEN state = 'put_back' THEN 'upheld' ELSE 'rejected' END AS what FROM counter_notices
             WHERE brand_id = $1 AND received_at >= $2
               AND (state = 'rejected' OR state = 'put_back' AND answer IS NOT NULL AND answer <> 'withdraw')
             UNION ALL
             SELECT notice_reason, CASE WHEN after_counter = 1 THEN 'after' ELSE 'before' END AS what FROM withdrawals
             WHERE brand_id = $1 AND withdrawn_at >= $2
         ) counted GROUP BY notice_reason, what LIMIT 1000",
        brand.as_str(),
        since.0
    )?;
    let mut records: BTreeMap<ReasonCode, CounterRecord> = BTreeMap::new();
    for row in rows {
        let corrupt = |problem: String| Error::Corrupt { table: "counter_notices", id: brand.to_string(), problem };
        let record = records.entry(row.notice_reason.parse().map_err(corrupt)?).or_default();
        match row.what.as_str() {
            "received" => record.received = row.n,
            "upheld" => record.upheld = row.n,
            "rejected" => record.rejected = row.n,
            what => {
                record.withdrawn += row.n;
                if what == "after" {
                    record.withdrawn_after_counter = row.n;
                }
            }
        }
    }
    Ok(records)
}
