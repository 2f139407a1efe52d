//! Decisions: the next case is there at once, nothing is decided unseen, and all can be taken back.

use super::*;

#[test]
fn a_removal_takes_two_keys_and_the_next_case_is_there_at_once() {
    let mut model = model(SIZE);
    let cmds = press(&mut model, "r 1");
    assert_eq!(words(&cmds), "remove counterfeit_listing 0 v1");
    assert_eq!(model.focus(), Some(case_id(1)));
    assert_eq!(model.sent[&case_id(0)].words, "removing");
    update(&mut model, done(&acts(cmds)[0]));
    assert!(model.queue.position(case_id(0)).is_none() && model.sent.is_empty());
    assert_eq!(model.focus(), Some(case_id(1)), "the cursor stays on its case");
}

#[test]
fn deciding_an_open_case_opens_the_next_one_that_is_free() {
    let mut model = model(SIZE);
    press(&mut model, "j j");
    see(&mut model);
    open(&mut model);
    // Case 3 is leased by carla, 5 is held by bob.
    assert_eq!(words(&press(&mut model, "r 1")), "remove counterfeit_listing 2 v1, lease 4, read 4");
    assert_eq!(model.open.as_ref().unwrap().case, case_id(4));
}

#[test]
fn the_next_cases_are_read_ahead() {
    let mut model = model(SIZE);
    press(&mut model, "Enter");
    let cmds = update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(dossier(0)))));
    assert_eq!(words(&cmds), "read 1, read 2, read 3");
}

#[test]
fn a_decision_on_a_case_that_nobody_has_seen_is_not_made() {
    let mut model = model(SIZE);
    assert_eq!(acts(press(&mut model, "r 1 r 1 . r 2")).len(), 1, "only the first was on the screen");
    assert!(model.toast.as_ref().unwrap().words.contains("before the case was on the screen"));
    let shown = model.shown();
    update(&mut model, Msg::Drawn(shown));
    model.now = Time(model.now.0 + 249_000);
    assert_eq!(acts(press(&mut model, "r 1")).len(), 0);
    model.now = Time(model.now.0 + 1_000);
    assert_eq!(acts(press(&mut model, "r 1")).len(), 1);
}

#[test]
fn a_case_that_changed_on_the_screen_has_to_be_seen_again() {
    let mut model = model(SIZE);
    open(&mut model);
    let mut changed = dossier(0);
    changed.case.version = 2;
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(changed))));
    assert!(acts(press(&mut model, "r 1")).is_empty());
    see(&mut model);
    assert_eq!(acts(press(&mut model, "r 1"))[0].version, Some(2));
}

#[test]
fn what_looks_like_a_paste_does_nothing() {
    let mut model = model(SIZE);
    assert!(update(&mut model, Msg::Paste("r1r1r1".into())).is_empty());
    assert!(model.toast.as_ref().unwrap().bad);
    press(&mut model, "n");
    update(&mut model, Msg::Paste("two\nlines".into()));
    assert_eq!(words(&press(&mut model, "Enter")), "note 0 v1 (two lines)");
}

#[test]
fn undo_takes_back_one_decision_after_the_other() {
    let mut model = model(SIZE);
    let mut sent = acts(press(&mut model, "r 1"));
    see(&mut model);
    sent.extend(acts(press(&mut model, "x 2")));
    for request in &sent {
        update(&mut model, done(request));
    }
    let cmds = press(&mut model, "u");
    assert_eq!(words(&cmds), "undo 1");
    update(&mut model, done(&acts(cmds)[0]));
    assert!(model.toast.as_ref().unwrap().words.starts_with("Taken back"));
    assert_eq!(words(&press(&mut model, "u")), "undo 0");
    assert_eq!(words(&press(&mut model, "u")), "");
}

#[test]
fn undo_does_not_wait_for_its_decision() {
    let mut model = model(SIZE);
    assert_eq!(words(&press(&mut model, "r 1 u")), "remove counterfeit_listing 0 v1, undo 0");
}

#[test]
fn a_batch_is_undone_by_typing_its_count_again() {
    let mut model = model(SIZE);
    let cmds = press(&mut model, "v v v r 1 3 Enter");
    for request in acts(cmds) {
        update(&mut model, done(&request));
    }
    press(&mut model, "Esc");
    assert_eq!(words(&press(&mut model, "u Enter")), "");
    assert_eq!(words(&press(&mut model, "u 3 Enter")), "undo 0, undo 1, undo 2");
}

#[test]
fn repeat_decides_as_before() {
    let mut model = model(SIZE);
    press(&mut model, "x 3");
    see(&mut model);
    assert_eq!(words(&press(&mut model, ".")), "keep genuine 1 v1");
    assert_eq!(model.last, Some(Verdict::Keep(KeepReason::Genuine)));
}

#[test]
fn repeat_is_about_the_one_that_is_marked_and_not_about_the_one_below_the_cursor() {
    let mut model = model(SIZE);
    press(&mut model, "x 3");
    see(&mut model);
    press(&mut model, "v");
    see(&mut model);
    assert_ne!(model.focus(), Some(case_id(1)));
    assert_eq!(words(&press(&mut model, ".")), "");
    assert_eq!(words(&press(&mut model, "1 Enter")), "keep genuine 1 v1");
}

#[test]
fn what_failed_comes_back_with_its_reason_and_can_not_be_undone() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "r 1"));
    update(&mut model, failed(&sent[0], "bob already decided it"));
    assert_eq!(model.sent[&case_id(0)].failed.as_deref(), Some("bob already decided it"));
    assert!(model.queue.position(case_id(0)).is_some());
    assert!(model.undo.is_empty());
    let toast = model.toast.clone().unwrap();
    assert!(toast.bad && toast.words.starts_with("Not removed") && toast.words.ends_with("bob already decided it"));
}

#[test]
fn a_batch_says_what_became_of_each_case() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "v v x 1 2 Enter"));
    update(&mut model, done(&sent[0]));
    update(&mut model, failed(&sent[1], "no"));
    let Some(Dialog::Results(results)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(results.outcomes[&case_id(0)], Ok("kept".into()));
    assert_eq!(results.outcomes[&case_id(1)], Err("no".into()));
}
