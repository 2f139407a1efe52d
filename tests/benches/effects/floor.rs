//! What the same effects cost bare: batched statements through the same driver, without ledger, queue or worker.

use std::time::Instant;

use jointforce_shared::{
    commands::House,
    domain::{
        audit::Event,
        ids::AuditId,
        seller::{Level, Standing},
        time::Time,
    },
    store::{audit, listings, sellers},
};
use jointforce_tests::{load::seller_of, sql::execute, world::seller};

/// Effects a transaction.
const BATCH: usize = 100;

/// The bare statements of the same effects: half of a batch takes listings down, half levels sellers, all leave an audit
/// row. The listings are put back first so that there is something to take down.
pub async fn floor(house: &House, cases: usize) -> f64 {
    execute(&house.db, "UPDATE listings SET state = 'live'").await;
    let batches: Vec<usize> = (0..cases).step_by(BATCH / 2).collect();
    let started = Instant::now();
    let mut connections = tokio::task::JoinSet::new();
    for lane in 0..8 {
        let (house, batches) = (house.clone(), batches.clone());
        connections.spawn(async move {
            for from in batches.into_iter().skip(lane).step_by(8) {
                bare_batch(&house, cases, from, cases.min(from + BATCH / 2)).await;
            }
        });
    }
    connections.join_all().await;
    (cases * 2) as f64 / started.elapsed().as_secs_f64()
}

async fn bare_batch(house: &House, cases: usize, from: usize, to: usize) {
    let now = house.clock.now();
    let listings: Vec<_> = (from..to).map(|n| format!("l{n}").parse().unwrap()).collect();
    let standing = Standing { points: 2, level: Level::Cautioned, until: None, listings_off: false, next_change: None };
    let mut levels: Vec<(sellers::SellerRecord, Standing)> = (from..to)
        .map(|n| {
            let seller = seller(&seller_of(n, cases));
            let record = sellers::SellerRecord {
                seller,
                reports: 0,
                points: 0,
                level: Level::Good,
                level_until: None,
                listings_off: false,
            };
            (record, standing.clone())
        })
        .collect();
    levels.sort_by(|a, b| a.0.seller.id.cmp(&b.0.seller.id));
    let events: Vec<_> = (from..to)
        .flat_map(|n| ["listing.removed", "seller.leveled"].map(|action| (n, action)))
        .map(|(n, action)| Event {
            id: house.clock.id(AuditId::from_ulid),
            at: now,
            actor: "floor".into(),
            auth: "process".into(),
            action: action.into(),
            subject: format!("listing:l{n}"),
            case: None,
            body: serde_json::json!({}),
        })
        .collect();
    let mut tx = house.db.write().await.unwrap();
    listings::remove(&mut tx, &listings, now).await.unwrap();
    sellers::set_levels(&mut tx, &levels, Time(now.0)).await.unwrap();
    audit::add(&mut tx, &events).await.unwrap();
    tx.commit().await.unwrap();
}
