//! Endpoints that fail, hang, ask for patience, or are gone: each is spared, and none stands in another's way.

use std::time::Duration;

use jointforce_shared::{
    commands::{Actor, catalogue, lane, sweep::on_call, webhook},
    domain::{
        effect::{BrandNews, Effect, EffectState, Endpoint, Lane, NewEffect},
        ids::EffectId,
        page::PageKind,
        time::Time,
    },
    store::{audit, brands, effects, endpoints, pages, vitals},
};
use jointforce_tests::{
    hooks::{Answer, Hooks},
    wait::until,
    world::{World, brand, who},
};
use jointforce_worker::outside::Marketplace;

use super::{Hands, LIMIT, SECRET, remove};
use crate::{
    main_job::{Stage, on_every_stage},
    store::on_both,
};

fn acme() -> Endpoint {
    Endpoint::Brand("acme".parse().unwrap())
}

on_both! {
    async fn an_endpoint_that_fails_is_parked_probed_by_one_and_then_gets_everything(url: &str) {
        let (hands, hooks) = (Hands::new(url, None).await, Hooks::start().await);
        hands.hook(hooks.url("/acme")).await;
        hooks.answer_always(Answer::Status(500));
        let events = hands.events(12).await;
        for event in &events[..5] {
            hands.carry(&[*event]).await;
        }
        assert_eq!(hooks.received().len(), 5);
        hands.carry(&events[5..]).await;
        assert_eq!(hooks.received().len(), 5, "what was rung before it was parked is not sent either");
        let now = hands.world.house.clock.now();
        let flow = hands.flow(acme()).await.unwrap();
        assert_eq!((flow.failures, flow.parked_until), (5, Some(now + Duration::from_secs(60))));
        let rest = &events[5..];
        assert!(rest.iter().all(|id| futures_state(&hands, *id)), "their attempts are not used up");

        hands.world.pass(61 * Time::SECOND);
        hands.carry(&[events[5]]).await;
        assert_eq!(hooks.received().len(), 6, "one probe");
        let flow = hands.flow(acme()).await.unwrap();
        let now = hands.world.house.clock.now();
        assert_eq!((flow.failures, flow.parked_until), (6, Some(now + Duration::from_secs(120))), "twice as long");

        hands.world.pass(121 * Time::SECOND);
        hooks.answer_always(Answer::Status(204));
        hands.carry(&[events[6]]).await;
        assert!(hands.flow(acme()).await.is_some_and(|flow| flow.failures == 0 && flow.parked_until.is_none()));
        hands.carry(&events).await;
        assert_eq!(hands.states(&events).await, [EffectState::Done; 12]);
        assert!(endpoints::failing(&mut hands.world.house.db.read().await.unwrap()).await.unwrap().is_empty());
    }

    async fn on_call_is_told_once_that_a_way_out_of_ours_is_closed_until_it_is_open(url: &str) {
        let hooks = Hooks::start().await;
        let marketplace = Marketplace { url: hooks.url("/market"), secret: SECRET.into(), outcome: None };
        let hands = Hands::new(url, Some(marketplace)).await;
        let house = &hands.world.house;
        hands.hook(hooks.url("/acme")).await;
        hooks.answer_always(Answer::Status(500));
        let (ours, brands) = (hands.market_events(8).await, hands.events(8).await);
        for event in ours[..4].iter().chain(&brands) {
            hands.carry(&[*event]).await;
        }
        let worker = Actor::program("worker:test");
        assert_eq!(on_call::watch_endpoints(house, &worker).await.unwrap(), 0, "too few, and a brand's is its own");
        hands.carry(&[ours[4]]).await;
        let [one, other] = [0, 1].map(|_| on_call::watch_endpoints(house, &worker));
        let (one, other) = tokio::join!(one, other);
        assert_eq!(one.unwrap() + other.unwrap(), 1, "of two workers one calls");
        let mut conn = house.db.read().await.unwrap();
        let [page] = &pages::open(&mut conn, 10).await.unwrap()[..] else { panic!("one page") };
        assert_eq!((page.kind, page.key.as_str()), (PageKind::Endpoint, "endpoint:marketplace"));
        assert!(page.summary.contains("5 times in a row") && page.summary.contains("500"), "{}", page.summary);
        let on = |lane, vitals: &vitals::Vitals| {
            let lane = vitals.lanes.iter().find(|vitals| vitals.lane == lane).unwrap();
            (lane.due, lane.held, lane.oldest)
        };
        let seen = vitals::read(&mut conn, house.clock.now() + Duration::from_secs(9), 0).await.unwrap();
        assert_eq!(on(Lane::Marketplace, &seen), (0, 8, None), "held, and nobody is late");

        hands.world.pass(61 * Time::SECOND);
        hands.carry(&[ours[5]]).await;
        assert_eq!(on_call::watch_endpoints(house, &worker).await.unwrap(), 0, "the probe failed: it is told already");
        hands.world.pass(121 * Time::SECOND);
        let seen = vitals::read(&mut conn, house.clock.now(), 0).await.unwrap();
        assert_eq!(on(Lane::Marketplace, &seen).1, 0, "it is probed now");
        hooks.answer_always(Answer::Status(204));
        hands.carry(&[ours[6]]).await;
        assert_eq!(on_call::watch_endpoints(house, &worker).await.unwrap(), 1);
        assert!(pages::open(&mut conn, 10).await.unwrap().is_empty(), "it ends by itself");
    }

    async fn an_endpoint_that_asks_for_patience_gets_it_for_everything(url: &str) {
        let (hands, hooks) = (Hands::new(url, None).await, Hooks::start().await);
        hands.hook(hooks.url("/acme")).await;
        hooks.answer_next(1, Answer::WithHeader(429, "retry-after", "300".into()));
        let events = hands.events(3).await;
        hands.carry(&events[..1]).await;
        let until = hands.world.house.clock.now() + Duration::from_secs(300);
        assert_eq!(hands.flow(acme()).await.unwrap().parked_until, Some(until));
        hands.world.pass(299 * Time::SECOND);
        hands.carry(&events).await;
        assert_eq!(hooks.received().len(), 1);
        hands.world.pass(2 * Time::SECOND);
        hands.carry(&events).await;
        assert_eq!(hands.states(&events).await, [EffectState::Done; 3]);
    }

    async fn a_message_that_is_refused_is_its_own_affair(url: &str) {
        let (hands, hooks) = (Hands::new(url, None).await, Hooks::start().await);
        hands.hook(hooks.url("/acme")).await;
        hooks.answer_next(9, Answer::Status(422));
        let events = hands.events(10).await;
        for event in &events {
            hands.carry(&[*event]).await;
        }
        assert_eq!(hooks.received().len(), 10);
        assert_eq!(hands.states(&events[9..]).await, [EffectState::Done]);
    }

    async fn on_call_may_have_an_endpoint_tried_at_once(url: &str) {
        let (hands, hooks) = (Hands::new(url, None).await, Hooks::start().await);
        hands.hook(hooks.url("/acme")).await;
        hooks.answer_next(1, Answer::WithHeader(503, "retry-after", "3600".into()));
        let events = hands.events(2).await;
        hands.carry(&events[..1]).await;
        assert!(lane::forgive(&hands.world.house, &who("ann"), &acme()).await.is_err(), "not a moderator");
        assert!(lane::forgive(&hands.world.house, &who("oda"), &acme()).await.unwrap());
        assert!(!lane::forgive(&hands.world.house, &who("oda"), &acme()).await.unwrap());
        hands.carry(&events).await;
        assert_eq!(hands.states(&events[1..]).await, [EffectState::Done]);
    }

    async fn a_webhook_that_is_gone_is_called_no_more_and_the_brand_is_told(url: &str) {
        let (hands, hooks) = (Hands::new(url, None).await, Hooks::start().await);
        let house = &hands.world.house;
        hands.hook(hooks.url("/old?key=s3cret")).await;
        hooks.answer_always(Answer::Status(410));
        let events = hands.events(3).await;
        hands.carry(&events).await;
        hands.carry(&hands.due(&[Lane::Webhooks]).await).await;
        assert_eq!(hands.states(&events).await, [EffectState::Done; 3], "nobody is paged for a webhook that is gone");
        let calls = hooks.received().len();
        let acme = brands::get(&mut house.db.read().await.unwrap(), &"acme".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(acme.webhook_url, None);
        hands.carry(&hands.due(&[Lane::Letters]).await).await;
        let letters = hands.mail.taken();
        assert_eq!(letters.len(), 1, "it is told once");
        assert!(letters[0].message.contains("answered 410 Gone") && !letters[0].message.contains("s3cret"));
        let events = audit::newest(&mut house.db.read().await.unwrap(), None, 100).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.action == "brand.webhook_gone").count(), 1);

        hands.hook(hooks.url("/old?key=s3cret")).await;
        hands.carry(&hands.events(1).await).await;
        assert_eq!(hooks.received().len(), calls, "the same file loaded again brings it not back");
        hooks.answer_always(Answer::Status(204));
        assert!(webhook::resume(house, &who("oda"), &"acme".parse().unwrap(), "a mistake").await.is_err());
        assert!(webhook::resume(house, &who("adam"), &"acme".parse().unwrap(), "a mistake").await.unwrap());
        hands.carry(&hands.events(1).await).await;
        assert_eq!(hooks.received().len(), calls + 1);
        hands.hook(hooks.url("/new")).await;
        hands.carry(&hands.events(1).await).await;
        assert_eq!(hooks.received().last().unwrap().path, "/new");
    }

    async fn flows_are_told_apart_by_lane_and_endpoint(url: &str) {
        let hands = Hands::new(url, None).await;
        hands.hook("http://127.0.0.1:9/".into()).await;
        hands.events(3).await;
        let case = hands.world.report("n1", &["item-1"]).await[0];
        remove(&hands.world, case).await;
        let house = &hands.world.house;
        let flows = effects::flows::all(&mut house.db.read().await.unwrap()).await.unwrap();
        let mut names: Vec<_> = flows
            .iter()
            .map(|flow| format!("{} {}", flow.lane, flow.endpoint.as_ref().map_or("-".into(), ToString::to_string)))
            .collect();
        names.sort();
        assert_eq!(names, ["letters mail", "penalties -", "removals -", "webhooks brand:acme"]);
        let removals = flows.iter().find(|flow| flow.lane == Lane::Removals).unwrap();
        assert!(removals.first > house.clock.now(), "the grace window is not over");
        let hooks = flows.iter().find(|flow| flow.lane == Lane::Webhooks).unwrap();
        let now = house.clock.now();
        let due = effects::flows::due(&mut house.db.read().await.unwrap(), hooks, now, 2).await.unwrap();
        assert_eq!(due.len(), 2);
    }
}

