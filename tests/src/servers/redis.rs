//! Redis: a database number per test on the shared server, or a server of one's own to kill and empty.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use super::guard::{Guard, Plan};
use super::{Certificates, REDIS_VARIABLE, free_port, random_name, shared_server};

/// Databases on a server: more than tests in a run. Redis allocates a few hundred bytes for each.
const DATABASES: u32 = 4096;

/// A URL to put into `REDIS_URL`: a database of the shared server that no other test uses. Published messages are not
/// kept apart by database; keys are, and `FLUSHDB` stays in its own.
pub fn redis_url() -> String {
    let server = shared_server(REDIS_VARIABLE);
    let taken = ask(&server, "INCR jf:databases-taken");
    let number: u32 =
        taken.strip_prefix(':').and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("Redis: {taken}"));
    assert!(number < DATABASES, "more than {DATABASES} tests took a Redis database");
    format!("{server}/{number}")
}

/// Sends one inline command to the server at `url` (`redis://:password@host:port`) and gives back the first line it answers.
fn ask(url: &str, command: &str) -> String {
    let (password, address) =
        url.strip_prefix("redis://:").and_then(|rest| rest.split_once('@')).expect("redis://:password@host:port");
    let mut stream = TcpStream::connect(address).unwrap_or_else(|error| panic!("Redis at {address}: {error}"));
    stream.write_all(format!("AUTH {password}\r\n{command}\r\n").as_bytes()).expect("Redis takes a command");
    let mut answers = BufReader::new(stream).lines();
    let authenticated = answers.next().expect("an answer").expect("an answer");
    assert_eq!(authenticated, "+OK", "Redis at {address} refused its password");
    answers.next().expect("an answer").expect("an answer")
}

/// A Redis server of one's own. Dropped, it goes with its data.
#[derive(Debug)]
pub struct PrivateRedis {
    port: u16,
    password: String,
    /// The server's certificate and key, where it speaks TLS and nothing else.
    tls: Option<[PathBuf; 2]>,
    guard: Option<Guard>,
    folder: TempDir,
}

impl PrivateRedis {
    /// Starts a server on a free port; it keeps nothing on disk, as the program must not need it to.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("jf-redis-").expect("a temporary folder");
        let mut redis = Self { port: free_port(), password: random_name(), tls: None, guard: None, folder };
        redis.restart();
        redis
    }

    /// As [`Self::start`], over TLS alone.
    pub fn start_tls(certificates: &Certificates) -> Self {
        let folder = TempDir::with_prefix("jf-redis-").expect("a temporary folder");
        let tls = Some(certificates.install(folder.path()));
        let mut redis = Self { port: free_port(), password: random_name(), tls, guard: None, folder };
        redis.restart();
        redis
    }

    /// `redis://:password@127.0.0.1:port`, or `rediss://`; stays the same over [`Self::kill`] and [`Self::restart`].
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "rediss" } else { "redis" };
        format!("{scheme}://:{}@127.0.0.1:{}", self.password, self.port)
    }

    /// Kills the server, as `kill -9` does: everything in it is lost.
    pub fn kill(&mut self) {
        self.guard.take().expect("the server is running").stop();
    }

    /// Starts the server again, empty, at the same address; kills it first where it runs.
    pub fn restart(&mut self) {
        if self.guard.is_some() {
            self.kill();
        }
        let mut command: Vec<_> =
            ["redis-server", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].map(Into::into).into();
        let port = self.port.to_string();
        match &self.tls {
            None => command.extend(["--port".into(), port.into()]),
            Some([certificate, key]) => {
                command.extend(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"].map(Into::into));
                command.extend(["--tls-cert-file".into(), certificate.into(), "--tls-key-file".into(), key.into()]);
                // Whose it signed it would let in; it lets in everybody who has the password.
                command.extend(["--tls-ca-cert-file".into(), certificate.into()]);
            }
        }
        command.extend(["--requirepass".into(), self.password.clone().into()]);
        command.extend(["--databases".into(), DATABASES.to_string().into()]);
        let folder = self.folder.path().to_path_buf();
        let plan = Plan { folder, user: None, stop: "KILL", command, ready: "Ready to accept connections" };
        self.guard = Some(Guard::start(&plan).unwrap_or_else(|log| panic!("{log}")));
    }

    /// Stops the server's clock (SIGSTOP): connections stay open and nothing answers, until [`Self::resume`].
    pub fn pause(&self) {
        self.guard.as_ref().expect("the server is running").signal(Signal::SIGSTOP);
    }

    /// Lets a paused server go on.
    pub fn resume(&self) {
        self.guard.as_ref().expect("the server is running").signal(Signal::SIGCONT);
    }

    /// Empties the server (`FLUSHALL`).
    pub fn empty(&self) {
        assert_eq!(ask(&self.url(), "FLUSHALL"), "+OK");
    }
}

