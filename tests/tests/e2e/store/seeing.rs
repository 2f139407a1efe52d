//! What a moderator is shown beside the case: the brand's genuine goods, all about a seller, a brand's weeks.

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        catalogue,
    },
    domain::{
        authenticity::Answer,
        authorised::Authorised,
        decision::{KeepReason, RemoveReason},
        evidence::Word,
        ids::CaseId,
        seller::Seller,
        time::Time,
    },
    store::{
        genuine::{self, Genuine},
        profiles::{self, BrandProfile, SellerProfile, WEEKS},
    },
};
use jointforce_tests::world::{World, brand, listing, listing_id, seller, who};

use super::on_both;
use crate::{
    asking::{asked, dossier_of, say},
    quality::sampled,
};

async fn act(world: &World, account: &str, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: "so it is".into() };
    case::act(&world.house, &who(account), &request).await.unwrap();
}

async fn genuine_beside(world: &World, but: &str, limit: i64) -> Genuine {
    let mut conn = world.house.db.read().await.unwrap();
    genuine::of_brand(&mut conn, &brand("acme"), &listing_id(but), limit).await.unwrap()
}

async fn shop(world: &World, viewer: &str) -> SellerProfile {
    let mut conn = world.house.db.read().await.unwrap();
    profiles::seller(&mut conn, &viewer.parse().unwrap(), &"shop".parse().unwrap()).await.unwrap().unwrap()
}

async fn acme_now(world: &World) -> BrandProfile {
    let mut conn = world.house.db.read().await.unwrap();
    let now = world.house.clock.now();
    profiles::brand(&mut conn, &"acme".parse().unwrap(), Some(&"sue".parse().unwrap()), now).await.unwrap()
}

fn goods(genuine: &Genuine) -> Vec<(&str, Word)> {
    genuine.goods.iter().map(|good| (good.listing.as_str(), good.word)).collect()
}

