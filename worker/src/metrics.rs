//! What this process counts and times, for `/metrics`. Names begin with `jf_`, units are seconds and bytes, and no label
//! holds an id: labels are lanes, kinds and outcomes, of which there are a few dozen.
//!
//! One set a process, since that is what Prometheus scrapes.

use std::{
    collections::BTreeMap,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jointforce_shared::domain::effect::{self, Lane};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};

/// What became of an effect that was in a carrier's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Carried out.
    Done,
    /// Comes again by itself.
    Retried,
    /// Waits for a person.
    Dead,
    /// Waits for a newer program.
    Parked,
    /// Another worker has it: the lease was lost, or the outcome could not be written.
    Lost,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retried => "retried",
            Self::Dead => "dead",
            Self::Parked => "parked",
            Self::Lost => "lost",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Carried {
    kind: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLane {
    lane: &'static str,
}

/// From a database that answers at once to a call that takes all of its time-out.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

struct Metrics {
    registry: Registry,
    carried: Family<Carried, Counter>,
    calls: Family<Kind, Histogram>,
    batches: Histogram,
    rings: Family<OfLane, Counter>,
    leads: Gauge,
}

/// Effects carried out since the start, in the order of [`Lane::ALL`].
static DONE: [AtomicI64; Lane::ALL.len()] = [const { AtomicI64::new(0) }; Lane::ALL.len()];

static METRICS: LazyLock<Metrics> = LazyLock::new(|| {
    let metrics = Metrics {
        registry: Registry::default(),
        carried: Family::default(),
        calls: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        batches: Histogram::new(SECONDS),
        rings: Family::default(),
        leads: Gauge::default(),
    };
    let mut registry = Registry::default();
    let version = vec![("version", env!("CARGO_PKG_VERSION"))];
    registry.register("jf_build", "The program", Info::new(version));
    registry.register(
        "jf_effects",
        "Effects that were in this worker's hands, by what became of them",
        metrics.carried.clone(),
    );
    registry.register("jf_call_seconds", "How long calls outside took, failed ones too", metrics.calls.clone());
    registry.register("jf_batch_seconds", "How long transactions of inside effects took", metrics.batches.clone());
    registry.register("jf_rings", "Rings that this worker's relay rang", metrics.rings.clone());
    registry.register("jf_relay_leads", "1 if this worker's relay is the one that rings", metrics.leads.clone());
    Metrics { registry, ..metrics }
});

/// What became of an effect. A kind that is no word of ours is counted as `unknown`, so that nobody's text becomes a label.
pub(crate) fn carried(kind: &str, outcome: Outcome) {
    let lane =
        kind.parse().ok().map(effect::Kind::lane).and_then(|lane| Lane::ALL.iter().position(|known| *known == lane));
    if let Some(done) = lane.filter(|_| outcome == Outcome::Done).and_then(|at| DONE.get(at)) {
        done.fetch_add(1, Ordering::Relaxed);
    }
    let word = (1..=40).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let kind = if word { kind } else { "unknown" }.to_owned();
    METRICS.carried.get_or_create(&Carried { kind, outcome: outcome.as_str() }).inc();
}

/// A call outside ended, well or not.
pub(crate) fn called(kind: effect::Kind, took: Duration) {
    METRICS.calls.get_or_create(&Kind { kind: kind.as_str().to_owned() }).observe(took.as_secs_f64());
}

/// A transaction of inside effects was committed.
pub(crate) fn batch(took: Duration) {
    METRICS.batches.observe(took.as_secs_f64());
}

/// The relay rang.
pub(crate) fn rang(lane: Lane) {
    METRICS.rings.get_or_create(&OfLane { lane: lane.as_str() }).inc();
}

/// Whether the relay leads.
pub(crate) fn leads(leads: bool) {
    METRICS.leads.set(i64::from(leads));
}

/// How many effects of each lane this process has carried out.
pub(crate) fn done() -> BTreeMap<Lane, i64> {
    Lane::ALL.iter().copied().zip(DONE.iter().map(|done| done.load(Ordering::Relaxed))).collect()
}

/// Everything so far, in Prometheus' text format without its end.
pub(crate) fn registry() -> &'static Registry {
    &METRICS.registry
}
