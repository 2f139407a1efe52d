//! The page on which a question is answered.

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse as _, Response},
};
use jointforce_shared::{
    commands::{
        self, Actor, House,
        authenticity::{Answering, answer},
    },
    domain::{
        authenticity::{Action, Answer, step},
        link::{BadLink, Link},
        safe_text::SafeText,
    },
    store::{self, authenticity, brands, listings, sellers},
};
use serde::Deserialize;
use tracing::{info, warn};

use super::{
    Desk,
    page::{Page, Question},
};

/// What the form sends. Everything may be missing: the person is told what.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    answer: String,
    note: String,
}

/// Shows the question. Changes nothing: mail scanners open every link they see.
pub(super) async fn ask(State(desk): State<Desk>, Path(token): Path<String>) -> Response {
    let house = desk.house();
    match open(&desk, &house, &token) {
        Ok(link) => show(&house, &link, None).await.into_response(),
        Err(page) => page.into_response(),
    }
}

/// Takes the answer.
pub(super) async fn take(
    State(desk): State<Desk>,
    Path(token): Path<String>,
    form: Result<Form<Fields>, FormRejection>,
) -> Response {
    let house = desk.house();
    let link = match open(&desk, &house, &token) {
        Ok(link) => link,
        Err(page) => return page.into_response(),
    };
    let Ok(Form(fields)) = form else {
        return show(&house, &link, Some("The form came incomplete. Please try again.")).await.into_response();
    };
    let Ok(said) = fields.answer.parse::<Answer>() else {
        return show(&house, &link, Some("Please choose one of the four answers.")).await.into_response();
    };
    if fields.note.chars().count() > 2000 {
        let problem = "The note is longer than 2,000 characters. Please shorten it.";
        return show(&house, &link, Some(problem)).await.into_response();
    }
    // Browsers send line breaks as two characters.
    let note = fields.note.replace("\r\n", "\n");
    let answering = Answering { request: link.request, answer: said, note, link: Some(link.nonce), entered_by: None };
    let page = match answer(&house, &Actor::brand(&link.brand, "link"), &answering).await {
        Ok(done) => {
            info!(request = %link.request, answer = %said, "answered by link");
            Page::Done { answer: said, follow: done.follow, request: link.request }
        }
        Err(commands::Error::Refused(_) | commands::Error::Changed(_)) => closed(&house, &link).await,
        Err(commands::Error::Store(error)) => away(&error),
    };
    page.into_response()
}

/// The link, or the page that says why it opens nothing.
fn open(desk: &Desk, house: &House, token: &str) -> Result<Link, Page> {
    desk.links.open(token, house.clock.now()).map_err(|bad| match bad {
        BadLink::Altered => Page::Unknown,
        BadLink::Expired => Page::Expired,
    })
}

async fn show(house: &House, link: &Link, problem: Option<&'static str>) -> Page {
    match load(house, link, problem).await {
        Ok(page) => page,
        Err(error) => away(&error),
    }
}

async fn load(house: &House, link: &Link, problem: Option<&'static str>) -> Result<Page, store::Error> {
    let mut conn = house.db.read().await?;
    let Some(request) = authenticity::get(&mut conn, link.request).await? else { return Ok(Page::Unknown) };
    if request.brand != link.brand {
        return Ok(Page::Unknown);
    }
    if request.nonce != link.nonce
        || authenticity::link_used(&mut conn, link.nonce).await?.is_some()
        || step(request.state, Action::Answer(Answer::Unsure), request.until, house.clock.now()).is_err()
    {
        return Ok(Page::closed(&request));
    }
    let listing = listings::at_version(&mut conn, &request.listing, request.snapshot_version).await?;
    let brand = brands::get(&mut conn, &request.brand).await?;
    let (Some(listing), Some(brand)) = (listing, brand) else { return Ok(Page::Unknown) };
    let seller = sellers::get(&mut conn, &listing.seller).await?.map(|record| record.seller.name).unwrap_or_default();
    let line = |text: &str| SafeText::line(text, 300);
    Ok(Page::Question(Box::new(Question {
        brand: line(&brand.name),
        title: line(&listing.content.title),
        description: SafeText::block(&listing.content.description, 300, 40),
        price: line(&listing.content.price()),
        category: line(&listing.content.category),
        territory: line(&listing.territory),
        seller: line(&seller),
        listing: listing.id,
        url: line(&listing.content.url),
        late: request.until <= house.clock.now(),
        request,
        problem,
    })))
}

/// Why a request takes no answer any more.
async fn closed(house: &House, link: &Link) -> Page {
    let request = async { authenticity::get(&mut house.db.read().await?, link.request).await };
    match request.await {
        Ok(Some(request)) if request.brand == link.brand => Page::closed(&request),
        Ok(_) => Page::Unknown,
        Err(error) => away(&error),
    }
}

fn away(error: &store::Error) -> Page {
    warn!("a page could not be made: {error}");
    Page::Away
}
