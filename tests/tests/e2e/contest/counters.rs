//! Counter-notices from receipt to their end.

use jointforce_shared::{
    commands::{Actor, counter_notice, operator, sweep},
    domain::{
        counter_notice::{Answer, CounterState},
        decision::RemoveReason,
        operator::Role,
        time::Time,
    },
    store::{audit, counter_notices, decisions, effects},
};

use jointforce_tests::{
    servers::postgres_database,
    sql::waiting_for_locks,
    wait::{SOON, until},
};
use sqlx::{Connection as _, PgConnection};

use super::*;
use crate::store::on_both;

on_both! {
    async fn silence_puts_the_listing_back_in_its_window_and_not_before(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        assert_eq!(strikes(&world).await, 1);
        let counter = received(&world, &contest("c1", "item-1")).await;
        let sent = counter_of(&world, counter).await;
        assert_eq!(sent.state, CounterState::Forwarded);
        let left = sent.said.not_before.since(world.house.clock.now());
        assert!(left >= 10 * Time::DAY, "10 business days are more than 10 days on the wall");
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 0);
        world.pass(left - 1);
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 0);
        assert_eq!(decided(&case_of(&world, case).await), ("removed", "counterfeit_listing"));
        world.pass(1);
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 1);
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 0);

        let back = case_of(&world, case).await;
        assert_eq!(decided(&back), ("kept", "counter_upheld"));
        assert_eq!(strikes(&world).await, 0, "the points are lifted");
        let ended = counter_of(&world, counter).await;
        assert_eq!((ended.state, ended.answer), (CounterState::PutBack, Some(Answer::Silent)));
        let mut conn = world.house.db.read().await.unwrap();
        let (_, decision) = back.state.decision().unwrap();
        let decision = decisions::get_many(&mut conn, &[decision]).await.unwrap().pop().unwrap();
        assert!(decision.automated && decision.by.as_str() == "automatic:put_back", "{decision:?}");
        let record = counter_notices::record_of(&mut conn, &acme(), Time(0)).await.unwrap();
        let counts: Vec<_> = record.values().map(|r| (r.received, r.upheld, r.withdrawn_after_counter)).collect();
        assert_eq!(counts, [(1, 1, 0)]);
        // The clock stands at each step, and ids drawn in one millisecond have no order.
        let did: Vec<String> = audit::of_case(&mut conn, case).await.unwrap().into_iter().map(|e| e.action).collect();
        for action in ["counter.forwarded", "counter.put_back", "case.reinstated"] {
            assert_eq!(did.iter().filter(|done| *done == action).count(), 1, "{action}: {did:?}");
        }
        drop(conn);
        assert_invariants(&world).await;
    }

    async fn a_suit_stops_the_clock_until_the_brand_gives_way(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        world.pass(5 * Time::DAY);
        assert_eq!(answer(&world, counter, &says("sue")).await.unwrap().state, CounterState::Sued);
        assert!(answer(&world, counter, &says("sue")).await.unwrap().same, "a resend");
        let other = RawAnswer { number: "2:26-cv-9".into(), ..says("sue") };
        assert!(refusal(answer(&world, counter, &other).await).contains("already"));
        world.pass(100 * Time::DAY);
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 0);
        assert_eq!(case_of(&world, case).await.state.as_str(), "removed");
        assert_eq!(counter_of(&world, counter).await.suit.unwrap().court, "S.D.N.Y.");
        answer(&world, counter, &says("accept")).await.unwrap();
        assert_eq!(decided(&case_of(&world, case).await), ("kept", "counter_upheld"));
        assert_invariants(&world).await;
    }

    async fn a_court_that_finds_for_the_brand_ends_it(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        assert!(refusal(answer(&world, counter, &says("reject")).await).contains("alone does not stop it"));
        answer(&world, counter, &says("sue")).await.unwrap();
        assert_eq!(answer(&world, counter, &says("reject")).await.unwrap().state, CounterState::Rejected);
        assert_eq!((case_of(&world, case).await.state.as_str(), strikes(&world).await), ("removed", 1));
        let mut conn = world.house.db.read().await.unwrap();
        let record = counter_notices::record_of(&mut conn, &acme(), Time(0)).await.unwrap();
        assert_eq!(record.values().map(|r| (r.upheld, r.rejected)).collect::<Vec<_>>(), [(0, 1)]);
    }

    async fn a_brand_that_gives_way_brings_all_back_at_once(url: &str) {
        let world = dmca(url).await;
        for (n, (says_what, reason)) in [("accept", "counter_upheld"), ("withdraw", "withdrawn")].into_iter().enumerate() {
            let listing = format!("item-{}", n + 1);
            let case = removed(&world, &format!("n{n}"), &listing).await;
            let counter = received(&world, &contest(&format!("c{n}"), &listing)).await;
            let answered = answer(&world, counter, &says(says_what)).await.unwrap();
            assert_eq!((answered.state, answered.same), (CounterState::PutBack, false));
            assert_eq!(decided(&case_of(&world, case).await), ("kept", reason));
            assert!(answer(&world, counter, &says(says_what)).await.unwrap().same);
            assert!(refusal(answer(&world, counter, &says("sue")).await).contains("closed"));
        }
        assert_eq!(strikes(&world).await, 0);
        let mut conn = world.house.db.read().await.unwrap();
        let record = counter_notices::record_of(&mut conn, &acme(), Time(0)).await.unwrap();
        let counts: Vec<_> =
            record.values().map(|r| (r.received, r.upheld, r.withdrawn, r.withdrawn_after_counter)).collect();
        assert_eq!(counts, [(2, 1, 1, 1)]);
        let later = world.house.clock.now() + Duration::from_secs(1);
        assert!(counter_notices::record_of(&mut conn, &acme(), later).await.unwrap().is_empty());
        drop(conn);
        assert_invariants(&world).await;
    }

    async fn however_many_workers_sweep_each_window_ends_once(url: &str) {
        let world = dmca(url).await;
        let mut all = vec![];
        for n in 1..=6 {
            let listing = format!("item-{n}");
            all.push((removed(&world, &format!("n{n}"), &listing).await, received(&world, &contest(&listing, &listing)).await));
        }
        world.pass(20 * Time::DAY);
        let sweeps = (0..8).map(|_| {
            let house = world.house.clone();
            tokio::spawn(async move { sweep::put_back(&house).await.unwrap() })
        });
        let mut ended = 0;
        for sweep in sweeps.collect::<Vec<_>>() {
            ended += sweep.await.unwrap();
        }
        // Who lost a race leaves it to the next sweep.
        ended += sweep::put_back(&world.house).await.unwrap();
        assert_eq!(ended, 6);
        let mut conn = world.house.db.read().await.unwrap();
        for (case, counter) in all {
            assert_eq!(counter_of(&world, counter).await.state, CounterState::PutBack);
            let reinstated = audit::of_case(&mut conn, case).await.unwrap();
            assert_eq!(reinstated.iter().filter(|event| event.action == "case.reinstated").count(), 1);
            let restored = effects::of_case(&mut conn, case).await.unwrap();
            assert!(restored.iter().filter(|effect| effect.kind == "restore_listing").count() <= 1);
        }
    }

    async fn under_european_law_silence_and_contest_bring_it_before_another_person(url: &str) {
        let world = eu(url).await;
        let (silent, contested) = (removed(&world, "n1", "item-1").await, removed(&world, "n2", "item-2").await);
        let first = received(&world, &contest("c1", "item-1")).await;
        let second = received(&world, &contest("c2", "item-2")).await;
        assert_eq!(answer(&world, second, &says("reject")).await.unwrap().state, CounterState::Contested);
        assert!(is_appealed(&case_of(&world, contested).await));
        world.pass(10 * Time::DAY);
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 1);
        assert_eq!(counter_of(&world, first).await.state, CounterState::Contested);
        assert_eq!(case_of(&world, silent).await.state.as_str(), "appealed", "a machine puts nothing back here");

        assert!(refusal(act(&world, "ann", silent, KEEP).await).contains("is yours"));
        let machine = Actor::automatic("anything");
        let request = Request { case: silent, version: None, act: KEEP, note: String::new() };
        assert!(refusal(case::act(&world.house, &machine, &request).await).contains("no person"));
        act(&world, "bob", silent, Act::Keep(KeepReason::Genuine)).await.unwrap();
        act(&world, "bob", contested, Act::Remove(RemoveReason::ImproperUse)).await.unwrap();
        assert_eq!(decided(&case_of(&world, silent).await), ("kept", "genuine"));
        assert_eq!(decided(&case_of(&world, contested).await), ("removed", "counterfeit_listing"), "the decision stands");
        assert_eq!(counter_of(&world, first).await.state, CounterState::PutBack);
        assert_eq!(counter_of(&world, second).await.state, CounterState::Rejected);
        // The second chance, and the third, each before somebody who has not judged it; there is no fourth.
        let others = ["sue", "sid"];
        operator::add(&world.house, &who("adam"), "sid".parse().unwrap(), "Sid", Role::Senior).await.unwrap();
        for chance in 2..=4 {
            let again = receive(&world, &contest(&format!("c2-{chance}"), "item-2")).await;
            match (chance, again) {
                (2 | 3, Received::New { counter, .. }) => {
                    answer(&world, counter, &says("reject")).await.unwrap();
                    // Whoever ruled on it before has judged it already, and is not handed it either.
                    assert!(refusal(act(&world, "bob", contested, REMOVE).await).contains("bob ruled on this decision before"));
                    let bob = Act::HandOver { to: "bob".parse().unwrap() };
                    assert!(refusal(act(&world, "sue", contested, bob).await).contains("ruled on this decision before"));
                    act(&world, others[chance - 2], contested, REMOVE).await.unwrap();
                    assert_eq!(counter_of(&world, counter).await.state, CounterState::Rejected);
                }
                (4, Received::Refused(refused)) => assert!(refused.to_string().contains("all 3"), "{refused}"),
                (_, other) => panic!("{chance}: {other:?}"),
            }
        }
        assert_invariants(&world).await;
    }

    async fn a_decision_taken_back_leaves_nothing_to_contest(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        act(&world, "ann", case, Act::Undo).await.unwrap();
        let closed = counter_of(&world, counter).await;
        assert_eq!((closed.state, closed.answer), (CounterState::PutBack, None));
        world.pass(30 * Time::DAY);
        assert_eq!(sweep::put_back(&world.house).await.unwrap(), 0);
        let mut conn = world.house.db.read().await.unwrap();
        let record = counter_notices::record_of(&mut conn, &acme(), Time(0)).await.unwrap();
        assert_eq!(record.values().map(|r| (r.received, r.upheld)).collect::<Vec<_>>(), [(1, 0)], "nobody upheld it");
    }

    async fn a_seller_may_take_it_back(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        let stranger = Actor::seller(&"other".parse().unwrap(), "portal");
        assert!(refusal(counter_notice::take_back(&world.house, &stranger, counter).await).contains("may not speak for"));
        let shop = Actor::seller(&"shop".parse().unwrap(), "portal");
        let taken = counter_notice::take_back(&world.house, &shop, counter).await.unwrap();
        assert_eq!(taken.state, CounterState::Withdrawn);
        assert!(refusal(counter_notice::take_back(&world.house, &shop, counter).await).contains("closed"));
        assert_eq!(case_of(&world, case).await.state.as_str(), "removed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_taken_back_while_it_is_contested_leaves_nothing_to_contest() {
    let database = postgres_database().await;
    let world = dmca(&database.url).await;
    let case = removed(&world, "n1", "item-1").await;
    let mut other = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE counter_notices IN SHARE ROW EXCLUSIVE MODE").execute(&mut other).await.unwrap();
    let contesting = {
        let world = world.clone();
        tokio::spawn(async move { receive(&world, &contest("c1", "item-1")).await })
    };
    until(SOON, "it has seen what it contests", async || waiting_for_locks(&world.house.db).await == 1).await;
    assert_eq!(act(&world, "ann", case, Act::Undo).await.unwrap().state, "open");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    let answer = contesting.await.unwrap();
    assert!(matches!(&answer, Received::Refused(refused) if refused.to_string().contains("listing")), "{answer:?}");
    let mut conn = world.house.db.read().await.unwrap();
    assert!(counter_notices::of_case(&mut conn, case).await.unwrap().is_empty());
}
