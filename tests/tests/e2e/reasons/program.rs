//! The worker as a process, and its command line.

use std::{process::Command, time::Duration};

use jointforce_shared::{
    account,
    commands::{
        case::{self, Act, Request},
        operator,
        policy::{self, NewPolicy},
    },
    domain::{
        decision::RemoveReason,
        operator::Role,
        statement::{Measure, RegisterState},
        trace::Trace,
    },
    store::statements,
};
use jointforce_tests::{
    programs::{self, Running, Said},
    register::{Mood, Register},
    servers::{postgres_database, sqlite_database},
    wait::until,
    world::{World, who},
};
use serde_json::Value;

use super::{Stage, decide};

const LIMIT: Duration = Duration::from_secs(60);

fn worker(url: &str, arguments: &[&str]) -> Command {
    let mut command = programs::worker();
    command.args(arguments).env("DATABASE_URL", url);
    command
}

async fn said(url: &str, arguments: &[&str]) -> Said {
    programs::run(worker(url, arguments), "").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_registers_the_removal_and_the_restriction_that_follows_from_it() {
    let database = postgres_database().await;
    let mut world = World::new(&database.url).await;
    let register = Register::open("1|secret-token").await;
    register.next([Mood::TakesAndHangsUp]);
    let values = [("reasons.send_after", "0 s"), ("reasons.retry_first", "1 s"), ("grace", "0 s")];
    let values = values.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec();
    policy::change(&world.house, &who("adam"), &NewPolicy::Set(values), "a quick test").await.unwrap();
    assert!(world.house.refresh().await.unwrap());
    let case = world.report("n1", &["item-1"]).await[0];
    let act = Act::Remove(RemoveReason::Serious);
    case::act(&world.house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, register.token()).unwrap();
    let mut command =
        worker(&database.url, &["run", "--register-url", &register.url(), "--smtp-url", "smtp://127.0.0.1:9"]);
    command.env("JOINTFORCE_REGISTER_TOKEN_FILE", &token).env("RUST_LOG", "debug");
    let running = Running::start(&command);
    until(LIMIT, "both statements are in the register, and known to be", async || {
        let accepted = Some(RegisterState::Accepted);
        statements::list(&mut world.house.db.read().await.unwrap(), accepted, None, 10).await.unwrap().len() == 2
    })
    .await;
    let measures: Vec<_> = statements::list(&mut world.house.db.read().await.unwrap(), None, None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|kept| (kept.measure, kept.content.decision_provision.is_some(), kept.content.territorial_scope.len()))
        .collect();
    assert!(
        measures.contains(&(Measure::Listing, false, 1)) && measures.contains(&(Measure::Account, true, 30)),
        "{measures:?}"
    );
    assert_eq!((register.taken().len(), register.taken_twice()), (2, vec![]));
    assert_eq!(register.faults(), Vec::<String>::new());
    assert!(!running.output().contains("secret-token"), "{}", running.output());
    // The log says on which call each statement went, under its case's trace.
    let trace = Trace::of_case(case).to_string();
    let said_so = |parent: &String| {
        let has = |line: &str| {
            ["goes to the register", trace.as_str(), parent.as_str()].iter().all(|word| line.contains(word))
        };
        running.output().lines().any(has)
    };
    let parents = register.parents();
    assert!(parents.iter().all(said_so), "{parents:?}: {}", running.output());
    let status = said(&database.url, &["status"]).await;
    assert!(status.output.contains("register 0 statements wait, 0 rejected; it took some"), "{}", status.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_shows_exports_and_retries() {
    let database = sqlite_database();
    let url = database.url.as_str();
    let mut stage = Stage::open(url).await;
    operator::add(&stage.world.house, &World::import(), account::current().unwrap(), "Me", Role::OnCall).await.unwrap();
    let cases = stage.world.report("n1", &["item-1", "item-2", "item-3"]).await;
    for case in cases {
        decide(&stage.world, case).await.unwrap();
    }
    let bad = stage.all(RegisterState::Waiting).await[0].id.to_string();
    stage.register.hate(&bad, "No.");
    stage.wait();
    stage.send_all().await;

    let listed = said(url, &["reasons", "list", "--state", "rejected"]).await;
    assert!(listed.output.contains(&bad) && listed.output.contains("decision_facts: No."), "{}", listed.output);
    assert_eq!(listed.output.lines().count(), 1);
    let status = said(url, &["reasons", "status"]).await;
    assert_eq!(status.code, 75, "somebody is needed: {}", status.output);
    assert!(
        status.output.contains("1 rejected") && status.output.contains("reasons list --state rejected"),
        "{}",
        status.output
    );
    let shown = said(url, &["reasons", "show", &bad]).await;
    let shown: Value = serde_json::from_str(&shown.output).unwrap();
    assert_eq!((shown["state"].as_str(), shown["statement"]["puid"].as_str()), (Some("rejected"), Some(bad.as_str())));

    let file = database.folder().unwrap().join("out.csv");
    let to_file = said(url, &["reasons", "export", "--output", file.to_str().unwrap()]).await;
    assert_eq!((to_file.code, to_file.output.as_str()), (0, "3 statements\n"), "{}", to_file.error);
    let text = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), 4);
    assert!(
        rows[0].starts_with("uuid,decision_visibility,") && rows[0].ends_with("platform_name,platform_uid,created_at")
    );
    assert!(rows[1..].iter().all(|row| row.matches("DECISION_GROUND_ILLEGAL_CONTENT").count() == 1), "{text}");
    assert_eq!(
        rows[1..].iter().filter(|row| row.starts_with("00000000-0000-4000-8000-")).count(),
        2,
        "the registers ids"
    );
    let to_output = said(url, &["reasons", "export"]).await;
    assert_eq!(to_output.output, text);
    let none = said(url, &["reasons", "export", "--until", "2001-01-01"]).await;
    assert_eq!(none.output.lines().count(), 1);
    let backwards = said(url, &["reasons", "export", "--from", "2026-02-01", "--until", "2026-01-01"]).await;
    assert!(backwards.code == 65 && backwards.error.contains("after --until"), "{}", backwards.error);

    let retried = said(url, &["reasons", "retry", "--all"]).await;
    assert_eq!((retried.code, retried.output), (0, format!("{bad} waits again\n")));
    let again = said(url, &["reasons", "retry", &bad]).await;
    assert!(again.code == 65 && again.output.contains("is not rejected"), "{}", again.output);
    stage.register.forgive();
    stage.send_all().await;
    stage.assert_all_taken(3).await;
    let help = said(url, &["reasons", "--help"]).await;
    assert!(help.output.contains("JOINTFORCE_REGISTER_URL"), "{}", help.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_with_a_register_and_no_token_says_what_to_set() {
    let database = sqlite_database();
    let refused = said(&database.url, &["run", "--register-url", "https://r.example"]).await;
    assert!(refused.code == 78 && refused.error.contains("JOINTFORCE_REGISTER_TOKEN_FILE"), "{}", refused.error);
}
