//! Logs: one line an event on standard error, or into a file while a screen is drawn. `RUST_LOG` chooses what.

use std::{fs::OpenOptions, io, path::Path, str::FromStr, sync::Mutex};

use tracing_subscriber::{EnvFilter, layer::SubscriberExt as _, util::SubscriberInitExt as _};

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,apalis=warn,apalis_core=warn"))
}

/// How a program logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Log {
    /// Lines for people, on standard error.
    Text,
    /// JSON, one object a line, on standard error.
    Json,
    /// To systemd's journal with its own fields; as text where there is none.
    Journald,
}

impl FromStr for Log {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "journald" => Ok(Self::Journald),
            _ => Err("it is none of text, json, journald".to_owned()),
        }
    }
}

/// Begins to log. A second call in one process (tests) keeps the first.
pub fn begin(log: Log) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(io::stderr).with_target(false);
    match (log, tracing_journald::layer()) {
        // Fields as they are called here: EFFECT, CASE, KIND. The journal's own begin with an underscore.
        (Log::Journald, Ok(journal)) => {
            let _ = tracing_subscriber::registry().with(filter()).with(journal.with_field_prefix(None)).try_init();
        }
        (Log::Json, _) => drop(builder.json().try_init()),
        _ => drop(builder.with_ansi(false).try_init()),
    }
}

/// Logs to a file, made if missing: a screen must not be written into.
///
/// # Errors
/// When the file can't be opened.
pub fn to_file(path: &Path) -> io::Result<()> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter())
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_target(false)
        .try_init();
    Ok(())
}
