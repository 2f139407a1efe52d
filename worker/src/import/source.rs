//! Where the input comes from.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Read},
    path::{Path, PathBuf},
};

use jointforce_shared::{config::exit, domain::safe_text::SafeText};

use super::{Format, Stop};

/// An input that is open.
pub struct Source {
    /// What to call it.
    pub name: String,
    /// Its bytes.
    pub reader: Box<dyn Read + Send>,
    /// How many there are, if that is known.
    pub bytes: Option<u64>,
    /// What its name says about its format.
    pub format: Option<Format>,
    /// Where its refused rows go unless somebody says otherwise.
    pub refused: PathBuf,
}

impl Source {
    /// Opens a file; `-` or none is standard input.
    ///
    /// # Errors
    /// When there is no such file, or nothing is piped in.
    pub fn open(path: Option<&Path>) -> Result<Self, Stop> {
        match path {
            None if io::stdin().is_terminal() => {
                Err(Stop::new(exit::USAGE, "nothing to import. Name a file, or pipe the records in"))
            }
            None => Ok(Self::stdin()),
            Some(path) if path == Path::new("-") => Ok(Self::stdin()),
            Some(path) => Self::file(path),
        }
    }

    fn stdin() -> Self {
        Self {
            name: "standard input".into(),
            reader: Box::new(io::stdin()),
            bytes: None,
            format: None,
            refused: "refused.jsonl".into(),
        }
    }

    fn file(path: &Path) -> Result<Self, Stop> {
        let name = SafeText::line(&path.display().to_string(), 200).into_string();
        let failed = |error: io::Error| Stop::new(exit::IO, format!("{name} can't be read: {error}"));
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(Stop::new(exit::IO, format!("{name} is a folder. Name a file")));
        }
        let mut refused = path.as_os_str().to_owned();
        refused.push(".refused.jsonl");
        Ok(Self {
            name,
            reader: Box::new(file),
            bytes: about.is_file().then_some(about.len()),
            format: Format::of_name(path),
            refused: refused.into(),
        })
    }
}
