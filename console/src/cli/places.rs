//! Where the console finds its database, as flags, environment and settings file say it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Args, value_parser};
use jointforce_shared::{
    config::Places,
    domain::refused::Refused,
    settings::{File, VARIABLE},
};

use crate::gate::Whereabouts;

/// Where things are.
#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    /// The database: sqlite:/path/to/file.db or postgres://user@host/database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Where the embedded default keeps its file, its mail and its log.
    #[arg(long, env = "JOINTFORCE_DATA_DIR", global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The settings file, for what neither a flag nor the environment says; of what it says for workers the console uses
    /// database-url and data-dir. Without this it is /etc/jointforce/jointforce.toml, if that is there; an empty
    /// JOINTFORCE_CONFIG is no file.
    #[arg(long, env = VARIABLE, global = true, value_parser = value_parser!(OsString), value_name = "FILE")]
    config: Option<OsString>,
}

/// The command line without the variables that say where things are.
pub(super) fn by_flags_alone(command: clap::Command) -> clap::Command {
    let deaf = |command: clap::Command, name| command.mut_arg(name, |arg| arg.env(None::<&str>));
    ["database_url", "data_dir", "config"].into_iter().fold(command, deaf)
}

impl PlaceArgs {
    /// Where things are.
    ///
    /// # Errors
    /// Refused when it takes the file and that can't be used, and as [`Places::find`] does.
    pub(super) fn places(&self) -> Result<Places, Refused> {
        self.places_with(&self.file())
    }

    /// Where things are when no settings count: what has a database of its own looks there.
    ///
    /// # Errors
    /// As [`Places::find`].
    pub(super) fn apart(&self) -> Result<Places, Refused> {
        Places::find(None, None, self.data_dir.clone())
    }

    /// What sshd needs to start this program so that it finds the same database.
    ///
    /// # Errors
    /// As [`PlaceArgs::places`]; refused when an address that may hold a password would have to stand where everybody reads
    /// it.
    pub(super) fn for_sshd(&self) -> Result<Whereabouts, Refused> {
        if self.database_url.is_some() {
            let fix =
                "Write `database-url = \"…\"` into /etc/jointforce/jointforce.toml, or another file for --config.";
            return Err(Refused::one("config", "the database's address would stand in sshd's configuration", fix));
        }
        let file = self.file();
        self.places_with(&file)?;
        Ok(Whereabouts { config: file.path().map(Path::to_path_buf), data_dir: self.data_dir.clone() })
    }

    /// What a seat needs to find the same database, all of it: it looks at no variable.
    ///
    /// # Errors
    /// As [`PlaceArgs::places`].
    pub(super) fn for_a_seat(&self) -> Result<Whereabouts, Refused> {
        let file = self.file();
        let places = self.places_with(&file)?;
        Ok(Whereabouts { config: file.path().map(Path::to_path_buf), data_dir: Some(places.data_dir) })
    }

    fn file(&self) -> File {
        File::find(self.config.as_deref())
    }

    fn places_with(&self, file: &File) -> Result<Places, Refused> {
        // Whoever names a database needs no file, which is not for everybody to read.
        if self.database_url.is_none() {
            file.usable()?;
        }
        let said = |name| file.value(name).map(str::to_owned);
        let url = self.database_url.clone().or_else(|| said("database-url"));
        let data_dir = self.data_dir.clone().or_else(|| said("data-dir").map(PathBuf::from));
        Places::find(url, None, data_dir)
    }
}
