//! What is said in short at the bottom of the screen.

use jointforce_shared::domain::time::Time;

use super::Model;

/// A short message at the bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it says; may hold strangers' text.
    pub words: String,
    /// Whether something went wrong, or can't be had.
    pub bad: bool,
    /// Whether it outlasts other keys and better news: something that was sent failed.
    pub stays: bool,
    /// When it goes.
    pub until: Time,
}

impl Model {
    /// Says something for four seconds; why a key can't be had, until the next key and for twelve seconds at most.
    pub fn say(&mut self, bad: bool, words: impl Into<String>) {
        let until = Time(self.now.0 + if bad { 12 } else { 4 } * Time::SECOND);
        self.toast = Some(Toast { words: words.into(), bad, stays: false, until });
    }

    /// Says for twelve seconds that something failed which was sent, or that somebody else got in the way.
    pub fn fail(&mut self, words: impl Into<String>) {
        self.say(true, words);
        if let Some(toast) = &mut self.toast {
            toast.stays = true;
        }
    }

    /// Another key was pressed: why the one before could not be had is of no use any more.
    pub(crate) fn hush(&mut self) {
        if self.toast.as_ref().is_some_and(|toast| toast.bad && !toast.stays) {
            self.toast = None;
        }
    }
}
