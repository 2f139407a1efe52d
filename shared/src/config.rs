//! Where things are: flags over environment over defaults, the same for every program.

use std::{
    env,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use nix::unistd::geteuid;

use crate::domain::refused::Refused;

/// Where the program works. Filled from flags or the environment by each program's command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// `redis://…`; `None` for the in-memory queue.
    pub redis_url: Option<String>,
    /// Where the embedded default keeps its file, its mail folder and its log.
    pub data_dir: PathBuf,
}

/// What a Redis' address begins with.
const REDIS: [&str; 4] = ["redis://", "rediss://", "redis+unix://", "unix://"];

impl Places {
    /// The places for what was given; what was not given gets the embedded default: a SQLite file in the user's data
    /// directory and the in-memory queue. The directory is made.
    ///
    /// # Errors
    /// Refused when there is no home directory to put the default in, or it can't be made, and for what is no address of a
    /// Redis.
    pub fn find(
        database_url: Option<String>,
        redis_url: Option<String>,
        data_dir: Option<PathBuf>,
    ) -> Result<Self, Refused> {
        let redis_url = redis_url.filter(|url| !url.is_empty());
        // Its text is not said: it may be a password.
        let is_redis = |url: &String| REDIS.iter().any(|scheme| url.starts_with(scheme));
        if redis_url.as_ref().is_some_and(|url| !is_redis(url)) {
            let fix = "Write redis://user:password@host, or rediss:// for TLS, in REDIS_URL.";
            return Err(Refused::one("redis", "it is no address of a Redis", fix));
        }
        let data_dir = match data_dir {
            Some(dir) => dir,
            None => default_data_dir()?,
        };
        let database_url = match database_url.filter(|url| !url.is_empty()) {
            Some(url) => url,
            None => {
                std::fs::create_dir_all(&data_dir).map_err(|error| {
                    Refused::one(
                        "data directory",
                        format!("{} can't be made: {error}", data_dir.display()),
                        "Give a database with DATABASE_URL, or another directory with --data-dir.",
                    )
                })?;
                let file = data_dir.join("jointforce.db");
                ours_to_make(&file)?;
                format!("sqlite:{}", file.display())
            }
        };
        Ok(Self { database_url, redis_url, data_dir })
    }
}

impl Places {
    /// The folder with the embedded database's file, or the data directory beside a server: what belongs to one
    /// database is kept there.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        let file = self.file();
        file.as_deref().and_then(Path::parent).map_or_else(|| self.data_dir.clone(), Path::to_path_buf)
    }

    /// The embedded database's file; none beside a server.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        let file = self.database_url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest));
        file.and_then(|file| file.split('?').next()).map(PathBuf::from)
    }
}

/// A database that root makes in another account's folder could be written by root alone from then on.
fn ours_to_make(file: &Path) -> Result<(), Refused> {
    let owner = file.parent().and_then(|folder| folder.metadata().ok()).map(|folder| folder.uid());
    if file.exists() || owner.is_none_or(|owner| owner == geteuid().as_raw()) {
        return Ok(());
    }
    let problem = format!("{} is not there yet, and its folder belongs to another account", file.display());
    let fix = "Start that account's worker first (systemctl start jointforce-worker): it makes the database.";
    Err(Refused::one("data directory", problem, fix))
}

/// `$XDG_DATA_HOME/jointforce`, or `~/.local/share/jointforce`.
fn default_data_dir() -> Result<PathBuf, Refused> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_DATA_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".local/share")))
        .map(|dir| dir.join("jointforce"))
        .ok_or_else(|| {
            Refused::one("data directory", "neither XDG_DATA_HOME nor HOME is set", "Give DATABASE_URL or --data-dir.")
        })
}

/// Exit codes of every program, after sysexits.h, so that scripts can tell what happened.
pub mod exit {
    /// Done.
    pub const OK: u8 = 0;
    /// The command line is wrong.
    pub const USAGE: u8 = 64;
    /// Some of the input was refused; the rest was done.
    pub const DATA: u8 = 65;
    /// A server can't be reached.
    pub const UNAVAILABLE: u8 = 69;
    /// A bug.
    pub const SOFTWARE: u8 = 70;
    /// A file can't be read or written, or the disk is full.
    pub const IO: u8 = 74;
    /// Try again later.
    pub const TEMPORARY: u8 = 75;
    /// The role or account doesn't allow it.
    pub const NO_PERMISSION: u8 = 77;
    /// The configuration is wrong.
    pub const CONFIG: u8 = 78;

    /// The exit code for an error at a program's edge.
    #[must_use]
    pub fn code_of(error: &anyhow::Error) -> u8 {
        use crate::{commands, domain::refused::Refused, store};
        fn of_store(error: &store::Error) -> u8 {
            match error {
                store::Error::Url(_)
                | store::Error::Newer { .. }
                | store::Error::Older { .. }
                | store::Error::Foreign(_) => CONFIG,
                store::Error::Away(_) => UNAVAILABLE,
                store::Error::Conflict(_) => TEMPORARY,
                store::Error::Sqlx(_) => IO,
                store::Error::Corrupt { .. } => SOFTWARE,
            }
        }
        fn of_refused(refused: &Refused) -> u8 {
            match refused.faults.first().and_then(|fault| fault.field.split('.').next()) {
                Some("account" | "role") => NO_PERMISSION,
                Some("terminal") => USAGE,
                Some(
                    "alertmanager" | "audit key" | "config" | "data directory" | "health" | "keys" | "link key"
                    | "mail" | "mail_from" | "marketplace" | "pagerduty" | "portal" | "redis" | "register",
                ) => CONFIG,
                _ => DATA,
            }
        }
        for cause in error.chain() {
            if let Some(error) = cause.downcast_ref::<commands::Error>() {
                return match error {
                    commands::Error::Refused(refused) => of_refused(refused),
                    commands::Error::Changed(_) => TEMPORARY,
                    commands::Error::Store(error) => of_store(error),
                };
            }
            if let Some(error) = cause.downcast_ref::<store::Error>() {
                return of_store(error);
            }
            if let Some(refused) = cause.downcast_ref::<Refused>() {
                return of_refused(refused);
            }
            if cause.is::<std::io::Error>() {
                return IO;
            }
        }
        SOFTWARE
    }
}
