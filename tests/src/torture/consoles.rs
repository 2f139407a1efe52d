//! Consoles without a screen: moderators who take cases, race for them, change their minds, and are killed in the middle.
//! Each writes down what it was told, so that it can be held against what is true in the end.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::{
        self, Actor, House,
        case::{self, Act, Request},
    },
    domain::{
        decision::{KeepReason, RemoveReason},
        ids::CaseId,
    },
    fixtures::Random,
    store::queue::{self, Filter},
};
use jointforce_tests::world::who;
use tokio::time::{sleep, timeout};

use super::stage::{held, open};

/// Who decides; the first is senior.
pub const MODERATORS: usize = 8;
/// Rows of the queue that everybody looks at: few enough to meet.
const ROWS: i64 = 16;

/// What was asked of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    Remove,
    Keep,
    Undo,
    Hold,
}

/// An act on a case, as its console saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub case: CaseId,
    pub by: String,
    pub deed: Deed,
    /// The version of the case that it was about, if it was about one.
    pub version: Option<i64>,
    pub from: Instant,
    pub until: Instant,
    /// Whether the console was told that it is done; if not, nobody knows.
    pub told: bool,
}

/// A lease, from when its console was told of it until it made use of it or gave it back.
#[derive(Debug, Clone)]
pub struct Lease {
    pub case: CaseId,
    pub by: String,
    pub from: Instant,
    pub until: Instant,
}

/// What all consoles saw.
#[derive(Debug, Default)]
pub struct Book {
    pub seen: Mutex<Vec<Seen>>,
    pub leases: Mutex<Vec<Lease>>,
    /// Acts that are still to be killed.
    pub kills: AtomicUsize,
    pub killed: AtomicUsize,
    pub refused: AtomicUsize,
    /// Whether consoles act; they rest when everything heals.
    pub closed: tokio::sync::watch::Sender<bool>,
}

impl Book {
    fn note(&self, seen: Seen) {
        held(&self.seen).push(seen);
    }

    fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Whether this act is to be killed.
    fn is_killed(&self) -> bool {
        let fewer = |kills: usize| kills.checked_sub(1);
        self.kills.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok()
    }
}

/// One moderator at work until the book is closed, about once in `pause`.
pub async fn moderate(url: String, number: usize, seed: u64, pause: Duration, book: Arc<Book>) {
    let name = format!("mod-{number}");
    let mut random = Random::new(seed, "moderator", number);
    let db = open(&url).await;
    let mut moderator = Moderator { actor: who(&name), name, house: House::new(db), book, random: random.clone() };
    while !moderator.book.is_closed() {
        sleep(pause.mul_f64(random.unit() * 2.0)).await;
        // The policy and the queue, as a console reads them; the database may be away.
        if moderator.house.refresh().await.is_ok() {
            moderator.turn().await;
        }
    }
    moderator.house.db.close().await;
}

#[derive(Clone)]
struct Moderator {
    actor: Actor,
    name: String,
    house: House,
    book: Arc<Book>,
    random: Random,
}

impl Moderator {
    async fn turn(&mut self) {
        let Some((case, version)) = self.pick().await else { return };
        match self.random.below(100) {
            // With a lease, as one who opens the case and reads.
            0..42 => self.open_and_decide(case, version).await,
            // Straight from the list.
            42..69 => {
                let deed = self.verdict();
                self.act(case, Some(version), deed).await;
            }
            69..81 => self.undo().await,
            81..85 => self.act(case, Some(version), Deed::Hold).await,
            85..97 => self.act_twice(case, version).await,
            _ => {
                let request = Request { case, version: None, act: Act::Note, note: "looks like the others".into() };
                let _ = case::act(&self.house, &self.actor, &request).await;
            }
        }
    }

