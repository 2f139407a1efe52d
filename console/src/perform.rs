//! Carries the model's commands out against the database, each beside the screen, never in its way.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::FutureExt as _;
use jointforce_shared::{
    commands::{
        Actor, Error, House,
        case::{self, Act, Acted, Request},
        group::{self, Together},
        penalty, picture, sitting,
    },
    domain::{
        case::State,
        decision::Verdict,
        ids::{CaseId, SittingId},
        sitting::Sitting,
    },
    store::{
        self, brands, cases, dossier, figures, groups,
        operators::{self, preferences},
        queue, sellers, sittings, views,
    },
};
use tokio::sync::{
    Mutex,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot, watch,
};
use tracing::warn;

use crate::{
    deed::Deed,
    model::sellers::MOST,
    msg::{Cmd, Failure, Msg, Read},
    waiting::Waiting,
};

/// An act is tried again this often while the database is away.
const AGAIN: Duration = Duration::from_secs(1);

/// What goes to the database.
#[derive(Debug, Clone)]
pub struct Performer {
    /// With the policy in force when the queue was last read.
    house: Arc<watch::Sender<House>>,
    actor: Actor,
    /// What writes waits its turn here: an undo must not overtake its decision.
    outbox: UnboundedSender<Write>,
    inbox: UnboundedSender<Msg>,
    /// The newest window that was asked for: nobody waits for those before it.
    newest: Arc<AtomicU64>,
    /// Held by whoever counts what waits: a slow database is not asked for it twice at a time.
    counting: Arc<Mutex<()>>,
    /// This console, from its start to its end.
    sitting: SittingId,
}

#[derive(Debug)]
enum Write {
    Act(Box<Request>),
    Together(Vec<Request>),
    Do(Box<Deed>, String),
    Release(CaseId),
    Lease(CaseId),
    Sit(Box<Sitting>),
    Beat(Box<Sitting>),
    Rise,
    Flush(oneshot::Sender<()>),
}

impl Performer {
    /// Starts the outbox. Answers go to `inbox`.
    pub fn start(house: House, actor: Actor, inbox: UnboundedSender<Msg>) -> Self {
        let (outbox, writes) = unbounded_channel();
        let sitting = house.clock.id(SittingId::from_ulid);
        let house = Arc::new(watch::Sender::new(house));
        let performer = Self { house, actor, outbox, inbox, newest: Arc::default(), counting: Arc::default(), sitting };
        let writer = performer.clone();
        tokio::spawn(guarded(performer.inbox.clone(), async move { writer.write_all(writes).await }));
        performer
    }

    /// Begins to carry a command out.
    pub fn begin(&self, cmd: Cmd) {
        if let Cmd::Queue { ticket, .. } = &cmd {
            self.newest.store(*ticket, Relaxed);
        }
        let write = match cmd {
            Cmd::Act(request) => Write::Act(request),
            Cmd::Together(requests) => Write::Together(requests),
            Cmd::Release(case) => Write::Release(case),
            Cmd::Lease(case) => Write::Lease(case),
            Cmd::Sit(sitting) => Write::Sit(sitting),
            Cmd::Beat(sitting) => Write::Beat(sitting),
            Cmd::Do(deed, words) => Write::Do(deed, words),
            Cmd::Queue { .. }
            | Cmd::Dossier(_)
            | Cmd::Staff
            | Cmd::Brands
            | Cmd::Sellers(_)
            | Cmd::Views
            | Cmd::Preferences
            | Cmd::WhereISat
            | Cmd::Board(_)
            | Cmd::Group(..)
            | Cmd::Text(_)
            | Cmd::Figures
            | Cmd::Picture(_)
            | Cmd::Preview(..)
            | Cmd::Ping
            | Cmd::Waiting => {
                let performer = self.clone();
                tokio::spawn(guarded(self.inbox.clone(), async move { performer.read(cmd).await }));
                return;
            }
            // The loop's own.
            Cmd::Redraw | Cmd::Quit => return,
        };
        let _ = self.outbox.send(write);
    }

    /// The console is left by hand: there will be nothing to come back to.
    pub fn rise(&self) {
        let _ = self.outbox.send(Write::Rise);
    }

