use jointforce_shared::{
    commands::case::Act,
    domain::{operator::Role, policy::Policy, time::Time},
};

use super::desk::Desk;
use crate::{
    fixture::{NOW, case_id, dossier, operator, row},
    model::Lease,
    msg::{Cmd, Msg},
};

/// A desk of `ann`, who has heard the first case; row 0 is hers to decide.
fn desk() -> Desk {
    let (mut desk, cmds) = Desk::new(operator("ann", Role::Moderator), Policy::default(), NOW);
    let [Cmd::Queue { ticket, .. }, ..] = cmds.as_slice() else { panic!("{cmds:?}") };
    desk.handle(Msg::Queue { ticket: *ticket, rows: vec![row(0), row(1), row(2)] }, NOW);
    let (_, cmds) = desk.look();
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Lease(case) if *case == case_id(0))), "{cmds:?}");
    hear(&mut desk, 0);
    desk
}

fn hear(desk: &mut Desk, n: usize) -> Vec<String> {
    let now = desk.model.now;
    desk.handle(Msg::Dossier(case_id(n), Some(Box::new(dossier(n)))), now);
    desk.handle(Msg::Leased(case_id(n), true), now);
    desk.look().0
}

/// Types lines, each a second after the last.
fn type_lines(desk: &mut Desk, lines: &[&str]) -> (Vec<Cmd>, Vec<String>) {
    let (mut cmds, mut said) = (vec![], vec![]);
    for line in lines {
        let now = Time(desk.model.now.0 + Time::SECOND);
        for msg in desk.typed(line) {
            cmds.extend(desk.handle(msg, now));
        }
        let (lines, more) = desk.look();
        said.extend(lines);
        cmds.extend(more);
    }
    (cmds, said)
}

fn acts(cmds: &[Cmd]) -> Vec<String> {
    cmds.iter()
        .filter_map(|cmd| match cmd {
            Cmd::Act(request) => Some(format!("{:?} {:?} ({})", request.case.short(), request.act, request.note)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_case_is_said_whole_and_once() {
    let (mut desk, cmds) = Desk::new(operator("ann", Role::Moderator), Policy::default(), NOW);
    let [Cmd::Queue { ticket, .. }, ..] = cmds.as_slice() else { panic!("{cmds:?}") };
    desk.handle(Msg::Queue { ticket: *ticket, rows: vec![row(0)] }, NOW);
    desk.look();
    let said = hear(&mut desk, 0);
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(desk.look().0, [""; 0]);
}

#[test]
fn two_numbers_remove_and_the_next_case_is_said() {
    let mut desk = desk();
    let (cmds, said) = type_lines(&mut desk, &["1"]);
    assert!(acts(&cmds).is_empty());
    assert!(said.iter().any(|line| line.starts_with("1 counterfeit")), "{said:#?}");
    let (cmds, _) = type_lines(&mut desk, &["1"]);
    assert_eq!(acts(&cmds).len(), 1, "{cmds:?}");
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Lease(case) if *case == case_id(1))), "{cmds:?}");
    let said = hear(&mut desk, 1);
    assert!(said.iter().any(|line| line.contains("yours for now")), "{said:#?}");
}

#[test]
fn a_note_a_hold_and_an_undo_go_by_numbers_and_lines() {
    let mut desk = desk();
    let (cmds, _) = type_lines(&mut desk, &["1", "n", "same pictures", "2"]);
    let sent = acts(&cmds);
    assert!(sent[0].contains("Remove") && sent[0].ends_with("(same pictures)"), "{sent:?}");
    hear(&mut desk, 1);
    let (cmds, _) = type_lines(&mut desk, &["3", "2", "asking the seller"]);
    let sent = acts(&cmds);
    assert!(sent[0].contains("Hold") && sent[0].contains("asking the seller"), "{sent:?}");
    hear(&mut desk, 2);
    let (cmds, _) = type_lines(&mut desk, &["9"]);
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Act(request) if request.act == Act::Undo)), "{cmds:?}");
}

#[test]
fn what_is_no_choice_does_nothing_and_says_so() {
    let mut desk = desk();
    for line in ["99", "remove it", "-1", "v", ":", "A"] {
        let (cmds, said) = type_lines(&mut desk, &[line]);
        assert!(acts(&cmds).is_empty() && desk.model.dialog.is_none(), "{line}: {cmds:?}");
        assert_eq!(said, ["There is no such choice. Nothing was done."], "{line}");
    }
    let (cmds, _) = type_lines(&mut desk, &["1", "7", ""]);
    assert!(acts(&cmds).is_empty() && desk.model.dialog.is_none(), "a reason that is none, and nothing");
}

#[test]
fn a_case_that_was_not_said_for_long_enough_is_not_decided() {
    let mut desk = desk();
    type_lines(&mut desk, &["1"]);
    let now = desk.model.now;
    let first: Vec<_> = desk.typed("1").into_iter().flat_map(|msg| desk.handle(msg, now)).collect();
    assert_eq!(acts(&first).len(), 1, "the first was heard");
    hear(&mut desk, 1);
    let now = desk.model.now;
    let mut cmds = vec![];
    for line in ["1", "1"] {
        for msg in desk.typed(line) {
            cmds.extend(desk.handle(msg, now));
        }
    }
    assert!(acts(&cmds).is_empty(), "{cmds:?}");
    let (said, _) = desk.look();
    assert!(said.iter().any(|line| line.starts_with("Attention: That came before")), "{said:#?}");
}

#[test]
fn somebody_elses_case_is_said_to_be_theirs() {
    let mut desk = desk();
    type_lines(&mut desk, &["8"]);
    let now = desk.model.now;
    desk.handle(Msg::Dossier(case_id(1), Some(Box::new(dossier(1)))), now);
    desk.handle(Msg::Leased(case_id(1), false), now);
    let (said, _) = desk.look();
    assert_eq!(desk.model.open.as_ref().map(|open| open.lease), Some(Lease::Refused));
    assert!(said.iter().any(|line| line.contains("read only")), "{said:#?}");
}
