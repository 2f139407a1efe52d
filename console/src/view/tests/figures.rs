//! The figures, in every size and in words.

use ratatui::{style::Modifier, text::Line};

use super::*;
use crate::{
    fixture::{colleague, figures},
    model::{dialog::Dialog, tally::Tally},
    view::{figures::told, paint::text_of},
};

fn shown(size: (u16, u16)) -> Model {
    let mut model = model(size);
    let people = ["bob", "eve", "lucia"].into_iter().enumerate().map(|(n, name)| colleague(name, n)).collect();
    update(&mut model, Msg::Waiting(Waiting { people, ..Waiting::default() }));
    let spans = vec![40 * Time::SECOND, 95 * Time::SECOND, 20 * Time::SECOND];
    let since = Time(model.now.0 - 2 * Time::HOUR);
    model.tally =
        Tally { since, removed: 30, kept: 12, asked: 3, skipped: 4, undone: 1, in_time: 17, spans, ..Tally::default() };
    press(&mut model, "#");
    update(&mut model, Msg::Figures(Ok(Box::new(figures()))));
    model
}

#[test]
fn figures_fit_a_phone_a_terminal_and_a_wall() {
    for size in [(40, 12), (80, 24), (120, 40), (300, 100)] {
        let screen = text(&drawn(&shown(size)));
        insta::assert_snapshot!(format!("figures_{}x{}", size.0, size.1), screen);
    }
    let whole = text(&drawn(&shown((80, 24))));
    assert!(!whole.contains("more lines"), "80x24 shows all of it:\n{whole}");
}

#[test]
fn on_a_phone_the_rest_is_reached_by_scrolling() {
    let mut model = shown((40, 12));
    press(&mut model, "G");
    let end = text(&drawn(&model));
    assert!(end.contains("lucia") && !end.contains("more lines"), "{end}");
    press(&mut model, "Esc");
    assert!(model.dialog.is_none());
}

#[test]
fn figures_are_told_without_bars_and_curves() {
    let model = shown((72, 200));
    let Some(Dialog::Figures(figures)) = &model.dialog else { panic!("no figures") };
    let words: Vec<_> = told(&model, figures, &Theme::MONO, 70).iter().map(|line: &Line<'_>| text_of(line)).collect();
    insta::assert_snapshot!("figures_told", words.join("\n"));
    assert!(!words.concat().contains(['█', '▁', '▇']));
}

#[test]
fn before_the_queue_is_counted_the_sitting_is_there() {
    let mut model = model((80, 24));
    press(&mut model, "#");
    let screen = text(&drawn(&model));
    assert!(screen.contains("0 decided") && screen.contains("Counting the queue"), "{screen}");
}

#[test]
fn what_says_that_there_is_more_is_not_drawn_over_a_heading() {
    for height in 4..40 {
        let model = shown((51, height));
        let mut buf = Buffer::empty(Rect::new(0, 0, 51, height));
        view(&model, &Theme::MONO, &mut buf);
        let both = buf.content.iter().find(|cell| cell.modifier.contains(Modifier::BOLD | Modifier::DIM));
        assert_eq!(both, None, "a terminal has one weight, {height} rows");
    }
}
