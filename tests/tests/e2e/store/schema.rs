//! Migrations, and what the schema itself guarantees.

use jointforce_shared::store::{Db, Error, audit, db::known};
use jointforce_tests::{
    sql::{execute, try_execute},
    world::{World, who},
};
use sqlx::Row as _;

use super::on_both;

on_both! {
    async fn ten_that_migrate_at_once_make_one_schema(url: &str) {
        let starts = (0..10).map(|_| {
            let url = url.to_owned();
            tokio::spawn(async move {
                let db = Db::open(&url).await?;
                db.migrate().await?;
                db.check_schema().await
            })
        });
        for start in starts.collect::<Vec<_>>() {
            start.await.unwrap().unwrap();
        }
    }

    async fn a_newer_schema_serves_this_program_until_it_says_otherwise(url: &str) {
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        assert_eq!(db.check_schema().await.unwrap(), known());
        execute(
            &db,
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, 'x', 0)",
        )
        .await;
        assert_eq!(db.check_schema().await.unwrap(), 9999);
        db.migrate().await.unwrap();
        Db::open(url).await.unwrap().migrate().await.unwrap();
        execute(&db, "UPDATE schema_serves SET oldest = 9999").await;
        let error = db.migrate().await.unwrap_err();
        assert!(matches!(error, Error::Newer { found: 9999, .. }), "{error}");
        assert!(matches!(db.check_schema().await, Err(Error::Newer { .. })));
    }

    async fn the_audit_record_can_only_grow(url: &str) {
        let world = World::new(url).await;
        for sql in ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"] {
            let error = try_execute(&world.house.db, sql).await.unwrap_err().to_string();
            assert!(error.contains("append-only"), "{sql}: {error}");
        }
        let events = audit::newest(&mut world.house.db.read().await.unwrap(), None, 1000).await.unwrap();
        assert!(events.iter().any(|event| event.action == "operator.added" && event.subject == "operator:ann"));
        assert!(events.iter().all(|event| event.actor != "nobody"));
    }

    async fn a_dropped_transaction_leaves_no_trace_for_the_next_borrower(url: &str) {
        let world = World::new(url).await;
        for _ in 0..50 {
            let mut tx = world.house.db.write().await.unwrap();
            jointforce_shared::store::operators::save(
                &mut tx,
                &jointforce_shared::domain::operator::Operator {
                    id: "ghost".parse().unwrap(),
                    name: "Ghost".into(),
                    role: jointforce_shared::domain::operator::Role::Admin,
                    enabled: true,
                    desks: vec![],
                    team: None,
                },
                world.house.clock.now(),
            )
            .await
            .unwrap();
            drop(tx);
        }
        let ghost = jointforce_shared::commands::operator::sign_in(&world.house, who("ghost").id()).await;
        assert!(ghost.is_err(), "{ghost:?}");
    }
}

#[tokio::test]
async fn a_url_that_is_no_database_is_refused_with_the_fix() {
    for url in ["mysql://x/y", "nonsense", ""] {
        let error = Db::open(url).await.unwrap_err();
        assert!(matches!(&error, Error::Url(_)) && error.to_string().contains("postgres://"), "{url}: {error}");
    }
    let error = Db::open("postgres://user:s3cret@127.0.0.1:1/x").await.unwrap_err();
    assert!(matches!(error, Error::Away(_)), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_begin_cancelled_at_any_point_hands_nobody_an_open_transaction() {
    let database = jointforce_tests::servers::postgres_database().await;
    let db = Db::open(&database.url).await.unwrap();
    let Db::Postgres(pool, _) = &db else { panic!("a server") };
    for n in 0..300 {
        let patience = std::time::Duration::from_micros(n * 7 % 1500);
        drop(tokio::time::timeout(patience, db.write()).await);
        // Outside a transaction each statement has a number of its own.
        let mut next = pool.acquire().await.expect("a connection");
        let mut numbers = vec![];
        for _ in 0..2 {
            let number = sqlx::query("SELECT pg_current_xact_id()::text").fetch_one(&mut *next).await;
            numbers.push(number.expect("a usable connection").get::<String, _>(0));
        }
        assert_ne!(numbers[0], numbers[1], "the next borrower is inside somebody's transaction, after {patience:?}");
    }
}
