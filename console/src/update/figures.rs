//! Figures: read, and read again while they are looked at.

use jointforce_shared::{domain::time::Time, store::figures};

use crate::{
    model::{
        Model,
        dialog::{Dialog, Figures},
    },
    msg::{Cmd, Failure},
};

/// They are read again this often, in microseconds: nobody clears a queue by the second, and it is some counting.
const EVERY: i64 = 10 * Time::SECOND;

/// Shows the figures, the sitting's at once.
pub fn open(model: &mut Model) -> Vec<Cmd> {
    let refresh_at = Time(model.now.0 + EVERY);
    model.dialog = Some(Dialog::Figures(Figures { read: None, asked: true, refresh_at, scroll: 0 }));
    vec![Cmd::Figures]
}

/// They came.
pub fn put(model: &mut Model, outcome: Result<Box<figures::Figures>, Failure>) -> Vec<Cmd> {
    let now = model.now;
    if let Some(Dialog::Figures(shown)) = &mut model.dialog {
        shown.asked = false;
        shown.refresh_at = Time(now.0 + EVERY);
        if let Ok(read) = &outcome {
            shown.read = Some(read.clone());
        }
    }
    match outcome {
        Ok(_) => super::reads::back(model),
        Err(failure) if failure.away => {
            model.away.get_or_insert(now);
        }
        Err(failure) => model.say(true, failure.words),
    }
    vec![]
}

/// Time passed.
pub fn tick(model: &mut Model) -> Option<Cmd> {
    let now = model.now;
    let Some(Dialog::Figures(shown)) = &mut model.dialog else { return None };
    if shown.refresh_at > now {
        return None;
    }
    shown.refresh_at = Time(now.0 + EVERY);
    // A question that is still open is not asked again.
    let ask = !std::mem::replace(&mut shown.asked, true);
    ask.then_some(Cmd::Figures)
}
