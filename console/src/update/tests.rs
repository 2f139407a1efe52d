//! Keys in, commands out.

mod away;
mod boards;
mod casework;
mod decide;
mod figures;
mod filter;
mod keeping;
mod links;
mod own;
mod pictures;
mod refused;
mod sessions;

use jointforce_shared::{
    commands::case::{Act, Acted, Request},
    domain::{
        case::State,
        decision::{KeepReason, RemoveReason, Verdict},
        escalation::Desk,
        operator::Role,
        skip::SkipReason,
        time::Time,
    },
};

use super::update;
use crate::{
    board::Kind,
    deed::Deed,
    fixture::{alike, board_row, case_id, dossier, model, model_of, operator, press, row, see},
    keys::{Intent, Place, TABLE},
    model::{
        Lease, Model,
        dialog::{Choices, Dialog, Doing, Results},
    },
    msg::{Cmd, Failure, Msg, Read},
};

const SIZE: (u16, u16) = (80, 24);

/// A command in short.
fn word(cmd: &Cmd) -> String {
    let n = |case: &jointforce_shared::domain::ids::CaseId| {
        (0..100).find(|n| case_id(*n) == *case).map_or_else(|| "?".to_owned(), |n| n.to_string())
    };
    match cmd {
        Cmd::Queue { after, .. } => format!("queue {}", after.map_or_else(|| "-".to_owned(), |place| n(&place.case))),
        Cmd::Dossier(case) => format!("read {}", n(case)),
        Cmd::Lease(case) => format!("lease {}", n(case)),
        Cmd::Release(case) => format!("release {}", n(case)),
        Cmd::Act(request) => {
            let version = request.version.map_or_else(String::new, |version| format!(" v{version}"));
            let note = if request.note.is_empty() { String::new() } else { format!(" ({})", request.note) };
            let act = match &request.act {
                Act::Remove(reason) => format!("remove {reason}"),
                Act::Keep(reason) => format!("keep {reason}"),
                Act::Hold { span, reason } => format!("hold {} h: {reason}", span.as_secs() / 3600),
                Act::HandOver { to } => format!("hand to {to}"),
                other => format!("{other:?}").to_lowercase(),
            };
            format!("{act} {}{version}{note}", n(&request.case))
        }
        Cmd::Do(deed, words) => format!("{} ({words})", deed.name()),
        Cmd::Group(case, by) => format!("group {} {by}", n(case)),
        Cmd::Board(kind) => format!("board {}", kind.title()),
        Cmd::Together(requests) => format!("together {}", requests.len()),
        Cmd::Preview(cases, reason) => format!("preview {reason} of {}", cases.len()),
        Cmd::Text(text) => format!("text {}", text.title()),
        Cmd::Waiting => "count".into(),
        Cmd::Ping => "ping".into(),
        Cmd::Staff => "staff".into(),
        Cmd::Brands => "brands".into(),
        Cmd::Sellers(start) => format!("sellers {start}"),
        Cmd::Views => "views".into(),
        Cmd::Preferences => "preferences".into(),
        Cmd::WhereISat => "where".into(),
        Cmd::Sit(_) => "sit".into(),
        Cmd::Beat(_) => "beat".into(),
        Cmd::Figures => "figures".into(),
        Cmd::Picture(_) => "picture".into(),
        Cmd::Redraw => "redraw".into(),
        Cmd::Quit => "quit".into(),
    }
}

