//! The one table of keys: it feeds dispatch, the hints at the bottom, the help and the palette.

pub mod manual;
pub mod own;
mod table;
mod why;

use std::{borrow::Cow, sync::Arc};

use termina::event::{KeyCode, KeyEvent, Modifiers};

pub use self::{
    table::TABLE,
    why::{counts, offline, why_not},
};

/// Where keys have their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// The queue.
    Queue,
    /// A board: dead effects, approvals, pages.
    Board,
    /// An open case.
    Case,
    /// A numbered menu.
    Menu,
    /// A line to type into.
    Prompt,
    /// A list to choose from by typing.
    Picker,
    /// Text to read: help, results.
    Pager,
    /// Cases that are alike.
    Group,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intent {
    Open,
    Remove,
    Keep,
    Hold,
    Skip,
    Note,
    HandOver,
    Release,
    Escalate,
    Yes,
    No,
    DeadEffects,
    Pages,
    Approvals,
    Breakers,
    Payouts,
    Lanes,
    Find,
    ShiftNote,
    BrandPage,
    SellerPage,
    Quality,
    Figures,
    People,
    Picture,
    AskBrand,
    Tell,
    Contest,
    Group,
    Undo,
    Repeat,
    Mark,
    Unmark,
    MarkRange,
    MarkSeller,
    MarkGroup,
    Mine,
    Filter,
    OnlyBrand,
    OnlySeller,
    Unfilter,
    OpenView,
    KeepView,
    Theme,
    OwnKeys,
    Next,
    Previous,
    Section,
    Back,
    Down,
    Up,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    First,
    Last,
    Palette,
    Help,
    Refresh,
    Redraw,
    Quit,
    Choose,
    AddNote,
    Complete,
    CompleteBack,
    Accept,
    Cancel,
    PickDown,
    PickUp,
    Rub,
    RubWord,
    RubAll,
    Left,
    Right,
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Binding {
    /// What it is for.
    pub intent: Intent,
    /// The keys, the one to show first.
    pub keys: Cow<'static, [&'static str]>,
    /// Where.
    pub places: &'static [Place],
    /// In one word, for the hints.
    pub name: &'static str,
    /// In a sentence, for help and palette.
    pub what: &'static str,
    /// Its rank in the hints, 1 first; 0 for not at all.
    pub hint: u8,
}

/// A whole table, the house's or with one's own keys in it; kept as long as somebody uses it.
pub type Table = Arc<[Binding]>;

/// What a key means in a place.
pub fn find<'t>(table: &'t [Binding], place: Place, name: &str) -> Option<&'t Binding> {
    table.iter().find(|binding| binding.places.contains(&place) && binding.keys.contains(&name))
}

/// The key that stands for an intent, for what is said about it; nothing for what has none.
pub fn key_of(table: &[Binding], intent: Intent) -> &'static str {
    let binding = table.iter().find(|binding| binding.intent == intent);
    binding.and_then(|binding| binding.keys.first()).copied().unwrap_or_default()
}

/// The table's name of a key; `None` for keys that mean nothing anywhere.
pub fn name(event: KeyEvent) -> Option<String> {
    let control = event.modifiers.contains(Modifiers::CONTROL);
    if event.modifiers.contains(Modifiers::ALT) {
        return None;
    }
    Some(match event.code {
        KeyCode::Char(' ') => "Space".into(),
        KeyCode::Char(c) if control => format!("C-{}", c.to_ascii_lowercase()),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "Enter".into(),
        KeyCode::Escape => "Esc".into(),
        KeyCode::Tab => "Tab".into(),
        KeyCode::BackTab => "S-Tab".into(),
        KeyCode::Backspace => "Backspace".into(),
        KeyCode::Up => "Up".into(),
        KeyCode::Down => "Down".into(),
        KeyCode::Left => "Left".into(),
        KeyCode::Right => "Right".into(),
        KeyCode::Home => "Home".into(),
        KeyCode::End => "End".into(),
        KeyCode::PageUp => "PgUp".into(),
        KeyCode::PageDown => "PgDn".into(),
        KeyCode::Function(n) => format!("F{n}"),
        _ => return None,
    })
}

/// The text that a key types, if it types any.
pub fn typed(name: &str) -> Option<&str> {
    match name {
        "Space" => Some(" "),
        _ => (name.chars().count() == 1).then_some(name),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{table::TYPED, *};

    #[test]
    fn a_key_means_one_thing_in_one_place() {
        let mut seen = HashSet::new();
        for binding in TABLE {
            for place in binding.places {
                for key in &*binding.keys {
                    assert!(seen.insert((place, key)), "{key} means two things in {place:?}");
                }
            }
        }
    }

    #[test]
    fn no_binding_of_a_line_eats_what_one_types() {
        for binding in TABLE.iter().filter(|b| b.places.iter().any(|p| TYPED.contains(p))) {
            assert!(binding.keys.iter().all(|key| typed(key).is_none()), "{:?}", binding.intent);
        }
    }

    #[test]
    fn every_line_says_what_it_is_for() {
        for binding in TABLE {
            assert!(!binding.keys.is_empty() && !binding.name.is_empty() && !binding.what.is_empty());
            assert!(!binding.what.ends_with('.'), "{}", binding.what);
        }
    }
}
