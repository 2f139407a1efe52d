//! Pages: raising, acknowledging, resolving.

use serde_json::json;

use super::{Actor, House, Result, authorize, race};
use crate::{
    domain::{
        effect::{Effect, NewEffect},
        ids::{CaseId, PageId},
        operator::Permission,
        page::{Act, Page, PageKind, Route, Severity, State, step},
        refused::Refused,
        safe_text::SafeText,
    },
    store::{Tx, audit, effects, pages, rotas},
};

/// What somebody on call has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// What it is about.
    pub kind: PageKind,
    /// While a page with this key is not resolved, no other is raised; at most 200 characters.
    pub key: String,
    /// What is the matter, in one line; cut to 300 characters and made clean.
    pub summary: String,
    /// What it is about: `case:01J…`, `brand:acme`, `rota`.
    pub subject: String,
    /// The case and its round, if it is about one: the page is then resolved by itself when the case is handled.
    pub case: Option<(CaseId, i64)>,
    /// How bad it is.
    pub severity: Severity,
    /// The level of the rota that is called first, from 1.
    pub level: i64,
}

impl Raise {
    /// The summary as it is kept: cut and clean.
    pub(super) fn summary(&self) -> String {
        SafeText::line(&self.summary, 300).into_string()
    }
}

/// Calls whoever is on call, in the transaction of what is the matter. `None` if a page with this key is not resolved yet.
///
/// # Errors
/// What the store says.
pub async fn raise(tx: &mut Tx, house: &House, actor: &Actor, raise: &Raise) -> Result<Option<PageId>> {
    let now = house.clock.now();
    let levels = levels(tx).await?;
    let level = raise.level.clamp(1, levels);
    let page = Page {
        id: house.clock.id(PageId::from_ulid),
        kind: raise.kind,
        key: raise.key.chars().take(200).collect(),
        summary: raise.summary(),
        subject: raise.subject.clone(),
        case: raise.case.map(|(case, _)| case),
        severity: raise.severity,
        state: State::Open,
        level,
        raised: now,
        climbs: house.policy.on_call.climbs(level, levels, now),
    };
    if !pages::add(tx, &page, raise.case.map(|(_, round)| round)).await? {
        return Ok(None);
    }
    tell(tx, house, &page).await?;
    record(tx, house, actor, "page.raised", &page).await?;
    Ok(Some(page.id))
}

/// Says that what the page with this key is about is no longer so. `false` if there is none that is not resolved.
///
/// # Errors
/// What the store says.
pub async fn handled(tx: &mut Tx, house: &House, actor: &Actor, key: &str) -> Result<bool> {
    let Some(page) = pages::unresolved(tx, key).await? else { return Ok(false) };
    change(tx, house, actor, &page, Act::Handled).await?;
    Ok(true)
}

/// Says that the actor is on it: it climbs no further.
///
/// # Errors
/// Refused when it is acknowledged or resolved already, and to whoever is neither on call nor has
/// [`Permission::AnswerPages`].
pub async fn acknowledge(house: &House, actor: &Actor, id: PageId) -> Result<Page> {
    race!(answer(house, actor, id, Act::Acknowledge))
}

/// Says that it is handled.
///
/// # Errors
/// As [`acknowledge`]; also for pages that end by themselves.
pub async fn resolve(house: &House, actor: &Actor, id: PageId) -> Result<Page> {
    race!(answer(house, actor, id, Act::Resolve))
}

async fn answer(house: &House, actor: &Actor, id: PageId, act: Act) -> Result<Page> {
    let mut tx = house.db.write().await?;
    check_answers(&mut tx, house, actor).await?;
    let page = pages::get(&mut tx, id)
        .await?
        .ok_or_else(|| Refused::one("page", format!("{id} is not known"), "See `jointforce-worker pages list`."))?;
    let page = change(&mut tx, house, actor, &page, act).await?;
    tx.commit().await?;
    Ok(page)
}

/// Whoever is on call may answer a page, and whoever's role says so.
async fn check_answers(tx: &mut Tx, house: &House, actor: &Actor) -> Result<()> {
    let allowed = authorize(tx, actor, Permission::Read).await?;
    if allowed.may(Permission::AnswerPages) {
        return Ok(());
    }
    let rota = rotas::current(tx).await?.map(|loaded| loaded.rota);
    let on_call = rota.as_ref().map_or_else(Vec::new, |rota| rota.now(house.clock.now()));
    if on_call.iter().flatten().any(|who| *who == actor.id()) {
        return Ok(());
    }
    let names: Vec<String> = on_call.into_iter().flatten().map(ToString::to_string).collect();
    let on_call = if names.is_empty() { "nobody is".to_owned() } else { names.join(", ") };
    Err(Refused::one(
        "role",
        format!("{actor} is not on call now"),
        format!("Ask whoever is on call ({on_call}), a senior, or an operator whose role is on-call."),
    )
    .into())
}

/// Does one act on a page in the caller's transaction: state, effects, audit event.
pub(super) async fn change(tx: &mut Tx, house: &House, actor: &Actor, page: &Page, act: Act) -> Result<Page> {
    let next = step(page, act, actor.id(), house.clock.now(), &house.policy.on_call)?;
    pages::save(tx, page, &next).await?;
    let action = match (&next.state, next.level > page.level) {
        (State::Open, false) => return Ok(next),
        (State::Open, true) => "page.climbed",
        (State::Acknowledged { .. }, _) => "page.acknowledged",
        (State::Resolved { .. }, _) => "page.resolved",
    };
    tell(tx, house, &next).await?;
    record(tx, house, actor, action, &next).await?;
    Ok(next)
}

/// How many levels the rota in force has; 1 without one, so that pages are raised all the same.
pub(super) async fn levels(tx: &mut Tx) -> Result<i64> {
    let levels = rotas::current(tx).await?.map_or(1, |loaded| loaded.rota.levels.len());
    Ok(i64::try_from(levels).unwrap_or(1).max(1))
}

/// Mails call somebody; the other ways are also told that nobody needs to be called any more.
async fn tell(tx: &mut Tx, house: &House, page: &Page) -> Result<()> {
    let now = house.clock.now();
    let routes = house.policy.on_call.routes.iter().filter(|route| page.state == State::Open || **route != Route::Mail);
    let new: Vec<NewEffect> = routes
        .map(|route| Effect::Page { page: page.id, route: *route, level: page.level, case: page.case })
        .map(|effect| house.effect(effect, now))
        .collect();
    effects::add(tx, &new, now).await?;
    Ok(())
}

async fn record(tx: &mut Tx, house: &House, actor: &Actor, action: &str, page: &Page) -> Result<()> {
    let body = json!({
        "kind": page.kind, "summary": page.summary, "severity": page.severity, "level": page.level, "about": page.subject,
    });
    let event = house.event(actor, action, format!("page:{}", page.id), page.case, body);
    audit::add(tx, &[event]).await?;
    Ok(())
}
