//! What a rights holder is asked, and reminded of.

use askama::Template;
use jointforce_shared::{
    domain::{
        authenticity::{Answer, State},
        ids::{BrandId, RequestId},
        safe_text::SafeText,
    },
    store::{Conn, authenticity, listings, sellers},
};

use super::{Fault, Letter, Party, Shown, brand_of, line, moment, text};
use crate::portal::Links;

#[derive(Template)]
#[template(path = "brand_asked.txt")]
struct AskedText<'a> {
    brand: SafeText,
    reminder: bool,
    asked: String,
    question: SafeText,
    listing: Shown,
    seller: SafeText,
    price: SafeText,
    territory: SafeText,
    link: Option<String>,
    until: String,
    silence: &'static str,
    answers: &'a [Answer],
    request: RequestId,
}

/// The letter that asks a brand; none once nobody waits for the answer any more.
pub(in crate::outside) async fn asked(
    conn: &mut Conn,
    links: Option<&Links>,
    brand: &BrandId,
    request: RequestId,
    reminder: bool,
) -> Result<Option<Letter>, Fault> {
    let Some(request) = authenticity::get(conn, request).await? else { return Err(Fault::missing("request", request)) };
    if request.state != State::Open {
        return Ok(None);
    }
    let brand = brand_of(conn, brand).await?;
    let listing = listings::at_version(conn, &request.listing, request.snapshot_version).await?;
    let Some(listing) = listing else { return Err(Fault::missing("listing", &request.listing)) };
    let seller = sellers::get(conn, &listing.seller).await?.map(|record| record.seller.name).unwrap_or_default();
    let (price, territory) = (line(&listing.content.price()), line(&listing.territory));
    let shown = Shown::from(listing);
    let what = if reminder { "Reminder" } else { "Question" };
    let subject = format!("{what}: {} ({})", SafeText::line(&request.title, 80), shown.headline());
    let body = text(&AskedText {
        brand: line(&brand.name),
        reminder,
        asked: moment(request.asked),
        question: SafeText::line(&request.question, 2000),
        listing: shown,
        seller: line(&seller),
        price,
        territory,
        link: links.map(|links| links.to_answer(&request)),
        until: moment(request.until),
        silence: request.silence.warning(),
        answers: Answer::ALL,
        request: request.id,
    })?;
    Ok(Some(Letter { to: Party { name: line(&brand.name), email: brand.email }, copy: None, subject, body }))
}
