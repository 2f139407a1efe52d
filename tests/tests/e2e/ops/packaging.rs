//! What ops install: unit, alerts, dashboard and runbooks, held to what the program really does.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use jointforce_tests::{
    programs::{self, run},
    wait::until,
};
use serde_json::Value;
use tempfile::TempDir;

use super::health::Asked;
use crate::main_job::{LIMIT, Stage};

pub fn packaging() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../worker/packaging")
}

fn read(name: &str) -> String {
    fs::read_to_string(packaging().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub fn said(command: &mut Command) -> String {
    let name = format!("{command:?}");
    let output = command.output().unwrap_or_else(|error| panic!("{name}: {error}; `tests/run --install` installs it"));
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{name}: {said}");
    said
}

/// Every metric that a text names.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("jf_")).map(str::to_owned).collect()
}

#[test]
fn the_unit_is_one_that_systemd_takes_and_finds_safe() {
    // The program isn't installed here; everything else has to be right.
    let folder = TempDir::new().unwrap();
    let unit = folder.path().join("jointforce-worker.service");
    let worker = programs::worker().get_program().to_str().unwrap().to_owned();
    fs::write(&unit, read("jointforce-worker.service").replace("/usr/bin/jointforce-worker", &worker)).unwrap();
    said(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit));
    said(Command::new("systemd-analyze").args(["security", "--offline=true", "--threshold=20"]).arg(&unit));
}

#[tokio::test]
async fn the_units_command_line_is_one_that_the_program_takes() {
    let unit = read("jointforce-worker.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/bin/jointforce-worker ")).unwrap();
    let mut command = programs::worker();
    command.args(line.split(' ')).arg("--help");
    assert_eq!(run(command, "").await.code, 0);
    // The template names only settings that there are, also those that are commented out.
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("jf.toml");
    let template = read("jointforce.toml");
    let active: Vec<&str> =
        template.lines().filter_map(|line| line.strip_prefix("# ").filter(|l| l.contains(" = "))).collect();
    assert!(active.len() > 5, "{template}");
    fs::write(&file, active.join("\n")).unwrap();
    let mut command = programs::worker();
    command.args(["config", "show", "--config"]).arg(&file).env("HOME", folder.path());
    let said = run(command, "").await;
    assert_eq!(said.code, 0, "{}", said.error);
}

#[test]
fn alerts_fire_when_they_should_and_not_when_they_should_not() {
    said(Command::new("promtool").args(["check", "rules"]).arg(packaging().join("prometheus-rules.yml")));
    said(Command::new("promtool").args(["test", "rules"]).arg(packaging().join("prometheus-rules.test.yml")));
}

#[test]
fn each_alert_has_a_runbook_and_a_test() {
    let (rules, tests, runbooks) =
        (read("prometheus-rules.yml"), read("prometheus-rules.test.yml"), read("runbooks.md"));
    let names: Vec<&str> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let books: Vec<&str> = rules.lines().filter_map(|line| line.split("runbooks.md#").nth(1)).collect();
    assert!(names.len() > 5 && names.len() == books.len(), "{names:?} {books:?}");
    for book in books {
        let book = book.trim_end_matches('\'');
        assert!(runbooks.contains(&format!("\n## {book}\n")), "runbook {book} is missing");
    }
    for name in names {
        assert!(tests.contains(&format!("alertname: {name}\n")), "{name} is not tested");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_and_dashboard_name_only_metrics_that_there_are() {
    let stage = Stage::on_postgres_and_redis().await;
    let asked = Asked::start(&stage).await;
    until(LIMIT, "the fleet's numbers", async || asked.number("jf_cases_overdue").await.is_some()).await;
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
    stage.settle().await;
    let mut there = metrics_in(&asked.ask("/metrics").await.body);
    // It has no line as long as nothing is dead.
    there.insert("jf_effects_dead".to_owned());
    for name in ["prometheus-rules.yml", "grafana-dashboard.json"] {
        let unknown: Vec<String> = metrics_in(&read(name)).difference(&there).cloned().collect();
        assert!(unknown.is_empty(), "{name} names {unknown:?}, there are {there:?}");
    }
    let dashboard: Value = serde_json::from_str(&read("grafana-dashboard.json")).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 8);
    let metrics = asked.ask("/metrics").await.body;
    let mut check = Command::new("promtool");
    let text = TempDir::new().unwrap();
    let file = text.path().join("metrics");
    // promtool checks the older text format, which knows neither the kind `info` nor an end.
    let older: Vec<String> = metrics
        .lines()
        .filter(|line| !line.starts_with("# EOF") && !line.starts_with("# UNIT"))
        .map(|line| if line.starts_with("# TYPE") { line.replace(" info", " gauge") } else { line.to_owned() })
        .collect();
    fs::write(&file, older.join("\n") + "\n").unwrap();
    check.args(["check", "metrics"]).stdin(fs::File::open(&file).unwrap());
    let said = check.output().unwrap();
    let error = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!error.contains("error while linting") && !error.contains("text format parsing error"), "{error}");
}
