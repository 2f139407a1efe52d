//! Sellers, their strikes, and where they stand on the ladder.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use super::db::{self, Column, Conn, Error, List, Result, Tx, all, row, run};
use crate::domain::{
    ids::{CaseId, DecisionId, SellerId},
    penalty::Strike,
    seller::{Level, Seller, Standing},
    time::Time,
};

/// A seller with what we keep about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellerRecord {
    /// Who they are.
    pub seller: Seller,
    /// Cases about them so far.
    pub reports: i64,
    /// Points at the last levelling.
    pub points: i64,
    /// The level they were brought to last.
    pub level: Level,
    /// When that level ends.
    pub level_until: Option<Time>,
    /// Whether every listing of theirs is off.
    pub listings_off: bool,
}

row! {
    struct SellerRow {
        id: String,
        name: String,
        email: String,
        country: String,
        payout_account: Option<String>,
        reports: i64,
        points: i64,
        level: String,
        level_until: Option<i64>,
        listings_off: i64,
    }
}

/// What a row is read from, and which rows.
macro_rules! sellers {
    ($which:literal) => {
        concat!(
            "SELECT id, name, email, country, payout_account, reports, points, level, level_until, listings_off FROM
             sellers ",
            $which
        )
    };
}

impl SellerRow {
    fn record(self) -> Result<SellerRecord> {
        let corrupt = |problem: String| Error::Corrupt { table: "sellers", id: self.id.clone(), problem };
        Ok(SellerRecord {
            reports: self.reports,
            points: self.points,
            level: self.level.parse().map_err(corrupt)?,
            level_until: self.level_until.map(Time),
            listings_off: self.listings_off == 1,
            seller: Seller {
                id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
                name: self.name,
                email: self.email,
                country: self.country,
                payout_account: self.payout_account,
            },
        })
    }
}

/// The sellers with these ids, ordered by id and locked until the transaction ends, so that two workers level one
/// seller one after the other.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn lock_many(tx: &mut Tx, ids: impl IntoIterator<Item = &SellerId>) -> Result<Vec<SellerRecord>> {
    all!(tx, SellerRow, sellers!("WHERE id = ANY($1) ORDER BY id FOR UPDATE"), ids.into_iter().collect::<List>())?
        .into_iter()
        .map(SellerRow::record)
        .collect()
}

/// The sellers with these ids, in no order.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get_many(conn: &mut Conn, ids: impl IntoIterator<Item = &SellerId>) -> Result<Vec<SellerRecord>> {
    all!(conn, SellerRow, sellers!("WHERE id = ANY($1)"), ids.into_iter().collect::<List>())?
        .into_iter()
        .map(SellerRow::record)
        .collect()
}

/// The seller with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: &SellerId) -> Result<Option<SellerRecord>> {
    Ok(get_many(conn, [id]).await?.pop())
}

/// A page of sellers by id, after the id `after`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn after(conn: &mut Conn, after: Option<&SellerId>, limit: i64) -> Result<Vec<SellerRecord>> {
    all!(conn, SellerRow, sellers!("WHERE id > $1 ORDER BY id LIMIT $2"), after.map_or("", SellerId::as_str), limit)?
        .into_iter()
        .map(SellerRow::record)
        .collect()
}

/// Sellers who share the payout account, the seller itself left out, by id, at most `limit`: ask for one more than you
/// can use to see whether there are more.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn linked(conn: &mut Conn, seller: &Seller, limit: usize) -> Result<Vec<SellerRecord>> {
    let Some(account) = &seller.payout_account else { return Ok(vec![]) };
    all!(
        conn,
        SellerRow,
        sellers!("WHERE payout_account = $1 AND id <> $2 ORDER BY id LIMIT $3"),
        account.as_str(),
        seller.id.as_str(),
        i64::try_from(limit).unwrap_or(i64::MAX)
    )?
    .into_iter()
    .map(SellerRow::record)
    .collect()
}

row! {
    struct NameRow { name: String, }
}

/// Names of sellers that begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Each once, in the order of the codes of their first letters.
    pub names: Vec<String>,
    /// Whether no others begin so.
    pub is_all: bool,
}

/// Bytes of a name that its key has.
const KEY_MOST: usize = 32;
/// Sellers looked at, at most, for those whose names go on behind the key as what is looked for does.
const ALIKE_MOST: usize = 1_000;

