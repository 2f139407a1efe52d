//! The two databases behind one face: an enum of the native pools, a connection to read with, a transaction to write
//! with. Whatever SQLite and PostgreSQL do differently is here and in the files below, and nowhere else.

mod answers;
mod backup;
mod bulk;
mod error;
mod guards;
mod halving;
pub(crate) mod like;
mod migrate;
mod roles;
mod server;
pub(crate) mod sql;
mod tx;
mod wake;

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sqlx::{
    Connection as _, PgPool, Postgres, Sqlite, SqlitePool,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgConnection, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tokio::time::timeout;

pub use bulk::{Column, insert};
pub use error::{Error, Result};
pub use halving::Halving;
pub use migrate::{Step, known};
pub use roles::DbRole;
pub use server::Server;
pub use sql::dialect;
pub(crate) use sql::{List, all, moved, one, opt, row, run};
pub use tx::Tx;
pub use wake::{Wake, Wakes};

/// After every id there is: ids are digits and capital letters, and no letter comes after Z in any collation. What is no
/// letter, such as a tilde, comes before them in some.
pub const LAST_ID: &str = "ZZZZZZZZZZZZZZZZZZZZZZZZZZ";

/// A database that is open.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file on this machine. Writers queue for the one connection that writes; readers have their own.
    Sqlite {
        /// Where the file is.
        path: PathBuf,
        /// The connection that writes.
        writer: SqlitePool,
        /// Connections that read.
        readers: SqlitePool,
        /// Who waits for what is written.
        wake: Wake,
    },
    /// A server, and who waits for what is written.
    Postgres(PgPool, Wake),
}

/// How many connections one process opens at most. PostgreSQL's default limit is 100 for everybody.
const CONNECTIONS: u32 = 12;
/// And how many a console opens, of which a host serves hundreds: one that writes, one that reads, and one for a search that
/// takes long.
const CONNECTIONS_OF_A_SEAT: u32 = 3;
/// A connection that was used so short a time ago is used again without asking it first, which takes as long as a statement.
const TRUSTED: Duration = Duration::from_millis(500);
/// How long whoever asks PostgreSQL for a connection waits.
const CONNECTING: Duration = Duration::from_secs(10);
/// No statement of ours is meant to run longer; one that does is a bug and must not pile up.
const STATEMENT_TIMEOUT: &str = "60s";

