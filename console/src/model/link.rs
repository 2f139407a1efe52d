//! What the link to the terminal is like, and what is spared on a slow one.

use std::time::Duration;

use jointforce_shared::domain::time::Time;

use super::queue::REFRESH;

/// A lag that one feels. The far side of the world is 150 to 200 ms away.
const FELT: Duration = Duration::from_millis(200);
/// Two frames running that take so long were not only far to travel: bytes wait for one another.
const LATE: Duration = Duration::from_millis(300);
/// So long, in microseconds, no lag was felt before the link counts as quick again; and the longest lag of so long is the one
/// that the bar names: one that changes with each frame would keep the link busy.
const CALM: i64 = 20 * Time::SECOND;

/// The link, by how long frames take to be shown.
#[derive(Debug, Clone, Default)]
pub struct Link {
    slow: bool,
    /// Frames running that took long.
    late: u8,
    /// When a lag was felt last.
    felt: Time,
    /// The longest lag, and when it was.
    longest: (Duration, Time),
}

impl Link {
    /// A frame was shown `lag` after it was written.
    pub fn shown(&mut self, lag: Duration, now: Time) {
        if lag >= self.longest.0 || now.since(self.longest.1) >= CALM {
            self.longest = (lag, now);
        }
        self.late = if lag >= LATE { self.late.saturating_add(1) } else { 0 };
        if lag >= FELT {
            self.felt = now;
        }
        self.slow = self.late >= 2 || (self.slow && now.since(self.felt) < CALM);
    }

    /// When the link counts as quick again, or its lag is named no longer, should nothing be shown until then.
    pub fn calm_at(&self) -> Option<Time> {
        let quick = self.slow.then_some(self.felt);
        quick.into_iter().chain(self.lag().map(|_| self.longest.1)).min().map(|since| Time(since.0 + CALM))
    }

    /// Time passed.
    pub fn calm(&mut self, now: Time) {
        self.slow &= now.since(self.felt) < CALM;
        if now.since(self.longest.1) >= CALM {
            self.longest = (Duration::ZERO, now);
        }
    }

    /// Whether what can wait, or can be said more coarsely, is spared.
    pub const fn is_slow(&self) -> bool {
        self.slow
    }

    /// How far the screen was behind the keys at most, of late, if that is worth the bytes that say so.
    pub fn lag(&self) -> Option<Duration> {
        Some(self.longest.0).filter(|lag| *lag >= LATE)
    }

    /// What stands about a case beside the list follows the cursor once that rests for so many microseconds: a key that is
    /// held comes every 30 to 90 ms, one that is pressed again and again on a slow link every 300.
    pub const fn pane_after(&self) -> i64 {
        if self.slow { 350_000 } else { 120_000 }
    }

    /// How often the queue is read again, in microseconds: what colleagues do moves rows, and a list that moves is a screen of
    /// bytes.
    pub const fn refresh(&self) -> i64 {
        if self.slow { 3 * REFRESH } else { REFRESH }
    }

    /// The time left that is said of these microseconds: on a slow link, from an hour on, in steps of ten minutes, and never
    /// more than there is.
    pub fn left(&self, micros: i64) -> i64 {
        const STEP: i64 = 10 * Time::MINUTE;
        if self.slow && micros.abs() >= Time::HOUR { micros.div_euclid(STEP) * STEP } else { micros }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(lags: &[u64]) -> Link {
        let mut link = Link::default();
        lags.iter().for_each(|lag| link.shown(Duration::from_millis(*lag), Time(0)));
        link
    }

    #[test]
    fn a_link_is_slow_when_two_frames_running_are_late() {
        for (lags, is_slow) in [
            (&[][..], false),
            (&[1, 900, 150, 900], false),
            (&[299, 299, 299], false),
            (&[300, 300], true),
            (&[300, 300, 1], true),
        ] {
            assert_eq!(link(lags).is_slow(), is_slow, "{lags:?}");
        }
    }

    #[test]
    fn it_is_quick_again_when_no_lag_was_felt_for_twenty_seconds() {
        let mut link = link(&[300, 300]);
        let mut shown = |second, lag| {
            link.shown(Duration::from_millis(lag), Time(second * Time::SECOND));
            link.is_slow()
        };
        assert!(shown(19, 10));
        assert!(shown(19, 200), "felt again");
        assert!(shown(38, 10));
        assert!(!shown(39, 10));
        assert!(!shown(40, 299));
    }

    #[test]
    fn the_longest_lag_is_named_for_twenty_seconds() {
        let mut link = link(&[20, 450, 20]);
        assert_eq!(link.lag(), Some(Duration::from_millis(450)));
        link.shown(Duration::from_millis(350), Time(20 * Time::SECOND));
        assert_eq!(link.lag(), Some(Duration::from_millis(350)));
        link.shown(Duration::from_millis(290), Time(40 * Time::SECOND));
        assert_eq!(link.lag(), None);
    }
}
