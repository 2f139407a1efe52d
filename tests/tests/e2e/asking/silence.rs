//! What time does to questions, by a clock that is moved: the reminder, the three kinds of silence, and the listing that is
//! hidden meanwhile.

use jointforce_shared::{
    commands::{
        Actor, House, approval,
        case::{self, Act, Request},
        catalogue, sweep,
    },
    domain::{
        authenticity::{Answer, OnSilence, Silence, State},
        brand::Tier,
        decision::{KeepReason, RemoveReason, Verdict},
        ids::CaseId,
        listing::ListingState,
    },
    store::{approvals, decisions, listings},
};
use jointforce_tests::{
    mail::Mailbox,
    wait::{SOON, until},
    world::{World, listing, listing_id, who},
};

use super::{DAY, Worker, asked, case_of, dossier_of, effects_with, refusal, reported_by, request_of, say, times};
use crate::store::on_both;

/// Lets four workers sweep at once; gives how many reminders and how many silences there were.
async fn sweep_from_all_sides(house: &House) -> (usize, usize) {
    let sides = (0..4).map(|n| {
        let (house, actor) = (house.clone(), Actor::program(&format!("worker-{n}")));
        tokio::spawn(async move {
            let reminded = sweep::remind_brands(&house, &actor).await.unwrap();
            (reminded, sweep::end_silence(&house, &actor).await.unwrap())
        })
    });
    let (mut reminded, mut silent) = (0, 0);
    for side in sides.collect::<Vec<_>>() {
        let (one, other) = side.await.unwrap();
        (reminded, silent) = (reminded + one, silent + other);
    }
    (reminded, silent)
}

async fn listing_state(house: &House, id: &str) -> ListingState {
    listings::at_version(&mut house.db.read().await.unwrap(), &listing_id(id), 1).await.unwrap().unwrap().state
}

async fn decide(house: &House, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: String::new() };
    case::act(house, &who("ann"), &request).await.unwrap();
    // A trusted brand is told no by two.
    let waits = approvals::queue(&mut house.db.read().await.unwrap(), None, 1).await.unwrap();
    for waiting in waits {
        approval::approve(house, &who("sue"), waiting.id, "right").await.unwrap();
    }
}

on_both! {
    async fn a_reminder_goes_out_once_at_half_time_and_none_after_an_answer(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        let (open, answered) = (asked(house, cases[0]).await, asked(house, cases[1]).await);
        assert_eq!(sweep_from_all_sides(house).await, (0, 0));
        say(house, answered.request, Answer::Unsure).await.unwrap();
        let half = request_of(house, open.request).await.remind;
        world.pass(half.since(house.clock.now()) - 1);
        assert_eq!(sweep_from_all_sides(house).await, (0, 0));
        world.pass(1);
        assert_eq!(sweep_from_all_sides(house).await, (1, 0));
        assert_eq!(sweep_from_all_sides(house).await, (0, 0));
        assert_eq!(effects_with(house, "\"reminder\":true").await.len(), 1);
        let reminded = "authenticity.reminded";
        assert_eq!((times(house, cases[0], reminded).await, times(house, cases[1], reminded).await), (1, 0));
        assert_eq!(request_of(house, open.request).await.reminded, Some(half));
    }

    async fn silence_does_once_what_the_brand_was_told(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        for (item, tier, silence) in [
            ("item-1", Tier::Unverified, Silence::KeepUp),
            ("item-2", Tier::GoodFaith, Silence::Moderator),
            ("item-3", Tier::JointForce, Silence::Pause),
        ] {
            let case = reported_by(&world, item, tier, &[item]).await[0];
            let open = asked(house, case).await;
            world.pass(open.until.since(house.clock.now()));
            // What the brand was told stays so, whatever the policy says meanwhile.
            let mut later = house.clone();
            let never = OnSilence { unverified: Silence::Pause, good_faith: Silence::KeepUp, joint_force: Silence::KeepUp, ..later.policy.asking.on_silence };
            later.policy.asking.on_silence = never;
            assert_eq!(sweep_from_all_sides(&later).await.1, 1, "{tier}");
            assert_eq!(sweep_from_all_sides(&later).await.1, 0, "{tier}");
            assert_eq!(request_of(house, open.request).await.state, State::Silent(silence));
            assert_eq!(times(house, case, "authenticity.silent").await, 1);
            let after = case_of(house, case).await;
            let paused = effects_with(house, "pause_listing").await.iter().any(|effect| effect.case == Some(case));
            assert_eq!(paused, silence == Silence::Pause);
            match silence {
                Silence::KeepUp => {
                    let (verdict, id) = after.state.decision().unwrap();
                    assert_eq!(verdict, Verdict::Keep(KeepReason::WeakEvidence));
                    let mut conn = house.db.read().await.unwrap();
                    let kept = decisions::get_many(&mut conn, &[id]).await.unwrap().pop().unwrap();
                    assert_eq!((kept.by.as_str(), kept.automated), ("automatic:silence", true));
                    let late = refusal(say(house, open.request, Answer::Counterfeit).await).to_string();
                    assert!(late.contains("deadline passed"), "{late}");
                }
                Silence::Moderator | Silence::Pause => {
                    assert_eq!(after.state.as_str(), "open");
                    assert!(dossier_of(house, case).await.flags(house.clock.now())[0].contains("did not answer"));
                    // Late is better than never.
                    say(house, open.request, Answer::Counterfeit).await.unwrap();
                }
            }
        }
    }

    async fn a_question_that_was_answered_in_time_never_counts_as_silence(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(&world.house, case).await;
        say(&world.house, open.request, Answer::GreyMarket).await.unwrap();
        world.pass(30 * DAY);
        assert_eq!(sweep_from_all_sides(&world.house).await, (0, 0));
    }

    async fn a_listing_hidden_on_silence_is_back_with_the_answer_or_the_decision(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let mail = Mailbox::start().await;
        let worker = Worker::start(&world, &mail.url());
        let items = ["item-1", "item-2", "item-3"];
        let cases = reported_by(&world, "trusted", Tier::JointForce, &items).await;
        let mut requests = vec![];
        for case in &cases {
            requests.push(asked(house, *case).await.request);
        }
        world.pass(10 * DAY);
        for item in items {
            until(SOON, "the listing is hidden", async || listing_state(house, item).await == ListingState::Paused).await;
        }
        until(SOON, "the seller is told why", async || {
            let told = |body: &str| body.contains("hid the listing");
            mail.taken().iter().any(|letter| letter.to == ["shop@sellers.example"] && told(letter.body()))
        })
        .await;
        // The marketplace goes on saying that it is live, as its seller wants it; it stays hidden.
        catalogue::load_listings(house, &World::import(), &[listing("item-1", "shop")]).await.unwrap();
        assert_eq!(listing_state(house, "item-1").await, ListingState::Paused);

        say(house, requests[0], Answer::GreyMarket).await.unwrap();
        decide(house, cases[1], Act::Keep(KeepReason::Exhausted)).await;
        decide(house, cases[2], Act::Remove(RemoveReason::CounterfeitListing)).await;
        world.pass(DAY);
        let after = [ListingState::Live, ListingState::Live, ListingState::Removed];
        for (item, state) in items.into_iter().zip(after) {
            until(SOON, &format!("{item} is {state}"), async || listing_state(house, item).await == state).await;
        }
        assert_eq!(request_of(house, requests[1]).await.state, State::Withdrawn);
        // Put back from a removal, nothing hides it any more.
        decide(house, cases[2], Act::Undo).await;
        until(SOON, "item-3 is back", async || listing_state(house, "item-3").await == ListingState::Live).await;
        drop(worker);
    }
}
