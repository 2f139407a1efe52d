use jointforce_shared::{
    commands::case::Act,
    domain::{ask::Ask, operator::Role, policy::Policy, time::Time, view::View},
    store::figures::Figures,
};

use super::desk::Desk;
use crate::{
    board::{Kind, Row},
    fixture::{NOW, alike, board_row, case_id, dossier, figures, operator, row},
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
    for line in ["99", "remove it", "-1", "v", ":", "Z", "b"] {
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

/// The rows of a board come, and are said.
fn board(desk: &mut Desk, kind: Kind, rows: Vec<Row>) -> Vec<String> {
    let now = desk.model.now;
    desk.handle(Msg::Board(kind, Ok(rows)), now);
    desk.look().0
}

fn deeds(cmds: &[Cmd]) -> Vec<String> {
    let of = |cmd: &Cmd| if let Cmd::Do(deed, words) = cmd { Some(format!("{} ({words})", deed.name())) } else { None };
    cmds.iter().filter_map(of).collect()
}

#[test]
fn a_board_is_said_by_numbers_and_a_row_is_answered_after_it_was_said_whole() {
    let mut desk = desk();
    let (cmds, said) = type_lines(&mut desk, &["24"]);
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Board(Kind::Dead))) && said.is_empty(), "{cmds:?} {said:#?}");
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Release(case) if *case == case_id(0))), "{cmds:?}");
    let rows: Vec<_> = (0..3).map(board_row).collect();
    insta::assert_snapshot!("plain_board", board(&mut desk, Kind::Dead, rows.clone()).join("\n"));
    let (cmds, said) = type_lines(&mut desk, &["y", "9"]);
    assert!(deeds(&cmds).is_empty() && said.concat().contains("row's number first"), "{said:#?}");
    let (_, said) = type_lines(&mut desk, &["2"]);
    insta::assert_snapshot!("plain_row", said.join("\n"));
    // The first row goes away meanwhile: what was said with a number is still meant.
    assert!(board(&mut desk, Kind::Dead, rows[1..].to_vec()).is_empty(), "that is no news");
    assert_eq!(deeds(&type_lines(&mut desk, &["y"]).0), ["try again ()"]);
    let (cmds, said) = type_lines(&mut desk, &["x", "it is too old"]);
    assert_eq!(deeds(&cmds), ["give up (it is too old)"], "{said:#?}");
    // The row goes away, and another one takes its place under the cursor.
    board(&mut desk, Kind::Dead, rows[2..].to_vec());
    assert!(deeds(&type_lines(&mut desk, &["y"]).0).is_empty(), "nobody heard that one");
    let (cmds, _) = type_lines(&mut desk, &["1", "o"]);
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Dossier(case) if *case == case_id(2))), "{cmds:?}");
    let said = hear(&mut desk, 2);
    assert!(said.iter().any(|line| line.starts_with("b goes back")), "{said:#?}");
    let (_, said) = type_lines(&mut desk, &["b"]);
    assert!(desk.model.board.is_some(), "{said:#?}");
    let (cmds, _) = type_lines(&mut desk, &["", ""]);
    assert!(desk.model.board.is_none(), "from the row to the board, from the board to the next case");
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Lease(_))), "{cmds:?}");
}

#[test]
fn cases_are_marked_in_a_list_and_decided_together_by_their_count() {
    let mut desk = desk();
    let (_, said) = type_lines(&mut desk, &["30"]);
    assert_eq!(said.iter().filter(|line| line.contains("sold by")).count(), 3, "{said:#?}");
    let (cmds, said) = type_lines(&mut desk, &["x"]);
    assert!(cmds.is_empty() && said == ["Nothing is marked. Nothing was done."], "{said:#?}");
    // The queue has moved on when the numbers come.
    let now = desk.model.now;
    desk.model.queue.asked = None;
    let Some(Cmd::Queue { ticket, .. }) = desk.model.load(crate::model::queue::Step::Again) else {
        panic!("no question")
    };
    desk.handle(Msg::Queue { ticket, rows: vec![row(5), row(0), row(1), row(2)] }, now);
    assert!(desk.look().0.is_empty(), "that is no news");
    let (_, said) = type_lines(&mut desk, &["1-3", "2", "7"]);
    assert_eq!(said, ["3 marked.", "2 marked.", "There is no such choice. Nothing was done."]);
    let (_, said) = type_lines(&mut desk, &["r", "1"]);
    assert!(said.iter().any(|line| line.starts_with("Remove 2 listings")), "{said:#?}");
    let (cmds, _) = type_lines(&mut desk, &["3"]);
    assert!(acts(&cmds).is_empty(), "that is not the count");
    let (cmds, _) = type_lines(&mut desk, &["r", "1", "2"]);
    let sent: Vec<_> =
        cmds.iter().filter_map(|cmd| if let Cmd::Act(act) = cmd { Some(act.case) } else { None }).collect();
    assert_eq!(sent, [case_id(0), case_id(2)]);
    let (_, said) = type_lines(&mut desk, &["", ""]);
    assert!(desk.list.is_none(), "{said:#?}");
}

#[test]
fn of_a_group_some_are_left_out_by_number_and_the_rest_decided() {
    let mut desk = desk();
    type_lines(&mut desk, &["19"]);
    let now = desk.model.now;
    let mut group = alike(3);
    group.card.case = case_id(0);
    desk.handle(Msg::Group(Box::new(Ok(Some(group)))), now);
    let (said, _) = desk.look();
    insta::assert_snapshot!("plain_group", said.join("\n"));
    let (_, said) = type_lines(&mut desk, &["2", "9"]);
    assert_eq!(said, ["3 of 4 are decided together now.", "There is no such choice. Nothing was done."]);
    let (cmds, _) = type_lines(&mut desk, &["x", "1", "3"]);
    assert_eq!(acts(&cmds).len(), 3, "{cmds:?}");
    let (_, said) = type_lines(&mut desk, &[""]);
    assert!(desk.model.dialog.is_none(), "{said:#?}");
}

