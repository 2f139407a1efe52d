//! The workers: real processes, started again whenever they end, as a service manager does.

use std::{
    fmt::Write as _,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jointforce_tests::programs::{self, Running};
use nix::sys::signal::Signal;
use tokio::time::{Instant, sleep, timeout};

/// How soon a worker that ended by itself is started again.
const RESTART: Duration = Duration::from_millis(500);
/// The longest that a drain may take: the 25 s for what is held, and what surrounds it on a busy machine.
const DRAIN: Duration = Duration::from_secs(60);
/// A server was away when it started: systemd starts it again.
const UNAVAILABLE: i32 = 69;
const TEMPORARY: i32 = 75;

/// What a worker is started with.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The environment, but for the database.
    pub environment: Vec<(String, String)>,
    /// The database; on a server `{worker}` stands for the name under which it is to be witnessed.
    pub database_url: String,
    /// Where libfaketime is and the file that says by how much the third worker's clock is off.
    pub clock: Option<(PathBuf, PathBuf)>,
}

/// A place for one worker after the other.
#[derive(Debug)]
pub struct Slot {
    recipe: Recipe,
    number: usize,
    running: tokio::sync::Mutex<Worker>,
    said: Mutex<String>,
    wrong: Mutex<Vec<String>>,
}

#[derive(Debug, Default)]
struct Worker {
    process: Option<Running>,
    starts: usize,
}

impl Slot {
    /// The place; nobody is there yet.
    pub fn new(number: usize, recipe: &Recipe) -> Arc<Self> {
        let (running, said, wrong) = Default::default();
        Arc::new(Self { recipe: recipe.clone(), number, running, said, wrong })
    }

    /// Keeps a worker here until this is dropped. A worker that ended, and was not asked to, is noted.
    pub async fn supervise(self: Arc<Self>) {
        loop {
            let mut worker = self.running.lock().await;
            if let Some(status) = worker.process.as_mut().and_then(Running::ended) {
                if ![Some(UNAVAILABLE), Some(TEMPORARY)].contains(&status.code()) {
                    let said = worker.process.as_ref().map(Running::output).unwrap_or_default();
                    let tail = said.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
                    self.note(format!("worker {} ended by itself, {status}: {tail}", self.number));
                }
                self.bury(&mut worker);
            }
            if worker.process.is_none() {
                self.start(&mut worker);
            }
            drop(worker);
            sleep(RESTART).await;
        }
    }

    /// `kill -9`.
    pub async fn kill(&self) {
        let mut worker = self.running.lock().await;
        if let Some(process) = &mut worker.process {
            process.kill();
        }
        self.bury(&mut worker);
    }

    /// SIGSTOP, and SIGCONT after a while.
    pub async fn stop(&self, span: Duration) {
        let worker = self.running.lock().await;
        if let Some(process) = &worker.process {
            process.signal(Signal::SIGSTOP);
            sleep(span).await;
            process.signal(Signal::SIGCONT);
        }
    }

    /// SIGTERM; it has to leave by itself, content.
    pub async fn drain(&self) {
        let mut worker = self.running.lock().await;
        if let Some(process) = &mut worker.process {
            process.signal(Signal::SIGTERM);
            let began = Instant::now();
            let status = timeout(DRAIN, async {
                loop {
                    if let Some(status) = process.ended() {
                        return status;
                    }
                    sleep(Duration::from_millis(20)).await;
                }
            });
            match status.await {
                Ok(status) if status.success() => {}
                // It had not got as far as to handle signals.
                Ok(status) if status.code().is_none() && !process.output().contains("started") => {}
                Ok(status) if [Some(UNAVAILABLE), Some(TEMPORARY)].contains(&status.code()) => {}
                Ok(status) => self.note(format!("worker {} was drained and ended with {status}", self.number)),
                Err(_) => self.note(format!("worker {} still ran {:?} after TERM", self.number, began.elapsed())),
            }
        }
        self.bury(&mut worker);
    }

    /// Its process id, if it runs and nobody has it stopped.
    pub fn process(&self) -> Option<u32> {
        self.running.try_lock().ok()?.process.as_ref().map(Running::id)
    }

    /// By how much its clock is off from now on. Nothing where it has none of its own.
    pub fn set_clock(&self, seconds: i64) {
        if let Some((_, file)) = self.clock() {
            let _ = std::fs::write(file, format!("{seconds:+}s\n"));
        }
    }

    /// Everything that its workers have said.
    pub async fn said(&self) -> String {
        let worker = self.running.lock().await;
        let before = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        before + &worker.process.as_ref().map(Running::output).unwrap_or_default()
    }

    /// What its workers did that no worker should.
    pub fn wrong(&self) -> Vec<String> {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many workers there were here.
    pub async fn starts(&self) -> usize {
        self.running.lock().await.starts
    }

    fn clock(&self) -> Option<&(PathBuf, PathBuf)> {
        self.recipe.clock.as_ref().filter(|_| self.number == 2)
    }

    fn start(&self, worker: &mut Worker) {
        worker.starts += 1;
        let name = format!("{}-{}", self.number, worker.starts);
        let mut command: Command = programs::worker();
        command.arg("run").env("DATABASE_URL", self.recipe.database_url.replace("{worker}", &name));
        command.envs(self.recipe.environment.iter().map(|(name, value)| (name, value)));
        if let Some((library, file)) = self.clock() {
            self.set_clock(0);
            command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", file);
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_CACHE_DURATION", "1");
        }
        worker.process = Some(Running::start(&command));
    }

    fn bury(&self, worker: &mut Worker) {
        if let Some(process) = worker.process.take() {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(said, "{}", process.output());
        }
    }

    fn note(&self, what: String) {
        self.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}
