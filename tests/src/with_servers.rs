//! Runs a command with a private PostgreSQL and a private Redis, and ends with its exit code. `tests/run` runs cargo so.
//!
//! The servers go when this goes, however it goes: see the module `servers::guard`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a part of the tests")]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

use jointforce_tests::servers::{POSTGRES_VARIABLE, PrivatePostgres, PrivateRedis, REDIS_VARIABLE};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-servers COMMAND [ARGUMENT...]");
        return ExitCode::from(64);
    };
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()).expect("a handler"), signal(SignalKind::interrupt()).expect("a handler"));

    let (postgres, redis) = (PrivatePostgres::start(), PrivateRedis::start());
    let mut command = Command::new(&program);
    command.args(words).env(POSTGRES_VARIABLE, postgres.url()).env(REDIS_VARIABLE, redis.url());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("{}: {error}", program.display());
            return ExitCode::from(127);
        }
    };
    let pid = Pid::from_raw(child.id().try_into().expect("a process id"));
    let mut end = tokio::task::spawn_blocking(move || child.wait());
    let status = loop {
        tokio::select! {
            status = &mut end => break status.expect("a thread").expect("our own child"),
            _ = terminate.recv() => { let _ = kill(pid, Signal::SIGTERM); }
            _ = interrupt.recv() => { let _ = kill(pid, Signal::SIGINT); }
        }
    };
    ExitCode::from(u8::try_from(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))).unwrap_or(1))
}
