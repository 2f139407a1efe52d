//! A machine to install things on: this one's system in a namespace of its own, where whatever is written is kept in memory
//! and seen by nobody else.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
};

use nix::unistd::getuid;
use tempfile::TempDir;

/// Puts an overlay over the whole system and stays in it until its input ends; then the kernel ends all that runs there.
const SETTLE: &str = r#"
mount -t tmpfs -o mode=755 tmpfs "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
# The system's own /proc still tells processes by the numbers that they have outside.
read -r number rest </proc/self/stat
mount -t proc proc root/proc
# Nobody may come in before this is the root: what they did would be done to the system below.
exec chroot root sh -c 'echo "$1"; exec cat' sh "$number"
"#;

/// A machine. Dropped, it is gone with all that was installed and all that runs there.
#[derive(Debug)]
pub struct Machine {
    folder: TempDir,
    number: String,
    _outermost: Child,
    input: Option<ChildStdin>,
}

/// What a command on it said.
#[derive(Debug)]
pub struct Answer {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// Both outputs, in the order in which they were written.
    pub said: String,
}

impl Machine {
    /// A machine like this one. None where that takes rights that we don't have: root's, by being root or by a sudo that
    /// asks nothing, and outside a container that forbids namespaces.
    pub fn start() -> Option<Self> {
        let folder = TempDir::with_prefix("jf-machine-").expect("a temporary folder");
        let mut command = as_root("unshare");
        command.args(["--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]);
        command.args(["sh", "-ec", SETTLE, "machine"]).arg(folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut outermost = command.spawn().ok()?;
        let input = outermost.stdin.take();
        let mut number = String::new();
        BufReader::new(outermost.stdout.take()?).read_line(&mut number).expect("its output");
        let machine = Self { folder, number: number.trim().to_owned(), _outermost: outermost, input };
        // Dropped, it takes away what was begun.
        (!machine.number.is_empty()).then_some(machine)
    }

    /// Runs a script of sh there as root, to its end, in an environment without what the tests were started with.
    pub fn run(&self, script: &str) -> Answer {
        let log = self.folder.path().with_extension("said");
        let file = File::create(&log).expect("a file");
        let mut command = self.command(script);
        command.stdin(Stdio::null()).stdout(file.try_clone().expect("a second handle")).stderr(file);
        let code = command.status().expect("nsenter runs").code().unwrap_or(-1);
        let said = String::from_utf8_lossy(&std::fs::read(&log).expect("what was said")).into_owned();
        std::fs::remove_file(&log).expect("a file of ours");
        Answer { code, said }
    }

    /// [`Machine::run`] of what has to succeed; panics with what it said if it doesn't. Gives that, trimmed.
    pub fn does(&self, script: &str) -> String {
        let answer = self.run(script);
        assert_eq!(answer.code, 0, "{script}\n{}", answer.said);
        answer.said.trim().to_owned()
    }

    /// A script as a command, for whoever wants it in the background or in a terminal.
    pub fn command(&self, script: &str) -> Command {
        let mut command = as_root("nsenter");
        command.args(["--target", &self.number, "--mount", "--pid", "--root"]);
        command.args(["env", "-i", "--chdir=/", "HOME=/root", "TERM=xterm-256color", "LANG=C.UTF-8"]);
        command.args([
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND=noninteractive",
        ]);
        command.args(["sh", "-c", script]);
        command
    }

    /// Puts a file of ours there.
    pub fn put(&self, file: &Path, to: &str) {
        let mut command = self.command(&format!("cat > {to}"));
        command.stdin(File::open(file).expect("a file to put there"));
        assert!(command.status().expect("nsenter runs").success(), "{to}");
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its end is not waited for: it may need `with-servers` to take note of what a failed test left behind there.
        drop(self.input.take());
    }
}

fn as_root(program: &str) -> Command {
    if getuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["--non-interactive", program]);
    command
}
