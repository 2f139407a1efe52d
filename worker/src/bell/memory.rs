//! The queue of the embedded mode: rings between tasks of one process.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jointforce_shared::domain::effect::Lane;
use tokio::sync::Notify;

/// Unbounded, because a bound that makes the relay wait on its own process can lock both up; the relay looks at
/// [`Memory::waiting`] instead.
#[derive(Default)]
pub(super) struct Memory {
    rings: Mutex<BTreeMap<Lane, VecDeque<Vec<u8>>>>,
    more: Notify,
}

impl Memory {
    fn rings(&self) -> MutexGuard<'_, BTreeMap<Lane, VecDeque<Vec<u8>>>> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ring(&self, lane: Lane, ring: Vec<u8>) {
        self.rings().entry(lane).or_default().push_back(ring);
        // Everybody: who is free for this lane is not known here.
        self.more.notify_waiters();
    }

    pub(super) fn waiting(&self, lane: Lane) -> usize {
        self.rings().get(&lane).map_or(0, VecDeque::len)
    }

    /// The next rings of these lanes, those of the first before those of the next, at least one and at most `most`.
    /// Dropping the future loses none.
    pub(super) async fn take(&self, lanes: &[Lane], most: usize) -> Vec<Vec<u8>> {
        loop {
            // Listening before looking, so that a ring in between is heard.
            let mut more = std::pin::pin!(self.more.notified());
            more.as_mut().enable();
            let taken = self.take_now(lanes, most);
            if !taken.is_empty() {
                return taken;
            }
            more.await;
        }
    }

    fn take_now(&self, lanes: &[Lane], most: usize) -> Vec<Vec<u8>> {
        let mut rings = self.rings();
        let mut taken = vec![];
        for lane in lanes {
            let Some(waiting) = rings.get_mut(lane) else { continue };
            let count = waiting.len().min(most - taken.len());
            taken.extend(waiting.drain(..count));
        }
        taken
    }
}
