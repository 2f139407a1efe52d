//! The people of the demo: whoever started it, and colleagues who are at work already.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor,
        case::{self, Act, Request},
        operator,
    },
    domain::{ids::OperatorId, operator::Role, time::Time},
    store::{operators, queue},
};

use super::Demo;

/// Who decides cases beside the person at the keyboard.
pub(super) const MODERATORS: [(&str, &str, Role); 4] = [
    ("amara.okafor", "Amara Okafor", Role::Moderator),
    ("jonas.weber", "Jonas Weber", Role::Moderator),
    ("yuki.mori", "Yuki Mori", Role::Moderator),
    ("lucia.ferrante", "Lucia Ferrante", Role::Senior),
];
const OTHERS: [(&str, &str, Role); 2] =
    [("piotr.zielinski", "Piotr Zieliński", Role::OnCall), ("noor.haddad", "Noor Haddad", Role::Auditor)];
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
    let_in(demo, account).await
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
    let filter = queue::Filter { held: Some(false), ..queue::Filter::default() };
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
    Ok(())
}

/// A colleague for the `n`th piece of work.
pub(super) fn colleague(n: usize) -> anyhow::Result<Actor> {
    Ok(Actor::Operator(MODERATORS[n % MODERATORS.len()].0.parse()?))
}

/// The moment `hours` before now.
pub(super) fn hours_ago(now: Time, hours: u64) -> Time {
    now - Duration::from_secs(hours * 3600)
}
