//! The queue of the embedded mode: rings between tasks of one process.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jointforce_shared::domain::effect::Lane;
use tokio::sync::Notify;

#[derive(Default)]
pub(super) struct Memory {
    inside: Waiting,
    outside: Waiting,
}

/// Unbounded, because a bound that makes the relay wait on its own process can lock both up; the relay looks at
/// [`Memory::waiting`] instead.
#[derive(Default)]
struct Waiting {
    rings: Mutex<VecDeque<Vec<u8>>>,
    more: Notify,
}

impl Waiting {
    fn rings(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    const fn lane(&self, lane: Lane) -> &Waiting {
        match lane {
            Lane::Inside => &self.inside,
            Lane::Outside => &self.outside,
        }
    }

    pub(super) fn ring(&self, lane: Lane, ring: Vec<u8>) {
        let lane = self.lane(lane);
        lane.rings().push_back(ring);
        lane.more.notify_one();
    }

    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.lane(lane).rings().len()
    }

    /// The next rings, at least one and at most `most`. Dropping the future loses none.
    pub(super) async fn take(&self, lane: Lane, most: usize) -> Vec<Vec<u8>> {
        let lane = self.lane(lane);
        loop {
            {
                let mut rings = lane.rings();
                let count = rings.len().min(most);
                let taken: Vec<_> = rings.drain(..count).collect();
                // A wake-up may have stood for several rings, and another server may be free for the rest.
                if !rings.is_empty() {
                    lane.more.notify_one();
                }
                if !taken.is_empty() {
                    return taken;
                }
            }
            lane.more.notified().await;
        }
    }
}
