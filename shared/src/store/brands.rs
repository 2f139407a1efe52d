//! Brands, and the rights they own.

use std::borrow::Cow;

use super::{
    db::{self, Column, Conn, Error, List, Result, Tx, all, row, run},
    trust,
};
use crate::domain::{
    brand::{Brand, Record},
    ids::{BrandId, RightId},
    right::Right,
    time::Time,
};

row! {
    struct BrandRow {
        id: String,
        name: String,
        tier: String,
        email: String,
        webhook_url: Option<String>,
        webhook_secret: Option<String>,
        accepted: i64,
        refused: i64,
    }
}

impl BrandRow {
    fn brand(self) -> Result<Brand> {
        let corrupt = |problem: String| Error::Corrupt { table: "brands", id: self.id.clone(), problem };
        Ok(Brand {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            tier: self.tier.parse().map_err(corrupt)?,
            record: Record { accepted: self.accepted, refused: self.refused },
            name: self.name,
            email: self.email,
            webhook_url: self.webhook_url,
            webhook_secret: self.webhook_secret,
        })
    }
}

/// The brands with these ids, in no order. A webhook that said that it is gone is none.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get_many(conn: &mut Conn, ids: impl IntoIterator<Item = &BrandId>) -> Result<Vec<Brand>> {
    all!(
        conn,
        BrandRow,
        "SELECT id, name, tier, email, nullif(webhook_url, webhook_gone) AS webhook_url, webhook_secret, accepted, refused FROM brands WHERE id = ANY($1)",
        ids.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(BrandRow::brand)
    .collect()
}

row! {
    struct NameRow { id: String, name: String, }
}

/// Brands whose names are read at once, for whoever types one.
pub const NAMES_MOST: usize = 1000;

/// Names of brands, by name, and after them those ids that are no name, of at most [`NAMES_MOST`] brands: for whoever types
/// one.
///
/// # Errors
/// What the database says.
pub async fn names(conn: &mut Conn) -> Result<Vec<String>> {
    let rows = all!(conn, NameRow, "SELECT id, name FROM brands ORDER BY name, id LIMIT 1000")?;
    let other = rows.iter().filter(|row| row.id != row.name.to_lowercase()).map(|row| row.id.clone());
    let other: Vec<String> = other.collect();
    Ok(rows.into_iter().map(|row| row.name).chain(other).collect())
}

/// Ids of brands, at most [`NAMES_MOST`].
///
/// # Errors
/// What the database says.
pub async fn ids(conn: &mut Conn) -> Result<Vec<String>> {
    let rows = all!(conn, NameRow, "SELECT id, name FROM brands ORDER BY id LIMIT 1000")?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The brands with this id or name; if there is none, those with it as a part of their name. At most 100,000.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn called(conn: &mut Conn, name: &str) -> Result<Vec<BrandId>> {
    let folded = name.to_lowercase();
    let exact = "SELECT id, name FROM brands WHERE id = $1 OR lower(name) = $2 ORDER BY id LIMIT 100000";
    let mut rows = all!(conn, NameRow, exact, name, folded.as_str())?;
    if rows.is_empty() {
        let part = "SELECT id, name FROM brands WHERE lower(name) LIKE $1 ESCAPE '\\' ORDER BY id LIMIT 100000";
        rows = all!(conn, NameRow, part, db::like::anywhere(name))?;
        rows.retain(|row| row.name.to_lowercase().contains(&folded));
        if rows.iter().any(|row| row.name.to_lowercase() == folded) {
            rows.retain(|row| row.name.to_lowercase() == folded);
        }
    }
    let id = |row: NameRow| {
        row.id.parse().map_err(|e| Error::Corrupt { table: "brands", id: row.id.clone(), problem: format!("{e}") })
    };
    rows.into_iter().map(id).collect()
}

/// The brand with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: &BrandId) -> Result<Option<Brand>> {
    Ok(get_many(conn, [id]).await?.pop())
}

/// Whether the brand has a webhook, one that is not gone.
///
/// # Errors
/// As [`get`].
pub async fn has_hook(conn: &mut Conn, id: &BrandId) -> Result<bool> {
    Ok(get(conn, id).await?.is_some_and(|brand| brand.webhook_url.is_some()))
}

/// Writes brands, new or changed; what became of their claims is kept, and so is the tier of those that are known: it is
/// earned (see [`super::trust`]). Gives how many were new or different.
///
/// # Errors
/// What the database says.
pub async fn save_many(tx: &mut Tx, brands: &[Brand], now: Time) -> Result<u64> {
    let text = |of: fn(&Brand) -> Cow<'_, str>| Column::Text(brands.iter().map(of).collect());
    let columns = [
        text(|b| b.id.as_str().into()),
        text(|b| b.name.as_str().into()),
        text(|b| b.tier.as_str().into()),
        text(|b| b.email.as_str().into()),
        Column::maybe_texts(brands.iter().map(|b| b.webhook_url.as_deref())),
        Column::maybe_texts(brands.iter().map(|b| b.webhook_secret.as_deref())),
        Column::Int(brands.iter().map(|b| b.record.accepted).collect()),
        Column::Int(brands.iter().map(|b| b.record.refused).collect()),
        Column::Int(brands.iter().map(|_| now.0).collect()),
    ];
    let changed = db::insert(
        tx,
        "INSERT INTO brands (id, name, tier, email, webhook_url, webhook_secret, accepted, refused, updated_at)",
        columns,
        "ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email,
         webhook_url = excluded.webhook_url, webhook_secret = excluded.webhook_secret, updated_at = excluded.updated_at
         WHERE (brands.name, brands.email, coalesce(brands.webhook_url, ''), coalesce(brands.webhook_secret, ''))
            <> (excluded.name, excluded.email, coalesce(excluded.webhook_url, ''), coalesce(excluded.webhook_secret, ''))",
    )
    .await?;
    trust::told(tx, brands, now).await?;
    Ok(changed)
}