fn words(cmds: &[Cmd]) -> String {
    cmds.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn acts(cmds: Vec<Cmd>) -> Vec<Request> {
    cmds.into_iter().filter_map(|cmd| if let Cmd::Act(act) = cmd { Some(*act) } else { None }).collect()
}

fn done(request: &Request) -> Msg {
    let state = match request.act {
        Act::Remove(_) => "removed",
        Act::Keep(_) => "kept",
        _ => "open",
    };
    let acted = Acted { case: request.case, version: 2, state, grace_until: None, compensated: false, waits: None };
    Msg::Acted(Box::new(request.clone()), Ok(acted))
}

fn failed(request: &Request, why: &str) -> Msg {
    Msg::Acted(Box::new(request.clone()), Err(Failure { words: why.into(), away: false }))
}

/// Opens the board of dead effects, which has three rows, with the cursor on the second.
fn board(model: &mut Model) {
    press(model, "D");
    update(model, Msg::Board(Kind::Dead, Ok((0..3).map(board_row).collect())));
    press(model, "j");
    see(model);
}

/// Opens the group of the selected case: `others` listings with the same title, each at its own price.
fn group_of(model: &mut Model, others: usize) {
    press(model, "m");
    let group = alike(others);
    update(model, Msg::Group(Box::new(Ok(Some(group)))));
}

fn group(model: &mut Model) {
    // Whatever case is in focus: the group is its.
    press(model, "g m");
    let Some(Dialog::Group(open)) = &model.dialog else { panic!("no group") };
    let mut group = alike(5);
    group.card.case = open.card.case;
    update(model, Msg::Group(Box::new(Ok(Some(group)))));
    press(model, "j j");
}

/// Opens the selected case, which is read and leased.
fn open(model: &mut Model) {
    press(model, "Enter");
    let case = model.focus().unwrap();
    let n = (0..100).find(|n| case_id(*n) == case).unwrap();
    update(model, Msg::Dossier(case, Some(Box::new(dossier(n)))));
    update(model, Msg::Leased(case, true));
    see(model);
}

#[test]
fn keys_ask_for_what_they_say() {
    for (keys, expected) in [
        ("r 1", "remove counterfeit_listing 0 v1"),
        ("r 5", "remove extreme 0 v1"),
        ("r 6", ""),
        ("r Esc 1", ""),
        ("x 1", "keep weak_evidence 0 v1"),
        ("x 6", "keep abusive 0 v1"),
        ("j j ! r 2", "remove counterfeit_sold 2 v1"),
        ("r n f a k e Enter 1", "remove counterfeit_listing 0 v1 (fake)"),
        ("r n f a Esc 1", "remove counterfeit_listing 0 v1"),
        ("Enter", "lease 0, read 0"),
        ("l", "lease 0, read 0"),
        ("Enter Esc", "lease 0, read 0, release 0, queue -"),
        ("Enter J", "lease 0, read 0, release 0, lease 1, read 1"),
        ("Enter r 1", "lease 0, read 0"),
        ("n a b c Enter", "note 0 v1 (abc)"),
        ("n Enter", ""),
        ("s 2", "skip(language) 0 v1"),
        ("h 2 a s k Enter", "hold 2 h: ask 0 v1"),
        ("h 2 Enter", ""),
        ("h 9", ""),
        ("u", ""),
        (".", ""),
        ("R", ""),
        ("j j j j j ! R", "release 5 v1"),
        (
            "v v r 2 2 Enter",
            "preview counterfeit_sold of 2, remove counterfeit_sold 0 v1, remove counterfeit_sold 1 v1",
        ),
        ("v v r 2 Enter", "preview counterfeit_sold of 2"),
        ("v v r 2 3 Enter", "preview counterfeit_sold of 2"),
        ("v v r 2 2", "preview counterfeit_sold of 2"),
        ("v k v ! r 2", "remove counterfeit_sold 1 v1"),
        ("/ m i n e Enter", "brands, queue -"),
        ("/ h e l b Enter", "brands"),
        ("/ x m i Esc", "brands, queue -, queue -, queue -, queue -"),
        ("b", "queue -"),
        ("o", "queue -"),
        ("a", ""),
        ("q", "quit"),
        ("C-c", "quit"),
        ("C-l", "redraw"),
        ("F5", "queue -, read 0"),
        (": k e e p Enter 2", "keep right_mismatch 0 v1"),
        (": q u i t Enter", "quit"),
        ("? q", ""),
        ("? j j G g Esc q", "quit"),
        ("z", ""),
    ] {
        let mut model = model(SIZE);
        let (before, after) = keys.split_once(" ! ").unwrap_or(("", keys));
        if !before.is_empty() {
            press(&mut model, before);
            see(&mut model);
        }
        assert_eq!(words(&press(&mut model, after)), expected, "{keys}");
    }
}

#[test]
fn the_queue_is_refreshed_without_moving_the_cursor() {
    let mut model = model(SIZE);
    press(&mut model, "j j j");
    model.now = model.queue.refresh_at;
    let cmds = update(&mut model, Msg::Tick);
    let Some(Cmd::Queue { ticket, .. }) = cmds.first() else { panic!("{cmds:?}") };
    let shifted = [row(50), row(51)].into_iter().chain((1..40).map(row)).collect();
    update(&mut model, Msg::Queue { ticket: *ticket, rows: shifted });
    assert_eq!(model.focus(), Some(case_id(3)));
    assert_eq!((model.queue.cursor, model.queue.top), (4, 1), "and its line on the screen is the same");
}

#[test]
fn an_answer_asked_before_a_decision_does_not_bring_its_case_back() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "r 1"));
    model.now = model.queue.refresh_at;
    let cmds = update(&mut model, Msg::Tick);
    let Some(Cmd::Queue { ticket, .. }) = cmds.first() else { panic!("{cmds:?}") };
    update(&mut model, done(&sent[0]));
    update(&mut model, Msg::Queue { ticket: *ticket, rows: (0..40).map(row).collect() });
    assert!(model.queue.position(case_id(0)).is_none());
}

