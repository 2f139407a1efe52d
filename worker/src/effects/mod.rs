//! Inside effects: a batch changes our own database with one statement a table, in the transaction that claims it.

mod listings;
mod pauses;
mod reasons;
mod sellers;
mod stores;

use jointforce_shared::{
    commands::House,
    domain::{
        audit::Event,
        effect::{Effect, MarketplaceEvent, NewEffect},
        ids::{AuditId, CaseId, DecisionId, EffectId, ListingId, RequestId, SellerId},
        time::Time,
        trace::Trace,
    },
    store::{
        self, Tx, audit,
        effects::{
            self,
            carry::{self, Claimed},
        },
    },
};
use serde_json::Value;

/// A batch of inside effects, sorted by what they do.
#[derive(Debug, Default)]
pub struct Batch {
    effects: Vec<EffectId>,
    removals: Vec<Listing>,
    restorals: Vec<Listing>,
    pauses: Vec<Questioned>,
    resumptions: Vec<Questioned>,
    levels: Vec<Level>,
    stores: Vec<StorePage>,
}

/// A listing that a decision takes down or puts back.
#[derive(Debug, Clone)]
struct Listing {
    effect: EffectId,
    listing: ListingId,
    case: CaseId,
    decision: DecisionId,
}

/// A seller to be brought to what is in force for it.
#[derive(Debug, Clone)]
struct Level {
    effect: EffectId,
    trace: Trace,
    seller: SellerId,
    case: Option<CaseId>,
}

/// A page of a seller's listings, after this listing.
#[derive(Debug, Clone)]
struct StorePage {
    trace: Trace,
    seller: SellerId,
    after: Option<ListingId>,
}

/// A listing that an unanswered question hides, or hides no longer.
#[derive(Debug, Clone)]
struct Questioned {
    listing: ListingId,
    case: CaseId,
    request: RequestId,
}

impl Batch {
    /// Adds an effect.
    ///
    /// # Errors
    /// Says so if it is not an inside one.
    pub fn add(&mut self, claimed: &Claimed, effect: Effect) -> Result<(), String> {
        let (id, trace) = (claimed.id, claimed.trace);
        match effect {
            Effect::RemoveListing { listing, case, decision } => {
                self.removals.push(Listing { effect: id, listing, case, decision })
            }
            Effect::RestoreListing { listing, case, decision } => {
                self.restorals.push(Listing { effect: id, listing, case, decision })
            }
            Effect::PauseListing { listing, case, request } => self.pauses.push(Questioned { listing, case, request }),
            Effect::ResumeListing { listing, case, request } => {
                self.resumptions.push(Questioned { listing, case, request })
            }
            Effect::LevelSeller { seller, case } => self.levels.push(Level { effect: id, trace, seller, case }),
            Effect::StoreListings { seller, after } => self.stores.push(StorePage { trace, seller, after }),
            Effect::MailSeller { .. }
            | Effect::MailBrand { .. }
            | Effect::HookBrand { .. }
            | Effect::HookMarketplace { .. }
            | Effect::Page { .. } => {
                return Err(format!("{} is no inside effect", effect.kind()));
            }
        }
        self.effects.push(id);
        Ok(())
    }

    /// Carries the batch out and marks its effects done, but for those that it gives with the reason: their own rows can't
    /// be read, or may not be changed. What follows from it is written into the same transaction.
    ///
    /// Sellers come last: other batches wait for their locks, so these are held for as short as possible.
    ///
    /// # Errors
    /// What the store says; then the transaction must not be committed.
    pub async fn apply(
        mut self,
        tx: &mut Tx,
        house: &House,
        worker: &str,
        tell_marketplace: bool,
    ) -> store::db::Result<Vec<(EffectId, String)>> {
        let follow = || Follow::of(house, worker, tell_marketplace, house.clock.now());
        let (mut after_listings, mut after_sellers) = (follow(), follow());
        let mut spoiled =
            listings::apply(tx, &mut after_listings, &self.removals, &self.restorals, &self.stores).await?;
        pauses::apply(tx, &mut after_listings, &self.pauses, &self.resumptions).await?;
        after_listings.write(tx).await?;
        spoiled.extend(sellers::apply(tx, &mut after_sellers, &self.levels).await?);
        after_sellers.write(tx).await?;
        self.effects.retain(|id| spoiled.iter().all(|(spoiled, _)| spoiled != id));
        carry::done(tx, &self.effects, house.clock.now()).await?;
        Ok(spoiled)
    }
}

/// What follows from a batch: more effects, and the audit record.
struct Follow<'a> {
    house: &'a House,
    worker: &'a str,
    tell_marketplace: bool,
    now: Time,
    /// The trace that goes on in what follows and is about no case.
    trace: Option<Trace>,
    effects: Vec<(NewEffect, Trace)>,
    events: Vec<Event>,
}

impl<'a> Follow<'a> {
    const fn of(house: &'a House, worker: &'a str, tell_marketplace: bool, now: Time) -> Self {
        Self { house, worker, tell_marketplace, now, trace: None, effects: vec![], events: vec![] }
    }

    async fn write(&self, tx: &mut Tx) -> store::db::Result<()> {
        effects::follow(tx, &self.effects, self.now).await?;
        audit::add(tx, &self.events).await
    }

    /// An effect due now; `decision` lets an undo cancel it while it waits.
    fn effect(&mut self, effect: Effect, decision: Option<DecisionId>) {
        self.later(effect, self.now, decision, None);
    }

    /// An effect due at a time of its own; at most one open effect may have the key `once`.
    fn later(&mut self, effect: Effect, due: Time, decision: Option<DecisionId>, once: Option<String>) {
        let id = self.house.clock.id(EffectId::from_ulid);
        let own = effect.trace(id);
        let trace = if effect.case().is_some() { own } else { self.trace.unwrap_or(own) };
        self.effects.push((NewEffect { id, effect, due, decision, once }, trace));
    }

    /// The marketplace hears of it, where it has an endpoint.
    fn marketplace(&mut self, event: MarketplaceEvent) {
        if self.tell_marketplace {
            self.effect(Effect::HookMarketplace { event }, None);
        }
    }

    fn event(&mut self, action: &str, subject: String, case: Option<CaseId>, body: Value) {
        self.events.push(Event {
            id: self.house.clock.id(AuditId::from_ulid),
            at: self.now,
            actor: self.worker.to_owned(),
            auth: "process".to_owned(),
            action: action.to_owned(),
            subject,
            case,
            body,
        });
    }
}
