//! What was refused, written down with its reasons so that it can be corrected and imported again.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use jointforce_shared::domain::refused::Fault;
use serde::Serialize;

use super::lines::{KEPT_MAX, without_end};

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Where it starts in the input, from 1.
    pub line: u64,
    /// Everything that is wrong with it.
    pub faults: Vec<Fault>,
    /// The row as it came, in UTF-8; bytes that are none are shown as U+FFFD.
    pub input: String,
    /// Whether `input` is only the beginning.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl RefusedRow {
    /// A refused row of these bytes.
    #[must_use]
    pub fn new(line: u64, input: &[u8], faults: Vec<Fault>) -> Self {
        let input = without_end(input);
        let kept = &input[..input.len().min(KEPT_MAX)];
        let text = String::from_utf8_lossy(kept);
        let cut =
            input.len() > kept.len() || faults.iter().any(|fault| fault.field == "line" && kept.len() == KEPT_MAX);
        // A character that was cut in two is no fault of the sender's.
        let text = if cut { text.trim_end_matches('\u{fffd}') } else { &text };
        Self { line, faults, input: text.to_owned(), cut }
    }
}

/// The file of refused rows. It is made at the first one; a run without any leaves none behind.
#[derive(Debug)]
pub struct RefusedFile {
    path: PathBuf,
    file: Option<BufWriter<File>>,
}

impl RefusedFile {
    /// For this path. What an earlier run left there goes, since it would be taken for this run's.
    ///
    /// # Errors
    /// When that can't be removed.
    pub fn new(path: &Path) -> io::Result<Self> {
        if path.is_file() {
            fs::remove_file(path)?;
        }
        Ok(Self { path: path.to_owned(), file: None })
    }

    /// Where it is, if any row was refused.
    #[must_use]
    pub fn written(&self) -> Option<&Path> {
        self.file.as_ref().map(|_| self.path.as_path())
    }

    /// Writes rows, and lets nobody else but the user read them: they may hold a brand's secret.
    ///
    /// # Errors
    /// What the file system says.
    pub fn add(&mut self, rows: &[RefusedRow]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let options =
                    OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&self.path)?;
                none.insert(BufWriter::new(options))
            }
        };
        for row in rows {
            serde_json::to_writer(&mut *file, row)?;
            file.write_all(b"\n")?;
        }
        file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_row_keeps_its_input_up_to_a_limit() {
        let fault = || vec![Fault::new("id", "it is missing", "Give it.")];
        let row = RefusedRow::new(7, b"{\"x\":\"\xff\"}\r\n", fault());
        assert_eq!((row.input.as_str(), row.cut), ("{\"x\":\"\u{fffd}\"}", false));
        let row = RefusedRow::new(7, "é".repeat(KEPT_MAX).as_bytes(), fault());
        assert_eq!((row.input.len(), row.cut), (KEPT_MAX, true));
        let row = RefusedRow::new(7, format!("x{}", "é".repeat(KEPT_MAX)).as_bytes(), fault());
        assert_eq!((row.input.len(), row.cut), (KEPT_MAX - 1, true));
    }

    #[test]
    fn a_run_without_refusals_leaves_no_file_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.jsonl.refused.jsonl");
        fs::write(&path, "of an earlier run").unwrap();
        let mut file = RefusedFile::new(&path).unwrap();
        file.add(&[]).unwrap();
        assert!(!path.exists() && file.written().is_none());
        file.add(&[RefusedRow::new(1, b"x", vec![])]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"line\":1,\"faults\":[],\"input\":\"x\"}\n");
    }
}
