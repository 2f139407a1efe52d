//! What goes to standard output: lines for people, JSON for programs.

use std::io;

use clap::Args;
use jointforce_shared::domain::safe_text::SafeText;
pub use jointforce_shared::stdout::{line, print};

/// Whether JSON is wanted.
#[derive(Debug, Args)]
pub struct Json {
    /// Print JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// Prints one line for each entry. Where there is none it says so on standard error, where no program takes it for one.
pub fn list<T>(entries: &[T], nothing: &str, as_line: impl Fn(&T) -> String) -> io::Result<()> {
    if entries.is_empty() {
        eprintln!("{nothing}");
    }
    entries.iter().try_for_each(|entry| line(&as_line(entry)))
}

/// Leaves `limit` of what was asked for with one more than that; whether there was more.
pub fn cut<T>(entries: &mut Vec<T>, limit: i64) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    more
}

/// Says how to see the rest of a list; beside JSON on standard error.
pub fn rest(beside_json: bool, text: &str) -> io::Result<()> {
    if beside_json {
        eprintln!("{text}");
        return Ok(());
    }
    line(text)
}

/// A stranger's text for one line of a terminal.
pub fn safe(text: &str, width: usize) -> String {
    SafeText::line(text, width).into_string()
}
