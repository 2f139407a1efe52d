//! Notes on a case, written in the transaction of the act.

use super::{
    super::{House, Result},
    Actor,
};
use crate::{
    domain::{
        effect::{BrandNews, Effect, SellerNews},
        ids::NoteId,
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
        let hook = brands::has_hook(tx, &case.brand).await?;
        tell.extend(Effect::to_brand(&case.brand, hook, None, BrandNews::Note { case: case.id, note: id }));
    }
    let tell: Vec<_> = tell.into_iter().map(|effect| house.effect(effect, now)).collect();
    effects::add(tx, &tell, now).await?;
    Ok(id)
}
