//! The filter while it is typed: the queue follows each letter, Tab completes, Esc takes it all back.

use jointforce_shared::domain::ask::{
    Ask, Need, Term,
    complete::{Choice, Known, complete as words_for},
};

use super::screens;
use crate::{
    model::{
        Model,
        dialog::{Asking, Dialog},
        line::Line,
        queue::Step,
    },
    msg::Cmd,
};

/// Opens the line with what is shown now, and `more` behind it.
pub fn open(model: &mut Model, more: &str) -> Vec<Cmd> {
    let before = model.queue.ask.clone();
    let words = before.words();
    let line = Line::new(&if words.is_empty() { more.to_owned() } else { format!("{words} {more}") });
    model.dialog = Some(Dialog::Filter(Asking { line, mistake: None, at: 0, before }));
    // What can be completed: read anew each time, since brands come and go.
    vec![Cmd::Brands]
}

/// What could stand before the cursor: the byte that it begins at, and the choices.
pub fn choices(model: &Model, asking: &Asking) -> (usize, Vec<Choice>) {
    let mut sellers: Vec<String> = model.queue.rows.iter().map(|row| row.seller_name.clone()).collect();
    sellers.sort_unstable();
    sellers.dedup();
    words_for(asking.line.split().0, Known { brands: &model.brands, sellers: &sellers })
}

/// A letter was typed or deleted: what can be read is shown at once.
pub fn typed(model: &mut Model) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = &mut model.dialog else { return vec![] };
    asking.mistake = None;
    asking.at = 0;
    let text = asking.line.text().to_owned();
    let Some(Dialog::Filter(asking)) = &model.dialog else { return vec![] };
    let (start, choices) = choices(model, asking);
    let (before, word) = text.split_at_checked(start).unwrap_or((&text, ""));
    let is_title = Ask::parse(word).is_ok_and(|ask| matches!(ask.terms(), [Term { need: Need::Title(_), .. }]));
    // What may become the name of a field is not yet a word for the titles.
    let begun = is_title && !choices.is_empty() && asking.line.split().1.is_empty();
    match Ask::parse(if begun { before } else { &text }) {
        Ok(ask) => show(model, ask),
        Err(_) => vec![],
    }
}

/// Another choice.
pub fn pick(model: &mut Model, next: bool) {
    let Some(Dialog::Filter(asking)) = &model.dialog else { return };
    let last = choices(model, asking).1.len().saturating_sub(1);
    if let Some(Dialog::Filter(asking)) = &mut model.dialog {
        asking.at = if next { (asking.at + 1).min(last) } else { asking.at.saturating_sub(1) };
    }
}

/// Puts the choice in the place of the word before the cursor.
pub fn complete(model: &mut Model) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = &model.dialog else { return vec![] };
    let (start, mut choices) = choices(model, asking);
    let at = asking.at;
    if at >= choices.len() {
        return vec![];
    }
    let text = choices.swap_remove(at).text;
    if let Some(Dialog::Filter(asking)) = &mut model.dialog {
        asking.line.replace(start, &text);
    }
    typed(model)
}

/// Enter: it stays, or says what is wrong with it.
pub fn accept(model: &mut Model, asking: Asking) -> Vec<Cmd> {
    match Ask::parse(asking.line.text()) {
        Ok(ask) => {
            let mut cmds = if model.open.is_some() { screens::close(model) } else { vec![] };
            if ask != asking.before {
                // What is marked may not be in sight any more.
                model.marks.clear();
            }
            cmds.extend(
                if ask == model.queue.ask { None } else { Some(ask) }.map_or(vec![], |ask| screens::filter(model, ask)),
            );
            cmds
        }
        Err(mistake) => {
            model.dialog = Some(Dialog::Filter(Asking { mistake: Some(mistake), ..asking }));
            vec![]
        }
    }
}

/// Escape: everything as it was.
pub fn cancel(model: &mut Model) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = model.dialog.take() else { return vec![] };
    show(model, asking.before)
}

/// Shows another part of the queue while the line is open; what is marked stays marked until Enter.
fn show(model: &mut Model, ask: Ask) -> Vec<Cmd> {
    if ask == model.queue.ask || model.open.is_some() || model.board.is_some() {
        return vec![];
    }
    model.queue.ask = ask;
    model.load(Step::Head).into_iter().collect()
}
