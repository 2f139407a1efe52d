//! PostgreSQL: a database per test on the shared server, or a server of one's own to kill.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::guard::{Guard, Plan, as_user};
use super::{Certificates, Database, POSTGRES_VARIABLE, free_port, random_name, shared_server};

/// A new, empty database on the shared server. It stays until the server goes, at the end of the run.
pub async fn postgres_database() -> Database {
    database_on(&shared_server(POSTGRES_VARIABLE)).await
}

async fn database_on(server: &str) -> Database {
    let mut connection = PgConnection::connect(server).await.expect("PostgreSQL answers");
    let name = format!("test_{}", random_name());
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.expect("a database");
    connection.close().await.expect("a close");
    let (server, _) = server.rsplit_once('/').expect("a database in the URL");
    Database { url: format!("{server}/{name}"), folder: None }
}

/// A PostgreSQL server of one's own. Dropped, it goes with its data.
#[derive(Debug)]
pub struct PrivatePostgres {
    port: u16,
    password: String,
    settings: Vec<String>,
    user: Option<User>,
    guard: Option<Guard>,
    folder: TempDir,
}

impl PrivatePostgres {
    /// Starts a server that is fast rather than safe: nothing waits for the disk. For tests.
    pub fn start() -> Self {
        Self::with(&["fsync=off", "synchronous_commit=off", "full_page_writes=off"], &std::env::temp_dir())
    }

    /// Starts a server that keeps what it has committed, as production's does. For benchmarks.
    pub fn start_durable() -> Self {
        Self::with(&[], &std::env::temp_dir())
    }

    /// As [`Self::start_durable`], for so many connections.
    pub fn start_for(connections: usize) -> Self {
        Self::with(&[&format!("max_connections={connections}")], &std::env::temp_dir())
    }

    /// Where its own client is, `psql`.
    pub fn client() -> PathBuf {
        programs().join("psql")
    }

    /// As [`Self::start_durable`], with its data below `parent`: a disk that may be small.
    pub fn start_durable_in(parent: &Path) -> Self {
        Self::with(&["max_wal_size=256MB", "shared_buffers=64MB"], parent)
    }

    /// As [`Self::start`], over TLS where the client asks for it.
    pub fn start_tls(certificates: &Certificates) -> Self {
        let mut postgres = Self::made(&["fsync=off", "synchronous_commit=off"], &std::env::temp_dir());
        let [certificate, key] = certificates.install(postgres.folder.path());
        if let Some(user) = &postgres.user {
            chown(&key, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("root may give files away");
        }
        postgres.settings.extend([
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
        ]);
        postgres.restart();
        postgres
    }

    fn with(settings: &[&str], parent: &Path) -> Self {
        let mut postgres = Self::made(settings, parent);
        postgres.restart();
        postgres
    }

    /// A server that doesn't run yet.
    fn made(settings: &[&str], parent: &Path) -> Self {
        let folder = TempDir::with_prefix_in("jf-postgres-", parent).expect("a temporary folder");
        let settings = settings.iter().map(ToString::to_string).collect();
        let postgres =
            Self { port: free_port(), password: random_name(), settings, user: not_root(), guard: None, folder };
        postgres.create();
        postgres
    }

    /// `postgres://postgres:password@127.0.0.1:port/postgres`; stays the same over [`Self::kill`] and [`Self::restart`].
    pub fn url(&self) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/postgres", self.password, self.port)
    }

    /// A new, empty database on this server.
    pub async fn database(&self) -> Database {
        database_on(&self.url()).await
    }

    /// Ends the server at once, as a crash does: connections break, open transactions are lost, and the next start
    /// recovers. (SIGQUIT, not SIGKILL, which would leave its shared memory behind.)
    pub fn kill(&mut self) {
        self.guard.take().expect("the server is running").stop();
    }

    /// Starts the server again at the same address; kills it first where it runs.
    pub fn restart(&mut self) {
        if self.guard.is_some() {
            self.kill();
        }
        let mut command = vec![programs().join("postgres").into(), "-D".into(), self.data().into()];
        let port = format!("port={}", self.port);
        let fixed = [
            &port,
            "listen_addresses=127.0.0.1",
            // TCP only: a socket's path may be longer than the 107 bytes that the kernel takes.
            "unix_socket_directories=",
            "max_connections=300",
            "shared_buffers=256MB",
            "max_wal_size=4GB",
            "timezone=UTC",
        ];
        for setting in fixed.into_iter().chain(self.settings.iter().map(String::as_str)) {
            command.extend(["-c".into(), setting.into()]);
        }
        let folder = self.folder.path().to_path_buf();
        // A standby goes on with "read-only".
        let ready = "database system is ready to accept";
        let plan = Plan { folder, user: self.user.clone(), stop: "QUIT", command, ready };
        self.guard = Some(Guard::start(&plan).unwrap_or_else(|log| panic!("{log}")));
    }

