//! What is on the screen is read again while it is there.

use jointforce_shared::domain::time::Time;

/// When something is read again, and whether it is being read now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refresh {
    every: i64,
    at: Time,
    is_asked: bool,
}

impl Refresh {
    /// Of something that is asked for now, and every so many microseconds after.
    pub const fn asked(every: i64, now: Time) -> Self {
        Self { every, at: Time(now.0 + every), is_asked: true }
    }

    /// The answer came, or a failure instead of one.
    pub const fn answered(&mut self, now: Time) {
        *self = Self { is_asked: false, ..Self::asked(self.every, now) };
    }

    /// Whether it has to be asked for now, which is then taken as done. A question that is still open is not asked again: a
    /// slow database would be given more and more to do.
    pub fn is_due(&mut self, now: Time) -> bool {
        if self.at > now {
            return false;
        }
        let was_asked = self.is_asked;
        *self = Self::asked(self.every, now);
        !was_asked
    }

    /// When that has to be looked at.
    pub const fn at(&self) -> Time {
        self.at
    }
}
