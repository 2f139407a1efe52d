//! Is everything true that is promised? Asked once all is healed and the ledger has come to rest.

mod ledger;
mod outside;
mod people;

use std::{fmt, time::Duration};

use jointforce_tests::programs;
use tokio::time::{Instant, sleep};

use super::{
    consoles::Book,
    intake::Filings,
    report::Ledger,
    sampler::Samples,
    stage::{Stage, held},
    witness,
};

/// How long nothing may move before it counts as stuck: a call that timed out waits for a minute.
const STUCK: Duration = Duration::from_secs(75);

/// A promise that was not kept.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Which, in words.
    pub rule: String,
    /// By what.
    pub by: String,
    /// The steps of the effect that it is about.
    pub history: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.by)?;
        self.history.iter().try_for_each(|step| write!(f, "\n      {step}"))
    }
}

/// What the checks found; each adds to it.
#[derive(Debug, Default)]
pub struct Findings {
    /// Promises that were looked at.
    pub rules: usize,
    pub broken: Vec<Broken>,
}

impl Findings {
    /// Looks at one promise.
    fn rule(&mut self, rule: impl Into<String>, by: impl IntoIterator<Item = String>) {
        let rule = rule.into();
        self.rules += 1;
        self.broken.extend(by.into_iter().take(20).map(|by| Broken { rule: rule.clone(), by, history: vec![] }));
    }
}

/// Waits until nothing is due, every event is sealed and every hold is over, or nothing moves any more; how long that took.
pub async fn settle(stage: &Stage) -> Duration {
    let began = Instant::now();
    let mut last = ([None; 3], began);
    while last.1.elapsed() < STUCK {
        let now = stage.house.clock.now().0 + 600_000_000;
        let open = format!("SELECT count(*) FROM effects WHERE state IN ('due', 'running') AND due_at <= {now}");
        let unsealed = "SELECT (SELECT count(*) FROM audit) - (SELECT count(*) FROM audit_leaves)";
        // The last act may have been one, and it is swept within a second of its end, not at it.
        let held = "SELECT count(*) FROM cases WHERE state = 'held'";
        let db = &stage.house.db;
        let left =
            [witness::number(db, &open).await, witness::number(db, unsealed).await, witness::number(db, held).await];
        if left == [Some(0); 3] {
            break;
        }
        if left != last.0 {
            last = (left, Instant::now());
        }
        sleep(Duration::from_millis(250)).await;
    }
    began.elapsed()
}

/// Everything that is promised.
pub async fn check(stage: &Stage, book: &Book, filings: &Filings, samples: &Samples) -> (Findings, Ledger) {
    let mut findings = Findings::default();
    ledger::check(stage, &mut findings).await;
    people::check(stage, book, filings, &mut findings).await;
    outside::check(stage, &mut findings).await;
    findings.rule("I9 the queue holds at most twice the open effects", held(&samples.storms).clone());
    findings.rule("I11 no connection is left in a transaction", idle_in_transaction(stage).await);

    // They leave as a service manager asks them to, and sign what there is; then the record is read by the program.
    for slot in &stage.fleet {
        slot.drain().await;
    }
    ledger::check_seals(stage, &mut findings).await;
    findings.rule("I7 the record is as it was sealed", verify(stage).await);
    outside::check_what_was_said(stage, &mut findings).await;
    findings.rule("a worker ends when it is asked, and only then", stage.fleet.iter().flat_map(|slot| slot.wrong()));
    for broken in &mut findings.broken {
        broken.history = history(stage, &broken.by).await;
    }
    (findings, Ledger::read(&stage.house.db).await)
}

/// What the witness saw of the effect that breaks a rule, if it is one.
async fn history(stage: &Stage, by: &str) -> Vec<String> {
    let id: String = by.chars().take_while(char::is_ascii_alphanumeric).collect();
    let sql = format!(
        "SELECT at || ' ' || was || ' to ' || became || ', attempt ' || attempts || ', by ' || who FROM witness
         WHERE effect = '{id}' ORDER BY n LIMIT 50"
    );
    witness::texts(&stage.house.db, &sql).await.unwrap_or_default()
}

async fn idle_in_transaction(stage: &Stage) -> Vec<String> {
    if stage.means.embedded {
        return vec![];
    }
    let sql = "SELECT pid || ': ' || query FROM pg_stat_activity
               WHERE state LIKE 'idle in transaction%' AND state_change < now() - interval '3 seconds'";
    witness::texts(&stage.house.db, sql).await.unwrap_or_else(|error| vec![error.to_string()])
}

async fn verify(stage: &Stage) -> Option<String> {
    let mut verify = stage.tool();
    verify.args(["audit", "verify"]);
    let said = programs::run(verify, "").await;
    (said.code != 0 || !said.output.contains("the record holds"))
        .then(|| format!("exit {}: {} {}", said.code, said.output.trim(), said.error.trim()))
}
