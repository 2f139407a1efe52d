//! What the marketplace and the brands tell us of themselves: brands, rights, sellers, listings. Each call is one
//! transaction; the same things told again change nothing.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::{Actor, House, Result, authorize};
use crate::{
    domain::{
        authorised::Authorised,
        brand::Brand,
        effect::Effect,
        ids::{BrandId, RightId, SellerId},
        listing::Listing,
        operator::Permission,
        refused::{Fault, Refused},
        right::Right,
        seller::Seller,
    },
    store::{Tx, audit, authorised, brands, effects, listings, sellers},
};

/// What became of a batch: how many were new or different, and which were refused (by their place in the batch).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// New or different.
    pub changed: u64,
    /// Those of them that were not known before.
    pub new: u64,
    /// Place in the batch, and why.
    pub refused: Vec<(usize, Refused)>,
}

/// Loads brands. No id may come twice.
///
/// # Errors
/// Refused without [`Permission::Import`].
pub async fn load_brands(house: &House, actor: &Actor, batch: &[Brand]) -> Result<Loaded> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Import).await?;
    let there = brands::get_many(&mut tx, batch.iter().map(|brand| &brand.id)).await?.len();
    let changed = brands::save_many(&mut tx, batch, house.clock.now()).await?;
    finish(house, actor, tx, "brands", Loaded { changed, new: (batch.len() - there) as u64, refused: vec![] }).await
}

/// Loads rights; those of unknown brands are refused. No id may come twice.
///
/// # Errors
/// Refused without [`Permission::Import`].
pub async fn load_rights(house: &House, actor: &Actor, batch: &[Right]) -> Result<Loaded> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Import).await?;
    let owners: HashSet<&BrandId> = batch.iter().map(|right| &right.brand).collect();
    let known: HashSet<BrandId> = brands::get_many(&mut tx, owners).await?.into_iter().map(|brand| brand.id).collect();
    let there = brands::rights(&mut tx, batch.iter().map(|right| &right.id)).await?;
    let there: HashMap<&RightId, &BrandId> = there.iter().map(|right| (&right.id, &right.brand)).collect();
    let (mut good, mut refused) = (Vec::with_capacity(batch.len()), vec![]);
    for (n, right) in batch.iter().enumerate() {
        if !known.contains(&right.brand) {
            refused.push((n, unknown("brand", right.brand.as_str(), "Load the brand first.")));
        } else if let Some(other) = there.get(&right.id).filter(|brand| **brand != &right.brand) {
            let fault = Fault::new("id", format!("right {} belongs to brand {other}", right.id), "Use another id.");
            refused.push((n, Refused { faults: vec![fault] }));
        } else {
            good.push(right.clone());
        }
    }
    let new = good.iter().filter(|right| !there.contains_key(&right.id)).count() as u64;
    let changed = brands::save_rights(&mut tx, &good, house.clock.now()).await?;
    finish(house, actor, tx, "rights", Loaded { changed, new, refused }).await
}

/// Loads sellers. No id may come twice.
///
/// # Errors
/// Refused without [`Permission::Import`].
pub async fn load_sellers(house: &House, actor: &Actor, batch: &[Seller]) -> Result<Loaded> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Import).await?;
    let there = sellers::get_many(&mut tx, batch.iter().map(|seller| &seller.id)).await?.len();
    let changed = sellers::save_many(&mut tx, batch, house.clock.now()).await?;
    finish(house, actor, tx, "sellers", Loaded { changed, new: (batch.len() - there) as u64, refused: vec![] }).await
}

/// Loads listings; those of unknown sellers are refused. No id may come twice.
///
/// # Errors
/// Refused without [`Permission::Import`].
pub async fn load_listings(house: &House, actor: &Actor, batch: &[Listing]) -> Result<Loaded> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Import).await?;
    let owners: HashSet<&SellerId> = batch.iter().map(|listing| &listing.seller).collect();
    let owners = sellers::get_many(&mut tx, owners).await?;
    // What a seller opens while the whole store is off goes off as well.
    let off = owners.iter().filter(|record| record.listings_off).map(|record| {
        let effect = Effect::StoreListings { seller: record.seller.id.clone(), after: None };
        house.effect(effect, house.clock.now())
    });
    effects::add(&mut tx, &off.collect::<Vec<_>>(), house.clock.now()).await?;
    let known: HashSet<SellerId> = owners.into_iter().map(|record| record.seller.id).collect();
    let (mut good, mut refused) = (Vec::with_capacity(batch.len()), vec![]);
    for (n, listing) in batch.iter().enumerate() {
        if known.contains(&listing.seller) {
            good.push(listing.clone());
        } else {
            refused.push((n, unknown("seller", listing.seller.as_str(), "Load the seller first.")));
        }
    }
    let saved = listings::save_many(&mut tx, &good, house.clock.now()).await?;
    let loaded = Loaded { changed: saved.changed, new: saved.new, refused };
    finish(house, actor, tx, "listings", loaded).await
}

/// Loads the sellers whom brands authorised; those of unknown brands or sellers are refused. Of a pair that comes twice
/// the later counts.
///
/// # Errors
/// Refused without [`Permission::Import`].
pub async fn load_authorised(house: &House, actor: &Actor, batch: &[Authorised]) -> Result<Loaded> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Import).await?;
    let (owners, shops): (HashSet<_>, HashSet<_>) = batch.iter().map(|word| (&word.brand, &word.seller)).unzip();
    let brands: HashSet<BrandId> =
        brands::get_many(&mut tx, owners.iter().copied()).await?.into_iter().map(|brand| brand.id).collect();
    let sellers: HashSet<SellerId> =
        sellers::get_many(&mut tx, shops.iter().copied()).await?.into_iter().map(|record| record.seller.id).collect();
    let there: HashSet<(BrandId, SellerId)> =
        authorised::of(&mut tx, owners, shops).await?.into_iter().map(|word| (word.brand, word.seller)).collect();
    let (mut good, mut refused) = (Vec::with_capacity(batch.len()), vec![]);
    for (n, word) in batch.iter().enumerate() {
        if !brands.contains(&word.brand) {
            refused.push((n, unknown("brand", word.brand.as_str(), "Load the brand first.")));
        } else if !sellers.contains(&word.seller) {
            refused.push((n, unknown("seller", word.seller.as_str(), "Load the seller first.")));
        } else {
            good.push(word.clone());
        }
    }
    let last: HashMap<(&BrandId, &SellerId), &Authorised> =
        good.iter().map(|word| ((&word.brand, &word.seller), word)).collect();
    let good: Vec<Authorised> = last.into_values().cloned().collect();
    let is_new = |word: &&Authorised| !there.contains(&(word.brand.clone(), word.seller.clone()));
    let new = good.iter().filter(is_new).count() as u64;
    let changed = authorised::save_many(&mut tx, &good, house.clock.now()).await?;
    finish(house, actor, tx, "authorised", Loaded { changed, new, refused }).await
}

fn unknown(field: &str, id: &str, fix: &str) -> Refused {
    Refused::one(field, format!("{id} is not known"), fix)
}

async fn finish(house: &House, actor: &Actor, mut tx: Tx, what: &str, loaded: Loaded) -> Result<Loaded> {
    if loaded.changed > 0 {
        let body = json!({ "changed": loaded.changed, "refused": loaded.refused.len() });
        let event = house.event(actor, &format!("{what}.loaded"), format!("catalogue:{what}"), None, body);
        audit::add(&mut tx, &[event]).await?;
    }
    tx.commit().await?;
    Ok(loaded)
}
