//! The Joint-Force path: at once, without a moderator, sampled afterwards, and stopped when it goes wrong.

use jointforce_shared::{
    commands::{
        Actor, approval, automatic, operator,
        trust::{invite, manager},
    },
    domain::{
        approval::Cause,
        automatic::{Guarded, Rule},
        brand::Tier,
        case::State,
        decision::Verdict,
        notice::RawNotice,
        operator::Role,
        page::PageKind,
        quality::SampleKind,
        time::Time,
    },
    store::{cases, decisions, effects, pages, samples},
};

use super::*;
use crate::store::on_both;

fn attested(reference: &str, from: usize, to: usize) -> RawNotice {
    RawNotice { attest: true, ..notice(reference, from, to) }
}

/// A world with newco in Joint-Force.
async fn joint_force(url: &str) -> World {
    let world = with_newco(url, Tier::GoodFaith).await;
    enter_joint_force(&world).await;
    world
}

async fn enter_joint_force(world: &World) {
    invite(&world.house, &who("adam"), &newco(), true, "a partner").await.unwrap();
    manager(&world.house, &who("adam"), &newco(), Some(&"bob".parse().unwrap())).await.unwrap();
    assert_eq!(tier(world).await, Tier::JointForce);
}

async fn file(world: &World, raw: RawNotice) -> Vec<CaseId> {
    use jointforce_shared::commands::notice::Filed;
    match world.file(&[raw]).await.remove(0) {
        Filed::New { cases, .. } => cases,
        other => panic!("not filed: {other:?}"),
    }
}

/// How many of the cases are removed.
async fn removed(world: &World, cases: &[CaseId]) -> usize {
    let mut conn = world.house.db.read().await.unwrap();
    let mut removed = 0;
    for id in cases {
        let case = cases::get(&mut conn, *id).await.unwrap().unwrap();
        removed += usize::from(matches!(case.state, State::Decided { verdict: Verdict::Remove(_), .. }));
    }
    removed
}

