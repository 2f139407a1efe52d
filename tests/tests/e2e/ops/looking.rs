//! Whoever only looks changes nothing: neither a schema nor a file, and nobody goes on from a list that looks whole and
//! isn't.

use jointforce_shared::{
    commands::case::{self, Act, Request},
    store::{Db, db::known},
};
use jointforce_tests::{
    programs::{self, Said, run},
    servers::postgres_database,
    sql::execute,
    world::{World, who},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::store::on_both;

/// What only looks, in the words of each command.
const LOOKS: [&[&str]; 6] =
    [&["status"], &["lanes", "list"], &["dead", "list"], &["audit", "list"], &["policy", "show"], &["desks", "list"]];

async fn says(url: &str, words: &[&str]) -> Said {
    let home = TempDir::new().unwrap();
    let mut command = programs::worker();
    command.args(words).env("DATABASE_URL", url).env("HOME", home.path());
    run(command, "").await
}

async fn console_says(url: &str, words: &[&str]) -> Said {
    let mut command = programs::console();
    command.args(words).env("DATABASE_URL", url);
    run(command, "").await
}

fn names_the_way(said: &Said) -> bool {
    said.code == 78 && said.error.contains("migrate plan") && said.error.contains("`jointforce-worker migrate`")
}

on_both! {
    async fn a_look_upgrades_no_older_schema(url: &str) {
        World::new(url).await;
        let db = Db::open(url).await.unwrap();
        execute(&db, &format!("DELETE FROM _sqlx_migrations WHERE version = {}", known())).await;
        for words in LOOKS {
            let said = says(url, words).await;
            assert!(names_the_way(&said), "{words:?}: {} {}", said.code, said.error);
        }
        assert_eq!(db.schema_version().await.unwrap(), known() - 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_at_an_empty_server_makes_no_table() {
    let database = postgres_database().await;
    for words in LOOKS {
        let said = says(&database.url, words).await;
        assert!(names_the_way(&said), "{words:?}: {} {}", said.code, said.error);
    }
    let said = console_says(&database.url, &["operators", "list"]).await;
    assert!(names_the_way(&said), "{} {}", said.code, said.error);
    assert_eq!(Db::open(&database.url).await.unwrap().schema_version().await.unwrap(), 0);
    let plan = says(&database.url, &["migrate", "plan", "--json"]).await;
    let first: Value = serde_json::from_str(plan.output.lines().next().unwrap()).unwrap();
    assert!(first["version"] == 1 && first["sql"].as_str().unwrap().contains("CREATE TABLE"), "{first}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_one_machine_a_first_look_is_friendly_and_a_misspelt_file_is_not_made() {
    let home = TempDir::new().unwrap();
    let mut command = programs::worker();
    command.arg("status").env("JOINTFORCE_DATA_DIR", home.path());
    let said = run(command, "").await;
    assert!(said.code == 0 && said.output.contains("jointforce-worker run"), "{} {}", said.output, said.error);
    let file = home.path().join("typo.db");
    let said = says(&format!("sqlite:{}", file.display()), &["status"]).await;
    assert!(said.code == 78 && said.error.contains("typo.db") && !file.exists(), "{} {}", said.code, said.error);
    std::fs::write(&file, "this is no database, but long enough to be taken for the head of a file of pages".repeat(9))
        .unwrap();
    let said = says(&format!("sqlite:{}", file.display()), &["status"]).await;
    assert!(said.code == 78 && said.error.contains("is no SQLite database"), "{} {}", said.code, said.error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cases_record_is_listed_page_by_page_newest_first() {
    let database = jointforce_tests::servers::sqlite_database();
    let world = World::new(&database.url).await;
    let case = world.report("n1", &["item-1"]).await[0];
    for note in ["first", "second"] {
        let request = Request { case, version: None, act: Act::Note, note: note.to_owned() };
        case::act(&world.house, &who("ann"), &request).await.unwrap();
    }
    let case = case.to_string();
    let list = ["audit", "list", "--json", "--case", case.as_str()];
    let said = says(&database.url, &[&list[..], &["--limit", "2"]].concat()).await;
    let events: Vec<Value> = said.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let words: Vec<_> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(words, ["case.noted", "case.noted"], "{said:?}");
    let last = events[1]["id"].as_str().unwrap();
    assert!(said.error.contains(&format!("more: --before {last}")), "{said:?}");
    let said = says(&database.url, &[&list[..], &["--before", last]].concat()).await;
    assert!(
        said.output.lines().count() == 1 && said.output.contains("notice.filed") && !said.error.contains("more"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_fault() {
    for (program, words) in [("worker", "completions zsh"), ("worker", "man"), ("console", "completions zsh")] {
        let path = if program == "worker" { programs::worker() } else { programs::console() };
        let script =
            format!("{} {words} | head -n 1 >/dev/null; exit ${{PIPESTATUS[0]}}", path.get_program().display());
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &script]);
        let said = run(bash, "").await;
        assert_eq!((said.code, said.error.as_str()), (0, ""), "{program} {words}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_with_nothing_say_so_and_print_nothing() {
    let database = jointforce_tests::servers::sqlite_database();
    World::new(&database.url).await;
    let lists: [&[&str]; 8] = [
        &["approvals", "list"],
        &["payouts", "list"],
        &["counter", "list"],
        &["appeal", "list"],
        &["pages", "list"],
        &["reasons", "list"],
        &["effects", "list"],
        &["brand", "requests"],
    ];
    for words in lists {
        let said = says(&database.url, words).await;
        assert!(said.code == 0 && said.output.is_empty() && !said.error.is_empty(), "{words:?}: {said:?}");
    }
    let keys = console_says(&database.url, &["operators", "keys", "list"]).await;
    assert!(keys.output.is_empty() && keys.error.contains("keys add"), "{keys:?}");
    for words in [&["desks", "list", "--json"][..], &["audit", "list", "--json", "--limit", "1"]] {
        let said = says(&database.url, words).await;
        assert!(said.output.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{words:?}: {said:?}");
    }
    let staff = console_says(&database.url, &["operators", "list", "--json"]).await;
    let ann = staff.output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(ann.into_iter().any(|who| who["account"] == "ann" && who["role"] == "moderator"), "{staff:?}");
}
