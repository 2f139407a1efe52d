//! The receipt for a notice that was taken back, with what that led to, listing by listing.

use askama::Template;
use jointforce_shared::{
    domain::{
        brand::Brand,
        ids::{ListingId, NoticeId},
        safe_text::SafeText,
        time::Time,
    },
    store::{Conn, notices::Claim, withdrawals},
};

use super::{Fault, Letter, Party, brand::notifier, line, moment, text};

/// Listings that the letter names; a notice may have 300.
const LISTINGS_SHOWN: usize = 50;

#[derive(Template)]
#[template(path = "brand_withdrawn.txt")]
struct WithdrawnText<'a> {
    to: &'a SafeText,
    brand: SafeText,
    reference: SafeText,
    notice: NoticeId,
    at: String,
    listings: Vec<(ListingId, &'static str)>,
    more: usize,
    /// Claims of the notice that are not withdrawn.
    left: usize,
    after_counter: bool,
}

/// The letter to whoever filed the notice, with a copy to the brand.
pub(super) async fn to_brand(
    conn: &mut Conn,
    brand: &Brand,
    claims: &[Claim],
    notice: NoticeId,
    at: Time,
) -> Result<Letter, Fault> {
    let Some(first) = claims.first() else { return Err(Fault::missing("notice", notice)) };
    let rows = withdrawals::of_notice(conn, notice, at).await?;
    let to = notifier(first);
    let (reference, brand_name) = (line(&first.reference), line(&brand.name));
    let body = text(&WithdrawnText {
        to: &to.name,
        brand: brand_name.clone(),
        reference: reference.clone(),
        notice,
        at: moment(at),
        listings: rows.iter().take(LISTINGS_SHOWN).map(|row| (row.listing.clone(), row.led_to.title())).collect(),
        more: rows.len().saturating_sub(LISTINGS_SHOWN),
        left: claims.iter().filter(|claim| claim.state != "withdrawn").count(),
        after_counter: rows.iter().any(|row| row.after_counter),
    })?;
    let copy = Some(Party { name: brand_name, email: brand.email.clone() });
    Ok(Letter { subject: format!("Withdrawn: your notice {reference}"), to, copy, body })
}
