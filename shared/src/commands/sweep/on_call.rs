//! What the passing of time does to pages: deadlines come near, nobody answers, what they were about ends.

use super::{Actor, House, Result};
use crate::{
    commands::{
        Error,
        page::{self, Raise},
        race,
    },
    domain::{
        effect::Failing,
        page::{Act, Page, PageKind, Severity},
        rota::Rota,
        time::due_words,
        words::counted,
    },
    store::{
        Tx, effects, endpoints, operators,
        pages::{self, deadlines, deadlines::NearBreach},
        rotas,
    },
};

/// The key of the page about cases that have none of their own.
const MORE_DEADLINES: &str = "sla:more";
const DEAD_EFFECTS: &str = "dead_effects";
const ROTA_HOLE: &str = "rota_hole";

/// Calls somebody about cases that are about to be decided too late, once a case and round; at most 200 a tier and call.
/// Gives how many cases.
///
/// # Errors
/// What the store says.
pub async fn page_deadlines(house: &House, actor: &Actor) -> Result<usize> {
    let now = house.clock.now();
    let mut near = vec![];
    let mut conn = house.db.read().await?;
    for (tier, page) in &house.policy.on_call.sla {
        near.extend(deadlines::unpaged(&mut conn, *tier, now + page.lead, 200).await?);
    }
    drop(conn);
    if near.is_empty() {
        return Ok(0);
    }
    race!(page_cases(house, actor, &near))
}

async fn page_cases(house: &House, actor: &Actor, near: &[String]) -> Result<usize> {
    let (now, policy) = (house.clock.now(), &house.policy.on_call);
    let mut tx = house.db.write().await?;
    // Marked first: of two workers that saw the same case, one pages.
    let near = deadlines::mark(&mut tx, near.to_vec()).await?;
    let room = policy.sla_pages_max - pages::count(&mut tx, PageKind::Sla).await?;
    let room = usize::try_from(room).unwrap_or(0).min(near.len());
    for NearBreach { case, round, brand, tier, listing, due } in &near[..room] {
        let due = due_words(*due, now);
        let raise = Raise {
            kind: PageKind::Sla,
            key: format!("sla:{case}:{round}"),
            summary: format!("{} case {} ({brand}, {listing}) is {due} and not decided", tier.title(), case.short()),
            subject: format!("case:{case}"),
            case: Some((*case, *round)),
            severity: policy.sla.get(tier).map_or(Severity::Warning, |page| page.severity),
            level: 1,
        };
        page::raise(&mut tx, house, actor, &raise).await?;
    }
    if let Some(first) = near.get(room) {
        let worst = near[room..].iter().filter_map(|near| policy.sla.get(&near.tier)).map(|page| page.severity).min();
        let raise = Raise {
            kind: PageKind::Sla,
            key: MORE_DEADLINES.into(),
            summary: match near.len() - room {
                1 => format!("1 more case is {}", due_words(first.due, now)),
                more => format!("{more} more cases: the first is {}, the others later", due_words(first.due, now)),
            },
            subject: "queue".into(),
            case: None,
            severity: worst.unwrap_or(Severity::Warning),
            level: 1,
        };
        page::raise(&mut tx, house, actor, &raise).await?;
    }
    tx.commit().await?;
    Ok(near.len())
}

/// Calls the next level about pages that nobody acknowledged in time, once a level; at most 200 a call. Gives how many.
///
/// # Errors
/// What the store says.
pub async fn climb(house: &House, actor: &Actor) -> Result<usize> {
    let unheard = pages::climbing(&mut house.db.read().await?, house.clock.now(), 200).await?;
    let mut climbed = 0;
    for page in unheard {
        let mut tx = house.db.write().await?;
        let levels = page::levels(&mut tx).await?;
        if changed(tx, house, actor, &page, Act::Climb { levels }).await? {
            climbed += 1;
        }
    }
    Ok(climbed)
}

/// Ends pages whose matter has ended: the case was decided, held, asked about, or left the desk; at most 200 a call. Gives
/// how many.
///
/// # Errors
/// What the store says.
pub async fn end_handled(house: &House, actor: &Actor) -> Result<usize> {
    let mut conn = house.db.read().await?;
    let mut over = pages::handled(&mut conn, 200).await?;
    // The page for all the others ends with the last of them.
    if let Some(page) = pages::unresolved(&mut conn, MORE_DEADLINES).await?
        && !deadlines::some_without_page(&mut conn).await?
    {
        over.push(page);
    }
    drop(conn);
    let mut ended = 0;
    for page in over {
        let tx = house.db.write().await?;
        if changed(tx, house, actor, &page, Act::Handled).await? {
            ended += 1;
        }
    }
    Ok(ended)
}

/// Somebody else, a person or another worker, may have changed the page since it was read: then there is nothing to do.
async fn changed(mut tx: Tx, house: &House, actor: &Actor, page: &Page, act: Act) -> Result<bool> {
    match page::change(&mut tx, house, actor, page, act).await {
        Ok(_) => {}
        Err(Error::Refused(_)) => return Ok(false),
        Err(error) if error.is_race() => return Ok(false),
        Err(error) => return Err(error),
    }
    tx.commit().await?;
    Ok(true)
}