    async fn pick(&mut self) -> Option<(CaseId, i64)> {
        let read = async {
            let mut conn = self.house.db.read().await?;
            queue::page(&mut conn, &Filter::default(), None, ROWS).await
        };
        let rows = read.await.ok()?;
        // Now and then what somebody else has in hand: that has to be refused.
        let anothers = rows.iter().find(|row| row.lease_by.as_ref().is_some_and(|by| by.as_str() != self.name));
        let any = rows.get(self.random.below(rows.len().max(1)))?;
        let row = anothers.filter(|_| self.random.percent(30.0)).unwrap_or(any);
        Some((row.place.case, row.version))
    }

    /// Decides in one window and holds in another, at the same moment: one of them comes too late.
    async fn act_twice(&mut self, case: CaseId, version: i64) {
        let deed = self.verdict();
        let mut other = self.clone();
        tokio::join!(self.act(case, Some(version), deed), other.act(case, Some(version), Deed::Hold));
    }

    fn verdict(&mut self) -> Deed {
        if self.random.percent(80.0) { Deed::Remove } else { Deed::Keep }
    }

    async fn open_and_decide(&mut self, case: CaseId, version: i64) {
        let (house, actor) = (self.house.clone(), self.actor.clone());
        let lease = async move { case::lease(&house, &actor, &[case]).await };
        let Some(Ok(leased)) = self.perhaps_killed(lease).await else { return };
        if leased.is_empty() {
            return;
        }
        let from = Instant::now();
        sleep(Duration::from_millis(self.random.below(400) as u64)).await;
        let until = Instant::now();
        held(&self.book.leases).push(Lease { case, by: self.name.clone(), from, until });
        let deed = self.verdict();
        self.act(case, Some(version), deed).await;
        let _ = case::release(&self.house, &self.actor, Some(&[case])).await;
    }

    /// Takes back one of the own decisions, or of anybody's where allowed.
    async fn undo(&mut self) {
        let decided: Vec<CaseId> = {
            let seen = held(&self.book.seen);
            let decided = |seen: &&Seen| seen.told && matches!(seen.deed, Deed::Remove | Deed::Keep);
            let own = |seen: &&Seen| seen.by == self.name || self.name == "mod-0";
            seen.iter().rev().filter(decided).filter(own).take(20).map(|seen| seen.case).collect()
        };
        if let Some(case) = decided.get(self.random.below(decided.len().max(1))) {
            self.act(*case, None, Deed::Undo).await;
        }
    }

    async fn act(&mut self, case: CaseId, version: Option<i64>, deed: Deed) {
        let act = match deed {
            Deed::Remove => Act::Remove(*self.random.pick(&RemoveReason::ALL[..4])),
            Deed::Keep => Act::Keep(*self.random.pick(&KeepReason::CHOICES[..4])),
            Deed::Undo => Act::Undo,
            Deed::Hold => Act::Hold { span: Duration::from_secs(3), reason: "waits for a photograph".into() },
        };
        let request = Request { case, version, act, note: String::new() };
        let (house, actor) = (self.house.clone(), self.actor.clone());
        let from = Instant::now();
        let acted = self.perhaps_killed(async move { case::act(&house, &actor, &request).await }).await;
        let seen = |told| Seen { case, by: self.name.clone(), deed, version, from, until: Instant::now(), told };
        match acted {
            // Who has to ask a second person has done nothing.
            Some(Ok(acted)) if acted.waits.is_some() => {}
            Some(Ok(_)) => self.book.note(seen(true)),
            None | Some(Err(commands::Error::Store(_))) => self.book.note(seen(false)),
            Some(Err(_)) => {
                self.book.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The outcome, unless this console is killed before it knows.
    async fn perhaps_killed<T>(&mut self, act: impl Future<Output = T>) -> Option<T> {
        if !self.book.is_killed() {
            return Some(act.await);
        }
        self.book.killed.fetch_add(1, Ordering::Relaxed);
        let micros = self.random.below(15_000) as u64;
        timeout(Duration::from_micros(micros), act).await.ok()
    }
}
