//! What the records have to say at any moment, and once everything due was carried out.

use jointforce_shared::{
    domain::listing::ListingState,
    store::{authenticity, cases, invariants, listings, sellers},
};
use jointforce_tests::world::listing_id;

use super::{
    ground::{Ground, PLAN},
    system::System,
};

/// Every rule that each commit keeps.
pub async fn look_through(ground: &Ground, when: &str) {
    let broken = {
        let mut conn = ground.world.house.db.read().await.unwrap();
        invariants::broken(&mut conn).await.unwrap()
    };
    assert!(broken.is_empty(), "{when}: {broken:#?}\nwhat was done before:{}", ground.story().await);
}

/// Every rule that holds once nothing is due.
pub async fn settled(ground: &Ground) {
    let house = &ground.world.house;
    let mut conn = house.db.read().await.unwrap();
    let now = house.clock.now();
    let mut broken = invariants::unsettled(&mut conn, now).await.unwrap();
    broken.extend(invariants::balances(&mut conn, &house.policy.ladder, now).await.unwrap());
    broken.extend(invariants::requests(&mut conn).await.unwrap());
    drop(conn);
    assert!(broken.is_empty(), "{broken:#?}\nwhat was done before:{}", ground.story().await);
}

impl System {
    /// Each listing is where its cases, its questions and its seller's level put it.
    pub async fn listings(&self, ground: &Ground) {
        let mut conn = ground.world.house.db.read().await.unwrap();
        for (.., ware, shop) in &PLAN[..3] {
            let id = listing_id(&self.of(ware));
            let version = listings::newest_version(&mut conn, &id).await.unwrap().unwrap();
            let ware = listings::at_version(&mut conn, &id, version).await.unwrap().unwrap();
            let seller = sellers::get(&mut conn, &self.of(shop).parse().unwrap()).await.unwrap().unwrap();
            let (mut down, mut hidden) = (seller.listings_off, false);
            for case in cases::on_listings(&mut conn, [&id]).await.unwrap() {
                down |= case.state.keeps_down();
                let asked = authenticity::of_case(&mut conn, case.id).await.unwrap();
                hidden |= asked.iter().any(|request| request.state.pauses());
            }
            let expected = match (down, hidden) {
                (true, _) => ListingState::Removed,
                (false, true) => ListingState::Paused,
                (false, false) => ListingState::Live,
            };
            assert_eq!(ware.state, expected, "{id}");
        }
    }
}
