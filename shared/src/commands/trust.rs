//! Rights holders' trust: judged when their record changes, and what people say of them. Every command judges the record
//! in its own transaction, so a tier never waits for the sweep.

mod misuse;

use serde::Serialize;
use serde_json::{Value, json};

pub use self::misuse::{Swept, refuse_open, reinstate, suspend, warn};
use super::{Actor, Error, House, Result, authorize, race};
use crate::{
    domain::{
        audit::Event,
        brand::{Brand, Tier},
        effect::{BrandNews, Effect},
        ids::{BrandId, OperatorId},
        operator::Permission,
        priority,
        refused::Refused,
        time::Time,
        trust::{Base, Explanation, Standing, Track, Warning, explain, judge},
    },
    store::{Conn, Tx, audit, brands, cases, effects, operators, trust},
};

/// Brands judged in one sweep.
const SWEPT: i64 = 200;

/// All about a rights holder's trust.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trusted {
    /// Whose.
    pub brand: BrandId,
    /// Its name.
    pub name: String,
    /// What people said and the record earned.
    pub standing: Standing,
    /// The record within the window.
    pub track: Track,
    /// Why, and what would change it.
    pub explanation: Explanation,
}

/// All about a rights holder's trust, as it was judged last.
///
/// # Errors
/// Refused for an unknown brand; what the store says.
pub async fn show(house: &House, brand: &BrandId) -> Result<Trusted> {
    let mut conn = house.db.read().await?;
    let (known, standing) = load(&mut conn, brand).await?;
    let track = track(house, &mut conn, brand, &standing).await?;
    let explanation = explain(&house.policy.trust, &standing, &track);
    Ok(Trusted { brand: known.id, name: known.name, standing, track, explanation })
}

/// Judges the records that changed, by a decision or by time, at most 200 of each a call. Gives how many tiers changed.
/// However many workers run it, each change is judged and told once.
///
/// # Errors
/// What the store says.
pub async fn sweep(house: &House, actor: &Actor) -> Result<usize> {
    let due = trust::due(&mut house.db.read().await?, house.clock.now(), SWEPT).await?;
    let mut changed = 0;
    for brand in due {
        changed += usize::from(race!(judge_due(house, actor, &brand))?);
    }
    Ok(changed)
}

async fn judge_due(house: &House, actor: &Actor, brand: &BrandId) -> Result<bool> {
    let mut tx = house.db.write().await?;
    if !trust::lock(&mut tx, brand).await? || !trust::is_due(&mut tx, brand, house.clock.now()).await? {
        // Another worker was faster.
        return Ok(false);
    }
    let (before, after) = settle(house, &mut tx, actor, brand, |_| Ok(()), vec![]).await?;
    tx.commit().await?;
    Ok(before.tier != after.tier)
}

/// Invites a rights holder in good faith to Joint-Force, or takes the invitation back.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], to who is not in good faith, and when nothing would change.
pub async fn invite(house: &House, actor: &Actor, brand: &BrandId, invited: bool, reason: &str) -> Result<Standing> {
    let action = if invited { "brand.invited" } else { "brand.uninvited" };
    command(house, actor, brand, action, json!({ "reason": words(reason)? }), |standing| {
        if standing.invited == invited {
            let problem = if invited { "it is invited already" } else { "it is not invited" };
            return Err(Refused::one("brand", problem, "Nothing to do; `brand trust` says what it lacks."));
        }
        if invited && !matches!(standing.tier, Tier::GoodFaith | Tier::JointForce) {
            let problem = format!("it is {}; Joint-Force is for who is in good faith", standing.tier.title());
            return Err(Refused::one("brand", problem, "`brand trust` says what it lacks."));
        }
        standing.invited = invited;
        Ok(())
    })
    .await
}

/// Names a rights holder's account manager, or nobody.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], and for somebody who does not work here.
pub async fn manager(house: &House, actor: &Actor, brand: &BrandId, manager: Option<&OperatorId>) -> Result<Standing> {
    if let Some(manager) = manager {
        let known = operators::get(&mut house.db.read().await?, manager).await?;
        if !known.is_some_and(|operator| operator.enabled) {
            let fix = "Name somebody from `jointforce-console operators list`.";
            return Err(Refused::one("manager", format!("{manager} does not work here"), fix).into());
        }
    }
    command(house, actor, brand, "brand.manager_named", json!({ "manager": manager }), |standing| {
        standing.manager = manager.cloned();
        Ok(())
    })
    .await
}

