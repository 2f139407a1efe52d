//! What frames cost on a slow link.

use super::*;
use crate::{fixture::slow, lean::Pen};

/// Bytes that turn one screen into the next.
fn bytes(pen: &mut Pen, shown: &mut Buffer, model: &Model) -> usize {
    let next = drawn(model);
    let bytes = pen.draw(shown, &next).len();
    *shown = next;
    bytes
}

/// The budgets of a slow link, at 200x60: what a frame may cost, its wrapping of 20 bytes aside.
#[test]
fn a_frame_costs_no_more_bytes_than_its_budget() {
    let mut model = model((200, 60));
    let (mut pen, mut shown) = (Pen::default(), Buffer::empty(Rect::new(0, 0, 200, 60)));
    let full = bytes(&mut pen, &mut shown, &model);
    assert!(full <= 14_000, "a full screen: {full}");
    assert_eq!(bytes(&mut pen, &mut shown, &model), 0, "an idle screen");
    for n in 0..5 {
        update(&mut model, Msg::Dossier(case_id(n), Some(Box::new(dossier(n)))));
    }
    press(&mut model, "j j");
    see(&mut model);
    let pane = bytes(&mut pen, &mut shown, &model);
    assert!(pane <= 3_000, "what stands beside the list: {pane}");
    press(&mut model, "Enter");
    update(&mut model, Msg::Leased(case_id(2), true));
    see(&mut model);
    bytes(&mut pen, &mut shown, &model);
    press(&mut model, "J");
    let next = bytes(&mut pen, &mut shown, &model);
    assert!(next <= 3_000, "the next case: {next}");
    update(&mut model, Msg::Leased(case_id(3), true));
    see(&mut model);
    press(&mut model, "r 1");
    assert_ne!(model.focus(), Some(case_id(3)));
    let decided = bytes(&mut pen, &mut shown, &model);
    assert!(decided <= 3_000, "the next case after a decision: {decided}");
}

/// What is around a frame: synchronized output, and the question whether it is shown.
const AROUND: usize = 20;

#[test]
fn a_cursor_that_moves_costs_no_more_bytes_than_its_budget() {
    for size in SIZES {
        let mut model = model(size);
        for n in 0..8 {
            update(&mut model, Msg::Dossier(case_id(n), Some(Box::new(dossier(n)))));
        }
        let (mut pen, mut shown) = (Pen::default(), drawn(&model));
        for _ in 0..5 {
            press(&mut model, "j");
            model.now = Time(model.now.0 + 33_000);
            let cursor = bytes(&mut pen, &mut shown, &model) + AROUND;
            assert!((AROUND + 1..=64).contains(&cursor), "{size:?}: {cursor}");
        }
    }
}

#[test]
fn a_slow_link_is_said_and_carries_fewer_clocks() {
    let half_an_hour = |is_slow: bool| {
        let mut model = model((200, 60));
        if is_slow {
            slow(&mut model);
        }
        let top = text(&drawn(&model)).lines().next().unwrap().to_owned();
        assert_eq!(top.contains("slow link · lag 0.5 s"), is_slow, "{top}");
        let (mut pen, mut shown) = (Pen::default(), drawn(&model));
        let minute = |_| {
            model.now = Time(model.now.0 + Time::MINUTE);
            bytes(&mut pen, &mut shown, &model)
        };
        (0..30).map(minute).sum::<usize>()
    };
    let (quick, slow) = (half_an_hour(false), half_an_hour(true));
    assert!(slow * 3 < quick, "{slow} bytes of {quick}");
}
