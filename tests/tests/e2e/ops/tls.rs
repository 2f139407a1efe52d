//! A fleet whose database and queue are on other machines speaks TLS with both, and checks whom it speaks with.

use std::path::Path;

use jointforce_shared::domain::{effect::EffectState, listing::ListingState};
use jointforce_tests::{
    programs::{self, Running, Said, run},
    servers::{Certificates, Database, PrivatePostgres, PrivateRedis},
    wait::until,
};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::main_job::{LIMIT, Stage};

/// A database's URL with a certificate that is checked, and the name in it.
fn verified(database: &Database, authority: &Path) -> String {
    format!("{}?sslmode=verify-full&sslrootcert={}", database.url, authority.display())
}

async fn doctor(database: &str, redis: &str, authority: &Path) -> Said {
    let home = TempDir::new().unwrap();
    let mut command = programs::worker();
    command.args(["doctor", "--json"]).env("HOME", home.path()).env("SMTP_URL", "smtp://127.0.0.1");
    command.env("DATABASE_URL", database).env("REDIS_URL", redis).env("SSL_CERT_FILE", authority);
    run(command, "").await
}

/// What is said of database and queue: whether they are there.
fn there(said: &Said) -> [bool; 2] {
    ["database", "queue"].map(|check| {
        let start = format!(r#""check":"{check}""#);
        let lines: Vec<&str> = said.output.lines().filter(|line| line.contains(&start)).collect();
        assert!(!lines.is_empty(), "{check} is not looked at: {}{}", said.output, said.error);
        lines.iter().all(|line| !line.contains(r#""verdict":"failure""#))
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_works_over_tls_alone() {
    let certificates = Certificates::for_server("IP:127.0.0.1");
    let (postgres, redis) = (PrivatePostgres::start_tls(&certificates), PrivateRedis::start_tls(&certificates));
    let mut database = postgres.database().await;
    database.url = verified(&database, &certificates.authority());
    let stage = Stage::set(database, Some(redis.url())).await;
    let mut command = stage.worker();
    command.env("SSL_CERT_FILE", certificates.authority());
    let mut worker = Running::start(&command);
    worker.wait_for_output("leading the relay", LIMIT).await;
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
    until(LIMIT, "the listing is down", async || stage.listing_state("item-1").await == ListingState::Removed).await;
    assert_eq!(stage.count(EffectState::Dead).await, 0);
    let mut hand = PgConnection::connect(&stage.database.url).await.unwrap();
    let sql = "SELECT count(*) FILTER (WHERE s.ssl), count(*) FILTER (WHERE NOT s.ssl)
         FROM pg_stat_activity a JOIN pg_stat_ssl s USING (pid) WHERE a.application_name = 'jointforce'";
    let (over_tls, plain): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut hand).await.unwrap();
    assert!(over_tls > 1 && plain == 0, "{over_tls} connections over TLS, {plain} without");
    assert!(!worker.output().contains("Redis can't be reached"), "{}", worker.output());
    let said = doctor(&stage.database.url, &redis.url(), &certificates.authority()).await;
    assert_eq!(there(&said), [true, true], "{}", said.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_prove_who_it_is_gets_no_password() {
    let (ours, others) = (Certificates::for_server("IP:127.0.0.1"), Certificates::for_server("IP:127.0.0.1"));
    let (postgres, redis) = (PrivatePostgres::start_tls(&ours), PrivateRedis::start_tls(&ours));
    let database = postgres.database().await;
    let said = doctor(&verified(&database, &others.authority()), &redis.url(), &others.authority()).await;
    assert_eq!(there(&said), [false, false], "another authority: {}", said.output);
    drop((postgres, redis));

    let misnamed = Certificates::for_server("DNS:queue.example");
    let (postgres, redis) = (PrivatePostgres::start_tls(&misnamed), PrivateRedis::start_tls(&misnamed));
    let database = postgres.database().await;
    let said = doctor(&verified(&database, &misnamed.authority()), &redis.url(), &misnamed.authority()).await;
    assert_eq!(there(&said), [false, false], "another name: {}", said.output);

    let plain = redis.url().replace("rediss:", "redis:");
    let said = doctor(&verified(&database, &ours.authority()), &plain, &ours.authority()).await;
    assert_eq!(there(&said), [false, false], "a queue that speaks TLS alone: {}", said.output);
}
