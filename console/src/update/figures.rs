//! Figures: read, and read again while they are looked at.

use jointforce_shared::{domain::time::Time, store::figures};

use super::reads;
use crate::{
    model::{
        Model,
        dialog::{Dialog, Figures},
        refresh::Refresh,
    },
    msg::{Cmd, Failure},
};

/// They are read again this often, in microseconds: nobody clears a queue by the second, and it is some counting.
const EVERY: i64 = 10 * Time::SECOND;

/// Shows the figures, the sitting's at once.
pub fn open(model: &mut Model) -> Vec<Cmd> {
    let refresh = Refresh::asked(EVERY, model.now);
    model.dialog = Some(Dialog::Figures(Figures { read: None, refresh, scroll: 0 }));
    vec![Cmd::Figures]
}

/// They came.
pub fn put(model: &mut Model, outcome: Result<Box<figures::Figures>, Failure>) -> Vec<Cmd> {
    let now = model.now;
    let read = reads::heard(model, outcome);
    if let Some(Dialog::Figures(shown)) = &mut model.dialog {
        shown.refresh.answered(now);
        shown.read = read.or(shown.read.take());
    }
    vec![]
}

/// Time passed.
pub fn tick(model: &mut Model) -> Option<Cmd> {
    let now = model.now;
    let Some(Dialog::Figures(shown)) = &mut model.dialog else { return None };
    shown.refresh.is_due(now).then_some(Cmd::Figures)
}
