//! TSTP, CONT, HUP, TERM, TERM again: to the real worker, on real queues.

use jointforce_shared::{
    domain::{effect::EffectState, listing::ListingState},
    store::{effects, leases},
};
use jointforce_tests::{hooks::Answer, programs::Running, wait::until};
use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::main_job::{LIMIT, SECRET, Stage, on_every_stage};

/// Another secret than [`SECRET`].
const NEXT_SECRET: &str = "whsec_YW5vdGhlciBzZWNyZXQgZm9yIHRoZSBzYW1lIGhvb2s=";

async fn worker_says(stage: &Stage, says: &str) {
    until(LIMIT, &format!("status says {says}"), async || {
        let workers = leases::workers(&mut stage.world.house.db.read().await.unwrap()).await.unwrap();
        workers.iter().any(|worker| worker.state.starts_with(says))
    })
    .await;
}

async fn status(stage: &Stage) -> String {
    let mut status = jointforce_tests::programs::worker();
    status.arg("status").env("DATABASE_URL", &stage.database.url);
    jointforce_tests::programs::run(status, "").await.output
}

async fn started(stage: &Stage) -> Running {
    let mut worker = stage.start_worker();
    worker.wait_for_output("leading the relay", LIMIT).await;
    worker
}

/// The worker's command line with its endpoints hanging up to no end, and little patience when it leaves.
fn impatient(stage: &Stage) -> Running {
    stage.hooks.answer_always(Answer::Hang);
    let mut command = stage.worker();
    command.args(["--drain", "1"]);
    Running::start(&command)
}

async fn removed_and_begun(stage: &Stage) {
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
    until(LIMIT, "a call hangs", async || !stage.hooks.received().is_empty()).await;
}

on_every_stage! {
    async fn a_quiet_worker_takes_nothing_new_says_so_and_goes_on_when_told(stage: Stage) {
        let mut worker = started(&stage).await;
        worker.signal(Signal::SIGTSTP);
        worker_says(&stage, "quiet").await;
        assert!(status(&stage).await.contains("quiet"));
        let case = stage.world.report("n1", &["item-1"]).await[0];
        stage.remove(case).await;
        // Work takes some 30 ms; what is due for seconds is not taken.
        until(LIMIT, "an effect is due and nobody takes it", async || {
            let now = stage.world.house.clock.now();
            let backlog = effects::backlog(&mut stage.world.house.db.read().await.unwrap(), now).await.unwrap();
            backlog.oldest.is_some_and(|oldest| now.since(oldest) > 3_000_000)
        })
        .await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Live);
        worker.signal(Signal::SIGCONT);
        stage.settle().await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Removed);
        worker_says(&stage, "running").await;
        worker.signal(Signal::SIGTSTP);
        worker_says(&stage, "quiet").await;
        worker.signal(Signal::SIGTERM);
        assert_eq!(worker.wait(LIMIT).await.code(), Some(0), "a quiet worker leaves too:\n{}", worker.output());
    }

    async fn a_leaving_worker_hands_back_what_it_cannot_finish(stage: Stage) {
        let mut worker = impatient(&stage);
        removed_and_begun(&stage).await;
        worker.signal(Signal::SIGTERM);
        assert_eq!(worker.wait(LIMIT).await.code(), Some(0), "{}", worker.output());
        assert!(worker.output().contains("handed back what was leased"), "{}", worker.output());
        assert_eq!(stage.count(EffectState::Running).await, 0, "nobody has to wait for its leases");
        let first = stage.hooks.received();
        stage.hooks.answer_always(Answer::Status(204));
        let _next = stage.start_worker();
        stage.settle().await;
        let again = stage.hooks.received().split_off(first.len());
        let repeated = again.iter().find(|hook| hook.header("webhook-id") == first[0].header("webhook-id"));
        assert_eq!(repeated.expect("it is sent again").body, first[0].body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_term_leaves_at_once() {
    let stage = Stage::on_postgres_and_redis().await;
    stage.hooks.answer_always(Answer::Hang);
    let mut worker = stage.start_worker();
    removed_and_begun(&stage).await;
    worker.signal(Signal::SIGTERM);
    worker.wait_for_output("once more leaves at once", LIMIT).await;
    worker_says(&stage, "leaving").await;
    worker.signal(Signal::SIGTERM);
    assert_eq!(worker.wait(LIMIT).await.code(), Some(75), "{}", worker.output());
    assert!(stage.count(EffectState::Running).await > 0, "its leases run out by themselves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_changed_is_read_again_on_hup_and_a_broken_one_changes_nothing() {
    let stage = Stage::on_postgres_and_redis().await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, format!("{SECRET}\n")).unwrap();
    let mut command = stage.worker();
    command.env_remove("MARKETPLACE_SECRET").env("MARKETPLACE_SECRET_FILE", &file);
    let mut worker = Running::start(&command);
    worker.wait_for_output("leading the relay", LIMIT).await;

    let signed_with = async |n: usize, secret: &str| {
        let case = stage.world.report(&format!("n{n}"), &[&format!("item-{n}")]).await[0];
        stage.remove(case).await;
        stage.settle().await;
        let told = stage.hooks.received().into_iter().rfind(|hook| hook.path == "/marketplace").expect("it is told");
        told.verify(secret).unwrap();
    };
    signed_with(1, SECRET).await;
    std::fs::write(&file, "no secret").unwrap();
    worker.signal(Signal::SIGHUP);
    worker.wait_for_output("the settings stay as they were", LIMIT).await;
    signed_with(2, SECRET).await;
    std::fs::write(&file, NEXT_SECRET).unwrap();
    worker.signal(Signal::SIGHUP);
    worker.wait_for_output("the settings were read again", LIMIT).await;
    signed_with(3, NEXT_SECRET).await;
    assert!([SECRET, NEXT_SECRET].iter().all(|secret| !worker.output().contains(&secret[6..])), "no secret in the log");
    assert!(worker.ended().is_none());
}