    /// Starts the server again as a standby, which can be read and never written, until somebody promotes it.
    pub fn stand_by(&mut self) {
        fs::write(self.data().join("standby.signal"), "").expect("a file in its data");
        self.restart();
    }

    /// Makes a standby the one that is written to.
    pub async fn promote(&self) {
        let mut connection = PgConnection::connect(&self.url()).await.expect("a standby answers");
        sqlx::raw_sql("SELECT pg_promote()").execute(&mut connection).await.expect("a promotion");
        connection.close().await.expect("a close");
    }

    /// Stops every process of the server (SIGSTOP): connections stay open and nothing answers, until [`Self::resume`].
    pub fn pause(&self) {
        self.guard().signal_all(Signal::SIGSTOP);
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.guard().signal_all(Signal::SIGCONT);
    }

    /// Ends one process that serves a client with `kill -9`; the server then ends the others and recovers by itself.
    /// `false` where nobody is served.
    pub fn kill_backend(&self, dice: usize) -> bool {
        let clients: Vec<Pid> = self.guard().children().into_iter().filter(|child| serves_client(*child)).collect();
        let chosen = clients.get(dice % clients.len().max(1));
        chosen.is_some_and(|backend| kill(*backend, Signal::SIGKILL).is_ok())
    }

    /// Whether the server's first process is there: after a full disk it may have given up.
    pub fn is_running(&self) -> bool {
        self.guard().is_running()
    }

    fn guard(&self) -> &Guard {
        self.guard.as_ref().expect("the server is running")
    }

    fn create(&self) {
        let folder = self.folder.path();
        let password = folder.join("password");
        fs::write(&password, &self.password).expect("a password file");
        if let Some(user) = &self.user {
            for path in [folder, &password] {
                chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).expect("root may give files away");
            }
        }
        let output = as_user(programs().join("initdb"), self.user.as_ref())
            .current_dir(folder)
            .args(["--no-sync", "--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"])
            .arg(format!("--pwfile={}", password.display()))
            .arg("--pgdata")
            .arg(self.data())
            .output()
            .expect("initdb");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

/// A process that serves a client has the client's address in its title.
fn serves_client(process: Pid) -> bool {
    fs::read_to_string(format!("/proc/{process}/cmdline")).is_ok_and(|title| title.contains(" 127.0.0.1("))
}

/// PostgreSQL refuses to run as root; then it runs as the packages' own user, or as nobody.
fn not_root() -> Option<User> {
    geteuid().is_root().then(|| {
        let named = |name| User::from_name(name).ok().flatten();
        named("postgres").or_else(|| named("nobody")).expect("a user besides root")
    })
}

/// The folder of the server's programs. Debian keeps them out of PATH, one folder a version; the newest is taken.
fn programs() -> PathBuf {
    let debian =
        fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let version = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    debian
        .filter(|folder| has_server(folder))
        .max_by_key(version)
        .or_else(|| std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| has_server(folder)))
        .expect("PostgreSQL's programs, in /usr/lib/postgresql/VERSION/bin or in PATH: `tests/run` installs them")
}

fn has_server(folder: &Path) -> bool {
    folder.join("postgres").exists() && folder.join("initdb").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count(url: &str) -> Result<i64, sqlx::Error> {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::query_scalar("SELECT count(*) FROM kept").fetch_one(&mut connection).await
    }

    #[tokio::test]
    async fn a_killed_postgres_keeps_what_was_committed() {
        let mut postgres = PrivatePostgres::start_durable();
        let database = postgres.database().await;
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        sqlx::raw_sql("CREATE TABLE kept (n bigint); INSERT INTO kept VALUES (1)")
            .execute(&mut connection)
            .await
            .unwrap();
        postgres.kill();
        assert!(count(&database.url).await.is_err());
        postgres.restart();
        assert_eq!(count(&database.url).await.unwrap(), 1);
        let folder = postgres.folder.path().to_path_buf();
        drop(postgres);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn no_two_tests_get_the_same_database() {
        let (one, other) = (postgres_database().await, postgres_database().await);
        assert_ne!(one.url, other.url);
        assert!(PgConnection::connect(&one.url).await.is_ok());
    }
}
