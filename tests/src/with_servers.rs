//! Runs a command with a private PostgreSQL and a private Redis, and ends with its exit code. `tests/run` runs cargo so.
//!
//! The servers go when this goes, however it goes: see the module `servers::guard`. What else the command has left
//! behind is ended too, by name: an orphan would keep CI's output open and hang whoever reads it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a part of the tests")]

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use jointforce_tests::servers::{POSTGRES_VARIABLE, PrivatePostgres, PrivateRedis, REDIS_VARIABLE};
use nix::sys::prctl::set_child_subreaper;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use tokio::signal::unix::{SignalKind, signal};

/// How long the guard of a killed test's server may take to clean up after it.
const GRACE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: with-servers COMMAND [ARGUMENT...]");
        return ExitCode::from(64);
    };
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()).expect("a handler"), signal(SignalKind::interrupt()).expect("a handler"));

    set_child_subreaper(true).expect("orphans may come to us");
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
    drop((postgres, redis));
    end_orphans();
    ExitCode::from(u8::try_from(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))).unwrap_or(1))
}

/// Ends what the command started and did not end; what those had started comes to us in turn.
fn end_orphans() {
    let finished = Instant::now();
    loop {
        // What ended inside a namespace keeps that, and its first process, until we take note. Nobody else of ours is left.
        while matches!(waitpid(None, Some(WaitPidFlag::WNOHANG)), Ok(status) if status != WaitStatus::StillAlive) {}
        let orphans = children();
        if orphans.is_empty() {
            return;
        }
        if finished.elapsed() > GRACE {
            for (orphan, name) in orphans {
                eprintln!("with-servers: ending what was left behind: {name}");
                let _ = kill(orphan, Signal::SIGKILL);
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Our running child processes with their command lines. Dead ones need no end, and the kernel forgets them with us.
fn children() -> Vec<(Pid, String)> {
    let ours = std::process::id().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let child = |id: i32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let mut fields = stat.rsplit_once(") ")?.1.split(' ');
        let (state, parent) = (fields.next()?, fields.next()?);
        let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default().replace('\0', " ");
        (state != "Z" && parent == ours).then(|| (Pid::from_raw(id), line))
    };
    processes.filter_map(|process| child(process.file_name().to_str()?.parse().ok()?)).collect()
}
