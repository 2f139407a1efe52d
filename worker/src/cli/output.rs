//! What goes to standard output: lines for people, JSON for programs.

use std::io::{self, Write as _};

use clap::Args;
use jointforce_shared::domain::safe_text::SafeText;

/// Whether JSON is wanted.
#[derive(Debug, Args)]
pub struct Json {
    /// Print JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

/// Prints a line; a reader that has gone away is no error.
pub fn line(text: &str) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// A stranger's text for one line of a terminal.
pub fn safe(text: &str, width: usize) -> String {
    SafeText::line(text, width).into_string()
}
