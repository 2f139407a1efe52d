//! Everything that takes part: servers, links that can fail, receivers that remember, workers.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jointforce_shared::{
    commands::{
        House, catalogue, operator,
        policy::{self, NewPolicy},
    },
    domain::operator::Role,
    store::Db,
};
use jointforce_tests::{
    hooks::Hooks,
    mail::Mailbox,
    programs,
    servers::{Database, PrivatePostgres, PrivateRedis, sqlite_database_in},
    world::{World, brand, right},
};
use tempfile::TempDir;

use super::{
    disk::Disk,
    fleet::{Recipe, Slot},
    plan::{Link, Means},
    proxy::Proxy,
    witness,
};

/// The key that signs webhooks here.
pub const SECRET: &str = "whsec_dG9ydHVyZSB0b3J0dXJlIHRvcnR1cmUgdG9ydHVyZQ==";
/// Brands that file notices, each with a webhook.
pub const BRANDS: usize = 4;
/// Workers on a server.
const WORKERS: usize = 3;
/// Where Debian's package libfaketime puts what fakes the clock of a program with threads.
const FAKE_CLOCK: [&str; 2] =
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"];

/// Numbers of policy with which a run is short: nothing waits longer than it must.
const POLICY: [(&str, &str); 7] = [
    ("grace", "1 s"),
    ("attempts_max", "100"),
    ("backoff_first", "1 s"),
    ("backoff_max", "2 s"),
    ("endpoints.wait", "1 s"),
    ("endpoints.wait_max", "3 s"),
    ("audit.checkpoint_every", "5 s"),
];

/// One run's machinery.
#[derive(Debug)]
pub struct Stage {
    pub means: Means,
    /// The truth, by a way that never fails: for those who look on.
    pub house: House,
    /// The database as the consoles reach it.
    pub console_url: String,
    pub postgres: Option<Arc<Mutex<PrivatePostgres>>>,
    pub redis: Option<Arc<Mutex<PrivateRedis>>>,
    pub links: HashMap<Link, Proxy>,
    pub marketplace: Hooks,
    pub brands: Hooks,
    /// Where redirects lead. Nobody is to call here.
    pub elsewhere: Hooks,
    pub mail: Mailbox,
    pub fleet: Vec<Arc<Slot>>,
    pub disk: Option<Arc<Disk>>,
    /// What no output may show.
    pub secrets: Vec<String>,
    database: Database,
    folder: TempDir,
}

impl Stage {
    /// PostgreSQL, Redis and three workers, or an SQLite file and one.
    pub async fn set(embedded: bool) -> Self {
        let disk = Disk::mount().map(Arc::new);
        let parent = disk.as_ref().map_or_else(std::env::temp_dir, |disk| disk.path().to_owned());
        let folder = TempDir::with_prefix("jf-torture-").expect("a temporary folder");
        let postgres = (!embedded).then(|| PrivatePostgres::start_durable_in(&parent));
        let redis = (!embedded).then(PrivateRedis::start);
        let database = match &postgres {
            Some(postgres) => postgres.database().await,
            None => sqlite_database_in(&parent),
        };
        let mut secrets = vec![SECRET.trim_start_matches("whsec_").to_owned()];
        secrets.extend(postgres.as_ref().and_then(|postgres| password(&postgres.url())));
        secrets.extend(redis.as_ref().and_then(|redis| password(&redis.url())));

        let (marketplace, brands, elsewhere) = (Hooks::start().await, Hooks::start().await, Hooks::start().await);
        let mail = Mailbox::start().await;
        let mut servers = vec![
            (Link::Marketplace, marketplace.address()),
            (Link::Brand, brands.address()),
            (Link::Mail, mail.address()),
        ];
        if let Some(redis) = &redis {
            let at = address(&database.url);
            servers.extend([(Link::Database, at), (Link::Console, at), (Link::Redis, address(&redis.url()))]);
        }
        let mut links = HashMap::new();
        for (link, server) in servers {
            links.insert(link, Proxy::to(server).await);
        }

        let through = |link: Link, url: &str| match links.get(&link) {
            Some(proxy) => url.replace(&address(url).to_string(), &proxy.address().to_string()),
            None => url.to_owned(),
        };
        let house = populate(&database.url, &through(Link::Brand, &brands.url(""))).await;
        witness::install(&house.db).await;
        let environment = |name: &str, value: String| (name.to_owned(), value);
        let (key, checkpoints) = (folder.path().join("audit.key"), folder.path().join("checkpoints"));
        let mut recipe = Recipe {
            environment: vec![
                environment("HOME", folder.path().display().to_string()),
                environment("JOINTFORCE_DATA_DIR", folder.path().join("data").display().to_string()),
                environment("JOINTFORCE_AUDIT_KEY_FILE", key.display().to_string()),
                environment("JOINTFORCE_CHECKPOINTS", checkpoints.display().to_string()),
                environment("JOINTFORCE_WEBHOOK_ALLOW", "127.0.0.0/8".to_owned()),
                environment("SMTP_URL", through(Link::Mail, &mail.url())),
                environment("MARKETPLACE_URL", through(Link::Marketplace, &marketplace.url("/marketplace"))),
                environment("MARKETPLACE_SECRET", SECRET.to_owned()),
                environment("RUST_LOG", "info".to_owned()),
            ],
            database_url: through(Link::Database, &database.url),
            clock: FAKE_CLOCK.iter().map(PathBuf::from).find(|path| path.exists()).map(|library| {
                let file = folder.path().join("clock");
                (library, file)
            }),
        };
        if let Some(redis) = &redis {
            recipe.environment.push(environment("REDIS_URL", through(Link::Redis, &redis.url())));
            recipe.database_url += "?options=-c%20torture.worker%3D{worker}";
        }
        let mut make_key = programs::worker();
        make_key.args(["audit", "key", "--name", "torture.example/audit", "--new"]).arg(&key);
        make_key.env("JOINTFORCE_DATA_DIR", folder.path().join("data"));
        let made = programs::run(make_key, "").await;
        assert_eq!(made.code, 0, "{}", made.error);

        let workers = if embedded { 1 } else { WORKERS };
        Self {
            means: Means { embedded, clock: !embedded && recipe.clock.is_some(), disk: disk.is_some() },
            console_url: through(Link::Console, &database.url),
            fleet: (0..workers).map(|number| Slot::new(number, &recipe)).collect(),
            postgres: postgres.map(|server| Arc::new(Mutex::new(server))),
            redis: redis.map(|server| Arc::new(Mutex::new(server))),
            house,
            links,
            marketplace,
            brands,
            elsewhere,
            mail,
            disk,
            secrets,
            database,
            folder,
        }
    }

