//! What can't be taken is refused with the field and the fix, and changes nothing.

use jointforce_shared::{
    commands::{Actor, catalogue, counter_notice},
    domain::{ids::CounterId, time::Time},
    store::{audit, counter_notices},
};
use jointforce_tests::world::{brand, right, seller};
use ulid::Ulid;

use super::*;
use crate::store::on_both;

async fn why(world: &World, raw: &RawCounterNotice) -> String {
    match receive(world, raw).await {
        Received::Refused(refused) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

on_both! {
    async fn a_counter_notice_that_cannot_be_taken_says_all_that_is_wrong(url: &str) {
        let mut world = dmca(url).await;
        catalogue::load_sellers(&world.house, &World::import(), &[seller("other")]).await.unwrap();
        let case = world.report("n1", &["item-1"]).await[0];
        assert!(why(&world, &contest("c1", "item-1")).await.contains("no removal is in force"));
        act(&world, "ann", case, REMOVE).await.unwrap();
        let bare = RawCounterNotice { seller: "shop".into(), listing: "item-1".into(), ..RawCounterNotice::default() };
        let said = why(&world, &bare).await;
        for field in ["reason", "explanation", "material", "name", "address", "phone", "signature", "perjury", "consent"] {
            assert!(said.contains(&format!("{field}: ")), "{field}: {said}");
        }
        let theirs = RawCounterNotice { seller: "other".into(), ..contest("c1", "item-1") };
        let outcome = counter_notice::receive(&world.house, &World::import(), &theirs).await.unwrap();
        assert!(matches!(&outcome, Received::Refused(refused) if refused.to_string().contains("is not yours")), "{outcome:?}");
        let shop = Actor::seller(&"shop".parse().unwrap(), "portal");
        let outcome = counter_notice::receive(&world.house, &shop, &theirs).await;
        assert!(refusal(outcome).contains("may not speak for seller:other"));
        let auditor = counter_notice::receive(&world.house, &who("eve"), &contest("c1", "item-1")).await;
        assert!(refusal(auditor).contains("auditor may not"));
        let nowhere = RawCounterNotice { listing: "https://nowhere.example/".into(), ..contest("c1", "item-1") };
        assert!(why(&world, &nowhere).await.contains("is not known"));
        let mut conn = world.house.db.read().await.unwrap();
        assert!(counter_notices::of_case(&mut conn, case).await.unwrap().is_empty());
        assert_eq!(audit::of_case(&mut conn, case).await.unwrap().last().unwrap().action, "case.decided");
        drop(conn);

        world.house.policy.counters.jurisdictions.insert("EU".into(), Regime::House);
        world.pass(9 * Time::DAY);
        assert!(why(&world, &contest("c1", "item-1")).await.contains("too late"), "3 business days have passed");
    }

    async fn a_resend_is_the_same_and_a_second_one_has_to_wait(url: &str) {
        let world = dmca(url).await;
        removed(&world, "n1", "item-1").await;
        // By the URL where it was is as good as by its id.
        let raw = RawCounterNotice { listing: "https://market.example/item-1".into(), ..contest("c1", "") };
        let counter = received(&world, &raw).await;
        assert_eq!(receive(&world, &raw).await, Received::Same { counter });
        let changed = RawCounterNotice { explanation: "Something else.".into(), ..raw };
        assert!(why(&world, &changed).await.contains("used before"));
        assert!(why(&world, &contest("c2", "item-1")).await.contains("under way"));
    }

    async fn of_many_sent_at_once_one_is_taken(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        let sent = (0..6).map(|n| {
            let world = world.clone();
            tokio::spawn(async move { receive(&world, &contest(&format!("c{n}"), "item-1")).await })
        });
        let mut taken = 0;
        for one in sent.collect::<Vec<_>>() {
            taken += usize::from(matches!(one.await.unwrap(), Received::New { .. }));
        }
        assert_eq!(taken, 1);
        let found = counter_notices::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
        assert_eq!(found.len(), 1);
    }

    async fn an_answer_by_another_brand_or_to_nothing_is_refused(url: &str) {
        let world = dmca(url).await;
        let import = World::import();
        catalogue::load_brands(&world.house, &import, &[brand("other")]).await.unwrap();
        catalogue::load_rights(&world.house, &import, &[right("other-tm", "other")]).await.unwrap();
        removed(&world, "n1", "item-1").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        let other: BrandId = "other".parse().unwrap();
        let theirs = Actor::brand(&other, "link");
        let outcome = counter_notice::answer(&world.house, &theirs, &other, counter, &says("accept")).await;
        assert!(refusal(outcome).contains("answers no notice of other"));
        let outcome = counter_notice::answer(&world.house, &theirs, &acme(), counter, &says("accept")).await;
        assert!(refusal(outcome).contains("brand:other may not speak for brand:acme"));
        let nothing = CounterId::from_ulid(Ulid(7));
        assert!(refusal(answer(&world, nothing, &says("accept")).await).contains("answers no notice"));
        let bare = RawAnswer { answer: "sue".into(), ..RawAnswer::default() };
        let said = refusal(answer(&world, counter, &bare).await);
        assert!(["court", "number", "proof"].iter().all(|field| said.contains(field)), "{said}");
        assert!(refusal(answer(&world, counter, &says("perhaps")).await).contains("is no answer"));
    }
}
