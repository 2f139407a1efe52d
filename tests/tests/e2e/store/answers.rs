//! A database that is slow is told from one that is away.

use jointforce_shared::store::{Db, Error};
use jointforce_tests::{
    servers::{PrivatePostgres, postgres_database, sqlite_database},
    sql,
    wait::{SOON, until},
    world::World,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_answers_a_console_all_of_whose_connections_wait_for_it() {
    let database = postgres_database().await;
    let (db, witness) = (Db::open_seat(&database.url).await.unwrap(), Db::open(&database.url).await.unwrap());
    let here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'jointforce-console'";
    let slow: Vec<_> = (0..3)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { sql::try_execute(&db, "SELECT pg_sleep(50)").await })
        })
        .collect();
    let asleep = format!("{here} AND wait_event = 'PgSleep'");
    until(SOON, "three slow queries", async || sql::number(&witness, &asleep).await == 3).await;
    db.answers().await.unwrap();
    assert_eq!(sql::number(&witness, &asleep).await, 3, "they still wait");
    until(SOON, "nothing more is open", async || sql::number(&witness, here).await == 3).await;
    slow.iter().for_each(|query| query.abort());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_answers_while_each_of_its_connections_is_in_use() {
    let database = sqlite_database();
    let db = World::new(&database.url).await.house.db;
    let _readers = tokio::try_join!(db.read(), db.read(), db.read(), db.read()).unwrap();
    let _writer = db.write().await.unwrap();
    tokio::time::timeout(SOON, db.answers()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_is_away_and_answers_when_it_is_back_whatever_broke_meanwhile() {
    let mut server = PrivatePostgres::start();
    let db = Db::open_seat(&server.database().await.url).await.unwrap();
    drop(db.read().await.unwrap());
    db.answers().await.unwrap();
    server.kill();
    assert!(matches!(db.answers().await, Err(Error::Away(_))));
    server.restart();
    db.answers().await.unwrap();
}
