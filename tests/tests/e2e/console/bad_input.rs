//! What can't be done is said in one line with the next step, by an exit code, and changes nothing.

use std::process::Command;

use jointforce_shared::store::Db;
use jointforce_tests::{
    programs,
    pty::Terminal,
    servers::{postgres_database, sqlite_database},
    world::World,
};
use tempfile::TempDir;

use super::{LIMIT, command, hire_me, see};

fn both(arguments: &[&str]) -> [Command; 2] {
    let mut worker = programs::worker();
    worker.arg("status");
    let mut console = programs::console();
    console.args(arguments);
    [worker, console]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_database_is_wrong_configuration_and_an_absent_one_is_away() {
    for (url, code, words) in [
        ("mysql://root:s3cret@db/x", 78, "is no database URL"),
        ("postgres://jf:s3cret@127.0.0.1:1/x", 69, "can't be reached"),
        ("sqlite:/no/such/folder/x.db", 69, "/no/such/folder/x.db"),
    ] {
        for mut command in both(&["operators", "list"]) {
            command.env("DATABASE_URL", url);
            let said = programs::run(command, "").await;
            assert_eq!(said.code, code, "{url}: {}", said.error);
            assert!(said.error.contains(words) && !said.error.contains("s3cret"), "{url}: {}", said.error);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_that_serves_older_programs_no_longer_is_refused_by_both() {
    let database = postgres_database().await;
    let db = Db::open(&database.url).await.unwrap();
    db.migrate().await.unwrap();
    let Db::Postgres(pool, _) = &db else { panic!() };
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, 'x', 0)";
    for (sql, code, says) in [(later, 0, ""), ("UPDATE schema_serves SET oldest = 9999", 78, "newer")] {
        sqlx::query(sql).execute(pool).await.unwrap();
        for mut command in both(&["operators", "list"]) {
            command.env("DATABASE_URL", &database.url);
            let said = programs::run(command, "").await;
            assert_eq!(said.code, code, "{}", said.error);
            assert!(said.error.contains(says), "{}", said.error);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_terminal_the_console_says_so() {
    let database = sqlite_database();
    let data = TempDir::new().unwrap();
    let said = programs::run(command(&database, &data), "").await;
    assert_eq!(said.code, 64, "{}", said.error);
    assert!(said.error.contains("needs a terminal"), "{}", said.error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_told_how_to_become_an_operator() {
    let database = sqlite_database();
    let data = TempDir::new().unwrap();
    let mut terminal = Terminal::start(&command(&database, &data), 100, 20);
    let status = terminal.wait_for_end(LIMIT).await;
    assert_eq!(status.exit_code(), 77);
    terminal.wait_for_text("operators add", LIMIT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_of_10x3_is_no_reason_to_fall_over() {
    let database = sqlite_database();
    let data = TempDir::new().unwrap();
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    world.report("n1", &["item-1"]).await;
    let mut terminal = Terminal::start(&command(&database, &data), 10, 3);
    terminal.wait_for("something to read", |screen| !screen.contents().trim().is_empty(), LIMIT).await;
    terminal.send_keys("?");
    terminal.resize(120, 30);
    see(&terminal, "Keys").await;
    terminal.send_keys("q");
    see(&terminal, "Brand acme").await;
    terminal.send_keys("q");
    terminal.resize(1, 1);
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_is_managed_by_admins_once_there_is_one() {
    let database = sqlite_database();
    let run = async |words: &[&str]| {
        let mut command = programs::console();
        command.args(words).env("DATABASE_URL", &database.url);
        programs::run(command, "").await
    };
    let added = run(&["operators", "add", "adam", "--name", "Adam", "--role", "admin"]).await;
    assert_eq!(added.code, 0, "{}", added.error);
    let refused = run(&["operators", "add", "mallory", "--name", "Mallory", "--role", "admin"]).await;
    assert_eq!(refused.code, 77, "{}", refused.error);
    let listed = run(&["operators", "list"]).await;
    assert!(listed.output.contains("adam") && !listed.output.contains("mallory"), "{}", listed.output);
    let wrong = run(&["operators", "add", "x", "--name", "X", "--role", "boss"]).await;
    assert_eq!(wrong.code, 64, "{}", wrong.error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_only_admin_stays_one_and_a_change_of_role_says_what_it_was() {
    let database = sqlite_database();
    let me = jointforce_shared::account::current().unwrap();
    let run = async |words: &[&str]| {
        let mut command = programs::console();
        command.args(words).env("DATABASE_URL", &database.url);
        programs::run(command, "").await
    };
    let add = |who: &'static str, role: &'static str| ["operators", "add", who, "--name", "N", "--role", role];
    let mine = ["operators", "add", me.as_str(), "--name", "Me", "--role"];
    assert_eq!(run(&[&mine[..], &["admin"]].concat()).await.code, 0);
    let refused = run(&[&mine[..], &["senior"]].concat()).await;
    assert!(refused.code == 65 && refused.error.contains("the only admin"), "{refused:?}");
    run(&add("zoe", "admin")).await;
    let changed = run(&add("zoe", "senior")).await;
    assert!(changed.output.contains("zoe may sign in as senior, was admin"), "{changed:?}");
    for unknown in [&["operators", "disable", "nobody-here"][..], &["operators", "seat", "nobody-here"]] {
        let said = run(unknown).await;
        assert!(said.code == 65 && said.error.contains("nobody-here is no operator"), "{said:?}");
    }
    let gate = run(&["operators", "gate", "open", "no-such-account"]).await;
    assert!(gate.code == 65 && gate.error.contains("no account no-such-account"), "{gate:?}");
    assert_eq!(run(&["operators", "gate", "open", "no-such-account", "--elsewhere"]).await.code, 0);
    let ca = run(&["sshd-config", "--ca", "nofile"]).await;
    assert!(ca.code == 74 && ca.output.is_empty() && ca.error.contains("nofile can't be read"), "{ca:?}");
    let missing = run(&["operators", "keys", "add", me.as_str(), "nofile.pub"]).await;
    assert!(missing.code == 74 && !missing.error.contains("disk"), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_nothing_is_half_written() {
    // /dev/full stands for the disk: a database can't be made there.
    let mut command = programs::worker();
    command.arg("status").env("DATABASE_URL", "sqlite:/dev/full");
    let said = programs::run(command, "").await;
    assert!(said.code == 74 || said.code == 69, "{} {}", said.code, said.error);
    assert!(said.error.starts_with("jointforce-worker: "), "{}", said.error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_without_a_mail_server_does_not_start() {
    let database = postgres_database().await;
    let mut command = programs::worker();
    command.arg("run").env("DATABASE_URL", &database.url).env_remove("SMTP_URL");
    let said = programs::run(command, "").await;
    assert_eq!(said.code, 78, "{}", said.error);
    assert!(said.error.contains("SMTP_URL"), "{}", said.error);
}
