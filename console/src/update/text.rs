//! Texts to read.

use crate::{
    keys::Intent,
    model::{
        Model,
        dialog::{Dialog, Reading},
    },
    msg::{Cmd, Failure},
    text::Text,
};

/// Asks for a text and shows it as soon as it comes.
pub fn open(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let text = match intent {
        Intent::ShiftNote => Text::Shift,
        Intent::Quality => Text::Quality,
        _ => {
            let brand = match &model.open {
                Some(open) => model.dossier(open.case).map(|kept| kept.case.brand.clone()),
                None => model.queue.selected().map(|row| row.brand.clone()),
            };
            let Some(brand) = brand else {
                model.say(true, "The case is still being read");
                return vec![];
            };
            Text::Trust(brand)
        }
    };
    model.dialog = Some(Dialog::Reading(Reading { text: text.clone(), lines: None, scroll: 0 }));
    vec![Cmd::Text(text)]
}

/// The text came.
pub fn put(model: &mut Model, text: &Text, outcome: Result<Vec<String>, Failure>) -> Vec<Cmd> {
    super::reads::back(model);
    let Some(Dialog::Reading(reading)) =
        model.dialog.as_mut().filter(|dialog| matches!(dialog, Dialog::Reading(reading) if reading.text == *text))
    else {
        return vec![];
    };
    match outcome {
        Ok(lines) => reading.lines = Some(lines),
        Err(failure) => {
            model.dialog = None;
            model.say(true, failure.words);
        }
    }
    vec![]
}
