//! The fleet's engine: lanes, endpoints, wake-ups, and a ledger that stays small.

mod endpoints;
mod guard;
pub mod history;
mod lanes;
mod marketplace;
mod room;
mod wakes;

use std::{sync::Arc, time::Duration};

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        catalogue,
    },
    domain::{
        decision::RemoveReason,
        effect::{BrandNews, Effect, EffectState, Endpoint, Lane, MarketplaceEvent, NewEffect},
        ids::{BrandId, CaseId, EffectId},
    },
    store::effects::{self, Entry, carry, flows},
};
use jointforce_tests::{
    mail::Mailbox,
    world::{World, brand, who},
};
use jointforce_worker::{
    bell::Ring,
    carry_out::Carrier,
    outside::{MailRoute, Marketplace, Outside, OutsideConfig, PagerConfig, Range},
};

pub use super::main_job::{LIMIT, SECRET};

/// A world whose outside is carried by hand, a ring at a time, by the world's own clock.
pub struct Hands {
    pub world: World,
    pub mail: Mailbox,
    carrier: Carrier,
}

impl Hands {
    pub async fn new(url: &str, marketplace: Option<Marketplace>) -> Self {
        let world = World::with_set_clock(url).await;
        let mail = Mailbox::start().await;
        let outside = Outside::new(OutsideConfig {
            mail: MailRoute::Smtp(mail.url()),
            mail_from: "takedowns@market.example".into(),
            marketplace,
            pager: PagerConfig::default(),
            timeout: Duration::from_secs(2),
            webhook_allow: vec![Range::LOOPBACK],
        });
        let carrier =
            Carrier { house: world.house.clone(), outside: Arc::new(outside.unwrap()), name: "worker:test".into() };
        Self { world, mail, carrier }
    }

    /// Gives acme a webhook.
    pub async fn hook(&self, url: String) {
        let mut acme = brand("acme");
        (acme.webhook_url, acme.webhook_secret) = (Some(url), Some(SECRET.to_owned()));
        catalogue::load_brands(&self.world.house, &World::import(), &[acme]).await.unwrap();
    }

    /// Writes so many events for acme's webhook; gives their ids.
    pub async fn events(&self, count: usize) -> Vec<EffectId> {
        let news = BrandNews::Warned { why: "a test".into(), until: self.world.house.clock.now() };
        let brand: BrandId = "acme".parse().unwrap();
        self.write(count, || Effect::HookBrand { brand: brand.clone(), notice: None, news: news.clone() }).await
    }

    /// Writes so many events for the marketplace; gives their ids.
    pub async fn market_events(&self, count: usize) -> Vec<EffectId> {
        let event = MarketplaceEvent::StoreListingRemoved {
            listing: "item-1".parse().unwrap(),
            seller: "shop".parse().unwrap(),
        };
        self.write(count, || Effect::HookMarketplace { event: event.clone() }).await
    }

    async fn write(&self, count: usize, make: impl Fn() -> Effect) -> Vec<EffectId> {
        let house = &self.world.house;
        let new: Vec<NewEffect> = (0..count)
            .map(|_| NewEffect {
                id: house.clock.id(EffectId::from_ulid),
                effect: make(),
                due: house.clock.now(),
                decision: None,
                once: None,
            })
            .collect();
        let mut tx = house.db.write().await.unwrap();
        effects::add(&mut tx, &new, house.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        new.iter().map(|new| new.id).collect()
    }

    /// What is due on these lanes, whether or not it may be begun.
    pub async fn due(&self, lanes: &[Lane]) -> Vec<EffectId> {
        let now = self.world.house.clock.now();
        carry::due(&mut self.world.house.db.read().await.unwrap(), lanes, now, 1000).await.unwrap()
    }

    /// Carries these out, as rung ones.
    pub async fn carry(&self, ids: &[EffectId]) {
        let ring = || Ring::new(ids.iter().map(ToString::to_string).collect());
        self.carrier.inside(ring()).await;
        self.carrier.outside(ring()).await;
    }

    pub async fn entry(&self, id: EffectId) -> Entry {
        effects::get(&mut self.world.house.db.read().await.unwrap(), id).await.unwrap().unwrap()
    }

    pub async fn states(&self, ids: &[EffectId]) -> Vec<EffectState> {
        let mut states = vec![];
        for id in ids {
            states.push(self.entry(*id).await.state);
        }
        states
    }

    /// The flow to an endpoint, if something waits in it.
    pub async fn flow(&self, to: Endpoint) -> Option<flows::Flow> {
        let all = flows::all(&mut self.world.house.db.read().await.unwrap()).await.unwrap();
        all.into_iter().find(|flow| flow.endpoint.as_ref() == Some(&to))
    }
}

/// Ann removes the listing of a case.
pub async fn remove(world: &World, case: CaseId) {
    let act = Act::Remove(RemoveReason::CounterfeitListing);
    case::act(&world.house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await.unwrap();
}

/// Ann takes her decision back.
pub async fn undo(world: &World, case: CaseId) {
    let request = Request { case, version: None, act: Act::Undo, note: String::new() };
    case::act(&world.house, &who("ann"), &request).await.unwrap();
}
