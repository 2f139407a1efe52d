//! Sellers whom rights holders authorised.

use std::borrow::Cow;

use super::db::{self, Column, Conn, Error, List, Result, Tx, all, row};
use crate::domain::{
    authorised::Authorised,
    ids::{BrandId, SellerId},
    time::Time,
};

/// Writes authorisations, new or changed. Gives how many were new or different.
///
/// # Errors
/// What the database says.
pub async fn save_many(tx: &mut Tx, authorised: &[Authorised], now: Time) -> Result<u64> {
    let text = |of: fn(&Authorised) -> Cow<'_, str>| Column::Text(authorised.iter().map(of).collect());
    let columns = [
        text(|a| a.brand.as_str().into()),
        text(|a| a.seller.as_str().into()),
        Column::Int(authorised.iter().map(|a| a.from.0).collect()),
        Column::MaybeInt(authorised.iter().map(|a| a.until.map(|until| until.0)).collect()),
        text(|a| a.remark.as_str().into()),
        Column::Int(authorised.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO authorised_sellers (brand_id, seller_id, valid_from, valid_until, remark, updated_at)",
        columns,
        "ON CONFLICT (brand_id, seller_id) DO UPDATE SET valid_from = excluded.valid_from, valid_until = excluded.valid_until,
         remark = excluded.remark, updated_at = excluded.updated_at
         WHERE (authorised_sellers.valid_from, coalesce(authorised_sellers.valid_until, -1), authorised_sellers.remark)
            <> (excluded.valid_from, coalesce(excluded.valid_until, -1), excluded.remark)",
    )
    .await
}

row! {
    struct AuthorisedRow { brand_id: String, seller_id: String, valid_from: i64, valid_until: Option<i64>, remark: String, }
}

/// What these brands said of these sellers, whether it holds now or not.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of(
    conn: &mut Conn,
    brands: impl IntoIterator<Item = &BrandId>,
    sellers: impl IntoIterator<Item = &SellerId>,
) -> Result<Vec<Authorised>> {
    all!(
        conn,
        AuthorisedRow,
        "SELECT brand_id, seller_id, valid_from, valid_until, remark FROM authorised_sellers
         WHERE brand_id = ANY($1) AND seller_id = ANY($2)",
        brands.into_iter().collect::<List>(),
        sellers.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |e: crate::domain::ids::BadId| Error::Corrupt {
            table: "authorised_sellers",
            id: row.seller_id.clone(),
            problem: e.to_string(),
        };
        Ok(Authorised {
            brand: row.brand_id.parse().map_err(corrupt)?,
            seller: row.seller_id.parse().map_err(corrupt)?,
            from: Time(row.valid_from),
            until: row.valid_until.map(Time),
            remark: row.remark,
        })
    })
    .collect()
}
