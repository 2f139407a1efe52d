//! Brands take notices back, whole or in part.

use jointforce_shared::{
    commands::catalogue,
    domain::{time::Time, withdrawal::Withdrawn},
    store::{brands, counter_notices, notices},
};
use jointforce_tests::world::brand;

use super::*;
use crate::store::on_both;

fn led_to(taken: &Taken) -> Vec<(&str, Withdrawn)> {
    match taken {
        Taken::New { listings, .. } => listings.iter().map(|(id, led_to)| (id.as_str(), *led_to)).collect(),
        other => panic!("not withdrawn: {other:?}"),
    }
}

on_both! {
    async fn what_stood_on_the_notice_alone_falls_and_the_rest_stays(url: &str) {
        let world = dmca(url).await;
        let cases = world.report("n1", &["item-1", "item-2", "item-3", "item-4"]).await;
        world.report("n2", &["item-2", "item-4"]).await;
        for case in [cases[2], cases[3]] {
            act(&world, "ann", case, REMOVE).await.unwrap();
        }
        let taken = withdraw(&world, "n1", &[]).await;
        assert_eq!(led_to(&taken), [
            ("item-1", Withdrawn::Closed),
            ("item-2", Withdrawn::GoesOn),
            ("item-3", Withdrawn::PutBack),
            ("item-4", Withdrawn::StaysDown),
        ]);
        assert_eq!(decided(&case_of(&world, cases[0]).await), ("kept", "withdrawn"));
        let goes_on = case_of(&world, cases[1]).await;
        assert_eq!((goes_on.state.as_str(), goes_on.claims), ("open", 1));
        assert_eq!(decided(&case_of(&world, cases[2]).await), ("kept", "withdrawn"));
        assert_eq!(decided(&case_of(&world, cases[3]).await), ("removed", "counterfeit_listing"));
        assert_eq!(strikes(&world).await, 1);
        let Taken::New { notice, .. } = &taken else { panic!() };
        let mut conn = world.house.db.read().await.unwrap();
        let claims = notices::claims_in(&mut conn, *notice).await.unwrap();
        assert!(claims.iter().all(|claim| claim.state == "withdrawn"), "{claims:?}");
        let record = brands::get(&mut conn, &acme()).await.unwrap().unwrap().record;
        assert_eq!((record.accepted, record.refused), (96, 5), "only what still stands counts");
        drop(conn);
        assert_eq!(withdraw(&world, "n1", &[]).await, Taken::Same { notice: *notice });
        assert_invariants(&world).await;
    }

    async fn some_listings_of_a_notice_are_taken_back_alone(url: &str) {
        let world = dmca(url).await;
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        for case in &cases {
            act(&world, "ann", *case, REMOVE).await.unwrap();
        }
        assert_eq!(led_to(&withdraw(&world, "n1", &["item-2"]).await), [("item-2", Withdrawn::PutBack)]);
        assert_eq!(case_of(&world, cases[0]).await.state.as_str(), "removed");
        assert_eq!(case_of(&world, cases[1]).await.state.as_str(), "kept");
    }

    async fn taken_back_after_a_counter_notice_is_remembered(url: &str) {
        let world = dmca(url).await;
        let case = removed(&world, "n1", "item-1").await;
        removed(&world, "n2", "item-2").await;
        let counter = received(&world, &contest("c1", "item-1")).await;
        withdraw(&world, "n1", &[]).await;
        withdraw(&world, "n2", &[]).await;
        assert_eq!(counter_of(&world, counter).await.state.as_str(), "put_back");
        assert_eq!(decided(&case_of(&world, case).await), ("kept", "withdrawn"));
        let mut conn = world.house.db.read().await.unwrap();
        let record = counter_notices::record_of(&mut conn, &acme(), Time(0)).await.unwrap();
        let counts: Vec<_> = record.values().map(|r| (r.received, r.upheld, r.withdrawn, r.withdrawn_after_counter)).collect();
        assert_eq!(counts, [(1, 0, 2, 1)]);
        drop(conn);
        assert_invariants(&world).await;
    }

    async fn a_held_case_and_an_appealed_one_are_closed_too(url: &str) {
        let world = dmca(url).await;
        let held = world.report("n1", &["item-1"]).await[0];
        let hold = Act::Hold { span: Duration::from_secs(3600), reason: "asking legal".into() };
        act(&world, "ann", held, hold).await.unwrap();
        let contested = removed(&world, "n2", "item-2").await;
        let id = appealed(&world, &by_seller(contested)).await;
        withdraw(&world, "n1", &[]).await;
        withdraw(&world, "n2", &[]).await;
        assert_eq!(decided(&case_of(&world, held).await), ("kept", "withdrawn"));
        assert_eq!(decided(&case_of(&world, contested).await), ("kept", "withdrawn"));
        let mut conn = world.house.db.read().await.unwrap();
        let ruled = jointforce_shared::store::appeals::get(&mut conn, id).await.unwrap().unwrap();
        assert_eq!(ruled.state.as_str(), "overturned", "what it was about is gone");
    }

    async fn what_is_not_the_brands_or_was_refused_is_not_taken_back(url: &str) {
        let world = dmca(url).await;
        catalogue::load_brands(&world.house, &World::import(), &[brand("other")]).await.unwrap();
        let case = world.report("n1", &["item-1"]).await[0];
        let why = async |brand: &str, notice: &str, listings: &[&str]| {
            let listings = listings.iter().map(|listing| (*listing).to_owned()).collect();
            let raw = RawWithdrawal { brand: brand.into(), notice: notice.into(), listings, why: String::new() };
            match withdrawal::withdraw(&world.house, &World::import(), &raw).await.unwrap() {
                Taken::Refused(refused) => refused.to_string(),
                other => panic!("not refused: {other:?}"),
            }
        };
        assert!(why("other", "n1", &[]).await.contains("is no notice of yours"));
        assert!(why("acme", "n9", &[]).await.contains("is no notice of yours"));
        assert!(why("acme", "n1", &["item-2"]).await.contains("listings[0]"));
        act(&world, "ann", case, KEEP).await.unwrap();
        assert!(why("acme", "n1", &[]).await.contains("refused already"), "a refusal stays on the record");
        let theirs = Actor::brand(&"other".parse().unwrap(), "portal");
        let raw = RawWithdrawal { brand: "acme".into(), notice: "n1".into(), ..RawWithdrawal::default() };
        assert!(refusal(withdrawal::withdraw(&world.house, &theirs, &raw).await).contains("may not speak for"));
    }

    async fn a_notice_behind_a_hundred_others_is_taken_back_like_any(url: &str) {
        let world = dmca(url).await;
        let notices: Vec<_> = (0..105).map(|n| jointforce_tests::world::raw(&format!("n{n}"), &["item-1"])).collect();
        world.file(&notices).await;
        let case = world.report("last", &["item-1"]).await[0];
        act(&world, "ann", case, REMOVE).await.unwrap();
        assert_eq!(led_to(&withdraw(&world, "n0", &[]).await), [("item-1", Withdrawn::StaysDown)]);
        let mut conn = world.house.db.read().await.unwrap();
        let claims = notices::claims_of(&mut conn, case).await.unwrap();
        let states: Vec<_> = claims.iter().filter(|claim| claim.state == "withdrawn").map(|c| c.reference.as_str()).collect();
        assert_eq!((claims.len(), states), (106, vec!["n0"]));
        drop(conn);
        assert_invariants(&world).await;
    }
}
