//! A marketplace whose moderators come in by ssh, through the account that runs the tests, each with a key.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jointforce_shared::{
    commands::operator::{self, keys},
    domain::{ids::OperatorId, operator::Role},
};
use tempfile::TempDir;

use crate::{
    programs,
    servers::{
        Database,
        sshd::{PrivateSshd, account},
    },
    world::World,
};

/// The marketplace, its sshd, and where its consoles keep their files.
#[derive(Debug)]
pub struct Served {
    /// The marketplace.
    pub world: World,
    /// What lets moderators in.
    pub sshd: PrivateSshd,
    _database: Database,
    _data: TempDir,
}

impl Served {
    /// Opens the gate over an empty database, with the configuration that the console prints; `ca` signs certificates.
    pub async fn on(database: Database, ca: Option<&Path>) -> Self {
        let world = World::new(&database.url).await;
        let data = TempDir::new().expect("a folder");
        let settings = data.path().join("jointforce.toml");
        fs::write(&settings, format!("database-url = '{}'\nredis-prefix = 'of workers'\n", database.url))
            .expect("a file");
        let mut config = programs::console();
        config.arg("--config").arg(&settings).arg("--data-dir").arg(data.path());
        config.args(["sshd-config", "--gate", &account()]);
        if let Some(ca) = ca {
            config.arg("--ca").arg(ca);
        }
        let block = programs::run(config, "").await;
        assert_eq!(block.code, 0, "{}", block.error);
        let gate = account().parse().expect("an account");
        keys::set_gate(&world.house, &World::import(), &gate, true).await.expect("a gate");
        // Whatever those who come send along is let through, so that it's the console that has to be deaf to it.
        let block = block.output + "AcceptEnv *\n";
        Self { world, sshd: PrivateSshd::start(&block), _database: database, _data: data }
    }

    /// A new moderator, without a key.
    pub async fn hire(&self, name: &str) -> OperatorId {
        let id: OperatorId = name.parse().expect("an account");
        operator::add(&self.world.house, &World::import(), id.clone(), name, Role::Moderator)
            .await
            .expect("somebody new");
        id
    }

    /// A new moderator with a key; gives its private file.
    pub async fn hire_with_key(&self, name: &str) -> PathBuf {
        let id = self.hire(name).await;
        let file = self.sshd.key(name);
        keys::add(&self.world.house, &World::import(), &id, &public(&file)).await.expect("a key");
        file
    }
}

/// The public key beside a private one.
pub fn public(key: &Path) -> String {
    fs::read_to_string(key.with_extension("pub")).expect("a public key")
}
