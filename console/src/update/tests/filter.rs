//! Filters, views and the palette.

use jointforce_shared::{
    domain::{ask::Ask, seller::Level, view::View},
    store::sellers::Names,
};

use super::*;
use crate::{
    fixture::pass,
    update::{choices, items},
};

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
fn escape_from_a_filter_puts_the_cursor_back_on_the_case_where_it_was() {
    let mut model = model_of(SIZE, (0..30).map(row).collect());
    let came = |model: &mut Model, rows: Vec<usize>| {
        let ticket = model.queue.ticket();
        update(model, Msg::Queue { ticket, rows: rows.into_iter().map(row).collect() });
    };
    press(&mut model, "j j j / l a t e");
    came(&mut model, vec![1, 5]);
    assert_eq!(model.focus(), Some(case_id(1)), "the first of those");
    press(&mut model, "Esc");
    came(&mut model, (0..30).collect());
    assert_eq!((model.focus(), model.queue.top), (Some(case_id(3)), 0), "and the screen as it was");
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
fn tab_goes_through_all_that_fits_around_and_back_and_typing_goes_on_from_it() {
    let mut model = model(SIZE);
    let at = |model: &Model| match &model.dialog {
        Some(Dialog::Filter(asking)) => (asking.line.text().to_owned(), asking.at),
        other => panic!("{other:?}"),
    };
    press(&mut model, "/ l Tab");
    assert_eq!((at(&model), model.queue.ask.words().as_str()), (("late ".into(), 0), "late"));
    press(&mut model, "Tab");
    assert_eq!(at(&model), ("level>=".into(), 1));
    assert!(model.queue.ask.is_all(), "late is not asked for any more: {:?}", model.queue.ask);
    press(&mut model, "Tab");
    assert_eq!(at(&model), ("late ".into(), 0), "behind the last comes the first");
    press(&mut model, "S-Tab S-Tab S-Tab");
    assert_eq!(at(&model), ("level>=".into(), 1));
    // A letter goes on from there, with the words that fit now; so does Right, which there is nothing to go to.
    press(&mut model, "w Tab");
    assert_eq!(at(&model), ("level>=warned ".into(), 0));
    press(&mut model, "l S-Tab Right Tab S-Tab");
    assert_eq!(at(&model), ("level>=warned level>=terminated ".into(), Level::ALL.len() - 1));
    press(&mut model, "Up");
    assert_eq!(at(&model).0, "level>=warned level>=suspended ", "the arrows do the same meanwhile");
    press(&mut model, "Enter");
    assert!(model.dialog.is_none() && model.queue.ask.words().ends_with("level>=suspended"), "{:?}", model.queue.ask);
}

/// Whose names are looked up.
fn asked(cmds: &[Cmd]) -> Vec<String> {
    cmds.iter().map(|cmd| words(std::slice::from_ref(cmd))).filter(|words| words.starts_with("sellers")).collect()
}

#[test]
fn sellers_are_looked_up_when_the_keys_rest_and_what_comes_too_late_is_forgotten() {
    let offered = |model: &Model| -> Vec<String> {
        let Some(Dialog::Filter(asking)) = &model.dialog else { panic!("{:?}", model.dialog) };
        choices(model, asking).1.into_iter().map(|choice| choice.text).collect()
    };
    let came = |model: &mut Model, start: &str, is_all, names: &[&str]| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        update(model, Msg::Sellers(start.into(), Ok(Names { names, is_all })));
    };
    let mut model = model(SIZE);
    assert!(asked(&press(&mut model, "/ s e l l e r : L")).is_empty());
    assert!(model.deadline() <= Time(model.now.0 + 150_000), "it wakes by itself");
    assert!(asked(&pass(&mut model, 149_999)).is_empty());
    assert!(asked(&press(&mut model, "u")).is_empty());
    assert!(asked(&pass(&mut model, 149_999)).is_empty(), "the keys did not rest yet");
    assert_eq!(asked(&pass(&mut model, 1)), ["sellers lu"], "once, for the last of them");
    assert_eq!(offered(&model), ["seller:luckystar88 "], "from the queue, at once");
    press(&mut model, "n");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers lun"]);
    came(&mut model, "lu", true, &["Lucy"]);
    press(&mut model, "Backspace");
    assert!(!offered(&model).concat().contains("Lucy"), "that was asked before something else");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers lu"]);
    came(&mut model, "lu", true, &["LUCKY fashion", "luckystar88", "Lucy"]);
    assert_eq!(offered(&model), ["seller:luckystar88 ", "seller:\"LUCKY fashion\" ", "seller:Lucy "]);
    // These are all that begin so: nobody is asked for what they can tell.
    press(&mut model, "c y");
    assert!(asked(&pass(&mut model, 150_000)).is_empty());
    assert_eq!(offered(&model), ["seller:Lucy "]);
    press(&mut model, "Tab");
    assert!(typed(&model) == "seller:Lucy " && asked(&pass(&mut model, 150_000)).is_empty());
    // Of more than were read, others may begin as one goes on.
    press(&mut model, "- s h o p : \" m");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers m"]);
    came(&mut model, "m", false, &["Mo's"]);
    press(&mut model, "o");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers mo"]);
    press(&mut model, "Down");
    let picked = |model: &Model| match &model.dialog {
        Some(Dialog::Filter(asking)) => choices(model, asking).1[asking.at].text.clone(),
        other => panic!("{other:?}"),
    };
    let was = picked(&model);
    came(&mut model, "mo", true, &["Moa", "Mo's"]);
    assert_eq!(picked(&model), was, "what is picked stays so");
}