#[test]
fn figures_are_said_once_and_not_at_every_count() {
    let mut desk = desk();
    type_lines(&mut desk, &["29"]);
    let now = desk.model.now;
    desk.handle(Msg::Figures(Ok(Box::new(figures()))), now);
    let (said, _) = desk.look();
    assert!(said.iter().any(|line| line == "due within the hour: 64"), "{said:#?}");
    let next = Figures { decided: (900, 1), ..figures() };
    desk.handle(Msg::Figures(Ok(Box::new(next))), now);
    assert!(desk.look().0.is_empty());
    type_lines(&mut desk, &[""]);
    assert!(desk.model.dialog.is_none());
}

/// The rows that the queue was asked for come.
fn rows(
    desk: &mut Desk,
    cmds: &[Cmd],
    rows: Vec<jointforce_shared::store::queue::QueueRow>,
) -> (Vec<String>, Vec<Cmd>) {
    let asked =
        cmds.iter().rev().find_map(|cmd| if let Cmd::Queue { ticket, .. } = cmd { Some(*ticket) } else { None });
    let (ticket, now) = (asked.expect("the queue was asked"), desk.model.now);
    desk.handle(Msg::Queue { ticket, rows }, now);
    desk.look()
}

#[test]
fn a_filter_is_said_with_each_case_and_one_that_finds_nothing_can_be_taken_away() {
    let mut desk = desk();
    let (cmds, _) = type_lines(&mut desk, &["17", "brand:acme"]);
    let (_, cmds) = rows(&mut desk, &cmds, vec![row(0), row(1)]);
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Lease(_))), "{cmds:?}");
    let said = hear(&mut desk, 0);
    assert!(said.iter().any(|line| line.starts_with("Only what matches brand:acme is shown; 31 ")), "{said:#?}");
    let (cmds, said) = type_lines(&mut desk, &["17", "brand:adidsa"]);
    assert!(!said.concat().contains("is empty"), "{said:#?}");
    let (said, _) = rows(&mut desk, &cmds, vec![]);
    assert_eq!(said[0], "Nothing matches brand:adidsa. 31 shows the whole queue.");
    let (_, said) = type_lines(&mut desk, &["30"]);
    assert!(said.iter().any(|line| line.starts_with("Nothing matches brand:adidsa. 31 ")), "{said:#?}");
    let (cmds, _) = type_lines(&mut desk, &["31"]);
    assert!(desk.model.queue.ask.is_all());
    let (said, _) = rows(&mut desk, &cmds, vec![row(0), row(1), row(2)]);
    assert!(said.iter().any(|line| line == "The queue, rows 1 to 3:"), "{said:#?}");
    // And from the case as well.
    type_lines(&mut desk, &[""]);
    hear(&mut desk, 0);
    let (cmds, _) = type_lines(&mut desk, &["17", "late"]);
    rows(&mut desk, &cmds, vec![]);
    let (cmds, _) = type_lines(&mut desk, &["31"]);
    assert!(desk.model.queue.ask.is_all() && !cmds.is_empty());
}

#[test]
fn kept_views_are_said_and_shown() {
    let mut desk = desk();
    let (_, said) = type_lines(&mut desk, &["32"]);
    assert!(said[0].starts_with("You kept no filter"), "{said:#?}");
    let view = View { slot: 3, name: "late \u{202e}ones".into(), ask: Ask::parse("late").unwrap() };
    desk.model.views = vec![view];
    let (_, said) = type_lines(&mut desk, &["32"]);
    assert_eq!(said[0], "v3: late ‹U+202E›ones, late");
    let (cmds, _) = type_lines(&mut desk, &["v3"]);
    assert!(cmds.iter().any(|cmd| matches!(cmd, Cmd::Release(_))), "{cmds:?}");
    assert_eq!(desk.model.queue.ask.words(), "late");
    let (_, said) = type_lines(&mut desk, &["v4"]);
    assert!(
        said.is_empty() || said.concat().contains("no such choice") || said.concat().contains("ignored"),
        "{said:#?}"
    );
}

#[test]
fn what_a_removal_would_do_is_said_whole_and_no_key_is_taught_that_is_not_there() {
    let mut desk = desk();
    let (_, said) = type_lines(&mut desk, &["1"]);
    let longest = said.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    assert!(longest > 72 && !said.concat().contains('…'), "{said:#?}");
    type_lines(&mut desk, &[""]);
    for number in ["3", "4", "6", "11", "13", "17", "21"] {
        let (_, said) = type_lines(&mut desk, &[number]);
        let words = said.join("\n");
        assert!(!["Tab ", "Esc ", "Down ", "PgDn"].iter().any(|key| words.contains(key)), "{number}: {said:#?}");
        type_lines(&mut desk, &["", ""]);
    }
}

#[test]
fn while_the_database_is_away_a_number_decides_nothing_and_says_why() {
    let mut desk = desk();
    let now = desk.model.now;
    desk.handle(Msg::Away, now);
    let (said, _) = desk.look();
    assert!(said.concat().contains("nothing can be decided until it is back"), "{said:#?}");
    let (cmds, said) = type_lines(&mut desk, &["1", "1"]);
    assert!(acts(&cmds).is_empty() && desk.model.dialog.is_none() && desk.model.sent.is_empty(), "{cmds:?}");
    assert!(said.iter().any(|line| line.starts_with("Attention: The database is away")), "{said:#?}");
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
