//! What is shown is the whole of it, and true.

use super::*;
use crate::{
    model::dialog::Dialog,
    view::{to_ascii, words},
};

fn screen(model: &Model) -> String {
    text(&drawn(model))
}

fn last_line(model: &Model) -> String {
    screen(model).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn hints_name_only_keys_that_count_in_this_menu() {
    let mut model = model((120, 40));
    press(&mut model, "r");
    assert!(last_line(&model).starts_with(" 1-5 choose  n with a note"), "{}", last_line(&model));
    press(&mut model, "Esc h");
    assert!(last_line(&model).starts_with(" 1-5 choose  Esc"), "{}", last_line(&model));
    press(&mut model, "Esc t");
    assert!(last_line(&model).starts_with(" 1-3 choose  Esc"), "{}", last_line(&model));
    press(&mut model, "Esc ?");
    assert!(!last_line(&model).contains("undo"), "{}", last_line(&model));
    press(&mut model, "Esc v v r 1 2 Enter");
    assert!(matches!(model.dialog, Some(Dialog::Results(_))));
    assert!(last_line(&model).contains("u undo"), "{}", last_line(&model));
}

#[test]
fn the_title_beside_the_genuine_product_is_whole_at_80_columns() {
    let mut model = model((80, 60));
    press(&mut model, "Enter");
    let mut case = dossier(0);
    case.listing.content.title = "New arrival: Acme look running shoes for wide feet, size 42, with box".into();
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(case))));
    update(&mut model, Msg::Leased(case_id(0), true));
    let shown = screen(&model);
    let beside: Vec<&str> = shown.lines().skip_while(|line| !line.contains("Beside the genuine")).take(4).collect();
    let left: String = beside[1..].iter().map(|line| line.chars().skip(10).take(28).collect::<String>()).collect();
    let left: Vec<&str> = left.split_whitespace().collect();
    assert!(left.join(" ").starts_with("New arrival: [Acme] look running shoes for wide feet, size 42"), "{beside:#?}");
    assert!(!beside.concat().contains('…'), "{beside:#?}");
}

#[test]
fn a_cut_in_ascii_does_not_look_like_the_end_of_a_sentence() {
    let mut model = model((80, 24));
    press(&mut model, "G");
    rest(&mut model);
    let mut buf = drawn(&model);
    let signs = text(&buf);
    to_ascii(&mut buf);
    let plain = text(&buf);
    let cut = signs.lines().position(|line| line.contains('…')).expect("something is cut");
    let at = signs.lines().nth(cut).unwrap().matches('…').count();
    assert!(plain.lines().nth(cut).unwrap().matches('~').count() >= at, "{signs}\n{plain}");
}

#[test]
fn a_case_that_another_one_holds_is_not_called_ours_and_one_that_waits_for_a_second_person_says_so() {
    let mut model = model((200, 60));
    model.queue.rows[5].waits = true;
    assert!(screen(&model).contains("waits for 2nd"), "{}", screen(&model));
    model.size = (80, 24);
    assert!(screen(&model).contains("waits 2nd"), "{}", screen(&model));
    press(&mut model, "Enter");
    let mut case = dossier(0);
    case.case.state = jointforce_shared::domain::case::State::Held {
        by: "bob".parse().unwrap(),
        until: Time(model.now.0 + Time::HOUR),
        reason: "waits".into(),
        desk: None,
    };
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(case))));
    update(&mut model, Msg::Leased(case_id(0), true));
    let bar = screen(&model).lines().next().unwrap_or_default().to_owned();
    assert!(bar.contains("open for you, held by bob") && !bar.contains("yours"), "{bar}");
}

#[test]
fn the_bar_and_dimmed_keys_say_that_nothing_can_be_decided_while_the_database_is_away() {
    let mut model = model((80, 24));
    model.away = Some(model.now);
    let shown = screen(&model);
    assert!(shown.contains("no decisions until it is back"), "{shown}");
    assert!(last_line(&model).starts_with(" (r remove) (x keep) Enter open"), "{}", last_line(&model));
}

#[test]
fn what_does_not_fit_names_the_key_that_shows_it_only_where_that_key_does_so() {
    let mut model = model((40, 12));
    press(&mut model, "/ S-Tab");
    let shown = screen(&model);
    assert!(shown.contains("more below ─"), "{shown}");
    press(&mut model, "Esc ?");
    let shown = screen(&model);
    assert!(shown.contains("more below: j"), "{shown}");
}

#[test]
fn a_question_said_in_lines_is_whole() {
    let mut model = model((72, 200));
    press(&mut model, "/ b r");
    let said = words(&model, (1000, 200)).join("\n");
    assert!(!["Tab", "Esc", "Down"].iter().any(|key| said.contains(key)), "{said}");
    assert!(screen(&model).contains("Tab takes it"), "a screen has these keys");
}

#[test]
fn what_a_title_has_otherwise_is_looked_for_when_its_case_comes_and_not_with_each_frame() {
    let mut model = model((200, 60));
    open(&mut model);
    let titled = |model: &mut Model, title: &str| {
        let mut read = dossier(0);
        read.case.version += 1;
        read.listing.content.title = title.into();
        update(model, Msg::Dossier(case_id(0), Some(Box::new(read))));
    };
    let says = |model: &Model, words: &str| text(&drawn(model)).contains(words);
    titled(&mut model, "Acm3 belt");
    assert!(
        says(&model, "look-alike letters: 3 for e") && says(&model, "Genuine: Acme leather belt"),
        "{}",
        text(&drawn(&model))
    );
    let kept = model.dossiers.get_mut(&case_id(0)).unwrap();
    (kept.sighting, kept.nearest) = (None, None);
    assert!(says(&model, "not in the title") && says(&model, "no listing that is known to be is like this one"));
    titled(&mut model, "Acme belt");
    assert!(says(&model, "Acme: as registered"), "{}", text(&drawn(&model)));
}
