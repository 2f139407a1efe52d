//! What whoever is on call is told: what is the matter, since when, and what to type.

use askama::Template;
use jointforce_shared::{
    domain::{
        ids::{CaseId, PageId},
        page::{PageKind, State},
        safe_text::SafeText,
        time::Time,
    },
    store::{Conn, pages, rotas},
};

use super::{Fault, Letter, Party, line, moment, text};

#[derive(Template)]
#[template(path = "page.txt")]
struct PageText {
    to: SafeText,
    summary: SafeText,
    severity: &'static str,
    raised: String,
    level: i64,
    climbed: bool,
    climbs: Option<String>,
    case: Option<CaseId>,
    dead_effects: bool,
    endpoint: bool,
    rota: bool,
    page: PageId,
}

/// The letter to whoever is on call at `level` now. None where the page calls nobody at that level any more, or nobody is
/// on call.
pub(in crate::outside) async fn to_on_call(
    conn: &mut Conn,
    id: PageId,
    level: i64,
    now: Time,
) -> Result<Option<Letter>, Fault> {
    let page = pages::get(conn, id).await?.ok_or_else(|| Fault::missing("page", id))?;
    if page.state != State::Open || page.level != level {
        return Ok(None);
    }
    let Some(rota) = rotas::current(conn).await?.map(|loaded| loaded.rota) else { return Ok(None) };
    let who = rota.on_call(usize::try_from(level).unwrap_or(0), now);
    let Some((who, email)) = who.and_then(|who| Some((who, rota.mail_of(who)?))) else { return Ok(None) };
    let to = Party { name: line(who.as_str()), email: email.to_owned() };
    let body = text(&PageText {
        to: to.name.clone(),
        summary: SafeText::line(&page.summary, 300),
        severity: page.severity.as_str(),
        raised: moment(page.raised),
        level,
        climbed: level > 1,
        climbs: page.climbs.map(moment),
        case: page.case,
        dead_effects: page.kind == PageKind::DeadEffects,
        endpoint: page.kind == PageKind::Endpoint,
        rota: page.kind == PageKind::RotaHole,
        page: id,
    })?;
    Ok(Some(Letter { subject: format!("[{}] {}", page.severity, page.summary), to, copy: None, body }))
}
