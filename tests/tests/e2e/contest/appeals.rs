//! Appeals: by the seller and by the notifier, ruled on by another person than the decider.

use jointforce_shared::{
    commands::catalogue,
    domain::{appeal::AppealState, time::Time},
    store::{appeals, audit, decisions, dossier, effects, queue},
};
use jointforce_tests::world::seller;

use super::*;
use crate::store::on_both;

fn by_brand(case: CaseId) -> RawAppeal {
    RawAppeal {
        brand: "acme".into(),
        case: case.to_string(),
        grounds: "The test purchase shows a fake.".into(),
        ..RawAppeal::default()
    }
}

async fn why(world: &World, raw: &RawAppeal) -> String {
    match appeal(world, raw).await {
        Opened::Refused(refused) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

on_both! {
    async fn a_sellers_appeal_goes_to_another_person_and_is_overturned(url: &str) {
        let world = eu(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let id = appealed(&world, &by_seller(case)).await;
        assert_eq!(appeal(&world, &by_seller(case)).await, Opened::Same { appeal: id });
        let waiting = case_of(&world, case).await;
        assert!(is_appealed(&waiting) && waiting.state.keeps_down(), "in force meanwhile");
        let queued = queue::page(&mut world.house.db.read().await.unwrap(), &queue::Filter::default(), None, 10).await.unwrap();
        assert_eq!(queued.len(), 1, "it is in the queue");
        let due = world.house.policy.calendar.due(world.house.policy.appeals.due, world.house.clock.now());
        assert_eq!(waiting.due, due);

        assert!(refusal(act(&world, "ann", case, KEEP).await).contains("is yours"));
        assert!(refusal(act(&world, "ann", case, Act::Undo).await).contains("contested"));
        act(&world, "bob", case, Act::Keep(KeepReason::Genuine)).await.unwrap();
        assert_eq!(decided(&case_of(&world, case).await), ("kept", "genuine"));
        assert_eq!(strikes(&world).await, 0);
        let mut conn = world.house.db.read().await.unwrap();
        let ruled = appeals::get(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((ruled.state, ruled.ruled.unwrap().0.as_str()), (AppealState::Overturned, "bob"));
        let rulings = appeals::rulings(&mut conn, Time(0)).await.unwrap();
        assert_eq!((rulings[0].decider.as_str(), rulings[0].ruled, rulings[0].overturned), ("ann", 1, 1));
        let shown = dossier::load(&mut conn, case).await.unwrap().unwrap();
        assert_eq!((shown.appeals.len(), shown.counters.len()), (1, 0));
        drop(conn);
        assert_invariants(&world).await;
    }

    async fn an_affirmed_decision_stands_and_cannot_be_appealed_again(url: &str) {
        let world = eu(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let before = case_of(&world, case).await.state;
        let id = appealed(&world, &by_seller(case)).await;
        let second = RawAppeal { grounds: "Once more.".into(), ..by_seller(case) };
        assert!(why(&world, &second).await.contains("appealed already"));
        act(&world, "bob", case, REMOVE).await.unwrap();
        assert_eq!(case_of(&world, case).await.state, before, "the same decision, by the same person");
        let state = appeals::get(&mut world.house.db.read().await.unwrap(), id).await.unwrap().unwrap().state;
        assert_eq!(state, AppealState::Affirmed);
        assert!(why(&world, &second).await.contains("appealed already"));
        assert_eq!(strikes(&world).await, 1);
    }

    async fn a_notifier_whose_refusal_falls_gets_the_removal_with_its_statement(url: &str) {
        let world = eu(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, "ann", case, KEEP).await.unwrap();
        appealed(&world, &by_brand(case)).await;
        act(&world, "sue", case, REMOVE).await.unwrap();
        let now = case_of(&world, case).await;
        assert_eq!(decided(&now), ("removed", "counterfeit_listing"));
        let (_, decision) = now.state.decision().unwrap();
        let mut conn = world.house.db.read().await.unwrap();
        let decision = decisions::get_many(&mut conn, &[decision]).await.unwrap().pop().unwrap();
        assert_eq!((decision.by.as_str(), decision.round), ("sue", 2));
        // The clock stands, and ids drawn in one millisecond have no order.
        let mut did: Vec<String> = audit::of_case(&mut conn, case).await.unwrap().into_iter().map(|e| e.action).collect();
        did.sort_unstable();
        assert_eq!(did, ["case.appealed", "case.decided", "case.decided", "notice.filed"]);
        drop(conn);
        assert_eq!(strikes(&world).await, 1);
        assert_invariants(&world).await;
    }

    async fn strangers_latecomers_and_those_without_a_decision_are_refused(url: &str) {
        let world = eu(url).await;
        catalogue::load_sellers(&world.house, &World::import(), &[seller("other")]).await.unwrap();
        let open = world.report("n0", &["item-2"]).await[0];
        assert!(why(&world, &by_seller(open)).await.contains("not decided"));
        let case = removed(&world, "n1", "item-1").await;
        let stranger = RawAppeal { seller: "other".into(), ..by_seller(case) };
        assert!(why(&world, &stranger).await.contains("is none of yours"));
        assert!(why(&world, &by_brand(case)).await.contains("your notice was accepted"));
        let both = RawAppeal { brand: "acme".into(), ..by_seller(case) };
        assert!(why(&world, &both).await.contains("both"));
        let mute = RawAppeal { grounds: " ".into(), ..by_seller(case) };
        assert!(why(&world, &mute).await.contains("grounds: it is missing"));
        let shop = Actor::seller(&"shop".parse().unwrap(), "portal");
        assert!(refusal(appeal::open(&world.house, &shop, &stranger).await).contains("may not speak for seller:other"));
        world.pass(190 * Time::DAY);
        assert!(why(&world, &by_seller(case)).await.contains("too late"));
    }

    async fn whoever_appealed_takes_it_back_and_the_decision_stands(url: &str) {
        let world = eu(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let id = appealed(&world, &by_seller(case)).await;
        let (house, shop) = (&world.house, Actor::seller(&"shop".parse().unwrap(), "portal"));
        let stranger = Actor::brand(&acme(), "portal");
        assert!(refusal(appeal::withdraw(house, &stranger, id).await).contains("not known"));
        assert_eq!(appeal::withdraw(house, &shop, id).await.unwrap(), case);
        appeal::withdraw(house, &shop, id).await.unwrap();
        let filed = appeals::get(&mut house.db.read().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!(filed.state, AppealState::Withdrawn);
        assert_eq!(decided(&case_of(&world, case).await), ("removed", "counterfeit_listing"));
        let did = audit::of_case(&mut house.db.read().await.unwrap(), case).await.unwrap();
        assert_eq!(did.iter().filter(|event| event.action == "appeal.withdrawn").count(), 1);
        let told = effects::list(&mut house.db.read().await.unwrap(), None, None, 1000).await.unwrap();
        assert_eq!(told.iter().filter(|effect| effect.payload.contains("\"step\":\"withdrawn\"")).count(), 1);
        // It cost them nothing: they may appeal again, and what was ruled on can't be taken back.
        let again = appealed(&world, &RawAppeal { reference: "again".into(), ..by_seller(case) }).await;
        act(&world, "bob", case, REMOVE).await.unwrap();
        assert!(refusal(appeal::withdraw(house, &shop, again).await).contains("ruled on already"));
        assert_invariants(&world).await;
    }

    async fn what_a_counter_notice_brought_before_a_person_stays_there(url: &str) {
        let world = eu(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        answer(&world, counter, &says("reject")).await.unwrap();
        let id = counter_of(&world, counter).await.appeal.unwrap();
        let shop = Actor::seller(&"shop".parse().unwrap(), "portal");
        assert!(refusal(appeal::withdraw(&world.house, &shop, id).await).contains("before the same person"));
        assert!(is_appealed(&case_of(&world, case).await));
    }
}
