//! Lines of any file, one at a time, each of bounded length: a line of ten megabytes costs no memory.

use std::io::{self, BufRead};

/// Bytes of a line, and of a CSV row over several lines. A notice at the limit of every field has about 100 KB.
pub const LINE_MAX: usize = 1 << 20;
/// Bytes that are kept of a line that is refused.
pub const KEPT_MAX: usize = 64 << 10;

/// What was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// A line, with its `\n` where the file has one.
    Line,
    /// A line longer than [`LINE_MAX`]: its first [`KEPT_MAX`] bytes. The rest was skipped.
    TooLong,
    /// The file is at its end.
    End,
}

/// Reads lines and counts them.
#[derive(Debug)]
pub struct Lines<R> {
    from: R,
    /// The number of the line read last, from 1.
    pub number: u64,
    /// Bytes read so far.
    pub bytes: u64,
}

impl<R: BufRead> Lines<R> {
    /// Lines of `from`.
    pub const fn new(from: R) -> Self {
        Self { from, number: 0, bytes: 0 }
    }

    /// Appends the next line to `into`.
    ///
    /// # Errors
    /// What the file says.
    pub fn read(&mut self, into: &mut Vec<u8>) -> io::Result<Read> {
        let start = into.len();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.from.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() && !any {
                return Ok(Read::End);
            }
            any = true;
            let newline = memchr::memchr(b'\n', chunk);
            let taken = newline.map_or(chunk.len(), |at| at + 1);
            let line_ended = newline.is_some() || chunk.is_empty();
            if !too_long {
                let room = LINE_MAX + 1 - (into.len() - start);
                into.extend_from_slice(&chunk[..taken.min(room)]);
                if into.len() - start > LINE_MAX {
                    too_long = true;
                    into.truncate(start + KEPT_MAX);
                }
            }
            self.from.consume(taken);
            self.bytes += taken as u64;
            if line_ended {
                self.number += 1;
                return Ok(if too_long { Read::TooLong } else { Read::Line });
            }
        }
    }
}

/// A line without its end (`\n` or `\r\n`).
#[must_use]
pub fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(text: &[u8]) -> Vec<(Read, Vec<u8>)> {
        // A tiny buffer, so that lines span many of them.
        let mut lines = Lines::new(BufReader::with_capacity(3, text));
        let mut read = vec![];
        loop {
            let mut line = vec![];
            match lines.read(&mut line).unwrap() {
                Read::End => break,
                what => read.push((what, line)),
            }
        }
        assert_eq!(lines.bytes, text.len() as u64);
        assert_eq!(lines.number, read.len() as u64);
        read
    }

    #[test]
    fn lines_end_as_the_file_ends_them() {
        let line = |text: &str| (Read::Line, text.as_bytes().to_vec());
        assert_eq!(read(b""), []);
        assert_eq!(read(b"one\ntwo\r\n\nlast"), [line("one\n"), line("two\r\n"), line("\n"), line("last")]);
        assert_eq!(without_end(b"two\r\n"), b"two");
        assert_eq!(without_end(b"last"), b"last");
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_one_is_read() {
        let mut text = vec![b'x'; 10 * LINE_MAX];
        text.extend(b"\nnext");
        let mut lines = Lines::new(&text[..]);
        let mut line = vec![];
        assert_eq!(lines.read(&mut line).unwrap(), Read::TooLong);
        assert!(line.len() == KEPT_MAX && line.capacity() <= 4 * LINE_MAX, "{}", line.capacity());
        line.clear();
        assert_eq!(lines.read(&mut line).unwrap(), Read::Line);
        assert_eq!((line.as_slice(), lines.number), (&b"next"[..], 2));
    }
}
