//! What is known of a brand's genuine goods: what the brand cleared, what reviewers kept as genuine, and what sellers offer
//! whom the brand authorised.

use super::db::{Conn, Error, Result, all, one, row};
use crate::domain::{
    brand::Brand,
    evidence::{Good, Word},
    ids::ListingId,
    time::Time,
};

/// Authorised sellers are counted up to here.
pub const AUTHORISED: i64 = 100;

/// A brand's genuine goods and sellers, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Genuine {
    /// Listings known to be genuine, each once, newest first.
    pub goods: Vec<Good>,
    /// Sellers whom the brand authorises now; counted up to [`AUTHORISED`].
    pub authorised: usize,
}

row! {
    struct GoodRow {
        listing_id: String,
        title: String,
        price_minor: i64,
        currency: String,
        nice_class: Option<i64>,
        seller_name: String,
        at: i64,
    }
}

impl GoodRow {
    fn good(self, word: Word) -> Result<Good> {
        let corrupt = |problem: String| Error::Corrupt { table: "listings", id: self.listing_id.clone(), problem };
        Ok(Good {
            listing: self.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            title: self.title,
            price_minor: self.price_minor,
            currency: self.currency,
            nice_class: self.nice_class.and_then(|class| u8::try_from(class).ok()),
            seller_name: self.seller_name,
            word,
            at: Time(self.at),
        })
    }
}

row! {
    struct CountRow { many: i64, }
}

/// What is known of this brand's goods without the listing `but`: the newest `limit` of each word.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_brand(conn: &mut Conn, brand: &Brand, but: &ListingId, limit: i64) -> Result<Genuine> {
    let cleared = all!(
        conn,
        GoodRow,
        "SELECT c.listing_id, s.title, s.price_minor, s.currency, l.nice_class, v.name AS seller_name, c.cleared_at AS at
         FROM (SELECT * FROM clearances WHERE brand_id = $1 AND listing_id <> $2 AND lifted_at IS NULL
               ORDER BY cleared_at DESC LIMIT $3) c
         JOIN listings l ON l.id = c.listing_id JOIN sellers v ON v.id = l.seller_id
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.version",
        brand.id.as_str(),
        but.as_str(),
        limit
    )?;
    let kept = all!(
        conn,
        GoodRow,
        "SELECT c.listing_id, s.title, s.price_minor, s.currency, l.nice_class, v.name AS seller_name, d.decided_at AS at
         FROM (SELECT case_id, decided_at FROM decisions
               WHERE brand_id = $1 AND outcome = 'kept' AND reason = 'genuine' AND undone_at IS NULL
               ORDER BY decided_at DESC LIMIT $3) d
         JOIN cases c ON c.id = d.case_id AND c.listing_id <> $2
         JOIN listings l ON l.id = c.listing_id JOIN sellers v ON v.id = c.seller_id
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version",
        brand.id.as_str(),
        but.as_str(),
        limit
    )?;
    let offered = all!(
        conn,
        GoodRow,
        "SELECT l.id AS listing_id, s.title, s.price_minor, s.currency, l.nice_class, v.name AS seller_name, l.updated_at AS at
         FROM authorised_sellers a JOIN listings l ON l.seller_id = a.seller_id
         JOIN sellers v ON v.id = l.seller_id JOIN snapshots s ON s.listing_id = l.id AND s.version = l.version
         WHERE a.brand_id = $1 AND l.id <> $2 AND l.state = 'live'
           AND a.valid_from <= db_now() AND (a.valid_until IS NULL OR a.valid_until > db_now()) LIMIT $3",
        brand.id.as_str(),
        but.as_str(),
        limit
    )?;
    // They sell other brands' goods too, and have no reason to hide whose they are.
    let name = brand.name.to_lowercase();
    let offered = offered.into_iter().filter(|row| row.title.to_lowercase().contains(&name));
    let mut goods = vec![];
    for (rows, word) in [(cleared, Word::Brand), (kept, Word::Reviewer), (offered.collect(), Word::Authorised)] {
        for row in rows {
            goods.push(row.good(word)?);
        }
    }
    // The better word counts; the sort keeps their order.
    goods.sort_by(|a, b| a.listing.cmp(&b.listing));
    goods.dedup_by(|a, b| a.listing == b.listing);
    goods.sort_by_key(|good| std::cmp::Reverse(good.at));
    let many = one!(
        conn,
        CountRow,
        "SELECT count(*) AS many FROM (SELECT 1 AS one FROM authorised_sellers
         WHERE brand_id = $1 AND valid_from <= db_now() AND (valid_until IS NULL OR valid_until > db_now()) LIMIT $2) a",
        brand.id.as_str(),
        AUTHORISED
    )?;
    Ok(Genuine { goods, authorised: usize::try_from(many.many).unwrap_or(0) })
}
