//! Dead effects, found by what they have in common: they mostly die together, of one cause.

use super::{Entry, EntryRow, LAST_ID, Result, all, entries, one, row};
use crate::{
    domain::{
        ids::{BrandId, EffectId},
        time::Time,
    },
    store::db::Conn,
};

/// Which dead effects; what is left out doesn't matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Of this kind.
    pub kind: Option<String>,
    /// To this brand, or about one of its cases.
    pub brand: Option<BrandId>,
    /// That died since then.
    pub since: Option<Time>,
    /// Whose last error holds these words, in whatever case.
    pub error: Option<String>,
}

impl Which {
    /// Whether it leaves none out.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

row! {
    struct Count { n: i64, }
}

/// Where they are: $1 the kind, $2 the brand, $3 since when, $4 words of the error; empty or 0 where it doesn't matter.
macro_rules! chosen {
    ($rest:literal) => {
        concat!(
            "effects WHERE state = 'dead' AND ($1 = '' OR kind = $1)
               AND ($2 = '' OR replace(payload, '\"brand\":\"' || $2 || '\"', '') <> payload
                    OR case_id IN (SELECT id FROM cases WHERE brand_id = $2))
               AND ended_at >= $3 AND ($4 = '' OR replace(lower(last_error), lower($4), '') <> lower(last_error)) ",
            $rest
        )
    };
}

/// Those dead effects, newest first, below the id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn find(conn: &mut Conn, which: &Which, before: Option<EffectId>, limit: i64) -> Result<Vec<Entry>> {
    let rows = all!(
        conn,
        EntryRow,
        entries!(chosen!("AND id < $5 ORDER BY id DESC LIMIT $6")),
        which.kind.as_deref().unwrap_or_default(),
        which.brand.as_ref().map(ToString::to_string).unwrap_or_default(),
        which.since.map_or(0, |since| since.0),
        which.error.as_deref().unwrap_or_default(),
        before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string()),
        limit
    )?;
    rows.into_iter().map(EntryRow::entry).collect()
}

/// Where [`count`] stops.
pub const MOST: i64 = 100_000;

/// How many they are; counting stops at [`MOST`].
///
/// # Errors
/// What the database says.
pub async fn count(conn: &mut Conn, which: &Which) -> Result<i64> {
    let count = one!(
        conn,
        Count,
        concat!("SELECT count(*) AS n FROM (SELECT 1 FROM ", chosen!("LIMIT $5) a")),
        which.kind.as_deref().unwrap_or_default(),
        which.brand.as_ref().map(ToString::to_string).unwrap_or_default(),
        which.since.map_or(0, |since| since.0),
        which.error.as_deref().unwrap_or_default(),
        MOST
    )?;
    Ok(count.n)
}
