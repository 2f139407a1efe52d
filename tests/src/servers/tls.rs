//! Certificates of a made-up authority, for servers that speak TLS.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// An authority of one's own, and a server's certificate that it signed.
#[derive(Debug)]
pub struct Certificates(TempDir);

impl Certificates {
    /// For a server that is called by this name: `DNS:queue.example`, `IP:127.0.0.1`.
    pub fn for_server(name: &str) -> Self {
        let folder = TempDir::with_prefix("jf-tls-").expect("a temporary folder");
        let made = Self(folder);
        made.openssl("-keyout ca.key -out ca.pem -subj /CN=authority -addext keyUsage=critical,keyCertSign");
        made.openssl(&format!(
            "-CA ca.pem -CAkey ca.key -keyout server.key -out server.pem -subj /CN=server -addext subjectAltName={name} \
             -addext basicConstraints=critical,CA:FALSE"
        ));
        made
    }

    /// The certificate of the authority, for those who call.
    pub fn authority(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    /// The server's certificate with its key, copied into its own folder.
    pub(super) fn install(&self, folder: &Path) -> [PathBuf; 2] {
        ["server.pem", "server.key"].map(|name| {
            let there = folder.join(name);
            fs::copy(self.0.path().join(name), &there).expect("a copy");
            there
        })
    }

    /// A new key and its certificate.
    fn openssl(&self, words: &str) {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
        command.args(["-days", "2"]).args(words.split(' ').filter(|word| !word.is_empty()));
        let output = command.current_dir(self.0.path()).output().expect("openssl: `tests/run` installs it");
        assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    }
}
