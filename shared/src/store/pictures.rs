//! Pictures that somebody asked to see: by the digest of their address, since those who ask are many and it is made once.

use super::db::{Conn, Error, Result, Tx, all, opt, row, run};
use crate::domain::{
    ids::OperatorId,
    picture::{Picture, digest},
    time::Time,
};

/// How a picture stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A worker has to make it.
    Asked,
    /// Here it is.
    Made(Picture),
    /// It could not be made: why. May hold a stranger's words.
    Failed(String),
}

/// Asks for a picture, unless it is asked for or was made, or failed, after `fresh`. Whether it was asked for now.
///
/// # Errors
/// What the database says.
pub async fn ask(tx: &mut Tx, url: &str, by: &OperatorId, fresh: Time, now: Time) -> Result<bool> {
    let asked = run!(
        tx,
        "INSERT INTO pictures (digest, url, asked_by, asked_at, state) VALUES ($1, $2, $3, $4, 'asked')
         ON CONFLICT (digest) DO UPDATE SET asked_by = excluded.asked_by, asked_at = excluded.asked_at, state = 'asked',
             made_at = NULL, why = '', pixels = '' WHERE pictures.made_at < $5",
        digest(url),
        url,
        by.as_str(),
        now.0,
        fresh.0
    )?;
    Ok(asked == 1)
}

row! {
    struct UrlRow { url: String, }
}

/// Addresses of pictures that are to be made, the longest asked for first.
///
/// # Errors
/// What the database says.
pub async fn asked(conn: &mut Conn, limit: i64) -> Result<Vec<String>> {
    let sql = "SELECT url FROM pictures WHERE state = 'asked' ORDER BY asked_at, digest LIMIT $1";
    Ok(all!(conn, UrlRow, sql, limit)?.into_iter().map(|row| row.url).collect())
}

/// Writes what became of a picture that was asked for.
///
/// # Errors
/// What the database says.
pub async fn settle(tx: &mut Tx, url: &str, made: &std::result::Result<Picture, String>, now: Time) -> Result<()> {
    let (state, why) = match made {
        Ok(_) => ("made", ""),
        Err(why) => ("failed", why.as_str()),
    };
    let picture = made.as_ref().ok();
    let (width, height) = picture.map_or((0, 0), Picture::size);
    run!(
        tx,
        "UPDATE pictures SET state = $2, width = $3, height = $4, pixels = $5, why = $6, made_at = $7
         WHERE digest = $1 AND state = 'asked'",
        digest(url),
        state,
        i64::from(width),
        i64::from(height),
        picture.map(Picture::to_hex).unwrap_or_default(),
        why,
        now.0
    )?;
    Ok(())
}

/// Forgets pictures that were made before a moment.
///
/// # Errors
/// What the database says.
pub async fn forget(tx: &mut Tx, before: Time) -> Result<()> {
    run!(tx, "DELETE FROM pictures WHERE made_at < $1", before.0)?;
    Ok(())
}

row! {
    struct PictureRow { state: String, width: i64, height: i64, pixels: String, why: String, }
}

/// How a picture stands; `None` if nobody asked for it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, url: &str) -> Result<Option<Standing>> {
    let id = digest(url);
    let sql = "SELECT state, width, height, pixels, why FROM pictures WHERE digest = $1";
    let Some(row) = opt!(conn, PictureRow, sql, id.as_str())? else { return Ok(None) };
    let side = |pixels: i64| u16::try_from(pixels).unwrap_or(0);
    Ok(Some(match row.state.as_str() {
        "asked" => Standing::Asked,
        "failed" => Standing::Failed(row.why),
        _ => match Picture::from_hex(side(row.width), side(row.height), &row.pixels) {
            Some(picture) => Standing::Made(picture),
            None => return Err(Error::Corrupt { table: "pictures", id, problem: "its pixels can't be read".into() }),
        },
    }))
}
