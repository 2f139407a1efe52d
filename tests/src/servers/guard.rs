//! A server process that can't outlive its owner.
//!
//! The server runs under a small shell that reads a pipe from us. Whatever ends us (the end of the test, Ctrl-C,
//! `kill -9`), the kernel closes the pipe, and the shell stops the server and removes its folder. A parent-death signal
//! would be simpler, but the kernel ties it to the *thread* that spawned, and a test's threads come and go.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

/// A cold start on a busy machine; a server that needs longer is broken.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Runs until told "keep" (stop the server, keep the folder) or until the pipe closes (and remove the folder too).
const SHELL: &str = r#"
signal=$1 folder=$2
shift 2
"$@" >"$folder/log" 2>&1 </dev/null &
server=$!
echo "$server"
read -r order
kill -"$signal" "$server" 2>/dev/null
kill -CONT "$server" 2>/dev/null
wait "$server" 2>/dev/null
[ "$order" = keep ] || rm -rf "$folder"
"#;

/// What to run, where, as whom, and how to stop it.
pub(super) struct Plan {
    /// The server's own folder: its data, and its output in the file `log`.
    pub folder: PathBuf,
    /// Whom to run it as; none for ourselves.
    pub user: Option<User>,
    /// The signal that ends it at once, as a crash would.
    pub stop: &'static str,
    /// Program and arguments.
    pub command: Vec<OsString>,
    /// What it writes to its log once it answers.
    pub ready: &'static str,
}

/// A running server.
#[derive(Debug)]
pub(super) struct Guard {
    shell: Child,
    server: Pid,
}

impl Guard {
    /// Starts the server and waits until it answers; the error is its log.
    pub fn start(plan: &Plan) -> Result<Self, String> {
        let log = plan.folder.join("log");
        let _ = fs::remove_file(&log);
        let mut shell = as_user("sh", plan.user.as_ref());
        shell.arg("-c").arg(SHELL).arg("guard").arg(plan.stop).arg(&plan.folder).args(&plan.command);
        // A group of its own: Ctrl-C ends us, not the shell that cleans up after us.
        shell.current_dir(&plan.folder).stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
        let mut shell = shell.spawn().map_err(|error| format!("sh: {error}"))?;

        let mut line = String::new();
        BufReader::new(shell.stdout.take().expect("piped")).read_line(&mut line).map_err(|error| error.to_string())?;
        let server = line.trim().parse().map_err(|_| format!("the guard said {line:?} instead of a process id"))?;
        let guard = Self { shell, server: Pid::from_raw(server) };

        let started = Instant::now();
        loop {
            let said = fs::read_to_string(&log).unwrap_or_default();
            if said.contains(plan.ready) {
                return Ok(guard);
            }
            if !guard.is_running() || started.elapsed() > START_LIMIT {
                return Err(format!("{:?} did not start:\n{said}", plan.command));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops the server at once and keeps its folder, to be started again.
    pub fn stop(mut self) {
        if let Some(pipe) = &mut self.shell.stdin {
            let _ = pipe.write_all(b"keep\n");
        }
    }

    /// Sends the server a signal.
    pub fn signal(&self, signal: Signal) {
        kill(self.server, signal).expect("the server is running");
    }

    /// Sends the server and every process that it has started a signal, itself first.
    pub fn signal_all(&self, signal: Signal) {
        self.signal(signal);
        for child in self.children() {
            // It may have ended by itself meanwhile.
            let _ = kill(child, signal);
        }
    }

    /// The processes that the server has started.
    pub fn children(&self) -> Vec<Pid> {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.server)).unwrap_or_default();
        children.split_whitespace().filter_map(|id| id.parse().ok()).map(Pid::from_raw).collect()
    }

    /// Whether the server's process is there.
    pub fn is_running(&self) -> bool {
        let state = fs::read_to_string(format!("/proc/{}/stat", self.server)).unwrap_or_default();
        state.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// A command that runs as `user`, with that user's group and no others.
pub(super) fn as_user(program: impl AsRef<Path>, user: Option<&User>) -> Command {
    let mut command = Command::new(program.as_ref());
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}
