//! Carrying inside effects out without a worker process: for tests that move the clock themselves.

use std::sync::Arc;

use jointforce_shared::{
    commands::House,
    domain::{effect::Lane, ids::EffectId},
    store::effects::carry,
};
use jointforce_worker::{
    bell::Ring,
    carry_out::Carrier,
    outside::{MailRoute, Marketplace, Outside, OutsideConfig, PagerConfig},
};

/// Carries out every inside effect that is due, and what follows from it, until nothing is. The marketplace is to be
/// told, so that its events are in the ledger.
pub async fn carry_inside(house: &House) {
    let config = OutsideConfig {
        mail: MailRoute::Folder(std::env::temp_dir()),
        mail_from: "Joint Force <takedowns@localhost>".to_owned(),
        marketplace: Some(Marketplace {
            url: "http://127.0.0.1:9/never".to_owned(),
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned(),
            outcome: None,
        }),
        pager: PagerConfig::default(),
        timeout: OutsideConfig::TIMEOUT,
        webhook_allow: vec![],
    };
    let outside = Arc::new(Outside::new(config).expect("settings"));
    let carrier = Carrier { house: house.clone(), outside, name: "worker".to_owned() };
    for _ in 0..1000 {
        let due = carry::due(&mut house.db.read().await.expect("a connection"), Lane::INSIDE, house.clock.now(), 100)
            .await
            .expect("what is due");
        if due.is_empty() {
            return;
        }
        let ids = due.iter().map(EffectId::to_string).collect();
        carrier.inside(Ring::new(ids)).await;
    }
    panic!("effects never end");
}
