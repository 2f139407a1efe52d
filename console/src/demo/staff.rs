//! The people of the demo: whoever started it, and colleagues who are at work already.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor,
        case::{self, Act, Request},
        operator, rota,
    },
    domain::{ask::Stage, brand::Tier, decision::KeepReason, ids::OperatorId, operator::Role, rota::Rota, time::Time},
    store::{operators, queue},
};
use serde_json::json;

use super::Demo;

/// Who decides cases beside the person at the keyboard.
pub(super) const MODERATORS: [(&str, &str, Role); 4] = [
    ("amara.okafor", "Amara Okafor", Role::Moderator),
    ("jonas.weber", "Jonas Weber", Role::Moderator),
    ("yuki.mori", "Yuki Mori", Role::Moderator),
    (LUCIA, "Lucia Ferrante", Role::Senior),
];
const LUCIA: &str = "lucia.ferrante";
const RAVI: &str = "ravi.menon";
const PIOTR: &str = "piotr.zielinski";
const OTHERS: [(&str, &str, Role); 3] = [
    (RAVI, "Ravi Menon", Role::Senior),
    (PIOTR, "Piotr Zieliński", Role::OnCall),
    ("noor.haddad", "Noor Haddad", Role::Auditor),
];
const ADMIN: (&str, &str, Role) = ("greta.lund", "Greta Lund", Role::Admin);

/// What colleagues wait for.
const WAITING_FOR: [&str; 4] = [
    "asked the brand whether the serial number is theirs",
    "waiting for the seller's purchase invoice",
    "checking the batch code with the importer",
    "same photographs in five shops: looking at the ring first",
];

pub(super) async fn hire(demo: &Demo<'_>, account: &OperatorId) -> anyhow::Result<()> {
    for person in MODERATORS.iter().chain(&OTHERS) {
        add(demo, person).await?;
    }
    let_in(demo, account).await?;
    roster(demo, account).await
}

/// Whoever started the demo is called when Piotr doesn't answer.
async fn roster(demo: &Demo<'_>, account: &OperatorId) -> anyhow::Result<()> {
    let all_week = |who: &str| json!([{ "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "09:00", "to": "09:00", "who": [who] }]);
    let of = |who: &str| format!("{who}@marketplace.example");
    let rota: Rota = serde_json::from_value(json!({
        "zone": "Europe/Berlin",
        "starts": "2026-01-05",
        "people": { PIOTR: of(PIOTR), account.as_str(): of(account.as_str()) },
        "levels": [all_week(PIOTR), all_week(account.as_str())],
    }))?;
    rota::load(demo.house, &demo.actor, &rota).await?;
    Ok(())
}

/// Makes the person at the keyboard a senior moderator, unless they are somebody here already.
pub(super) async fn let_in(demo: &Demo<'_>, account: &OperatorId) -> anyhow::Result<()> {
    if operators::get(&mut demo.house.db.read().await?, account).await?.is_none() {
        operator::add(demo.house, &demo.actor, account.clone(), account.as_str(), Role::Senior).await?;
    }
    Ok(())
}

pub(super) async fn appoint_admin(demo: &Demo<'_>) -> anyhow::Result<()> {
    add(demo, &ADMIN).await
}

async fn add(demo: &Demo<'_>, (account, name, role): &(&str, &str, Role)) -> anyhow::Result<()> {
    operator::add(demo.house, &demo.actor, account.parse()?, name, *role).await?;
    Ok(())
}

/// Colleagues hold some cases of the queue, have some open, and have handed some to the person at the keyboard.
pub(super) async fn at_work(demo: &Demo<'_>, account: &OperatorId) -> anyhow::Result<()> {
    let filter = queue::Filter { stages: Some(vec![Stage::Open]), ..queue::Filter::default() };
    let rows = queue::page(&mut demo.house.db.read().await?, &filter, None, 90).await?;
    let now = demo.house.clock.now();
    for (n, row) in rows.iter().enumerate() {
        let (who, ..) = MODERATORS[n / 7 % MODERATORS.len()];
        let actor = Actor::Operator(who.parse()?);
        let act = match n % 21 {
            6 => Act::Hold {
                span: Duration::from_secs(3600 * (6 + n as u64 % 17)),
                reason: WAITING_FOR[n / 21 % WAITING_FOR.len()].to_owned(),
            },
            13 => Act::HandOver { to: account.clone() },
            18 => {
                case::lease(demo.house, &actor, &[row.place.case]).await?;
                continue;
            }
            _ => continue,
        };
        let note = if n % 21 == 13 { "You know this brand better than I do." } else { "" };
        let request = Request { case: row.place.case, version: None, act, note: note.to_owned() };
        let when = now - Duration::from_secs(60 * (10 + n as u64));
        case::act(&demo.house_at(when.max(row.opened + Duration::from_secs(1)).min(now)), &actor, &request).await?;
    }
    ask_for_a_second(demo, &rows).await
}

/// A senior wants to refuse a brand that is trusted with immediate removal: that waits for the person at the keyboard.
async fn ask_for_a_second(demo: &Demo<'_>, rows: &[queue::QueueRow]) -> anyhow::Result<()> {
    let free = |row: &&queue::QueueRow| {
        row.factors.tier == Tier::JointForce
            && row.assigned_to.is_none()
            && row.lease_by.is_none()
            && row.held_by.is_none()
    };
    for row in rows.iter().filter(free).skip(2).step_by(4).take(2) {
        let act = Act::Keep(KeepReason::Genuine);
        let note = "The serial number is in the brand's own list; see the photograph.".to_owned();
        let request = Request { case: row.place.case, version: None, act, note };
        let at = demo.house.clock.now() - Duration::from_secs(25 * 60);
        let house = demo.house_at(at.max(row.opened));
        case::act(&house, &Actor::Operator(LUCIA.parse()?), &request).await?;
    }
    Ok(())
}

/// Whoever answers what the `n`th colleague can't do alone.
pub(super) fn second(n: usize) -> anyhow::Result<Actor> {
    let who = if MODERATORS[n % MODERATORS.len()].0 == LUCIA { RAVI } else { LUCIA };
    Ok(Actor::Operator(who.parse()?))
}

/// A colleague for the `n`th piece of work.
pub(super) fn colleague(n: usize) -> anyhow::Result<Actor> {
    Ok(Actor::Operator(MODERATORS[n % MODERATORS.len()].0.parse()?))
}

/// The moment `hours` before now.
pub(super) fn hours_ago(now: Time, hours: u64) -> Time {
    now - Duration::from_secs(hours * 3600)
}
