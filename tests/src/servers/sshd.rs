//! A real sshd on a free port, for the consoles that are served through one.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use nix::unistd::{User, getuid};
use tempfile::TempDir;

use super::free_port;
use super::guard::{Guard, Plan};

/// An sshd of one's own. Dropped, it goes, and those who came through it with it.
#[derive(Debug)]
pub struct PrivateSshd {
    port: u16,
    folder: TempDir,
    _guard: Guard,
}

impl PrivateSshd {
    /// Starts one with `block` at the end of its configuration. It lets in whoever runs the tests, by key alone.
    pub fn start(block: &str) -> Self {
        let folder = TempDir::with_prefix("jf-sshd-").expect("a temporary folder");
        let port = free_port();
        let host_key = folder.path().join("host_key");
        keygen(["-t", "ed25519", "-N", "", "-f"].map(OsStr::new).into_iter().chain([host_key.as_os_str()]));
        // sshd runs no command that somebody but root could change, and a tree under test may lie anywhere: env is root's.
        let block = block.replace("Command /", "Command /usr/bin/env /");
        if getuid().is_root() {
            // Where the package's service would make it.
            fs::create_dir_all("/run/sshd").expect("/run/sshd");
        }
        let config = folder.path().join("config");
        let text = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nUsePAM no\nPasswordAuthentication no
KbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 50\nLogLevel VERBOSE\n{block}",
            host_key.display()
        );
        fs::write(&config, text).expect("a configuration");
        let command = ["/usr/sbin/sshd", "-D", "-e", "-f"].map(Into::into).into_iter().chain([config.into()]).collect();
        let path = folder.path().to_path_buf();
        let plan = Plan { folder: path, user: None, stop: "TERM", command, ready: "Server listening on" };
        let guard = Guard::start(&plan).unwrap_or_else(|log| panic!("{log}"));
        Self { port, folder, _guard: guard }
    }

    /// A new pair of keys; gives the file of the private one, with the public one beside it as `.pub`.
    pub fn key(&self, name: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        let comment = format!("{name}@laptop");
        let words = ["-t", "ed25519", "-N", "", "-C", &comment, "-f"].map(OsStr::new);
        keygen(words.into_iter().chain([file.as_os_str()]));
        file
    }

    /// Where it listens, on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A command that connects with `key`, with a terminal; `words` are further options.
    pub fn connect(&self, key: &Path, words: &[&str]) -> Command {
        self.connect_through(self.port, key, words)
    }

    /// As [`Self::connect`], through what listens at `port` and leads here.
    pub fn connect_through(&self, port: u16, key: &Path, words: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        command.args(["-F", "none", "-tt", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]);
        command.args(["-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-i"]).arg(key);
        command.args(["-p", &port.to_string()]).args(words).arg("127.0.0.1");
        command.env_remove("SSH_AUTH_SOCK").env("TERM", "xterm-256color");
        command
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Runs ssh-keygen.
pub fn keygen<'a>(words: impl Iterator<Item = &'a OsStr>) {
    let made = Command::new("ssh-keygen").arg("-q").args(words).output().expect("ssh-keygen");
    assert!(made.status.success(), "ssh-keygen: {}", String::from_utf8_lossy(&made.stderr));
}

/// Whoever runs the tests, by the name that sshd knows.
pub fn account() -> String {
    User::from_uid(getuid()).expect("an account").expect("an account").name
}