#[test]
fn sellers_whom_nobody_found_are_looked_up_again_when_the_database_is_back_or_they_are_typed_again() {
    let failed = |model: &mut Model, start: &str, away| {
        let failure = Failure { words: "gone".into(), away };
        update(model, Msg::Sellers(start.into(), Err(failure)));
    };
    let mut model = model(SIZE);
    press(&mut model, "/ s e l l e r : l u");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers lu"]);
    failed(&mut model, "lu", true);
    assert!(model.away.is_some() && asked(&pass(&mut model, 150_000)).is_empty(), "nobody is pressed");
    update(&mut model, Msg::There);
    assert_eq!(asked(&pass(&mut model, 0)), ["sellers lu"]);
    failed(&mut model, "lu", false);
    press(&mut model, "c Backspace");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers lu"]);
    // What was typed since is what counts.
    press(&mut model, "n");
    assert_eq!(asked(&pass(&mut model, 150_000)), ["sellers lun"]);
    failed(&mut model, "lu", true);
    update(&mut model, Msg::There);
    assert!(asked(&pass(&mut model, 150_000)).is_empty(), "the answer is on its way");
}

#[test]
fn in_the_palette_shift_tab_goes_back_around() {
    let mut model = model(SIZE);
    press(&mut model, ": Tab Tab S-Tab");
    assert!(matches!(model.dialog, Some(Dialog::Palette(_, 1))), "{:?}", model.dialog);
    press(&mut model, "S-Tab S-Tab");
    let last = items(&model, "").len() - 1;
    assert!(matches!(model.dialog, Some(Dialog::Palette(_, at)) if at == last), "{:?}", model.dialog);
}

#[test]
fn a_brand_that_nobody_has_is_a_mistake_once_the_brands_are_known() {
    let mut model = model(SIZE);
    press(&mut model, "/ b r a n d : a d i d s a");
    update(&mut model, Msg::Brands(vec!["Adidas".into(), "Nike".into()]));
    press(&mut model, "Enter");
    let Some(Dialog::Filter(asking)) = &model.dialog else { panic!("{:?}", model.dialog) };
    let mistake = asking.mistake.as_ref().unwrap();
    assert_eq!((mistake.column, mistake.problem.as_str()), (6, "no brand is called that; did you mean Adidas?"));
    press(&mut model, "Backspace Backspace a s Enter");
    assert!(model.dialog.is_none(), "{:?}", model.dialog);
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
