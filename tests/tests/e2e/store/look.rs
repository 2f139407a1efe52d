//! What people look for: a case by what they have in hand, a part of the queue, what waits for a second person.

use jointforce_shared::{
    commands::{
        appeal::{self, Opened},
        case::{self, Act, Request},
        catalogue,
    },
    domain::{
        appeal::RawAppeal,
        ask::Stage,
        decision::{KeepReason, RemoveReason},
        escalation::Desk,
        ids::CaseId,
        seller::Seller,
    },
    store::{
        approvals, dossier, find,
        queue::{self, Filter},
        sellers::{self, Names},
    },
};
use jointforce_tests::world::{World, seller, who};

use super::on_both;
use crate::{asking, penalties::trust_acme};

async fn act(world: &World, account: &str, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: "so it is".into() };
    case::act(&world.house, &who(account), &request).await.unwrap();
}

async fn shown(world: &World, filter: Filter) -> Vec<CaseId> {
    let mut conn = world.house.db.read().await.unwrap();
    let rows = queue::page(&mut conn, &filter, None, 10).await.unwrap();
    rows.into_iter().map(|row| row.place.case).collect()
}

async fn found(world: &World, text: &str) -> Vec<CaseId> {
    let mut conn = world.house.db.read().await.unwrap();
    find::cases(&mut conn, text, 10).await.unwrap().into_iter().map(|case| case.id).collect()
}

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);

