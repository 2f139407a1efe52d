//! The service manager is told when the worker serves, reads again and leaves, and that it gets on; never more.

use std::{os::unix::net::UnixDatagram, time::Duration};

use jointforce_tests::{programs::Running, wait::until};
use nix::sys::signal::Signal;
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::main_job::{LIMIT, Stage};

/// The end that systemd listens at.
struct Manager {
    socket: UnixDatagram,
    folder: TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = TempDir::with_prefix("jf-notify-").unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, folder }
    }

    fn start(&self, stage: &Stage, watchdog: Option<Duration>) -> Running {
        let mut command = stage.worker();
        command.env("NOTIFY_SOCKET", self.folder.path().join("notify"));
        if let Some(span) = watchdog {
            command.env("WATCHDOG_USEC", span.as_micros().to_string());
        }
        Running::start(&command)
    }

    /// The next thing it is told, if there is one.
    fn heard(&self) -> Option<String> {
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }

    async fn hears(&self, word: &str) {
        until(LIMIT, word, async || self.heard().is_some_and(|said| said.lines().any(|line| line == word))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_manager_hears_ready_quiet_reloading_and_stopping() {
    let stage = Stage::on_postgres_and_redis().await;
    let manager = Manager::new();
    let mut worker = manager.start(&stage, None);
    manager.hears("READY=1").await;
    manager.hears("STATUS=running").await;
    worker.signal(Signal::SIGTSTP);
    manager.hears("STATUS=quiet").await;
    worker.signal(Signal::SIGHUP);
    manager.hears("RELOADING=1").await;
    manager.hears("READY=1").await;
    worker.signal(Signal::SIGTERM);
    manager.hears("STOPPING=1").await;
    assert_eq!(worker.wait(LIMIT).await.code(), Some(0), "{}", worker.output());
    let said: Vec<String> = std::iter::from_fn(|| manager.heard()).collect();
    assert!(said.iter().all(|said| !said.contains("WATCHDOG")), "no watchdog was asked for: {said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_is_stuck_starves_the_watchdog_and_one_that_gets_on_feeds_it() {
    let stage = Stage::on_postgres_and_redis().await;
    let manager = Manager::new();
    let mut worker = manager.start(&stage, Some(Duration::from_secs(4)));
    manager.hears("WATCHDOG=1").await;
    // Whoever holds this table stops the relay in the middle of a pass.
    let mut other = PgConnection::connect(&stage.database.url).await.unwrap();
    let mut held = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE leases IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.unwrap();
    worker.wait_for_output("no longer feeding the watchdog", LIMIT).await;
    while manager.heard().is_some() {}
    held.rollback().await.unwrap();
    worker.wait_for_output("getting on again", LIMIT).await;
    manager.hears("WATCHDOG=1").await;
}