/// Says what a rights holder is: checked, or appointed a trusted flagger. The record decides the rest.
///
/// # Errors
/// Refused without [`Permission::ManageBrands`], and when it is that already.
pub async fn set_base(house: &House, actor: &Actor, brand: &BrandId, base: Base, reason: &str) -> Result<Standing> {
    let body = json!({ "base": base, "reason": words(reason)? });
    command(house, actor, brand, "brand.base_set", body, |standing| {
        if standing.base == base {
            return Err(Refused::one("base", format!("it is {base} already"), "Nothing to do."));
        }
        standing.base = base;
        Ok(())
    })
    .await
}

/// One command about a rights holder: who may, what is said, what the record earns then, on the record.
async fn command(
    house: &House,
    actor: &Actor,
    brand: &BrandId,
    action: &str,
    body: Value,
    edit: impl Fn(&mut Standing) -> std::result::Result<(), Refused>,
) -> Result<Standing> {
    let attempt = async || {
        let mut tx = house.db.write().await?;
        authorize(&mut tx, actor, Permission::ManageBrands).await?;
        trust::lock(&mut tx, brand).await?;
        // What was said stands first in the record, what follows from it after.
        let event = house.event(actor, action, format!("brand:{brand}"), None, body.clone());
        let (_, standing) = settle(house, &mut tx, actor, brand, &edit, vec![event]).await?;
        tx.commit().await?;
        Ok::<_, Error>(standing)
    };
    race!(attempt())
}

/// Judges a brand that is locked: saves what it earned, tells it, and writes both down behind `events`. Gives the standing
/// before and after.
async fn settle(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    brand: &BrandId,
    edit: impl Fn(&mut Standing) -> std::result::Result<(), Refused>,
    mut events: Vec<Event>,
) -> Result<(Standing, Standing)> {
    let now = house.clock.now();
    let policy = &house.policy.trust;
    let (known, before) = load(tx, brand).await?;
    let mut said = before.clone();
    edit(&mut said)?;
    let track = track(house, tx, brand, &said).await?;
    let judged = judge(policy, &said, &track, now);
    trust::save(tx, brand, &judged.standing, judged.look_at, now).await?;

    let after = judged.standing;
    let mut news = vec![];
    let mut event = |action: &str, body| events.push(house.event(actor, action, format!("brand:{brand}"), None, body));
    let is_new = |warning: &&Warning| before.suspended.is_none() && before.warned.as_ref() != Some(*warning);
    if let Some(warning) = after.warned.as_ref().filter(is_new) {
        news.push(BrandNews::Warned { why: warning.why.clone(), until: warning.at + policy.warning });
        if said.warned == before.warned {
            event("brand.warned", json!({ "why": warning.why }));
        }
    }
    if after.tier != before.tier {
        // Promised from now on: what waits is not due later than if it came now, and no deadline moves away.
        let due = house.policy.calendar.due(house.policy.sla(after.tier), now);
        cases::move_all_of(tx, brand, priority::lane(after.tier) - priority::lane(before.tier), due).await?;
        let told = explain(policy, &after, &track);
        let (from, to) = (before.tier, after.tier);
        event("brand.tier_changed", json!({ "from": from, "to": to, "because": told.because }));
        news.push(BrandNews::TierChanged { from, to, because: told.because, next: told.next });
    }
    if after.notices_a_day != before.notices_a_day {
        event("brand.limit_changed", json!({ "notices_a_day": after.notices_a_day }));
    }
    tell(house, tx, &known, news, now).await?;
    audit::add(tx, &events).await?;
    Ok((before, after))
}

async fn tell(house: &House, tx: &mut Tx, brand: &Brand, news: Vec<BrandNews>, now: Time) -> Result<()> {
    let hook = brand.webhook_url.is_some();
    let told = news.into_iter().flat_map(|news| Effect::to_brand(&brand.id, hook, None, news));
    let told: Vec<_> = told.map(|effect| house.effect(effect, now)).collect();
    Ok(effects::add(tx, &told, now).await?)
}

async fn load(conn: &mut Conn, brand: &BrandId) -> Result<(Brand, Standing)> {
    let known = brands::get(conn, brand).await?;
    let standing = trust::standing(conn, brand).await?;
    known.zip(standing).ok_or_else(|| {
        Refused::one("brand", format!("{brand} is not known"), "Check its id, or load the brand first.").into()
    })
}

async fn track(house: &House, conn: &mut Conn, brand: &BrandId, standing: &Standing) -> Result<Track> {
    let from = house.clock.now() - house.policy.trust.window;
    Ok(trust::track(conn, brand, from, standing.warned.as_ref().map(|warning| warning.at)).await?)
}

fn words(reason: &str) -> std::result::Result<&str, Refused> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Refused::one("reason", "it is empty or longer than 500 characters", "Say in a few words why."));
    }
    Ok(reason)
}
