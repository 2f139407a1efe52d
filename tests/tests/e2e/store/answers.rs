//! A database that is slow is told from one that is away.

use std::net::SocketAddr;

use jointforce_shared::store::{Db, Error};
use jointforce_tests::{
    servers::{PrivatePostgres, postgres_database, sqlite_database},
    sql,
    wait::{SOON, until},
    world::World,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_behind_a_pooler_is_away() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let pooler = tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            tokio::spawn(turn_away(client));
        }
    });
    // It lets anybody in, as PgBouncer does, and looks for a server when it is asked for something.
    let db = Db::open_seat(&pooled(address)).await.unwrap();
    let said = db.answers().await.unwrap_err();
    assert!(matches!(&said, Error::Away(why) if why.contains("server login has been failing")), "{said}");
    assert!(said.is_passing());
    pooler.abort();
}

fn pooled(address: SocketAddr) -> String {
    format!("postgres://seat@{address}/jointforce?sslmode=disable")
}

/// Lets a client in and answers its first question as PgBouncer 1.24 does while PostgreSQL is down.
async fn turn_away(mut client: TcpStream) {
    let mut read = [0; 4096];
    let said = b"SFATAL\0C08P01\0Mserver login has been failing, cached error: connect failed (server_login_retry)\0\0";
    let mut last = vec![b'E'];
    last.extend(u32::try_from(said.len() + 4).unwrap().to_be_bytes());
    last.extend(said);
    for answer in [b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I".as_slice(), &last] {
        if !client.read(&mut read).await.is_ok_and(|read| read > 0) || client.write_all(answer).await.is_err() {
            return;
        }
    }
}
