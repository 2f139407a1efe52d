//! What a seller hears of a listing that is hidden from sale while its rights holder keeps silent: a restriction, so with
//! its reasons (DSA art. 17), and with what ends it.

use askama::Template;
use jointforce_shared::{
    domain::{
        ids::{CaseId, RequestId},
        listing::ListingState,
        safe_text::SafeText,
    },
    store::{
        Conn, authenticity,
        cases::{self, Case},
        listings, notices,
    },
};

use super::{Fault, Party, Shown, brand_of, day, line, right_of, right_words, text};

#[derive(Template)]
#[template(path = "seller_paused.txt")]
struct PausedText<'a> {
    to: &'a SafeText,
    listing: Shown,
    brand: SafeText,
    right: Option<String>,
    asked: String,
    case: CaseId,
}

#[derive(Template)]
#[template(path = "seller_resumed.txt")]
struct ResumedText<'a> {
    to: &'a SafeText,
    listing: Shown,
    case: CaseId,
}

/// The listing is hidden. Gives subject and text.
pub(super) async fn paused(
    conn: &mut Conn,
    to: &Party,
    case: CaseId,
    request: RequestId,
) -> Result<(String, String), Fault> {
    let case = case_of(conn, case).await?;
    let Some(request) = authenticity::get(conn, request).await? else { return Err(Fault::missing("request", request)) };
    let listing = shown(conn, &case).await?;
    let claim = notices::claims_of(conn, case.id).await?.into_iter().next();
    let right = match &claim {
        Some(claim) => Some(right_words(&right_of(conn, claim).await?)),
        None => None,
    };
    let subject = format!("Your listing is not offered for the time being: {}", listing.headline());
    let brand = line(&brand_of(conn, &case.brand).await?.name);
    let asked = day(request.asked);
    let body = text(&PausedText { to: &to.name, listing, brand, right, asked, case: case.id })?;
    Ok((subject, body))
}

/// It is offered again. Gives subject and text.
pub(super) async fn resumed(conn: &mut Conn, to: &Party, case: CaseId) -> Result<(String, String), Fault> {
    let case = case_of(conn, case).await?;
    let listing = shown(conn, &case).await?;
    let what = if listing.state == ListingState::Live { "Your listing is back" } else { "About your listing" };
    let subject = format!("{what}: {}", listing.headline());
    let body = text(&ResumedText { to: &to.name, listing, case: case.id })?;
    Ok((subject, body))
}

async fn case_of(conn: &mut Conn, case: CaseId) -> Result<Case, Fault> {
    cases::get(conn, case).await?.ok_or_else(|| Fault::missing("case", case))
}

async fn shown(conn: &mut Conn, case: &Case) -> Result<Shown, Fault> {
    match listings::at_version(conn, &case.listing, case.snapshot_version).await? {
        Some(listing) => Ok(listing.into()),
        None => Err(Fault::missing("listing", &case.listing)),
    }
}
