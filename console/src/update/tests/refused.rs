//! What can't be had now and says so, and what asks twice.

use jointforce_shared::{
    commands::approval::Waits,
    domain::{
        approval::{ApprovalState, Cause, Seen, Wanted},
        ids::ApprovalId,
    },
    store::approvals::Approval,
};

use super::*;
use crate::{
    deed::Proof,
    model::{Undo, queue::Step},
};

fn approval() -> ApprovalId {
    "01KEKSP0000000000000000007".parse().unwrap()
}

/// Instead of doing what was asked for, a second person was asked.
fn waits(request: &Request) -> Msg {
    let waits = Some(Waits { approval: approval(), cause: Cause::TrustedRefused });
    let acted = Acted { case: request.case, version: 2, state: "held", grace_until: None, compensated: false, waits };
    Msg::Acted(Box::new(request.clone()), Ok(acted))
}

fn said(model: &Model) -> &str {
    model.toast.as_ref().map_or("", |toast| toast.words.as_str())
}

fn away(model: &mut Model) {
    let ticket = model.queue.ticket();
    update(model, Msg::Failed(Read::Queue(ticket), Failure { words: "gone".into(), away: true }));
    assert!(model.away.is_some());
}

#[test]
fn undo_after_a_request_takes_the_request_back_and_no_earlier_decision() {
    let mut model = model(SIZE);
    let mut sent = acts(press(&mut model, "r 1"));
    see(&mut model);
    sent.extend(acts(press(&mut model, "x 2")));
    see(&mut model);
    sent.extend(acts(press(&mut model, "r 2")));
    update(&mut model, done(&sent[0]));
    update(&mut model, done(&sent[2]));
    // The answer comes after the next decision: the request still stands where the decision stood.
    update(&mut model, waits(&sent[1]));
    assert!(said(&model).contains("u takes the request back"), "{}", said(&model));
    let cmds = press(&mut model, "u");
    assert_eq!(words(&cmds), "undo 2");
    update(&mut model, done(&acts(cmds)[0]));
    assert_eq!(words(&press(&mut model, "u Enter")), "", "nothing is taken back without a word");
    let cmds = press(&mut model, "m i n e Enter");
    assert_eq!(words(&cmds), "take your request back (mine)");
    let Some(Cmd::Do(deed, _)) = cmds.into_iter().next() else { panic!("no deed") };
    update(&mut model, Msg::Done(deed, Ok("taken back".into())));
    assert_eq!(words(&press(&mut model, "u")), "undo 0", "and then what was decided before it");
}

#[test]
fn a_request_that_is_over_does_not_stand_in_the_way_of_undo() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "r 1"));
    update(&mut model, waits(&sent[0]));
    assert_eq!(model.undo, [Undo::Request(approval())]);
    let deed = || Box::new(Deed::TakeRequestBack(approval()));
    let failure = |away| Err(Failure { words: "it is approved by bob".into(), away });
    update(&mut model, Msg::Done(deed(), failure(true)));
    assert_eq!(model.undo.len(), 1, "nobody knows what became of it");
    update(&mut model, Msg::Done(deed(), failure(false)));
    assert!(model.undo.is_empty());
}

#[test]
fn nothing_is_decided_while_the_database_is_away_and_the_reason_is_said() {
    let mut model = model(SIZE);
    away(&mut model);
    for keys in ["r", "x", "h", "s", "n", "H", "e", "t", "w", "R", ".", "u"] {
        assert_eq!(words(&press(&mut model, keys)), "", "{keys}");
        assert!(model.dialog.is_none() && said(&model).starts_with("The database is away"), "{keys}: {}", said(&model));
    }
    assert!(model.sent.is_empty() && model.focus() == Some(case_id(0)), "and no other case is offered");
    // A menu that was open when it went away.
    let mut model = crate::fixture::model(SIZE);
    press(&mut model, "r");
    away(&mut model);
    assert_eq!(words(&press(&mut model, "1")), "");
    assert!(model.dialog.is_some() && said(&model).starts_with("The database is away"));
    let Some(Cmd::Queue { ticket, .. }) = model.load(Step::Head) else { panic!("no question") };
    update(&mut model, Msg::Queue { ticket, rows: (0..40).map(row).collect() });
    see(&mut model);
    assert_eq!(words(&press(&mut model, "1")), "remove counterfeit_listing 0 v1", "it is back");
}