on_both! {
    async fn genuine_goods_are_what_was_kept_as_such_or_cleared_by_the_brand_and_never_the_listing_itself(url: &str) {
        let world = World::with_set_clock(url).await;
        let cases = world.report("n1", &["item-1", "item-2", "item-3", "item-4"]).await;
        world.pass(Time::SECOND);
        act(&world, "ann", cases[0], Act::Keep(KeepReason::Genuine)).await;
        world.pass(Time::SECOND);
        let request = asked(&world.house, cases[1]).await.request;
        say(&world.house, request, Answer::Genuine).await.unwrap();
        act(&world, "ann", cases[2], Act::Keep(KeepReason::WeakEvidence)).await;
        let known = genuine_beside(&world, "item-4", 10).await;
        assert_eq!(goods(&known), [("item-2", Word::Brand), ("item-1", Word::Reviewer)]);
        assert_eq!((known.goods[0].price_minor, known.goods[0].currency.as_str()), (1999, "EUR"));
        assert_eq!(goods(&genuine_beside(&world, "item-2", 10).await), [("item-1", Word::Reviewer)]);
        assert_eq!(dossier_of(&world.house, cases[3]).await.genuine, known);
        act(&world, "ann", cases[0], Act::Undo).await;
        assert_eq!(goods(&genuine_beside(&world, "item-4", 10).await), [("item-2", Word::Brand)]);
        act(&world, "ann", cases[0], Act::Remove(RemoveReason::CounterfeitListing)).await;
        assert_eq!(goods(&genuine_beside(&world, "item-4", 10).await), [("item-2", Word::Brand)]);
    }

    async fn sellers_whom_the_brand_authorises_now_are_counted(url: &str) {
        let world = World::with_set_clock(url).await;
        assert_eq!(genuine_beside(&world, "item-1", 10).await, Genuine::default());
        let now = world.house.clock.now();
        let word = |seller: &str, from, until| Authorised {
            brand: "acme".parse().unwrap(),
            seller: seller.parse().unwrap(),
            from,
            until,
            remark: String::new(),
        };
        let (before, after) = (Time(now.0 - Time::DAY), Time(now.0 + Time::DAY));
        let batch = [
            word("shop", before, None),
            word("shop-2", before, Some(after)),
            word("shop-3", Time(0), Some(before)),
            word("shop-4", after, None),
        ];
        let sellers = ["shop-2", "shop-3", "shop-4"].map(seller);
        catalogue::load_sellers(&world.house, &World::import(), &sellers).await.unwrap();
        let loaded = catalogue::load_authorised(&world.house, &World::import(), &batch).await.unwrap();
        assert_eq!(loaded.refused.len(), 0);
        assert_eq!(genuine_beside(&world, "item-1", 10).await.authorised, 2);
        let mut listings = [listing("ours-1", "shop-2"), listing("ours-2", "shop-2"), listing("not-1", "shop-3")];
        listings[0].content.title = "BRAND ACME trainers".into();
        listings[2].content.title = "Brand acme trainers".into();
        catalogue::load_listings(&world.house, &World::import(), &listings).await.unwrap();
        let known = genuine_beside(&world, "item-1", 100).await;
        assert_eq!(goods(&known), [("ours-1", Word::Authorised)], "what names the brand, of who may sell it now");
    }

    async fn a_sellers_page_tells_strikes_past_decisions_and_who_shares_the_account(url: &str) {
        let world = World::with_set_clock(url).await;
        let mut conn = world.house.db.read().await.unwrap();
        let nobody = profiles::seller(&mut conn, &"ann".parse().unwrap(), &"nobody".parse().unwrap()).await.unwrap();
        assert_eq!(nobody, None);
        drop(conn);
        let one = |id: &str| Seller { payout_account: Some("acct-1".into()), ..seller(id) };
        let sellers = [one("shop"), one("shop-2"), seller("shop-3")];
        catalogue::load_sellers(&world.house, &World::import(), &sellers).await.unwrap();
        let cases = world.report("n1", &["item-1", "item-2", "item-3"]).await;
        act(&world, "ann", cases[0], Act::Remove(RemoveReason::CounterfeitListing)).await;
        world.pass(Time::SECOND);
        act(&world, "bob", cases[1], Act::Keep(KeepReason::WeakEvidence)).await;
        world.pass(Time::SECOND);
        act(&world, "bob", cases[1], Act::Undo).await;
        let page = shop(&world, "sue").await;
        let told: Vec<_> = page.decisions.iter().map(|made| (made.case, made.by.as_str(), made.undone.is_some())).collect();
        assert_eq!(told, [(cases[1], "bob", true), (cases[0], "ann", false)], "newest first, those taken back too");
        assert_eq!((page.strikes.len(), page.payout, page.imposed), (1, None, vec![]));
        let linked: Vec<_> = page.linked.iter().map(|record| record.seller.id.as_str()).collect();
        assert_eq!(linked, ["shop-2"]);
    }

    async fn a_brands_weeks_are_counted_up_to_this_moment_and_what_was_taken_back_is_not(url: &str) {
        let world = World::with_set_clock(url).await;
        let cases = world.report("n1", &["item-1", "item-2", "item-3", "item-4"]).await;
        act(&world, "ann", cases[0], Act::Remove(RemoveReason::CounterfeitListing)).await;
        world.pass(7 * Time::DAY);
        act(&world, "ann", cases[1], Act::Keep(KeepReason::WeakEvidence)).await;
        act(&world, "ann", cases[2], Act::Remove(RemoveReason::CounterfeitListing)).await;
        act(&world, "ann", cases[2], Act::Undo).await;
        asked(&world.house, cases[3]).await;
        let profile = acme_now(&world).await;
        let mut weeks = vec![(0, 0); WEEKS];
        weeks[WEEKS - 2] = (1, 0);
        weeks[WEEKS - 1] = (0, 1);
        assert_eq!(profile.weeks, weeks);
        assert_eq!((profile.requests.len(), profile.requests[0].case), (1, cases[3]));
        assert_eq!(profile.manager.unwrap().id.as_str(), "sue");
        world.pass(i64::try_from(WEEKS).unwrap() * 7 * Time::DAY);
        assert_eq!(acme_now(&world).await.weeks, [(0, 0); WEEKS], "older weeks are over");
    }

    async fn a_second_look_is_not_given_away_by_the_sellers_page(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, blind, _) = sampled(&world, Act::Remove(RemoveReason::CounterfeitListing)).await;
        let whole = shop(&world, "ann").await;
        assert_eq!((whole.decisions[0].case, whole.strikes.len()), (case, 1));
        let page = shop(&world, blind).await;
        assert_eq!((page.decisions, page.strikes, page.record.points), (vec![], vec![], 0), "{blind} is asked about it");
    }
}
