//! The case beside the list follows the cursor, and what waits longer over a slow link.

use jointforce_shared::domain::time::Time;

use super::{SIZE, acts, words};
use crate::{
    fixture::{case_id, model, pass, press, row, see, slow},
    model::{Model, SEEN_AFTER},
    msg::{Cmd, Failure, Msg, Read},
    update::update,
};

#[test]
fn what_stands_beside_the_list_waits_until_the_cursor_rests() {
    for (is_slow, after) in [(false, 120_000), (true, 350_000)] {
        let mut model = model(SIZE);
        if is_slow {
            slow(&mut model);
        }
        for _ in 0..3 {
            press(&mut model, "j");
            pass(&mut model, 33_000);
        }
        assert_eq!((model.focus(), model.pane), (Some(case_id(3)), Some(case_id(0))));
        pass(&mut model, after - 34_000);
        assert_eq!(model.pane, Some(case_id(0)));
        assert!(model.deadline() <= Time(model.now.0 + 1_000), "it wakes by itself");
        pass(&mut model, 1_000);
        assert_eq!(model.pane, Some(case_id(3)));
    }
}

#[test]
fn a_case_that_could_not_be_read_is_asked_for_once_a_second() {
    let mut model = model(SIZE);
    press(&mut model, "j");
    let mut asked = 0;
    for _ in 0..100 {
        for cmd in pass(&mut model, 50_000) {
            if let Cmd::Dossier(case) = cmd {
                asked += 1;
                let failure = Failure { words: "no".into(), away: false };
                update(&mut model, Msg::Failed(Read::Dossier(case), failure));
            }
        }
    }
    assert_eq!(asked, 5, "in five seconds");
}

#[test]
fn a_case_is_not_seen_while_another_stands_beside_the_list() {
    let mut model = model(SIZE);
    press(&mut model, "j");
    let shown = model.shown();
    update(&mut model, Msg::Drawn(shown));
    model.now = Time(model.now.0 + SEEN_AFTER);
    // Its key comes before the frame with the case.
    assert!(acts(press(&mut model, "r 1")).is_empty());
    assert_eq!(model.pane, Some(case_id(1)), "a key that is about the case shows it at once");
    let shown = model.shown();
    update(&mut model, Msg::Drawn(shown));
    model.now = Time(model.now.0 + SEEN_AFTER);
    assert_eq!(acts(press(&mut model, "r 2")).len(), 1);
}

#[test]
fn whatever_else_moves_the_cursor_takes_along_what_stands_beside_the_list() {
    let mut model = model(SIZE);
    press(&mut model, "r 1");
    assert_eq!((model.focus(), model.pane), (Some(case_id(1)), Some(case_id(1))));
    see(&mut model);
    press(&mut model, "j j");
    rows(&mut model, 10..30);
    assert_eq!(model.pane, model.focus(), "the case beside the list has left the queue");
}

/// The queue is read again, and holds these.
fn rows(model: &mut Model, numbers: std::ops::Range<usize>) {
    let ticket = pass(model, 10 * Time::SECOND).iter().find_map(|cmd| match cmd {
        Cmd::Queue { ticket, .. } => Some(*ticket),
        _ => None,
    });
    update(model, Msg::Queue { ticket: ticket.unwrap(), rows: numbers.map(row).collect() });
}

#[test]
fn a_held_key_reads_no_case_and_its_rest_one() {
    let mut model = model(SIZE);
    for _ in 0..20 {
        press(&mut model, "j");
        let cmds = pass(&mut model, 33_000);
        assert!(!words(&cmds).contains("read"), "{cmds:?}");
    }
    assert_eq!(words(&pass(&mut model, 67_000)), "read 20");
    assert_eq!(words(&pass(&mut model, 67_000)), "");
}

#[test]
fn a_slow_link_is_forgotten_by_itself() {
    let mut model = model(SIZE);
    slow(&mut model);
    assert!(model.link.is_slow() && model.link.lag().is_some());
    assert!(model.deadline() <= Time(model.now.0 + 20 * Time::SECOND));
    pass(&mut model, 20 * Time::SECOND - 1);
    assert!(model.link.is_slow());
    pass(&mut model, 1);
    assert!(!model.link.is_slow() && model.link.lag().is_none() && model.link.calm_at().is_none());
}

#[test]
fn over_a_slow_link_the_queue_is_read_less_often() {
    let mut model = model(SIZE);
    rows(&mut model, 0..40);
    assert_eq!(model.queue.refresh_at, Time(model.now.0 + 2 * Time::SECOND));
    slow(&mut model);
    rows(&mut model, 0..40);
    assert_eq!(model.queue.refresh_at, Time(model.now.0 + 6 * Time::SECOND));
}
