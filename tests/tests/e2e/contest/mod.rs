//! What parties say against a notice or a decision: counter-notices, appeals, withdrawals.

mod appeals;
mod by_hand;
mod counters;
mod refused;
mod told;
mod window;
mod withdrawals;

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor, Error,
        appeal::{self, Opened},
        case::{self, Act, Acted, Request},
        counter_notice::{self, Answered, Received},
        withdrawal::{self, Taken},
    },
    domain::{
        appeal::RawAppeal,
        case::State,
        counter_notice::{RawAnswer, RawCounterNotice, Regime},
        decision::{KeepReason, RemoveReason},
        ids::{AppealId, BrandId, CaseId, CounterId},
        withdrawal::RawWithdrawal,
    },
    store::{
        cases::{self, Case},
        counter_notices::{self, Counter},
        invariants, sellers,
    },
};
use jointforce_tests::world::{World, who};
use serde_json::json;

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);
const KEEP: Act = Act::Keep(KeepReason::WeakEvidence);

/// A world with a clock that stands, under American law.
async fn dmca(url: &str) -> World {
    let mut world = World::with_set_clock(url).await;
    world.house.policy.counters.jurisdictions.insert("EU".into(), Regime::Dmca);
    world.house.policy.grace = Duration::from_secs(0);
    world
}

/// A world with a clock that stands, under European law.
async fn eu(url: &str) -> World {
    World::with_set_clock(url).await
}

fn acme() -> BrandId {
    "acme".parse().unwrap()
}

/// A complete counter-notice by the shop.
fn contest(reference: &str, listing: &str) -> RawCounterNotice {
    serde_json::from_value(json!({
        "reference": reference,
        "seller": "shop",
        "listing": listing,
        "reason": "authorized",
        "explanation": "Bought from Acme's own outlet; the invoice shows it.",
        "material": "White trainers, size 42",
        "good_faith": true,
        "perjury": true,
        "name": "Bo Li",
        "address": "1 Main St, Springfield, IL 62701",
        "phone": "+1 555 0100",
        "consent": true,
        "signature": "Bo Li",
    }))
    .unwrap()
}

fn says(answer: &str) -> RawAnswer {
    RawAnswer {
        answer: answer.into(),
        court: "S.D.N.Y.".into(),
        number: "1:26-cv-01234".into(),
        proof: "https://acme.example/complaint.pdf".into(),
        words: if answer == "reject" { "The invoice is forged.".into() } else { String::new() },
    }
}

async fn act(world: &World, account: &str, case: CaseId, act: Act) -> Result<Acted, Error> {
    case::act(&world.house, &who(account), &Request { case, version: None, act, note: String::new() }).await
}

/// A removed listing: its case.
async fn removed(world: &World, reference: &str, listing: &str) -> CaseId {
    let case = world.report(reference, &[listing]).await[0];
    act(world, "ann", case, REMOVE).await.unwrap();
    case
}

async fn receive(world: &World, raw: &RawCounterNotice) -> Received {
    counter_notice::receive(&world.house, &Actor::seller(&"shop".parse().unwrap(), "portal"), raw).await.unwrap()
}

async fn received(world: &World, raw: &RawCounterNotice) -> CounterId {
    match receive(world, raw).await {
        Received::New { counter, .. } => counter,
        other => panic!("not received: {other:?}"),
    }
}

async fn answer(world: &World, counter: CounterId, raw: &RawAnswer) -> Result<Answered, Error> {
    counter_notice::answer(&world.house, &Actor::brand(&acme(), "portal"), &acme(), counter, raw).await
}

async fn appeal(world: &World, raw: &RawAppeal) -> Opened {
    appeal::open(&world.house, &World::import(), raw).await.unwrap()
}

async fn appealed(world: &World, raw: &RawAppeal) -> AppealId {
    match appeal(world, raw).await {
        Opened::New { appeal, .. } => appeal,
        other => panic!("not opened: {other:?}"),
    }
}

/// An appeal by the seller.
fn by_seller(case: CaseId) -> RawAppeal {
    RawAppeal {
        seller: "shop".into(),
        case: case.to_string(),
        grounds: "The goods are genuine.".into(),
        ..RawAppeal::default()
    }
}

async fn withdraw(world: &World, notice: &str, listings: &[&str]) -> Taken {
    let raw = RawWithdrawal {
        brand: "acme".into(),
        notice: notice.into(),
        listings: listings.iter().map(|listing| (*listing).to_owned()).collect(),
        why: "Our own outlet.".into(),
    };
    withdrawal::withdraw(&world.house, &Actor::brand(&acme(), "portal"), &raw).await.unwrap()
}

async fn case_of(world: &World, case: CaseId) -> Case {
    cases::get(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap()
}

async fn counter_of(world: &World, counter: CounterId) -> Counter {
    counter_notices::get(&mut world.house.db.read().await.unwrap(), counter).await.unwrap().unwrap()
}

async fn strikes(world: &World) -> usize {
    let shop = "shop".parse().unwrap();
    sellers::strikes(&mut world.house.db.read().await.unwrap(), [&shop]).await.unwrap().len()
}

/// The state and the reason of the decision in force.
fn decided(case: &Case) -> (&'static str, &'static str) {
    (case.state.as_str(), case.state.decision().map_or("", |(verdict, _)| verdict.reason()))
}

fn is_appealed(case: &Case) -> bool {
    matches!(case.state, State::Appealed { .. })
}

async fn assert_invariants(world: &World) {
    let broken = invariants::broken(&mut world.house.db.read().await.unwrap()).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Refused(refused)) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}
