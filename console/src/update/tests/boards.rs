//! Boards, and texts to read.

use jointforce_shared::{
    domain::{
        case::State,
        decision::{RemoveReason, Verdict},
        effect::Lane,
        operator::Role,
    },
    store::decisions::Decision,
};

use super::*;
use crate::{text::Text, waiting::Waiting};

/// Opens a board with these rows.
fn with_rows(model: &mut Model, key: &str, kind: Kind, rows: Vec<crate::board::Row>) {
    press(model, key);
    update(model, Msg::Board(kind, Ok(rows)));
    see(model);
}

fn request(n: usize, own: bool) -> crate::board::Row {
    let id = format!("01KEKSP0000000000000000{n:03}").parse().unwrap();
    crate::board::Row {
        yes: (!own).then_some(Deed::Approve(id)),
        no: Some(if own { Deed::TakeRequestBack(id) } else { Deed::Refuse(id) }),
        barred: own.then(|| "You asked for it yourself".to_owned()),
        ..board_row(n)
    }
}

#[test]
fn a_board_is_answered_row_by_row_and_only_when_it_was_seen() {
    let mut model = model(SIZE);
    board(&mut model);
    assert_eq!(words(&press(&mut model, "y")), "try again ()");
    assert!(press(&mut model, "j y").is_empty(), "that row was not on the screen yet");
    see(&mut model);
    assert_eq!(words(&press(&mut model, "x o k Enter")), "give up (ok)");
    let rows = (1..3).map(board_row).collect();
    update(&mut model, Msg::Board(Kind::Dead, Ok(rows)));
    assert_eq!(model.board.as_ref().unwrap().selected().unwrap().key, board_row(2).key, "the cursor stays on its row");
    assert_eq!(words(&press(&mut model, "Enter")), format!("lease {0}, read {0}", 2));
    press(&mut model, "Esc");
    assert_eq!(model.board.as_ref().unwrap().selected().unwrap().key, board_row(2).key, "and back to its row");
}

#[test]
fn a_request_is_approved_with_or_without_words_and_refused_only_with_some() {
    let mut model = model(SIZE);
    with_rows(&mut model, "A", Kind::Approvals, vec![request(0, false)]);
    assert_eq!(words(&press(&mut model, "y Enter")), "say yes, and it is done ()");
    assert_eq!(words(&press(&mut model, "y o k Enter")), "say yes, and it is done (ok)");
    assert!(press(&mut model, "x Enter").is_empty(), "a no says why");
    assert_eq!(words(&press(&mut model, "n o Enter")), "say no (no)");
}

#[test]
fn nobody_is_offered_to_approve_their_own_request_and_the_board_says_why() {
    let mut model = model(SIZE);
    with_rows(&mut model, "A", Kind::Approvals, vec![request(0, true)]);
    assert!(press(&mut model, "y").is_empty() && model.dialog.is_none());
    assert_eq!(model.toast.as_ref().unwrap().words, "You asked for it yourself");
    assert_eq!(words(&press(&mut model, "x o k Enter")), "take your request back (ok)");
}

#[test]
fn what_waits_is_counted_at_once_and_again_after_an_answer() {
    let mut model = model(SIZE);
    assert!(words(&update(&mut model, Msg::Tick)).contains("count"));
    assert!(!words(&update(&mut model, Msg::Tick)).contains("count"), "not at every tick");
    let waiting = Waiting { approvals: 2, pages: 0, dead: 100, paused: vec![], people: vec![], root: None };
    assert_eq!(waiting.badges(&model.own.keys, true), ["A 2 to approve", "D 100+ dead"]);
    let paused = Waiting { paused: vec![Lane::Removals, Lane::Letters], ..waiting.clone() };
    assert_eq!(paused.badges(&model.own.keys, true), ["L PAUSED removals letters", "A 2 to approve", "D 100+ dead"]);
    assert_eq!(paused.badges(&model.own.keys, false)[0], "L PAUSED 2");
    update(&mut model, Msg::Waiting(waiting.clone()));
    assert_eq!(model.waiting, waiting);
    with_rows(&mut model, "A", Kind::Approvals, vec![request(0, false)]);
    let cmds = press(&mut model, "y Enter");
    let Some(Cmd::Do(deed, _)) = cmds.into_iter().next() else { panic!("no deed") };
    update(&mut model, Msg::Done(deed, Ok("done".into())));
    assert!(words(&update(&mut model, Msg::Tick)).contains("count"));
}

