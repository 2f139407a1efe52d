//! What strikes lead to, and what takes two.

mod approvals;
mod ladders;
mod payouts;
mod stores;
mod termination;

use jointforce_shared::{
    commands::{
        Actor, Error,
        case::{self, Act, Acted, Request},
        operator, trust,
    },
    domain::{
        brand::Tier, decision::RemoveReason, ids::CaseId, operator::Role, penalty::Strike, time::Time, trust::Base,
    },
    store::{
        brands,
        cases::{self, Case},
        sellers::{self, SellerRecord},
    },
};
use jointforce_tests::{
    inside::carry_inside,
    world::{World, who},
};

/// Acts on a case as it is now.
pub async fn act(world: &World, actor: &Actor, case: CaseId, act: Act) -> Result<Acted, Error> {
    case::act(&world.house, actor, &Request { case, version: None, act, note: String::new() }).await
}

/// Reports a listing, removes it for this reason, and carries that out.
pub async fn strike(world: &World, listing: &str, reason: RemoveReason) -> CaseId {
    let case = world.report(&format!("notice-of-{listing}"), &[listing]).await[0];
    act(world, &who("ann"), case, Act::Remove(reason)).await.unwrap();
    settle(world).await;
    case
}

/// Lets the grace window pass and carries out what is due.
pub async fn settle(world: &World) {
    world.pass(11 * Time::SECOND);
    carry_inside(&world.house).await;
}

pub async fn days(world: &World, days: i64) {
    world.pass(days * Time::DAY);
    carry_inside(&world.house).await;
}

pub async fn case_of(world: &World, id: CaseId) -> Case {
    cases::get(&mut world.house.db.read().await.unwrap(), id).await.unwrap().unwrap()
}

pub async fn seller_of(world: &World, id: &str) -> SellerRecord {
    sellers::get(&mut world.house.db.read().await.unwrap(), &id.parse().unwrap()).await.unwrap().unwrap()
}

/// Acme is trusted with immediate removal.
pub async fn trust_acme(world: &World) {
    let acme = "acme".parse().unwrap();
    let known = brands::get(&mut world.house.db.read().await.unwrap(), &acme).await.unwrap().unwrap();
    if known.tier != Tier::TrustedFlagger {
        trust::set_base(&world.house, &who("adam"), &acme, Base::TrustedFlagger, "appointed").await.unwrap();
    }
}

/// A second senior, since one alone can approve nothing of their own.
pub async fn add_sid(world: &World) {
    operator::add(&world.house, &who("adam"), "sid".parse().unwrap(), "Sid", Role::Senior).await.unwrap();
}

pub fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Refused(refused)) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

/// I8: what is written down for each seller is what the ladder says of the strikes that stand.
pub async fn balances(world: &World, ids: &[&str]) {
    for id in ids {
        let record = seller_of(world, id).await;
        let mut conn = world.house.db.read().await.unwrap();
        let strikes: Vec<Strike> =
            sellers::strikes(&mut conn, [&record.seller.id]).await.unwrap().into_iter().map(|(_, one)| one).collect();
        let standing = world.house.policy.ladder.standing(&strikes, world.house.clock.now());
        assert_eq!(record.points, standing.points, "{id}");
    }
}
