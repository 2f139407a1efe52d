use std::collections::{BTreeMap, BTreeSet};

use jointforce_shared::{
    domain::ids::CaseId,
    store::{Db, queue, sellers},
};
use tokio::sync::Notify;

use super::*;

async fn house(dir: &Path) -> House {
    let db = Db::open(&format!("sqlite:{}", dir.join("jointforce.db").display())).await.unwrap();
    db.migrate().await.unwrap();
    House::new(db)
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

fn me() -> OperatorId {
    "tester".parse().unwrap()
}

async fn queue_of(house: &House) -> Vec<queue::QueueRow> {
    queue::page(&mut house.db.read().await.unwrap(), &queue::Filter::default(), None, 100_000).await.unwrap()
}

#[tokio::test]
async fn the_first_start_makes_a_full_queue_and_the_second_finds_it() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path()).await;
    let first = prepare(&house, &me(), dir.path(), address(1001), |_| ()).await.unwrap();
    assert!(first.made && first.refused > 80, "{first:?}");
    let refused = fs::read_to_string(dir.path().join("refused.jsonl")).unwrap();
    assert_eq!(refused.lines().count(), first.refused);

    let queue = queue_of(&house).await;
    assert!(queue.len() > 2000, "{}", queue.len());
    let now = house.clock.now();
    let count = |of: &dyn Fn(&queue::QueueRow) -> bool| queue.iter().filter(|row| of(row)).count();
    let overdue = count(&|row| row.factors.due < now) * 100 / queue.len();
    assert!((3..=35).contains(&overdue), "{overdue} % overdue");
    assert!(count(&|row| row.held_by.is_some()) >= 4);
    assert!(count(&|row| row.lease_by.is_some()) >= 4);
    assert!(count(&|row| row.assigned_to.as_ref() == Some(&me())) >= 4);
    assert!(count(&|row| row.lease_by.as_ref() == Some(&me())) == 0);

    let before: Vec<CaseId> = queue.iter().map(|row| row.place.case).collect();
    let second = prepare(&house, &me(), dir.path(), address(1001), |_| panic!("nothing to do")).await.unwrap();
    assert_eq!(second, Prepared { made: false, refused: 0 });
    let after: Vec<CaseId> = queue_of(&house).await.iter().map(|row| row.place.case).collect();
    assert_eq!(before, after);

    let sellers: Vec<_> = Marketplace::generate(SEED, SIZE, now).sellers().map(|seller| seller.id).collect();
    let mut strikes: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (seller, strike) in sellers::strikes(&mut house.db.read().await.unwrap(), &sellers).await.unwrap() {
        strikes.entry(seller).or_default().push(strike);
    }
    let standings: Vec<_> = strikes.values().map(|strikes| house.policy.ladder.standing(strikes, now)).collect();
    let levels: BTreeSet<_> = standings.iter().map(|standing| standing.level).collect();
    assert!(levels.len() >= 4 && standings.iter().any(|standing| standing.points >= 30), "{levels:?}");
}

/// A marketplace that is made fast.
fn small(now: Time) -> Marketplace {
    Marketplace::generate(SEED, Size { notices: 420, listings: 1500, ..SIZE }, now)
}

#[tokio::test]
async fn a_start_that_was_broken_off_is_taken_up_without_doing_anything_twice() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut rows = vec![];
    for (dir, breaks) in [(&whole, false), (&broken, true)] {
        let house = house(dir.path()).await;
        let market = small(house.clock.now());
        let demo = Demo { house: &house, actor: Actor::program("demo"), market: &market, receiver: address(1001) };
        if breaks {
            let stop = Notify::new();
            let me = me();
            let making = demo.make(&me, dir.path(), |step| {
                if step.contains("this week") {
                    stop.notify_one();
                }
            });
            tokio::select! { biased; () = stop.notified() => {} _ = making => panic!("it was to be broken off") }
        }
        demo.make(&me(), dir.path(), |_| ()).await.unwrap();
        let ids = |row: queue::QueueRow| (row.brand, row.listing, row.factors.claims);
        rows.push(queue_of(&house).await.into_iter().map(ids).collect::<BTreeSet<_>>());
    }
    assert!(rows[0].len() > 200);
    assert_eq!(rows[0], rows[1]);
}

#[tokio::test]
async fn webhooks_follow_the_receiver_to_its_new_port() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path()).await;
    let market = small(house.clock.now());
    let demo = |port| Demo { house: &house, actor: Actor::program("demo"), market: &market, receiver: address(port) };
    demo(1001).load().await.unwrap();
    demo(1002).aim_webhooks().await.unwrap();
    let ids: Vec<_> = market.brands().map(|brand| brand.id.clone()).collect();
    let there = brands::get_many(&mut house.db.read().await.unwrap(), &ids).await.unwrap();
    let hooks: Vec<String> = there.into_iter().filter_map(|brand| brand.webhook_url).collect();
    assert_eq!(hooks.len(), WITH_WEBHOOK);
    assert!(hooks.iter().all(|url| url.starts_with("http://127.0.0.1:1002/brands/")), "{hooks:?}");
}
