//! Listings, and their content by version.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::db::{self, Column, Conn, Error, List, Result, Tx, all, row};
use crate::domain::{
    ids::{ListingId, SellerId},
    listing::{Listing, Snapshot},
    notice::KnownListing,
    time::Time,
};

row! {
    struct KnownRow {
        id: String,
        seller_id: String,
        version: i64,
        live: i64,
        territory: String,
        nice_class: Option<i64>,
        url: String,
        sold: i64,
    }
}

/// What a notice has to know of the listings it names, by id and by URL. A name that is both is taken as the id. What is
/// off only with its seller's whole store comes back by itself, so it can be reported.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn named(
    conn: &mut Conn,
    names: impl IntoIterator<Item = impl ToString>,
) -> Result<Vec<(String, KnownListing)>> {
    let names: List = names.into_iter().collect();
    let urls: List = names.0.iter().filter(|name| name.contains("://")).collect();
    let mut rows = all!(
        conn,
        KnownRow,
        "SELECT id, seller_id, version, territory, nice_class, url, sold,
                CAST(CASE WHEN state IN ('live', 'paused') OR state = 'removed' AND EXISTS
                    (SELECT 1 FROM sellers WHERE sellers.id = listings.seller_id AND sellers.listings_off = 1)
                    THEN 1 ELSE 0 END AS BIGINT) AS live
         FROM listings WHERE id = ANY($1)",
        names
    )?;
    if !urls.0.is_empty() {
        rows.extend(all!(
            conn,
            KnownRow,
            "SELECT id, seller_id, version, territory, nice_class, url, sold,
                    CAST(CASE WHEN state IN ('live', 'paused') OR state = 'removed' AND EXISTS
                        (SELECT 1 FROM sellers WHERE sellers.id = listings.seller_id AND sellers.listings_off = 1)
                        THEN 1 ELSE 0 END AS BIGINT) AS live
             FROM listings WHERE url = ANY($1)",
            urls
        )?);
    }
    let mut known = Vec::with_capacity(rows.len() * 2);
    for row in rows {
        let corrupt = |problem: String| Error::Corrupt { table: "listings", id: row.id.clone(), problem };
        let listing = KnownListing {
            id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            seller: row.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            version: row.version,
            nice_class: row.nice_class.map(u8::try_from).transpose().map_err(|e| corrupt(e.to_string()))?,
            live: row.live == 1,
            territory: row.territory,
            sold: row.sold,
        };
        known.push((row.url, listing.clone()));
        known.push((row.id, listing));
    }
    Ok(known)
}

row! {
    struct VersionRow { id: String, version: i64, digest: String, }
}

/// How many listings were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved {
    /// New or different.
    pub changed: u64,
    /// Those of them that were not known before.
    pub new: u64,
}

/// Writes listings as the marketplace has them now. Content that differs from the newest snapshot becomes the next
/// version; a listing that we removed stays removed.
///
/// # Errors
/// What the database says; a listing of an unknown seller breaks a foreign key. No id may come twice.
pub async fn save_many(tx: &mut Tx, listings: &[Listing], now: Time) -> Result<Saved> {
    let known: std::collections::HashMap<String, (i64, String)> = all!(
        tx,
        VersionRow,
        "SELECT l.id, l.version, s.digest FROM listings l JOIN snapshots s ON s.listing_id = l.id AND s.version = l.version
         WHERE l.id = ANY($1)",
        listings.iter().map(|l| &l.id).collect::<List>()
    )?
    .into_iter()
    .map(|row| (row.id, (row.version, row.digest)))
    .collect();
    let digests: Vec<String> = listings.iter().map(|listing| digest(&listing.content)).collect();
    let version = |n: usize| match known.get(listings[n].id.as_str()) {
        Some((version, digest)) if *digest == digests[n] => *version,
        Some((version, _)) => version + 1,
        None => 1,
    };
    let text = |of: fn(&Listing) -> Cow<'_, str>| Column::Text(listings.iter().map(of).collect());
    let changed = db::insert(
        tx,
        "INSERT INTO listings (id, seller_id, state, territory, nice_class, url, sold, version, updated_at)",
        [
            text(|l| l.id.as_str().into()),
            text(|l| l.seller.as_str().into()),
            text(|l| l.state.as_str().into()),
            text(|l| l.territory.as_str().into()),
            Column::MaybeInt(listings.iter().map(|l| l.content.nice_class.map(i64::from)).collect()),
            text(|l| l.content.url.as_str().into()),
            Column::Int(listings.iter().map(|l| l.sold).collect()),
            Column::Int((0..listings.len()).map(version).collect()),
            Column::Int(listings.iter().map(|_| now.0).collect()),
        ],
        "ON CONFLICT (id) DO UPDATE SET seller_id = excluded.seller_id, territory = excluded.territory,
         nice_class = excluded.nice_class, url = excluded.url, sold = excluded.sold, version = excluded.version,
         state = CASE WHEN listings.state = 'removed' THEN 'removed'
             WHEN listings.state = 'paused' AND excluded.state = 'live' THEN 'paused' ELSE excluded.state END, updated_at = excluded.updated_at
         WHERE (listings.seller_id, listings.territory, coalesce(listings.nice_class, 0), listings.url, listings.sold, listings.version)
            <> (excluded.seller_id, excluded.territory, coalesce(excluded.nice_class, 0), excluded.url, excluded.sold, excluded.version)
            OR (listings.state <> 'removed' AND listings.state <> excluded.state
                AND NOT (listings.state = 'paused' AND excluded.state = 'live'))",
    )
    .await?;
    let fresh: Vec<usize> = (0..listings.len())
        .filter(|n| known.get(listings[*n].id.as_str()).is_none_or(|(_, digest)| *digest != digests[*n]))
        .collect();
    let of = |of: fn(&Listing) -> Cow<'_, str>| Column::Text(fresh.iter().map(|n| of(&listings[*n])).collect());
    db::insert(
        tx,
        "INSERT INTO snapshots (listing_id, version, digest, title, description, price_minor, currency, category, images, taken_at)",
        [
            of(|l| l.id.as_str().into()),
            Column::Int(fresh.iter().map(|n| version(*n)).collect()),
            Column::texts(fresh.iter().map(|n| digests[*n].as_str())),
            of(|l| l.content.title.as_str().into()),
            of(|l| l.content.description.as_str().into()),
            Column::Int(fresh.iter().map(|n| listings[*n].content.price_minor).collect()),
            of(|l| l.content.currency.as_str().into()),
            of(|l| l.content.category.as_str().into()),
            of(|l| l.content.images.join("\n").into()),
            Column::Int(fresh.iter().map(|_| now.0).collect()),
        ],
        "ON CONFLICT (listing_id, version) DO NOTHING",
    )
    .await?;
    Ok(Saved { changed, new: (listings.len() - known.len()) as u64 })
}

