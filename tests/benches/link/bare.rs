//! The least that can be behind a link: a program that answers each key with what it is told to, one byte or a screen.

use std::{
    ffi::OsStr,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use jointforce_tests::{
    bench::Times,
    link::{Link, Quality},
    pty::Terminal,
    servers::sshd::{PrivateSshd, keygen},
};
use tempfile::TempDir;
use tokio::time::sleep;

use super::{held, until};

/// An sshd that starts that program.
pub struct Bare {
    sshd: PrivateSshd,
    key: PathBuf,
    answer: PathBuf,
    _folder: TempDir,
}

/// A person before it.
pub struct Echo {
    terminal: Terminal,
    _link: Link,
}

impl Bare {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let [key, answer, script] = ["key", "answer", "script"].map(|name| folder.path().join(name));
        keygen(["-t", "ed25519", "-N", "", "-f"].map(OsStr::new).into_iter().chain([key.as_os_str()]));
        let program = "stty raw -echo; printf ready; while [ -n \"$(dd bs=1 count=1 2>/dev/null)\" ]; do cat";
        fs::write(&script, format!("{program} {}; done\n", answer.display())).unwrap();
        let public = key.with_extension("pub");
        let sshd = PrivateSshd::start(&format!(
            "AuthorizedKeysFile {}\nStrictModes no\nForceCommand /bin/sh {}\n",
            public.display(),
            script.display()
        ));
        let bare = Self { sshd, key, answer, _folder: folder };
        bare.answer_with(b"x");
        bare
    }

    /// What it answers from now on.
    pub fn answer_with(&self, bytes: &[u8]) {
        fs::write(&self.answer, bytes).unwrap();
    }

    /// Connects so many times, through a link of its own; gives how long that took.
    pub async fn connect(&self, times: usize) -> (Echo, Times) {
        let (mut took, mut echo) = (vec![], None);
        for _ in 0..times {
            let link = Link::to(self.sshd.port(), Quality::POOR).await;
            let began = Instant::now();
            let terminal = Terminal::start(&self.sshd.connect_through(link.port(), &self.key, &[]), 200, 60);
            until("ready", || terminal.look(|screen| screen.contents().contains("ready"))).await;
            took.push(terminal.written_at() - began);
            echo = Some(Echo { terminal, _link: link });
        }
        (echo.unwrap(), took.into())
    }
}

impl Echo {
    /// Types keys one after the other; gives how long each took to come back.
    pub async fn keys(&mut self, keys: usize) -> Times {
        let mut times = vec![];
        for _ in 0..keys {
            sleep(Duration::from_millis(50)).await;
            let began = Instant::now();
            self.terminal.send_keys("j");
            until("an answer", || self.terminal.written_at() > began).await;
            times.push(self.terminal.written_at() - began);
        }
        times.into()
    }

    /// Holds a key; gives how long after the last one the last answer was there.
    pub async fn hold(&mut self, keys: usize) -> Duration {
        let last = held(keys, || self.terminal.send_keys("j")).await;
        until("silence", || self.terminal.written_at().max(last).elapsed() > Duration::from_secs(2)).await;
        self.terminal.written_at().saturating_duration_since(last)
    }
}
