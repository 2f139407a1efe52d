//! Cases that are found by what people have in hand: an id from a letter, a listing, a seller, a colleague.

use std::cmp::Reverse;

use super::{
    db::{Conn, Error, List, Result, all, row},
    reviews::{self, Review},
    samples,
};
use crate::domain::{
    ids::{CaseId, OperatorId},
    time::Time,
};

/// A case that was found, decided or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: CaseId,
    /// Where it stands (see [`crate::domain::case::State::as_str`]).
    pub state: String,
    /// Whose claims: text of a partner.
    pub brand_name: String,
    /// The listing's title: text of a stranger.
    pub title: String,
    /// The shop's name: text of a stranger.
    pub seller_name: String,
    /// When it came into the queue.
    pub opened: Time,
    /// The decision in force: who made it, and when.
    pub decided: Option<(OperatorId, Time)>,
}

row! {
    struct IdRow { id: String, }
}

row! {
    struct FoundRow {
        id: String,
        state: String,
        brand_name: String,
        title: String,
        seller_name: String,
        opened_at: i64,
        decided_by: Option<String>,
        decided_at: Option<i64>,
    }
}

/// The cases that this text names as `viewer` may see them: in the place of a case that they are asked about blind (see
/// [`reviews`]) stands that second look, as they themselves left it.
///
/// # Errors
/// As [`cases`].
pub async fn cases_for(conn: &mut Conn, viewer: &OperatorId, text: &str, limit: i64) -> Result<Vec<Found>> {
    let mut found = cases(conn, text, limit).await?;
    for review in reviews::blinding(conn, viewer).await? {
        let real = samples::get(conn, review.sample).await?.map(|sample| sample.case);
        let before = found.len();
        found.retain(|case| Some(case.id) != real);
        let is_own = text == viewer.as_str() && review.given.is_some();
        if found.len() < before || is_own || review.id.to_string() == text.to_uppercase() {
            found.push(face(&review));
        }
    }
    // Nor does the place tell.
    found.sort_by_key(|case| (Reverse(case.decided.as_ref().map_or(case.opened, |(_, at)| *at)), case.id));
    Ok(found)
}

fn face(review: &Review) -> Found {
    let row = review.row();
    Found {
        id: review.id,
        state: review.as_case().as_str().to_owned(),
        brand_name: row.brand_name,
        title: row.title,
        seller_name: row.seller_name,
        opened: row.opened,
        decided: review.given.as_ref().map(|given| (review.reviewer.clone(), given.at)),
    }
}

/// The cases that this text names: a case id, a listing's id, a seller's id, or the account of whoever decided them; at
/// most `limit`, those decided last first, then the newest.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn cases(conn: &mut Conn, text: &str, limit: i64) -> Result<Vec<Found>> {
    // One read for each way to name a case: each has its index, all of them together in one statement have none.
    let mut ids = vec![];
    ids.extend(all!(conn, IdRow, "SELECT id FROM cases WHERE id = $1", text.to_uppercase())?);
    ids.extend(all!(conn, IdRow, "SELECT id FROM cases WHERE listing_id = $1 LIMIT $2", text, limit)?);
    ids.extend(all!(
        conn,
        IdRow,
        "SELECT id FROM cases WHERE seller_id = $1 ORDER BY rank DESC, id DESC LIMIT $2",
        text,
        limit
    )?);
    ids.extend(all!(
        conn,
        IdRow,
        "SELECT case_id AS id FROM decisions WHERE decided_by = $1 ORDER BY decisions.id DESC LIMIT $2",
        text,
        limit
    )?);
    let ids: Vec<String> = ids.into_iter().map(|row| row.id).collect();
    these(conn, &ids, limit).await
}

/// The cases with these ids, in the order of [`cases`].
///
/// # Errors
/// As [`cases`].
pub async fn these(conn: &mut Conn, ids: &[String], limit: i64) -> Result<Vec<Found>> {
    all!(
        conn,
        FoundRow,
        "SELECT c.id, c.state, b.name AS brand_name, s.title, v.name AS seller_name, c.opened_at, d.decided_by, d.decided_at
         FROM cases c JOIN brands b ON b.id = c.brand_id JOIN sellers v ON v.id = c.seller_id
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version
         LEFT JOIN decisions d ON d.id = c.decision_id
         WHERE c.id = ANY($1) ORDER BY coalesce(d.decided_at, c.opened_at) DESC, c.id LIMIT $2",
        ids.iter().collect::<List>(),
        limit
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "cases", id: row.id.clone(), problem };
        let by = row.decided_by.as_deref().map(str::parse).transpose();
        let by = by.map_err(|e: crate::domain::ids::BadId| corrupt(e.to_string()))?;
        Ok(Found {
            id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            decided: by.zip(row.decided_at.map(Time)),
            state: row.state,
            brand_name: row.brand_name,
            title: row.title,
            seller_name: row.seller_name,
            opened: Time(row.opened_at),
        })
    })
    .collect()
}