on_both! {
    async fn sellers_are_found_by_how_their_names_begin(url: &str) {
        let world = World::new(url).await;
        let import = World::import();
        let called = |(n, name): (usize, &str)| Seller { name: name.into(), ..seller(&format!("s-{n}")) };
        let names = ["Übermode 7", "über alles", "Uber Shop", "100% wool", "100 shops", "深圳优品小店", "uber shop", "A_b", "aXb"];
        let shops: Vec<Seller> = names.into_iter().enumerate().map(called).collect();
        catalogue::load_sellers(&world.house, &import, &shops).await.unwrap();
        let db = &world.house.db;
        let named = async |start: &str, limit| {
            sellers::names_from(&mut db.read().await.unwrap(), start, limit).await.unwrap()
        };
        let found = async |start: &str, limit| named(start, limit).await.names;
        assert_eq!(found("ÜBER", 10).await, ["über alles", "Übermode 7"]);
        assert_eq!(found("uber", 10).await, ["Uber Shop", "uber shop"]);
        assert_eq!(found("100%", 10).await, ["100% wool"], "signs are letters");
        assert_eq!(found("a_", 10).await, ["A_b"]);
        assert_eq!(found("深", 10).await, ["深圳优品小店"]);
        assert_eq!(found("u", 1).await, ["Uber Shop"]);
        assert!(found("b", 10).await.is_empty(), "not what only holds it");
        let same = |(n, name): (usize, &str)| Seller { name: name.into(), ..seller(&format!("same-{n}")) };
        let same: Vec<Seller> = ["Same", "SAME", "Same"].into_iter().enumerate().map(same).collect();
        catalogue::load_sellers(&world.house, &import, &same).await.unwrap();
        assert_eq!(named("same", 4).await, Names { names: vec!["Same".into(), "SAME".into()], is_all: true });
        assert!(!named("same", 3).await.is_all, "there may be more");
        // A seller who takes another name is found by that.
        let renamed = Seller { name: "Zebra".into(), ..shops[2].clone() };
        catalogue::load_sellers(&world.house, &import, &[renamed]).await.unwrap();
        assert_eq!((found("uber", 10).await, found("ze", 10).await), (vec!["uber shop".to_owned()], vec!["Zebra".to_owned()]));
    }

    async fn names_that_differ_only_behind_the_key_are_told_apart(url: &str) {
        let world = World::new(url).await;
        let market = "广州白云皮具城批发中心"; // 33 bytes, and the key has 32
        let called = |n: usize| Seller { name: format!("{market}{n:02}号"), ..seller(&format!("s-{n:02}")) };
        let shops: Vec<Seller> = (0..30).map(called).collect();
        catalogue::load_sellers(&world.house, &World::import(), &shops).await.unwrap();
        let db = &world.house.db;
        let named = async |start: &str| sellers::names_from(&mut db.read().await.unwrap(), start, 20).await.unwrap();
        let names = |shops: &[Seller]| shops.iter().map(|shop| shop.name.clone()).collect::<Vec<_>>();
        assert_eq!(named(market).await, Names { names: names(&shops[..20]), is_all: false });
        assert_eq!(named(&format!("{market}2")).await, Names { names: names(&shops[20..]), is_all: true });
        assert_eq!(named(&format!("{market}30")).await, Names { names: vec![], is_all: true });
    }

    async fn a_case_is_found_by_its_id_its_listing_its_seller_and_its_decider(url: &str) {
        let world = World::with_set_clock(url).await;
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        world.pass(1_000_000);
        act(&world, "ann", cases[0], REMOVE).await;
        assert_eq!(found(&world, &cases[1].to_string()).await, [cases[1]]);
        assert_eq!(found(&world, &cases[1].to_string().to_lowercase()).await, [cases[1]], "as people type it");
        assert_eq!(found(&world, "item-2").await, [cases[1]]);
        assert_eq!(found(&world, "ann").await, [cases[0]]);
        assert_eq!(found(&world, "shop").await, [cases[0], cases[1]], "what was decided last comes first");
        assert_eq!(found(&world, "nobody").await, []);
        let mut conn = world.house.db.read().await.unwrap();
        let case = find::cases(&mut conn, "ann", 10).await.unwrap().remove(0);
        assert_eq!((case.state.as_str(), case.decided.unwrap().0.as_str()), ("removed", "ann"));
        assert_eq!((case.brand_name.as_str(), case.seller_name.as_str()), ("Brand acme", "Shop shop"));
    }

    async fn what_waits_for_its_brand_is_contested_or_at_a_desk_is_shown_alone(url: &str) {
        let world = World::new(url).await;
        let cases = world.report("n1", &["item-1", "item-2", "item-3", "item-4"]).await;
        asking::asked(&world.house, cases[0]).await;
        act(&world, "ann", cases[1], REMOVE).await;
        let raw = RawAppeal {
            seller: "shop".into(),
            case: cases[1].to_string(),
            grounds: "The goods are genuine.".into(),
            ..RawAppeal::default()
        };
        let opened = appeal::open(&world.house, &World::import(), &raw).await.unwrap();
        assert!(matches!(opened, Opened::New { .. }), "{opened:?}");
        act(&world, "ann", cases[2], Act::Escalate { desk: Desk::Legal, urgent: false }).await;
        let standing = |stage| Filter { stages: Some(vec![stage]), ..Filter::default() };
        assert_eq!(shown(&world, standing(Stage::Asked)).await, [cases[0]]);
        assert_eq!(shown(&world, standing(Stage::Appealed)).await, [cases[1]]);
        let desk = |desk| Filter { desks: Some(vec![Some(desk)]), ..Filter::default() };
        assert_eq!(shown(&world, desk(Desk::Legal)).await, [cases[2]]);
        assert_eq!(shown(&world, desk(Desk::Safety)).await, []);
        let both = Filter { brand: Some("acme".parse().unwrap()), ..standing(Stage::Asked) };
        assert_eq!(shown(&world, both).await, [cases[0]]);
        let mut everything = shown(&world, Filter::default()).await;
        everything.sort();
        assert_eq!(everything, cases[1..], "what waits for its brand is in nobody's queue");
    }

    async fn a_case_shows_what_waits_for_a_second_person_and_no_other_case_does(url: &str) {
        let world = World::with_set_clock(url).await;
        trust_acme(&world).await;
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        act(&world, "ann", cases[0], Act::Keep(KeepReason::Genuine)).await;
        let mut conn = world.house.db.read().await.unwrap();
        let waits = dossier::load(&mut conn, cases[0]).await.unwrap().unwrap().approvals;
        assert_eq!(waits, approvals::queue(&mut conn, None, 10).await.unwrap());
        assert_eq!((waits.len(), waits[0].by.as_str()), (1, "ann"));
        assert_eq!(dossier::load(&mut conn, cases[1]).await.unwrap().unwrap().approvals, []);
        drop(conn);
        act(&world, "ann", cases[1], REMOVE).await;
        let mut conn = world.house.db.read().await.unwrap();
        let statements = dossier::load(&mut conn, cases[1]).await.unwrap().unwrap().statements;
        assert_eq!(statements.len(), 1, "the removal explains itself");
    }
}
