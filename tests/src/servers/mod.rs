//! PostgreSQL, Redis and SQLite for tests.
//!
//! `tests/run` starts one PostgreSQL and one Redis for the whole run and names them in [`POSTGRES_VARIABLE`] and
//! [`REDIS_VARIABLE`]; each test takes a database of its own there. A test that kills, pauses or empties a server starts
//! its own with [`PrivatePostgres`] or [`PrivateRedis`].

mod guard;
mod postgres;
mod redis;
pub mod sshd;
mod tls;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use postgres::{PrivatePostgres, postgres_database};
pub use redis::{PrivateRedis, redis_url};
pub use tls::Certificates;

/// The environment variable with the URL of the run's shared PostgreSQL (its superuser, database `postgres`).
pub const POSTGRES_VARIABLE: &str = "JF_TEST_POSTGRES_URL";
/// The environment variable with the URL of the run's shared Redis (without a database number).
pub const REDIS_VARIABLE: &str = "JF_TEST_REDIS_URL";

/// A database that no other test uses. Keep it as long as the test runs: an SQLite file goes when it is dropped.
#[derive(Debug)]
pub struct Database {
    /// What to put into `DATABASE_URL`.
    pub url: String,
    folder: Option<TempDir>,
}

impl Database {
    /// The folder that holds an SQLite database; none for PostgreSQL.
    pub fn folder(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.path().to_path_buf())
    }
}

/// A fresh path for an SQLite database, in a folder of its own. The file itself doesn't exist yet.
pub fn sqlite_database() -> Database {
    sqlite_database_in(&std::env::temp_dir())
}

/// As [`sqlite_database`], in a folder below `parent`: a disk that may be small.
pub fn sqlite_database_in(parent: &Path) -> Database {
    let folder = TempDir::with_prefix_in("jf-sqlite-", parent).expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("jointforce.db").display());
    Database { url, folder: Some(folder) }
}

fn shared_server(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set, so there is no server to test with: run `tests/run`, not `cargo test`")
    })
}

/// 128 random bits in hexadecimal, for names and passwords that must not meet another's.
fn random_name() -> String {
    use std::io::Read;
    let mut bytes = [0u8; 16];
    std::fs::File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).expect("/dev/urandom");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A port on 127.0.0.1 that is free now. Below Linux's range for outgoing connections (32768 and up), so that no
/// client's connection takes it before the server does.
pub fn free_port() -> u16 {
    (0..1000)
        .map(|_| 10_000 + u16::from_str_radix(&random_name()[..4], 16).expect("hexadecimal") % 22_000)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_database_goes_with_its_test() {
        let database = sqlite_database();
        let folder = database.folder().unwrap();
        assert!(folder.is_dir() && database.url.starts_with("sqlite:///"));
        drop(database);
        assert!(!folder.exists());
    }

    #[test]
    #[should_panic(expected = "run `tests/run`")]
    fn a_missing_server_is_a_failure_that_names_the_remedy() {
        shared_server("JF_TEST_NO_SUCH_VARIABLE");
    }
}
