//! What can go wrong with the database, told apart by what the caller can do about it.

use sqlx::{
    error::{DatabaseError, ErrorKind},
    postgres::{PgDatabaseError, PgSeverity},
};

/// A fault of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The URL can't be used: a mistake in the configuration.
    #[error("{0}")]
    Url(String),
    /// The database can't be reached, was lost in the middle, or can only be read.
    #[error("the database can't be reached: {0}")]
    Away(String),
    /// The database was made by a newer program, and no longer serves this one.
    #[error(
        "the database has schema {found}, which no longer serves this program's {known}: install the version that made it, or newer"
    )]
    Newer {
        /// The newest migration applied.
        found: i64,
        /// The newest migration known.
        known: i64,
    },
    /// The database was made by an older program, or is empty.
    #[error(
        "the database has {}, this program needs {known}: `jointforce-worker migrate plan` shows what would be done, `jointforce-worker migrate` does it",
        schema(*found)
    )]
    Older {
        /// The newest migration applied, 0 for none.
        found: i64,
        /// The newest migration known.
        known: i64,
    },
    /// A migration that was applied is not the one this program carries.
    #[error("the database's migrations are not this program's: {0}")]
    Foreign(String),
    /// Somebody else changed the same thing first.
    #[error("somebody else changed {0} first")]
    Conflict(String),
    /// A row that can't be read back: a bug, or a hand in the database.
    #[error("{table} {id} can't be read back: {problem}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        id: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Whatever else the database says (disk full, permission, constraint).
    #[error("the database says: {0}")]
    Sqlx(#[source] sqlx::Error),
}

fn schema(found: i64) -> String {
    if found == 0 { "no schema yet".to_owned() } else { format!("schema {found}") }
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            // An answer that is no answer is that of a link which broke in the middle of it.
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Away(error.to_string()),
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // read_only_sql_transaction: after a failover the name may lead to the wrong server for a while.
                Some("25006") => Self::Away(format!(
                    "the server there can only be read; it is a standby, or was made read-only ({database}): promote it, or point DATABASE_URL at the one that is written to"
                )),
                // admin_shutdown, crash_shutdown, cannot_connect_now, connection_exception
                Some("57P01" | "57P02" | "57P03" | "08000" | "08003" | "08006") => Self::Away(error.to_string()),
                Some("08P01") if is_last_word(&**database) => Self::Away(error.to_string()),
                _ => Self::Sqlx(error),
            },
            _ => Self::Sqlx(error),
        }
    }
}

/// Whether the connection ends with it. PgBouncer gives every reason of its own one code, protocol_violation: that the server
/// behind it is down, that it leaves itself, that it has no room.
fn is_last_word(error: &dyn DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic))
}

impl Error {
    /// A fault met while opening `what`.
    pub(crate) fn opening(what: &str, error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(database) = &error
            // SQLITE_NOTADB
            && database.code().as_deref() == Some("26")
        {
            return Self::Url(format!("{what} is no SQLite database: name another file in DATABASE_URL"));
        }
        match Self::from(error) {
            Self::Away(why) => Self::Away(format!("{what}: {why}")),
            Self::Sqlx(error) => Self::Away(format!("{what}: {error}")),
            other => other,
        }
    }

    /// Whether two transactions met and this one lost: the whole command may be tried again from its start.
    #[must_use]
    pub fn is_race(&self) -> bool {
        match self {
            Self::Conflict(_) => true,
            Self::Sqlx(sqlx::Error::Database(error)) => {
                error.kind() == ErrorKind::UniqueViolation
                    // serialization_failure, deadlock_detected, lock_not_available; SQLITE_BUSY
                    || matches!(error.code().as_deref(), Some("40001" | "40P01" | "55P03" | "5" | "517"))
            }
            _ => false,
        }
    }

    /// Whether waiting may help: the database is away, busy, or has no room. None of it is the fault of what was tried.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_)) || self.is_race() || self.lacks_room()
    }

    /// Whether the machine has no room: for files, memory or connections.
    fn lacks_room(&self) -> bool {
        match self {
            Self::Sqlx(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // Class 53: disk_full, out_of_memory, too_many_connections; SQLITE_FULL
                code.starts_with("53") || code == "13"
            }),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_breaks_in_the_middle_of_an_answer_is_waited_for() {
        let broken = sqlx::Error::Protocol("unexpected response from SSLRequest: 0x00".into());
        assert!(Error::from(broken).is_passing());
        assert!(!Error::from(sqlx::Error::RowNotFound).is_passing());
    }
}
