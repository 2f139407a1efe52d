//! Closing an account for ever, and punishing sellers who belong together.

use jointforce_shared::{
    commands::{approval, case::Act, catalogue, sweep},
    domain::{
        approval::{Cause, Wanted},
        decision::RemoveReason,
        ids::ApprovalId,
        seller::{Level, Seller},
        time::Time,
    },
    store::{approvals, audit},
};
use jointforce_tests::{
    inside::carry_inside,
    world::{World, listing, seller, who},
};

use super::{act, balances, days, refusal, seller_of, settle, strike};
use crate::store::on_both;

async fn proposed(world: &World) -> Vec<ApprovalId> {
    let queue = approvals::queue(&mut world.house.db.read().await.unwrap(), None, 10).await.unwrap();
    queue.into_iter().filter(|one| one.cause == Cause::Termination).map(|one| one.id).collect()
}

async fn level(world: &World, id: &str) -> Level {
    seller_of(world, id).await.level
}

on_both! {
    async fn an_account_is_suspended_at_once_and_closed_when_a_person_agrees(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = strike(&world, "item-1", RemoveReason::Extreme).await;
        assert_eq!(level(&world, "shop").await, Level::Suspended);
        let [id] = proposed(&world).await[..] else { panic!("one proposal") };
        let asked = approvals::get(&mut world.house.db.read().await.unwrap(), id).await.unwrap().unwrap();
        assert_eq!(asked.by.as_str(), "automatic:ladder");
        assert!(asked.wanted.words().contains("close the account of seller shop for ever: 48 points"), "{}", asked.wanted.words());
        approval::approve(&world.house, &who("sue"), id, "").await.unwrap();
        carry_inside(&world.house).await;
        assert_eq!(level(&world, "shop").await, Level::Terminated);
        let events = audit::newest(&mut world.house.db.read().await.unwrap(), None, 50).await.unwrap();
        let closed = events.iter().find(|event| event.action == "seller.terminated").unwrap();
        assert_eq!((closed.actor.as_str(), &closed.body["approved_by"]), ("automatic:ladder", &"sue".into()));
        days(&world, 400).await;
        let record = seller_of(&world, "shop").await;
        assert_eq!((record.points, record.level), (0, Level::Terminated), "for ever");
        balances(&world, &["shop"]).await;

        act(&world, &who("sue"), case, Act::Undo).await.unwrap();
        settle(&world).await;
        let record = seller_of(&world, "shop").await;
        assert_eq!((record.level, record.listings_off), (Level::Good, false), "its reason was taken back");
    }

    async fn a_no_is_not_asked_again_until_another_strike(url: &str) {
        let world = World::with_set_clock(url).await;
        strike(&world, "item-1", RemoveReason::Extreme).await;
        let first = proposed(&world).await[0];
        approval::refuse(&world.house, &who("sue"), first, "first offence").await.unwrap();
        days(&world, 5).await;
        assert_eq!((proposed(&world).await.len(), level(&world, "shop").await), (0, Level::Suspended));
        strike(&world, "item-2", RemoveReason::ImproperUse).await;
        assert_eq!(proposed(&world).await.len(), 1);
    }

    async fn a_proposal_that_nobody_answered_comes_back(url: &str) {
        let world = World::with_set_clock(url).await;
        strike(&world, "item-1", RemoveReason::Extreme).await;
        let first = proposed(&world).await[0];
        world.pass(25 * Time::HOUR);
        assert_eq!(sweep::end_approvals(&world.house, &World::import()).await.unwrap(), 1);
        carry_inside(&world.house).await;
        let again = proposed(&world).await;
        assert!(again.len() == 1 && again[0] != first);
    }

    async fn a_new_strike_replaces_the_proposal_and_an_undone_one_ends_it(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = strike(&world, "item-1", RemoveReason::Extreme).await;
        let first = proposed(&world).await[0];
        days(&world, 4).await;
        strike(&world, "item-2", RemoveReason::ImproperUse).await;
        let [second] = proposed(&world).await[..] else { panic!("one") };
        assert_ne!(first, second);
        assert!(refusal(approval::approve(&world.house, &who("sue"), first, "").await).contains("it is void"));
        // Nobody has looked at the level yet, and still it is not approved.
        act(&world, &who("sue"), case, Act::Undo).await.unwrap();
        let why = refusal(approval::approve(&world.house, &who("sue"), second, "").await);
        assert!(why.contains("the strikes of seller shop changed"), "{why}");
        settle(&world).await;
        assert_eq!((proposed(&world).await.len(), level(&world, "shop").await), (0, Level::Cautioned));
    }

    async fn sellers_who_share_an_account_are_punished_together_after_approval(url: &str) {
        let world = World::with_set_clock(url).await;
        let of = |id: &str| Seller { payout_account: Some("acct-1".into()), ..seller(id) };
        let import = World::import();
        catalogue::load_sellers(&world.house, &import, &[of("shop"), of("twin"), of("third"), seller("alone")]).await.unwrap();
        catalogue::load_listings(&world.house, &import, &[listing("twins", "twin")]).await.unwrap();
        let shop = "shop".parse().unwrap();
        let early = refusal(approval::punish_linked(&world.house, &who("ann"), &shop, "one gang").await);
        assert!(early.contains("only good") && early.contains("suspended"), "{early}");
        let nobody = refusal(approval::punish_linked(&world.house, &who("ann"), &"alone".parse().unwrap(), "x").await);
        assert!(nobody.contains("nobody shares"), "{nobody}");

        let case = strike(&world, "item-1", RemoveReason::Extreme).await;
        refusal(approval::punish_linked(&world.house, &who("eve"), &shop, "one gang").await);
        let waits = approval::punish_linked(&world.house, &who("ann"), &"twin".parse().unwrap(), "one gang").await.unwrap();
        let asked = approvals::get(&mut world.house.db.read().await.unwrap(), waits.approval).await.unwrap().unwrap();
        let Wanted::PunishLinked { worst, sellers, .. } = &asked.wanted else { panic!("{asked:?}") };
        assert_eq!((worst.as_str(), sellers.len()), ("shop", 2));
        assert_eq!(level(&world, "twin").await, Level::Good, "not before it is approved");
        approval::approve(&world.house, &who("sue"), waits.approval, "").await.unwrap();
        carry_inside(&world.house).await;
        for id in ["twin", "third"] {
            let record = seller_of(&world, id).await;
            assert_eq!((record.level, record.points, record.listings_off), (Level::Suspended, 0, true), "{id}");
        }
        assert_eq!(level(&world, "alone").await, Level::Good);
        let alike = refusal(approval::punish_linked(&world.house, &who("ann"), &shop, "again").await);
        assert!(alike.contains("suspended already"), "{alike}");
        balances(&world, &["shop", "twin", "third", "alone"]).await;

        act(&world, &who("sue"), case, Act::Undo).await.unwrap();
        settle(&world).await;
        for id in ["shop", "twin", "third"] {
            assert_eq!(level(&world, id).await, Level::Good, "{id}: what the others bore ends with it");
        }
    }

    async fn an_account_that_many_share_is_no_one_trader(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.approvals.linked_max = 3;
        let of = |id: &str| Seller { payout_account: Some("provider-1".into()), ..seller(id) };
        let sellers = ["shop", "a", "b", "c"].map(of);
        catalogue::load_sellers(&world.house, &World::import(), &sellers).await.unwrap();
        strike(&world, "item-1", RemoveReason::Extreme).await;
        let shop = "shop".parse().unwrap();
        let waits = approval::punish_linked(&world.house, &who("ann"), &shop, "one gang").await.unwrap();
        approval::refuse(&world.house, &who("sue"), waits.approval, "look again").await.unwrap();
        catalogue::load_sellers(&world.house, &World::import(), &[of("d")]).await.unwrap();
        let many = refusal(approval::punish_linked(&world.house, &who("ann"), &shop, "one gang").await);
        assert!(many.contains("more than 3 others share the payout account"), "{many}");
    }
}
