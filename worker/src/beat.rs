//! How a worker says that it lives, what it does, and that it leaves.

use std::time::Duration;

use jointforce_shared::{
    clock::Clock,
    commands::House,
    domain::time::Time,
    store::{db, effects::carry, leases},
};
use tokio::time::sleep;
use tracing::{info, warn};
use ulid::Ulid;

use crate::{
    bell::{Bell, Health},
    metrics,
    orders::Orders,
    progress::Progress,
    service,
};

/// How often a worker says that it is alive.
const BEAT: Duration = Duration::from_secs(5);

/// host-pid-ulid: unique over machines, processes and starts.
pub(crate) fn worker_name(clock: &Clock) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String = host.trim().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect();
    let host = if host.is_empty() { "host".to_owned() } else { host };
    format!("{host}-{}-{}", std::process::id(), clock.id(Ulid::from).to_string().to_lowercase())
}

/// Says every few seconds, and whenever that changes, what this worker does.
pub(crate) async fn beat_until_stopped(
    house: &House,
    bell: &Bell,
    name: &str,
    queue: &str,
    progress: &Progress,
    mut orders: Orders,
) {
    let started = house.clock.now();
    while !orders.is_leaving() {
        progress.pass("beat");
        let doing = if orders.is_at_rest() { "quiet" } else { "running" };
        let state = match bell.check().await {
            Health::Reachable => doing.to_owned(),
            Health::Away { away, lasting } => format!("{doing}; queue away for {} s: {away}", lasting.as_secs()),
        };
        service::status(&state);
        if let Err(error) = beat(house, name, started, queue, &state).await {
            warn!("could not say that this worker lives: {error}");
        }
        tokio::select! { () = sleep(BEAT) => {} _ = orders.changed() => {} }
    }
    progress.end("beat");
    service::stopping();
    // It still finishes what it holds; whoever looks at `status` meanwhile is told.
    let _ = beat(house, name, started, queue, "leaving").await;
}

async fn beat(house: &House, name: &str, started: Time, queue: &str, state: &str) -> db::Result<()> {
    let mut tx = house.db.write().await?;
    leases::beat(&mut tx, name, started, queue, state, &metrics::done()).await?;
    tx.commit().await
}

/// Hands back what this worker still has leased, so that others go on at once, and leaves.
pub(crate) async fn say_goodbye(house: &House, name: &str) {
    let goodbye = async {
        let mut tx = house.db.write().await?;
        let back = carry::hand_back(&mut tx, name, house.policy.attempts_max, house.clock.now()).await?;
        leases::leave(&mut tx, name).await?;
        tx.commit().await.map(|()| back)
    };
    match goodbye.await {
        Ok(0) => {}
        Ok(back) => info!(effects = back, "handed back what was leased: others go on with it"),
        Err(error) => warn!("could not say goodbye, leases run out by themselves: {error}"),
    }
}
