//! Holds on sellers' payouts: at most one a seller is open.

use crate::{
    domain::{
        ids::{OperatorId, PayoutHoldId, SellerId},
        payout::{PayoutHold, Released},
        time::Time,
    },
    store::db::{Conn, Error, Result, Tx, all, opt, row, run},
};

row! {
    struct HoldRow {
        id: String,
        seller_id: String,
        held_at: i64,
        ask_from: i64,
        until_at: i64,
        asked_at: Option<i64>,
        asked: String,
        released_at: Option<i64>,
        released_why: Option<String>,
    }
}

/// What a row is read from, and which rows.
macro_rules! payouts {
    ($which:literal) => {
        concat!(
            "SELECT id, seller_id, held_at, ask_from, until_at, asked_at, asked, released_at, released_why FROM
             payout_holds ",
            $which
        )
    };
}

impl HoldRow {
    fn hold(self) -> Result<PayoutHold> {
        let corrupt = |problem: String| Error::Corrupt { table: "payout_holds", id: self.id.clone(), problem };
        let why = self.released_why.as_deref().map(str::parse).transpose().map_err(corrupt)?;
        Ok(PayoutHold {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            seller: self.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            held: Time(self.held_at),
            ask_from: Time(self.ask_from),
            until: Time(self.until_at),
            asked: self.asked_at.map(|at| (Time(at), self.asked)),
            released: self.released_at.map(Time).zip(why),
        })
    }
}

/// Keeps a seller's payouts back; `false` if they are already.
///
/// # Errors
/// What the database says.
pub async fn hold(tx: &mut Tx, hold: &PayoutHold) -> Result<bool> {
    let written = run!(
        tx,
        "INSERT INTO payout_holds (id, seller_id, held_at, ask_from, until_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        hold.id.to_string(),
        hold.seller.as_str(),
        hold.held.0,
        hold.ask_from.0,
        hold.until.0
    )?;
    Ok(written == 1)
}

/// The hold with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn hold_of(conn: &mut Conn, id: PayoutHoldId) -> Result<Option<PayoutHold>> {
    opt!(conn, HoldRow, payouts!("WHERE id = $1"), id.to_string())?.map(HoldRow::hold).transpose()
}

/// The open hold on this seller's payouts.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn open_hold(conn: &mut Conn, seller: &SellerId) -> Result<Option<PayoutHold>> {
    opt!(conn, HoldRow, payouts!("WHERE seller_id = $1 AND released_at IS NULL"), seller.as_str())?
        .map(HoldRow::hold)
        .transpose()
}

/// Open holds, those first that end soonest; only those that a seller asked about, if so wanted.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn asked(conn: &mut Conn, only_asked: bool, limit: i64) -> Result<Vec<PayoutHold>> {
    all!(
        conn,
        HoldRow,
        payouts!("WHERE released_at IS NULL AND ($1 = 0 OR asked_at IS NOT NULL) ORDER BY until_at, id LIMIT $2"),
        i64::from(only_asked),
        limit
    )?
    .into_iter()
    .map(HoldRow::hold)
    .collect()
}

/// Writes down that the seller asks for the money; `false` if there is no open hold or they asked already.
///
/// # Errors
/// What the database says.
pub async fn ask(tx: &mut Tx, id: PayoutHoldId, words: &str, now: Time) -> Result<bool> {
    let asked = run!(
        tx,
        "UPDATE payout_holds SET asked_at = $2, asked = $3 WHERE id = $1 AND released_at IS NULL AND asked_at IS NULL",
        id.to_string(),
        now.0,
        words
    )?;
    Ok(asked == 1)
}

/// Says no to a seller who asked; they may ask again. `false` if nobody asks.
///
/// # Errors
/// What the database says.
pub async fn refuse(tx: &mut Tx, id: PayoutHoldId) -> Result<bool> {
    let refused = run!(
        tx,
        "UPDATE payout_holds SET asked_at = NULL WHERE id = $1 AND released_at IS NULL AND asked_at IS NOT NULL",
        id.to_string()
    )?;
    Ok(refused == 1)
}

/// Releases the open hold with this id; `false` if somebody or something was faster.
///
/// # Errors
/// What the database says.
pub async fn release(tx: &mut Tx, id: PayoutHoldId, why: Released, by: &OperatorId, now: Time) -> Result<bool> {
    let released = run!(
        tx,
        "UPDATE payout_holds SET released_at = $2, released_why = $3, released_by = $4, asked_at = NULL
         WHERE id = $1 AND released_at IS NULL",
        id.to_string(),
        now.0,
        why.as_str(),
        by.as_str()
    )?;
    Ok(released == 1)
}

/// Releases what is open for these sellers, and gives it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn release_all(
    tx: &mut Tx,
    sellers: impl IntoIterator<Item = &SellerId>,
    by: &str,
    now: Time,
) -> Result<Vec<PayoutHold>> {
    all!(
        tx,
        HoldRow,
        "UPDATE payout_holds SET released_at = $2, released_why = 'reinstated', released_by = $3, asked_at = NULL
         WHERE seller_id = ANY($1) AND released_at IS NULL
         RETURNING id, seller_id, held_at, ask_from, until_at, asked_at, asked, released_at, released_why",
        sellers.into_iter().collect::<crate::store::db::List>(),
        now.0,
        by
    )?
    .into_iter()
    .map(HoldRow::hold)
    .collect()
}

/// Releases holds whose time is over at `now`, at most `limit`, and gives them. However many do this at once, each hold
/// is given to one of them.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn over(tx: &mut Tx, by: &OperatorId, now: Time, limit: i64) -> Result<Vec<PayoutHold>> {
    all!(
        tx,
        HoldRow,
        "UPDATE payout_holds SET released_at = $1, released_why = 'expired', released_by = $2, asked_at = NULL
         WHERE released_at IS NULL AND id IN (
             SELECT id FROM payout_holds WHERE released_at IS NULL AND until_at <= $1 ORDER BY until_at LIMIT $3)
         RETURNING id, seller_id, held_at, ask_from, until_at, asked_at, asked, released_at, released_why",
        now.0,
        by.as_str(),
        limit
    )?
    .into_iter()
    .map(HoldRow::hold)
    .collect()
}
