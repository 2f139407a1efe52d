//! The filter language against the records: what is asked for is found, nothing else, however far behind it stands.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        catalogue, view,
    },
    domain::{
        ask::Ask,
        case::State,
        ids::CaseId,
        listing::{Listing, Snapshot},
        seller::{Level, Seller, Standing},
        time::Time,
    },
    store::{
        audit,
        cases::{self, Case},
        listings,
        queue::{self, Filter},
        sellers, views,
    },
};
use jointforce_tests::world::{World, brand, listing, raw, right, seller, who};

use super::on_both;

fn titled(id: &str, title: &str, price_minor: i64, sold: i64) -> Listing {
    let plain = listing(id, "air");
    Listing { sold, content: Snapshot { title: title.into(), price_minor, ..plain.content.clone() }, ..plain }
}

/// Cases of acme on `item-1` and, held by ann, `item-2`; of adidas on two listings of the Air Shop, which has 36 points.
async fn market(world: &World) -> [CaseId; 4] {
    let import = World::import();
    let house = &world.house;
    let mut adidas = brand("adi");
    adidas.name = "Adidas AG".into();
    catalogue::load_brands(house, &import, &[adidas]).await.unwrap();
    catalogue::load_rights(house, &import, &[right("adi-tm", "adi")]).await.unwrap();
    catalogue::load_sellers(house, &import, &[Seller { name: "Air Shop Été".into(), ..seller("air") }]).await.unwrap();
    let listings = [titled("air-1", "AIR MAX 90 深圳 Été", 4999, 120), titled("air-2", "Air Force 100%_", 8900, 0)];
    catalogue::load_listings(house, &import, &listings).await.unwrap();
    let acme = world.report("n1", &["item-1", "item-2"]).await;
    let mut notice = raw("n2", &["air-1", "air-2"]);
    (notice.brand, notice.right) = ("adi".into(), "adi-tm".into());
    notice.notifier_email = "nora@adi.example".into();
    let filed = world.file(&[notice]).await.pop().unwrap();
    let jointforce_shared::commands::notice::Filed::New { cases: adidas, .. } = filed else { panic!("{filed:?}") };
    let hold = Act::Hold { span: Duration::from_secs(3600), reason: "asked".into() };
    let request = Request { case: acme[1], version: None, act: hold, note: String::new() };
    case::act(house, &who("ann"), &request).await.unwrap();
    let mut tx = house.db.write().await.unwrap();
    let record = sellers::get(&mut tx, &"air".parse().unwrap()).await.unwrap().unwrap();
    let standing =
        Standing { points: 36, level: Level::Restricted, until: None, listings_off: false, next_change: None };
    sellers::set_levels(&mut tx, &[(record, standing)], house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    [acme[0], acme[1], adidas[0], adidas[1]]
}

async fn found(world: &World, text: &str, limit: i64) -> Vec<CaseId> {
    let filter = Filter::of(&Ask::parse(text).unwrap(), who("ann").id(), world.house.clock.now());
    let mut conn = world.house.db.read().await.unwrap();
    let rows = queue::page_for(&mut conn, who("ann").id(), &filter, None, limit, |_| true).await.unwrap();
    rows.into_iter().map(|row| row.place.case).collect()
}

on_both! {
    async fn every_field_finds_what_it_names_and_nothing_else(url: &str) {
        let world = World::with_set_clock(url).await;
        let market = market(&world).await;
        let due = cases::get(&mut world.house.db.read().await.unwrap(), market[0]).await.unwrap().unwrap().due;
        world.pass(due.since(world.house.clock.now()) - Time::HOUR);
        for (text, expected) in [
            ("", "0123"),
            ("brand:adidas sla<2h tier>=good_faith seller:\"air shop\" points>30 -held \"air max\" price<50", "2"),
            ("brand:adi", "23"),
            ("brand:\"ADIDAS ag\"", "23"),
            ("brand:das", "23"),
            ("brand:nobody", ""),
            ("brand:adi brand:acme", "0123"),
            ("-brand:adi", "01"),
            ("seller:air", "23"),
            ("seller:été", "23"),
            ("seller:\"shop\"", "01"),
            ("-seller:air", "01"),
            ("tier>good_faith", ""),
            ("tier<=good_faith", "0123"),
            ("-tier:good_faith", ""),
            ("due<2h", "0123"),
            ("due>2h", ""),
            ("late", ""),
            ("age>1h", "0123"),
            ("age<1h", ""),
            ("points>=36", "23"),
            ("points:36", "23"),
            ("points>36", ""),
            ("points>5 points<5", ""),
            ("level>=warned", "23"),
            ("level:good", "01"),
            ("price<50 price>20", "2"),
            ("price:19.99", "01"),
            ("sold>=30", "012"),
            ("-sold>30", "013"),
            ("reports>=1", "0123"),
            ("desk:none", "0123"),
            ("desk:legal", ""),
            ("held", "1"),
            ("-held", "023"),
            ("is:open", "023"),
            ("is:asked", ""),
            ("mine", "1"),
            ("-mine", "023"),
            ("\"air\"", "23"),
            ("air max", "2"),
            ("深圳", "2"),
            ("été", "2"),
            ("ÉTÉ", "2"),
            ("\"100%_\"", "3"),
            ("\"00__\"", ""),
            ("-air", "01"),
            ("-\"été\"", "013"),
            ("air -max brand:adi", "3"),
        ] {
            let mut expected: Vec<CaseId> =
                expected.chars().map(|n| market[n.to_digit(10).unwrap() as usize]).collect();
            let mut shown = found(&world, text, 10).await;
            shown.sort();
            expected.sort();
            assert_eq!(shown, expected, "{text}");
        }
    }

    async fn what_stands_far_behind_is_found_page_by_page_and_a_search_can_be_ended(url: &str) {
        let world = World::with_set_clock(url).await;
        let first = world.report("n1", &["item-1"]).await[0];
        let template = cases::get(&mut world.house.db.read().await.unwrap(), first).await.unwrap().unwrap();
        let count = 4100;
        let listings: Vec<Listing> = (0..count)
            .map(|n| {
                let title = if n % 2040 == 2039 { "needle" } else { "hay" };
                let plain = listing(&format!("far-{n}"), "shop");
                Listing { content: Snapshot { title: title.into(), ..plain.content.clone() }, ..plain }
            })
            .collect();
        let many: Vec<Case> = listings
            .iter()
            .enumerate()
            .map(|(n, listing)| Case {
                id: world.house.clock.id(CaseId::from_ulid),
                listing: listing.id.clone(),
                state: State::Open { assigned: None, desk: None },
                rank: template.rank + 1 + n as i64,
                ..template.clone()
            })
            .collect();
        let mut tx = world.house.db.write().await.unwrap();
        listings::save_many(&mut tx, &listings, world.house.clock.now()).await.unwrap();
        cases::add(&mut tx, &many).await.unwrap();
        tx.commit().await.unwrap();

        let needles = [many[2039].id, many[4079].id];
        assert_eq!(found(&world, "needle", 100).await, needles);
        assert_eq!(found(&world, "needle", 1).await, needles[..1]);
        assert_eq!(found(&world, "needle brand:acme", 100).await, needles);
        assert_eq!(found(&world, "needle seller:shop", 100).await, needles);
        assert_eq!(found(&world, "-hay -\"acme style\"", 100).await, needles);
        let filter = Filter::of(&Ask::parse("needle").unwrap(), who("ann").id(), world.house.clock.now());
        let mut conn = world.house.db.read().await.unwrap();
        let mut looked = vec![];
        let on = |cases| {
            looked.push(cases);
            false
        };
        let rows = queue::page_for(&mut conn, who("ann").id(), &filter, None, 10, on).await.unwrap();
        assert_eq!((rows.len(), looked), (0, vec![2000]), "it ended where it was told to");
        let after = queue::page(&mut conn, &filter, Some(queue::Place { rank: many[2039].rank, case: many[2039].id }), 10);
        assert_eq!(after.await.unwrap().iter().map(|row| row.place.case).collect::<Vec<_>>(), needles[1..]);
    }

    async fn a_view_is_its_keepers_own_and_on_the_record(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let kept = async |account: &str| {
            let all = views::list(&mut house.db.read().await.unwrap(), who(account).id()).await.unwrap();
            all.into_iter().map(|view| format!("{} {}: {}", view.slot, view.name, view.ask.words())).collect::<Vec<_>>()
        };
        view::keep(house, &who("ann"), 3, " late ones ", "due<0h -held").await.unwrap();
        view::keep(house, &who("eve"), 3, "all", "").await.unwrap();
        view::keep(house, &who("ann"), 3, "late", "late").await.unwrap();
        view::keep(house, &who("ann"), 1, "mine", "mine").await.unwrap();
        assert_eq!(kept("ann").await, ["1 mine: mine", "3 late: late"]);
        assert_eq!(kept("eve").await, ["3 all: "]);
        let refused = view::keep(house, &who("ann"), 10, "", "helb").await.unwrap_err().to_string();
        assert!(refused.contains("key: 10") && refused.contains("name: it is empty") && refused.contains("held"), "{refused}");
        assert!(view::keep(house, &who("nobody"), 1, "x", "").await.is_err());
        assert!(view::forget(house, &who("ann"), 3).await.unwrap());
        assert!(!view::forget(house, &who("ann"), 3).await.unwrap());
        assert_eq!(kept("ann").await, ["1 mine: mine"]);
        assert_eq!(kept("eve").await, ["3 all: "]);
        let events = audit::newest(&mut house.db.read().await.unwrap(), None, 100).await.unwrap();
        let mut record: Vec<_> = events.into_iter().map(|event| event.action).filter(|did| did.starts_with("view.")).collect();
        record.reverse();
        assert_eq!(record, ["view.kept", "view.kept", "view.kept", "view.kept", "view.forgotten"]);
    }
}