/// Keeps one page while effects are dead. Gives how many pages it raised or ended.
///
/// # Errors
/// What the store says.
pub async fn watch_ledger(house: &House, actor: &Actor) -> Result<usize> {
    let dead = effects::dead(&mut house.db.read().await?).await?;
    let raise = (dead > 0).then(|| Raise {
        kind: PageKind::DeadEffects,
        key: DEAD_EFFECTS.into(),
        summary: match dead {
            1 => "1 effect of a decision is dead: nobody carries it out any more".to_owned(),
            _ => format!(
                "{} effects of decisions are dead: nobody carries them out any more",
                counted(dead, effects::DEAD_MOST)
            ),
        },
        subject: "effects".into(),
        case: None,
        severity: Severity::Error,
        level: 1,
    });
    keep(house, actor, DEAD_EFFECTS, raise).await
}

/// Keeps a page for each way out of our own whose breaker is open: letters, events or calls wait until it takes something
/// again. Gives how many pages it raised or ended.
///
/// # Errors
/// What the store says.
pub async fn watch_endpoints(house: &House, actor: &Actor) -> Result<usize> {
    let mut conn = house.db.read().await?;
    let stopped = endpoints::ours_stopped(&mut conn, house.policy.endpoints.failures).await?;
    let there = pages::of_kind(&mut conn, PageKind::Endpoint).await?;
    drop(conn);
    let mut changed = 0;
    for Failing { endpoint, failures, why, .. } in &stopped {
        let key = format!("endpoint:{endpoint}");
        if there.iter().any(|page| page.key == key) {
            continue;
        }
        let raise = Raise {
            kind: PageKind::Endpoint,
            key: key.clone(),
            summary: format!("{endpoint} took nothing {failures} times in a row, what is for it waits: {why}"),
            subject: key.clone(),
            case: None,
            severity: Severity::Error,
            level: 1,
        };
        changed += keep(house, actor, &key, Some(raise)).await?;
    }
    let fails = |page: &Page| stopped.iter().any(|failing| page.key == format!("endpoint:{}", failing.endpoint));
    for page in there.iter().filter(|page| !fails(page)) {
        changed += keep(house, actor, &page.key, None).await?;
    }
    Ok(changed)
}

/// Keeps one page while the rota in force has a hole soon: nobody on call, or somebody who works here no more. Gives
/// how many pages it raised or ended.
///
/// # Errors
/// What the store says.
pub async fn watch_rota(house: &House, actor: &Actor) -> Result<usize> {
    let raise = rota_hole(house).await?.map(|summary| Raise {
        kind: PageKind::RotaHole,
        key: ROTA_HOLE.into(),
        summary,
        subject: "rota".into(),
        case: None,
        severity: Severity::Warning,
        level: 1,
    });
    keep(house, actor, ROTA_HOLE, raise).await
}

/// The first hole of the rota in force that comes soon, in words. None either where no rota is in force.
///
/// # Errors
/// What the store says.
pub async fn rota_hole(house: &House) -> Result<Option<String>> {
    let mut conn = house.db.read().await?;
    let Some(loaded) = rotas::current(&mut conn).await? else { return Ok(None) };
    let staff = operators::list(&mut conn).await?;
    drop(conn);
    let now = house.clock.now();
    let works_here = |who: &_| staff.iter().any(|operator| operator.enabled && operator.id == *who);
    let rota: Rota = loaded.rota;
    let hole = rota.first_hole(now, now + house.policy.on_call.hole_ahead, works_here);
    Ok(hole.map(|(level, at)| match rota.on_call(level, at) {
        Some(who) => format!("from {at} only {who} is on call at level {level}, who works here no more"),
        None => format!("from {at} nobody is on call at level {level}"),
    }))
}

/// Raises the page, or ends it where there is nothing to raise any more; one that is there says how it stands now. Looks
/// before it writes: mostly nothing changes.
async fn keep(house: &House, actor: &Actor, key: &str, raise: Option<Raise>) -> Result<usize> {
    let there = pages::unresolved(&mut house.db.read().await?, key).await?;
    match (raise, there) {
        (Some(raise), None) => {
            let mut tx = house.db.write().await?;
            let raised = page::raise(&mut tx, house, actor, &raise).await?;
            tx.commit().await?;
            Ok(usize::from(raised.is_some()))
        }
        (Some(raise), Some(page)) if raise.summary() != page.summary => {
            // Numbers move while somebody is on it: that is no act of anybody's, and nobody is called once more for it.
            let mut tx = house.db.write().await?;
            pages::reword(&mut tx, page.id, &raise.summary()).await?;
            tx.commit().await?;
            Ok(0)
        }
        (None, Some(page)) => {
            let tx = house.db.write().await?;
            Ok(usize::from(changed(tx, house, actor, &page, Act::Handled).await?))
        }
        _ => Ok(0),
    }
}
