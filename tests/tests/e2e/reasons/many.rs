//! Bar 4: all statements of a large run are ones that the register takes, each once, with answers lost in between.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::{Duration, Instant},
};

use jointforce_shared::{
    clock::Clock,
    commands::{
        House,
        case::{self, Act, Request},
        catalogue, notice, operator, statement,
    },
    domain::{decision::RemoveReason, ids::CaseId, operator::Role, statement::RegisterState, time::Time},
    fixtures::{Marketplace, Size},
    store::{
        Db,
        statements::{self, register::standing},
    },
};
use jointforce_tests::{
    register::{Mood, Register, rules},
    servers::{Database, postgres_database},
    world::{World, who},
};

use super::sender;

/// Cases of a run. The bar is 5,000: `JOINTFORCE_CASES=5000` runs it whole.
const CASES: usize = 1000;

fn cases_wanted() -> usize {
    std::env::var("JOINTFORCE_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES)
}

/// A marketplace of real brands, invented sellers with hostile names, and notices of all kinds, until there are enough cases.
///
/// Gives the cases, and the names and addresses of the sellers.
async fn fill(house: &House, cases: usize) -> (Vec<CaseId>, Vec<String>) {
    let size = Size { brands: 60, sellers: 300, listings: cases * 2, notices: cases * 4 };
    let market = Marketplace::generate(7, size, house.clock.now());
    let import = World::import();
    let brands: Vec<_> = market.brands().cloned().collect();
    catalogue::load_brands(house, &import, &brands).await.unwrap();
    catalogue::load_rights(house, &import, &market.rights().cloned().collect::<Vec<_>>()).await.unwrap();
    catalogue::load_sellers(house, &import, &market.sellers().collect::<Vec<_>>()).await.unwrap();
    for batch in market.listings().collect::<Vec<_>>().chunks(1000) {
        catalogue::load_listings(house, &import, batch).await.unwrap();
    }
    operator::add(house, &import, "ann".parse().unwrap(), "Ann", Role::Moderator).await.unwrap();
    let mut found = std::collections::BTreeSet::new();
    for batch in market.filings().collect::<Vec<_>>().chunks(40) {
        let raw: Vec<_> = batch.iter().map(|filing| filing.notice.clone()).collect();
        for filed in notice::file(house, &import, &raw).await.unwrap() {
            if let notice::Filed::New { cases, .. } = filed {
                found.extend(cases);
            }
        }
        if found.len() >= cases {
            break;
        }
    }
    assert!(found.len() >= cases, "only {} cases", found.len());
    let names = market.sellers().flat_map(|seller| [seller.name, seller.email]).collect();
    (found.into_iter().take(cases).collect(), names)
}

async fn remove_all(house: &House, cases: &[CaseId]) {
    let mut hands = tokio::task::JoinSet::new();
    for (n, part) in cases.chunks(cases.len().div_ceil(8)).enumerate() {
        let (house, part) = (house.clone(), part.to_vec());
        hands.spawn(async move {
            for case in part {
                let reason = RemoveReason::ALL[n % RemoveReason::ALL.len()];
                let request =
                    Request { case, version: None, act: Act::Remove(reason), note: "not for the register".into() };
                case::act(&house, &who("ann"), &request).await.unwrap();
            }
        });
    }
    hands.join_all().await;
}

async fn house(database: &Database) -> (House, Arc<AtomicI64>) {
    let db = Db::open(&database.url).await.unwrap();
    db.migrate().await.unwrap();
    let now = Arc::new(AtomicI64::new(Clock::System.now().0));
    (House { clock: Clock::Set(now.clone()), ..House::new(db) }, now)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_of_a_large_run_is_valid_and_registered_once_though_answers_are_lost() {
    let wanted = cases_wanted();
    let database = postgres_database().await;
    let (mut house, now) = house(&database).await;
    house.policy.reasons.timeout = Duration::from_secs(10);
    let (cases, names) = fill(&house, wanted).await;
    let started = Instant::now();
    remove_all(&house, &cases).await;
    eprintln!("{} decisions in {:.1} s", cases.len(), started.elapsed().as_secs_f64());

    let register = Register::open("t").await;
    let lost = [
        Mood::Good,
        Mood::TakesAndHangsUp,
        Mood::Busy(1),
        Mood::Good,
        Mood::TakesAndBabbles,
        Mood::Says(500, String::new()),
    ];
    register.next(lost.into_iter().cycle().take(wanted / 60));
    let mut sender = sender(&register, "t");
    let started = Instant::now();
    let (mut accepted, mut exempt) = (0, 0);
    loop {
        now.fetch_add(3_600_000_000, std::sync::atomic::Ordering::SeqCst);
        while sender.send_one(&house).await.unwrap() {}
        if statement::next_batch(&house).await.unwrap().is_empty()
            && standing(&mut house.db.read().await.unwrap()).await.unwrap().failures == 0
        {
            break;
        }
    }
    eprintln!("{} calls in {:.1} s", register.batches().len(), started.elapsed().as_secs_f64());

    let (from, until) = (Time(0), Time(i64::MAX));
    let mut after = None;
    loop {
        let page =
            statements::made_between(&mut house.db.read().await.unwrap(), from, until, after, 500).await.unwrap();
        for kept in &page {
            kept.content.validate().unwrap_or_else(|refused| panic!("{refused}: {:#?}", kept.content));
            // The others are held to the register's own reading too, though it never sees them.
            assert_eq!(rules::faults(&serde_json::to_value(&kept.content).unwrap()), rules::Faults::new());
            match kept.state {
                RegisterState::Accepted => accepted += 1,
                RegisterState::Exempt => exempt += 1,
                other => panic!("{other}: {kept:#?}"),
            }
        }
        let Some(last) = page.last() else { break };
        after = Some((last.made, last.id));
    }
    assert_eq!(accepted + exempt, wanted);
    assert_eq!((register.taken().len(), register.taken_twice(), register.faults()), (accepted, vec![], vec![]));
    eprintln!("{accepted} accepted, {exempt} of listings outside the register's countries");
    assert!(accepted > wanted / 4 && register.batches().into_iter().all(|size| size <= 100));
    let sent = serde_json::to_string(&register.taken().into_values().collect::<Vec<_>>()).unwrap().to_lowercase();
    for name in names.iter().filter(|name| name.chars().count() > 3) {
        assert!(!sent.contains(&name.to_lowercase()), "{name} is in the register");
    }
}
