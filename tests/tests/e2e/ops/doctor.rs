//! `doctor` finds what is wrong, names the fix, and says by its exit code how bad it is.

use std::{fs, os::unix::fs::PermissionsExt as _};

use jointforce_tests::{
    programs::{self, Said, run},
    servers::{PrivateRedis, postgres_database},
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tempfile::TempDir;

use crate::main_job::{LIMIT, Stage};

async fn doctor(words: &[&str], environment: &[(&str, &str)]) -> Said {
    let home = TempDir::new().unwrap();
    let mut command = programs::worker();
    command.arg("doctor").args(words).env("HOME", home.path()).env("SMTP_URL", "smtp://127.0.0.1");
    for (name, value) in environment {
        command.env(name, value);
    }
    run(command, "").await
}

/// The verdict on `check`, and all that was said of it.
fn verdict(said: &Said, check: &str) -> (String, String) {
    let lines = said.output.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"));
    let mut of_check: Vec<Value> = lines.filter(|line| line["check"] == check).collect();
    of_check.sort_by_key(|line| ["failure", "warning", "ok"].iter().position(|word| line["verdict"] == *word));
    let worst = of_check.first().unwrap_or_else(|| panic!("{check} is not looked at:\n{}{}", said.output, said.error));
    (worst["verdict"].as_str().unwrap().to_owned(), format!("{} {}", worst["found"], worst["fix"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_machine_at_work_is_healthy_but_for_the_rota_that_it_lacks() {
    let stage = Stage::on_sqlite().await;
    let mut worker = stage.start_worker();
    worker.wait_for_output("leading the relay", LIMIT).await;
    let url = [("DATABASE_URL", stage.database.url.as_str())];
    let said = doctor(&["--json", "--deep"], &url).await;
    let wrong: Vec<&str> = said.output.lines().filter(|line| !line.contains(r#""verdict":"ok""#)).collect();
    assert_eq!((said.code, wrong.len()), (1, 1), "{}{}", said.output, said.error);
    assert!(wrong[0].contains(r#""check":"rota""#), "{wrong:?}");
    for check in ["database", "schema", "clock", "queue", "disk", "data folder", "settings", "rules", "audit record"] {
        assert_eq!(verdict(&said, check).0, "ok");
    }
    let said = doctor(&[], &url).await;
    assert!(said.output.contains("WARN rota") && said.output.contains("rota load FILE"), "{}", said.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_hand_in_the_database_broke_is_found() {
    let stage = Stage::set(postgres_database().await, None).await;
    stage.world.report("n1", &["item-1"]).await;
    let mut hand = PgConnection::connect(&stage.database.url).await.unwrap();
    let url = [("DATABASE_URL", stage.database.url.as_str())];
    let sql = "UPDATE cases SET claims = claims + 1";
    sqlx::raw_sql(sql).execute(&mut hand).await.unwrap();
    let said = doctor(&["--json", "--deep"], &url).await;
    let (verdict_of_rules, found) = verdict(&said, "rules");
    assert_eq!((said.code, verdict_of_rules.as_str()), (2, "failure"), "{}", said.output);
    assert!(found.contains("counts its open claims"), "{found}");
    // Tests don't wait for the disk; whoever does that in earnest is told.
    assert!(verdict(&said, "durability").1.contains("fsync = off"));
    assert_eq!(verdict(&said, "database role").0, "warning");

    for (sql, judged, says) in [
        (
            "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
            "warning",
            "newer program",
        ),
        ("UPDATE schema_serves SET oldest = 9999", "failure", "newer program"),
        ("DELETE FROM _sqlx_migrations WHERE version = 9999", "failure", "migrate plan"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut hand).await.unwrap();
        let said = doctor(&["--json"], &url).await;
        let (verdict, found) = verdict(&said, "schema");
        assert_eq!(verdict, judged, "{}", said.output);
        assert!(found.contains(says), "{found}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_absent_servers_and_plain_text_to_other_machines_are_failures() {
    let redis = PrivateRedis::start();
    let url = redis.url();
    let (_, at) = url.rsplit_once('@').unwrap();
    let wrong = format!("redis://:hunter2@{at}");
    let elsewhere = [
        ("DATABASE_URL", "postgres://jf:hunter2@127.0.0.1:1/jf"),
        ("REDIS_URL", wrong.as_str()),
        ("SMTP_URL", "smtp://u:hunter2@mail.invalid?tls=none"),
    ];
    let said = doctor(&["--json"], &elsewhere).await;
    assert_eq!(said.code, 2, "{}{}", said.output, said.error);
    assert!(verdict(&said, "queue").1.contains("refuses the user or password"));
    assert_eq!(verdict(&said, "database").0, "failure");
    assert_eq!(verdict(&said, "mail TLS").0, "failure");
    assert!(!said.output.contains("hunter2"), "{}", said.output);
    let said =
        doctor(&["--json"], &[("DATABASE_URL", "postgres://jf@db.invalid/jf"), ("REDIS_URL", "redis://queue.invalid")])
            .await;
    for check in ["database TLS", "redis TLS", "database", "queue"] {
        assert_eq!(verdict(&said, check).0, "failure", "{}", said.output);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_everybody_may_read_is_a_failure() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let database = format!("sqlite:{}", folder.path().join("jf.db").display());
    let environment = [
        ("DATABASE_URL", database.as_str()),
        ("MARKETPLACE_URL", "https://market.example"),
        ("MARKETPLACE_SECRET_FILE", file.to_str().unwrap()),
    ];
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let said = doctor(&["--json"], &environment).await;
    assert_eq!(verdict(&said, "secret file").0, "failure", "{}", said.output);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let said = doctor(&["--json"], &environment).await;
    assert_eq!(verdict(&said, "secret file").0, "ok", "{}", said.output);
    assert!(!folder.path().join("jf.db").exists(), "looking makes no database");
}
