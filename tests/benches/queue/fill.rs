//! Open cases by the million: through the store's own bulk writes, without the notices behind them, which no page reads.

use jointforce_shared::{
    clock::Clock,
    domain::{
        case::State,
        ids::{BrandId, CaseId, SellerId},
        policy::Policy,
        priority::{self, Factors},
        time::Time,
    },
    fixtures::{Marketplace, Size},
    store::{
        Db, brands,
        cases::{self, Case},
        listings,
        queue::Place,
        sellers,
    },
};
use jointforce_tests::bench::progress;

/// Cases in one transaction.
const BATCH: usize = 5000;

/// One open case for each of so many listings. Gives them in the order of the queue.
pub async fn cases(db: &Db, count: usize) -> Vec<(Place, BrandId, SellerId)> {
    let now = Clock::System.now();
    let size = Size { brands: 120, sellers: (count / 50).max(10), listings: count, notices: 0 };
    let market = Marketplace::generate(1, size, now);
    let mut tx = db.write().await.unwrap();
    brands::save_many(&mut tx, &market.brands().cloned().collect::<Vec<_>>(), now).await.unwrap();
    sellers::save_many(&mut tx, &market.sellers().collect::<Vec<_>>(), now).await.unwrap();
    tx.commit().await.unwrap();

    let mut places = Vec::with_capacity(count);
    for from in (0..count).step_by(BATCH) {
        let numbers = from..count.min(from + BATCH);
        let listings: Vec<_> = numbers.clone().filter_map(|n| market.listing(n)).collect();
        let cases: Vec<Case> =
            numbers.clone().zip(&listings).map(|(n, listing)| case(&market, n, listing, now)).collect();
        let mut tx = db.write().await.unwrap();
        listings::save_many(&mut tx, &listings, now).await.unwrap();
        cases::add(&mut tx, &cases).await.unwrap();
        tx.commit().await.unwrap();
        let place = |case: Case| (Place { rank: case.rank, case: case.id }, case.brand, case.seller);
        places.extend(cases.into_iter().map(place));
        progress("cases", numbers.end, count);
    }
    places.sort_unstable_by_key(|(place, ..)| *place);
    places
}

fn case(market: &Marketplace, n: usize, listing: &jointforce_shared::domain::listing::Listing, now: Time) -> Case {
    let brand = market.owner(n).unwrap();
    let policy = Policy::default();
    // Spread over the last eight days, in no order.
    let opened = now - std::time::Duration::from_secs((n as u64).wrapping_mul(2_654_435_761) % (8 * 86_400));
    let due = policy.calendar.due(policy.sla(brand.tier), opened);
    let (severity, reports, claims) =
        ([24, 24, 24, 4, 1][n % 5], 1 + (n % 9) as i64, 1 + i64::from(n.is_multiple_of(11)));
    let factors =
        Factors { tier: brand.tier, due, severity, record: brand.record, sold: listing.sold, reports, claims };
    Case {
        id: Clock::System.id(CaseId::from_ulid),
        brand: brand.id.clone(),
        listing: listing.id.clone(),
        seller: listing.seller.clone(),
        state: State::Open { assigned: None, desk: None },
        version: 1,
        round: 1,
        rank: priority::rank(&factors),
        read_rank: priority::rank(&factors),
        due,
        severity,
        claims,
        reports,
        snapshot_version: 1,
        opened,
        lease: None,
    }
}
