//! The figures, what is counted for them, and colleagues.

use jointforce_shared::domain::sitting::Seat;

use super::*;
use crate::{
    fixture::{colleague, figures},
    keys::Intent,
    waiting::Waiting,
};

fn later(model: &mut Model, micros: i64) -> String {
    model.now = Time(model.now.0 + micros);
    words(&update(model, Msg::Tick))
}

#[test]
fn figures_are_read_again_while_they_are_looked_at_and_never_twice_at_once() {
    let mut model = model(SIZE);
    assert_eq!(words(&press(&mut model, "#")), "figures");
    assert!(!later(&mut model, 11 * Time::SECOND).contains("figures"), "the first answer is still to come");
    update(&mut model, Msg::Figures(Ok(Box::new(figures()))));
    assert!(!later(&mut model, 9 * Time::SECOND).contains("figures"));
    assert!(later(&mut model, Time::SECOND).contains("figures"));
    let away = Failure { words: "the database is away".into(), away: true };
    update(&mut model, Msg::Figures(Err(away)));
    assert!(model.away.is_some());
    let Some(Dialog::Figures(shown)) = &model.dialog else { panic!("no figures") };
    assert!(shown.read.is_some(), "what was read stays on the screen");
    assert!(later(&mut model, 10 * Time::SECOND).contains("figures"), "and it is tried again");
    press(&mut model, "Esc");
    update(&mut model, Msg::Figures(Ok(Box::new(figures()))));
    assert!(model.dialog.is_none() && model.away.is_none(), "an answer that nobody waits for opens nothing");
}

#[test]
fn what_one_does_is_counted_once_it_is_done() {
    let mut model = model(SIZE);
    model.now = Time(model.now.0 + 40 * Time::SECOND);
    let removed = acts(press(&mut model, "r 1")).remove(0);
    assert_eq!(model.tally.decided(), 0, "it is on its way");
    update(&mut model, done(&removed));
    see(&mut model);
    let lost = acts(press(&mut model, "x 1")).remove(0);
    update(&mut model, failed(&lost, "bob has it"));
    let tally = &model.tally;
    assert_eq!((tally.removed, tally.kept, tally.spans.as_slice()), (1, 0, [41 * Time::SECOND].as_slice()));
    let undo = acts(press(&mut model, "u")).remove(0);
    update(&mut model, done(&undo));
    assert_eq!((model.tally.decided(), model.tally.undone), (1, 1));
}

#[test]
fn a_late_decision_breaks_the_streak_and_a_batch_has_no_time_of_its_own() {
    let mut model = model(SIZE);
    // The first row is an hour late, and those below it are not.
    let late = acts(press(&mut model, "r 1")).remove(0);
    update(&mut model, done(&late));
    assert_eq!((model.tally.decided(), model.tally.in_time), (1, 0));
    press(&mut model, "g j j j j j j");
    for request in acts(press(&mut model, "Space Space Space r 1 3 Enter")) {
        update(&mut model, done(&request));
    }
    assert_eq!((model.tally.decided(), model.tally.in_time), (4, 3));
    assert_eq!(model.tally.spans.len(), 1);
}

#[test]
fn colleagues_are_counted_in_the_bar_and_named_on_what_they_read() {
    let mut model = model(SIZE);
    let people = vec![colleague("bob", 2), colleague("eve", 3)];
    update(&mut model, Msg::Waiting(Waiting { people: people.clone(), ..Waiting::default() }));
    assert_eq!(model.waiting.badges(&model.own.keys, true), ["@ 2 here"]);
    assert_eq!(model.readers(case_id(2)).map(|who| who.as_str()).collect::<Vec<_>>(), ["bob"]);
    assert_eq!(words(&press(&mut model, "@")), "board people");
    let away = crate::board::doing(&jointforce_shared::store::sittings::Present {
        seat: Seat::Away,
        title: None,
        ..people[0].clone()
    });
    assert_eq!(away, "away");
}

#[test]
fn a_console_says_that_it_is_there_but_not_before_it_knows_where_one_sat() {
    let mut model = model(SIZE);
    assert!(!later(&mut model, Time::MINUTE).contains("beat"));
    update(&mut model, Msg::Sat(None));
    assert!(later(&mut model, 0).contains("beat"));
    assert!(!later(&mut model, 19 * Time::SECOND).contains("beat"));
    assert!(later(&mut model, Time::SECOND).contains("beat"));
    press(&mut model, "Enter");
    let sat = later(&mut model, 0);
    assert!(sat.contains("sit") && !sat.contains("beat"), "{sat}");
    model.now = Time(model.now.0 + Time::HOUR);
    update(&mut model, Msg::Tick);
    assert_eq!(crate::update::sits(&model).seat, Seat::Away, "the screen is covered");
    assert!(model.deadline() > model.now, "nothing waits for a beat that is not to be");
}

#[test]
fn figures_and_people_are_in_reach_everywhere() {
    for intent in [Intent::Figures, Intent::People] {
        let binding = TABLE.iter().find(|binding| binding.intent == intent).unwrap();
        assert_eq!(binding.places, [Place::Queue, Place::Case, Place::Board]);
    }
}
