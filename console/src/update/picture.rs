//! Pictures of the listing, on request: a worker makes them, this process never decodes one.

use jointforce_shared::{domain::time::Time, store::pictures::Standing};

use super::reads;
use crate::{
    keys::Intent,
    model::{
        Model,
        dialog::{Dialog, Looking},
        refresh::Refresh,
    },
    msg::{Cmd, Failure},
};

/// How often it is asked whether a picture is made, in microseconds.
const EVERY: i64 = Time::SECOND;

/// Asks for the first picture of the listing in focus.
pub fn open(model: &mut Model) -> Vec<Cmd> {
    let read = model.focus().and_then(|case| model.dossier(case));
    let Some(urls) = read.map(|case| case.listing.content.images.clone()) else {
        model.say(true, "The case is still being read");
        return vec![];
    };
    let Some(first) = urls.first().cloned() else {
        model.say(false, "The listing had no picture");
        return vec![];
    };
    let refresh = Refresh::asked(EVERY, model.now);
    model.dialog = Some(Dialog::Picture(Looking { urls, at: 0, shown: None, refresh }));
    vec![Cmd::Picture(first)]
}

/// The next picture, or the one before.
pub fn turn(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let now = model.now;
    let Some(Dialog::Picture(looking)) = &mut model.dialog else { return vec![] };
    let last = looking.urls.len().saturating_sub(1);
    let to = match intent {
        Intent::Down | Intent::HalfDown | Intent::PageDown => (looking.at + 1).min(last),
        Intent::Up | Intent::HalfUp | Intent::PageUp => looking.at.saturating_sub(1),
        Intent::First => 0,
        Intent::Last => last,
        _ => looking.at,
    };
    if to == looking.at {
        return vec![];
    }
    (looking.at, looking.shown, looking.refresh) = (to, None, Refresh::asked(EVERY, now));
    looking.urls.get(to).cloned().map(Cmd::Picture).into_iter().collect()
}

/// How it stands.
pub fn put(model: &mut Model, url: &str, outcome: Result<Standing, Failure>) -> Vec<Cmd> {
    let now = model.now;
    let shown = reads::heard(model, outcome);
    if let Some(Dialog::Picture(looking)) = &mut model.dialog
        && looking.urls.get(looking.at).is_some_and(|at| at == url)
    {
        looking.refresh.answered(now);
        looking.shown = shown.or(looking.shown.take());
    }
    vec![]
}

/// Time passed: what is not made yet is asked for again.
pub fn tick(model: &mut Model) -> Option<Cmd> {
    let now = model.now;
    let Some(Dialog::Picture(looking)) = &mut model.dialog else { return None };
    let ask = !looking.is_over() && looking.refresh.is_due(now);
    looking.urls.get(looking.at).filter(|_| ask).cloned().map(Cmd::Picture)
}
