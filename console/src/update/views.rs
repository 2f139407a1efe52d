//! Views: filters that somebody kept under a number.

use jointforce_shared::domain::view::View;

use super::{deed, screens};
use crate::{deed::Deed, keys::Intent, model::Model, msg::Cmd};

/// A number was pressed in the queue.
pub fn open(model: &mut Model, key: &str) -> Vec<Cmd> {
    let found = model.views.iter().find(|view| view.slot.to_string() == key).cloned();
    match found {
        Some(view) => show(model, &view),
        None => {
            let keep = model.key(Intent::KeepView);
            model.say(true, format!("Nothing is kept as {key}; {keep} keeps what is shown"));
            vec![]
        }
    }
}

/// Shows a view, from wherever one is.
pub fn show(model: &mut Model, view: &View) -> Vec<Cmd> {
    let mut cmds = if model.open.is_some() { screens::close(model) } else { vec![] };
    model.board = None;
    cmds.extend(screens::filter(model, view.ask.clone()));
    cmds
}

/// Asks under which number the filter is to be kept.
pub fn offer(model: &mut Model) -> Vec<Cmd> {
    let ask = model.queue.ask.clone();
    let words = if ask.is_all() { "the whole queue".to_owned() } else { ask.words() };
    let deeds = (1..=9).map(|slot| {
        let was = model.views.iter().find(|view| view.slot == slot).map(|view| view.name.clone());
        Deed::KeepView { slot, ask: ask.clone(), was }
    });
    let deeds = deeds.collect();
    deed::offer(model, format!("Keep {words} as"), deeds)
}
