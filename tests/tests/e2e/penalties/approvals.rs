//! Four eyes.

use std::collections::BTreeSet;

use jointforce_shared::{
    commands::{
        approval,
        case::{Act, Request},
        group::{self, Together},
        operator, sweep,
    },
    domain::{
        approval::{ApprovalState, Cause},
        case::State,
        decision::{KeepReason, RemoveReason},
        ids::{ApprovalId, CaseId},
        time::Time,
    },
    store::{approvals, audit, decisions, effects, queue},
};
use jointforce_tests::{
    tamper::tamper,
    world::{World, who},
};

use super::{act, add_sid, case_of, refusal, settle, trust_acme};
use crate::store::on_both;

const KEEP: Act = Act::Keep(KeepReason::WeakEvidence);
const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);

/// Ann refuses a trusted brand, which takes two.
async fn refuse_acme(world: &World, listing: &str) -> (CaseId, ApprovalId) {
    trust_acme(world).await;
    let case = world.report(&format!("notice-of-{listing}"), &[listing]).await[0];
    // Events of one millisecond have no order.
    world.pass(Time::SECOND);
    let acted = act(world, &who("ann"), case, KEEP).await.unwrap();
    let waits = acted.waits.expect("a second person");
    assert_eq!((waits.cause, acted.state), (Cause::TrustedRefused, "held"));
    (case, waits.approval)
}

/// The cases of the queue that wait for a second person.
async fn waiting(world: &World) -> BTreeSet<CaseId> {
    let mut conn = world.house.db.read().await.unwrap();
    let rows = queue::page(&mut conn, &queue::Filter::default(), None, 100).await.unwrap();
    rows.into_iter().filter(|row| row.waits).map(|row| row.place.case).collect()
}

async fn state_of(world: &World, id: ApprovalId) -> ApprovalState {
    approvals::get(&mut world.house.db.read().await.unwrap(), id).await.unwrap().unwrap().state
}

