//! What can be chosen by number.

use super::lists;
use crate::{
    keys::{self, Intent, TABLE},
    model::Model,
};

/// What a number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// What a key does.
    Do(Intent),
    /// The queue as a list.
    List,
    /// The kept views.
    Views,
}

use Choice::{Do, List, Views};

/// What can be chosen on a case, by number from 1. The numbers stay what they are whatever the case, so that hands can
/// learn them; what can't be had now says why.
pub const CHOICES: [Choice; 32] = [
    Do(Intent::Remove),
    Do(Intent::Keep),
    Do(Intent::Hold),
    Do(Intent::Escalate),
    Do(Intent::AskBrand),
    Do(Intent::Note),
    Do(Intent::Skip),
    Do(Intent::Next),
    Do(Intent::Undo),
    Do(Intent::Repeat),
    Do(Intent::HandOver),
    Do(Intent::Release),
    Do(Intent::Tell),
    Do(Intent::Contest),
    Do(Intent::SellerPage),
    Do(Intent::BrandPage),
    Do(Intent::Filter),
    Do(Intent::ShiftNote),
    Do(Intent::Group),
    Do(Intent::Mine),
    Do(Intent::Find),
    Do(Intent::Approvals),
    Do(Intent::Pages),
    Do(Intent::DeadEffects),
    Do(Intent::Lanes),
    Do(Intent::Payouts),
    Do(Intent::Breakers),
    Do(Intent::People),
    Do(Intent::Figures),
    List,
    Do(Intent::Unfilter),
    Views,
];
/// The choices that are said with every case; `?` says the others.
const SAID: usize = 18;
/// The number that shows the whole queue again.
pub const WHOLE: usize = 31;
const _: () = assert!(matches!(CHOICES[WHOLE - 1], Do(Intent::Unfilter)));

impl Choice {
    fn name(self) -> &'static str {
        match self {
            Do(intent) => binding(intent).map_or("", |binding| binding.name),
            List => "list",
            Views => "views",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Do(intent) => binding(intent).map_or("", |binding| binding.what),
            List => "The queue as a list, to mark cases and decide them together",
            Views => "The filters that you kept",
        }
    }
}

/// Whether an intent has a number.
pub fn has_number(intent: Intent) -> bool {
    CHOICES.contains(&Do(intent))
}

pub fn binding(intent: Intent) -> Option<&'static keys::Binding> {
    TABLE.iter().find(|binding| binding.intent == intent)
}

/// The choices by number, in one line for the ear.
pub fn menu() -> String {
    let choices = CHOICES.iter().enumerate().take(SAID);
    let choices = choices.map(|(n, choice)| format!("{} {}", n + 1, choice.name())).collect::<Vec<_>>();
    format!("Choose: {}, 0 quit; ? says {} to {} too.", choices.join(", "), SAID + 1, CHOICES.len())
}

pub fn explained() -> Vec<String> {
    let choices = CHOICES.iter().enumerate();
    let mut lines: Vec<_> =
        choices.map(|(n, choice)| format!("{} {}: {}.", n + 1, choice.name(), choice.what())).collect();
    lines.push("0 quit: gives the case back and leaves. Enter alone says the case again.".to_owned());
    lines
}

pub fn help() -> String {
    "Type the number of a choice and Enter. ? says what each does, Enter alone says the case again, 0 quits.".to_owned()
}

/// The kept views, and what shows them.
pub fn views(model: &Model) -> Vec<String> {
    if model.views.is_empty() {
        return vec!["You kept no filter. The console that draws screens keeps them.".to_owned()];
    }
    let views = model.views.iter().map(|view| {
        let words = if view.ask.is_all() { "the whole queue".to_owned() } else { view.ask.words() };
        lists::line(&format!("v{}: {}, {words}", view.slot, view.name))
    });
    views.chain(["Type v and its number to show one.".to_owned()]).collect()
}
