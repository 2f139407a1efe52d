//! Stopped half-way, by whatever: started again it does the rest, and nothing twice.

use std::{fs::File, io::Write as _, path::Path, process::Command, time::Duration};

use jointforce_tests::{
    programs::Running,
    servers::PrivatePostgres,
    wait::{SOON, until},
};
use nix::sys::{signal::Signal, stat::Mode};
use serde_json::Value;

use super::{Desk, jsonl, notice};
use crate::store::on_both;

const LISTINGS: usize = 600;
const HALF: &str = "SELECT count(*) FROM notices";

/// An import that is fed through a pipe, so that it can be met in the middle.
struct Fed {
    pipe: File,
    import: Running,
}

impl Fed {
    async fn start(desk: &Desk, name: &str, more: &[&str]) -> Self {
        let path = desk.path(name);
        nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap();
        let mut command: Command = desk.command(&["import", "notices", name, "--batch", "50"]);
        command.args(more);
        let import = Running::start(&command);
        Self { pipe: open(&path).await, import }
    }

    fn feed(&mut self, lines: std::ops::Range<usize>) {
        self.pipe.write_all(jsonl(&lines.map(notice).collect::<Vec<Value>>()).as_bytes()).unwrap();
    }
}

/// Opening a pipe waits for the other side.
async fn open(path: &Path) -> File {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || File::options().write(true).open(path).unwrap()).await.unwrap()
}

async fn import_all(desk: &Desk) {
    let all: Vec<Value> = (0..LISTINGS).map(notice).collect();
    let file = desk.write("all.jsonl", jsonl(&all));
    let said = desk.run(&["import", "notices", file.to_str().unwrap()], "").await;
    assert_eq!(said.code, 0, "{said:?}");
    desk.assert_filed_once(LISTINGS as i64).await;
}

on_both! {
    async fn a_killed_import_that_is_started_again_does_nothing_twice(url: &str) {
        let desk = Desk::with_catalogue(url, LISTINGS).await;
        for (round, upto) in [200, 400].into_iter().enumerate() {
            let mut fed = Fed::start(&desk, &format!("pipe-{round}"), &[]).await;
            fed.feed(0..upto);
            let most = upto as i64 - 50;
            until(SOON, "most of it", async || desk.count(HALF).await >= most).await;
            fed.import.kill();
        }
        import_all(&desk).await;
    }

    async fn a_signal_ends_an_import_after_the_batch_in_hand(url: &str) {
        let desk = Desk::with_catalogue(url, LISTINGS).await;
        let mut fed = Fed::start(&desk, "pipe", &[]).await;
        fed.feed(0..210);
        until(SOON, "four batches", async || desk.count(HALF).await >= 200).await;
        fed.import.signal(Signal::SIGTERM);
        assert_eq!(fed.import.wait(SOON).await.code(), Some(75));
        let said = fed.import.output();
        assert!(said.contains("The first 200 rows are done: 200 new"), "{said}");
        assert!(said.contains("Run it again to go on"), "{said}");
        desk.assert_filed_once(200).await;
        import_all(&desk).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_and_comes_back_is_waited_for() {
    let mut postgres = PrivatePostgres::start_durable();
    let database = postgres.database().await;
    let desk = Desk::with_catalogue(&database.url, LISTINGS).await;
    let mut fed = Fed::start(&desk, "pipe", &[]).await;
    fed.feed(0..200);
    until(SOON, "four batches", async || desk.count(HALF).await >= 200).await;
    postgres.kill();
    fed.feed(200..400);
    fed.import.wait_for_output("Trying again", SOON).await;
    postgres.restart();
    fed.feed(400..LISTINGS);
    drop(fed.pipe);
    assert_eq!(fed.import.wait(Duration::from_secs(90)).await.code(), Some(0), "{}", fed.import.output());
    assert!(fed.import.output().contains("the database is back"));
    desk.assert_filed_once(LISTINGS as i64).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stays_away_ends_the_import_and_says_how_far_it_came() {
    let mut postgres = PrivatePostgres::start_durable();
    let database = postgres.database().await;
    let desk = Desk::with_catalogue(&database.url, LISTINGS).await;
    let mut fed = Fed::start(&desk, "pipe", &["--patience", "1"]).await;
    fed.feed(0..200);
    until(SOON, "four batches", async || desk.count(HALF).await >= 200).await;
    postgres.kill();
    fed.feed(200..300);
    assert_eq!(fed.import.wait(Duration::from_secs(90)).await.code(), Some(69));
    let said = fed.import.output();
    assert!(said.contains("The first 200 rows are done"), "{said}");
    postgres.restart();
    import_all(&desk).await;
}