fn digest(content: &Snapshot) -> String {
    let mut hash = Sha256::new();
    for part in [&content.title, &content.description, &content.currency, &content.category] {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.update(content.price_minor.to_le_bytes());
    for image in &content.images {
        hash.update(image.len().to_le_bytes());
        hash.update(image.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

row! {
    struct ListingRow {
        id: String,
        seller_id: String,
        state: String,
        territory: String,
        nice_class: Option<i64>,
        url: String,
        sold: i64,
        version: i64,
        title: String,
        description: String,
        price_minor: i64,
        currency: String,
        category: String,
        images: String,
    }
}

/// A listing with its content in the given version.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn at_version(conn: &mut Conn, id: &ListingId, version: i64) -> Result<Option<Listing>> {
    let row = super::db::opt!(
        conn,
        ListingRow,
        "SELECT l.id, l.seller_id, l.state, l.territory, l.nice_class, l.url, l.sold, s.version, s.title, s.description,
                s.price_minor, s.currency, s.category, s.images
         FROM listings l JOIN snapshots s ON s.listing_id = l.id WHERE l.id = $1 AND s.version = $2",
        id.as_str(),
        version
    )?;
    row.map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "listings", id: row.id.clone(), problem };
        Ok(Listing {
            id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            seller: row.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            state: row.state.parse().map_err(corrupt)?,
            territory: row.territory.clone(),
            sold: row.sold,
            version: row.version,
            content: Snapshot {
                title: row.title.clone(),
                description: row.description.clone(),
                price_minor: row.price_minor,
                currency: row.currency.clone(),
                category: row.category.clone(),
                nice_class: row.nice_class.map(u8::try_from).transpose().map_err(|e| corrupt(e.to_string()))?,
                url: row.url.clone(),
                images: row.images.lines().map(str::to_owned).collect(),
            },
        })
    })
    .transpose()
}

/// The newest version of a listing's content.
///
/// # Errors
/// What the database says.
pub async fn newest_version(conn: &mut Conn, id: &ListingId) -> Result<Option<i64>> {
    row! { struct Newest { version: i64, } }
    let row = super::db::opt!(conn, Newest, "SELECT version FROM listings WHERE id = $1", id.as_str())?;
    Ok(row.map(|row| row.version))
}

row! {
    struct ChangedRow { id: String, }
}

/// Takes down those of the listings that some decision which stands keeps down, and gives those that changed. None goes
/// down without its statement of reasons, whoever wrote the decision.
///
/// # Errors
/// What the database says.
pub async fn remove(tx: &mut Tx, ids: impl IntoIterator<Item = &ListingId>, now: Time) -> Result<Vec<ListingId>> {
    // Counted for each by itself: as a join, the planner begins at whichever table its statistics have not seen grow.
    let rows = all!(
        tx,
        ChangedRow,
        "UPDATE listings SET state = 'removed', updated_at = $2 WHERE id = ANY($1) AND state <> 'removed'
           AND (SELECT count(*) FROM cases c JOIN statements s ON s.decision_id = c.decision_id AND s.measure = 'listing'
                WHERE c.listing_id = listings.id AND c.down = 1) > 0 RETURNING id",
        ids.into_iter().collect::<List>(),
        now.0
    )?;
    changed(rows)
}

