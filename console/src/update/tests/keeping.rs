//! What a console does for whoever sits at it: marks, snippets, the cover, coming back.

use jointforce_shared::domain::{
    ask::Ask,
    note::Recipient,
    sitting::{Seat, Sitting, Writing},
};

use super::*;

fn marked(model: &Model) -> Vec<usize> {
    model.marks.iter().map(|mark| (0..100).find(|n| case_id(*n) == mark.case).unwrap()).collect()
}

#[test]
fn a_range_goes_from_the_last_mark_to_the_cursor_in_both_directions() {
    let mut model = model(SIZE);
    assert!(press(&mut model, "V").is_empty());
    assert_eq!(model.toast.as_ref().unwrap().words, "Mark the first one with Space");
    press(&mut model, "j j Space j V");
    assert_eq!(marked(&model), [2, 3, 4]);
    press(&mut model, "g V");
    assert_eq!(marked(&model), [2, 3, 4, 1, 0], "what is marked already is not marked twice");
    press(&mut model, "U");
    assert!(model.marks.is_empty());
}

#[test]
fn a_range_never_marks_more_than_a_batch_may_have() {
    let mut model = model(SIZE);
    model.policy.approvals.cases_max = 5;
    press(&mut model, "Space G V");
    assert_eq!(marked(&model).len(), 5);
    assert_eq!(model.toast.as_ref().unwrap().words, "5 marked; 35 more are too many for one batch");
}

#[test]
fn a_sellers_cases_and_a_group_are_marked_by_one_key() {
    let mut model = model(SIZE);
    press(&mut model, "Y");
    assert_eq!(marked(&model), [0, 7, 14, 21, 28, 35]);
    press(&mut model, "U");
    group(&mut model);
    press(&mut model, "M");
    assert!(model.dialog.is_none() && model.marks.len() > 1, "{:?}", model.marks);
}

#[test]
fn a_snippet_takes_the_place_of_its_name_with_the_case_in_it() {
    let mut model = model(SIZE);
    press(&mut model, "n s e e Space m a r Tab");
    let target = model.target().unwrap();
    let Some(Dialog::Note(_, line)) = &model.dialog else { panic!("{:?}", model.dialog) };
    let expected = format!("see The mark on “{}” is not the one of {}.", target.title, target.brand);
    assert_eq!(line.text(), expected);
    press(&mut model, "Space z Tab");
    assert_eq!(model.toast.as_ref().unwrap().words, "No snippet begins with z");
    press(&mut model, "Backspace p Tab");
    assert!(model.toast.as_ref().unwrap().words.starts_with("Snippets: pictures, price"), "{:?}", model.toast);
    press(&mut model, "Esc v v r n Tab");
    assert!(matches!(&model.dialog, Some(Dialog::Reasons(reasons)) if reasons.note.text().is_empty()), "many cases");
}

fn idle(model: &mut Model) -> Vec<Cmd> {
    model.now = model.now + model.policy.console.cover_after;
    update(model, Msg::Tick)
}

#[test]
fn an_idle_screen_is_covered_gives_its_lease_back_and_no_key_that_wakes_it_decides() {
    let mut model = model(SIZE);
    open(&mut model);
    press(&mut model, "n d r a f t");
    assert!(words(&idle(&mut model)).contains("release 0"));
    assert!(model.cover.is_some() && model.shown().case.is_none(), "nothing on it can be decided");
    assert!(update(&mut model, Msg::Leased(case_id(0), true)).contains(&Cmd::Release(case_id(0))), "it came too late");
    for keys in ["Enter", "x 1", "r 1 .", "Esc", "q", "b o b Enter"] {
        assert_eq!(words(&press(&mut model, keys)), "", "{keys}");
        assert!(model.cover.is_some(), "{keys}");
    }
    update(&mut model, Msg::Paste("ann".into()));
    assert!(press(&mut model, "Enter").is_empty() && model.cover.is_some(), "a paste is no key");
    assert_eq!(words(&press(&mut model, "a n n Enter")), "read 0, lease 0");
    assert!(model.cover.is_none());
    assert!(matches!(&model.dialog, Some(Dialog::Note(_, line)) if line.text() == "draft"), "{:?}", model.dialog);
    press(&mut model, "Esc r 1");
    assert!(model.toast.as_ref().unwrap().words.starts_with("That came before"), "it has to be seen anew");
}

#[test]
fn a_screen_is_not_covered_while_keys_come_nor_where_policy_says_never() {
    let mut model = model(SIZE);
    for _ in 0..20 {
        model.now = Time(model.now.0 + Time::MINUTE);
        press(&mut model, "j");
        update(&mut model, Msg::Tick);
        assert!(model.cover.is_none());
    }
    model.policy.console.cover_after = std::time::Duration::ZERO;
    model.now = Time(model.now.0 + 30 * Time::DAY);
    update(&mut model, Msg::Tick);
    assert!(model.cover.is_none());
}

fn sitting(ask: &str, case: Option<usize>, draft: Option<(Writing, &str)>) -> Sitting {
    let draft = draft.map(|(writing, text)| (writing, text.to_owned()));
    Sitting { ask: Ask::parse(ask).unwrap(), case: case.map(case_id), draft, seat: Seat::Queue }
}

fn kept(model: &mut Model) -> Option<Sitting> {
    update(model, Msg::Tick).into_iter().find_map(|cmd| if let Cmd::Sit(sitting) = cmd { Some(*sitting) } else { None })
}

#[test]
fn where_one_sits_is_kept_as_it_changes_and_not_before_it_is_known_where_one_sat() {
    let mut model = model(SIZE);
    press(&mut model, "n a b");
    assert_eq!(kept(&mut model), None);
    press(&mut model, "Esc");
    update(&mut model, Msg::Sat(None));
    assert_eq!(kept(&mut model), None, "nothing changed");
    press(&mut model, "/ l a t e Enter t 1 h i");
    assert_eq!(kept(&mut model), Some(sitting("late", Some(0), Some((Writing::Tell(Recipient::Brand), "hi")))));
    assert_eq!(kept(&mut model), None);
    press(&mut model, "Esc / m i");
    assert_eq!(kept(&mut model), Some(sitting("late", None, None)), "what is still typed is not yet wanted");
}

#[test]
fn one_comes_back_to_the_case_with_the_draft() {
    for (writing, text) in [
        (Writing::Note, "as I said"),
        (Writing::Hold(4), "the brand"),
        (Writing::Tell(Recipient::Seller), "please send"),
        (Writing::Escalate(Desk::Legal), "!court"),
    ] {
        let mut model = model(SIZE);
        let was = Sitting { seat: Seat::Case, ..sitting("held", Some(3), Some((writing, text))) };
        let cmds = update(&mut model, Msg::Sat(Some(Box::new(was.clone()))));
        assert_eq!(words(&cmds), "queue -, lease 3, read 3, sit");
        let kept = cmds.into_iter().find_map(|cmd| if let Cmd::Sit(sitting) = cmd { Some(*sitting) } else { None });
        assert_eq!(kept, Some(was.clone()), "cut again before the case came, the draft is still there");
        update(&mut model, Msg::Dossier(case_id(3), Some(Box::new(dossier(3)))));
        assert_eq!(crate::update::sits(&model), was);
    }
}

#[test]
fn whoever_is_at_work_already_is_not_taken_elsewhere() {
    let mut model = model(SIZE);
    press(&mut model, "Enter");
    let was = sitting("", Some(3), None);
    assert!(update(&mut model, Msg::Sat(Some(Box::new(was)))).is_empty());
    assert_eq!(model.open.as_ref().map(|open| open.case), Some(case_id(0)));
}
