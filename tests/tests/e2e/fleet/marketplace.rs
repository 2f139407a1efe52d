//! An event for the marketplace whose outcome nobody knows: it is asked about before it is sent again.

use jointforce_shared::domain::{
    effect::{Effect, EffectState, MarketplaceEvent, NewEffect},
    ids::EffectId,
    time::Time,
};
use jointforce_tests::{
    hooks::{Answer, Hooks},
    servers::sqlite_database,
};
use jointforce_worker::outside::Marketplace;

use super::{Hands, SECRET};

async fn event(hands: &Hands) -> EffectId {
    let house = &hands.world.house;
    let id = house.clock.id(EffectId::from_ulid);
    let case = hands.world.report("n1", &["item-1"]).await[0];
    let event = MarketplaceEvent::ListingRemoved { listing: "item-1".parse().unwrap(), case };
    let new =
        NewEffect { id, effect: Effect::HookMarketplace { event }, due: house.clock.now(), decision: None, once: None };
    let mut tx = house.db.write().await.unwrap();
    jointforce_shared::store::effects::add(&mut tx, &[new], house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// An event whose first call is taken, but never answered; then the marketplace says `outcome`.
async fn after_a_lost_answer(asks: bool, outcome: &[Answer]) -> (Vec<String>, Vec<EffectState>) {
    let database = sqlite_database();
    let hooks = Hooks::start().await;
    let marketplace = Marketplace {
        url: hooks.url("/events"),
        secret: SECRET.into(),
        outcome: asks.then(|| hooks.url("/events/{id}")),
    };
    let hands = Hands::new(&database.url, Some(marketplace)).await;
    let id = event(&hands).await;
    hooks.answer_next(1, Answer::HangUp);
    hands.carry(&[id]).await;
    let mut states = vec![hands.entry(id).await.state];
    for answer in outcome {
        hooks.answer_next(1, answer.clone());
        hands.world.pass(2 * Time::HOUR);
        hands.carry(&[id]).await;
        states.push(hands.entry(id).await.state);
    }
    let received = hooks.received();
    let calls = received.iter().map(|call| {
        assert_eq!(call.header("webhook-id"), id.to_string());
        format!("{} {}", call.method, call.path.replace(&id.to_string(), "ID"))
    });
    (calls.collect(), states)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_taken_is_not_sent_again() {
    let (calls, states) = after_a_lost_answer(true, &[Answer::Status(200)]).await;
    assert_eq!(calls, ["POST /events", "GET /events/ID"]);
    assert_eq!(states, [EffectState::Due, EffectState::Done]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_was_not_taken_is_sent_again_under_its_id() {
    let (calls, states) = after_a_lost_answer(true, &[Answer::Status(404)]).await;
    assert_eq!(calls, ["POST /events", "GET /events/ID", "POST /events"]);
    assert_eq!(states, [EffectState::Due, EffectState::Done]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_nobody_knows_nothing_is_sent_again() {
    let (calls, states) = after_a_lost_answer(true, &[Answer::Status(500), Answer::Status(200)]).await;
    assert_eq!(calls, ["POST /events", "GET /events/ID", "GET /events/ID"]);
    assert_eq!(states, [EffectState::Due, EffectState::Due, EffectState::Done]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_place_to_ask_it_is_sent_again_under_its_id() {
    let (calls, states) = after_a_lost_answer(false, &[Answer::Status(204)]).await;
    assert_eq!(calls, ["POST /events", "POST /events"]);
    assert_eq!(states, [EffectState::Due, EffectState::Done]);
}