/// How a name begins, as the index has it.
fn key_of(name: &str) -> String {
    name.to_lowercase().bytes().take(KEY_MOST).map(|byte| format!("{byte:02x}")).collect()
}

/// Names that begin as `start`, whatever the case of their letters, of at most `limit` sellers: for whoever types one.
///
/// # Errors
/// What the database says.
pub async fn names_from(conn: &mut Conn, start: &str, limit: usize) -> Result<Names> {
    let start = start.to_lowercase();
    let key = key_of(&start);
    // No key has a letter behind f.
    let behind = format!("{key}g");
    // Names that are alike as far as the key goes are told apart here. It may be many: ten Chinese letters fill a key.
    let looked_at = if start.len() > KEY_MOST { ALIKE_MOST } else { limit };
    let sql = "SELECT name FROM sellers WHERE name_key >= $1 AND name_key < $2 ORDER BY name_key, id LIMIT $3";
    let rows = all!(conn, NameRow, sql, key, behind, i64::try_from(looked_at).unwrap_or(i64::MAX))?;
    let all_alike = rows.len() < looked_at;
    let mut names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    names.retain(|name| name.to_lowercase().starts_with(&start));
    let is_all = all_alike && names.len() <= limit;
    names.truncate(limit);
    let mut told = HashSet::new();
    names.retain(|name| told.insert(name.clone()));
    Ok(Names { names, is_all })
}

