//! The one table of keys: it feeds dispatch, the hints at the bottom, the help and the palette.

use termina::event::{KeyCode, KeyEvent, Modifiers};

use crate::model::{Lease, Model};

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
    AskBrand,
    Tell,
    Contest,
    Group,
    Undo,
    Repeat,
    Mark,
    Unmark,
    Filter,
    OnlyBrand,
    OnlySeller,
    Unfilter,
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
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// What it is for.
    pub intent: Intent,
    /// The keys, the one to show first.
    pub keys: &'static [&'static str],
    /// Where.
    pub places: &'static [Place],
    /// In one word, for the hints.
    pub name: &'static str,
    /// In a sentence, for help and palette.
    pub what: &'static str,
    /// Its rank in the hints, 1 first; 0 for not at all.
    pub hint: u8,
}

const SCREENS: &[Place] = &[Place::Queue, Place::Case];
const SCROLLS: &[Place] = &[Place::Queue, Place::Case, Place::Board, Place::Group, Place::Pager];
const GROUPED: &[Place] = &[Place::Queue, Place::Case, Place::Group];
const EVERYWHERE: &[Place] = &[Place::Queue, Place::Case, Place::Board];
const TYPED: &[Place] = &[Place::Prompt, Place::Picker];
const DIALOGS: &[Place] = &[Place::Menu, Place::Prompt, Place::Picker, Place::Pager, Place::Group];

const fn key(
    intent: Intent,
    keys: &'static [&'static str],
    places: &'static [Place],
    hint: u8,
    name: &'static str,
    what: &'static str,
) -> Binding {
    Binding { intent, keys, places, name, what, hint }
}

/// The table, in the order of the help.
pub const TABLE: &[Binding] = &[
    key(Intent::Remove, &["r"], GROUPED, 1, "remove", "Take the listing down: asks for one of five reasons"),
    key(Intent::Keep, &["x"], GROUPED, 2, "keep", "Keep the listing and refuse the claims: asks for a reason"),
    key(
        Intent::Open,
        &["Enter", "l", "Right"],
        &[Place::Queue, Place::Board],
        3,
        "open",
        "Open the case, with a lease on it",
    ),
    key(
        Intent::Back,
        &["Esc", "Left"],
        &[Place::Case, Place::Board],
        3,
        "queue",
        "Back to the queue; gives the lease back",
    ),
    key(Intent::Yes, &["y"], &[Place::Board], 1, "yes", "What the row offers: approve, acknowledge, try again"),
    key(Intent::No, &["x"], &[Place::Board], 2, "no", "The other answer: refuse, resolve, give up"),
    key(Intent::Hold, &["h"], SCREENS, 4, "hold", "Keep the case to yourself for a while, with a reason"),
    key(Intent::Skip, &["s"], SCREENS, 5, "skip", "Pass over it for now; that is on the record"),
    key(Intent::Undo, &["u"], SCREENS, 6, "undo", "Take your last decision back; again for the one before"),
    key(
        Intent::Mark,
        &["Space", "v"],
        &[Place::Queue, Place::Group],
        7,
        "mark",
        "Mark the case for a batch, or unmark it",
    ),
    key(Intent::Repeat, &["."], SCREENS, 8, "again", "Decide as you did last, with the same reason"),
    key(Intent::Note, &["n"], SCREENS, 9, "note", "Write a note for colleagues"),
    key(Intent::HandOver, &["H"], SCREENS, 10, "hand over", "Pass the case to a colleague"),
    key(
        Intent::Escalate,
        &["e"],
        SCREENS,
        11,
        "escalate",
        "Pass the case to a desk: legal, brand relations, safety, senior",
    ),
    key(Intent::AskBrand, &["w"], SCREENS, 10, "ask brand", "Ask the brand about the listing; the case waits for it"),
    key(Intent::Tell, &["t"], SCREENS, 0, "write", "Write to the brand, the seller or both, in a mail of its own"),
    key(
        Intent::Contest,
        &["c"],
        &[Place::Case],
        10,
        "contest",
        "Enter a counter-notice, its answer, an appeal, a withdrawal",
    ),
    key(
        Intent::Group,
        &["m"],
        GROUPED,
        9,
        "more like it",
        "Cases with nearly this title, then of this seller, then of this brand",
    ),
    key(Intent::Release, &["R"], SCREENS, 0, "release", "Give a held case back to the queue"),
    key(Intent::Unmark, &["V"], &[Place::Queue], 0, "unmark", "Forget all marks"),
    key(Intent::Filter, &["/"], SCREENS, 8, "filter", "Choose what the queue shows"),
    key(Intent::OnlyBrand, &["b"], SCREENS, 0, "this brand", "Show only this brand's cases"),
    key(Intent::OnlySeller, &["o"], SCREENS, 0, "this seller", "Show only cases about this seller"),
    key(Intent::Unfilter, &["a"], SCREENS, 0, "all", "Show the whole queue again"),
    key(Intent::Next, &["J", "]"], &[Place::Case], 7, "next", "Open the next case without deciding this one"),
    key(Intent::Previous, &["K", "["], &[Place::Case], 0, "previous", "Open the case before this one"),
    key(Intent::Section, &["Tab"], &[Place::Case], 0, "section", "Go to the next section of the case"),
    key(Intent::Down, &["j", "Down"], SCROLLS, 0, "down", "One line down"),
    key(Intent::Up, &["k", "Up"], SCROLLS, 0, "up", "One line up"),
    key(Intent::HalfDown, &["C-d"], SCROLLS, 0, "half page down", "Half a page down"),
    key(Intent::HalfUp, &["C-u"], SCROLLS, 0, "half page up", "Half a page up"),
    key(Intent::PageDown, &["PgDn", "C-f"], SCROLLS, 0, "page down", "A page down"),
    key(Intent::PageUp, &["PgUp", "C-b"], SCROLLS, 0, "page up", "A page up"),
    key(Intent::First, &["g", "Home"], SCROLLS, 0, "first", "To the head of the queue, or the top"),
    key(Intent::Last, &["G", "End"], SCROLLS, 0, "last", "To the last row that is loaded, or the bottom"),
    key(
        Intent::Pages,
        &["p"],
        EVERYWHERE,
        0,
        "pages",
        "Who is called for what: say that you are on it, or that it is handled",
    ),
    key(
        Intent::DeadEffects,
        &["D"],
        EVERYWHERE,
        0,
        "dead effects",
        "What could not be carried out: try again or give up",
    ),
    key(Intent::Palette, &[":"], EVERYWHERE, 12, "all commands", "Find a command by its name"),
    key(Intent::Help, &["?", "F1"], EVERYWHERE, 11, "help", "Every key, and what it is for"),
    key(Intent::Refresh, &["F5"], EVERYWHERE, 0, "refresh", "Read everything again now"),
    key(Intent::Redraw, &["C-l"], EVERYWHERE, 0, "redraw", "Draw the screen anew"),
    key(Intent::Quit, &["q", "C-c"], EVERYWHERE, 13, "quit", "Give leases back and leave"),
    key(
        Intent::Choose,
        &["1", "2", "3", "4", "5", "6", "7", "8", "9"],
        &[Place::Menu],
        1,
        "choose",
        "Choose by number",
    ),
    key(Intent::AddNote, &["n"], &[Place::Menu], 2, "with a note", "Write a note that goes with the decision"),
    key(Intent::Accept, &["Enter"], TYPED, 1, "do it", "Do it"),
    key(Intent::Cancel, &["Esc", "C-c"], DIALOGS, 3, "cancel", "Change nothing and go back"),
    key(Intent::Cancel, &["q", "Enter", "?"], &[Place::Pager], 0, "close", "Close"),
    key(Intent::PickDown, &["Down", "C-n", "Tab"], &[Place::Picker], 2, "next", "The next one"),
    key(Intent::PickUp, &["Up", "C-p"], &[Place::Picker], 0, "previous", "The one before"),
    key(Intent::Rub, &["Backspace"], TYPED, 0, "delete", "Delete a letter"),
    key(Intent::RubWord, &["C-w"], TYPED, 0, "delete word", "Delete a word"),
    key(Intent::RubAll, &["C-u"], TYPED, 0, "delete all", "Delete everything before the cursor"),
    key(Intent::Left, &["Left"], TYPED, 0, "left", "One letter to the left"),
    key(Intent::Right, &["Right"], TYPED, 0, "right", "One letter to the right"),
];

