//! The file with the signing key: made on first start on the embedded default, given for a fleet.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jointforce_shared::domain::{checkpoint::SecretKey, refused::Refused};

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFile {
    /// Here, and made if it is missing: the embedded default.
    Own(PathBuf),
    /// Here, put there by somebody; missing is a fault.
    Given(PathBuf),
    /// Nowhere: this process doesn't seal.
    None,
}

impl KeyFile {
    /// Reads the key; an own one is made when it is missing. `None` where there is none to read.
    ///
    /// # Errors
    /// Refused for a file that is no key, or that everybody may read; otherwise what the file system says.
    pub fn read_or_make(&self) -> anyhow::Result<Option<SecretKey>> {
        if let Self::Own(path) = self
            && !path.exists()
        {
            let name = format!("jointforce/{:08x}", u32::from_be_bytes(random()?));
            match make_key(path, &name) {
                // Another process made it first.
                Err(error) if error.downcast_ref().is_some_and(is_there) => {}
                made => return made.map(Some),
            }
        }
        self.read()
    }

    /// Reads the key and makes none.
    ///
    /// # Errors
    /// As [`KeyFile::read_or_make`].
    pub fn read(&self) -> anyhow::Result<Option<SecretKey>> {
        let path = match self {
            Self::None => return Ok(None),
            Self::Own(path) if !path.exists() => return Ok(None),
            Self::Own(path) | Self::Given(path) => path,
        };
        let shown = path.display();
        let text = fs::read_to_string(path).with_context(|| format!("the audit key {shown} can't be read"))?;
        if fs::metadata(path)?.permissions().mode() & 0o007 != 0 {
            return Err(Refused::one(
                "audit key",
                format!("everybody on this machine may read {shown}"),
                format!("Run `chmod o= {shown}`; whoever read it before can sign checkpoints."),
            )
            .into());
        }
        let key = text.trim().parse();
        key.map(Some).map_err(|error| {
            Refused::one("audit key", format!("{shown}: {error}"), "Give the file that `audit key --new` made.").into()
        })
    }
}

/// Makes a key for the log `name` in a new file that only its owner may read.
///
/// # Errors
/// When there is a file already, or it can't be written; refused for a name that can't be used.
pub fn make_key(path: &Path, name: &str) -> anyhow::Result<SecretKey> {
    let key = SecretKey::from_seed(name, random()?)
        .map_err(|error| Refused::one("audit key", error.to_string(), "Name it like a host: log.example.com/audit."))?;
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    // Written whole under another name first: nobody ever reads half a key.
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", u64::from_be_bytes(random()?)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = writeln!(file, "{}", key.secret_text()).and_then(|()| file.sync_all());
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    linked?;
    Ok(key)
}

fn is_there(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::AlreadyExists
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/audit.key");
        let file = KeyFile::Own(path.clone());
        assert!(file.read().unwrap().is_none());
        let made = file.read_or_make().unwrap().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.read_or_make().unwrap().unwrap().public(), made.public());
        assert_eq!(KeyFile::Given(path.clone()).read().unwrap().unwrap().public(), made.public());
        assert!(make_key(&path, "other").is_err(), "a key is never written over");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_key_that_is_missing_readable_by_all_or_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.key");
        let file = KeyFile::Given(path.clone());
        assert!(file.read_or_make().unwrap_err().to_string().contains("audit.key"));
        make_key(&path, "log.example/audit").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(file.read().unwrap_err().to_string().contains("chmod"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "nonsense").unwrap();
        assert!(file.read().unwrap_err().to_string().contains("it is no key"));
    }
}
