//! Token buckets: so many effects of a lane, so many calls to an endpoint, in a second.

use std::time::{Duration, Instant};

/// A bucket that holds at most what one second brings, and at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    /// A bucket with one token: a new leader doesn't know what the one before it gave out.
    pub(super) const fn new(now: Instant) -> Self {
        Self { tokens: 1.0, at: now }
    }

    /// A bucket with all that it may hold: for limits that are only there to be kind.
    pub(super) fn full(a_second: u32, now: Instant) -> Self {
        Self { tokens: f64::from(a_second.max(1)), at: now }
    }

    /// Whether it was not used for so long that it is full, whatever the rate.
    pub(super) fn rests(&self, now: Instant) -> bool {
        now.duration_since(self.at) > Duration::from_secs(10)
    }

    /// How many there are.
    pub(super) fn fill(&mut self, a_second: u32, now: Instant) -> usize {
        let rate = f64::from(a_second.max(1));
        self.tokens = (self.tokens + rate * now.duration_since(self.at).as_secs_f64()).min(rate.max(1.0));
        self.at = now;
        self.tokens as usize
    }

    /// Takes so many.
    pub(super) fn take(&mut self, tokens: usize) {
        self.tokens = (self.tokens - tokens as f64).max(0.0);
    }

    /// When there is one again, but not sooner than is worth a look.
    pub(super) fn wait(&self, a_second: u32) -> Duration {
        let missing = (1.0 - self.tokens).max(0.0) / f64::from(a_second.max(1));
        Duration::from_secs_f64(missing).max(Duration::from_millis(20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_brings_what_the_rate_says_and_no_second_brings_twice_that() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(bucket.fill(10, start), 1);
        bucket.take(1);
        assert_eq!(bucket.fill(10, after(50)), 0);
        assert_eq!(bucket.wait(10), Duration::from_millis(50));
        assert_eq!(bucket.fill(10, after(500)), 5);
        bucket.take(2);
        assert_eq!(bucket.fill(10, after(100_000)), 10, "what was not used is not saved up");
        let mut given = 0;
        for millis in (100_000..110_000).step_by(7) {
            let there = bucket.fill(10, after(millis));
            bucket.take(there);
            given += there;
        }
        assert!((100..=110).contains(&given), "{given} in ten seconds");
    }

    #[test]
    fn a_slow_rate_gives_one_after_the_other() {
        let start = Instant::now();
        let mut bucket = Bucket::new(start);
        let there = bucket.fill(1, start);
        bucket.take(there);
        assert_eq!(bucket.fill(1, start + Duration::from_millis(999)), 0);
        assert_eq!(bucket.fill(1, start + Duration::from_millis(1001)), 1);
    }
}
