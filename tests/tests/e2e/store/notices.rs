//! Filing notices.

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        catalogue,
        notice::Filed,
    },
    domain::{ask::Stage, case::State, decision::RemoveReason},
    store::{cases, effects, invariants, notices, queue, sellers},
};
use jointforce_tests::{
    servers::postgres_database,
    sql::waiting_for_locks,
    wait::{SOON, until},
    world::{self, World, raw, who},
};
use sqlx::{Connection as _, PgConnection};

use super::on_both;

on_both! {
    async fn a_notice_opens_one_case_a_listing_and_is_receipted(url: &str) {
        let world = World::new(url).await;
        let opened = world.report("n1", &["item-1", "item-2", "item-3"]).await;
        let mut conn = world.house.db.read().await.unwrap();
        assert_eq!(opened.len(), 3);
        let rows = queue::page(&mut conn, &queue::Filter::default(), None, 10).await.unwrap();
        assert_eq!(rows.len(), 3);
        // The more a seller was reported, the sooner.
        assert_eq!(rows.iter().map(|row| row.factors.reports).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(rows[2].title, "ACME style trainers item-1");
        let due = effects::list(&mut conn, None, None, 10).await.unwrap();
        assert_eq!(due.iter().map(|effect| effect.kind.as_str()).collect::<Vec<_>>(), ["mail_brand"]);
        let record = sellers::get(&mut conn, &"shop".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!(record.reports, 3);
    }

    async fn a_resend_is_the_same_notice_and_another_text_under_its_reference_is_refused(url: &str) {
        let world = World::new(url).await;
        let first = world.file(&[raw("n1", &["item-1"])]).await;
        let Filed::New { notice, .. } = &first[0] else { panic!("{first:?}") };
        assert_eq!(world.file(&[raw("n1", &["item-1"])]).await, [Filed::Same { notice: *notice }]);
        let other = world.file(&[raw("n1", &["item-2"])]).await;
        let Filed::Refused(refused) = &other[0] else { panic!("{other:?}") };
        assert_eq!(refused.faults[0].field, "reference");
        let twice = world.file(&[raw("n2", &["item-3"]), raw("n2", &["item-3"])]).await;
        assert!(matches!(twice[..], [Filed::New { .. }, Filed::Same { .. }]), "{twice:?}");
    }

    async fn a_refused_notice_changes_nothing_and_hinders_no_other(url: &str) {
        let world = World::new(url).await;
        let filed = world.file(&[raw("good", &["item-1"]), raw("bad", &["no-such-item"]), raw("good-2", &["item-2"])]).await;
        assert!(matches!(filed[..], [Filed::New { .. }, Filed::Refused(_), Filed::New { .. }]), "{filed:?}");
        let mut conn = world.house.db.read().await.unwrap();
        assert_eq!(queue::page(&mut conn, &queue::Filter::default(), None, 10).await.unwrap().len(), 2);
    }

    async fn a_second_notice_about_a_listing_rescores_its_case(url: &str) {
        let world = World::new(url).await;
        let first = world.report("n1", &["item-1"]).await;
        let mut conn = world.house.db.read().await.unwrap();
        let before = cases::get(&mut conn, first[0]).await.unwrap().unwrap();
        assert_eq!(world.report("n2", &["item-1"]).await, first);
        let after = cases::get(&mut conn, first[0]).await.unwrap().unwrap();
        assert_eq!((after.claims, after.version), (2, before.version + 1));
        assert!(after.rank < before.rank, "two claims come before one: {} {}", after.rank, before.rank);
        assert_eq!(notices::claims_of(&mut conn, first[0]).await.unwrap().len(), 2);
    }

    async fn two_notices_about_one_listing_in_one_batch_make_one_case(url: &str) {
        let world = World::new(url).await;
        let filed = world.file(&[raw("n1", &["item-1"]), raw("n2", &["item-1"])]).await;
        let [Filed::New { cases: a, .. }, Filed::New { cases: b, .. }] = &filed[..] else { panic!("{filed:?}") };
        assert_eq!(a, b);
        let case = cases::get(&mut world.house.db.read().await.unwrap(), a[0]).await.unwrap().unwrap();
        assert_eq!((case.claims, &case.state), (2, &State::Open { assigned: None, desk: None }));
    }

    async fn filing_the_same_cases_from_many_sides_at_once_makes_each_once(url: &str) {
        let world = World::new(url).await;
        let sides = (0..8).map(|side| {
            let world = world.clone();
            tokio::spawn(async move {
                let batch: Vec<_> = (1..=20).map(|n| raw(&format!("s{side}-{n}"), &[&format!("item-{n}")])).collect();
                world.file(&batch).await
            })
        });
        for side in sides.collect::<Vec<_>>() {
            assert!(side.await.unwrap().iter().all(|filed| matches!(filed, Filed::New { .. })));
        }
        let rows = queue::page(&mut world.house.db.read().await.unwrap(), &queue::Filter::default(), None, 100).await.unwrap();
        assert_eq!(rows.len(), 20);
        assert!(rows.iter().all(|row| row.factors.claims == 8), "{:?}", rows.iter().map(|r| r.factors.claims).collect::<Vec<_>>());
    }

    async fn what_was_reported_is_kept_when_the_seller_changes_it(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let mut changed = world::listing("item-1", "shop");
        changed.content.title = "Innocent socks".into();
        catalogue::load_listings(&world.house, &World::import(), &[changed]).await.unwrap();
        let dossier = jointforce_shared::store::dossier::load(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
        assert_eq!(dossier.listing.content.title, "ACME style trainers item-1");
        assert_eq!(dossier.changed_since, Some(2));
    }

    async fn the_queue_is_paged_without_gap_or_repeat(url: &str) {
        let world = World::new(url).await;
        for n in 1..=20 {
            world.report(&format!("n{n}"), &[&format!("item-{n}")]).await;
        }
        let mut conn = world.house.db.read().await.unwrap();
        let (mut seen, mut after) = (vec![], None);
        loop {
            let rows = queue::page(&mut conn, &queue::Filter::default(), after, 7).await.unwrap();
            let Some(last) = rows.last() else { break };
            after = Some(last.place);
            seen.extend(rows.iter().map(|row| row.place));
        }
        assert_eq!(seen.len(), 20);
        assert!(seen.windows(2).all(|pair| pair[0] < pair[1]));
        for filter in [
            queue::Filter { brand: Some("acme".parse().unwrap()), ..queue::Filter::default() },
            queue::Filter { seller: Some("shop".parse().unwrap()), ..queue::Filter::default() },
            queue::Filter { due: queue::Range::below(i64::MAX), stages: Some(vec![Stage::Open]), ..queue::Filter::default() },
        ] {
            assert_eq!(queue::page(&mut conn, &filter, None, 50).await.unwrap().len(), 20, "{filter:?}");
        }
        let nobody = queue::Filter { of: Some("ann".parse().unwrap()), ..queue::Filter::default() };
        assert!(queue::page(&mut conn, &nobody, None, 50).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_filed_while_a_decision_is_taken_back_is_not_answered_by_it() {
    let database = postgres_database().await;
    let world = World::new(&database.url).await;
    let db = &world.house.db;
    let case = world.report("n1", &["item-1"]).await[0];
    let act = |act| {
        let (house, request) = (world.house.clone(), Request { case, version: None, act, note: String::new() });
        tokio::spawn(async move { case::act(&house, &who("ann"), &request).await.unwrap() })
    };
    act(Act::Remove(RemoveReason::CounterfeitListing)).await.unwrap();

    let mut other = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE notices IN SHARE ROW EXCLUSIVE MODE").execute(&mut other).await.unwrap();
    let filing = {
        let world = world.clone();
        tokio::spawn(async move { world.file(&[raw("n2", &["item-1"])]).await })
    };
    until(SOON, "it has read that the case is decided, and is about to write", async || {
        waiting_for_locks(db).await == 1
    })
    .await;
    let undo = act(Act::Undo);
    until(SOON, "it is taken back, or that waits", async || undo.is_finished() || waiting_for_locks(db).await == 2)
        .await;
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    assert!(matches!(filing.await.unwrap()[..], [Filed::New { .. }]));
    assert_eq!(undo.await.unwrap().state, "open");

    let mut conn = db.read().await.unwrap();
    let claims = notices::claims_of(&mut conn, case).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.state.as_str()).collect::<Vec<_>>(), ["open", "open"]);
    assert_eq!(invariants::broken(&mut conn).await.unwrap(), []);
}
