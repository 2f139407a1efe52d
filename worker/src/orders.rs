//! What a worker is told while it runs: to be quiet, to go on, to read its settings again, to leave.

use std::{future::Future, time::Duration};

use tokio::{sync::watch, time::sleep};

use crate::outside::OutsideConfig;

/// How long a worker that leaves may finish what it holds: service managers and orchestrators kill after 30 s or more.
pub const DRAIN: Duration = Duration::from_secs(25);

/// The orders as the worker's parts hear them. Whoever only ever says stop may give a `watch::Receiver<bool>`.
#[derive(Debug, Clone)]
pub struct Orders {
    /// True: finish what is held, and leave.
    pub(crate) stop: watch::Receiver<bool>,
    /// True: take nothing new, because it is quiet or leaves.
    pub(crate) rest: watch::Receiver<bool>,
    /// The ways out as their settings were read again; `None` until they were.
    reread: watch::Receiver<Option<OutsideConfig>>,
}

impl From<watch::Receiver<bool>> for Orders {
    fn from(stop: watch::Receiver<bool>) -> Self {
        Self { rest: stop.clone(), stop, reread: watch::channel(None).1 }
    }
}

impl Orders {
    /// Whether nothing new is taken.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        *self.rest.borrow()
    }

    /// Whether it leaves.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        *self.stop.borrow()
    }

    /// Returns when quiet begins or ends, or the worker leaves; `false` when nobody is left to say so.
    pub(crate) async fn changed(&mut self) -> bool {
        let told = tokio::select! { told = self.rest.changed() => told, told = self.stop.changed() => told };
        told.is_ok()
    }

    /// Waits while the worker is quiet; `false` if it leaves.
    pub(crate) async fn may_work(&self) -> bool {
        let (mut stop, mut rest) = (self.stop.clone(), self.rest.clone());
        let gone = tokio::select! {
            told = stop.wait_for(|stop| *stop) => told.is_err(),
            told = rest.wait_for(|rest| !rest) => told.is_err(),
        };
        !gone && !*stop.borrow()
    }

    /// Runs `work` until the worker leaves; while it is quiet, not at all. What it is given turns true when it has to
    /// end.
    pub(crate) async fn while_working<F, Fut>(&self, work: F)
    where
        F: Fn(watch::Receiver<bool>) -> Fut,
        Fut: Future<Output = ()>,
    {
        while self.may_work().await {
            work(self.rest.clone()).await;
        }
    }

    /// Returns `drain` after the worker was told to leave.
    pub(crate) async fn overdue(&self, drain: Duration) {
        let mut stop = self.stop.clone();
        let _ = stop.wait_for(|stop| *stop).await;
        sleep(drain).await;
    }

    /// Waits for the next settings that were read again; for ever, where nobody reads them.
    pub(crate) async fn next_settings(&mut self) -> OutsideConfig {
        loop {
            if self.reread.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
            let settings = self.reread.borrow_and_update().clone();
            if let Some(settings) = settings {
                return settings;
            }
        }
    }
}

/// Whoever gives the orders: the program, as it gets signals.
#[derive(Debug)]
pub struct Foreman {
    stop: watch::Sender<bool>,
    rest: watch::Sender<bool>,
    reread: watch::Sender<Option<OutsideConfig>>,
}

impl Foreman {
    /// Somebody to give orders, and what the worker hears of them.
    #[must_use]
    pub fn new() -> (Self, Orders) {
        let (stop, hears_stop) = watch::channel(false);
        let (rest, hears_rest) = watch::channel(false);
        let (reread, hears_reread) = watch::channel(None);
        (Self { stop, rest, reread }, Orders { stop: hears_stop, rest: hears_rest, reread: hears_reread })
    }

    /// Take nothing new.
    pub fn quiet(&self) {
        self.rest.send_replace(true);
    }

    /// Go on after being quiet; whoever leaves, leaves. `false` if there was nothing to go on with.
    pub fn go_on(&self) -> bool {
        let leaving = *self.stop.borrow();
        self.rest.send_if_modified(|rest| !leaving && std::mem::replace(rest, false))
    }

    /// Call out with these settings from now on.
    pub fn settings(&self, outside: OutsideConfig) {
        self.reread.send_replace(Some(outside));
    }

    /// Passes on what somebody else says, until it is to leave, or nobody is left to say anything.
    pub(crate) async fn pass_on(&self, mut said: Orders) {
        let mut leaving = self.stop.subscribe();
        loop {
            if said.is_leaving() {
                return self.leave();
            }
            if said.is_at_rest() {
                self.quiet();
            } else {
                self.go_on();
            }
            tokio::select! {
                told = said.changed() => if !told { return self.leave() },
                _ = leaving.wait_for(|leaving| *leaving) => return,
            }
        }
    }

    /// Finish what is held, and leave.
    pub fn leave(&self) {
        self.stop.send_replace(true);
        self.rest.send_replace(true);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_quiet_worker_ends_its_work_begins_again_when_told_and_leaves_when_told() {
        let (foreman, orders) = Foreman::new();
        let (begun, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works = tokio::spawn({
            let (orders, begun, ended) = (orders.clone(), begun.clone(), ended.clone());
            async move {
                let work = |mut halt: watch::Receiver<bool>| {
                    begun.fetch_add(1, Ordering::SeqCst);
                    let ended = ended.clone();
                    async move {
                        drop(halt.wait_for(|halt| *halt).await);
                        ended.fetch_add(1, Ordering::SeqCst);
                    }
                };
                orders.while_working(work).await;
            }
        });
        let reached = async |count: &AtomicUsize, n| {
            while count.load(Ordering::SeqCst) != n {
                tokio::task::yield_now().await;
            }
        };
        reached(&begun, 1).await;
        assert!(!foreman.go_on(), "it is at work already");
        foreman.quiet();
        assert!(orders.is_at_rest() && !orders.is_leaving());
        reached(&ended, 1).await;
        assert!(foreman.go_on());
        reached(&begun, 2).await;
        foreman.quiet();
        foreman.leave();
        assert!(!foreman.go_on(), "whoever leaves, leaves");
        works.await.unwrap();
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_worker_whose_foreman_is_gone_ends() {
        let (stop, orders) = watch::channel(false);
        drop(stop);
        Orders::from(orders).while_working(async |_| {}).await;
    }
}
