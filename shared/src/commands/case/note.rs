//! Notes on a case, written in the transaction of the act.

use super::{
    super::{House, Result},
    Actor,
};
use crate::{
    domain::{
        effect::{BrandNews, Effect, NewEffect, SellerNews},
        ids::{EffectId, NoteId},
        note::{Note, Visibility},
    },
    store::{Tx, brands, cases::Case, effects, notes},
};

/// Writes a note; a public one is told to whom it is for.
pub(super) async fn write(
    tx: &mut Tx,
    house: &House,
    actor: &Actor,
    case: &Case,
    visibility: Visibility,
    text: &str,
) -> Result<NoteId> {
    let now = house.clock.now();
    let id = house.clock.id(NoteId::from_ulid);
    let note = Note { id, case: case.id, visibility, text: text.to_owned(), by: actor.id().clone(), at: now };
    notes::add(tx, &note).await?;
    let Visibility::Public(to) = visibility else { return Ok(id) };
    let mut tell = vec![];
    if to.is_seller() {
        let news = SellerNews::Note { case: case.id, note: id };
        tell.push(Effect::MailSeller { seller: case.seller.clone(), news });
    }
    if to.is_brand() {
        let (brand, news) = (case.brand.clone(), BrandNews::Note { case: case.id, note: id });
        if brands::get(tx, &brand).await?.is_some_and(|brand| brand.webhook_url.is_some()) {
            tell.push(Effect::HookBrand { brand: brand.clone(), notice: None, news: news.clone() });
        }
        tell.push(Effect::MailBrand { brand, notice: None, news });
    }
    let new =
        |effect| NewEffect { id: house.clock.id(EffectId::from_ulid), effect, due: now, decision: None, once: None };
    effects::add(tx, &tell.into_iter().map(new).collect::<Vec<_>>(), now).await?;
    Ok(id)
}
