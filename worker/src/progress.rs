//! Whether a worker gets on: its loops say when they come round, its carriers when they begin and end. The watchdog and
//! `/livez` ask. A process that is alive and does nothing is worse than a dead one, which is started again.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What has not got on for so long is stuck: longer than any statement (60 s) with the wait for a connection (10 s).
pub const STUCK: Duration = Duration::from_secs(90);

/// What a worker's parts did last. Clones tell of the same worker.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Mutex<Parts>>);

#[derive(Debug, Default)]
struct Parts {
    /// When each loop came round last.
    loops: BTreeMap<&'static str, Instant>,
    /// What is in hand, and since when.
    held: BTreeMap<u64, (&'static str, Instant)>,
    begun: u64,
}

/// A part that doesn't get on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Which.
    pub part: &'static str,
    /// Since when it hasn't.
    pub lasting: Duration,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} has made no progress for {} s", self.part, self.lasting.as_secs())
    }
}

impl Progress {
    /// A loop came round.
    pub fn pass(&self, part: &'static str) {
        self.parts().loops.insert(part, Instant::now());
    }

    /// A loop ended as it should: nothing more is expected of it.
    pub fn end(&self, part: &'static str) {
        self.parts().loops.remove(part);
    }

    /// Something is in hand until what this gives is dropped.
    #[must_use]
    pub fn hold(&self, part: &'static str) -> Held {
        let mut parts = self.parts();
        parts.begun += 1;
        let number = parts.begun;
        parts.held.insert(number, (part, Instant::now()));
        Held { progress: self.clone(), number }
    }

    /// The part that has not got on for longest, if that is longer than `limit`.
    #[must_use]
    pub fn stuck(&self, limit: Duration) -> Option<Stuck> {
        let parts = self.parts();
        let loops = parts.loops.iter().map(|(part, at)| (*part, *at));
        let (part, since) = loops.chain(parts.held.values().copied()).min_by_key(|(_, at)| *at)?;
        let lasting = since.elapsed();
        (lasting > limit).then_some(Stuck { part, lasting })
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something in hand.
#[derive(Debug)]
pub struct Held {
    progress: Progress,
    number: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.progress.parts().held.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    /// What has not got on since before this call.
    fn oldest(progress: &Progress) -> Option<&'static str> {
        let asked = Instant::now();
        while asked.elapsed().is_zero() {}
        progress.stuck(Duration::ZERO).map(|stuck| stuck.part)
    }

    #[test]
    fn the_part_that_made_no_pass_for_longest_is_named() {
        let progress = Progress::default();
        assert_eq!(oldest(&progress), None, "nothing has begun");
        progress.pass("relay");
        assert_eq!(oldest(&progress), Some("relay"));
        progress.pass("sweep");
        assert_eq!(oldest(&progress), Some("relay"));
        progress.pass("relay");
        assert_eq!(oldest(&progress), Some("sweep"));
        assert_eq!(progress.stuck(LONG), None, "that is not long");
        progress.end("sweep");
        progress.end("relay");
        assert_eq!(oldest(&progress), None, "what ended is not waited for");
        let stuck = Stuck { part: "relay", lasting: Duration::from_millis(70_400) };
        assert_eq!(stuck.to_string(), "the relay has made no progress for 70 s");
    }

    #[test]
    fn what_is_held_counts_until_it_is_put_down() {
        let progress = Progress::default();
        let first = progress.hold("outside carrier");
        assert_eq!(oldest(&progress), Some("outside carrier"));
        let second = progress.hold("inside carrier");
        drop(first);
        assert_eq!(oldest(&progress), Some("inside carrier"));
        drop(second);
        assert_eq!(oldest(&progress), None);
    }
}
