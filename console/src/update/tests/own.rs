//! Colours and keys of one's own, chosen in the console.

use jointforce_shared::domain::operator::preferences::{Preferences, ThemeName};

use super::*;
use crate::{keys::own, theme::Theme};

/// What the database would do: keeps what was chosen, and tells it.
fn keep(model: &mut Model, cmds: Vec<Cmd>) {
    let [Cmd::Do(deed, typed)] = cmds.as_slice() else { panic!("{cmds:?}") };
    let kept = deed.preferred(&model.own.kept, typed).unwrap();
    let done = update(model, Msg::Done(deed.clone(), Ok("Kept".into())));
    assert_eq!(words(&done), "preferences");
    update(model, Msg::Preferences(kept));
}

#[test]
fn a_theme_is_chosen_by_number_and_counts_whatever_the_start_said() {
    let mut model = model(SIZE);
    model.own.given.theme = Some(ThemeName::Mono);
    let cmds = press(&mut model, "F2 2");
    assert_eq!(model.own.look().theme, Theme::MONO, "nothing changes before it is kept");
    keep(&mut model, cmds);
    assert_eq!(model.own.look().theme, Theme::LIGHT);
    let cmds = press(&mut model, ": a l l Space s i g Esc F2 6");
    keep(&mut model, cmds);
    assert!(model.own.look().ascii && model.own.look().theme == Theme::LIGHT);
    let cmds = press(&mut model, "F2 6");
    keep(&mut model, cmds);
    let cmds = press(&mut model, ": t h e m e Enter 5");
    keep(&mut model, cmds);
    assert_eq!(model.own.kept, Preferences::default());
}

#[test]
fn other_keys_are_typed_as_in_the_file_and_a_conflict_leaves_the_line_with_both_names() {
    let mut model = model(SIZE);
    press(&mut model, "F3 1");
    update(&mut model, Msg::Paste("remove = \"x\"".into()));
    assert!(press(&mut model, "Enter").is_empty());
    let toast = |model: &Model| model.toast.as_ref().unwrap().words.clone();
    assert_eq!(toast(&model), "in the queue x would be both remove and keep. Give remove or keep another key.");
    assert!(matches!(&model.dialog, Some(Dialog::Say(Deed::OwnKeys, line)) if line.text() == "remove = \"x\""));
    update(&mut model, Msg::Paste(", keep = \"r\"".into()));
    let cmds = press(&mut model, "Enter");
    keep(&mut model, cmds);
    assert_eq!(words(&press(&mut model, "x 1")).split(' ').next(), Some("remove"));

    update(&mut model, Msg::Paste("x".into()));
    press(&mut model, "F3 1");
    update(&mut model, Msg::Paste(format!("undo = \"{}\"", "é".repeat(5000))));
    press(&mut model, "Enter");
    assert!(toast(&model).contains("unclosed"), "a line is cut where it is too long: {}", toast(&model));
    model.dialog = None;
    let cmds = press(&mut model, "F3 2");
    keep(&mut model, cmds);
    assert_eq!(model.key(Intent::Remove), "r");
    press(&mut model, "F3 2");
    assert!(matches!(model.dialog, Some(Dialog::Choices(_))), "there is nothing to go back from");
}

#[test]
fn keys_of_a_file_that_was_named_are_changed_in_the_file() {
    let mut model = model(SIZE);
    model.own.given.keys = Some(own::with("remove = \"d\"").unwrap());
    press(&mut model, "F3");
    assert!(model.dialog.is_none() && model.toast.unwrap().words.contains("change that"));
}

#[test]
fn what_could_not_be_kept_is_said_and_changes_nothing() {
    let mut model = model(SIZE);
    let Some(Cmd::Do(deed, _)) = press(&mut model, "F2 1").into_iter().next() else { panic!() };
    update(&mut model, Msg::Done(deed, Err(Failure { words: "no".into(), away: false })));
    assert!(model.toast.unwrap().words.starts_with("Not done (dark"));
    assert_eq!(model.own.kept, Preferences::default());
}
