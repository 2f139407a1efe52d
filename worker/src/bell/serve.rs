//! Serving lanes: a taker moves rings from the queue to an apalis worker, as many as there are free places.

use std::{
    convert::Infallible,
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use apalis::prelude::{Backend, WorkerBuilder, WorkerContext};
use apalis_core::{
    backend::{BackendConfig, finalize::Ephemeral},
    layers::Identity,
};
use apalis_redis::{Config, RedisTask};
use jointforce_shared::domain::effect::Lane;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    time::{sleep, timeout},
};
use tracing::{error, info, warn};

use super::{
    Bell, Queue, Ring,
    remote::{Line, Remote},
};

/// How long a stop waits for running handlers: service managers and orchestrators kill after 30 s or more.
const DRAIN: Duration = Duration::from_secs(25);
/// How long a stop waits for a pop that Redis holds open, so that what it hands out is still carried out.
const LAST_POP: Duration = Duration::from_secs(2);
/// The pause after the first failure; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause between two tries, so the longest that a Redis that came back goes unnoticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Bell {
    /// Carries the rings of these lanes to `handler`, those of the first lane before those of the next, at most `concurrency`
    /// at a time (at least one), until `stop` turns true or its sender is gone. Then it takes nothing more, waits up to 25 s for running handlers, and returns.
    ///
    /// Redis may go away and come back. A handler that panics is logged and costs its own ring only. A handler that
    /// runs is never cancelled; those that outlast the wait are left to the end of the process.
    pub async fn serve<F, Fut>(&self, lanes: &[Lane], concurrency: usize, handler: F, stop: watch::Receiver<bool>)
    where
        F: Fn(Ring) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let concurrency = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        // Logs and names speak of the first: it is what these are served for.
        let Some(&lane) = lanes.first() else { return };
        let room = Arc::new(Semaphore::new(concurrency));
        let (to, taken) = mpsc::unbounded_channel();
        let worker = tokio::spawn(supervise(lane, concurrency, taken, handler));
        info!(?lanes, concurrency, "serving");
        self.take_until_stopped(lanes, &room, to, stop).await;
        // Every place free again means every handler is through; the worker then ends by itself, its channel closed.
        let places = u32::try_from(concurrency).unwrap_or(u32::MAX);
        if timeout(DRAIN, room.acquire_many(places)).await.is_err() {
            warn!(%lane, running = concurrency - room.available_permits(), "leaving handlers that still run");
            worker.abort();
        }
        if let Err(end) = worker.await
            && end.is_panic()
        {
            error!(%lane, "the supervisor of the lane panicked: {end}");
        }
        info!(?lanes, "no longer serving");
    }

    async fn take_until_stopped(
        &self,
        lanes: &[Lane],
        room: &Arc<Semaphore>,
        to: mpsc::UnboundedSender<Taken>,
        mut stop: watch::Receiver<bool>,
    ) {
        let line = Remote::line();
        let mut pause = FIRST_PAUSE;
        loop {
            // Places first: what is taken has to run at once, or another worker should have had it.
            let place = tokio::select! {
                biased;
                () = stopped(&mut stop) => return,
                place = room.clone().acquire_owned() => place,
            };
            let mut places: Vec<_> = place.into_iter().collect();
            while let Ok(place) = room.clone().try_acquire_owned() {
                places.push(place);
            }
            let rings = tokio::select! {
                rings = self.take(lanes, &line, places.len()) => rings,
                () = async { stopped(&mut stop).await; sleep(self.last_pop()).await } => return,
            };
            let Some(rings) = rings else {
                tokio::select! {
                    () = stopped(&mut stop) => return,
                    () = sleep(pause) => pause = LONGEST_PAUSE.min(pause * 2),
                }
                continue;
            };
            pause = FIRST_PAUSE;
            for (bytes, place) in rings.into_iter().zip(places) {
                match Ring::decode(&bytes) {
                    Ok(ring) => {
                        if to.send(Taken { ring, place }).is_err() {
                            error!(?lanes, "nobody takes rings any more");
                            return;
                        }
                    }
                    Err(why) => warn!(?lanes, bytes = bytes.len(), "dropped what was in the queue: {why}"),
                }
            }
        }
    }

    /// The next rings; `None` when the queue is away.
    async fn take(&self, lanes: &[Lane], line: &Line, most: usize) -> Option<Vec<Vec<u8>>> {
        match &self.queue {
            Queue::Memory(memory) => Some(memory.take(lanes, most).await),
            Queue::Redis(remote) => remote.take(line, lanes, most).await.ok(),
        }
    }

    fn last_pop(&self) -> Duration {
        match &self.queue {
            Queue::Memory(_) => Duration::ZERO,
            Queue::Redis(_) => LAST_POP,
        }
    }
}

