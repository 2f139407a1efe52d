//! Trust: earned by decisions, lost at once, told once, on both databases and with a moved clock.

mod automatic;
mod misuse;
mod tiers;

use jointforce_shared::{
    commands::{
        Error, Result,
        case::{self, Act, Request},
        catalogue, trust,
    },
    domain::{
        brand::{Brand, Record, Tier},
        decision::{KeepReason, RemoveReason},
        ids::{BrandId, CaseId},
        notice::RawNotice,
    },
    store::{audit, brands},
};
use jointforce_tests::world::{self, World, who};

/// A world with a set clock, brand `newco` of this tier with a right, and 100 listings `l0`, `l1`, ….
pub async fn with_newco(url: &str, tier: Tier) -> World {
    let world = World::with_set_clock(url).await;
    load(&world, tier).await;
    let right = world::right("newco-tm", "newco");
    catalogue::load_rights(&world.house, &World::import(), &[right]).await.unwrap();
    let listings: Vec<_> = (0..100).map(|n| world::listing(&format!("l{n}"), "shop")).collect();
    catalogue::load_listings(&world.house, &World::import(), &listings).await.unwrap();
    world
}

pub async fn load(world: &World, tier: Tier) {
    let record = Record::default();
    let brand = Brand { tier, record, webhook_url: Some("https://newco.example/hook".into()), ..world::brand("newco") };
    catalogue::load_brands(&world.house, &World::import(), &[brand]).await.unwrap();
}

pub fn newco() -> BrandId {
    "newco".parse().unwrap()
}

/// A notice of newco's about listings `l{from}` to before `l{to}`.
pub fn notice(reference: &str, from: usize, to: usize) -> RawNotice {
    let listings: Vec<String> = (from..to).map(|n| format!("l{n}")).collect();
    let names: Vec<&str> = listings.iter().map(String::as_str).collect();
    RawNotice { brand: "newco".into(), right: "newco-tm".into(), ..world::raw(reference, &names) }
}

/// Files one and gives its cases.
pub async fn report(world: &World, reference: &str, from: usize, to: usize) -> Vec<CaseId> {
    use jointforce_shared::commands::notice::Filed;
    match world.file(&[notice(reference, from, to)]).await.remove(0) {
        Filed::New { cases, .. } => cases,
        other => panic!("not filed: {other:?}"),
    }
}

pub const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);
pub const KEEP: Act = Act::Keep(KeepReason::WeakEvidence);

pub async fn act(world: &World, account: &str, cases: &[CaseId], act: &Act) {
    for case in cases {
        let request = Request { case: *case, version: None, act: act.clone(), note: String::new() };
        case::act(&world.house, &who(account), &request).await.unwrap();
    }
}

/// Judges what is due, as the workers do.
pub async fn sweep(world: &World) -> usize {
    trust::sweep(&world.house, &World::import()).await.unwrap()
}

pub async fn tier(world: &World) -> Tier {
    brands::get(&mut world.house.db.read().await.unwrap(), &newco()).await.unwrap().unwrap().tier
}

/// How often something was done, by the audit record.
pub async fn times(world: &World, action: &str) -> usize {
    let events = audit::newest(&mut world.house.db.read().await.unwrap(), None, 1000).await.unwrap();
    events.iter().filter(|event| event.action == action).count()
}

pub fn refusal<T: std::fmt::Debug>(outcome: Result<T>) -> String {
    match outcome {
        Err(Error::Refused(refused)) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}