/// What a key means in a place.
pub fn find(place: Place, name: &str) -> Option<&'static Binding> {
    TABLE.iter().find(|binding| binding.places.contains(&place) && binding.keys.contains(&name))
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

/// Why an intent can't be had now; the keys of such intents are dimmed and say so.
pub fn why_not(model: &Model, intent: Intent) -> Option<String> {
    let decides = matches!(
        intent,
        Intent::Remove
            | Intent::Keep
            | Intent::Hold
            | Intent::Skip
            | Intent::Undo
            | Intent::Repeat
            | Intent::Note
            | Intent::HandOver
            | Intent::Release
            | Intent::Escalate
            | Intent::AskBrand
            | Intent::Tell
            | Intent::Mark
    );
    if decides && !model.may_decide() {
        return Some(format!("A role of {} may not decide cases", model.me.role.as_str().replace('_', "-")));
    }
    let row = model.queue.selected();
    match intent {
        Intent::Yes | Intent::No | Intent::Open if model.board.is_some() => {
            let none = model.board.as_ref().and_then(|board| board.selected()).is_none();
            none.then(|| "Nothing is here".into())
        }
        Intent::Undo if model.undo.is_empty() => Some("You have decided nothing that could be taken back".into()),
        Intent::Repeat if model.last.is_none() => Some("You have decided nothing yet that could be repeated".into()),
        Intent::Unmark if model.marks.is_empty() => Some("Nothing is marked".into()),
        Intent::Unfilter if model.queue.ask.is_all() => Some("The whole queue is shown already".into()),
        Intent::Open | Intent::Mark | Intent::OnlyBrand | Intent::OnlySeller if model.focus().is_none() => {
            Some("There is no case here".into())
        }
        _ if decides && intent != Intent::Undo => match &model.open {
            None if row.is_none() => Some("There is no case here".into()),
            Some(open) if open.lease == Lease::Refused && intent != Intent::Note => {
                Some("Somebody else has this case, or it is decided".into())
            }
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_key_means_one_thing_in_one_place() {
        let mut seen = HashSet::new();
        for binding in TABLE {
            for place in binding.places {
                for key in binding.keys {
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