    /// Waits until everything that was begun before is written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.outbox.send(Write::Flush(done)).is_ok() {
            let _ = written.await;
        }
    }

    fn house(&self) -> House {
        self.house.borrow().clone()
    }

    /// Reads the policy again if it changed.
    async fn refresh(&self) {
        let mut house = self.house();
        match house.refresh().await {
            Ok(false) => {}
            Ok(true) => {
                let _ = self.inbox.send(Msg::Policy(Box::new(house.policy.clone())));
                self.house.send_replace(house);
            }
            Err(error) => warn!("the policy could not be read again, the one in hand stays: {error}"),
        }
    }

    async fn read(&self, cmd: Cmd) {
        let msg = match cmd {
            Cmd::Queue { ticket, filter, after, limit } => {
                self.refresh().await;
                let rows = async {
                    let mut conn = self.house().db.read().await?;
                    let looked = |cases| {
                        let _ = self.inbox.send(Msg::Looked { ticket, cases });
                        self.newest.load(Relaxed) == ticket
                    };
                    queue::page_for(&mut conn, self.actor.id(), &filter, after, limit, looked).await
                };
                match rows.await {
                    Ok(rows) => Msg::Queue { ticket, rows },
                    Err(error) => Msg::Failed(Read::Queue(ticket), error.into()),
                }
            }
            Cmd::Dossier(id) => {
                let found = async { dossier::load(&mut self.house().db.read().await?, id).await };
                match found.await {
                    Ok(found) => Msg::Dossier(id, found.map(Box::new)),
                    Err(error) => Msg::Failed(Read::Dossier(id), error.into()),
                }
            }
            Cmd::Group(case, by) => {
                let house = self.house();
                let read = async { groups::of_case(&mut house.db.read().await?, case, by, &house.policy.groups).await };
                Msg::Group(Box::new(read.await.map_err(Failure::from)))
            }
            Cmd::Text(text) => {
                let lines = text.read(&self.house(), &self.actor).await;
                Msg::Text(text, lines.map_err(Failure::from))
            }
            Cmd::Figures => {
                let house = self.house();
                let read = async { figures::queue(&mut house.db.read().await?, house.clock.now()).await };
                Msg::Figures(read.await.map(Box::new).map_err(Failure::from))
            }
            Cmd::Picture(url) => {
                let stands = picture::ask(&self.house(), &self.actor, &url).await;
                Msg::Picture(url, stands.map_err(Failure::from))
            }
            // Both are told when they are there; without them nothing is missing that somebody waits for.
            Cmd::Preview(cases, reason) => match penalty::preview(&self.house(), &cases, reason).await {
                Ok(sellers) => Msg::Preview(cases, reason, sellers),
                Err(error) => return warn!("what a removal would do could not be read: {error}"),
            },
            Cmd::Ping => {
                let answers = self.house().db.answers().await;
                // Whatever else went wrong: somebody answered.
                if matches!(answers, Err(store::Error::Away(_))) { Msg::Away } else { Msg::There }
            }
            Cmd::Waiting => {
                let Ok(_alone) = self.counting.try_lock() else { return };
                match Waiting::read(&self.house(), &self.actor).await {
                    Ok(waiting) => Msg::Waiting(waiting),
                    Err(error) => return warn!("what waits could not be counted: {error}"),
                }
            }
            Cmd::Views => {
                let kept = async { views::list(&mut self.house().db.read().await?, self.actor.id()).await };
                match kept.await {
                    Ok(views) => Msg::Views(views),
                    Err(error) => return warn!("the kept views could not be read: {error}"),
                }
            }
            Cmd::Preferences => {
                let kept = async { preferences::get(&mut self.house().db.read().await?, self.actor.id()).await };
                match kept.await {
                    Ok(kept) => Msg::Preferences(kept),
                    Err(error) => return warn!("what the console is to be like could not be read: {error}"),
                }
            }
            Cmd::WhereISat => {
                let sat = async { sittings::last(&mut self.house().db.read().await?, self.actor.id()).await };
                match sat.await {
                    Ok(sat) => Msg::Sat(sat.map(Box::new)),
                    Err(error) => {
                        warn!("where the last sitting broke off could not be read: {error}");
                        Msg::Sat(None)
                    }
                }
            }
            Cmd::Brands => {
                let names = async { brands::names(&mut self.house().db.read().await?).await };
                match names.await {
                    Ok(names) => Msg::Brands(names),
                    Err(error) => return warn!("the brands' names could not be read: {error}"),
                }
            }
            Cmd::Sellers(start) => {
                let names = async { sellers::names_from(&mut self.house().db.read().await?, &start, MOST).await };
                let names = names.await.map_err(Failure::from);
                Msg::Sellers(start, names)
            }
            Cmd::Board(kind) => {
                let rows = kind.read(&self.house(), &self.actor).await;
                Msg::Board(kind, rows.map_err(Failure::from))
            }
            _ => {
                let staff = async { operators::list(&mut self.house().db.read().await?).await };
                match staff.await {
                    Ok(staff) => Msg::Staff(staff),
                    Err(error) => Msg::Failed(Read::Staff, error.into()),
                }
            }
        };
        let _ = self.inbox.send(msg);
    }

    async fn write_all(&self, mut writes: UnboundedReceiver<Write>) {
        while let Some(write) = writes.recv().await {
            let msg = match write {
                Write::Act(request) => {
                    let outcome = self.act(&request).await;
                    Msg::Acted(request, outcome)
                }
                Write::Together(requests) => {
                    self.together(requests).await;
                    continue;
                }
                Write::Do(deed, words) => {
                    let outcome = deed.perform(&self.house(), &self.actor, &words).await;
                    Msg::Done(deed, outcome.map_err(Failure::from))
                }
                Write::Lease(id) => match case::lease(&self.house(), &self.actor, &[id]).await {
                    Ok(leased) => Msg::Leased(id, leased.contains(&id)),
                    Err(error) => Msg::Failed(Read::Lease(id), error.into()),
                },
                Write::Release(id) => {
                    // A lease that could not be given back ends by itself.
                    let _ = case::release(&self.house(), &self.actor, Some(&[id])).await;
                    continue;
                }
                Write::Sit(sitting) => {
                    if let Err(error) = sitting::keep(&self.house(), &self.actor, self.sitting, &sitting).await {
                        warn!("where one sits could not be kept: {error}");
                    }
                    continue;
                }
                Write::Beat(sitting) => {
                    if let Err(error) = sitting::beat(&self.house(), &self.actor, self.sitting, &sitting).await {
                        warn!("that one still sits here could not be written: {error}");
                    }
                    continue;
                }
                Write::Rise => {
                    if let Err(error) = sitting::end(&self.house(), &self.actor, self.sitting).await {
                        warn!("that the console was left could not be written: {error}");
                    }
                    continue;
                }
                Write::Flush(done) => {
                    let _ = done.send(());
                    continue;
                }
            };
            let _ = self.inbox.send(msg);
        }
    }

    /// Files what is too much for one person; what turns out not to be is told case by case.
    async fn together(&self, requests: Vec<Request>) {
        let cases: Vec<_> = requests.iter().map(|request| request.case).collect();
        let told = match group::decide(&self.house(), &self.actor, &requests).await {
            Ok(Together::Done(done)) => requests
                .into_iter()
                .zip(done)
                .map(|(request, acted)| Msg::Acted(Box::new(request), acted.map_err(Failure::from)))
                .collect(),
            Ok(Together::Waits(waits)) => vec![Msg::Filed(cases, Ok(waits))],
            Err(error) => vec![Msg::Filed(cases, Err(error.into()))],
        };
        for msg in told {
            let _ = self.inbox.send(msg);
        }
    }

    /// Does one act; while the database is away, again and again.
    async fn act(&self, request: &Request) -> Result<Acted, Failure> {
        let mut unsure = false;
        loop {
            match case::act(&self.house(), &self.actor, request).await {
                Ok(acted) => return Ok(acted),
                Err(Error::Store(store::Error::Away(_))) => {
                    // The connection may have broken after the commit.
                    unsure = true;
                    let _ = self.inbox.send(Msg::Away);
                    tokio::time::sleep(AGAIN).await;
                }
                Err(error) => {
                    if unsure && let Some(acted) = self.was_done(request).await {
                        return Ok(acted);
                    }
                    return Err(error.into());
                }
            }
        }
    }

    /// Whether a decision whose answer was lost stands after all.
    async fn was_done(&self, request: &Request) -> Option<Acted> {
        let mut conn = self.house().db.read().await.ok()?;
        let case = cases::get(&mut conn, request.case).await.ok()??;
        let State::Decided { verdict, by, .. } = &case.state else { return None };
        let same = match &request.act {
            Act::Remove(reason) => *verdict == Verdict::Remove(*reason),
            Act::Keep(reason) => *verdict == Verdict::Keep(*reason),
            _ => false,
        };
        let acted = Acted {
            case: case.id,
            version: case.version,
            state: case.state.as_str(),
            grace_until: None,
            compensated: false,
            waits: None,
        };
        (same && by == self.actor.id()).then_some(acted)
    }
}

/// Runs a task; a panic in it wakes the loop, which leaves.
pub async fn guarded(inbox: UnboundedSender<Msg>, task: impl Future<Output = ()>) {
    if std::panic::AssertUnwindSafe(task).catch_unwind().await.is_err() {
        let _ = inbox.send(Msg::Tick);
    }
}
