//! Ladders on the command line.

use std::{fs, process::Command};

use jointforce_shared::{
    commands::operator,
    domain::{decision::RemoveReason, operator::Role},
};
use jointforce_tests::{
    programs::{self, Said},
    world::{World, who},
};
use serde_json::Value;

use super::{days, strike};
use crate::store::on_both;

fn worker(url: &str, arguments: &[&str]) -> Command {
    let mut command = programs::worker();
    command.args(arguments).env("DATABASE_URL", url);
    command
}

async fn run(url: &str, arguments: &[&str]) -> Said {
    programs::run(worker(url, arguments), "").await
}

async fn must(url: &str, arguments: &[&str]) -> String {
    let Said { code, output, error } = run(url, arguments).await;
    assert_eq!(code, 0, "{arguments:?}: {output}{error}");
    output
}

on_both! {
    async fn another_ladder_is_run_over_history_and_says_who_would_have_been_hit(url: &str) {
        let world = World::with_set_clock(url).await;
        strike(&world, "item-1", RemoveReason::CounterfeitSold).await;
        days(&world, 30).await;
        strike(&world, "item-2", RemoveReason::CounterfeitSold).await;
        let said = must(url, &["ladder", "what-if", "mercado_libre"]).await;
        assert!(said.contains("shop\n  would   ") && said.contains("1 points: warned") && said.contains("2 points: suspended for 2 days"), "{said}");
        assert!(said.contains("did     ") && said.contains("24 points: hidden for 14 days"), "{said}");
        assert!(said.contains("1 sellers with strikes, 1 of them treated otherwise by mercado_libre"), "{said}");
        let lines = must(url, &["ladder", "what-if", "mercado_libre", "--json"]).await;
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["would"][1]["level"], "suspended");
        assert_eq!((&lines[1]["sums"]["differ"], &lines[1]["sums"]["did"][0]["points"]), (&1.into(), &24.into()));
        let same = must(url, &["ladder", "what-if", "current"]).await;
        assert!(same.starts_with("1 sellers with strikes, 0 of them treated otherwise"), "{same}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ladder_in_a_file_is_checked_with_every_fault() {
    let database = jointforce_tests::servers::sqlite_database();
    let url = &database.url;
    World::new(url).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ladder.json");
    let path = file.to_str().unwrap();
    for name in ["alibaba_com", "aliexpress", "taobao", "lazada", "tiktok_shop", "shopee_tw", "mercado_libre"] {
        assert!(must(url, &["ladder", "list"]).await.contains(name));
        fs::write(&file, must(url, &["ladder", "show", name, "--json"]).await).unwrap();
        assert!(must(url, &["ladder", "check", path]).await.starts_with("valid"));
    }
    let shown = must(url, &["ladder", "show", "aliexpress"]).await;
    assert!(
        shown.contains("source   ssopdot") && shown.contains("closing  strike 3") && shown.contains("assumed"),
        "{shown}"
    );
    let falling = r#"{"points": {"serious": 1}, "steps": [{"points": 24, "level": "hidden"}, {"points": 12, "level": "warned"}]}"#;
    for (text, wanted) in [
        (falling, vec!["ladder.points.serious", "ladder.steps[1]"]),
        ("{\"step\": []}", vec!["step"]),
        ("not json", vec!["is no ladder"]),
        ("", vec!["is no ladder"]),
    ] {
        fs::write(&file, text).unwrap();
        let Said { code, error, .. } = run(url, &["ladder", "check", path]).await;
        assert_eq!(code, 65, "{text}: {error}");
        assert!(wanted.iter().all(|word| error.contains(word)), "{text}: {error}");
    }
    for missing in [["ladder", "what-if", "alibaba"], ["ladder", "check", "/nowhere/ladder.json"]] {
        let Said { code, error, .. } = run(url, &missing).await;
        assert!(code == 65 && !error.contains("panicked"), "{code}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_person_answers_from_the_command_line_too() {
    let database = jointforce_tests::servers::sqlite_database();
    let url = &database.url;
    let world = World::with_set_clock(url).await;
    let me = jointforce_shared::account::current().unwrap();
    operator::add(&world.house, &who("adam"), me, "Me", Role::Senior).await.unwrap();
    strike(&world, "item-1", RemoveReason::Extreme).await;
    assert!(must(url, &["payouts", "list"]).await.contains("shop"));
    let listed = must(url, &["approvals", "list"]).await;
    assert!(listed.contains("close the account of seller shop for ever"), "{listed}");
    let id = listed.split_whitespace().next().unwrap();
    assert!(must(url, &["approvals", "show", id]).await.contains("\"cause\": \"termination\""));
    assert_eq!(run(url, &["approvals", "refuse", id]).await.code, 64, "without words");
    assert!(must(url, &["approvals", "approve", id]).await.starts_with("approved and done"));
    let Said { code, error, .. } = run(url, &["approvals", "approve", id]).await;
    assert!(code == 65 && error.contains("it is approved by"), "{code}: {error}");
    assert!(must(url, &["approvals", "list", "--state", "approved"]).await.contains(id));
    let Said { code, error, .. } = run(url, &["payouts", "ask", "shop", "--words", "please"]).await;
    assert!(code == 65 && error.contains("can't be asked for before"), "{code}: {error}");
}