impl PrivateRedis {
    /// Every text in every list. `None` while the server can't be asked.
    pub fn in_lists(&self) -> Option<Vec<String>> {
        let url = self.url();
        let (password, address) = url.strip_prefix("redis://:")?.split_once('@')?;
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        let mut answers = BufReader::new(stream.try_clone().ok()?);
        let mut ask = |command: &str| {
            stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
            read_texts(&mut answers)
        };
        ask(&format!("AUTH {password}"))?;
        let mut texts = vec![];
        for key in ask("KEYS *")? {
            // An error, because it is no list, is no text.
            texts.extend(ask(&format!("LRANGE {key} 0 -1")).into_iter().flatten());
        }
        Some(texts)
    }
}

/// One answer of Redis' protocol: the texts of an array or a bulk string, none for any other.
fn read_texts(answers: &mut impl BufRead) -> Option<Vec<String>> {
    let mut line = String::new();
    answers.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let length = line.trim_end().get(1..).and_then(|length| length.parse().ok());
    match (line.as_bytes().first()?, length) {
        (b'*', Some(parts)) => {
            let parts: Option<Vec<_>> = (0..parts).map(|_: usize| read_texts(answers)).collect();
            Some(parts?.concat())
        }
        (b'$', Some(length)) => {
            let mut text = vec![0; length + 2];
            answers.read_exact(&mut text).ok()?;
            Some(vec![String::from_utf8_lossy(&text[..length]).into_owned()])
        }
        _ => Some(vec![]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_redis_refuses_and_a_restarted_one_is_empty() {
        let mut redis = PrivateRedis::start();
        assert_eq!(ask(&redis.url(), "SET k v"), "+OK");
        redis.kill();
        assert!(TcpStream::connect(("127.0.0.1", redis.port)).is_err());
        redis.restart();
        assert_eq!(ask(&redis.url(), "EXISTS k"), ":0");
        let (port, folder) = (redis.port, redis.folder.path().to_path_buf());
        drop(redis);
        assert!(TcpStream::connect(("127.0.0.1", port)).is_err() && !folder.exists());
    }

    #[test]
    fn what_waits_in_lists_can_be_read() {
        let mut redis = PrivateRedis::start();
        for command in ["RPUSH a one", "RPUSH a two", "RPUSH b three", "SET c four"] {
            ask(&redis.url(), command);
        }
        let mut texts = redis.in_lists().unwrap();
        texts.sort_unstable();
        assert_eq!(texts, ["one", "three", "two"]);
        redis.kill();
        assert_eq!(redis.in_lists(), None);
    }

    #[test]
    fn an_emptied_redis_keeps_running() {
        let redis = PrivateRedis::start();
        assert_eq!(ask(&redis.url(), "SET k v"), "+OK");
        redis.empty();
        assert_eq!(ask(&redis.url(), "EXISTS k"), ":0");
    }

    #[test]
    fn a_paused_redis_is_silent_until_resumed() {
        let redis = PrivateRedis::start();
        redis.pause();
        let url = redis.url();
        let asked = std::thread::spawn(move || ask(&url, "PING"));
        assert!(!asked.is_finished());
        redis.resume();
        assert_eq!(asked.join().unwrap(), "+PONG");
    }

    #[test]
    fn no_two_tests_get_the_same_database() {
        assert_ne!(redis_url(), redis_url());
    }
}
