//! A worker process: the relay, the lanes, and the sweep of what ran out.

use std::{
    fs::{File, TryLockError},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use jointforce_shared::{
    commands::{Actor, House, sweep},
    config::Places,
    domain::effect::Lane,
    store::Db,
};
use tokio::{sync::watch, time::sleep};
use tracing::{info, warn};

use crate::{
    beat,
    bell::{Bell, BellConfig},
    carry_out::Carrier,
    health::HealthDesk,
    orders::{self, Foreman, Orders},
    outside::{Gallery, MailRoute, Outside, OutsideConfig, PagerConfig},
    pictures,
    portal::{KeyFile, Links, Listen, Portal, PortalConfig},
    progress::Progress,
    register::{self, Register, RegisterConfig},
    sealer::{self, Export, SealConfig},
    service,
    serving::Serving,
};

/// What a worker needs beside the house.
#[derive(Debug, Clone)]
pub struct RunConfig {
    /// What carries the rings.
    pub bell: BellConfig,
    /// Mail, webhooks, the marketplace.
    pub outside: OutsideConfig,
    /// The transparency register, where statements of reasons go.
    pub register: Option<RegisterConfig>,
    /// Whether it makes the pictures that consoles ask for. Not in a process that draws: they are strangers' files.
    pub pictures: bool,
    /// The lanes that this worker serves; a fleet may keep machines for one of them.
    pub lanes: Vec<Lane>,
    /// The most inside effects in one transaction. [`RunConfig::BATCH`] by default.
    pub batch: usize,
    /// The pages for rights holders, and the links to them in letters.
    pub portal: Option<PortalConfig>,
    /// The key and the place for the audit record's checkpoints.
    pub seal: SealConfig,
    /// How long it may finish what it holds when it is told to leave; then it hands back what it has leased.
    /// [`orders::DRAIN`] by default.
    pub drain: Duration,
    /// Where it serves `/livez`, `/readyz` and `/metrics`; nowhere by default.
    pub health: Option<SocketAddr>,
}

impl RunConfig {
    /// 400: with half as many an effect costs a tenth more, with more hardly less, and a poison effect is still found quickly.
    pub const BATCH: usize = 400;
}

/// How often what ran out is swept: the most that a killed worker's lease lasts longer than it says.
const SWEEP: Duration = Duration::from_secs(1);

/// Serves until it is told to leave, then finishes what it holds, hands back the rest, and leaves.
///
/// # Errors
/// A configuration that can't be used, or a part that breaks again and again; what goes away later is waited for.
pub async fn run(house: House, config: RunConfig, orders: impl Into<Orders>) -> anyhow::Result<()> {
    let said = orders.into();
    let progress = Progress::default();
    let queue = if matches!(config.bell, BellConfig::Memory) { "memory" } else { "redis" };
    let name = beat::worker_name(&house.clock);
    let bell = Bell::connect(config.bell).await?;
    let health = match config.health {
        Some(address) => Some(HealthDesk::open(address).await?),
        None => None,
    };
    let fleet = health.as_ref().map(HealthDesk::fleet);
    let portal = match config.portal {
        Some(portal) if matches!((&portal.listen, &portal.key), (Listen::Remembered(_), KeyFile::Made(_))) => {
            match Portal::open(portal).await {
                Ok(portal) => Some(portal),
                // Nobody asked for it by name: listings come down and letters go out without it.
                Err(error) => {
                    warn!("no pages for rights holders, and no links in letters: {error:#}");
                    None
                }
            }
        }
        Some(portal) => Some(Portal::open(portal).await?),
        None => None,
    };
    let links = portal.as_ref().map(Portal::links);
    let gallery = config.pictures.then(|| Gallery::new(&config.outside.webhook_allow)).transpose()?;
    let outside = Arc::new(Outside::new(config.outside)?.with_links(links.clone()));
    let key = config.seal.key.read_or_make()?;
    let export = Export::to(config.seal.checkpoints);
    let register = config.register.map(Register::new).transpose()?;
    let carrier = Carrier { house: house.clone(), outside, name: name.clone() };
    // The sweep reads the policy again when it changes and hands it to the carrier here.
    let (newest, carrier) = watch::channel(carrier);
    info!(worker = name, queue, "started");

    // What leaves: this worker when it is asked to, or when one of its parts can't be kept alive.
    let (foreman, orders) = Foreman::new();
    let stop = orders.stop.clone();
    let serve_portal = {
        let (carrier, stop) = (carrier.clone(), stop.clone());
        async move {
            if let Some(portal) = portal {
                portal.serve(carrier, stop).await;
            }
        }
    };
    let serve = async {
        let mut served = Ok(());
        while served.is_ok() && orders.may_work().await {
            let serving = Serving {
                bell: bell.clone(),
                carrier: carrier.clone(),
                lanes: config.lanes.clone(),
                batch: config.batch,
                progress: progress.clone(),
                stop: orders.rest.clone(),
            };
            served = serving.run().await;
        }
        // Asked to, or without a part that it can't live without: then everything leaves.
        foreman.leave();
        served
    };
    let seal = async {
        match key {
            Some(key) => sealer::seal_until_stopped(house.clone(), name.clone(), key, export, stop.clone()).await,
            None => info!("this worker has no audit key, so it seals nothing: give JOINTFORCE_AUDIT_KEY_FILE to some"),
        }
    };
    let send_reasons = async {
        if let Some(register) = register {
            let send = |halt| register::send_until_stopped(register.clone(), house.clone(), name.clone(), halt);
            orders.while_working(send).await;
        }
    };
    let make_pictures = async {
        if let Some(gallery) = gallery {
            let make = |halt| pictures::make_until_stopped(gallery.clone(), house.clone(), name.clone(), halt);
            orders.while_working(make).await;
        }
    };
    let read_fleet = async {
        if let Some(fleet) = fleet {
            fleet.read_until_stopped(&house, &name, stop.clone()).await;
        }
    };
    let serve_health = async {
        if let Some(health) = health {
            health.serve(house.clone(), bell.clone(), progress.clone(), orders.clone()).await;
        }
        // Whoever works without being asked works on.
        std::future::pending::<()>().await;
    };
    let work = async {
        let (served, ..) = tokio::join!(
            serve,
            foreman.pass_on(said.clone()),
            read_fleet,
            seal,
            send_reasons,
            make_pictures,
            serve_portal,
            sweep_until_stopped(house.clone(), &newest, &name, &progress, stop.clone()),
            beat::beat_until_stopped(&house, &bell, &name, queue, &progress, orders.clone()),
        );
        served
    };
    service::ready();
    let served = tokio::select! {
        served = work => served,
        () = orders.overdue(config.drain) => {
            warn!("leaving what still runs after {} s", config.drain.as_secs_f32());
            Ok(())
        }
        () = take_settings(said.clone(), &newest, &links) => Ok(()),
        () = service::feed_watchdog(&progress) => Ok(()),
        () = serve_health => Ok(()),
    };
    beat::say_goodbye(&house, &name).await;
    info!(worker = name, "left");
    Ok(served?)
}

/// Calls out with the settings that were read again, from the next call on. Those that can't be used change nothing.
async fn take_settings(mut orders: Orders, newest: &watch::Sender<Carrier>, links: &Option<Links>) {
    loop {
        match Outside::new(orders.next_settings().await) {
            Ok(outside) => {
                let outside = Arc::new(outside.with_links(links.clone()));
                newest.send_modify(|carrier| carrier.outside = outside);
                info!("the settings were read again");
                service::reloaded("working with settings that were read again");
            }
            Err(refused) => {
                warn!("the settings stay as they were: {refused}");
                service::reloaded("working with the settings from before: what was to be read again is wrong");
            }
        }
    }
}

async fn sweep_until_stopped(
    mut house: House,
    newest: &watch::Sender<Carrier>,
    name: &str,
    progress: &Progress,
    mut stop: watch::Receiver<bool>,
) {
    let actor = Actor::program(name);
    while !*stop.borrow() {
        progress.pass("sweep");
        match house.refresh().await {
            Ok(false) => {}
            Ok(true) => {
                info!(version = house.policy_version, "the policy changed");
                newest.send_modify(|carrier| carrier.house = house.clone());
            }
            Err(error) => warn!("the policy could not be read again, the one in hand stays: {error}"),
        }
        sweep::all(&house, &actor).await;
        tokio::select! { () = sleep(SWEEP) => {} _ = stop.changed() => {} }
    }
    progress.end("sweep");
}

/// The right to carry out the effects of an SQLite file; kept as long as it lives.
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

/// Takes the right to carry out the effects of an embedded database. `None` while another process has it, and always
/// for a server, where any number of workers may serve.
///
/// # Errors
/// When the lock file beside the database can't be made.
pub fn lock_file(db: &Db) -> anyhow::Result<Option<FileLock>> {
    let Some(path) = db.file() else { return Ok(None) };
    let mut path = path.as_os_str().to_owned();
    path.push(".worker.lock");
    let path = PathBuf::from(path);
    let file = File::create(&path).with_context(|| format!("{} can't be made", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(FileLock { _file: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} can't be locked", path.display())),
    }
}

/// The configuration of the embedded default: rings in memory, mail into a folder beside the database.
#[must_use]
pub fn embedded_config(places: &Places) -> RunConfig {
    RunConfig {
        bell: BellConfig::Memory,
        outside: OutsideConfig {
            mail: MailRoute::Folder(places.data_dir.join("mail")),
            mail_from: "Joint Force <takedowns@localhost>".to_owned(),
            marketplace: None,
            pager: PagerConfig::default(),
            timeout: OutsideConfig::TIMEOUT,
            webhook_allow: vec![],
        },
        register: None,
        pictures: false,
        lanes: Lane::ALL.to_vec(),
        batch: RunConfig::BATCH,
        portal: Some(PortalConfig {
            listen: Listen::Remembered(places.data_dir.join("portal.port")),
            url: None,
            key: KeyFile::Made(places.data_dir.join("link.key")),
        }),
        seal: SealConfig::embedded(places),
        drain: orders::DRAIN,
        health: None,
    }
}

/// Carries effects out inside the console's process, as soon as no other process does and as long as `stop` is false.
///
/// # Errors
/// As [`run`]; at once if the database is a server: there workers do it.
pub async fn embedded(house: House, config: RunConfig, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    anyhow::ensure!(house.db.is_embedded(), "a server's effects are carried out by jointforce-worker");
    loop {
        if let Some(lock) = lock_file(&house.db)? {
            let served = run(house, config, stop).await;
            drop(lock);
            return served;
        }
        tokio::select! { () = sleep(Duration::from_secs(2)) => {} _ = stop.changed() => {} }
        if *stop.borrow() {
            return Ok(());
        }
    }
}