/// Whether an effect still waits with all its attempts.
fn futures_state(hands: &Hands, id: EffectId) -> bool {
    let entry = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(hands.entry(id)));
    (entry.state, entry.attempts) == (EffectState::Due, 0)
}

on_every_stage! {
    /// The hanging endpoint has more waiting than all hands of the worker could hold.
    async fn an_endpoint_that_hangs_delays_nobody_else(stage: Stage) {
        let house = &stage.world.house;
        let hanging = Hooks::start().await;
        hanging.answer_always(Answer::Hang);
        let slow = brand("slow");
        let slow = jointforce_shared::domain::brand::Brand {
            webhook_url: Some(hanging.url("/")),
            webhook_secret: Some(SECRET.to_owned()),
            ..slow
        };
        catalogue::load_brands(house, &World::import(), &[slow]).await.unwrap();
        let event = |brand: &str, n: i64| NewEffect {
            id: house.clock.id(EffectId::from_ulid),
            effect: Effect::HookBrand {
                brand: brand.parse().unwrap(),
                notice: None,
                news: BrandNews::Warned { why: n.to_string(), until: Time(0) },
            },
            // The hanging one's are older: whoever goes by age alone meets them first.
            due: Time(house.clock.now().0 - if brand == "slow" { Time::HOUR } else { 0 } + n),
            decision: None,
            once: None,
        };
        let many: Vec<_> = (0..2000).map(|n| event("slow", n)).chain((0..100).map(|n| event("acme", n))).collect();
        let mut tx = house.db.write().await.unwrap();
        effects::add(&mut tx, &many, house.clock.now()).await.unwrap();
        tx.commit().await.unwrap();

        let _worker = stage.start_worker();
        until(LIMIT, "everything for others is done", async || stage.count(EffectState::Done).await == 100).await;
        assert_eq!(stage.hooks.received().len(), 100);
        let open = hanging.received().len();
        // On a slow machine calls time out meanwhile; the place of each is taken again until the endpoint is parked.
        let limits = &house.policy.endpoints;
        let most = usize::try_from(limits.at_once + limits.failures).unwrap();
        assert!(open <= most, "{open} calls to the one that hangs");
        let mut conn = house.db.read().await.unwrap();
        for new in &many[..2000] {
            let entry = effects::get(&mut conn, new.id).await.unwrap().unwrap();
            assert!(matches!(entry.state, EffectState::Due | EffectState::Running), "{entry:?}");
        }
    }
}