on_both! {
    async fn what_a_joint_force_brand_attests_is_removed_at_once_and_marked_as_automated(url: &str) {
        let world = joint_force(url).await;
        let cases = file(&world, attested("n1", 0, 3)).await;
        assert_eq!(removed(&world, &cases).await, 3);
        let mut conn = world.house.db.read().await.unwrap();
        let case = cases::get(&mut conn, cases[0]).await.unwrap().unwrap();
        let (_, decision) = case.state.decision().unwrap();
        let decision = decisions::get_many(&mut conn, &[decision]).await.unwrap().remove(0);
        assert!(decision.automated);
        assert_eq!(decision.by.as_str(), "automatic:attested");
        let told = effects::list(&mut conn, None, None, 100).await.unwrap();
        let removals: Vec<_> = told.iter().filter(|effect| effect.kind == "remove_listing").collect();
        assert_eq!(removals.len(), 3);
        assert!(removals.iter().all(|effect| effect.due <= world.house.clock.now()), "nobody is waited for");
        drop(conn);
        // A resend does nothing twice; a second notice on a listing that is down is answered with the decision.
        file(&world, attested("n2", 0, 1)).await;
        assert_eq!(times(&world, "case.decided").await, 3);
        // Its record grows by it.
        sweep(&world).await;
        let shown = trust::show(&world.house, &newco()).await.unwrap().track;
        assert_eq!((shown.instants.total, shown.overall().accepted), (3, 4));
    }

    async fn a_case_that_is_open_already_goes_too_and_a_desks_does_not(url: &str) {
        let world = joint_force(url).await;
        let open = file(&world, notice("n1", 0, 2)).await;
        assert_eq!(removed(&world, &open).await, 0, "not attested");
        let desk = jointforce_shared::domain::escalation::Desk::Legal;
        let escalate = Request { case: open[1], version: None, act: Act::Escalate { desk, urgent: false }, note: "court".into() };
        case::act(&world.house, &who("ann"), &escalate).await.unwrap();
        file(&world, attested("n2", 0, 2)).await;
        assert_eq!(removed(&world, &open[..1]).await, 1);
        assert_eq!(removed(&world, &open[1..]).await, 0, "legal has it");
    }

    async fn nobody_elses_word_is_enough(url: &str) {
        let mut world = with_newco(url, Tier::GoodFaith).await;
        let cases = file(&world, attested("n1", 0, 1)).await;
        assert_eq!(removed(&world, &cases).await, 0, "good faith is not Joint-Force");
        enter_joint_force(&world).await;
        let other = RawNotice { reason: "trademark_in_listing".into(), ..attested("n2", 1, 2) };
        let cases = file(&world, other).await;
        assert_eq!(removed(&world, &cases).await, 0, "the brand alone can't tell lawful use of its mark");
        world.house.policy.automatic.on = false;
        let cases = file(&world, attested("n3", 2, 3)).await;
        assert_eq!(removed(&world, &cases).await, 0, "switched off");
    }

    async fn a_share_comes_back_for_a_second_look(url: &str) {
        let mut world = joint_force(url).await;
        world.house.policy.automatic.sample_percent = 100;
        file(&world, attested("n1", 0, 10)).await;
        world.house.policy.automatic.sample_percent = 0;
        file(&world, attested("n2", 10, 20)).await;
        let sampled = samples::open(&mut world.house.db.read().await.unwrap(), &[SampleKind::Automatic], 100).await.unwrap();
        assert_eq!(sampled.len(), 10);
        assert!(sampled.iter().all(|sample| sample.decided_by.as_str() == "automatic:attested"));
    }

    async fn a_breaker_trips_by_rate_pages_and_is_closed_by_two(url: &str) {
        let mut world = joint_force(url).await;
        world.house.policy.automatic.brand_an_hour = 5;
        let house = world.house.clone();
        let guarded = Guarded::Brand(newco());
        let cases = file(&world, attested("n1", 0, 8)).await;
        assert_eq!(removed(&world, &cases).await, 5, "the rest waits for moderators");
        assert_eq!(times(&world, "breaker.tripped").await, 1);
        let page = pages::unresolved(&mut house.db.read().await.unwrap(), "breaker:brand:newco").await.unwrap().unwrap();
        assert_eq!(page.kind, PageKind::Breaker);
        // It stays stopped, however much time passes, until a person has looked.
        world.pass(Time::DAY);
        let cases = file(&world, attested("n2", 10, 12)).await;
        assert_eq!(removed(&world, &cases).await, 0);
        assert!(refusal(automatic::close(&house, &who("ann"), &guarded, "looked").await).contains("may not overturn"));
        let waits = automatic::close(&house, &who("sue"), &guarded, "a sale, all fakes").await.unwrap();
        assert_eq!(waits.cause, Cause::AutomaticPath);
        let cases = file(&world, attested("n3", 12, 14)).await;
        assert_eq!(removed(&world, &cases).await, 0, "nothing goes on before a second person said so");
        assert!(refusal(approval::approve(&house, &who("sue"), waits.approval, "").await).contains("yourself"));
        approval::approve(&house, &sid(&world).await, waits.approval, "").await.unwrap();
        assert!(refusal(automatic::close(&house, &who("sue"), &guarded, "again").await).contains("is not stopped"));
        assert_eq!(times(&world, "breaker.closed").await, 1);
        let cases = file(&world, attested("n4", 14, 16)).await;
        assert_eq!(removed(&world, &cases).await, 2);
        let page = pages::unresolved(&mut house.db.read().await.unwrap(), "breaker:brand:newco").await.unwrap();
        assert!(page.is_none(), "the page is resolved with it");
    }

    async fn a_breaker_trips_when_too_many_removals_fall(url: &str) {
        let world = joint_force(url).await;
        let cases = file(&world, attested("n1", 0, 20)).await;
        act(&world, "sue", &cases[..2], &Act::Undo).await;
        assert_eq!(removed(&world, &file(&world, attested("n2", 20, 21)).await).await, 1);
        act(&world, "sue", &cases[2..3], &Act::Undo).await;
        assert_eq!(removed(&world, &file(&world, attested("n3", 21, 23)).await).await, 0);
        let tripped = async || {
            let breakers = automatic::list(&world.house).await.unwrap();
            let open = breakers.into_iter().filter(|breaker| breaker.tripped.is_some());
            open.map(|breaker| breaker.guarded.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(tripped().await, ["brand:newco"]);
        let_go(&world, Guarded::Brand(newco())).await;
        // Nobody else uses the rule, so its own breaker sees the same.
        assert_eq!(removed(&world, &file(&world, attested("n4", 23, 24)).await).await, 0);
        assert_eq!(tripped().await, ["rule:attested"]);
        let_go(&world, Guarded::Rule(Rule::Attested)).await;
        let cases = file(&world, attested("n5", 24, 25)).await;
        assert_eq!(removed(&world, &cases).await, 1, "what fell before was looked at");
    }

    async fn on_call_stops_the_path_by_hand(url: &str) {
        let world = joint_force(url).await;
        let guarded = Guarded::Rule(Rule::Attested);
        assert!(refusal(automatic::trip(&world.house, &who("ann"), &guarded, "r").await).contains("may not run effects"));
        automatic::trip(&world.house, &who("oda"), &guarded, "a wave of complaints").await.unwrap();
        assert_eq!(removed(&world, &file(&world, attested("n1", 0, 1)).await).await, 0);
        assert!(automatic::list(&world.house).await.unwrap()[0].tripped.is_some());
    }

    async fn a_path_that_nobody_agrees_to_let_go_stays_stopped(url: &str) {
        let world = joint_force(url).await;
        let (house, guarded) = (&world.house, Guarded::Rule(Rule::Attested));
        automatic::trip(house, &who("oda"), &guarded, "a wave of complaints").await.unwrap();
        let asked = automatic::close(house, &who("sue"), &guarded, "looked").await.unwrap();
        let same = automatic::close(house, &who("sue"), &guarded, "looked").await.unwrap();
        assert_eq!(same.approval, asked.approval, "asked twice is asked once");
        world.pass(Time::DAY);
        let late = refusal(approval::approve(house, &sid(&world).await, asked.approval, "").await);
        assert!(late.contains("nobody answered in time"), "{late}");
        assert!(automatic::list(house).await.unwrap()[0].tripped.is_some());
        let_go(&world, guarded.clone()).await;
        assert!(automatic::list(house).await.unwrap()[0].tripped.is_none());
        world.pass(1);
        automatic::trip(house, &who("oda"), &guarded, "another wave").await.unwrap();
        assert!(automatic::list(house).await.unwrap()[0].tripped.is_some(), "stopping waits for nobody");
    }
}

/// A second senior.
async fn sid(world: &World) -> Actor {
    let _ = operator::add(&world.house, &who("adam"), "sid".parse().unwrap(), "Sid", Role::Senior).await;
    who("sid")
}

/// Two seniors let a path go on.
async fn let_go(world: &World, guarded: Guarded) {
    let waits = automatic::close(&world.house, &who("sue"), &guarded, "looked").await.unwrap();
    approval::approve(&world.house, &sid(world).await, waits.approval, "").await.unwrap();
}
