//! Filters, views and the palette.

use jointforce_shared::domain::{ask::Ask, view::View};

use super::*;
use crate::update::items;

fn typed(model: &Model) -> &str {
    match &model.dialog {
        Some(Dialog::Filter(asking)) => asking.line.text(),
        other => panic!("{other:?}"),
    }
}

fn with_views(model: &mut Model) {
    let views = vec![View::new(1, "everything", "").unwrap(), View::new(3, "late ones", "late").unwrap()];
    update(model, Msg::Views(views));
}

#[test]
fn the_queue_follows_each_letter_and_escape_takes_it_all_back() {
    let mut model = model(SIZE);
    press(&mut model, "Space / d u e < 2 h");
    assert_eq!(model.queue.ask.words(), "due<2h");
    assert_eq!(model.marks.len(), 1, "what is marked stays so until Enter");
    press(&mut model, "Esc");
    assert!(model.queue.ask.is_all() && model.marks.len() == 1);
    press(&mut model, "/ d u e < 2 h Enter");
    assert_eq!((model.queue.ask.words().as_str(), model.marks.len()), ("due<2h", 0));
    press(&mut model, "/ Backspace Backspace Esc");
    assert_eq!(model.queue.ask.words(), "due<2h");
}

#[test]
fn a_wider_filter_shows_the_rows_above_the_cursor_too() {
    let mut model = model_of(SIZE, vec![row(1)]);
    press(&mut model, "/ l a t e Enter a");
    let ticket = model.queue.ticket();
    update(&mut model, Msg::Queue { ticket, rows: vec![row(0), row(1), row(2)] });
    assert_eq!((model.queue.cursor, model.queue.top), (1, 0));
}

#[test]
fn tab_completes_fields_and_values_and_down_chooses_among_them() {
    let mut model = model(SIZE);
    press(&mut model, "/ t i Tab");
    assert_eq!(typed(&model), "tier>=");
    press(&mut model, "g Tab");
    assert_eq!(typed(&model), "tier>=good_faith ");
    update(&mut model, Msg::Brands(vec!["Adidas".into(), "Air & Sea".into()]));
    press(&mut model, "b r Tab a Down Tab");
    assert_eq!(typed(&model), "tier>=good_faith brand:\"Air & Sea\" ");
    assert_eq!(model.queue.ask.words(), "tier>=good_faith brand:\"Air & Sea\"");
    press(&mut model, "s e l l e r : l u Tab Enter");
    assert_eq!(model.queue.ask.words(), "tier>=good_faith brand:\"Air & Sea\" seller:luckystar88");
}

#[test]
fn a_wrong_filter_stays_open_with_its_mistake() {
    let mut model = model(SIZE);
    press(&mut model, "/ h e l b Enter");
    let Some(Dialog::Filter(asking)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(asking.mistake.as_ref().map(|mistake| mistake.column), Some(0));
    press(&mut model, "Backspace");
    assert!(matches!(&model.dialog, Some(Dialog::Filter(asking)) if asking.mistake.is_none()));
}

#[test]
fn a_search_that_takes_long_is_no_lost_database() {
    let mut model = model(SIZE);
    press(&mut model, "/ x y z Enter");
    let ticket = model.queue.ticket();
    for step in 1..20 {
        model.now = Time(model.now.0 + Time::SECOND);
        update(&mut model, Msg::Looked { ticket, cases: step * 2000 });
        update(&mut model, Msg::Tick);
    }
    assert!(model.away.is_none());
    assert_eq!((model.queue.looked, model.queue.ticket()), (38_000, ticket), "it is not asked again meanwhile");
    update(&mut model, Msg::Queue { ticket, rows: vec![] });
    let wait = model.queue.refresh_at.since(model.now);
    assert!(wait >= 190 * Time::SECOND, "what took long is not asked for all the time: {wait}");
}

#[test]
fn a_number_opens_a_view_and_says_if_there_is_none() {
    let mut model = model(SIZE);
    assert!(press(&mut model, "3").is_empty());
    assert_eq!(model.toast.as_ref().unwrap().words, "No view is kept yet; W keeps what is shown");
    with_views(&mut model);
    assert_eq!(words(&press(&mut model, "3")), "queue -");
    assert_eq!(model.queue.ask, Ask::parse("late").unwrap());
    press(&mut model, "1");
    assert!(model.queue.ask.is_all());
    press(&mut model, "2");
    assert_eq!(model.toast.as_ref().unwrap().words, "Nothing is kept as 2; W keeps what is shown");
    press(&mut model, "r 1");
    assert!(model.queue.ask.is_all(), "in a menu a number is an answer");
}

#[test]
fn what_is_shown_is_kept_under_a_number_and_a_name() {
    let mut model = model(SIZE);
    with_views(&mut model);
    press(&mut model, "/ h e l d Enter");
    assert!(press(&mut model, "W 2 Enter").is_empty(), "it needs a name");
    assert_eq!(words(&press(&mut model, "m y Enter")), "keep it as 2 (my)");
    let Some(Cmd::Do(deed, _)) = press(&mut model, "W 3 Enter").pop() else { panic!() };
    assert!(matches!(&*deed, Deed::KeepView { slot: 3, was: Some(was), .. } if was == "late ones"));
    assert_eq!(words(&update(&mut model, Msg::Done(deed, Ok("3 is free".into())))), "views");
}

#[test]
fn the_palette_finds_commands_views_and_fields() {
    let mut model = model(SIZE);
    with_views(&mut model);
    let found = |model: &Model, typed: &str| items(model, typed).first().map(|item| item.name()).unwrap_or_default();
    assert_eq!(found(&model, "ho"), "hold");
    assert_eq!(found(&model, "lo"), "late ones");
    assert_eq!(found(&model, "poi"), "points>30");
    assert_eq!(found(&model, "second person"), "approvals", "what it is for counts too");
    assert!(items(&model, "zzz").is_empty());
    press(&mut model, ": l a t e Space o n e Enter");
    assert_eq!(model.queue.ask.words(), "late");
    press(&mut model, ": p o i n t s Enter");
    assert_eq!(typed(&model), "late points");
    press(&mut model, "Tab 3 Enter");
    assert_eq!(model.queue.ask.words(), "late points>3");
    press(&mut model, ": a g a i n Enter");
    assert_eq!(model.toast.as_ref().unwrap().words, "You have decided nothing yet that could be repeated");
}
