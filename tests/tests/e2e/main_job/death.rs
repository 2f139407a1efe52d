//! Whatever dies, nothing is lost and nothing is done twice.

use std::collections::HashMap;

use jointforce_shared::domain::{effect::EffectState, ids::CaseId, listing::ListingState};
use jointforce_tests::{
    hooks::Answer,
    servers::{PrivatePostgres, PrivateRedis, postgres_database, redis_url},
    wait::until,
};
use nix::sys::signal::Signal;

use super::{LIMIT, Stage, on_every_stage};

/// Reports and removes all twenty listings.
async fn remove_all(stage: &Stage) -> Vec<CaseId> {
    let mut cases = vec![];
    for n in 1..=20 {
        cases.extend(stage.world.report(&format!("n{n}"), &[&format!("item-{n}")]).await);
    }
    for case in &cases {
        stage.remove(*case).await;
    }
    cases
}

async fn everything_happened_once(stage: &Stage) {
    stage.settle().await;
    for n in 1..=20 {
        assert_eq!(stage.listing_state(&format!("item-{n}")).await, ListingState::Removed);
    }
    assert_eq!(stage.count(EffectState::Dead).await, 0);
    let mut removed: HashMap<String, Vec<(String, Vec<u8>)>> = HashMap::new();
    for hook in stage.hooks.received().into_iter().filter(|hook| hook.path == "/marketplace") {
        let json = hook.json();
        if json["type"] == "listing.removed" {
            let listing = json["data"]["listing"].as_str().unwrap_or_else(|| panic!("{json}")).to_owned();
            removed.entry(listing).or_default().push((hook.header("webhook-id").to_owned(), hook.body));
        }
    }
    assert_eq!(removed.len(), 20, "each removal is told");
    for (listing, told) in removed {
        assert!(told.iter().all(|again| *again == told[0]), "{listing}: a repeated call has the same key and body");
    }
}

on_every_stage! {
    async fn a_killed_workers_removals_are_carried_out_once(stage: Stage) {
        let mut worker = stage.start_worker();
        remove_all(&stage).await;
        until(LIMIT, "the worker is in the middle", async || stage.hooks.received().len() >= 5).await;
        worker.kill();
        let _next = stage.start_worker();
        everything_happened_once(&stage).await;
    }

    async fn a_worker_that_is_asked_to_leave_finishes_what_it_holds(stage: Stage) {
        let mut worker = stage.start_worker();
        remove_all(&stage).await;
        until(LIMIT, "the worker is in the middle", async || !stage.hooks.received().is_empty()).await;
        worker.signal(Signal::SIGTERM);
        let status = worker.wait(LIMIT).await;
        assert_eq!(status.code(), Some(0), "{}", worker.output());
        assert_eq!(stage.count(EffectState::Running).await, 0, "it left nothing half done");
        let _next = stage.start_worker();
        everything_happened_once(&stage).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_goes_away_and_comes_back_empty_loses_nothing() {
    let mut redis = PrivateRedis::start();
    let stage = Stage::set(postgres_database().await, Some(redis.url())).await;
    let mut worker = stage.start_worker();
    worker.wait_for_output("leading the relay", LIMIT).await;
    redis.kill();
    remove_all(&stage).await;
    worker.wait_for_output("the queue is away", LIMIT).await;
    redis.restart();
    redis.empty();
    everything_happened_once(&stage).await;
    assert!(worker.ended().is_none(), "it kept running:\n{}", worker.output());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_starts_without_redis_catches_up_when_it_comes() {
    let mut redis = PrivateRedis::start();
    let stage = Stage::set(postgres_database().await, Some(redis.url())).await;
    redis.kill();
    let _worker = stage.start_worker();
    remove_all(&stage).await;
    redis.restart();
    everything_happened_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_is_waited_for_until_it_is_promoted() {
    let mut postgres = PrivatePostgres::start_durable();
    let stage = Stage::set(postgres.database().await, Some(redis_url())).await;
    let mut worker = stage.start_worker();
    worker.wait_for_output("leading the relay", LIMIT).await;
    worker.signal(Signal::SIGSTOP);
    remove_all(&stage).await;
    postgres.stand_by();
    worker.signal(Signal::SIGCONT);
    let mut late = stage.start_worker();
    for worker in [&mut worker, &mut late] {
        worker.wait_for_output("standby", LIMIT).await;
    }
    postgres.promote().await;
    everything_happened_once(&stage).await;
    for worker in [&mut worker, &mut late] {
        assert!(worker.ended().is_none(), "it kept running:\n{}", worker.output());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_share_the_work_and_one_dies() {
    let stage = Stage::on_postgres_and_redis().await;
    let mut workers = [stage.start_worker(), stage.start_worker(), stage.start_worker()];
    remove_all(&stage).await;
    until(LIMIT, "they are in the middle", async || stage.hooks.received().len() >= 3).await;
    workers[0].kill();
    everything_happened_once(&stage).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_fails_is_tried_again_with_the_same_key() {
    let stage = Stage::on_sqlite().await;
    stage.hooks.answer_next(2, Answer::Status(500));
    let _worker = stage.start_worker();
    stage.world.report("n1", &["item-1"]).await;
    let told = stage.hooks.wait_for(3, LIMIT).await;
    assert!(told.iter().all(|hook| hook.header("webhook-id") == told[0].header("webhook-id")));
    stage.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_worker_leaves_an_embedded_database_to_the_first() {
    let stage = Stage::on_sqlite().await;
    let mut first = stage.start_worker();
    first.wait_for_output("leading the relay", LIMIT).await;
    let mut second = stage.start_worker();
    assert_eq!(second.wait(LIMIT).await.code(), Some(75));
    assert!(second.output().contains("already carries out"), "{}", second.output());
    first.kill();
}
