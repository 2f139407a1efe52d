//! Groups, questions, contests, desks, and what takes two.

use jointforce_shared::{
    commands::approval::Waits,
    domain::{
        approval::Cause,
        ids::{ApprovalId, SellerId},
        penalty::Preview,
        policy::Policy,
    },
};

use super::*;
use crate::{fixture::NOW, model::Undo};

fn waits() -> Waits {
    Waits { approval: "01KEKSP0000000000000000001".parse::<ApprovalId>().unwrap(), cause: Cause::OwnTeam }
}

#[test]
fn forty_that_are_alike_are_decided_in_six_keys_and_one_can_be_left_out() {
    let mut model = model(SIZE);
    group_of(&mut model, 39);
    let sent = acts(press(&mut model, "r 1 4 0 Enter"));
    assert_eq!(sent.len(), 40, "with the m before them, six keys");
    assert!(sent.iter().all(|act| act.version.is_some()), "each as it was seen");

    let mut model = crate::fixture::model(SIZE);
    group_of(&mut model, 39);
    press(&mut model, "j Space");
    assert!(acts(press(&mut model, "r 1 4 0 Enter")).is_empty(), "one is left out, so the count is another");
    group_of(&mut model, 39);
    let sent = acts(press(&mut model, "j Space r 1 3 9 Enter"));
    assert_eq!(sent.len(), 39);
    assert!(!sent.iter().any(|act| act.case == alike(39).members[1].member.case));
}

#[test]
fn the_brand_is_asked_with_two_keys_and_the_next_case_is_in_hand() {
    let mut model = model(SIZE);
    let cmds = press(&mut model, "w 1");
    let Some(Cmd::Do(deed, words)) = cmds.first() else { panic!("{cmds:?}") };
    assert!(matches!(&**deed, Deed::Ask(target, _) if target.case == case_id(0) && target.version == Some(1)));
    assert_eq!((words.as_str(), model.queue.cursor), ("", 1));
}

#[test]
fn a_skip_says_why() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "s 2"));
    assert_eq!(sent[0].act, Act::Skip(SkipReason::Language));
    assert!(acts(press(&mut model, "s 5 Enter")).is_empty(), "another reason needs words");
    assert_eq!(acts(press(&mut model, "n o Enter"))[0].note, "no");
}

#[test]
fn what_a_party_says_is_offered_by_what_the_case_is() {
    use crate::deed::{Contest, Party};
    let mut case = dossier(0);
    let offered = |case: &_| crate::update::contest::offers(case);
    assert!(offered(&case).iter().all(|offer| matches!(offer, Contest::Withdraw(..))), "nothing is decided yet");
    let decided = |verdict| State::Decided {
        verdict,
        decision: "01KEKSD0000000000000000001".parse().unwrap(),
        by: "bob".parse().unwrap(),
    };
    case.case.state = decided(Verdict::Remove(RemoveReason::CounterfeitListing));
    assert!(offered(&case).iter().any(|offer| matches!(offer, Contest::Counter(..))));
    assert!(offered(&case).contains(&Contest::Appeal(Party::Seller(case.case.seller.clone()))));
    case.case.state = decided(Verdict::Keep(KeepReason::Genuine));
    assert!(offered(&case).contains(&Contest::Appeal(Party::Brand(case.case.brand.clone()))));
}

#[test]
fn a_case_is_escalated_to_a_desk_with_a_reason() {
    let mut model = model(SIZE);
    assert!(press(&mut model, "e 1 Enter").is_empty(), "without a reason nothing goes anywhere");
    let sent = acts(press(&mut model, "n o Space i d e a Enter"));
    assert_eq!((&sent[0].act, sent[0].note.as_str()), (&Act::Escalate { desk: Desk::Legal, urgent: false }, "no idea"));
    assert_eq!(model.queue.cursor, 1, "and the next case is in hand");
}

#[test]
fn what_waits_for_a_second_person_is_said_so_and_is_no_decision() {
    let mut model = model(SIZE);
    let sent = acts(press(&mut model, "x 1"));
    let acted = Acted {
        case: sent[0].case,
        version: 2,
        state: "held",
        grace_until: None,
        compensated: false,
        waits: Some(waits()),
    };
    let cmds = update(&mut model, Msg::Acted(Box::new(sent[0].clone()), Ok(acted)));
    let said = &model.toast.as_ref().unwrap().words;
    assert!(
        said.starts_with("Asked for a second person, ends in 24 h: it takes back a decision of your own team"),
        "{said}"
    );
    assert!(model.queue.position(case_id(0)).is_some() && model.sent.is_empty(), "its row is still there");
    assert!(matches!(model.undo[..], [Undo::Request(_)]) && words(&cmds).contains("queue"));
}

#[test]
fn more_than_one_person_may_decide_goes_to_a_second_one_as_one_request() {
    let mut model = model(SIZE);
    model.policy.batch_max = 3;
    let cmds = press(&mut model, "v v v v r 1 4 Enter");
    assert_eq!(words(&cmds), "preview counterfeit_listing of 4, together 4");
    assert!(model.dialog.is_none() && model.marks.is_empty() && model.sent.len() == 4 && model.undo.is_empty());
    update(&mut model, Msg::Filed((0..4).map(case_id).collect(), Ok(waits())));
    assert!(model.toast.as_ref().unwrap().words.starts_with("4 cases: Asked for a second person"));
    assert!(model.sent.is_empty());
}

#[test]
fn a_preview_is_shown_when_it_comes_and_waited_for_by_nobody() {
    let mut model = model(SIZE);
    let preview = |points: i64| {
        let ladder = &Policy::default().ladder;
        let mut read: Preview = ladder.preview_all(&[], &[], NOW);
        read.after.points = points;
        read.words = format!("0 -> {points} points");
        read
    };
    assert_eq!(acts(press(&mut model, "v v r 1 2 Enter")).len(), 2, "the count is enough");
    press(&mut model, "Esc v v r 1");
    let seller = |id: &str| id.parse::<SellerId>().unwrap();
    let Some(Dialog::Count(count)) = &model.dialog else { panic!("{:?}", model.dialog) };
    let cases: Vec<_> = count.targets.iter().map(|target| target.case).collect();
    let reason = RemoveReason::CounterfeitListing;
    update(&mut model, Msg::Preview(vec![case_id(9)], reason, vec![(seller("S-1"), preview(1))]));
    let shown = |model: &Model| match &model.dialog {
        Some(Dialog::Count(count)) => count.preview.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(&model), None, "another batch's");
    let both = vec![(seller("S-1"), preview(4)), (seller("S-2"), preview(8))];
    update(&mut model, Msg::Preview(cases, reason, both));
    assert_eq!(shown(&model).unwrap(), ["S-2: 0 -> 8 points", "S-1: 0 -> 4 points"], "the sternest first");
}