/// Notes that the brand's webhook at `url` is gone. `false` if that is known, or the brand has another one by now.
///
/// # Errors
/// What the database says.
pub async fn hook_gone(tx: &mut Tx, id: &BrandId, url: &str) -> Result<bool> {
    let sql =
        "UPDATE brands SET webhook_gone = $2 WHERE id = $1 AND webhook_url = $2 AND coalesce(webhook_gone, '') <> $2";
    Ok(run!(tx, sql, id.as_str(), url)? == 1)
}

/// Calls the brand's webhook again. `false` if it is called anyway.
///
/// # Errors
/// What the database says.
pub async fn hook_resumed(tx: &mut Tx, id: &BrandId) -> Result<bool> {
    Ok(run!(tx, "UPDATE brands SET webhook_gone = NULL WHERE id = $1 AND webhook_gone = webhook_url", id.as_str())?
        == 1)
}

/// Adds to what became of a brand's claims; negative numbers take back. Its record has to be judged again.
///
/// # Errors
/// What the database says.
pub async fn count_decided(tx: &mut Tx, id: &BrandId, accepted: i64, refused: i64) -> Result<()> {
    run!(
        tx,
        "UPDATE brands SET accepted = accepted + $2, refused = refused + $3 WHERE id = $1",
        id.as_str(),
        accepted,
        refused
    )?;
    trust::mark(tx, id).await
}

row! {
    struct RightRow {
        id: String,
        brand_id: String,
        kind: String,
        number: String,
        title: String,
        jurisdiction: String,
        classes: String,
        valid_from: i64,
        valid_until: Option<i64>,
    }
}

impl RightRow {
    fn right(self) -> Result<Right> {
        let corrupt = |problem: String| Error::Corrupt { table: "rights", id: self.id.clone(), problem };
        let classes = self
            .classes
            .split(',')
            .filter(|class| !class.is_empty())
            .map(str::parse)
            .collect::<std::result::Result<_, _>>();
        Ok(Right {
            id: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand: self.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            kind: self.kind.parse().map_err(corrupt)?,
            classes: classes.map_err(|e| corrupt(format!("classes: {e}")))?,
            valid_from: Time(self.valid_from),
            valid_until: self.valid_until.map(Time),
            number: self.number,
            title: self.title,
            jurisdiction: self.jurisdiction,
        })
    }
}

/// The rights with these registration numbers, whoever owns them, in no order.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn rights_numbered(conn: &mut Conn, numbers: impl IntoIterator<Item = impl ToString>) -> Result<Vec<Right>> {
    all!(
        conn,
        RightRow,
        "SELECT id, brand_id, kind, number, title, jurisdiction, classes, valid_from, valid_until FROM rights WHERE number = ANY($1)",
        numbers.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(RightRow::right)
    .collect()
}

/// The rights with these ids, in no order.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn rights(conn: &mut Conn, ids: impl IntoIterator<Item = &RightId>) -> Result<Vec<Right>> {
    all!(
        conn,
        RightRow,
        "SELECT id, brand_id, kind, number, title, jurisdiction, classes, valid_from, valid_until FROM rights WHERE id = ANY($1)",
        ids.into_iter().collect::<List>()
    )?
    .into_iter()
    .map(RightRow::right)
    .collect()
}

/// Writes rights, new or changed. Gives how many were new or different.
///
/// # Errors
/// What the database says; a right of an unknown brand breaks a foreign key.
pub async fn save_rights(tx: &mut Tx, rights: &[Right], now: Time) -> Result<u64> {
    let text = |of: fn(&Right) -> Cow<'_, str>| Column::Text(rights.iter().map(of).collect());
    let columns = [
        text(|r| r.id.as_str().into()),
        text(|r| r.brand.as_str().into()),
        text(|r| r.kind.as_str().into()),
        text(|r| r.number.as_str().into()),
        text(|r| r.title.as_str().into()),
        text(|r| r.jurisdiction.as_str().into()),
        text(|r| r.classes.iter().map(u8::to_string).collect::<Vec<_>>().join(",").into()),
        Column::Int(rights.iter().map(|r| r.valid_from.0).collect()),
        Column::MaybeInt(rights.iter().map(|r| r.valid_until.map(|end| end.0)).collect()),
        Column::Int(rights.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO rights (id, brand_id, kind, number, title, jurisdiction, classes, valid_from, valid_until, updated_at)",
        columns,
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, number = excluded.number, title = excluded.title,
         jurisdiction = excluded.jurisdiction, classes = excluded.classes, valid_from = excluded.valid_from,
         valid_until = excluded.valid_until, updated_at = excluded.updated_at
         WHERE rights.brand_id = excluded.brand_id
           AND (rights.kind, rights.number, rights.title, rights.jurisdiction, rights.classes, rights.valid_from, coalesce(rights.valid_until, -1))
            <> (excluded.kind, excluded.number, excluded.title, excluded.jurisdiction, excluded.classes, excluded.valid_from, coalesce(excluded.valid_until, -1))",
    )
    .await
}
