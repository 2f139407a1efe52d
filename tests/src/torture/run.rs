//! One run: set up, do harm while people work, heal, come to rest, check.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet, time::sleep};

use super::{
    check,
    consoles::{self, Book, MODERATORS},
    inject::inject,
    intake::{self, Filings},
    plan::plan,
    report::Report,
    sampler::{Samples, look_on},
    stage::{Stage, held},
    witness::number,
};

/// What to do.
#[derive(Debug, Clone)]
pub struct Form {
    pub embedded: bool,
    pub seed: u64,
    pub faults: usize,
    pub effects: usize,
    /// What the names of faults have to contain.
    pub only: Option<String>,
}

impl Form {
    /// How far faults are apart on average: so far that the effects come beside them and not after them, at some 60 a second.
    fn every(&self) -> Duration {
        let busy = Duration::from_millis(16) * (self.effects / self.faults.max(1)) as u32;
        busy.clamp(Duration::from_millis(if self.embedded { 1_300 } else { 500 }), Duration::from_secs(3))
    }

    /// How long a moderator rests, so that the effects are spread over the faults: a decision has about eight.
    fn pause(&self) -> Duration {
        let decisions = (self.effects as f64 / 8.0).max(1.0);
        let all = self.every().as_secs_f64() * self.faults as f64;
        Duration::from_secs_f64((all / decisions * MODERATORS as f64 * 0.3).clamp(0.02, 3.0))
    }
}

/// How long people go on working for the sake of more effects, once the faults are over and none is added any more.
const ON: Duration = Duration::from_secs(60);

/// Runs it.
pub async fn run(form: Form) -> Report {
    let began = Instant::now();
    let stage = Arc::new(Stage::set(form.embedded).await);
    let (book, filings, samples) =
        (Arc::new(Book::default()), Arc::new(Filings::default()), Arc::new(Samples::default()));
    let mut fleet = JoinSet::new();
    for slot in &stage.fleet {
        fleet.spawn(slot.clone().supervise());
    }
    let mut people = JoinSet::new();
    for importer in 0..intake::importers() {
        let (url, house) = (stage.console_url.clone(), stage.house.clone());
        people.spawn(intake::file(url, house, form.seed, importer, filings.clone(), book.clone()));
    }
    for number in 0..MODERATORS {
        people.spawn(consoles::moderate(stage.console_url.clone(), number, form.seed, form.pause(), book.clone()));
    }
    let (end, ended) = watch::channel(false);
    let looking = tokio::spawn(look_on(stage.clone(), samples.clone(), ended));

    let faults = plan(form.seed, form.faults, form.every(), stage.means, form.only.as_deref());
    let injected = Mutex::default();
    let harm = async {
        inject(&stage, &faults, &book, &injected).await;
        let (mut before, mut since) = (0, Instant::now());
        while before < form.effects && since.elapsed() < ON {
            sleep(Duration::from_millis(200)).await;
            let now = effects(&stage).await;
            if now > before {
                (before, since) = (now, Instant::now());
            }
        }
    };
    tokio::select! {
        () = harm => {}
        () = tell(&stage, &injected, &form) => {}
    }

    // Nothing new from here on.
    stage.heal();
    book.closed.send_replace(true);
    people.join_all().await;
    let settled = check::settle(&stage).await;
    fleet.shutdown().await;
    end.send_replace(true);
    looking.await.expect("the onlooker");

    let (findings, ledger) = check::check(&stage, &book, &filings, &samples).await;
    let (calls, repeated) = repeated(&stage);
    let mut starts = 0;
    for slot in &stage.fleet {
        starts += slot.starts().await;
    }
    let mut left_out = vec![];
    if !stage.means.disk {
        left_out.push("full disks: only root may mount a small one, and `tests/torture` lets it");
    }
    if !stage.means.clock && !form.embedded {
        left_out.push("clock jumps: libfaketime is not installed");
    }
    let injected = held(&injected).clone();
    Report {
        on: if form.embedded { "SQLite" } else { "PostgreSQL and Redis" },
        seed: form.seed,
        took: began.elapsed(),
        injected,
        settled,
        ledger,
        findings,
        samples,
        starts,
        killed_acts: book.killed.load(Ordering::Relaxed),
        repeated,
        calls,
        left_out,
    }
}

async fn effects(stage: &Stage) -> usize {
    number(&stage.house.db, "SELECT count(*) FROM ledger").await.map_or(0, |count| count as usize)
}

/// Says how far it is, every ten seconds; never ends.
async fn tell(stage: &Stage, injected: &Mutex<Vec<super::inject::Injected>>, form: &Form) {
    let on = if form.embedded { "SQLite" } else { "PostgreSQL" };
    loop {
        sleep(Duration::from_secs(10)).await;
        let done = held(injected).len();
        eprintln!("torture: {on}: {done} of {} faults, {} effects", form.faults, effects(stage).await);
    }
}

/// Calls and letters, and how many of them came again.
fn repeated(stage: &Stage) -> (usize, usize) {
    let hooks = stage.marketplace.received().into_iter().chain(stage.brands.received());
    let keys = hooks.map(|call| call.header("webhook-id").to_owned());
    let letters = stage.mail.taken();
    let keys: Vec<String> = keys.chain(letters.iter().filter_map(|mail| mail.header("Message-ID"))).collect();
    (keys.len(), keys.len() - keys.iter().collect::<HashSet<_>>().len())
}
