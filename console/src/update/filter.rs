//! The filter while it is typed: the queue follows each letter, Tab goes through what could stand there, Esc takes it all
//! back.

use jointforce_shared::{
    domain::ask::{
        Ask, Need, Term,
        complete::{Choice, Known, begun, complete as words_for},
        fields::Field,
    },
    store::{brands::NAMES_MOST, sellers::Names},
};

use super::{dialog::around, reads, screens};
use crate::{
    model::{
        Model,
        dialog::{Asking, Dialog},
        line::Line,
        queue::Step,
    },
    msg::{Cmd, Failure},
};

/// Opens the line with what is shown now, and `more` behind it.
pub fn open(model: &mut Model, more: &str) -> Vec<Cmd> {
    let before = model.queue.ask.clone();
    let words = before.words();
    // Further down it is not among what is read first when the line is left.
    let stood = model.queue.selected().filter(|_| model.queue.after.is_none()).map(|row| row.place.case);
    let line = Line::new(&if words.is_empty() { more.to_owned() } else { format!("{words} {more}") });
    model.dialog = Some(Dialog::Filter(Asking { line, mistake: None, at: 0, menu: None, before, stood }));
    // What can be completed: read anew each time, since brands come and go.
    vec![Cmd::Brands]
}

/// What could stand before the cursor: the byte that it begins at, and the choices.
pub fn choices(model: &Model, asking: &Asking) -> (usize, Vec<Choice>) {
    asking.menu.clone().unwrap_or_else(|| fitting(model, asking))
}

/// What could stand before the cursor, as the line is now.
fn fitting(model: &Model, asking: &Asking) -> (usize, Vec<Choice>) {
    let mut sellers: Vec<String> = model.queue.rows.iter().map(|row| row.seller_name.clone()).collect();
    sellers.sort_unstable();
    sellers.dedup();
    // Those in sight first: they are there at once, and mostly meant.
    let others = model.sellers.names().iter().filter(|name| sellers.binary_search(name).is_err());
    let others: Vec<String> = others.cloned().collect();
    sellers.extend(others);
    words_for(asking.line.split().0, Known { brands: &model.brands, sellers: &sellers })
}

/// A letter was typed or deleted: what can be read is shown at once.
pub fn typed(model: &mut Model) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = &mut model.dialog else { return vec![] };
    asking.mistake = None;
    (asking.at, asking.menu) = (0, None);
    follow(model)
}

/// Shows what the line asks for, as far as it can be read.
fn follow(model: &mut Model) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = &model.dialog else { return vec![] };
    let text = asking.line.text().to_owned();
    let name = begun(asking.line.split().0).filter(|(entry, _)| entry.field == Field::Seller);
    let name = name.map_or("", |(_, typed)| typed);
    model.sellers.typed(name, model.now);
    let (start, choices) = fitting(model, asking);
    let (before, word) = text.split_at_checked(start).unwrap_or((&text, ""));
    let is_title = Ask::parse(word).is_ok_and(|ask| matches!(ask.terms(), [Term { need: Need::Title(_), .. }]));
    // What may become the name of a field is not yet a word for the titles.
    let begun = is_title && !choices.is_empty() && asking.line.split().1.is_empty();
    let ask = match Ask::parse(if begun { before } else { &text }) {
        // In the place of a condition that was whole stands the name of a field now: what was shown for the one is over.
        Err(_) if asking.menu.is_some() => Ask::parse(before),
        parsed => parsed,
    };
    ask.map_or(vec![], |ask| show(model, ask))
}

/// Sellers' names came, or not; what is picked stays so.
pub fn put_sellers(model: &mut Model, start: String, outcome: Result<Names, Failure>) {
    reads::met(model, outcome.as_ref().err());
    // Why they did not come is not told: whoever types can go on without them.
    let Ok(names) = outcome else { return model.sellers.lose(&start) };
    let was = match &model.dialog {
        Some(Dialog::Filter(asking)) => choices(model, asking).1.into_iter().nth(asking.at),
        _ => None,
    };
    model.sellers.put(start, names);
    let Some(Dialog::Filter(asking)) = &model.dialog else { return };
    let at = choices(model, asking).1.iter().position(|choice| Some(choice) == was.as_ref());
    if let (Some(at), Some(Dialog::Filter(asking))) = (at, &mut model.dialog) {
        asking.at = at;
    }
}

/// Another choice for Tab; while one goes through them, it stands in the line at once.
pub fn pick(model: &mut Model, next: bool) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = &model.dialog else { return vec![] };
    if asking.menu.is_some() {
        return complete(model, next);
    }
    let at = around(asking.at, next, choices(model, asking).1.len());
    if let Some(Dialog::Filter(asking)) = &mut model.dialog {
        asking.at = at;
    }
    vec![]
}

/// Puts the choice in the place of the word before the cursor; again, the next one in the place of that, or the one before.
pub fn complete(model: &mut Model, next: bool) -> Vec<Cmd> {
    let Some(Dialog::Filter(asking)) = &model.dialog else { return vec![] };
    let (start, found) = choices(model, asking);
    let at = if asking.menu.is_none() && next { asking.at } else { around(asking.at, next, found.len()) };
    let Some(choice) = found.get(at) else { return vec![] };
    let text = choice.text.clone();
    let Some(Dialog::Filter(asking)) = &mut model.dialog else { return vec![] };
    asking.line.replace(start, &text);
    if found.len() == 1 {
        // Nothing to go through: the next Tab is for the next word.
        return typed(model);
    }
    (asking.at, asking.menu, asking.mistake) = (at, Some((start, found)), None);
    follow(model)
}

/// Enter: it stays, or says what is wrong with it.
pub fn accept(model: &mut Model, asking: Asking) -> Vec<Cmd> {
    // Of more brands than were read, one that isn't among them may be there.
    let whole = (1..NAMES_MOST).contains(&model.brands.len());
    let parsed = Ask::parse(asking.line.text()).and_then(|ask| {
        let unknown = if whole { Ask::unknown_brand(asking.line.text(), &model.brands) } else { None };
        unknown.map_or(Ok(ask), Err)
    });
    match parsed {
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
    let cmds = show(model, asking.before);
    if !cmds.is_empty() {
        model.queue.seek = asking.stood;
    }
    cmds
}

/// Shows another part of the queue while the line is open; what is marked stays marked until Enter.
fn show(model: &mut Model, ask: Ask) -> Vec<Cmd> {
    if ask == model.queue.ask || model.open.is_some() || model.board.is_some() {
        return vec![];
    }
    model.queue.ask = ask;
    model.load(Step::Head).into_iter().collect()
}
