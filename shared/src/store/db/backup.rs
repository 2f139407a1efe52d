//! A copy of the database as it was at one moment, and whether a file is whole.

use std::path::Path;

use sqlx::{Row as _, sqlite::SqliteConnection};

use super::{Db, Driver, Error, Result};

impl Db {
    /// Writes an SQLite file's content at one moment into a new file, while others go on writing.
    ///
    /// # Errors
    /// [`Error::Foreign`] for a server; what the database says, also where the file is there already.
    pub async fn snapshot(&self, into: &Path) -> Result<()> {
        let Self::Sqlite { writer, .. } = self else {
            return Err(Error::Foreign("a server is copied by its own program, pg_dump".into()));
        };
        sqlx::query("VACUUM INTO $1").bind(into.to_string_lossy().into_owned()).execute(writer).await?;
        Ok(())
    }

    /// What is wrong with an SQLite file's pages, indexes and references, at most 20 findings; nothing for a server, which
    /// checks its own.
    ///
    /// # Errors
    /// When the file can't be read at all.
    pub async fn damage(&self) -> Result<Vec<String>> {
        let Self::Sqlite { .. } = self else { return Ok(vec![]) };
        let mut conn = self.read().await?;
        let Driver::Sqlite(on) = conn.driver() else { return Ok(vec![]) };
        let mut found = integrity(on).await?;
        for row in sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut *on).await?.iter().take(20) {
            let (table, parent): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            found.push(format!("a row of {table} refers to one of {parent} that isn't there"));
        }
        Ok(found)
    }
}

async fn integrity(on: &mut SqliteConnection) -> Result<Vec<String>> {
    let mut found = vec![];
    for row in sqlx::query("PRAGMA integrity_check(20)").fetch_all(on).await? {
        let said: String = row.try_get(0)?;
        if said != "ok" {
            found.push(said);
        }
    }
    Ok(found)
}
