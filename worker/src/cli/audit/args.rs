//! Where the signing key and the exported checkpoints are, the same for `run` and for `audit`.

use std::path::PathBuf;

use clap::Args;
use jointforce_shared::{
    config::{Places, exit},
    domain::{checkpoint::PublicKey, refused::Refused},
};
use jointforce_worker::sealer::{KeyFile, SealConfig, make_key};

use super::super::output::line;

/// Where key and checkpoints are.
#[derive(Debug, Clone, Args)]
pub struct SealArgs {
    /// The file with the key that signs checkpoints. The embedded default makes one in the data directory; for a fleet
    /// make one with `audit key --new FILE --name NAME` and give it to the workers that shall seal.
    #[arg(long, env = "JOINTFORCE_AUDIT_KEY_FILE", value_name = "FILE")]
    pub audit_key_file: Option<PathBuf>,
    /// Where checkpoints are exported to: a directory that gets a file a day, or a file. Best a place where the
    /// database's owner can't write. Default: checkpoints in the data directory.
    #[arg(long, env = "JOINTFORCE_CHECKPOINTS", value_name = "PATH")]
    pub checkpoints: Option<PathBuf>,
}

impl SealArgs {
    /// The configuration that comes of it: a server's workers have no key of their own, since each would have another.
    pub fn config(&self, places: &Places) -> SealConfig {
        let embedded = SealConfig::embedded(places);
        let given = self.audit_key_file.clone().filter(|file| !file.as_os_str().is_empty());
        let key = match given {
            Some(file) => KeyFile::Given(file),
            None if places.database_url.starts_with("sqlite:") => embedded.key,
            None => KeyFile::None,
        };
        let place = self.checkpoints.clone().filter(|place| !place.as_os_str().is_empty());
        SealConfig { key, checkpoints: place.unwrap_or(embedded.checkpoints) }
    }

    /// The keys to trust: those given, or this machine's own.
    pub fn trusted(&self, places: &Places, given: Vec<PublicKey>) -> anyhow::Result<Vec<PublicKey>> {
        if given.is_empty() {
            Ok(self.config(places).key.read()?.map(|key| key.public()).into_iter().collect())
        } else {
            Ok(given)
        }
    }
}

/// That no key is known, and what to do.
pub fn no_key() -> Refused {
    Refused::one(
        "key",
        "no key is known to check signatures with",
        "Give --key with what `jointforce-worker audit key` prints where the record is sealed.",
    )
}

/// Prints the public key, of a new secret one if its file and name are given.
pub fn show_key(seal: &SealArgs, places: &Places, new: Option<(PathBuf, String)>) -> anyhow::Result<u8> {
    let key = match new {
        Some((file, name)) => Some(make_key(&file, &name)?),
        None => seal.config(places).key.read()?,
    };
    let key = key.ok_or_else(|| {
        Refused::one(
            "audit key",
            "there is none here",
            "The embedded default makes one when it first runs; for a fleet make one with --new FILE --name NAME.",
        )
    })?;
    line(&key.public().to_string())?;
    Ok(exit::OK)
}
