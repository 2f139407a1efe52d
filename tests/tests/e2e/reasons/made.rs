//! No removal without its statement, and none that the register would not take.

use std::{sync::Arc, time::Duration};

use jointforce_shared::{
    clock::Clock,
    commands::{Error, House, case::Act, catalogue, statement},
    domain::{
        decision::KeepReason,
        ids::{CaseId, DecisionId},
        listing::ListingState,
        statement::{Measure, RegisterState},
        time::Time,
    },
    store::{audit, cases, listings, statements},
};
use jointforce_tests::{
    sql::execute,
    world::{World, listing, listing_id, seller},
};

use super::{Stage, act, decide};
use crate::store::on_both;

async fn decision(house: &House, case: CaseId) -> Option<DecisionId> {
    let state = cases::get(&mut house.db.read().await.unwrap(), case).await.unwrap().unwrap().state;
    state.decision().map(|(_, decision)| decision)
}

on_both! {
    async fn a_removal_has_a_statement_and_a_refusal_has_none(url: &str) {
        let stage = Stage::open(url).await;
        let cases = stage.world.report("n1", &["item-1", "item-2"]).await;
        decide(&stage.world, cases[0]).await.unwrap();
        act(&stage.world, cases[1], Act::Keep(KeepReason::Genuine)).await.unwrap();
        let kept = stage.all(RegisterState::Waiting).await;
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].case, kept[0].measure, kept[0].seller.as_str()), (Some(cases[0]), Measure::Listing, "shop"));
        assert_eq!(kept[0].decision, decision(&stage.world.house, cases[0]).await);
        assert_eq!(kept[0].content.puid, kept[0].id.to_string());
        let facts = &kept[0].content.decision_facts;
        for name in ["Shop shop", "shop@sellers.example", "Nora", "nora@acme.example"] {
            assert!(!serde_json::to_string(&kept[0].content).unwrap().contains(name), "{name}: {facts}");
        }
    }

    async fn a_decision_whose_statement_would_be_invalid_changes_nothing(url: &str) {
        let stage = Stage::open(url).await;
        let case = stage.world.report("n1", &["item-1"]).await[0];
        // The register's calendar ends in 2038.
        let late = Arc::new((2_200_000_000 * Time::SECOND).into());
        let mut world = stage.world.clone();
        world.house.clock = Clock::Set(late);
        let events = || async { audit::newest(&mut stage.world.house.db.read().await.unwrap(), None, 1000).await.unwrap().len() };
        let before = events().await;
        let Err(Error::Refused(refused)) = decide(&world, case).await else { panic!("it was decided") };
        assert_eq!(refused.faults[0].field, "statement.application_date", "{refused}");
        assert_eq!(stage.all(RegisterState::Waiting).await, []);
        assert_eq!((events().await, decision(&stage.world.house, case).await), (before, None));
        decide(&stage.world, case).await.unwrap();
    }

    async fn no_listing_goes_down_without_its_statement_whoever_decided(url: &str) {
        let stage = Stage::open(url).await;
        let case = stage.world.report("n1", &["item-1"]).await[0];
        decide(&stage.world, case).await.unwrap();
        let house = &stage.world.house;
        execute(&house.db, "UPDATE statements SET decision_id = 'somebody', measure = 'account'").await;
        let remove = || async {
            let mut tx = house.db.write().await.unwrap();
            let removed = listings::remove(&mut tx, [&listing_id("item-1")], house.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
            removed.len()
        };
        assert_eq!(remove().await, 0);
        let mut conn = house.db.read().await.unwrap();
        assert_eq!(listings::at_version(&mut conn, &listing_id("item-1"), 1).await.unwrap().unwrap().state, ListingState::Live);
        assert_eq!(statements::unexplained(&mut conn, 10).await.unwrap(), []);
        drop(conn);
        execute(&house.db, "UPDATE listings SET state = 'removed' WHERE id = 'item-1'").await;
        let found = statements::unexplained(&mut house.db.read().await.unwrap(), 10).await.unwrap();
        assert_eq!(found, [listing_id("item-1")], "a hand in the database is seen");
    }

    async fn an_undo_in_time_keeps_it_from_the_register_and_a_later_one_does_not(url: &str) {
        let mut stage = Stage::open(url).await;
        let case = stage.world.report("n1", &["item-1"]).await[0];
        decide(&stage.world, case).await.unwrap();
        stage.world.pass(5 * Time::SECOND);
        assert!(!act(&stage.world, case, Act::Undo).await.unwrap().compensated);
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches(), Vec::<usize>::new());
        assert_eq!(stage.all(RegisterState::Withdrawn).await.len(), 1);

        decide(&stage.world, case).await.unwrap();
        stage.wait();
        stage.send_all().await;
        act(&stage.world, case, Act::Undo).await.unwrap();
        stage.assert_all_taken(1).await;
    }

    async fn a_statement_waits_for_the_grace_window_and_the_policys_delay(url: &str) {
        let mut stage = Stage::open(url).await;
        let case = stage.world.report("n1", &["item-1"]).await[0];
        decide(&stage.world, case).await.unwrap();
        let policy = &stage.world.house.policy;
        let delay = i64::try_from((policy.grace + policy.reasons.send_after).as_micros()).unwrap();
        stage.world.pass(delay - 1);
        stage.send_all().await;
        assert_eq!(stage.register.batches(), Vec::<usize>::new());
        stage.world.pass(1);
        stage.send_all().await;
        assert_eq!(stage.register.batches(), [1]);
    }

    async fn what_concerns_no_country_of_the_register_is_told_but_not_sent(url: &str) {
        let mut stage = Stage::open(url).await;
        let import = World::import();
        let mut right = jointforce_tests::world::right("us-tm", "acme");
        right.jurisdiction = "US".into();
        let mut abroad = listing("abroad", "shop");
        abroad.territory = "US".into();
        catalogue::load_rights(&stage.world.house, &import, &[right]).await.unwrap();
        catalogue::load_sellers(&stage.world.house, &import, &[seller("shop")]).await.unwrap();
        catalogue::load_listings(&stage.world.house, &import, &[abroad]).await.unwrap();
        let mut notice = jointforce_tests::world::raw("us", &["abroad"]);
        notice.right = "us-tm".into();
        let filed = stage.world.file(&[notice]).await;
        let [jointforce_shared::commands::notice::Filed::New { cases, .. }] = &filed[..] else { panic!("{filed:?}") };
        decide(&stage.world, cases[0]).await.unwrap();
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches(), Vec::<usize>::new());
        assert_eq!(stage.all(RegisterState::Exempt).await.len(), 1);
    }

    async fn a_second_statement_for_one_removal_is_refused_by_the_schema(url: &str) {
        let stage = Stage::open(url).await;
        let case = stage.world.report("n1", &["item-1"]).await[0];
        decide(&stage.world, case).await.unwrap();
        let kept = stage.all(RegisterState::Waiting).await.remove(0);
        let mut again = kept.content.clone();
        let id = stage.world.house.clock.id(jointforce_shared::domain::ids::StatementId::from_ulid);
        again.puid = id.to_string();
        let made = jointforce_shared::domain::statement::Made {
            id,
            measure: kept.measure,
            seller: kept.seller,
            case: kept.case,
            decision: kept.decision,
            at: kept.made,
            due: kept.due + Duration::from_secs(1),
            content: again,
        };
        let mut tx = stage.world.house.db.write().await.unwrap();
        assert!(statement::add(&mut tx, &[made]).await.is_err());
    }
}
