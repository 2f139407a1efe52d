//! Checkpoints outside the database: appended to files, where whoever owns the database can't change them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jointforce_shared::domain::{
    checkpoint::{Note, read_notes},
    time::Time,
};

/// A place for checkpoints: a directory that gets a file a day, or one file if its name has an ending.
#[derive(Debug, Clone)]
pub struct Export {
    place: PathBuf,
}

/// What was exported.
#[derive(Debug, Clone, Default)]
pub struct Exported {
    /// The checkpoints, in the order of their files.
    pub notes: Vec<Note>,
    /// What can't be read: file and line.
    pub torn: Vec<(PathBuf, usize)>,
}

impl Export {
    /// The place `place`; nothing is made before something is written.
    #[must_use]
    pub const fn to(place: PathBuf) -> Self {
        Self { place }
    }

    fn is_file(&self) -> bool {
        self.place.is_file() || !self.place.is_dir() && self.place.extension().is_some()
    }

    /// The files with checkpoints, oldest first.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        if self.is_file() {
            return Ok(if self.place.exists() { vec![self.place.clone()] } else { vec![] });
        }
        let entries = match fs::read_dir(&self.place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
            entries => entries?,
        };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
        files.sort();
        Ok(files)
    }

    /// The checkpoint with the largest size in the newest file that has one.
    ///
    /// # Errors
    /// What the file system says.
    pub fn last(&self) -> anyhow::Result<Option<Note>> {
        for file in self.files().with_context(|| self.place.display().to_string())?.iter().rev() {
            let (notes, _) = read_notes(&read(file)?);
            if let Some(last) = notes.into_iter().max_by_key(|note| note.checkpoint.size) {
                return Ok(Some(last));
            }
        }
        Ok(None)
    }

    /// Everything that was exported.
    ///
    /// # Errors
    /// What the file system says.
    pub fn read(&self) -> anyhow::Result<Exported> {
        let mut exported = Exported::default();
        for file in self.files().with_context(|| self.place.display().to_string())? {
            let (notes, torn) = read_notes(&read(&file)?);
            exported.notes.extend(notes);
            exported.torn.extend(torn.into_iter().map(|line| (file.clone(), line)));
        }
        Ok(exported)
    }

    /// Appends signed checkpoints; they are on the disk when this returns.
    ///
    /// # Errors
    /// What the file system says; then they may be there in part, and are appended again.
    pub fn append(&self, notes: &[&str], now: Time) -> anyhow::Result<()> {
        let file = if self.is_file() {
            self.place.clone()
        } else {
            self.place.join(format!("{}.txt", now.timestamp().strftime("%Y-%m-%d")))
        };
        append(&file, notes).with_context(|| format!("checkpoints can't be exported to {}", file.display()))
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn append(path: &Path, notes: &[&str]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    let mut text = String::new();
    // A write that was cut off must not swallow what follows it.
    if !ends_with_empty_line(&mut file)? {
        text.push_str("\n\n");
    }
    for note in notes {
        text.push_str(note);
        text.push('\n');
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn ends_with_empty_line(file: &mut File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    if length < 2 {
        return Ok(length == 0);
    }
    let mut end = [0; 2];
    file.seek(SeekFrom::End(-2))?;
    file.read_exact(&mut end)?;
    Ok(end == *b"\n\n")
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::{checkpoint::SecretKey, merkle::leaf_hash};

    use super::*;

    fn note(size: u64) -> Note {
        SecretKey::from_seed("log.example/audit", [7; 32]).unwrap().sign(size, leaf_hash(b""))
    }

    #[test]
    fn what_was_exported_is_read_back_also_behind_a_torn_write() {
        let folder = tempfile::tempdir().unwrap();
        let day = |day: i64| Time(day * Time::DAY);
        for place in ["checkpoints", "one.log"] {
            let export = Export::to(folder.path().join(place));
            assert!(export.last().unwrap().is_none() && export.read().unwrap().notes.is_empty());
            export.append(&[&note(1).to_string(), &note(2).to_string()], day(0)).unwrap();
            let file = export.files().unwrap().pop().unwrap();
            let torn = note(3).to_string();
            OpenOptions::new().append(true).open(&file).unwrap().write_all(&torn.as_bytes()[..40]).unwrap();
            export.append(&[&note(3).to_string()], day(0)).unwrap();
            export.append(&[&note(4).to_string()], day(1)).unwrap();
            assert_eq!(export.last().unwrap(), Some(note(4)));
            let read = export.read().unwrap();
            assert_eq!(read.notes, [note(1), note(2), note(3), note(4)]);
            assert_eq!(read.torn, [(file, 13)]);
        }
        assert!(folder.path().join("checkpoints/1970-01-02.txt").exists());
    }
}
