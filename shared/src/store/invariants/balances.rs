//! Rules that take the domain to check: sums that the ladder makes, hashes. Read page by page, in bounded memory.

use super::{super::db, Broken, Conn, Result};
use crate::{
    domain::{
        approval::digest,
        ids::SellerId,
        penalty::{Ladder, Strike},
        time::Time,
    },
    store::{
        penalties,
        sellers::{self, SellerRecord},
    },
};

/// Rows read at a time.
const PAGE: i64 = 500;

pub(super) const BALANCE: &str = "a seller stands where the ladder puts the strikes that stand";
pub(super) const BOUND: &str = "a request for a second person is as it was hashed";

/// What breaks I8 once everything due by `now` was carried out: sellers whose points, level or store are not what the
/// ladder, and what two people imposed, say of the strikes that stand.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn balances(conn: &mut Conn, ladder: &Ladder, now: Time) -> Result<Vec<Broken>> {
    let (mut found, mut after) = (vec![], None);
    loop {
        let page = sellers::after(conn, after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.seller.id.clone());
        let ids: Vec<&SellerId> = page.iter().map(|record| &record.seller.id).collect();
        let imposed = penalties::imposed(conn, ids.iter().copied()).await?;
        let mut strikes: std::collections::HashMap<SellerId, Vec<Strike>> = std::collections::HashMap::new();
        for (seller, strike) in sellers::strikes(conn, ids).await? {
            strikes.entry(seller).or_default().push(strike);
        }
        for SellerRecord { seller, points, level, level_until, listings_off, .. } in page {
            let strikes = strikes.get(&seller.id).map_or(&[] as &[_], Vec::as_slice);
            let imposed = imposed.get(&seller.id).map_or(&[] as &[_], Vec::as_slice);
            let said = ladder.in_force(&seller.id, strikes, imposed, now).standing;
            if (points, level, level_until, listings_off) != (said.points, said.level, said.until, said.listings_off) {
                let id =
                    format!("{}: {points} points, {level}; the ladder says {}, {}", seller.id, said.points, said.level);
                found.push(Broken { rule: BALANCE, id });
            }
        }
    }
}

db::row! {
    struct RequestRow { id: String, request: String, digest: String, }
}

/// What breaks I6: requests that are not the ones that were hashed when they were made.
///
/// # Errors
/// What the database says.
pub async fn requests(conn: &mut Conn) -> Result<Vec<Broken>> {
    let (mut found, mut after) = (vec![], String::new());
    loop {
        let page = db::all!(
            conn,
            RequestRow,
            "SELECT id, request, digest FROM approvals WHERE id > $1 ORDER BY id LIMIT $2",
            after.as_str(),
            PAGE
        )?;
        let Some(last) = page.last() else { return Ok(found) };
        after.clone_from(&last.id);
        let changed = page.into_iter().filter(|row| digest(&row.request) != row.digest);
        found.extend(changed.map(|row| Broken { rule: BOUND, id: row.id }));
    }
}
