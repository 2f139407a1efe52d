//! Asking rights holders: the question, the answer, and what time does to both.

mod answer;
mod clocks;
mod closing;

pub(super) use self::closing::{close, lift_of_case, settle};
pub use self::{
    answer::{Answered, Answering, answer, take_back},
    clocks::{end_silence, remind_brands},
};

use serde_json::json;

use super::{
    Actor, Error, House, Result, authorize,
    case::{apply, check_lease},
    race, review,
};
use crate::{
    domain::{
        authenticity::{About, State, Template},
        case::{Action, State as CaseState},
        effect::{BrandNews, Effect, NewEffect},
        ids::{CaseId, RequestId},
        operator::Permission,
        refused::Refused,
        time::Time,
    },
    store::{
        Tx, audit,
        authenticity::{self, Request},
        brands,
        cases::{self, Case},
        effects, listings, sellers,
    },
};

/// A question to the brand of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which case.
    pub case: CaseId,
    /// The version that was on the screen; `None` for whatever it is now.
    pub version: Option<i64>,
    /// The template's name (see [`crate::domain::authenticity::AskingPolicy::templates`]).
    pub template: String,
    /// What the moderator adds, such as a serial number; at most 400 characters.
    pub detail: String,
    /// Whether a question that is still open is dropped for this one.
    pub again: bool,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The question.
    pub request: RequestId,
    /// Which case.
    pub case: CaseId,
    /// Its version now.
    pub version: i64,
    /// When the answer is due.
    pub until: Time,
}

/// Asks the brand of a case: the case leaves the queue until an answer comes or the deadline passes, the brand gets a
/// letter with a link that works once, and its webhook is called.
///
/// # Errors
/// Refused by role, lease, hold, state or a missing detail; [`Error::Changed`] when the case changed since it was seen.
pub async fn ask(house: &House, actor: &Actor, ask: &Ask) -> Result<Asked> {
    let template = house.policy.asking.template(&ask.template)?;
    if ask.detail.chars().count() > 400 {
        return Err(Refused::one("detail", "it is longer than 400 characters", "Shorten it.").into());
    }
    if template.needs_detail() && ask.detail.trim().is_empty() {
        let fix = "Add what the question is about: the serial number, or the question in your own words.";
        return Err(Refused::one("detail", "this question needs a detail, and none is given", fix).into());
    }
    race!(attempt(house, actor, ask, template))
}

async fn attempt(house: &House, actor: &Actor, ask: &Ask, template: &Template) -> Result<Asked> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let by = authorize(&mut tx, actor, Permission::Decide).await?.by(actor);
    let Some(mut case) = cases::get(&mut tx, ask.case).await? else {
        let request = house.clock.id(RequestId::from_ulid);
        let until = house.policy.asking.clocks(&house.policy.calendar, now).until;
        let action = Action::Ask { request, until };
        let body = json!({ "request": request, "template": template.name, "until": until.to_string() });
        let event = house.event(actor, "authenticity.asked", format!("case:{}", ask.case), Some(ask.case), body);
        let version = review::pass(house, actor, tx, (ask.case, ask.version), &action, &by, event).await?;
        return Ok(Asked { request, case: ask.case, version, until });
    };
    check_lease(&case, actor, now)?;
    let seen = case.version;
    if ask.again && matches!(case.state, CaseState::Asked { .. }) {
        apply(house, &mut tx, actor, &mut case, &Action::Release, &by, "").await?;
    }
    let request = question(house, &mut tx, actor, &case, ask, template).await?;
    let action = Action::Ask { request: request.id, until: request.until };
    apply(house, &mut tx, actor, &mut case, &action, &by, "").await?;
    // After the table has spoken: "the brand was asked already" tells more than "the version changed".
    if ask.version.is_some_and(|version| version != seen) {
        return Err(Error::Changed(format!("case {}", case.id)));
    }
    authenticity::add(&mut tx, &request).await?;
    let told = tell_brand(house, &mut tx, &request, false, now).await?;
    effects::add(&mut tx, &told, now).await?;
    let body = json!({ "request": request.id, "template": request.template, "until": request.until.to_string() });
    let event = house.event(actor, "authenticity.asked", format!("case:{}", case.id), Some(case.id), body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Asked { request: request.id, case: case.id, version: case.version, until: request.until })
}

async fn question(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    case: &Case,
    ask: &Ask,
    template: &Template,
) -> Result<Request> {
    let missing = |what: &str| Refused::one("case", format!("its {what} is not known"), "Reload the queue.");
    let brand = brands::get(tx, &case.brand).await?.ok_or_else(|| missing("brand"))?;
    let listing = listings::at_version(tx, &case.listing, case.snapshot_version).await?;
    let listing = listing.ok_or_else(|| missing("listing"))?;
    let seller = sellers::get(tx, &case.seller).await?.ok_or_else(|| missing("seller"))?;
    let policy = &house.policy.asking;
    let now = house.clock.now();
    let clocks = policy.clocks(&house.policy.calendar, now);
    Ok(Request {
        id: house.clock.id(RequestId::from_ulid),
        case: case.id,
        brand: brand.id,
        listing: listing.id.clone(),
        snapshot_version: case.snapshot_version,
        template: template.name.clone(),
        title: template.title.clone(),
        question: template.fill(&About {
            brand: &brand.name,
            seller: &seller.seller.name,
            title: &listing.content.title,
            listing: listing.id.as_str(),
            price: &listing.content.price(),
            territory: &listing.territory,
            detail: &ask.detail,
        }),
        silence: policy.on_silence.of(brand.tier),
        asked_by: actor.id().clone(),
        asked: now,
        remind: clocks.remind,
        reminded: None,
        until: clocks.until,
        link_until: clocks.link_until,
        nonce: house.clock.id(ulid::Ulid::from),
        state: State::Open,
        note: String::new(),
        ended: None,
    })
}

/// The letter and the webhook that ask the brand, or remind it.
async fn tell_brand(
    house: &House,
    tx: &mut Tx,
    request: &Request,
    reminder: bool,
    now: Time,
) -> Result<Vec<NewEffect>> {
    let news = BrandNews::Asked { case: request.case, request: request.id, reminder };
    let hook = brands::has_hook(tx, &request.brand).await?;
    Ok(Effect::to_brand(&request.brand, hook, None, news).map(|effect| house.effect(effect, now)).collect())
}

/// Back into the queue: the time that the brand was waited for is not the reviewers', and what it said moves the case
/// forward by `hours`.
fn come_back(case: &mut Case, asked: Time, now: Time, hours: u32) {
    let waited = now.since(asked).max(0);
    case.due = Time(case.due.0.saturating_add(waited));
    case.rank = case.rank.saturating_add(waited).saturating_sub(i64::from(hours) * Time::HOUR);
}
