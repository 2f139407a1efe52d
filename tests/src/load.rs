//! Load for benchmarks: cases of many sellers, decided at once, and worker processes that carry out what follows.
//!
//! A worker is the benchmark's own program started again with other words, so that it is built like the benchmark and
//! nothing else has to be there.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::{
        House,
        case::{self, Act, Acted, Request},
        catalogue, lane, notice,
    },
    config::Places,
    domain::{decision::RemoveReason, effect::Lane, ids::CaseId, listing::Listing, seller::Seller},
    store::{Db, effects::flows, leases},
};
use jointforce_worker::{
    bell::BellConfig,
    outside::Range,
    run::{self, RunConfig},
};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    process,
    wait::until,
    world::{World, listing, raw, seller, who},
};

/// Listings that one notice names.
const A_NOTICE: usize = 250;
/// Cases a seller: repeat offenders are the rule.
pub const A_SELLER: usize = 5;
/// The first word of a worker's command line.
const WORKER: &str = "--as-worker";
/// Longer than any benchmark waits for what it waits for.
const LONG: Duration = Duration::from_secs(3600);

/// A seller's listings are spread over all batches.
pub fn seller_of(listing: usize, cases: usize) -> String {
    format!("s{}", listing % cases.div_ceil(A_SELLER))
}

/// Listings of many sellers, `l0` and up, each reported once.
pub async fn report(world: &World, cases: usize) -> Vec<CaseId> {
    let import = World::import();
    let many: Vec<Seller> = (0..cases.div_ceil(A_SELLER)).map(|n| seller(&format!("s{n}"))).collect();
    catalogue::load_sellers(&world.house, &import, &many).await.unwrap();
    let mut reported = vec![];
    for part in 0..cases.div_ceil(A_NOTICE) {
        let some: Vec<Listing> = (part * A_NOTICE..cases.min((part + 1) * A_NOTICE))
            .map(|n| listing(&format!("l{n}"), &seller_of(n, cases)))
            .collect();
        catalogue::load_listings(&world.house, &import, &some).await.unwrap();
        let ids: Vec<&str> = some.iter().map(|l| l.id.as_str()).collect();
        match notice::file(&world.house, &import, &[raw(&format!("bench-{part}"), &ids)]).await.unwrap().pop() {
            Some(notice::Filed::New { cases, .. }) => reported.extend(cases),
            other => panic!("{other:?}"),
        }
    }
    reported
}

/// Ann removes a case's listing.
pub async fn remove(house: &House, case: CaseId) -> Acted {
    let act = Act::Remove(RemoveReason::ImproperUse);
    case::act(house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await.unwrap()
}

/// Removes all of them, by several at once, as moderators do.
pub async fn remove_all(house: &House, cases: &[CaseId]) {
    let mut hands = JoinSet::new();
    for part in cases.chunks(cases.len().div_ceil(8).max(1)) {
        let (house, part) = (house.clone(), part.to_vec());
        hands.spawn(async move {
            for case in part {
                remove(&house, case).await;
            }
        });
    }
    hands.join_all().await;
}

/// Stops the lanes inside, or lets them go on.
pub async fn pause_inside(house: &House, pause: bool) {
    for lane in Lane::INSIDE {
        let oda = who("oda");
        let done =
            if pause { lane::pause(house, &oda, *lane, "bench").await } else { lane::resume(house, &oda, *lane).await };
        done.unwrap();
    }
}

/// How long it takes from letting the lanes go on until nothing inside is due any more.
pub async fn carry_all(house: &House) -> Duration {
    let mut waiting = flows::all(&mut house.db.read().await.unwrap()).await.unwrap();
    waiting.retain(|flow| flow.endpoint.is_none());
    let started = Instant::now();
    pause_inside(house, false).await;
    // One after the other, and each by its index: who looks must not take the machine from what is looked at.
    for flow in waiting {
        until(LONG, "everything inside is carried out", async || {
            let mut conn = house.db.read().await.unwrap();
            flows::due(&mut conn, &flow, house.clock.now(), 1).await.unwrap().is_empty()
        })
        .await;
    }
    started.elapsed()
}

/// What a worker process needs to know.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The database.
    pub url: String,
    /// Redis; without it rings stay in the worker's memory.
    pub redis: Option<String>,
    /// Effects a transaction at most.
    pub batch: usize,
    /// The lanes that it serves.
    pub lanes: Vec<Lane>,
    /// Where its files are.
    pub folder: PathBuf,
}

impl Plan {
    fn config(&self) -> RunConfig {
        let places = Places { database_url: self.url.clone(), redis_url: None, data_dir: self.folder.clone() };
        let bell = match &self.redis {
            Some(url) => BellConfig::Redis { url: url.clone(), prefix: "bench".into() },
            None => BellConfig::Memory,
        };
        let mut config =
            RunConfig { bell, lanes: self.lanes.clone(), batch: self.batch, ..run::embedded_config(&places) };
        config.outside.webhook_allow = vec![Range::LOOPBACK];
        config
    }
}

/// Worker processes. Dropped, they are killed.
#[derive(Debug)]
pub struct Workers(Vec<Child>);

impl Workers {
    /// Starts so many, and waits until all say that they are alive.
    pub async fn start(house: &House, plan: &Plan, count: usize) -> Self {
        let before = leases::workers(&mut house.db.read().await.unwrap()).await.unwrap().len();
        let lanes: Vec<&str> = plan.lanes.iter().map(|lane| lane.as_str()).collect();
        let start = |_| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    WORKER,
                    &plan.url,
                    plan.redis.as_deref().unwrap_or("-"),
                    &plan.batch.to_string(),
                    &lanes.join(","),
                ])
                .arg(&plan.folder)
                .stdin(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let workers = Self((0..count).map(start).collect());
        until(LONG, "the workers live", async || {
            leases::workers(&mut house.db.read().await.unwrap()).await.unwrap().len() >= before + count
        })
        .await;
        workers
    }

    /// Their processor time so far.
    pub fn cpu(&self) -> Duration {
        self.0.iter().map(|worker| process::cpu(worker.id())).sum()
    }

    /// Resident memory of the largest, in bytes.
    pub fn memory(&self) -> f64 {
        self.0.iter().map(|worker| process::memory(worker.id(), "Rss")).fold(0.0, f64::max)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

/// Works, if the command line says that this is a worker, until the benchmark goes away; gives whether it did.
pub async fn worked() -> bool {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [first, url, redis, batch, lanes, folder] = words.as_slice() else { return false };
    if first != WORKER {
        return false;
    }
    if std::env::var_os("RUST_LOG").is_some() {
        jointforce_shared::telemetry::begin(jointforce_shared::telemetry::Log::Text);
    }
    let plan = Plan {
        url: url.clone(),
        redis: Some(redis.clone()).filter(|redis| redis != "-"),
        batch: batch.parse().unwrap(),
        lanes: lanes.split(',').map(|lane| lane.parse().unwrap()).collect(),
        folder: folder.into(),
    };
    let (stop, stopped) = watch::channel(false);
    // The benchmark holds the other end of our input.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        stop.send_replace(true);
    });
    let house = House::open(Db::open(&plan.url).await.unwrap()).await.unwrap();
    run::run(house, plan.config(), stopped).await.unwrap();
    true
}
