//! The palette: everything that can be done, shown or asked for, found by a few letters.

use jointforce_shared::domain::{
    ask::fields::{Entry, FIELDS},
    view::View,
};

use super::{filter, intent, views};
use crate::{
    keys::{self, Binding, Intent, Place},
    model::Model,
    msg::Cmd,
};

/// What it offers.
#[derive(Debug, Clone)]
pub enum Item {
    /// A command of the screen behind it.
    Command(Binding),
    /// A kept view.
    View(View),
    /// A field of the filter.
    Field(&'static Entry),
}

impl Item {
    /// The key that does the same.
    pub fn key(&self, model: &Model) -> String {
        match self {
            Self::Command(binding) => binding.keys.first().copied().unwrap_or_default().to_owned(),
            Self::View(view) => view.slot.to_string(),
            Self::Field(_) => model.key(Intent::Filter).to_owned(),
        }
    }

    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Self::Command(binding) => binding.name.to_owned(),
            Self::View(view) => view.name.clone(),
            Self::Field(entry) => entry.example.to_owned(),
        }
    }

    /// What it is for.
    pub fn what(&self) -> String {
        match self {
            Self::Command(binding) => binding.what.to_owned(),
            Self::View(view) if view.ask.is_all() => "The whole queue".to_owned(),
            Self::View(view) => format!("Show {}", view.ask.words()),
            Self::Field(entry) => entry.explained(),
        }
    }

    /// Why it can't be had now.
    pub fn why_not(&self, model: &Model) -> Option<String> {
        match self {
            Self::Command(binding) => keys::why_not(model, binding.intent),
            Self::View(_) | Self::Field(_) => None,
        }
    }
}

/// What `typed` finds: those in whose name its letters stand in their order, the closest together first, then those whose
/// description holds it as it is. Equal ones stay in the table's order.
pub fn items(model: &Model, typed: &str) -> Vec<Item> {
    let place = super::behind(model);
    let here = |binding: &&Binding| {
        // A number opens a view; the views stand below by their names.
        binding.places.contains(&place) && !matches!(binding.intent, Intent::Palette | Intent::OpenView)
    };
    let commands = model.own.keys.iter().filter(here).cloned().map(Item::Command);
    let views = model.views.iter().cloned().map(Item::View);
    let fields = FIELDS.iter().filter(|_| place != Place::Board).map(Item::Field);
    let mut found: Vec<_> = commands
        .chain(views)
        .chain(fields)
        .filter_map(|item| {
            let close = fuzzy(typed, &item.name()).map(|gaps| (0, gaps));
            let told = || item.what().to_lowercase().find(&typed.to_lowercase()).map(|at| (1, at));
            close.or_else(told).map(|rank| (rank, item))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, item)| item).collect()
}

/// Does what was chosen.
pub fn chosen(model: &mut Model, item: &Item) -> Vec<Cmd> {
    if let Some(reason) = item.why_not(model) {
        model.say(true, reason);
        return vec![];
    }
    match item {
        Item::Command(binding) => intent(model, binding.intent, super::behind(model), ""),
        Item::View(view) => views::show(model, view),
        Item::Field(entry) => {
            let name = entry.names.first().copied().unwrap_or_default();
            filter::open(model, name)
        }
    }
}

/// How far apart the letters of `typed` stand in `text`, if they are all there in their order: the least over all places
/// where they could begin, less at the beginning of a word.
pub fn fuzzy(typed: &str, text: &str) -> Option<usize> {
    let wanted: Vec<char> = typed.chars().filter(|c| *c != ' ').flat_map(char::to_lowercase).collect();
    let letters: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let Some(first) = wanted.first() else { return Some(0) };
    let from = |start: usize| {
        let begins_word = start == 0 || letters.get(start - 1).is_some_and(|before| !before.is_alphanumeric());
        let mut at = start + 1;
        let mut gaps = usize::from(start > 0) + usize::from(!begins_word) * 2;
        for letter in wanted.iter().skip(1) {
            let gap = letters.get(at..)?.iter().position(|other| other == letter)?;
            gaps += gap;
            at += gap + 1;
        }
        Some(gaps)
    };
    (0..letters.len()).filter(|start| letters.get(*start) == Some(first)).filter_map(from).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_close_together_at_the_beginning_of_a_word_come_first() {
        assert_eq!(fuzzy("", "hold"), Some(0));
        assert_eq!(fuzzy("ho", "hold"), Some(0));
        assert_eq!(fuzzy("ov", "hand over"), Some(1));
        assert_eq!(fuzzy("an", "hand over"), Some(3));
        assert_eq!(fuzzy("hov", "hand over"), Some(4));
        assert_eq!(fuzzy("hold", "hand over"), None);
    }
}
