//! What the database says of itself, for `doctor` and for who asks whether a worker is ready.

use sqlx::{PgPool, Row as _};

use super::{Conn, Db, Driver, Result};
use crate::domain::time::Time;

/// A database's own account of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// `PostgreSQL` or `SQLite`.
    pub kind: &'static str,
    /// Its version in its own words: `15.14`.
    pub version: String,
    /// The version as one number: 150014, or 3046000.
    pub number: i64,
    /// As whom we are connected; empty on SQLite.
    pub user: String,
    /// Whether that is a superuser, who passes every guard.
    pub superuser: bool,
    /// Whether it only reads what another server sends it.
    pub in_recovery: bool,
    /// The protocol that our connection is encrypted with, if it is.
    pub tls: Option<String>,
    /// Its clock.
    pub now: Time,
    /// Settings by which what was committed can be lost in a crash, as `fsync = off`.
    pub careless: Vec<String>,
    /// Connections in use and at most, of everybody; zeros on SQLite.
    pub connections: (i64, i64),
}

/// How often two connections are asked which session they have.
const ASKED: usize = 8;

/// Whether sessions are lent, from what two connections said, in turn, which they have: a server's connection keeps its own.
fn are_lent(sessions: &[[i32; 2]]) -> bool {
    let Some([one, other]) = sessions.first() else { return false };
    one == other || sessions.iter().any(|[first, second]| first != one || second != other)
}

/// Whether a pooler stands before the server that lends a session for one transaction only.
pub(super) async fn lends_sessions(pool: &PgPool) -> Result<bool> {
    let (mut one, mut other) = (pool.acquire().await?, pool.acquire().await?);
    let mut sessions = [[0; 2]; ASKED];
    for [first, second] in &mut sessions {
        *first = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *one).await?;
        *second = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *other).await?;
    }
    Ok(are_lent(&sessions))
}

impl Db {
    /// Whether a pooler stands before it that lends a session for one transaction only, as PgBouncer does with `pool_mode =
    /// transaction`. What a session keeps (locks, settings, who listens) is lost there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn lends_sessions(&self) -> Result<bool> {
        match self {
            Self::Sqlite { .. } => Ok(false),
            Self::Postgres(pool, _) => lends_sessions(pool).await,
        }
    }

    /// Whether it can be written to now. A standby can't, until it is promoted.
    ///
    /// # Errors
    /// What the database says.
    pub async fn takes_writes(&self) -> Result<bool> {
        match self.read().await?.driver() {
            Driver::Sqlite(_) => Ok(true),
            Driver::Postgres(on) => {
                Ok(sqlx::query_scalar("SELECT current_setting('transaction_read_only') = 'off'").fetch_one(on).await?)
            }
        }
    }

    /// Asks the database about itself.
    ///
    /// # Errors
    /// When it is away.
    pub async fn server(&self) -> Result<Server> {
        let mut conn = match self {
            // The one whose settings count.
            Self::Sqlite { writer, .. } => Conn::Sqlite(writer.acquire().await?),
            Self::Postgres(pool, _) => Conn::Postgres(pool.acquire().await?),
        };
        match conn.driver() {
            Driver::Sqlite(on) => {
                let sql = "SELECT sqlite_version() AS version, CAST(unixepoch('subsec') * 1000000 AS INTEGER) AS now";
                let row = sqlx::query(sql).fetch_one(&mut *on).await?;
                let version: String = row.try_get("version")?;
                let synchronous: i64 = sqlx::query("PRAGMA synchronous").fetch_one(&mut *on).await?.try_get(0)?;
                let journal: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut *on).await?.try_get(0)?;
                let mut careless = vec![];
                if synchronous < 2 {
                    careless.push(format!("synchronous = {synchronous}"));
                }
                if journal != "wal" {
                    careless.push(format!("journal_mode = {journal}"));
                }
                let parts = version.split('.').filter_map(|part| part.parse::<i64>().ok());
                let number = parts.chain(std::iter::repeat(0)).take(3).fold(0, |number, part| number * 1000 + part);
                Ok(Server {
                    kind: "SQLite",
                    number,
                    version,
                    user: String::new(),
                    superuser: false,
                    in_recovery: false,
                    tls: None,
                    now: Time(row.try_get("now")?),
                    careless,
                    connections: (0, 0),
                })
            }
            Driver::Postgres(on) => {
                let sql = "SELECT current_setting('server_version') AS version,
                        current_setting('server_version_num')::bigint AS number,
                        current_user::text AS who,
                        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
                        pg_is_in_recovery() AS in_recovery,
                        (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS tls,
                        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now,
                        current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commits,
                        current_setting('full_page_writes') AS pages,
                        (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
                        current_setting('max_connections')::bigint AS most";
                let row = sqlx::query(sql).fetch_one(on).await?;
                let mut careless = vec![];
                for (setting, column) in
                    [("fsync", "fsync"), ("synchronous_commit", "commits"), ("full_page_writes", "pages")]
                {
                    let value: String = row.try_get(column)?;
                    if value == "off" {
                        careless.push(format!("{setting} = off"));
                    }
                }
                Ok(Server {
                    kind: "PostgreSQL",
                    version: row.try_get("version")?,
                    number: row.try_get("number")?,
                    user: row.try_get("who")?,
                    superuser: row.try_get("superuser")?,
                    in_recovery: row.try_get("in_recovery")?,
                    tls: row.try_get("tls")?,
                    now: Time(row.try_get("now")?),
                    careless,
                    connections: (row.try_get("used")?, row.try_get("most")?),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::are_lent;

    #[test]
    fn sessions_are_lent_where_two_connections_share_one_or_one_has_two() {
        assert!(!are_lent(&[[7, 8], [7, 8], [7, 8]]));
        assert!(are_lent(&[[7, 7], [7, 7]]), "nobody else is there");
        assert!(are_lent(&[[7, 8], [8, 7]]), "somebody else is");
        assert!(are_lent(&[[7, 8], [7, 9]]));
    }
}