#[test]
fn what_was_on_its_way_when_the_database_went_comes_back_as_ever() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "r 1"));
    update(&mut model, Msg::Away);
    assert_eq!(model.sent.len(), 1);
    update(&mut model, done(&sent[0]));
    assert!(model.sent.is_empty() && model.away.is_none());
}

#[test]
fn what_cannot_be_taken_back_takes_more_than_enter() {
    let mut model = model(SIZE);
    model.me = operator("ann", Role::Senior);
    press(&mut model, "A");
    let proof = Proof {
        about: "close the account of seller S-7 for ever".into(),
        asks: "the seller's id",
        typed: "S-7".into(),
    };
    let deed = Some(Deed::Approve(approval()));
    let row = crate::board::Row { yes: deed, proof: Some(proof), ..board_row(0) };
    update(&mut model, Msg::Board(Kind::Approvals, Ok(vec![row])));
    see(&mut model);
    for keys in ["y Enter", "y y Enter", "y S - 8 Enter"] {
        assert_eq!(words(&press(&mut model, keys)), "", "{keys}");
        assert!(
            model.dialog.is_none() && said(&model).ends_with("nothing was done: it asks for the seller's id"),
            "{keys}"
        );
        see(&mut model);
    }
    assert_eq!(words(&press(&mut model, "y S - 7 Enter Enter")), "say yes, and it is done ()");
}

#[test]
fn only_a_case_that_somebody_holds_is_given_back() {
    let mut model = model(SIZE);
    assert!(press(&mut model, "R").is_empty() && said(&model).starts_with("Nobody holds"), "{}", said(&model));
    model.queue.rows[0].held_by = Some(model.me.id.clone());
    assert_eq!(words(&press(&mut model, "R")), "release 0 v1");
    model.sent.clear();
    model.queue.rows[0].waits = true;
    assert!(press(&mut model, "R").is_empty() && said(&model).contains("A takes the request back"), "{}", said(&model));
    // The same once it is open.
    press(&mut model, "Enter");
    let mut case = dossier(0);
    let (until, by) = (Time(model.now.0 + Time::DAY), model.me.id.clone());
    case.case.state = State::Held { by: by.clone(), until, reason: "waits".into(), desk: None };
    let verdict = Verdict::Remove(RemoveReason::Extreme);
    let wanted = Wanted::Decide { verdict, cases: vec![Seen { case: case_id(0), version: 1 }], note: String::new() };
    case.approvals = vec![Approval {
        id: approval(),
        cause: Cause::TrustedRefused,
        digest: String::new(),
        wanted,
        by,
        at: model.now,
        expires: until,
        state: ApprovalState::Pending,
        answered: None,
        answer: String::new(),
    }];
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(case))));
    update(&mut model, Msg::Leased(case_id(0), true));
    assert!(press(&mut model, "R").is_empty() && said(&model).contains("A takes the request back"), "{}", said(&model));
    assert_eq!(words(&press(&mut model, "u o k Enter")), "take your request back (ok)");
}

#[test]
fn a_batch_is_taken_back_from_what_became_of_it() {
    let mut model = model(SIZE);
    for request in acts(press(&mut model, "v v v r 1 3 Enter")) {
        update(&mut model, done(&request));
    }
    assert!(said(&model).starts_with("Removed; u takes all 3 back"), "{}", said(&model));
    assert!(matches!(model.dialog, Some(Dialog::Results(_))));
    assert_eq!(words(&press(&mut model, "u Enter u 3 Enter")), "undo 0, undo 1, undo 2");
    assert!(press(&mut model, "u").is_empty(), "what was taken back is not taken back again");
}

