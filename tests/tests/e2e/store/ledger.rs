//! The ledger: claims, leases, fences.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        effect, sweep,
    },
    domain::{
        decision::RemoveReason, effect::EffectState, effect::Lane, ids::EffectId, listing::ListingState, time::Time,
    },
    store::{
        effects::{
            self,
            carry::{self, Next},
        },
        leases, listings,
    },
};
use jointforce_tests::{
    inside::carry_inside,
    wait::until_some,
    world::{World, listing_id, who},
};

use super::on_both;

/// Decides a case and lets the grace window pass: two inside effects are due.
async fn two_due(world: &World) -> Vec<EffectId> {
    let case = world.report("n1", &["item-1"]).await[0];
    let act = Act::Remove(RemoveReason::CounterfeitListing);
    case::act(&world.house, &who("ann"), &Request { case, version: Some(1), act, note: String::new() }).await.unwrap();
    let mut conn = world.house.db.read().await.unwrap();
    assert!(carry::due(&mut conn, Lane::INSIDE, world.house.clock.now(), 10).await.unwrap().is_empty(), "grace");
    world.pass(11 * Time::SECOND);
    carry::due(&mut conn, Lane::INSIDE, world.house.clock.now(), 10).await.unwrap()
}

/// The receipt of a notice: one outside effect that is due.
async fn one_outside(world: &World) -> Vec<EffectId> {
    world.report("n1", &["item-1"]).await;
    let mut conn = world.house.db.read().await.unwrap();
    carry::due(&mut conn, Lane::OUTSIDE, world.house.clock.now(), 10).await.unwrap()
}

