//! The two programs, as processes: started, waited for, killed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::wait;

/// The environment that a program must not inherit from whoever runs the tests.
const NOT_INHERITED: [&str; 12] = [
    "DATABASE_URL",
    "NOTIFY_SOCKET",
    "REDIS_URL",
    "RUST_LOG",
    "NO_COLOR",
    "JOINTFORCE_THEME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "JOINTFORCE_REGISTER_URL",
    "JOINTFORCE_REGISTER_TOKEN",
    "JOINTFORCE_REGISTER_TOKEN_FILE",
];

/// A command for the built `jointforce-console`.
pub fn console() -> Command {
    program("jointforce-console")
}

/// A command for the built `jointforce-worker`.
pub fn worker() -> Command {
    program("jointforce-worker")
}

fn program(name: &str) -> Command {
    let path = folder().join(name);
    assert!(
        path.exists(),
        "{} is not built: run `tests/run`, or `cargo build --workspace --bins` first",
        path.display()
    );
    let mut command = Command::new(path);
    for variable in NOT_INHERITED {
        command.env_remove(variable);
    }
    // Nor the settings of a package that is installed here.
    command.env("JOINTFORCE_CONFIG", "");
    command
}

/// How the programs were built, by the folder that they lie in: `release`, `debug`.
pub fn profile() -> String {
    folder().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Cargo puts a package's tests into `deps/` below the folder of the programs.
fn folder() -> PathBuf {
    let mut folder = std::env::current_exe().expect("a path of the test itself");
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    folder
}

/// A program at work in the background, its two outputs gathered in one place. Dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    outputs: TempDir,
}

impl Running {
    /// Starts `command` with no input.
    ///
    /// It gets a parent-death signal, so that tests that are killed leave no worker behind. The kernel ties that to
    /// the thread that calls this: call it from the test itself, not from `spawn_blocking`.
    pub fn start(command: &Command) -> Self {
        let outputs = TempDir::with_prefix("jf-output-").expect("a temporary folder");
        let file = File::create(outputs.path().join("output")).expect("a file for the output");
        let mut tied = Command::new("setpriv");
        tied.args(["--pdeathsig", "KILL"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => tied.env(name, value),
                None => tied.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            tied.current_dir(folder);
        }
        tied.stdin(Stdio::null()).stdout(file.try_clone().expect("a second handle")).stderr(file);
        let child = tied.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self { child, outputs }
    }

    /// What it has written to its output and error output so far.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.outputs.path().join("output")).unwrap_or_default()).into_owned()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal: SIGTERM to ask it to leave, SIGSTOP and SIGCONT to freeze it and let it go on.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().expect("a process id")), signal).expect("it is running");
    }

    /// Ends it at once (`kill -9`) and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().expect("it is ours to kill");
        self.child.wait().expect("it is ours to wait for");
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is ours to wait for")
    }

    /// Waits until it ends by itself; panics with its output when it doesn't within `limit`.
    pub async fn wait(&mut self, limit: Duration) -> ExitStatus {
        let started = std::time::Instant::now();
        loop {
            if let Some(status) = self.ended() {
                return status;
            }
            assert!(started.elapsed() < limit, "still running after {limit:?}, having said:\n{}", self.output());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until it has written `text`; panics with its output when it doesn't within `limit`, or ends before.
    pub async fn wait_for_output(&mut self, text: &str, limit: Duration) {
        let started = std::time::Instant::now();
        loop {
            let ended = self.ended();
            let output = self.output();
            if output.contains(text) {
                return;
            }
            assert!(
                ended.is_none() && started.elapsed() < limit,
                "{text:?} is not in its output ({ended:?}):\n{output}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program that ran to its end said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub error: String,
}

/// Runs `command` to its end with `input` as its standard input; panics when it takes longer than [`wait::SOON`].
pub async fn run(mut command: Command, input: impl AsRef<OsStr>) -> Said {
    let input = input.as_ref().as_encoded_bytes().to_vec();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let shown = format!("{command:?}");
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{shown}: {error}"));
    let pid = Pid::from_raw(child.id().try_into().expect("a process id"));
    let mut pipe = child.stdin.take().expect("piped");
    // On threads, since a program may read and write at once, and more than a pipe holds.
    std::thread::spawn(move || std::io::Write::write_all(&mut pipe, &input));
    let end = tokio::task::spawn_blocking(move || child.wait_with_output());
    let Ok(end) = tokio::time::timeout(wait::SOON, end).await else {
        let _ = kill(pid, Signal::SIGKILL);
        panic!("{shown} did not end within {:?}", wait::SOON);
    };
    let end = end.expect("a thread").expect("an output");
    Said {
        code: end.status.code().unwrap_or(-1),
        output: String::from_utf8_lossy(&end.stdout).into_owned(),
        error: String::from_utf8_lossy(&end.stderr).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::SOON;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn a_program_is_run_with_its_input_and_outputs() {
        let said = run(sh("cat; echo oops >&2; exit 3"), "in\n").await;
        assert_eq!((said.code, said.output.as_str(), said.error.as_str()), (3, "in\n", "oops\n"));
    }

    #[tokio::test]
    async fn a_running_program_is_heard_asked_to_leave_and_waited_for() {
        let mut running = Running::start(&sh("trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.01; done"));
        running.wait_for_output("up", SOON).await;
        running.signal(Signal::SIGTERM);
        assert_eq!(running.wait(SOON).await.code(), Some(7));
        assert_eq!(running.output(), "up\nbye\n");
    }

    #[tokio::test]
    async fn a_dropped_program_is_killed() {
        let mut running = Running::start(&sh("echo up; exec sleep 1000"));
        running.wait_for_output("up", SOON).await;
        let process = PathBuf::from(format!("/proc/{}", running.id()));
        assert!(process.exists());
        drop(running);
        assert!(!process.exists());
    }
}
