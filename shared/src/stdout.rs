//! What the programs print. Whoever reads may have seen enough and gone: that is no fault of ours.

use std::io::{self, ErrorKind, Write as _};

/// Prints all of it.
///
/// # Errors
/// When it can't be written, as on a full disk; not when the reader has closed the pipe.
pub fn print(text: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Prints a line.
///
/// # Errors
/// As [`print`].
pub fn line(text: &str) -> io::Result<()> {
    print(format!("{text}\n").as_bytes())
}
