//! What a worker is there for: the relay, and hands for the lanes that it serves. Each part is kept alive.

use jointforce_shared::{domain::effect::Lane, store::Db};
use tokio::sync::watch;

use crate::{
    bell::Bell,
    carry_out::Carrier,
    keep::{Broken, keep},
    progress::Progress,
    relay::relay,
};

/// Rings of outside effects at a time, of at most 8 effects for one endpoint each: so many endpoints may hang at once before
/// others wait for a hand. A ring that waits costs a task and no thread.
const OUTSIDE_AT_A_TIME: usize = 64;
/// Rings of pages at a time: hands of their own, so that calling somebody never waits for a letter.
const PAGES_AT_A_TIME: usize = 4;

/// Batches of removals at a time: on PostgreSQL transactions overlap their waits for the disk; SQLite has one writer anyway.
const fn removals_at_a_time(db: &Db) -> usize {
    if db.is_embedded() { 1 } else { 4 }
}

/// Batches of penalties at a time: repeat offenders are in all of them, so each waits for the locks of the one before. They
/// have hands of their own, or removals would wait with them.
const fn penalties_at_a_time(db: &Db) -> usize {
    if db.is_embedded() { 1 } else { 2 }
}

/// The relay and the hands of one worker.
pub(crate) struct Serving {
    pub bell: Bell,
    /// Of each ring its own, with the numbers of policy that are in force when it is taken.
    pub carrier: watch::Receiver<Carrier>,
    /// The lanes that this worker serves; it may lead the relay for all of them.
    pub lanes: Vec<Lane>,
    /// The most inside effects in one transaction.
    pub batch: usize,
    /// Where relay and hands say that they get on.
    pub progress: Progress,
    /// True: finish what is held and end, because the worker is quiet or leaves.
    pub stop: watch::Receiver<bool>,
}

impl Serving {
    /// Serves until `stop` turns true, and finishes what is held.
    ///
    /// # Errors
    /// When a part breaks again and again.
    pub(crate) async fn run(&self) -> Result<(), Broken> {
        let db = self.carrier.borrow().house.db.clone();
        tokio::try_join!(
            self.relay(),
            self.serve("serving removals", &[Lane::Removals], removals_at_a_time(&db)),
            self.serve("serving penalties", &[Lane::Penalties], penalties_at_a_time(&db)),
            self.serve("serving pages", &[Lane::Pages], PAGES_AT_A_TIME),
            self.serve("serving what is outside", &Lane::OUTSIDE[1..], OUTSIDE_AT_A_TIME),
        )
        .map(drop)
    }

    async fn relay(&self) -> Result<(), Broken> {
        let ring =
            || relay(self.carrier.clone(), self.bell.clone(), self.batch, self.progress.clone(), self.stop.clone());
        keep("the relay", self.stop.clone(), ring).await
    }

    /// Lanes that are carried out in one way, in the order of their priority.
    async fn serve(&self, part: &'static str, lanes: &[Lane], at_a_time: usize) -> Result<(), Broken> {
        let lanes: Vec<Lane> = lanes.iter().copied().filter(|lane| self.lanes.contains(lane)).collect();
        let Some(first) = lanes.first() else { return Ok(()) };
        let inside = first.is_inside();
        let serve = || {
            let (bell, lanes, carrier, stop) =
                (self.bell.clone(), lanes.clone(), self.carrier.clone(), self.stop.clone());
            let progress = self.progress.clone();
            let carry = move |ring| {
                let (carrier, held) = (carrier.borrow().clone(), progress.hold(part));
                async move {
                    if inside {
                        carrier.inside(ring).await
                    } else {
                        carrier.outside(ring).await
                    }
                    drop(held);
                }
            };
            async move { bell.serve(&lanes, at_a_time, carry, stop).await }
        };
        keep(part, self.stop.clone(), serve).await
    }
}
