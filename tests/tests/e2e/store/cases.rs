//! What moderators do to cases.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor, Error,
        case::{self, Act, Acted, Request},
        operator, sweep,
    },
    domain::{
        case::State,
        decision::{KeepReason, RemoveReason},
        effect::EffectState,
        ids::CaseId,
        operator::Role,
        skip::SkipReason,
        time::Time,
    },
    store::{self, audit, brands, cases, effects, queue, sellers, statements},
};
use jointforce_tests::world::{World, who};

use super::on_both;

async fn act(world: &World, actor: &Actor, case: CaseId, version: Option<i64>, act: Act) -> Result<Acted, Error> {
    case::act(&world.house, actor, &Request { case, version, act, note: String::new() }).await
}

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);

fn refusal(outcome: Result<Acted, Error>) -> String {
    match outcome {
        Err(Error::Refused(refused)) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

on_both! {
    async fn a_decision_writes_its_record_strike_effects_and_audit_event_together(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let acted = act(&world, &who("ann"), case, Some(1), REMOVE).await.unwrap();
        assert_eq!((acted.state, acted.version), ("removed", 2));
        let mut conn = world.house.db.read().await.unwrap();
        let found = effects::of_case(&mut conn, case).await.unwrap();
        assert_eq!(found.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["remove_listing", "level_seller"]);
        assert!(found.iter().all(|effect| effect.due == acted.grace_until.unwrap()));
        assert_eq!(sellers::strikes(&mut conn, [&"shop".parse().unwrap()]).await.unwrap().len(), 1);
        let timeline = audit::of_case(&mut conn, case).await.unwrap();
        assert_eq!(timeline.last().unwrap().action, "case.decided");
        assert_eq!(timeline.last().unwrap().actor, "ann");
        let brand = brands::get(&mut conn, &"acme".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(brand.record.accepted, 96);
        let State::Decided { decision, .. } = cases::get(&mut conn, case).await.unwrap().unwrap().state else { panic!() };
        let decision = store::decisions::get_many(&mut conn, &[decision]).await.unwrap().pop().unwrap();
        let statement = statements::of_decision(&mut conn, decision.id).await.unwrap().remove(0);
        let ground = statement.content.illegal_content_legal_ground.unwrap();
        assert!(ground.contains("acme-tm-0001"), "the statement names the right: {ground}");
        assert!(queue::page(&mut conn, &queue::Filter::default(), None, 10).await.unwrap().is_empty());
    }

    async fn a_case_that_a_new_tier_moved_meanwhile_is_not_put_back_to_its_old_place(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let mut tx = world.house.db.write().await.unwrap();
        let mut read = cases::get(&mut tx, case).await.unwrap().unwrap();
        let due = Time(read.due.0 - Time::HOUR);
        assert_eq!(cases::move_all_of(&mut tx, &read.brand, Time::DAY, due).await.unwrap(), 1);
        assert!(cases::save(&mut tx, &mut read).await.unwrap_err().is_race());
        let mut moved = cases::get(&mut tx, case).await.unwrap().unwrap();
        assert_eq!((moved.rank, moved.due), (read.rank - Time::DAY - Time::HOUR, due));
        cases::save(&mut tx, &mut moved).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn of_many_who_decide_one_case_at_once_one_does(url: &str) {
        let world = World::new(url).await;
        for n in 1..=5 {
            let case = world.report(&format!("n{n}"), &[&format!("item-{n}")]).await[0];
            let tries = ["ann", "bob", "sue", "ann", "bob"].map(|name| {
                let world = world.clone();
                tokio::spawn(async move { act(&world, &who(name), case, Some(1), REMOVE).await })
            });
            let mut decided = 0;
            for attempt in tries {
                match attempt.await.unwrap() {
                    Ok(_) => decided += 1,
                    Err(Error::Refused(refused)) => assert!(refused.to_string().contains("already decided"), "{refused}"),
                    Err(Error::Changed(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            assert_eq!(decided, 1);
        }
        let strikes = sellers::strikes(&mut world.house.db.read().await.unwrap(), [&"shop".parse().unwrap()]).await.unwrap();
        assert_eq!(strikes.len(), 5);
    }

    async fn a_case_that_changed_since_it_was_seen_is_not_decided(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        world.report("n2", &["item-1"]).await;
        let outcome = act(&world, &who("ann"), case, Some(1), REMOVE).await;
        assert!(matches!(outcome, Err(Error::Changed(_))), "{outcome:?}");
        act(&world, &who("ann"), case, Some(2), REMOVE).await.unwrap();
    }

    async fn a_lease_keeps_others_out_until_it_ends(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        assert_eq!(case::lease(&world.house, &who("ann"), &[case]).await.unwrap(), [case]);
        assert!(case::lease(&world.house, &who("bob"), &[case]).await.unwrap().is_empty());
        assert!(refusal(act(&world, &who("bob"), case, Some(1), REMOVE).await).contains("ann is on it"));
        assert_eq!(case::lease(&world.house, &who("ann"), &[case]).await.unwrap(), [case], "the heartbeat");
        case::release(&world.house, &who("ann"), None).await.unwrap();
        assert_eq!(case::lease(&world.house, &who("bob"), &[case]).await.unwrap(), [case]);
        let mut short = world.house.clone();
        short.policy.lease = Duration::ZERO;
        case::release(&world.house, &who("bob"), None).await.unwrap();
        case::lease(&short, &who("bob"), &[case]).await.unwrap();
        assert_eq!(case::lease(&world.house, &who("ann"), &[case]).await.unwrap(), [case], "bob's ended at once");
    }

    async fn a_report_that_comes_meanwhile_takes_the_case_out_of_nobodys_hands(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let mut read = cases::get(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
        assert_eq!(case::lease(&world.house, &who("ann"), &[case]).await.unwrap(), [case]);
        let mut tx = world.house.db.write().await.unwrap();
        cases::save(&mut tx, &mut read).await.unwrap();
        tx.commit().await.unwrap();
        assert!(case::lease(&world.house, &who("bob"), &[case]).await.unwrap().is_empty(), "ann has it");
        act(&world, &who("ann"), case, Some(2), REMOVE).await.unwrap();
        let decided = cases::get(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
        assert_eq!(decided.lease, None);
    }

    async fn undo_inside_the_grace_window_cancels_everything(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, &who("ann"), case, Some(1), REMOVE).await.unwrap();
        let undone = act(&world, &who("ann"), case, None, Act::Undo).await.unwrap();
        assert_eq!((undone.state, undone.compensated), ("open", false));
        let mut conn = world.house.db.read().await.unwrap();
        let found = effects::of_case(&mut conn, case).await.unwrap();
        assert_eq!(
            found.iter().map(|e| (e.kind.as_str(), e.state)).collect::<Vec<_>>(),
            [
                ("remove_listing", EffectState::Cancelled),
                ("level_seller", EffectState::Cancelled),
                ("level_seller", EffectState::Due),
            ]
        );
        assert!(sellers::strikes(&mut conn, [&"shop".parse().unwrap()]).await.unwrap().is_empty());
        let brand = brands::get(&mut conn, &"acme".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(brand.record.accepted, 95);
        let again = cases::get(&mut conn, case).await.unwrap().unwrap();
        assert_eq!((again.claims, again.round), (1, 2));
        act(&world, &who("bob"), case, Some(again.version), Act::Keep(KeepReason::Genuine)).await.unwrap();
    }

    async fn only_the_decider_or_a_senior_takes_a_decision_back(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, &who("ann"), case, Some(1), REMOVE).await.unwrap();
        assert!(refusal(act(&world, &who("bob"), case, None, Act::Undo).await).contains("ann decided it"));
        act(&world, &who("sue"), case, None, Act::Undo).await.unwrap();
    }

    async fn a_refused_claim_is_told_to_the_brand(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, &who("ann"), case, Some(1), Act::Keep(KeepReason::WeakEvidence)).await.unwrap();
        let mut conn = world.house.db.read().await.unwrap();
        let found = effects::of_case(&mut conn, case).await.unwrap();
        assert_eq!(found.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["mail_brand"]);
        let brand = brands::get(&mut conn, &"acme".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(brand.record.refused, 6);
        drop(conn);
        assert_eq!(world.report("n2", &["item-1"]).await, [case], "another notice opens the same case again");
        let case = cases::get(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
        assert_eq!((case.state.as_str(), case.round, case.claims), ("open", 2, 1));
    }

    async fn a_notice_about_a_listing_on_its_way_down_does_not_keep_it_up(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, &who("ann"), case, Some(1), REMOVE).await.unwrap();
        assert_eq!(world.report("n2", &["item-1"]).await, [case]);
        let mut conn = world.house.db.read().await.unwrap();
        assert_eq!(cases::get(&mut conn, case).await.unwrap().unwrap().state.as_str(), "removed");
        let claims = store::notices::claims_of(&mut conn, case).await.unwrap();
        assert!(claims.iter().all(|claim| claim.state == "accepted"), "{claims:?}");
    }

    async fn a_hold_keeps_the_case_and_ends_by_itself(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let hold = Act::Hold { span: Duration::from_secs(3600), reason: "asking the brand".into() };
        act(&world, &who("ann"), case, Some(1), hold).await.unwrap();
        assert!(refusal(act(&world, &who("bob"), case, Some(2), REMOVE).await).contains("ann holds it"));
        assert_eq!(sweep::end_holds(&world.house, &Actor::program("worker")).await.unwrap(), 0);
        world.pass(2 * Time::HOUR);
        assert_eq!(sweep::end_holds(&world.house, &Actor::program("worker")).await.unwrap(), 1);
        act(&world, &who("bob"), case, Some(3), REMOVE).await.unwrap();
    }

    async fn a_case_is_handed_to_a_named_decider_and_to_nobody_else(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        for nobody in ["eve", "stranger"] {
            let to = nobody.parse().unwrap();
            assert!(refusal(act(&world, &who("ann"), case, Some(1), Act::HandOver { to }).await).contains("to:"));
        }
        act(&world, &who("ann"), case, Some(1), Act::HandOver { to: "bob".parse().unwrap() }).await.unwrap();
        let mine = queue::Filter { of: Some("bob".parse().unwrap()), ..queue::Filter::default() };
        let rows = queue::page(&mut world.house.db.read().await.unwrap(), &mine, None, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
    }

    async fn a_role_decides_who_may_do_what(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        for name in ["oda", "eve", "adam", "stranger"] {
            refusal(act(&world, &who(name), case, Some(1), REMOVE).await);
        }
        let add = |by: &'static str| operator::add(&world.house, Box::leak(Box::new(who(by))), "new".parse().unwrap(), "New", Role::Admin);
        assert!(add("ann").await.is_err());
        add("adam").await.unwrap();
        operator::disable(&world.house, &who("adam"), who("ann").id()).await.unwrap();
        assert!(refusal(act(&world, &who("ann"), case, Some(1), REMOVE).await).contains("no operator"));
        assert!(operator::disable(&world.house, &who("adam"), who("adam").id()).await.is_err());
    }

    async fn a_note_and_a_skip_stay_on_the_record(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let note = Request { case, version: Some(1), act: Act::Note, note: "seller wrote in".into() };
        case::act(&world.house, &who("ann"), &note).await.unwrap();
        act(&world, &who("ann"), case, Some(1), Act::Skip(SkipReason::TooHard)).await.unwrap();
        let timeline = audit::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
        let actions: Vec<_> = timeline.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["notice.filed", "case.noted", "case.skipped"]);
        assert_eq!(timeline[1].body["note"], "seller wrote in");
        assert_eq!(timeline[2].body["reason"], "too_hard");
        assert!(refusal(act(&world, &who("ann"), case, Some(1), Act::Skip(SkipReason::Other)).await).contains("note:"));
    }
}