#[test]
fn the_window_moves_on_before_its_end_and_back_again() {
    let mut model = model_of(SIZE, (0..100).map(row).collect());
    let cmds = press(&mut model, "G");
    assert_eq!(words(&cmds), "queue 71");
    let Some(Cmd::Queue { ticket, .. }) = cmds.first() else { panic!() };
    update(&mut model, Msg::Queue { ticket: *ticket, rows: (72..172).map(row).collect() });
    assert_eq!(model.focus(), Some(case_id(99)));
    let cmds = press(&mut model, "PgUp");
    assert_eq!(words(&cmds), "queue -");
}

#[test]
fn a_lease_is_renewed_and_its_loss_is_told() {
    let mut model = model(SIZE);
    open(&mut model);
    model.now = model.open.as_ref().unwrap().renew_at;
    assert!(words(&update(&mut model, Msg::Tick)).contains("lease 0"));
    update(&mut model, Msg::Leased(case_id(0), false));
    assert_eq!(model.open.as_ref().unwrap().lease, Lease::Refused);
    assert!(model.toast.as_ref().unwrap().words.starts_with("The lease ran out"));
    assert!(acts(press(&mut model, "r 1")).is_empty());
}

#[test]
fn a_lease_that_comes_too_late_is_given_back() {
    let mut model = model(SIZE);
    press(&mut model, "Enter Esc");
    assert_eq!(words(&update(&mut model, Msg::Leased(case_id(0), true))), "release 0");
}

#[test]
fn who_may_not_decide_is_told_and_takes_no_lease() {
    let mut model = model(SIZE);
    model.me = operator("eve", Role::Auditor);
    assert_eq!(words(&press(&mut model, "r 1 Esc x 1 s . u h n H v Enter")), "read 0");
    assert!(model.open.is_some());
}

#[test]
fn a_case_is_handed_to_somebody_who_decides() {
    let mut model = model(SIZE);
    press(&mut model, "H");
    let staff = ["bob", "carla"].map(|name| operator(name, Role::Moderator));
    let rest = [operator("ann", Role::Moderator), operator("eve", Role::Auditor)];
    update(&mut model, Msg::Staff(staff.into_iter().chain(rest).collect()));
    assert_eq!(words(&press(&mut model, "Down Down Down Enter")), "hand to carla 0 v1");
    press(&mut model, "H");
    assert_eq!(words(&press(&mut model, "b o b Enter")), "hand to bob 1 v1");
}

#[test]
fn the_last_free_case_leads_back_to_the_queue() {
    let mut model = model_of(SIZE, vec![row(0)]);
    see(&mut model);
    open(&mut model);
    assert_eq!(words(&press(&mut model, "r 1")), "remove counterfeit_listing 0 v1, queue -");
    assert!(model.open.is_none());
}

#[test]
fn every_line_of_the_table_does_something() {
    for binding in TABLE {
        for place in binding.places {
            // Somewhere in the middle, with everything possible: marks, decisions, a scrolled screen.
            let mut model = model_of((80, 24), (0..40).map(row).collect());
            see(&mut model);
            press(&mut model, "r 3");
            see(&mut model);
            press(&mut model, "v v j j j / m i n e Enter");
            let ticket = model.queue.ticket();
            update(&mut model, Msg::Queue { ticket, rows: (0..40).map(row).collect() });
            press(&mut model, "v v j j j j");
            see(&mut model);
            match place {
                Place::Queue => {}
                Place::Case => {
                    open(&mut model);
                    press(&mut model, "j j j");
                }
                Place::Board => board(&mut model),
                Place::Group => group(&mut model),
                Place::Menu if matches!(binding.intent, Intent::PageDown | Intent::PageUp) => {
                    let deeds = vec![Deed::Theme(None); 30];
                    model.dialog = Some(Dialog::Choices(Choices { title: "long".into(), deeds, page: 1 }));
                }
                Place::Menu => drop(press(&mut model, "r")),
                Place::Prompt => drop(press(&mut model, "/ a b Space s Left Down")),
                Place::Picker => drop(press(&mut model, ": e a Left Down")),
                Place::Pager if binding.intent == Intent::Undo => {
                    let doing = Doing::Decide(Verdict::Remove(RemoveReason::Extreme));
                    let outcomes = std::collections::BTreeMap::new();
                    model.dialog = Some(Dialog::Results(Results { doing, targets: vec![], outcomes, scroll: 0 }));
                }
                Place::Pager => drop(press(&mut model, "? j j j")),
            }
            let before = format!("{model:?}");
            let cmds = press(&mut model, binding.keys[0]);
            assert!(
                !cmds.is_empty() || format!("{model:?}") != before,
                "{} does nothing in {place:?}",
                binding.keys[0]
            );
        }
    }
}

#[test]
fn reasons_are_numbered_in_the_order_of_the_field() {
    let mut model = model(SIZE);
    press(&mut model, "r 2");
    assert_eq!(model.last, Some(Verdict::Remove(RemoveReason::CounterfeitSold)));
}
