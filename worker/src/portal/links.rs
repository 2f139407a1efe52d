//! Links for letters, and the key that signs them.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jointforce_shared::{
    domain::{
        link::{BadLink, Link, LinkKey},
        refused::Refused,
        time::Time,
    },
    store::authenticity::Request,
};

/// Makes and reads links.
#[derive(Debug, Clone)]
pub struct Links {
    base: String,
    key: LinkKey,
}

impl Links {
    /// Links below `url`, signed with `key`.
    ///
    /// # Errors
    /// Refused if the address is none of the web.
    pub fn new(url: &str, key: LinkKey) -> Result<Self, Refused> {
        if !jointforce_shared::domain::notice::is_web_address(url) || url.contains(['?', '#']) {
            return Err(Refused::one(
                "portal",
                "its address is no address of the web",
                "Set JOINTFORCE_PORTAL_URL as https://portal.example, without anything after a ? or #.",
            ));
        }
        Ok(Self { base: url.trim_end_matches('/').to_owned(), key })
    }

    /// The address of the page on which a request is answered: the same on every attempt at a letter.
    #[must_use]
    pub fn to_answer(&self, request: &Request) -> String {
        let link =
            Link { request: request.id, brand: request.brand.clone(), until: request.link_until, nonce: request.nonce };
        format!("{}/answer/{}", self.base, link.token(&self.key))
    }

    /// The link that a token is.
    pub(super) fn open(&self, token: &str, now: Time) -> Result<Link, BadLink> {
        Link::open(token, &self.key, now)
    }
}

/// Where the key is.
#[derive(Debug, Clone)]
pub enum KeyFile {
    /// In this file, the same for every worker of a fleet.
    Given(PathBuf),
    /// In this file, made when it is missing.
    Made(PathBuf),
}

impl KeyFile {
    /// Reads the key; makes it first where that is asked for.
    ///
    /// # Errors
    /// Refused if it can't be read or made, is too short, or can be read by others than its owner.
    pub fn read(&self) -> Result<LinkKey, Refused> {
        let path = match self {
            Self::Given(path) => path,
            Self::Made(path) => {
                make(path).map_err(|error| unusable(path, format!("it can't be made: {error}")))?;
                path
            }
        };
        let read = |path: &Path| {
            let file = File::open(path)?;
            let mode = file.metadata()?.mode();
            let mut text = Vec::new();
            file.take(4096).read_to_end(&mut text)?;
            Ok((mode, text))
        };
        let (mode, text) =
            read(path).map_err(|error: std::io::Error| unusable(path, format!("it can't be read: {error}")))?;
        // A secret that systemd or Kubernetes mounts for a group is theirs to keep; the world is nobody's.
        if mode & 0o007 != 0 {
            return Err(unusable(path, format!("anybody may read it (mode {:03o})", mode & 0o777)));
        }
        let trimmed = text.trim_ascii();
        // Text that is no base64 is a key too, as it stands.
        let bytes = STANDARD.decode(trimmed).unwrap_or_else(|_| trimmed.to_owned());
        LinkKey::new(&bytes).map_err(|refused| unusable(path, refused.faults[0].problem.clone()))
    }
}

fn unusable(path: &Path, problem: String) -> Refused {
    Refused::one(
        "link key",
        format!("{}: {problem}", path.display()),
        "Make it with: (umask 077; head -c 32 /dev/urandom | base64 > FILE), and give it as JOINTFORCE_LINK_KEY_FILE.",
    )
}

/// Makes a key where there is none. Two processes that do it at once end with one key: whoever comes second finds it.
fn make(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    // Written whole under another name first, so that nobody reads half a key.
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| {
            writeln!(file, "{}", STANDARD.encode(bytes))?;
            file.sync_all()
        })
        .and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    match written {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/link.key");
        let file = KeyFile::Made(path.clone());
        file.read().unwrap();
        let first = fs::read(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        file.read().unwrap();
        assert_eq!(fs::read(&path).unwrap(), first);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "the draft is gone");
    }

    #[test]
    fn a_key_that_is_missing_short_or_open_to_all_is_refused_with_the_fix() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let said = |path: &Path| KeyFile::Given(path.to_owned()).read().unwrap_err().to_string();
        assert!(said(&path).contains("can't be read"), "{}", said(&path));
        fs::write(&path, "short").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(said(&path).contains("5 bytes"), "{}", said(&path));
        fs::write(&path, "x".repeat(40)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(said(&path).contains("mode 644") && said(&path).contains("umask"), "{}", said(&path));
    }
}