/// A ring in our hands, and the place it runs in.
struct Taken {
    ring: Ring,
    place: OwnedSemaphorePermit,
}

/// Returns when `stop` is true or can't become so any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Runs apalis workers, one after the other, until the taker is gone and everything taken has been given out.
async fn supervise<F, Fut>(lane: Lane, concurrency: usize, taken: mpsc::UnboundedReceiver<Taken>, handler: F)
where
    F: Fn(Ring) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let config = Config::default().queue(lane.to_string()).batch_size(concurrency);
    let taken = Arc::new(Mutex::new(taken));
    let mut pause = FIRST_PAUSE;
    loop {
        let backend = Taking { taken: taken.clone(), config: config.clone() };
        let handler = handler.clone();
        let worker = WorkerBuilder::new(unique_name(lane)).backend(backend).build(move |taken: Taken| {
            // In a task of its own, started here and now: if apalis ends, the handler doesn't.
            let handling = tokio::spawn(handle(taken, handler.clone()));
            async move {
                if let Err(end) = handling.await {
                    error!(%lane, "a handler ended early: {end}");
                }
            }
        });
        match tokio::spawn(worker.run()).await {
            Ok(Ok(())) if is_drained(&taken) => return,
            Ok(Ok(())) => error!(%lane, "the apalis worker ended before its time, starting another"),
            Ok(Err(why)) => error!(%lane, "the apalis worker failed, starting another: {why}"),
            Err(end) => error!(%lane, "the apalis worker broke, starting another: {end}"),
        }
        sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

async fn handle<F, Fut>(taken: Taken, handler: F)
where
    F: Fn(Ring) -> Fut,
    Fut: Future<Output = ()>,
{
    let Taken { ring, place } = taken;
    handler(ring).await;
    drop(place);
}

fn is_drained(taken: &Mutex<mpsc::UnboundedReceiver<Taken>>) -> bool {
    let taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    taken.is_closed() && taken.is_empty()
}

/// Lane, process and how many there were before it: two workers of one name are undefined in apalis.
fn unique_name(lane: Lane) -> String {
    static STARTED: AtomicU64 = AtomicU64::new(0);
    format!("{lane}-{}-{}", std::process::id(), STARTED.fetch_add(1, Ordering::Relaxed))
}

/// The apalis backend: gives out what was taken, and never fails.
struct Taking {
    /// Shared with the supervisor, so that a worker's end loses nothing.
    taken: Arc<Mutex<mpsc::UnboundedReceiver<Taken>>>,
    config: Config,
}

impl Backend for Taking {
    type Task = RedisTask<Taken>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.poll_recv(cx).map(|next| next.map(|taken| Ok(RedisTask::new(taken))))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, worker: &WorkerContext) -> Poll<Result<(), Infallible>> {
        // A worker whose backend has come to its end waits for ever unless it is told to stop.
        if worker.is_running() {
            let _ = worker.stop();
        }
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for Taking {
    type Args = Taken;
    type Id = u64;
    type Kind = Ephemeral;
    type Config = Config;
    type Layer = Identity;

    fn config(&self) -> &Config {
        &self.config
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}