    /// A command of the worker's program for whoever looks on.
    pub fn tool(&self) -> Command {
        let mut command = programs::worker();
        command
            .env("DATABASE_URL", &self.database.url)
            .env("JOINTFORCE_DATA_DIR", self.folder.path().join("data"))
            .env("JOINTFORCE_AUDIT_KEY_FILE", self.folder.path().join("audit.key"))
            .env("JOINTFORCE_CHECKPOINTS", self.folder.path().join("checkpoints"));
        command
    }

    /// Everything back as it was, and nothing new: the links, the clock, the disk, the receivers.
    pub fn heal(&self) {
        for link in self.links.values() {
            link.heal();
        }
        // One that fails is asked seldom: what many faults told it to answer would last for minutes.
        self.marketplace.recover();
        self.brands.recover();
        self.mail.recover();
        for slot in &self.fleet {
            slot.set_clock(0);
        }
        if let Some(disk) = &self.disk {
            disk.clear();
        }
    }
}

/// What a lock holds, also after a panic elsewhere: that is told by its own test.
pub fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `127.0.0.1:port` in a URL.
fn address(url: &str) -> SocketAddr {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rsplit('@').next().and_then(|address| address.parse().ok()).expect("an address with a port")
}

fn password(url: &str) -> Option<String> {
    let (user, _) = url.split_once("://")?.1.split_once('@')?;
    Some(user.split_once(':')?.1.to_owned())
}

/// Brands, moderators and a hasty policy.
async fn populate(url: &str, hooks: &str) -> House {
    let mut house = World::new(url).await.house;
    let import = World::import();
    let all: Vec<_> = (0..BRANDS)
        .map(|n| {
            let mut brand = brand(&format!("brand-{n}"));
            brand.webhook_url = Some(format!("{hooks}/brand-{n}"));
            brand.webhook_secret = Some(SECRET.to_owned());
            brand
        })
        .collect();
    catalogue::load_brands(&house, &import, &all).await.expect("brands");
    let rights: Vec<_> = (0..BRANDS).map(|n| right(&format!("tm-{n}"), &format!("brand-{n}"))).collect();
    catalogue::load_rights(&house, &import, &rights).await.expect("rights");
    for n in 0..super::consoles::MODERATORS {
        let account = format!("mod-{n}");
        let role = if n == 0 { Role::Senior } else { Role::Moderator };
        operator::add(&house, &import, account.parse().expect("an account"), &account, role)
            .await
            .expect("a moderator");
    }
    let hasty = POLICY.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec();
    policy::change(&house, &import, &NewPolicy::Set(hasty), "torture").await.expect("a policy");
    house.refresh().await.expect("the policy");
    house
}

/// A database as somebody opens it for whom it may be away.
pub async fn open(url: &str) -> Db {
    loop {
        match Db::open(url).await {
            Ok(db) => return db,
            Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    }
}
