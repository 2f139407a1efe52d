//! What a seller's strikes lead to beyond the level: levels that a second person approved, and money kept back.

mod payouts;

use std::collections::HashMap;

pub use self::payouts::{ask, asked, hold, hold_of, open_hold, over, refuse, release, release_all};
use super::db::{Conn, Error, List, Result, Tx, all, row, run};
use crate::domain::{
    ids::{ApprovalId, SellerId},
    penalty::{Imposed, Strike},
    time::Time,
};

row! {
    struct ImposedRow {
        approval_id: String,
        seller_id: String,
        because_of: String,
        level: String,
        imposed_at: i64,
        until_at: Option<i64>,
    }
}

impl ImposedRow {
    fn imposed(self) -> Result<(SellerId, Imposed)> {
        let corrupt = |problem: String| Error::Corrupt { table: "impositions", id: self.approval_id.clone(), problem };
        let imposed = Imposed {
            approval: self.approval_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            because_of: self.because_of.parse().map_err(|e| corrupt(format!("{e}")))?,
            level: self.level.parse().map_err(corrupt)?,
            at: Time(self.imposed_at),
            until: self.until_at.map(Time),
        };
        Ok((self.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?, imposed))
    }
}

/// The imposed levels that were not lifted, by seller.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn imposed(
    conn: &mut Conn,
    sellers: impl IntoIterator<Item = &SellerId>,
) -> Result<HashMap<SellerId, Vec<Imposed>>> {
    let rows = all!(
        conn,
        ImposedRow,
        "SELECT approval_id, seller_id, because_of, level, imposed_at, until_at FROM impositions
         WHERE seller_id = ANY($1) AND lifted_at IS NULL ORDER BY imposed_at, approval_id",
        sellers.into_iter().collect::<List>()
    )?;
    let mut imposed: HashMap<SellerId, Vec<Imposed>> = HashMap::new();
    for row in rows {
        let (seller, one) = row.imposed()?;
        imposed.entry(seller).or_default().push(one);
    }
    Ok(imposed)
}

/// Imposes a level on a seller.
///
/// # Errors
/// What the database says.
pub async fn impose(tx: &mut Tx, seller: &SellerId, imposed: &Imposed) -> Result<()> {
    run!(
        tx,
        "INSERT INTO impositions (approval_id, seller_id, because_of, level, imposed_at, until_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        imposed.approval.to_string(),
        seller.as_str(),
        imposed.because_of.as_str(),
        imposed.level.as_str(),
        imposed.at.0,
        imposed.until.map(|until| until.0)
    )?;
    Ok(())
}

/// Lifts what was imposed on a seller by an approval.
///
/// # Errors
/// What the database says.
pub async fn lift(tx: &mut Tx, approval: ApprovalId, seller: &SellerId, now: Time) -> Result<()> {
    run!(
        tx,
        "UPDATE impositions SET lifted_at = $3 WHERE approval_id = $1 AND seller_id = $2 AND lifted_at IS NULL",
        approval.to_string(),
        seller.as_str(),
        now.0
    )?;
    Ok(())
}

/// Lifts what was imposed on others for this seller's strikes, and gives the others.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn lift_for(tx: &mut Tx, because_of: &SellerId, now: Time) -> Result<Vec<SellerId>> {
    row! { struct SellerRow { seller_id: String, } }
    let rows = all!(
        tx,
        SellerRow,
        "UPDATE impositions SET lifted_at = $2 WHERE because_of = $1 AND seller_id <> $1 AND lifted_at IS NULL
         RETURNING seller_id",
        because_of.as_str(),
        now.0
    )?;
    rows.into_iter()
        .map(|row| {
            row.seller_id.parse().map_err(|e| Error::Corrupt {
                table: "impositions",
                id: row.seller_id.clone(),
                problem: format!("{e}"),
            })
        })
        .collect()
}

/// A page of sellers with strikes that stand, each with all of them, oldest first; sellers after `after` by id, so that a
/// history of any length is read in bounded memory.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn histories(conn: &mut Conn, after: Option<&SellerId>, limit: i64) -> Result<Vec<(SellerId, Vec<Strike>)>> {
    row! { struct SellerRow { seller_id: String, } }
    let rows = all!(
        conn,
        SellerRow,
        "SELECT DISTINCT seller_id FROM strikes WHERE voided_at IS NULL AND seller_id > $1 ORDER BY seller_id LIMIT $2",
        after.map_or("", SellerId::as_str),
        limit
    )?;
    let mut ids = Vec::with_capacity(rows.len());
    for row in rows {
        let id: SellerId = row.seller_id.parse().map_err(|e| Error::Corrupt {
            table: "strikes",
            id: row.seller_id.clone(),
            problem: format!("{e}"),
        })?;
        ids.push(id);
    }
    let mut of: HashMap<SellerId, Vec<Strike>> = HashMap::new();
    for (seller, strike) in super::sellers::strikes(conn, &ids).await? {
        of.entry(seller).or_default().push(strike);
    }
    Ok(ids.into_iter().map(|id| (id.clone(), of.remove(&id).unwrap_or_default())).collect())
}
