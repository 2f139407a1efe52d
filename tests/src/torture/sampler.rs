//! Looking on while it happens: does work go on, and does the queue stay small?

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{
    stage::{Stage, held},
    witness,
};

/// How often is looked.
const EVERY: Duration = Duration::from_millis(100);
/// Looks from one look at the queue to the next.
const QUEUE_EVERY: usize = 5;
/// Ids that may be in the queue beside twice the open effects: what one pass rings while effects end.
const SLACK: usize = 200;

/// What was seen.
#[derive(Debug, Default)]
pub struct Samples {
    /// When the ledger was seen to have moved on.
    pub moved: Mutex<Vec<Instant>>,
    /// Looks at the queue.
    pub looks: Mutex<usize>,
    /// The most ids in the queue for one open effect that were seen where there were more than [`SLACK`].
    pub worst: Mutex<f64>,
    /// Looks at which the queue held too much.
    pub storms: Mutex<Vec<String>>,
}

/// Looks on until `end` is true.
pub async fn look_on(stage: Arc<Stage>, samples: Arc<Samples>, mut end: watch::Receiver<bool>) {
    let mut steps = 0;
    let mut look = 0;
    while !*end.borrow() {
        if let Ok(Some(now)) = timeout(Duration::from_secs(1), witness::steps(&stage.house.db)).await
            && now != steps
        {
            steps = now;
            held(&samples.moved).push(Instant::now());
        }
        look += 1;
        if look % QUEUE_EVERY == 0 {
            look_at_queue(&stage, &samples).await;
        }
        tokio::select! { () = sleep(EVERY) => {} _ = end.changed() => {} }
    }
}

async fn look_at_queue(stage: &Stage, samples: &Samples) {
    let Some(redis) = stage.redis.clone() else { return };
    let Some(before) = open_effects(stage).await else { return };
    // A server that is being harmed is held; then there is nothing to ask.
    let asked = spawn_blocking(move || redis.try_lock().ok().and_then(|redis| redis.in_lists())).await;
    let Ok(Some(rings)) = asked else { return };
    let Some(after) = open_effects(stage).await else { return };
    let ids: usize = rings.iter().map(|ring| ids_in(ring)).sum();
    let open = before.max(after);
    *held(&samples.looks) += 1;
    if ids > SLACK {
        let mut worst = held(&samples.worst);
        *worst = worst.max(ids as f64 / open.max(1) as f64);
    }
    if ids > 2 * open + SLACK {
        held(&samples.storms).push(format!("{ids} ids in the queue for {open} open effects"));
    }
}

async fn open_effects(stage: &Stage) -> Option<usize> {
    let sql = "SELECT count(*) FROM effects WHERE state IN ('due', 'running')";
    let count = timeout(Duration::from_secs(1), witness::number(&stage.house.db, sql)).await.ok()??;
    usize::try_from(count).ok()
}

fn ids_in(ring: &str) -> usize {
    let ring: Value = serde_json::from_str(ring).unwrap_or_default();
    ring["ids"].as_array().map_or(0, Vec::len)
}

impl Samples {
    /// When the ledger moved on for the first time after this moment.
    pub fn moved_after(&self, moment: Instant) -> Option<Duration> {
        let moved = held(&self.moved);
        let at = moved.partition_point(|at| *at <= moment);
        moved.get(at).map(|at| at.duration_since(moment))
    }
}
