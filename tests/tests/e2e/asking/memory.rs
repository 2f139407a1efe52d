//! What is remembered when a notice comes in: cleared listings, authorised sellers, and the notice that it corrects.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor,
        authenticity::take_back,
        case::{self, Act, Request},
        catalogue,
        notice::Filed,
    },
    domain::{
        authenticity::Answer, authorised::Authorised, decision::KeepReason, ids::CaseId, notice::RawNotice,
        refused::Refused, time::Time,
    },
    store::queue,
};
use jointforce_tests::world::{self, World, brand, raw, right, who};

use super::{DAY, acme, asked, case_of, dossier_of, refusal, say};
use crate::store::on_both;

async fn refused(world: &World, raw: RawNotice) -> Refused {
    match world.file(&[raw]).await.pop().unwrap() {
        Filed::Refused(refused) => {
            assert!(refused.faults.iter().all(|fault| fault.fix.len() > 5), "{refused}");
            refused
        }
        other => panic!("not refused: {other:?}"),
    }
}

async fn keep(world: &World, case: CaseId, reason: KeepReason) {
    let request = Request { case, version: None, act: Act::Keep(reason), note: String::new() };
    case::act(&world.house, &who("ann"), &request).await.unwrap();
}

on_both! {
    async fn what_a_brand_cleared_it_cannot_report_until_the_listing_changes(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(house, case).await;
        say(house, open.request, Answer::Genuine).await.unwrap();
        let said = refused(&world, raw("n2", &["item-2", "item-1"])).await;
        assert_eq!(said.faults[0].field, "listings[1]");
        assert!(said.to_string().contains(&open.request.to_string()) && said.to_string().contains("genuine"), "{said}");

        // Another brand's word is its own.
        catalogue::load_brands(house, &World::import(), &[brand("zeta")]).await.unwrap();
        catalogue::load_rights(house, &World::import(), &[right("zeta-tm", "zeta")]).await.unwrap();
        let zetas = RawNotice { brand: "zeta".into(), right: "zeta-tm".into(), ..raw("z1", &["item-1"]) };
        assert!(matches!(world.file(&[zetas]).await[..], [Filed::New { .. }]));

        let mut changed = world::listing("item-1", "shop");
        changed.content.title = "ACME trainers, another pair".into();
        catalogue::load_listings(house, &World::import(), &[changed]).await.unwrap();
        let again = world.report("n3", &["item-1"]).await;
        assert_eq!((again[0], case_of(house, case).await.state.as_str()), (case, "open"));
        assert_eq!(dossier_of(house, case).await.clearance, None, "it was another content");
    }

    async fn a_brand_that_knows_better_takes_its_word_back_and_reports_again(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(house, case).await;
        refusal(take_back(house, &acme(), open.request).await);
        say(house, open.request, Answer::Genuine).await.unwrap();
        refusal(take_back(house, &Actor::brand(&"zeta".parse().unwrap(), "link"), open.request).await);
        refusal(take_back(house, &who("eve"), open.request).await);
        take_back(house, &acme(), open.request).await.unwrap();
        assert_eq!(world.report("n2", &["item-1"]).await, [case]);
        assert_eq!(case_of(house, case).await.state.as_str(), "open");
        refusal(take_back(house, &acme(), open.request).await);
    }

    async fn a_decision_taken_back_takes_the_clearance_with_it(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(house, case).await;
        say(house, open.request, Answer::Genuine).await.unwrap();
        let undo = Request { case, version: None, act: Act::Undo, note: String::new() };
        case::act(house, &who("sue"), &undo).await.unwrap();
        assert_eq!(world.report("n2", &["item-1"]).await, [case]);
    }

    async fn a_corrected_notice_keeps_its_place(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let first = case_of(house, case).await;
        world.pass(5 * Time::HOUR);
        keep(&world, case, KeepReason::WeakEvidence).await;
        world.pass(2 * DAY);
        let corrected = RawNotice {
            resubmits: "n1".into(),
            explanation: "We bought one: it is not ours.".into(),
            ..raw("n2", &["item-1", "item-2"])
        };
        let Filed::New { cases, .. } = &world.file(&[corrected]).await[0] else { panic!("not filed") };
        let again = case_of(house, case).await;
        assert_eq!((again.opened, again.due, again.round), (first.opened, first.due, 2));
        assert_eq!(case_of(house, cases[1]).await.opened, house.clock.now(), "what it adds is new");
        // Whoever reviews it sees that it came before, and what this one corrects.
        let claims = dossier_of(house, case).await.claims;
        let corrects: Vec<_> = claims.iter().map(|claim| (claim.reference.as_str(), claim.resubmits.as_deref())).collect();
        assert_eq!(corrects, [("n2", Some("n1")), ("n1", None)]);
        let mut conn = house.db.read().await.unwrap();
        let rows = queue::page(&mut conn, &queue::Filter::default(), None, 10).await.unwrap();
        drop(conn);
        assert_eq!(rows.iter().map(|row| (row.place.case, row.round)).collect::<Vec<_>>(), [(case, 2), (cases[1], 1)]);

        // Without the field it takes its place as new.
        keep(&world, case, KeepReason::WeakEvidence).await;
        world.report("n3", &["item-1"]).await;
        assert_eq!(case_of(house, case).await.opened, house.clock.now());
    }

    async fn a_late_correction_is_a_new_notice_and_one_of_nothing_is_refused(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        let of = |what: &str, reference: &str| RawNotice { resubmits: what.into(), ..raw(reference, &["item-1"]) };
        for what in ["n1", "no-such", "01KEKSE0000000000000000001", &"x".repeat(3000)] {
            let said = refused(&world, of(what, "n2")).await;
            assert_eq!(said.faults[0].field, "resubmits", "{said}");
        }
        keep(&world, cases[0], KeepReason::RightMismatch).await;
        world.pass(15 * DAY);
        assert!(matches!(world.file(&[of("n1", "n3")]).await[..], [Filed::New { .. }]));
        assert_eq!(case_of(house, cases[0]).await.opened, house.clock.now());
        // An abusive notice has no place to keep.
        keep(&world, cases[1], KeepReason::Abusive).await;
        world.pass(DAY);
        let again = RawNotice { resubmits: "n1".into(), ..raw("n4", &["item-2"]) };
        assert!(matches!(world.file(&[again]).await[..], [Filed::New { .. }]));
        assert_eq!(case_of(house, cases[1]).await.opened, house.clock.now());
    }

    async fn a_notice_against_an_authorised_seller_is_taken_and_says_so(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let now = house.clock.now();
        let word = Authorised {
            brand: "acme".parse().unwrap(),
            seller: "shop".parse().unwrap(),
            from: Time(0),
            until: Some(Time(now.0 + DAY)),
            remark: "bags only\u{202e}".into(),
        };
        let strangers = Authorised { seller: "nobody".parse().unwrap(), ..word.clone() };
        let older = Authorised { remark: "all".into(), ..word.clone() };
        let batch = [older, strangers, word];
        let loaded = catalogue::load_authorised(house, &World::import(), &batch).await.unwrap();
        assert_eq!((loaded.new, loaded.changed, loaded.refused.len(), loaded.refused[0].0), (1, 1, 1, 1));
        let again = catalogue::load_authorised(house, &World::import(), &batch).await.unwrap();
        assert_eq!((again.new, again.changed), (0, 0));
        let case = world.report("n1", &["item-1"]).await[0];
        let flags = dossier_of(house, case).await.flags(now);
        assert!(flags[0].starts_with("Brand acme authorised this seller until 20"), "{flags:?}");
        assert!(flags[0].ends_with("bags only‹U+202E›"), "{flags:?}");
        assert_eq!(dossier_of(house, case).await.flags(now + Duration::from_secs(86_400)), [""; 0]);
    }
}