on_both! {
    async fn a_listing_comes_back_when_its_second_removal_is_taken_back_before_it_began(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let act = async |act: Act| {
            let request = Request { case, version: None, act, note: "looking again".to_owned() };
            case::act(&world.house, &who("ann"), &request).await.unwrap();
        };
        let state = async || {
            let mut conn = world.house.db.read().await.unwrap();
            listings::at_version(&mut conn, &listing_id("item-1"), 1).await.unwrap().unwrap().state
        };
        act(Act::Remove(RemoveReason::CounterfeitListing)).await;
        world.pass(11 * Time::SECOND);
        carry_inside(&world.house).await;
        assert_eq!(state().await, ListingState::Removed);

        // Decided again before the restoral was carried out, which then finds a removal in force.
        act(Act::Undo).await;
        act(Act::Remove(RemoveReason::CounterfeitListing)).await;
        carry_inside(&world.house).await;
        assert_eq!(state().await, ListingState::Removed);
        act(Act::Undo).await;
        carry_inside(&world.house).await;
        assert_eq!(state().await, ListingState::Live);
    }

    async fn a_claimed_effect_is_nobody_elses_and_free_again_when_the_claimer_dies(url: &str) {
        let world = World::with_set_clock(url).await;
        let ids = two_due(&world).await;
        assert_eq!(ids.len(), 2);
        let now = world.house.clock.now();
        let mut tx = world.house.db.write().await.unwrap();
        assert_eq!(carry::claim(&mut tx, &ids, now).await.unwrap().len(), 2);
        carry::done(&mut tx, &ids, now).await.unwrap();
        if !world.house.db.is_embedded() {
            let mut other = world.house.db.write().await.unwrap();
            assert!(carry::claim(&mut other, &ids, now).await.unwrap().is_empty());
        }
        drop(tx); // what a kill does to a transaction; the pool rolls back a moment later
        let mut tx = until_some(Duration::from_secs(5), "both effects are free again", async || {
            let mut tx = world.house.db.write().await.unwrap();
            let claimed = carry::claim(&mut tx, &ids, now).await.unwrap();
            (claimed.len() == 2).then_some(tx)
        })
        .await;
        carry::done(&mut tx, &ids, now).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.house.db.write().await.unwrap();
        assert!(carry::claim(&mut tx, &ids, now).await.unwrap().is_empty(), "done is done");
        assert!(carry::done(&mut tx, &ids, now).await.is_err(), "and is not done twice");
    }

    async fn an_undo_makes_good_what_may_have_been_heard(url: &str) {
        use jointforce_shared::domain::decision::KeepReason;
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let keep = Act::Keep(KeepReason::WeakEvidence);
        case::act(&world.house, &who("ann"), &Request { case, version: None, act: keep, note: String::new() }).await.unwrap();
        world.pass(11 * Time::SECOND);
        // The letter goes out, the answer is lost: it is to be tried again, and nobody knows whether it was read.
        let now = world.house.clock.now();
        let of_case = effects::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
        let ids: Vec<EffectId> = of_case.iter().map(|entry| entry.id).collect();
        let mut tx = world.house.db.write().await.unwrap();
        let leased = carry::lease(&mut tx, &ids, "worker", Duration::from_secs(15), now).await.unwrap();
        assert_eq!(leased.len(), 1);
        let later = Next::Retry(now + Duration::from_secs(60));
        assert!(carry::fail(&mut tx, &leased[0], "worker", "no answer", later).await.unwrap());
        tx.commit().await.unwrap();
        let undo = Request { case, version: None, act: Act::Undo, note: String::new() };
        assert!(case::act(&world.house, &who("ann"), &undo).await.unwrap().compensated, "the brand may have read it");
        let after = effects::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
        assert!(after.iter().any(|entry| entry.payload.contains("undone")), "so it hears of the undo: {after:?}");
    }

    async fn whoever_lost_the_lease_changes_nothing(url: &str) {
        let world = World::with_set_clock(url).await;
        let ids = one_outside(&world).await;
        let now = world.house.clock.now();
        let mut tx = world.house.db.write().await.unwrap();
        let slow = carry::lease(&mut tx, &ids, "slow", Duration::ZERO, now).await.unwrap();
        assert_eq!(slow[0].attempt, 1);
        assert!(carry::lease(&mut tx, &ids, "other", Duration::from_secs(15), now).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert_eq!(sweep::take_back_effects(&world.house).await.unwrap(), (1, 0));
        let mut tx = world.house.db.write().await.unwrap();
        let quick = carry::lease(&mut tx, &ids, "quick", Duration::from_secs(15), now).await.unwrap();
        assert_eq!(quick[0].attempt, 2);
        assert!(!carry::finish(&mut tx, &slow[0], "slow", now).await.unwrap());
        assert!(!carry::fail(&mut tx, &slow[0], "slow", "late", Next::Dead(now)).await.unwrap());
        assert!(carry::finish(&mut tx, &quick[0], "quick", now).await.unwrap());
        tx.commit().await.unwrap();
        let entry = effects::get(&mut world.house.db.read().await.unwrap(), ids[0]).await.unwrap().unwrap();
        assert_eq!((entry.state, entry.attempts), (EffectState::Done, 2));
    }

    async fn an_effect_that_kills_every_worker_is_dead_by_its_count(url: &str) {
        let world = World::with_set_clock(url).await;
        let ids = one_outside(&world).await;
        for attempt in 1..=world.house.policy.attempts_max {
            let mut tx = world.house.db.write().await.unwrap();
            let leased = carry::lease(&mut tx, &ids, "doomed", Duration::ZERO, world.house.clock.now()).await.unwrap();
            assert_eq!(leased[0].attempt, attempt);
            tx.commit().await.unwrap();
            let dead = usize::from(attempt == world.house.policy.attempts_max);
            assert_eq!(sweep::take_back_effects(&world.house).await.unwrap(), (1 - dead, dead));
        }
        let dead = effects::list(&mut world.house.db.read().await.unwrap(), Some(EffectState::Dead), None, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert!(dead[0].last_error.as_deref().unwrap().contains("stopped answering"));
        assert!(effect::retry(&world.house, &who("ann"), &ids).await.is_err(), "a moderator doesn't run effects");
        assert_eq!(effect::retry(&world.house, &who("oda"), &ids).await.unwrap(), ids);
        assert!(effect::drop(&world.house, &who("oda"), &ids, " ").await.is_err(), "not without a reason");
        assert_eq!(effect::drop(&world.house, &who("oda"), &ids, "brand is bankrupt").await.unwrap(), ids);
    }

    async fn a_parked_effect_waits_and_counts_no_attempt(url: &str) {
        let world = World::with_set_clock(url).await;
        let ids = one_outside(&world).await;
        let now = world.house.clock.now();
        let mut tx = world.house.db.write().await.unwrap();
        let leased = carry::lease(&mut tx, &ids, "w", Duration::from_secs(15), now).await.unwrap();
        let later = now + Duration::from_secs(300);
        assert!(carry::fail(&mut tx, &leased[0], "w", "newer than me", Next::Park(later)).await.unwrap());
        tx.commit().await.unwrap();
        let entry = effects::get(&mut world.house.db.read().await.unwrap(), ids[0]).await.unwrap().unwrap();
        assert_eq!((entry.state, entry.attempts, entry.due), (EffectState::Due, 0, later));
    }

    async fn one_leads_at_a_time(url: &str) {
        let world = World::new(url).await;
        let mut tx = world.house.db.write().await.unwrap();
        assert!(leases::take(&mut tx, "relay", "a", Duration::from_secs(60)).await.unwrap());
        assert!(!leases::take(&mut tx, "relay", "b", Duration::from_secs(60)).await.unwrap());
        assert!(leases::take(&mut tx, "relay", "a", Duration::ZERO).await.unwrap(), "renewed, and ended at once");
        tx.commit().await.unwrap();
        let mut tx = world.house.db.write().await.unwrap();
        assert!(leases::take(&mut tx, "relay", "b", Duration::from_secs(60)).await.unwrap());
        leases::give_back(&mut tx, "relay", "a").await.unwrap();
        assert!(!leases::take(&mut tx, "relay", "a", Duration::from_secs(60)).await.unwrap(), "b leads");
    }
}
