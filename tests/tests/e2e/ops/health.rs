//! What machines ask, over real HTTP: `/livez`, `/readyz`, `/metrics`.

use jointforce_shared::{commands::lane, domain::effect::Lane};
use jointforce_tests::{
    http::{self, Page},
    programs::Running,
    servers::{PrivatePostgres, PrivateRedis, postgres_database, redis_url},
    sql::execute,
    wait::{until, until_some},
    world::who,
};
use nix::sys::signal::Signal;

use crate::{
    fleet::history::refuse,
    main_job::{LIMIT, Stage, on_every_stage},
};

/// A worker that serves health, and where.
pub struct Asked {
    pub worker: Running,
    address: String,
}

impl Asked {
    pub async fn start(stage: &Stage) -> Self {
        let mut command = stage.worker();
        command.args(["--health-addr", "127.0.0.1:0"]);
        let mut worker = Running::start(&command);
        worker.wait_for_output("health and metrics are served", LIMIT).await;
        let said = worker.output();
        let address = said.split("served address=").nth(1).and_then(|rest| rest.split_whitespace().next());
        Self { address: address.unwrap_or_else(|| panic!("no address: {said}")).to_owned(), worker }
    }

    pub async fn ask(&self, path: &str) -> Page {
        http::get(&format!("http://{}{path}", self.address)).await
    }

    async fn is_ready_within_the_limit(&self) {
        until(LIMIT, "it is ready", async || self.ask("/readyz").await.status == 200).await;
    }

    async fn is_not_ready(&self, because: &str) {
        until(LIMIT, because, async || {
            let page = self.ask("/readyz").await;
            page.status == 503 && page.body.contains(because)
        })
        .await;
    }

    /// The value of a metric, written with its labels as `jf_effects_due{lane="removals"}`.
    pub async fn number(&self, metric: &str) -> Option<f64> {
        let text = self.ask("/metrics").await.body;
        text.lines().find_map(|line| line.strip_prefix(metric)?.strip_prefix(' ')?.parse().ok())
    }
}

on_every_stage! {
    async fn a_worker_counts_what_it_carries_out_and_one_tells_of_the_fleet(stage: Stage) {
        let asked = Asked::start(&stage).await;
        asked.is_ready_within_the_limit().await;
        assert_eq!(asked.ask("/livez").await.status, 200);
        assert_eq!(asked.ask("/").await.status, 404);
        let case = stage.world.report("n1", &["item-1"]).await[0];
        stage.remove(case).await;
        stage.settle().await;
        for metric in [
            r#"jf_effects_total{kind="remove_listing",outcome="done"}"#,
            r#"jf_effects_total{kind="mail_seller",outcome="done"}"#,
            r#"jf_call_seconds_count{kind="hook_marketplace"}"#,
            r#"jf_workers{state="alive"}"#,
            "jf_batch_seconds_count",
            "jf_relay_leads",
        ] {
            until(LIMIT, metric, async || asked.number(metric).await.is_some_and(|number| number >= 1.0)).await;
        }
        let page = asked.ask("/metrics").await;
        assert!(page.header("content-type").starts_with("application/openmetrics-text"));
        assert!(page.body.ends_with("# EOF\n"), "{}", page.body);
        assert!(page.body.contains(r#"jf_build_info{version=""#), "{}", page.body);
        for line in page.body.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.starts_with("jf_"), "{line}");
            assert!(!line.contains("item-1") && !line.contains(&case.to_string()), "an id in a label: {line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_in_a_batch_is_counted_once_however_often_the_batch_is_tried() {
    let stage = Stage::on_postgres_alone().await;
    let house = &stage.world.house;
    lane::pause(house, &who("oda"), Lane::Removals, "until all are there").await.unwrap();
    let asked = Asked::start(&stage).await;
    for n in 1..=9 {
        let case = stage.world.report(&format!("n{n}"), &[&format!("item-{n}")]).await[0];
        stage.remove(case).await;
    }
    // One can't be read, and the database refuses the record of another: what the batch counted is taken back with it.
    let broken = "UPDATE effects SET payload = '{' WHERE kind = 'remove_listing' AND payload LIKE '%\"item-2\"%'";
    execute(&house.db, broken).await;
    refuse(&house.db, "INSERT ON audit", "new.subject = 'listing:item-7' AND new.action = 'listing.removed'").await;
    lane::resume(house, &who("oda"), Lane::Removals).await.unwrap();
    let many = async |outcome: &str| {
        asked.number(&format!(r#"jf_effects_total{{kind="remove_listing",outcome="{outcome}"}}"#)).await
    };
    until(LIMIT, "seven are down", async || many("done").await == Some(7.0)).await;
    until(LIMIT, "the refused one was tried", async || many("retried").await.is_some()).await;
    assert_eq!(many("dead").await, Some(1.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_without_queue_or_database_or_that_rests_is_not_ready_and_says_why() {
    let (mut redis, mut postgres) = (PrivateRedis::start(), PrivatePostgres::start());
    let stage = Stage::set(postgres.database().await, Some(redis.url())).await;
    let asked = Asked::start(&stage).await;
    asked.is_ready_within_the_limit().await;

    redis.kill();
    asked.is_not_ready("queue: away").await;
    redis.restart();
    asked.is_ready_within_the_limit().await;

    postgres.kill();
    asked.is_not_ready("database: ").await;
    assert_eq!(asked.ask("/livez").await.status, 200, "starting it again would not help");
    postgres.restart();
    asked.is_ready_within_the_limit().await;

    postgres.stand_by();
    asked.is_not_ready("database: there, but it can only be read").await;
    postgres.promote().await;
    asked.is_ready_within_the_limit().await;

    asked.worker.signal(Signal::SIGTSTP);
    asked.is_not_ready("worker: quiet").await;
    asked.worker.signal(Signal::SIGCONT);
    asked.is_ready_within_the_limit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_worker_at_a_time_tells_of_the_fleet() {
    let stage = Stage::set(postgres_database().await, Some(redis_url())).await;
    let mut two = [Asked::start(&stage).await, Asked::start(&stage).await];
    let telling = async |two: &[Asked]| {
        let mut telling = vec![];
        for (n, asked) in two.iter().enumerate() {
            if asked.number("jf_cases_overdue").await.is_some() {
                telling.push(n);
            }
        }
        telling
    };
    let first = until_some(LIMIT, "one tells", async || telling(&two).await.first().copied()).await;
    assert_eq!(telling(&two).await, [first]);
    // It goes, and the other has the office.
    two[first].worker.signal(Signal::SIGTERM);
    assert_eq!(two[first].worker.wait(LIMIT).await.code(), Some(0));
    let other = &two[1 - first];
    until(LIMIT, "the other tells", async || other.number("jf_cases_overdue").await.is_some()).await;
}
