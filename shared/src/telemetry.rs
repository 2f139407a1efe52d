//! Logs: one line an event on standard error, or into a file while a screen is drawn. `RUST_LOG` chooses what.

use std::{fs::OpenOptions, io, path::Path, sync::Mutex};

use tracing_subscriber::EnvFilter;

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,apalis=warn,apalis_core=warn"))
}

/// Logs to standard error, as text, or as JSON lines.
pub fn to_stderr(json: bool) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter()).with_writer(io::stderr).with_target(false);
    // A second call in one process (tests) keeps the first.
    let _ = if json { builder.json().try_init() } else { builder.with_ansi(false).try_init() };
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
