//! What happened, as a table for people and JSON for programs.

use std::{collections::BTreeMap, time::Duration};

use jointforce_shared::store::Db;
use serde_json::{Value, json};

use super::{check::Findings, inject::Injected, sampler::Samples, stage::held, witness::number};

/// What the ledger holds in the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ledger {
    pub effects: i64,
    pub done: i64,
    pub cancelled: i64,
    pub dead: i64,
    pub decisions: i64,
    pub undone: i64,
    pub notices: i64,
    pub events: i64,
}

impl Ledger {
    pub async fn read(db: &Db) -> Self {
        let count = async |of: &str| number(db, &format!("SELECT count(*) FROM {of}")).await.unwrap_or(-1);
        Self {
            effects: count("ledger").await,
            done: count("ledger WHERE state = 'done'").await,
            cancelled: count("ledger WHERE state = 'cancelled'").await,
            dead: count("ledger WHERE state = 'dead'").await,
            decisions: count("decisions").await,
            undone: count("decisions WHERE undone_at IS NOT NULL").await,
            notices: count("notices").await,
            events: count("audit").await,
        }
    }
}

/// One run on one database.
#[derive(Debug)]
pub struct Report {
    pub on: &'static str,
    pub seed: u64,
    pub took: Duration,
    pub injected: Vec<Injected>,
    /// How long after the last fault everything due was done.
    pub settled: Duration,
    pub ledger: Ledger,
    pub findings: Findings,
    pub samples: std::sync::Arc<Samples>,
    /// Worker processes that were started.
    pub starts: usize,
    /// Acts whose console was killed before it knew.
    pub killed_acts: usize,
    /// Calls and letters that came again.
    pub repeated: usize,
    pub calls: usize,
    /// What this machine could not do.
    pub left_out: Vec<&'static str>,
}

impl Report {
    /// Median and longest time from a fault's end until the ledger moved on, by kind.
    fn kinds(&self) -> BTreeMap<String, Vec<Duration>> {
        let mut kinds: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        for injected in &self.injected {
            let after = self.samples.moved_after(injected.over);
            kinds.entry(injected.kind.to_string()).or_default().extend(after.or(Some(Duration::ZERO)));
        }
        kinds.values_mut().for_each(|times| times.sort_unstable());
        kinds
    }

    pub fn print(&self) {
        let Ledger { effects, done, cancelled, dead, decisions, undone, notices, events } = self.ledger;
        println!("\n{}, seed {}: {} faults in {:.0?}", self.on, self.seed, self.injected.len(), self.took);
        println!("  {:<52} {:>6}  {:>22}", "fault", "times", "moved on after, longest");
        for (kind, times) in self.kinds() {
            let ms = |at: usize| times.get(at).map_or(0, Duration::as_millis);
            let (median, longest) = (ms(times.len() / 2), ms(times.len() - 1));
            println!("  {kind:<52} {:>6}  {median:>10} ms {longest:>5} ms", times.len());
        }
        println!(
            "  {effects} effects: {done} done, {cancelled} cancelled, {dead} dead; {decisions} decisions, {undone} taken back; \
             {notices} notices; {events} audit events"
        );
        println!(
            "  {} workers started; {} acts killed; {} of {} calls and letters came again, under their key",
            self.starts, self.killed_acts, self.repeated, self.calls
        );
        if self.on != "SQLite" {
            let (looks, worst) = (*held(&self.samples.looks), *held(&self.samples.worst));
            println!("  queue: {looks} looks, at most {worst:.2} ids for one open effect");
        }
        for what in &self.left_out {
            println!("  left out: {what}");
        }
        println!("  everything due was done {:.1} s after the last fault", self.settled.as_secs_f64());
        println!("  {} promises looked at, {} broken", self.findings.rules, self.findings.broken.len());
        for broken in &self.findings.broken {
            println!("  BROKEN {broken}");
        }
    }

    pub fn json(&self) -> Value {
        let Ledger { effects, done, cancelled, dead, decisions, undone, notices, events } = self.ledger;
        let faults: Vec<Value> = self
            .kinds()
            .into_iter()
            .map(|(kind, times)| {
                let ms = |at: usize| times.get(at).map_or(0, Duration::as_millis);
                json!({ "fault": kind, "count": times.len(), "recovered_ms": { "median": ms(times.len() / 2) as u64,
                        "longest": ms(times.len() - 1) as u64 } })
            })
            .collect();
        let broken: Vec<_> =
            self.findings.broken.iter().map(|broken| json!({ "rule": broken.rule, "by": broken.by })).collect();
        json!({
            "on": self.on, "seed": self.seed, "seconds": self.took.as_secs_f64(), "faults": faults,
            "injected": self.injected.len(), "settled_seconds": self.settled.as_secs_f64(),
            "effects": { "all": effects, "done": done, "cancelled": cancelled, "dead": dead },
            "decisions": decisions, "undone": undone, "notices": notices, "events": events,
            "worker_starts": self.starts, "killed_acts": self.killed_acts, "calls": self.calls,
            "repeated_calls": self.repeated, "queue_looks": *held(&self.samples.looks),
            "queue_worst": *held(&self.samples.worst), "left_out": self.left_out,
            "rules": self.findings.rules, "broken": broken,
        })
    }
}