impl Db {
    /// Opens `sqlite:PATH` (made if missing) or `postgres://…`, without touching the schema.
    ///
    /// # Errors
    /// [`Error::Url`] for another scheme or a URL that can't be read, [`Error::Away`] when nobody answers,
    /// [`Error::Sqlx`] for what the database says.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_as(url, "jointforce", CONNECTIONS).await
    }

    /// As [`Self::open`], for a console: hundreds of them have few connections each, under a name of their own.
    ///
    /// # Errors
    /// As there.
    pub async fn open_seat(url: &str) -> Result<Self> {
        Self::open_as(url, "jointforce-console", CONNECTIONS_OF_A_SEAT).await
    }

    async fn open_as(url: &str, name: &str, connections: u32) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Self::open_sqlite(url).await,
            Some("postgres" | "postgresql") => Self::open_postgres(url, name, connections).await,
            _ => Err(Error::Url(format!(
                "{} is no database URL. Use sqlite:/path/to/file.db or postgres://user@host/database",
                without_password(url)
            ))),
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| Error::Url(format!("{url}: {error}. Use sqlite:/path/to/file.db")))?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(500)
            .pragma("temp_store", "memory")
            .pragma("cache_size", "-32000");
        let path = options.get_filename().to_owned();
        let pool = |connections, read_only| {
            let options = options.clone();
            SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(30))
                // A file doesn't hang up.
                .test_before_acquire(false)
                .connect_lazy_with(if read_only { options.pragma("query_only", "on") } else { options })
        };
        let writer = pool(1, false);
        // The first connection makes the file and switches it to WAL; readers must not race for that.
        drop(writer.acquire().await.map_err(|error| Error::opening(&path.display().to_string(), error))?);
        let readers = pool(4, true);
        Ok(Self::Sqlite { path, writer, readers, wake: Wake::new() })
    }

    async fn open_postgres(url: &str, name: &str, connections: u32) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| {
                Error::Url(format!("{}: {error}. Use postgres://user@host/database", without_password(url)))
            })?
            .application_name(name)
            .statement_cache_capacity(500)
            .options([
                ("client_min_messages", "error"),
                // Before the first ANALYZE a guess may look expensive, and compiling it takes a second; nothing of ours
                // runs long enough to win that back.
                ("jit", "off"),
                // Whatever is looked for is looked for by a key. Rows that a fleet works on are in memory or on a disk that
                // doesn't turn; by the default, made for one that does, tables of some ten thousand rows are read whole.
                ("random_page_cost", "1.1"),
                ("statement_timeout", STATEMENT_TIMEOUT),
                ("lock_timeout", "20s"),
                ("idle_in_transaction_session_timeout", "60s"),
            ]);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(CONNECTING)
            // Each was asked when it came back: only one that lay there since may be dead by now.
            .test_before_acquire(false)
            .before_acquire(|connection, known| {
                Box::pin(async move { Ok(known.idle_for <= TRUSTED || connection.ping().await.is_ok()) })
            })
            .connect_lazy_with(options.clone());
        // A connection outside the pool says at once why it fails; the pool would go on trying and time out.
        let first = timeout(CONNECTING, PgConnection::connect_with(&options)).await;
        match first {
            Ok(Ok(connection)) => drop(connection.close().await),
            Ok(Err(error)) => return Err(Error::opening(&without_password(url), error)),
            Err(_) => {
                return Err(Error::Away(format!(
                    "{}: no answer within {} s",
                    without_password(url),
                    CONNECTING.as_secs()
                )));
            }
        }
        Ok(Self::Postgres(pool, Wake::new()))
    }

    /// A connection to read with; each statement sees the newest committed state.
    ///
    /// # Errors
    /// [`Error::Away`] when no connection can be had in time.
    pub async fn read(&self) -> Result<Conn> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Conn::Sqlite(readers.acquire().await?),
            Self::Postgres(pool, _) => Conn::Postgres(pool.acquire().await?),
        })
    }

    /// Whether this is the embedded database of one machine.
    #[must_use]
    pub const fn is_embedded(&self) -> bool {
        matches!(self, Self::Sqlite { .. })
    }

    /// The SQLite file, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { path, .. } => Some(path),
            Self::Postgres(..) => None,
        }
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool, _) => pool.close().await,
        }
    }
}

/// A connection. Reads go through it; a [`Tx`] is one too.
#[derive(Debug)]
pub enum Conn {
    /// To the file.
    Sqlite(PoolConnection<Sqlite>),
    /// To the server.
    Postgres(PoolConnection<Postgres>),
}

/// The native connection below, for the verbs.
pub(crate) enum Driver<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

impl Conn {
    pub(crate) fn driver(&mut self) -> Driver<'_> {
        match self {
            Self::Sqlite(connection) => Driver::Sqlite(connection),
            Self::Postgres(connection) => Driver::Postgres(connection),
        }
    }

    /// Takes back what was done in a transaction. A connection that fails at it is not used again, nor is one to a server that
    /// can only be read: the next one may lead to where can be written.
    async fn roll_back(&mut self) -> Result<()> {
        let rolled_back = match self.driver() {
            Driver::Sqlite(connection) => return Ok(sqlx::query("ROLLBACK").execute(connection).await.map(drop)?),
            Driver::Postgres(connection) => {
                sqlx::raw_sql("ROLLBACK; SELECT 1 WHERE current_setting('transaction_read_only') = 'on'")
                    .fetch_optional(connection)
                    .await
            }
        };
        if !matches!(rolled_back, Ok(None)) {
            self.close_on_drop();
        }
        Ok(rolled_back.map(drop)?)
    }

    /// Its connection is of no use, or in no known state: nobody gets it again.
    fn close_on_drop(&mut self) {
        match self {
            Self::Sqlite(connection) => connection.close_on_drop(),
            Self::Postgres(connection) => connection.close_on_drop(),
        }
    }
}

/// A URL as it may be shown: what stands between the user's name and the `@` is left out.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}{}", path.split('?').next().unwrap_or_default())
        }
        None => format!("{scheme}://{authority}{}", path.split('?').next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://jf:s3cret@db/x", "postgres://jf@db/x"),
            ("postgres://jf:a@b:c@db:5432/x?password=p", "postgres://jf@db:5432/x"),
            ("redis://:s3cret@cache", "redis://@cache"),
            ("postgres://db/x", "postgres://db/x"),
            ("sqlite:/a/b", "sqlite:/a/b"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
