//! Money that is kept back.

use jointforce_shared::{
    commands::{Actor, case::Act, penalty, sweep},
    domain::{
        decision::RemoveReason,
        ids::SellerId,
        payout::{PayoutHold, Released},
        time::Time,
    },
    store::{effects, penalties},
};
use jointforce_tests::world::{World, who};

use super::{act, days, refusal, seller_of, settle, strike};
use crate::store::on_both;

fn shop() -> SellerId {
    "shop".parse().unwrap()
}

async fn held(world: &World) -> Option<PayoutHold> {
    penalties::open_hold(&mut world.house.db.read().await.unwrap(), &shop()).await.unwrap()
}

async fn told(world: &World, kind: &str, word: &str) -> usize {
    let all = effects::list(&mut world.house.db.read().await.unwrap(), None, None, 1000).await.unwrap();
    all.iter().filter(|effect| effect.kind == kind && effect.payload.contains(word)).count()
}

on_both! {
    async fn a_suspended_sellers_money_is_kept_back_and_released_once_when_time_is_over(url: &str) {
        let world = World::with_set_clock(url).await;
        strike(&world, "item-1", RemoveReason::CounterfeitSold).await;
        assert_eq!(held(&world).await, None, "restricted, not suspended");
        days(&world, 4).await;
        strike(&world, "item-2", RemoveReason::Extreme).await;
        let hold = held(&world).await.unwrap();
        assert_eq!(hold.until.since(hold.held), 90 * Time::DAY);
        assert_eq!((told(&world, "hook_marketplace", "payout_held").await, told(&world, "mail_seller", "\"held\"").await), (1, 1));
        days(&world, 89).await;
        assert_eq!(sweep::release_payouts(&world.house, &World::import()).await.unwrap(), 0);
        world.pass(2 * Time::DAY);
        let sweeps = [0; 5].map(|_| {
            let world = world.clone();
            tokio::spawn(async move { sweep::release_payouts(&world.house, &World::import()).await.unwrap() })
        });
        let mut released = 0;
        for one in sweeps {
            released += one.await.unwrap();
        }
        assert_eq!(released, 1);
        assert_eq!(held(&world).await, None);
        assert_eq!((told(&world, "hook_marketplace", "payout_released").await, told(&world, "mail_seller", "\"released\"").await), (1, 1));
        let after = penalties::hold_of(&mut world.house.db.read().await.unwrap(), hold.id).await.unwrap().unwrap();
        assert_eq!(after.released.unwrap().1, Released::Expired);
        settle(&world).await;
        assert_eq!(held(&world).await, None, "the suspension goes on, the hold does not begin again");
    }

    async fn a_reinstated_seller_gets_the_money_at_once(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = strike(&world, "item-1", RemoveReason::Extreme).await;
        let hold = held(&world).await.unwrap();
        act(&world, &who("sue"), case, Act::Undo).await.unwrap();
        settle(&world).await;
        let after = penalties::hold_of(&mut world.house.db.read().await.unwrap(), hold.id).await.unwrap().unwrap();
        assert_eq!(after.released.unwrap().1, Released::Reinstated);
        world.pass(91 * Time::DAY);
        assert_eq!(sweep::release_payouts(&world.house, &World::import()).await.unwrap(), 0, "once");
    }

    async fn a_seller_asks_from_day_60_and_a_person_answers(url: &str) {
        let world = World::with_set_clock(url).await;
        let (seller, other) = (Actor::seller(&shop(), "portal"), Actor::seller(&"other".parse().unwrap(), "portal"));
        let nothing = refusal(penalty::ask_for_payout(&world.house, &seller, &shop(), "please").await);
        assert!(nothing.contains("no payouts"), "{nothing}");
        strike(&world, "item-1", RemoveReason::Extreme).await;
        days(&world, 59).await;
        let early = refusal(penalty::ask_for_payout(&world.house, &seller, &shop(), "please").await);
        assert!(early.contains("can't be asked for before"), "{early}");
        assert!(refusal(penalty::answer_payout(&world.house, &who("sue"), &shop(), false, "no").await).contains("did not ask"));
        world.pass(Time::DAY);
        let stranger = refusal(penalty::ask_for_payout(&world.house, &other, &shop(), "mine").await);
        assert!(stranger.contains("another seller's"), "{stranger}");
        assert!(refusal(penalty::ask_for_payout(&world.house, &seller, &shop(), " ").await).contains("words"));
        penalty::ask_for_payout(&world.house, &seller, &shop(), "invoices attached").await.unwrap();
        let again = refusal(penalty::ask_for_payout(&world.house, &seller, &shop(), "please").await);
        assert!(again.contains("it was asked for"), "{again}");
        let asked = penalties::asked(&mut world.house.db.read().await.unwrap(), true, 10).await.unwrap();
        assert_eq!(asked.iter().map(|hold| hold.asked.as_ref().unwrap().1.as_str()).collect::<Vec<_>>(), ["invoices attached"]);

        refusal(penalty::answer_payout(&world.house, &who("ann"), &shop(), true, "fine").await);
        penalty::answer_payout(&world.house, &who("sue"), &shop(), false, "not legible").await.unwrap();
        assert_eq!(told(&world, "mail_seller", "\"kept\"").await, 1);
        penalty::ask_for_payout(&world.house, &seller, &shop(), "better scans").await.unwrap();
        penalty::answer_payout(&world.house, &who("sue"), &shop(), true, "paid back the buyers").await.unwrap();
        assert_eq!(held(&world).await, None);
        assert_eq!(told(&world, "hook_marketplace", "payout_released").await, 1);
        refusal(penalty::answer_payout(&world.house, &who("sue"), &shop(), true, "again").await);
    }

    async fn what_several_removals_would_do_is_said_before(url: &str) {
        let world = World::with_set_clock(url).await;
        strike(&world, "item-1", RemoveReason::Serious).await;
        days(&world, 4).await;
        let cases = world.report("n2", &["item-2", "item-3"]).await;
        let previews = penalty::preview(&world.house, &cases, RemoveReason::CounterfeitSold).await.unwrap();
        let [(seller, preview)] = &previews[..] else { panic!("{previews:?}") };
        assert_eq!(seller.as_str(), "shop");
        assert_eq!(
            preview.words,
            "24 -> 36 points: hidden for 21 days, all listings off; next step 48 (terminated); \
             2 of these fall in a 3-day window and count once"
        );
        for case in cases {
            act(&world, &who("ann"), case, Act::Remove(RemoveReason::CounterfeitSold)).await.unwrap();
        }
        settle(&world).await;
        assert_eq!(seller_of(&world, "shop").await.points, preview.after.points, "and so it came");
    }
}
