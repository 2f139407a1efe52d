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
            let parties = match &model.open {
                Some(open) => model.dossier(open.case).map(|kept| (kept.case.brand.clone(), kept.case.seller.clone())),
                None => model.queue.selected().map(|row| (row.brand.clone(), row.seller.clone())),
            };
            let Some((brand, seller)) = parties else {
                model.say(true, "The case is still being read");
                return vec![];
            };
            if intent == Intent::SellerPage { Text::Seller(seller) } else { Text::Brand(brand) }
        }
    };
    model.dialog = Some(Dialog::Reading(Reading { text: text.clone(), lines: None, scroll: 0 }));
    vec![Cmd::Text(text)]
}

/// The text came.
pub fn put(model: &mut Model, text: &Text, outcome: Result<Vec<String>, Failure>) -> Vec<Cmd> {
    super::reads::met(model, outcome.as_ref().err());
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