on_both! {
    async fn a_trusted_brand_is_refused_by_two(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, id) = refuse_acme(&world, "item-1").await;
        let State::Held { by, reason, until, .. } = case_of(&world, case).await.state else { panic!("not held") };
        assert_eq!(by.as_str(), "ann");
        assert!(reason.contains("second person") && reason.contains("trusted"), "{reason}");
        let mut conn = world.house.db.read().await.unwrap();
        let queue = approvals::queue(&mut conn, None, 10).await.unwrap();
        assert_eq!(queue.iter().map(|one| (one.id, one.expires)).collect::<Vec<_>>(), [(id, until)]);
        assert!(effects::of_case(&mut conn, case).await.unwrap().is_empty(), "nothing was done yet");
        drop(conn);

        world.pass(Time::SECOND);
        let answered = approval::approve(&world.house, &who("sue"), id, "right").await.unwrap();
        assert!(answered.words.starts_with("keep case"), "{answered:?}");
        let found = case_of(&world, case).await;
        let State::Decided { by, decision, .. } = found.state else { panic!("not decided") };
        assert_eq!(by.as_str(), "ann", "in the requester's name");
        let mut conn = world.house.db.read().await.unwrap();
        let decision = decisions::get_many(&mut conn, &[decision]).await.unwrap().pop().unwrap();
        assert_eq!(decision.approved_by.unwrap().as_str(), "sue");
        let told: Vec<_> = effects::of_case(&mut conn, case).await.unwrap().into_iter().map(|e| e.kind).collect();
        assert_eq!(told, ["mail_brand"]);
        let timeline = audit::of_case(&mut conn, case).await.unwrap();
        let actions: Vec<_> = timeline.iter().map(|e| (e.action.as_str(), e.actor.as_str())).collect();
        assert_eq!(actions[..2], [("notice.filed", "import"), ("approval.requested", "ann")]);
        assert!(actions[2..].contains(&("approval.approved", "sue")) && actions.len() == 4, "{actions:?}");
        let decided = timeline.iter().find(|event| event.action == "case.decided").unwrap();
        assert_eq!((decided.actor.as_str(), decided.auth.as_str()), ("ann", "approval"));
        assert_eq!(decided.body["approved_by"], "sue");
        let approval = approvals::get(&mut conn, id).await.unwrap().unwrap();
        assert_eq!(approval.digest, timeline[1].body["digest"].as_str().unwrap(), "bound to what was asked");
        assert!(approvals::queue(&mut conn, None, 10).await.unwrap().is_empty());
    }

    async fn who_asked_or_may_not_approve_does_not(url: &str) {
        let world = World::with_set_clock(url).await;
        trust_acme(&world).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let id = act(&world, &who("sue"), case, KEEP).await.unwrap().waits.unwrap().approval;
        let own = refusal(approval::approve(&world.house, &who("sue"), id, "").await);
        assert!(own.contains("you asked for it yourself"), "{own}");
        for nobody in ["ann", "oda", "adam", "eve", "stranger"] {
            let why = refusal(approval::approve(&world.house, &who(nobody), id, "").await);
            assert!(why.contains("may not approve") || why.contains("no operator"), "{why}");
            refusal(approval::refuse(&world.house, &who(nobody), id, "no").await);
        }
        let program = refusal(approval::approve(&world.house, &World::import(), id, "").await);
        assert!(program.contains("no person"), "{program}");
        assert_eq!(state_of(&world, id).await, ApprovalState::Pending);
        // Behind the commands' back the database says no as well.
        let mut tx = world.house.db.write().await.unwrap();
        let forced = approvals::answer(&mut tx, id, ApprovalState::Approved, who("sue").id(), "", Time(1)).await;
        assert!(forced.is_err(), "{forced:?}");
    }

    async fn a_case_that_changed_makes_the_request_void(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, id) = refuse_acme(&world, "item-1").await;
        world.report("another", &["item-1"]).await;
        let why = refusal(approval::approve(&world.house, &who("sue"), id, "").await);
        assert!(why.contains("changed since it was asked for") && why.contains("void"), "{why}");
        assert_eq!(state_of(&world, id).await, ApprovalState::Void);
        assert!(!case_of(&world, case).await.state.is_decided());
        let again = refusal(approval::approve(&world.house, &who("sue"), id, "").await);
        assert!(again.contains("it is void"), "{again}");

        let (case, id) = refuse_acme(&world, "item-2").await;
        act(&world, &who("ann"), case, REMOVE).await.unwrap();
        assert_eq!(sweep::end_approvals(&world.house, &World::import()).await.unwrap(), 1, "the sweep finds it too");
        assert_eq!(state_of(&world, id).await, ApprovalState::Void);
        assert_eq!(case_of(&world, case).await.state.as_str(), "removed", "what was decided meanwhile stands");
    }

    async fn a_request_that_nobody_answers_is_over_and_lets_the_case_go(url: &str) {
        let world = World::with_set_clock(url).await;
        let (first, late) = refuse_acme(&world, "item-1").await;
        let (second, swept) = refuse_acme(&world, "item-2").await;
        world.pass(24 * Time::HOUR);
        let why = refusal(approval::approve(&world.house, &who("sue"), late, "").await);
        assert!(why.contains("nobody answered in time"), "{why}");
        assert_eq!(sweep::end_approvals(&world.house, &World::import()).await.unwrap(), 1);
        assert_eq!(sweep::end_approvals(&world.house, &World::import()).await.unwrap(), 0);
        for (case, id) in [(first, late), (second, swept)] {
            assert_eq!(state_of(&world, id).await, ApprovalState::Expired);
            assert_eq!(case_of(&world, case).await.state.as_str(), "open");
        }
    }

    async fn a_no_lets_the_case_go_and_so_does_the_requester(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, id) = refuse_acme(&world, "item-1").await;
        assert!(refusal(approval::refuse(&world.house, &who("sue"), id, " ").await).contains("words"));
        approval::refuse(&world.house, &who("sue"), id, "look at the label again").await.unwrap();
        assert_eq!(case_of(&world, case).await.state.as_str(), "open");
        let answered = approvals::get(&mut world.house.db.read().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!((answered.state, answered.answer.as_str()), (ApprovalState::Refused, "look at the label again"));
        let twice = refusal(approval::approve(&world.house, &who("sue"), id, "").await);
        assert!(twice.contains("refused by sue: look at the label again"), "{twice}");

        let (case, id) = refuse_acme(&world, "item-2").await;
        approval::refuse(&world.house, &who("ann"), id, "my mistake").await.unwrap();
        assert_eq!(state_of(&world, id).await, ApprovalState::Void, "taken back");
        assert_eq!(case_of(&world, case).await.state.as_str(), "open");
    }

    async fn asking_twice_is_asking_once_and_asking_otherwise_replaces(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, id) = refuse_acme(&world, "item-1").await;
        let other = Act::Keep(KeepReason::Genuine);
        let newer = act(&world, &who("ann"), case, other).await.unwrap().waits.unwrap().approval;
        assert_ne!(newer, id);
        assert_eq!(state_of(&world, id).await, ApprovalState::Void);
        approval::approve(&world.house, &who("sue"), newer, "").await.unwrap();
    }

    async fn of_two_who_approve_at_once_one_does(url: &str) {
        let world = World::with_set_clock(url).await;
        add_sid(&world).await;
        for n in 1..=4 {
            let (case, id) = refuse_acme(&world, &format!("item-{n}")).await;
            let both = ["sue", "sid", "sue", "sid"].map(|name| {
                let world = world.clone();
                tokio::spawn(async move { approval::approve(&world.house, &who(name), id, "").await })
            });
            let mut approved = 0;
            for one in both {
                match one.await.unwrap() {
                    Ok(_) => approved += 1,
                    refused => assert!(refusal(refused).contains("it is approved")),
                }
            }
            assert_eq!(approved, 1);
            assert_eq!(case_of(&world, case).await.state.as_str(), "kept");
        }
    }

    async fn a_requester_who_may_not_decide_any_more_gets_nothing_approved(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, id) = refuse_acme(&world, "item-1").await;
        operator::disable(&world.house, &who("adam"), who("ann").id()).await.unwrap();
        let why = refusal(approval::approve(&world.house, &who("sue"), id, "").await);
        assert!(why.contains("ann is no operator"), "{why}");
        assert!(!case_of(&world, case).await.state.is_decided());
        assert_eq!(state_of(&world, id).await, ApprovalState::Pending, "nothing half-done");
    }

    async fn a_colleagues_decision_is_taken_back_by_two(url: &str) {
        let world = World::with_set_clock(url).await;
        add_sid(&world).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, &who("ann"), case, REMOVE).await.unwrap();
        settle(&world).await;
        for name in ["ann", "sue"] {
            operator::set_team(&world.house, &who("adam"), who(name).id(), Some("shoes")).await.unwrap();
        }
        assert!(refusal(operator::set_team(&world.house, &who("ann"), who("ann").id(), None).await).contains("may not"));
        let waits = act(&world, &who("sue"), case, Act::Undo).await.unwrap().waits.expect("two");
        assert_eq!(waits.cause, Cause::OwnTeam);
        assert_eq!(case_of(&world, case).await.state.as_str(), "removed", "it stands meanwhile");
        let same = act(&world, &who("sue"), case, Act::Undo).await.unwrap().waits.unwrap();
        assert_eq!(same.approval, waits.approval, "asked twice is asked once");
        approval::approve(&world.house, &who("sid"), waits.approval, "").await.unwrap();
        assert_eq!(case_of(&world, case).await.state.as_str(), "open");

        let other = world.report("n2", &["item-2"]).await[0];
        act(&world, &who("ann"), other, REMOVE).await.unwrap();
        assert_eq!(act(&world, &who("sue"), other, Act::Undo).await.unwrap().waits, None, "in the grace window");
        act(&world, &who("ann"), other, REMOVE).await.unwrap();
        settle(&world).await;
        assert_eq!(act(&world, &who("sid"), other, Act::Undo).await.unwrap().waits, None, "of no team");
        act(&world, &who("ann"), other, REMOVE).await.unwrap();
        settle(&world).await;
        assert_eq!(act(&world, &who("ann"), other, Act::Undo).await.unwrap().waits, None, "one's own");
    }

    async fn more_listings_than_one_may_decide_are_decided_by_two_all_or_none(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.batch_max = 3;
        let cases = world.report("n1", &["item-1", "item-2", "item-3", "item-4", "item-5"]).await;
        let asked = |versions: i64| -> Vec<Request> {
            let of = |case: &CaseId| Request { case: *case, version: Some(versions), act: REMOVE, note: "one gang".into() };
            cases.iter().map(of).collect()
        };
        let house = &world.house;
        let stale = refusal(group::decide(house, &who("ann"), &asked(9)).await);
        assert!(stale.contains("changed"), "{stale}");
        let Together::Waits(waits) = group::decide(house, &who("ann"), &asked(1)).await.unwrap() else { panic!() };
        assert_eq!(waits.cause, Cause::ManyListings);
        assert_eq!(waiting(&world).await, BTreeSet::from_iter(cases.clone()), "each of them says so");
        act(&world, &who("bob"), cases[4], Act::Keep(KeepReason::Genuine)).await.unwrap();
        let why = refusal(approval::approve(house, &who("sue"), waits.approval, "").await);
        assert!(why.contains("changed since"), "{why}");
        for case in &cases[..4] {
            assert_eq!(case_of(&world, *case).await.state.as_str(), "open", "none is decided");
        }
        assert!(waiting(&world).await.is_empty(), "the request is void");
        let four = &asked(1)[..4];
        let Together::Waits(waits) = group::decide(house, &who("ann"), four).await.unwrap() else { panic!() };
        assert_eq!(waiting(&world).await, BTreeSet::from_iter(cases[..4].to_vec()));
        approval::approve(house, &who("sue"), waits.approval, "").await.unwrap();
        for case in &cases[..4] {
            assert_eq!(case_of(&world, *case).await.state.as_str(), "removed");
        }
        act(&world, &who("ann"), cases[0], Act::Undo).await.unwrap();
        assert_eq!(case_of(&world, cases[1]).await.state.as_str(), "removed", "each can be undone alone");

        let three = [Request { case: cases[0], version: None, act: KEEP, note: String::new() }];
        let Together::Done(done) = group::decide(house, &who("ann"), &three).await.unwrap() else { panic!() };
        assert!(done[0].is_ok(), "few are done at once");
        let twice: Vec<_> = [&asked(1)[..4], &asked(1)[..1]].concat();
        assert!(refusal(group::decide(house, &who("ann"), &twice).await).contains("named twice"));
        let mut mixed = asked(1);
        mixed[2].act = KEEP;
        assert!(refusal(group::decide(house, &who("ann"), &mixed).await).contains("alike"));
    }

    async fn a_request_whose_words_were_changed_is_not_approved(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, id) = refuse_acme(&world, "item-1").await;
        tamper(url, &format!("UPDATE approvals SET request = replace(request, 'weak_evidence', 'genuine') WHERE id = '{id}'")).await;
        let outcome = approval::approve(&world.house, &who("sue"), id, "").await.unwrap_err().to_string();
        assert!(outcome.contains("hash"), "{outcome}");
        assert!(!case_of(&world, case).await.state.is_decided());
    }
}