#[test]
fn why_a_key_cannot_be_had_is_gone_with_the_next_key_and_a_failure_is_not() {
    let mut model = model(SIZE);
    press(&mut model, "U");
    assert_eq!(said(&model), "Nothing is marked");
    press(&mut model, "j");
    assert!(model.toast.is_none());
    press(&mut model, "k U");
    see(&mut model);
    let sent = acts(press(&mut model, "r 1"));
    update(&mut model, done(&sent[0]));
    assert!(said(&model).starts_with("Removed"), "{}", said(&model));
    see(&mut model);
    let sent = acts(press(&mut model, "r 1"));
    update(&mut model, failed(&sent[0], "bob decided it"));
    press(&mut model, "j F");
    assert!(said(&model).ends_with("bob decided it"));
    update(&mut model, done(&sent[0]));
    assert!(said(&model).ends_with("bob decided it"), "better news waits");
}

#[test]
fn a_decided_case_that_is_found_is_not_called_barred_for_an_answer_that_nobody_asked_for() {
    let mut model = model(SIZE);
    press(&mut model, "f x Enter");
    let rows = vec![
        crate::board::Row { yes: None, ..board_row(0) },
        crate::board::Row { yes: None, no: None, ..board_row(1) },
    ];
    update(&mut model, Msg::Board(Kind::Found("x".into()), Ok(rows)));
    press(&mut model, "y");
    assert_eq!(said(&model), "This row has no such answer");
    press(&mut model, "j x");
    assert_eq!(said(&model), "There is no decision here that you could take back");
}

#[test]
fn a_notice_beyond_the_ninth_can_be_withdrawn() {
    let mut model = model(SIZE);
    press(&mut model, "Enter");
    let mut case = dossier(0);
    let claim = case.claims[0].clone();
    case.claims = (1..=23)
        .map(|n| jointforce_shared::store::notices::Claim { reference: format!("acme/{n}"), ..claim.clone() })
        .collect();
    case.claims.push(case.claims[3].clone());
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(case))));
    update(&mut model, Msg::Leased(case_id(0), true));
    see(&mut model);
    let cmds = press(&mut model, "c PgDn PgDn PgDn PgUp PgDn 5 o k Enter");
    assert_eq!(words(&cmds), "the brand withdraws notice acme/23 (2026-01-10, counterfeit item) (ok)");
    assert_eq!(words(&press(&mut model, "c PgDn PgDn 6")), "", "a notice is offered once");
}

#[test]
fn what_stands_beside_the_list_is_read_again_when_the_seller_changed_and_after_a_while() {
    let mut model = model((200, 60));
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(dossier(0)))));
    let again = |model: &mut Model, points: i64| {
        model.queue.asked = None;
        let Some(Cmd::Queue { ticket, .. }) = model.load(Step::Again) else { panic!("no question") };
        let mut rows: Vec<_> = (0..40).map(row).collect();
        (rows[0].points, rows[0].level) = (points, dossier(0).seller.level);
        words(&update(model, Msg::Queue { ticket, rows }))
    };
    assert_eq!(again(&mut model, 8), "");
    assert_eq!(again(&mut model, 16), "read 0");
    let mut read = 0;
    for _ in 0..60 {
        let cmds = crate::fixture::pass(&mut model, Time::SECOND);
        read += cmds.iter().filter(|cmd| matches!(cmd, Cmd::Dossier(_))).count();
        if read > 0 {
            update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(dossier(0)))));
            break;
        }
    }
    assert_eq!(read, 1, "after a while at rest");
    assert!(!words(&crate::fixture::pass(&mut model, Time::SECOND)).contains("read"), "and not all the time");
}