/// Writes sellers, new or changed; record and level are kept. Gives how many were new or different.
///
/// # Errors
/// What the database says.
pub async fn save_many(tx: &mut Tx, sellers: &[Seller], now: Time) -> Result<u64> {
    let text = |of: fn(&Seller) -> Cow<'_, str>| Column::Text(sellers.iter().map(of).collect());
    let columns = [
        text(|s| s.id.as_str().into()),
        text(|s| s.name.as_str().into()),
        text(|s| key_of(&s.name).into()),
        text(|s| s.email.as_str().into()),
        text(|s| s.country.as_str().into()),
        Column::maybe_texts(sellers.iter().map(|s| s.payout_account.as_deref())),
        Column::Int(sellers.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO sellers (id, name, name_key, email, country, payout_account, updated_at)",
        columns,
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_key = excluded.name_key, email = excluded.email,
         country = excluded.country, payout_account = excluded.payout_account, updated_at = excluded.updated_at
         WHERE (sellers.name, sellers.email, sellers.country, coalesce(sellers.payout_account, ''))
            <> (excluded.name, excluded.email, excluded.country, coalesce(excluded.payout_account, ''))",
    )
    .await
}

/// Brings sellers to their standing, in one statement. They have to exist and be locked.
///
/// # Errors
/// What the database says.
pub async fn set_levels(tx: &mut Tx, sellers: &[(SellerRecord, Standing)], now: Time) -> Result<()> {
    let text = |of: fn(&Seller) -> &str| Column::texts(sellers.iter().map(|(record, _)| of(&record.seller)));
    let columns = [
        text(|s| s.id.as_str()),
        // Needed by the table, never used: every row is in conflict.
        text(|s| s.name.as_str()),
        text(|s| s.email.as_str()),
        text(|s| s.country.as_str()),
        Column::Int(sellers.iter().map(|(_, standing)| standing.points).collect()),
        Column::texts(sellers.iter().map(|(_, standing)| standing.level.as_str())),
        Column::MaybeInt(sellers.iter().map(|(_, standing)| standing.until.map(|until| until.0)).collect()),
        Column::Int(sellers.iter().map(|(_, standing)| i64::from(standing.listings_off)).collect()),
        Column::Int(sellers.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO sellers (id, name, email, country, points, level, level_until, listings_off, updated_at)",
        columns,
        "ON CONFLICT (id) DO UPDATE SET points = excluded.points, level = excluded.level,
         level_until = excluded.level_until, listings_off = excluded.listings_off, updated_at = excluded.updated_at",
    )
    .await?;
    Ok(())
}

row! {
    struct ReportsRow { id: String, reports: i64, }
}

/// Cases about these sellers so far, by seller.
///
/// # Errors
/// What the database says.
pub async fn report_counts(conn: &mut Conn, ids: impl IntoIterator<Item = &SellerId>) -> Result<Vec<(String, i64)>> {
    let rows = all!(
        conn,
        ReportsRow,
        "SELECT id, reports FROM sellers WHERE id = ANY($1)",
        ids.into_iter().collect::<List>()
    )?;
    Ok(rows.into_iter().map(|row| (row.id, row.reports)).collect())
}

/// Adds one report to each of these sellers, once for every time they are named. They are locked in the order of
/// their ids, so that two importers wait for one another instead of dying of a deadlock.
///
/// # Errors
/// What the database says.
pub async fn count_reports(tx: &mut Tx, sellers: &[SellerId]) -> Result<()> {
    if sellers.is_empty() {
        return Ok(());
    }
    let mut counts = std::collections::BTreeMap::<&SellerId, i64>::new();
    for seller in sellers {
        *counts.entry(seller).or_default() += 1;
    }
    let mut by_count = std::collections::BTreeMap::<i64, Vec<&SellerId>>::new();
    for (&seller, &count) in &counts {
        by_count.entry(count).or_default().push(seller);
    }
    all!(
        tx,
        ReportsRow,
        "SELECT id, reports FROM sellers WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        counts.keys().collect::<List>()
    )?;
    for (count, sellers) in by_count {
        run!(
            tx,
            "UPDATE sellers SET reports = reports + $1 WHERE id = ANY($2)",
            count,
            sellers.into_iter().collect::<List>()
        )?;
    }
    Ok(())
}

/// Writes a strike for a decision.
///
/// # Errors
/// What the database says; a second strike for one decision is refused by a unique key.
pub async fn strike(tx: &mut Tx, seller: &SellerId, strike: &Strike, case: CaseId, decision: DecisionId) -> Result<()> {
    run!(
        tx,
        "INSERT INTO strikes (id, seller_id, brand_id, right_id, case_id, decision_id, severity, struck_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        strike.id.to_string(),
        seller.as_str(),
        strike.brand.as_str(),
        strike.right.as_str(),
        case.to_string(),
        decision.to_string(),
        strike.severity.as_str(),
        strike.at.0
    )?;
    Ok(())
}

/// Voids the strike of a decision that is taken back.
///
/// # Errors
/// What the database says.
pub async fn void_strike(tx: &mut Tx, decision: DecisionId, now: Time) -> Result<()> {
    run!(
        tx,
        "UPDATE strikes SET voided_at = $2 WHERE decision_id = $1 AND voided_at IS NULL",
        decision.to_string(),
        now.0
    )?;
    Ok(())
}

row! {
    struct StrikeRow { id: String, seller_id: String, brand_id: String, right_id: String, severity: String, struck_at: i64, }
}

impl StrikeRow {
    fn strike(self) -> Result<(SellerId, Strike)> {
        let corrupt = |problem: String| Error::Corrupt { table: "strikes", id: self.id.clone(), problem };
        let strike = Strike {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand: self.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            right: self.right_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            severity: self.severity.parse().map_err(corrupt)?,
            at: Time(self.struck_at),
        };
        Ok((self.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?, strike))
    }
}

async fn strike_rows(conn: &mut Conn, sellers: impl IntoIterator<Item = &SellerId>) -> Result<Vec<StrikeRow>> {
    all!(
        conn,
        StrikeRow,
        "SELECT id, seller_id, brand_id, right_id, severity, struck_at FROM strikes
         WHERE seller_id = ANY($1) AND voided_at IS NULL ORDER BY struck_at, id",
        sellers.into_iter().collect::<List>()
    )
}

/// The strikes that stand against these sellers, oldest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn strikes(conn: &mut Conn, sellers: impl IntoIterator<Item = &SellerId>) -> Result<Vec<(SellerId, Strike)>> {
    strike_rows(conn, sellers).await?.into_iter().map(StrikeRow::strike).collect()
}

/// As [`strikes`], by seller; apart from them the sellers that have one which can't be read back, with what is wrong.
///
/// # Errors
/// What the database says.
pub async fn readable_strikes(
    conn: &mut Conn,
    sellers: impl IntoIterator<Item = &SellerId>,
) -> Result<(HashMap<SellerId, Vec<Strike>>, HashMap<SellerId, Error>)> {
    let (mut read, mut unread) = (HashMap::<_, Vec<_>>::new(), HashMap::new());
    for row in strike_rows(conn, sellers).await? {
        // It is one of those that were asked for.
        let Ok(seller) = row.seller_id.parse::<SellerId>() else { continue };
        match row.strike() {
            Ok((_, strike)) => read.entry(seller).or_default().push(strike),
            Err(error) => drop(unread.insert(seller, error)),
        }
    }
    Ok((read, unread))
}