#[test]
fn a_case_is_found_by_what_is_typed_or_among_ones_own_decisions() {
    let mut model = model(SIZE);
    assert_eq!(words(&press(&mut model, "f Enter")), "board found");
    assert_eq!(model.board.as_ref().unwrap().kind, Kind::Found("ann".into()));
    press(&mut model, "Esc f L - 4 Enter");
    assert_eq!(model.board.as_ref().unwrap().kind, Kind::Found("L-4".into()));
    let rows = vec![crate::board::Row { yes: None, no: None, ..board_row(4) }];
    update(&mut model, Msg::Board(Kind::Found("ann".into()), Ok(vec![])));
    assert!(model.board.as_ref().unwrap().rows.is_none(), "the answer to another question");
    update(&mut model, Msg::Board(Kind::Found("L-4".into()), Ok(rows)));
    assert_eq!(words(&press(&mut model, "Enter")), "lease 4, read 4");
}

/// Opens the first case, which somebody decided so many seconds ago.
fn open_decided(model: &mut Model, by: &str, ago: i64) {
    press(model, "Enter");
    let mut case = dossier(0);
    let decision = "01KEKSD0000000000000000001".parse().unwrap();
    let verdict = Verdict::Remove(RemoveReason::CounterfeitListing);
    case.case.state = State::Decided { verdict, decision, by: by.parse().unwrap() };
    case.case.version = 7;
    case.decision = Some(Decision {
        id: decision,
        case: case_id(0),
        round: 1,
        verdict,
        note: String::new(),
        brand: case.case.brand.clone(),
        by: by.parse().unwrap(),
        at: Time(model.now.0 - ago * Time::SECOND),
        automated: false,
        approved_by: None,
        undone: None,
    });
    update(model, Msg::Dossier(case_id(0), Some(Box::new(case))));
    update(model, Msg::Leased(case_id(0), false));
    see(model);
}

#[test]
fn a_decided_case_that_is_open_is_taken_back_alone_and_anothers_with_a_reason() {
    let mut model = model(SIZE);
    model.me = operator("ann", Role::Senior);
    open_decided(&mut model, "ann", 2);
    assert!(model.toast.is_none(), "that nobody leases what is decided is no news");
    assert_eq!(words(&press(&mut model, "u")), "undo 0");

    let mut model = crate::fixture::model(SIZE);
    model.me = operator("ann", Role::Senior);
    open_decided(&mut model, "bob", 2);
    assert!(press(&mut model, "r 1").is_empty() && press(&mut model, "u Enter").is_empty());
    assert_eq!(words(&press(&mut model, "n o t Enter")), "undo 0 v7 (not)", "bound to what was seen");
}

#[test]
fn what_others_have_heard_of_is_not_taken_back_by_one_key() {
    let mut model = model(SIZE);
    open_decided(&mut model, "ann", 60);
    assert!(press(&mut model, "u Enter").is_empty());
    assert_eq!(words(&press(&mut model, "n o t Enter")), "undo 0 v7 (not)");
}

#[test]
fn a_text_is_read_scrolled_and_closed() {
    let mut model = model(SIZE);
    for (key, title) in [
        ("S", Text::Shift.title()),
        ("T", Text::Brand("brand-0".parse().unwrap()).title()),
        ("O", Text::Seller("S-0".parse().unwrap()).title()),
    ] {
        assert_eq!(words(&press(&mut model, key)), format!("text {title}"));
        press(&mut model, "Esc");
    }
    assert!(press(&mut model, "Q").is_empty(), "how decisions agree is not a moderator's business");
    press(&mut model, "S");
    let lines = |n: usize| (0..n).map(|n| format!("line {n}")).collect::<Vec<_>>();
    update(&mut model, Msg::Text(Text::Quality, Ok(lines(9))));
    update(&mut model, Msg::Text(Text::Shift, Ok(lines(90))));
    press(&mut model, "j j");
    let Some(Dialog::Reading(reading)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!((reading.lines.as_ref().unwrap().len(), reading.scroll), (90, 2));
}
