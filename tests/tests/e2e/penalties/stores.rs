//! The whole store off, and back.

use jointforce_shared::{
    commands::{case::Act, catalogue},
    domain::{
        decision::RemoveReason,
        listing::{Listing, ListingState},
        seller::Level,
    },
    store::{audit, effects, listings},
};
use jointforce_tests::{
    inside::carry_inside,
    world::{World, listing, listing_id, seller, who},
};

use super::{act, balances, days, seller_of, settle, strike};
use crate::store::on_both;

async fn state(world: &World, id: &str) -> ListingState {
    listings::at_version(&mut world.house.db.read().await.unwrap(), &listing_id(id), 1).await.unwrap().unwrap().state
}

/// Brings the shop to 36 points: hidden, all listings off.
async fn to_36(world: &World) -> jointforce_shared::domain::ids::CaseId {
    strike(world, "item-1", RemoveReason::Serious).await;
    assert_eq!(state(world, "item-5").await, ListingState::Live);
    days(world, 4).await;
    strike(world, "item-2", RemoveReason::CounterfeitSold).await
}

/// Marketplace events in the ledger about listings of a store.
async fn events(world: &World, name: &str) -> usize {
    let mut conn = world.house.db.read().await.unwrap();
    let all = effects::list(&mut conn, None, None, 1000).await.unwrap();
    all.iter().filter(|effect| effect.payload.contains(name)).count()
}

on_both! {
    async fn the_step_that_says_so_takes_every_listing_off_and_its_end_puts_them_back(url: &str) {
        let world = World::with_set_clock(url).await;
        let ended = Listing { state: ListingState::Ended, ..listing("gone", "shop") };
        let import = World::import();
        let many: Vec<Listing> = (0..450).map(|n| listing(&format!("more-{n}"), "shop")).collect();
        catalogue::load_sellers(&world.house, &import, &[seller("other")]).await.unwrap();
        catalogue::load_listings(&world.house, &import, &[ended, listing("theirs", "other")]).await.unwrap();
        catalogue::load_listings(&world.house, &import, &many).await.unwrap();
        to_36(&world).await;
        let record = seller_of(&world, "shop").await;
        assert_eq!((record.points, record.level, record.listings_off), (36, Level::Hidden, true));
        for id in ["item-1", "item-2", "item-5", "more-0", "more-449"] {
            assert_eq!(state(&world, id).await, ListingState::Removed, "{id}");
        }
        assert_eq!(state(&world, "gone").await, ListingState::Ended);
        assert_eq!(state(&world, "theirs").await, ListingState::Live);
        // 18 more of the shop's own and 450: each told once.
        assert_eq!(events(&world, "store_listing_removed").await, 468);
        assert_eq!(events(&world, "\"listings_off\":true").await, 1, "one letter");

        catalogue::load_listings(&world.house, &import, &[listing("new", "shop")]).await.unwrap();
        settle(&world).await;
        assert_eq!(state(&world, "new").await, ListingState::Removed, "opened meanwhile");

        days(&world, 22).await;
        let record = seller_of(&world, "shop").await;
        assert_eq!((record.points, record.listings_off), (36, false));
        for id in ["item-5", "more-0", "more-449", "new"] {
            assert_eq!(state(&world, id).await, ListingState::Live, "{id}");
        }
        for id in ["item-1", "item-2"] {
            assert_eq!(state(&world, id).await, ListingState::Removed, "{id}: a decision keeps it down");
        }
        assert_eq!(state(&world, "gone").await, ListingState::Ended);
        assert_eq!(events(&world, "store_listing_restored").await, 469);
        assert_eq!(events(&world, "\"listings_off\":false").await, 1);
        balances(&world, &["shop", "other"]).await;
        let told = audit::newest(&mut world.house.db.read().await.unwrap(), None, 1000).await.unwrap();
        assert_eq!(told.iter().filter(|event| event.action == "listing.restored").count(), 469);
    }

    async fn a_reversed_strike_puts_the_store_back_at_once(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = to_36(&world).await;
        assert_eq!(state(&world, "item-5").await, ListingState::Removed);
        act(&world, &who("sue"), case, Act::Undo).await.unwrap();
        settle(&world).await;
        assert!(!seller_of(&world, "shop").await.listings_off);
        for (id, expected) in [("item-1", ListingState::Removed), ("item-2", ListingState::Live), ("item-5", ListingState::Live)] {
            assert_eq!(state(&world, id).await, expected, "{id}");
        }
        balances(&world, &["shop"]).await;
    }

    async fn what_a_decision_gives_back_stays_off_while_the_store_is(url: &str) {
        let world = World::with_set_clock(url).await;
        let small = strike(&world, "item-3", RemoveReason::ImproperUse).await;
        days(&world, 4).await;
        to_36(&world).await;
        act(&world, &who("sue"), small, Act::Undo).await.unwrap();
        settle(&world).await;
        assert!(seller_of(&world, "shop").await.listings_off);
        assert_eq!(state(&world, "item-3").await, ListingState::Removed);
        days(&world, 22).await;
        assert_eq!(state(&world, "item-3").await, ListingState::Live);
    }

    async fn an_undo_in_its_window_gives_back_what_the_returned_store_left_down(url: &str) {
        let world = World::with_set_clock(url).await;
        let heavy = to_36(&world).await;
        let case = world.report("late", &["item-9"]).await[0];
        act(&world, &who("ann"), case, Act::Remove(RemoveReason::ImproperUse)).await.unwrap();
        act(&world, &who("sue"), heavy, Act::Undo).await.unwrap();
        // The store comes back while the decision's window is open.
        carry_inside(&world.house).await;
        assert!(!seller_of(&world, "shop").await.listings_off);
        assert_eq!((state(&world, "item-9").await, state(&world, "item-5").await), (ListingState::Removed, ListingState::Live));
        let undone = act(&world, &who("ann"), case, Act::Undo).await.unwrap();
        assert!(!undone.compensated);
        carry_inside(&world.house).await;
        assert_eq!(state(&world, "item-9").await, ListingState::Live, "nothing keeps it down any more");
    }
}
