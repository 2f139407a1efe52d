//! Frame credits: no more frames are under way than the link carries, so that what one sees is never old.
//!
//! Each frame ends with a question that every terminal answers once it has shown what came before (a status report).
//! Two may be unanswered; then the next frame waits, and shows what is true when its turn comes. Frames pile up in no
//! buffer of sshd's or the network's, however slow the link. A terminal that never answers is drawn on at a fixed rate.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use crate::model::Shown;

/// The question at the end of a frame.
pub const ASK: &str = "\x1b[5n";

/// Frames under way.
const AHEAD: usize = 2;
/// The rate at which a terminal that answers nothing is drawn on.
const BLIND: Duration = Duration::from_millis(33);
/// So many unanswered frames are no slow link's: nobody answers.
const BLIND_MAX: usize = 300;
/// An answer that takes longer is lost: a link that was cut and mended, a terminal that was swapped.
const LOST: Duration = Duration::from_secs(5);

/// What is under way, and what the link is like.
#[derive(Debug, Default)]
pub struct Pace {
    /// Frames without an answer: when they were written, and what they show.
    under_way: VecDeque<(Instant, Shown)>,
    /// Whether the terminal has ever answered.
    answers: bool,
    /// When the last frame was written.
    drawn: Option<Instant>,
}

impl Pace {
    /// When the next frame may be drawn: `None` for now, else not before then.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let until = if self.answers {
            let (oldest, _) = self.under_way.front().filter(|_| self.under_way.len() >= AHEAD)?;
            *oldest + LOST
        } else {
            self.drawn? + BLIND
        };
        until.checked_duration_since(now).filter(|left| !left.is_zero())
    }

    /// A frame was written. Gives what can be taken for seen at once: on a terminal that doesn't answer, all of it.
    pub fn written(&mut self, now: Instant, shown: Shown) -> Option<Shown> {
        self.drawn = Some(now);
        if self.answers {
            if self.under_way.len() >= AHEAD {
                self.under_way.pop_front();
            }
            self.under_way.push_back((now, shown));
            return None;
        }
        // The first answers may still be to come, one for each frame; without them one counts as seen when it is written.
        if self.under_way.len() >= BLIND_MAX {
            self.under_way.clear();
        }
        self.under_way.push_back((now, shown.clone()));
        Some(shown)
    }

    /// The terminal answered: gives what it shows now, and how far it is behind: the time from a frame's writing to its
    /// being shown.
    pub fn answered(&mut self, now: Instant) -> Option<(Shown, Duration)> {
        let (written, shown) = self.under_way.pop_front()?;
        self.answers = true;
        Some((shown, now.duration_since(written)))
    }

    /// Whether everything that was written is shown.
    pub fn is_idle(&self) -> bool {
        !self.answers || self.under_way.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Shown {
        Shown::default()
    }

    #[test]
    fn no_third_frame_leaves_before_the_first_is_shown() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert!(pace.written(start, frame()).is_some(), "nobody knows yet whether it answers");
        let lag = Duration::from_millis(150);
        assert_eq!(pace.answered(start + lag), Some((frame(), lag)));
        let later = start + Duration::from_secs(1);
        assert_eq!(pace.wait(later), None);
        assert!(pace.written(later, frame()).is_none(), "seen only when it is shown");
        assert_eq!(pace.wait(later), None);
        pace.written(later, frame());
        assert!(pace.wait(later).is_some(), "two are under way");
        pace.answered(later);
        assert_eq!(pace.wait(later), None);
    }

    #[test]
    fn a_lost_answer_stops_the_screen_for_a_while_and_not_for_ever() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        pace.written(start, frame());
        pace.answered(start);
        pace.written(start, frame());
        pace.written(start, frame());
        assert_eq!(pace.wait(start), Some(LOST));
        assert_eq!(pace.wait(start + LOST), None);
        pace.written(start + LOST, frame());
        assert_eq!(pace.under_way.len(), AHEAD);
    }

    #[test]
    fn a_terminal_that_never_answers_is_drawn_on_at_a_fixed_rate() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        assert_eq!(pace.wait(start), None);
        for n in 1..10 {
            let now = start + BLIND * n;
            assert_eq!(pace.wait(now), None);
            assert!(pace.written(now, frame()).is_some());
            assert_eq!(pace.wait(now), Some(BLIND));
        }
    }
}