/// Hides from sale those of the listings that an unanswered question hides, and gives those that changed. As with
/// [`remove`], none is hidden without its statement of reasons.
///
/// # Errors
/// What the database says.
pub async fn pause(tx: &mut Tx, ids: impl IntoIterator<Item = &ListingId>, now: Time) -> Result<Vec<ListingId>> {
    let rows = all!(
        tx,
        ChangedRow,
        "UPDATE listings SET state = 'paused', updated_at = $2 WHERE id = ANY($1) AND state = 'live'
           AND (SELECT count(*) FROM authenticity_requests r JOIN statements s ON s.case_id = r.case_id AND s.measure = 'pause'
                WHERE r.listing_id = listings.id AND r.pauses = 1) > 0 RETURNING id",
        ids.into_iter().collect::<List>(),
        now.0
    )?;
    changed(rows)
}

/// Offers again those of the listings that no unanswered question hides any more, and gives those that changed.
///
/// # Errors
/// What the database says.
pub async fn resume(tx: &mut Tx, ids: impl IntoIterator<Item = &ListingId>, now: Time) -> Result<Vec<ListingId>> {
    let rows = all!(
        tx,
        ChangedRow,
        "UPDATE listings SET state = 'live', updated_at = $2 WHERE id = ANY($1) AND state = 'paused'
           AND NOT EXISTS (SELECT 1 FROM authenticity_requests r WHERE r.listing_id = listings.id AND r.pauses = 1) RETURNING id",
        ids.into_iter().collect::<List>(),
        now.0
    )?;
    changed(rows)
}

/// Takes down those of the listings whose seller's whole store is off, and gives those that changed.
///
/// # Errors
/// What the database says.
pub async fn take_off(tx: &mut Tx, ids: impl IntoIterator<Item = &ListingId>, now: Time) -> Result<Vec<ListingId>> {
    let rows = all!(
        tx,
        ChangedRow,
        "UPDATE listings SET state = 'removed', updated_at = $2 WHERE id = ANY($1) AND state IN ('live', 'paused')
           AND EXISTS (SELECT 1 FROM sellers WHERE sellers.id = listings.seller_id AND sellers.listings_off = 1) RETURNING id",
        ids.into_iter().collect::<List>(),
        now.0
    )?;
    changed(rows)
}

/// A page of a seller's listings that have not ended, after the id `after`, by id.
///
/// # Errors
/// What the database says.
pub async fn of_seller(
    conn: &mut Conn,
    seller: &SellerId,
    after: Option<&ListingId>,
    limit: i64,
) -> Result<Vec<ListingId>> {
    let rows = all!(
        conn,
        ChangedRow,
        "SELECT id FROM listings WHERE seller_id = $1 AND id > $2 AND state <> 'ended' ORDER BY id LIMIT $3",
        seller.as_str(),
        after.map_or("", ListingId::as_str),
        limit
    )?;
    changed(rows)
}

/// Puts back those of the listings that neither a decision nor the seller's level keeps down, and gives those that changed.
///
/// # Errors
/// What the database says.
pub async fn restore(tx: &mut Tx, ids: impl IntoIterator<Item = &ListingId>, now: Time) -> Result<Vec<ListingId>> {
    let rows = all!(
        tx,
        ChangedRow,
        "UPDATE listings SET updated_at = $2, state = CASE WHEN EXISTS (
               SELECT 1 FROM authenticity_requests r WHERE r.listing_id = listings.id AND r.pauses = 1) THEN 'paused' ELSE 'live' END
         WHERE id = ANY($1) AND state = 'removed'
           AND NOT EXISTS (SELECT 1 FROM cases WHERE cases.listing_id = listings.id AND cases.down = 1)
           AND NOT EXISTS (SELECT 1 FROM sellers WHERE sellers.id = listings.seller_id AND sellers.listings_off = 1)
         RETURNING id",
        ids.into_iter().collect::<List>(),
        now.0
    )?;
    changed(rows)
}

fn changed(rows: Vec<ChangedRow>) -> Result<Vec<ListingId>> {
    rows.into_iter()
        .map(|row| {
            row.id.parse().map_err(|e| Error::Corrupt {
                table: "listings",
                id: row.id.clone(),
                problem: format!("{e}"),
            })
        })
        .collect()
}

/// Locks listings in the order of their ids until the transaction ends, so that two workers with the same listings
/// in their batches wait for one another instead of dying of a deadlock.
///
/// # Errors
/// What the database says.
pub async fn lock_many(tx: &mut Tx, ids: impl IntoIterator<Item = &ListingId>) -> Result<()> {
    all!(
        tx,
        ChangedRow,
        "SELECT id FROM listings WHERE id = ANY($1) ORDER BY id FOR UPDATE",
        ids.into_iter().collect::<List>()
    )?;
    Ok(())
}
