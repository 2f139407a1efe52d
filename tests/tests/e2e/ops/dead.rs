//! Dead effects by what they have in common; `status` and `top` as whoever is on call sees them.

use std::time::Duration;

use jointforce_shared::{
    account,
    commands::operator,
    domain::{
        effect::{BrandNews, Effect, EffectState, NewEffect},
        ids::EffectId,
        operator::Role,
    },
    store::{audit, effects},
};
use jointforce_tests::{
    programs::{self, Said, run},
    pty::Terminal,
    wait::until,
    world::World,
};
use serde_json::Value;

use crate::main_job::{LIMIT, Stage, on_every_stage};

/// Writes effects that are dead, as a worker would leave them.
async fn died(stage: &Stage, make: impl Fn() -> Effect, error: &str, many: usize) {
    let house = &stage.world.house;
    let now = house.clock.now();
    let new =
        |_| NewEffect { id: house.clock.id(EffectId::from_ulid), effect: make(), due: now, decision: None, once: None };
    let effects: Vec<NewEffect> = (0..many).map(new).collect();
    let mut tx = house.db.write().await.unwrap();
    effects::add(&mut tx, &effects, now).await.unwrap();
    let ids: Vec<EffectId> = effects.iter().map(|new| new.id).collect();
    let span = Duration::from_secs(15);
    for leased in effects::carry::lease(&mut tx, &ids, "gone", span, now).await.unwrap() {
        let dead = effects::carry::Next::Dead(now);
        assert!(effects::carry::fail(&mut tx, &leased, "gone", error, dead).await.unwrap());
    }
    tx.commit().await.unwrap();
}

fn hook() -> Effect {
    Effect::HookBrand { brand: "acme".parse().unwrap(), notice: None, news: BrandNews::Received }
}

fn mail() -> Effect {
    Effect::MailBrand { brand: "acme".parse().unwrap(), notice: None, news: BrandNews::Received }
}

async fn says(stage: &Stage, words: &[&str]) -> Said {
    let mut command = programs::worker();
    command.args(words).env("DATABASE_URL", &stage.database.url);
    run(command, "").await
}

/// Whoever runs the tests is on call here.
async fn on_call(stage: &Stage) {
    let me = account::current().unwrap();
    operator::add(&stage.world.house, &World::import(), me, "Me", Role::OnCall).await.unwrap();
}

on_every_stage! {
    async fn dead_effects_are_retried_and_given_up_by_what_they_share(stage: Stage) {
        on_call(&stage).await;
        died(&stage, hook, "410 Gone: the ENDPOINT moved", 3).await;
        died(&stage, mail, "550 no such user", 2).await;
        let list = says(&stage, &["dead", "list", "--error", "endpoint MOVED", "--json"]).await;
        assert_eq!(list.output.lines().count(), 3, "{}{}", list.output, list.error);
        assert_eq!(says(&stage, &["dead", "list", "--kind", "mail_brand", "--brand", "acme"]).await.output.lines().count(), 2);
        for nothing in [["--brand", "other"], ["--kind", "page"], ["--error", "%"]] {
            assert_eq!(says(&stage, &["dead", "list", nothing[0], nothing[1]]).await.output, "", "{nothing:?}");
        }
        for (wrong, near) in [(["--kind", "hook_brnd"], "hook_brand"), (["--brand", "acmee"], "acme")] {
            for words in [&["dead", "list"][..], &["dead", "discard", "--reason", "x"]] {
                let said = says(&stage, &[words, &wrong[..]].concat()).await;
                assert!(said.code == 65 && said.error.contains(&format!("Did you mean {near}?")), "{words:?}: {said:?}");
            }
        }
        let refused = says(&stage, &["dead", "retry"]).await;
        assert_eq!((refused.code, stage.count(EffectState::Dead).await), (65, 5), "nothing chosen, nothing done");

        let retried = says(&stage, &["dead", "retry", "--kind", "hook_brand", "--since", "1h", "--reason", "they are back"]).await;
        assert!(retried.code == 0 && retried.output.contains("3 retried"), "{}{}", retried.output, retried.error);
        assert_eq!((stage.count(EffectState::Due).await, stage.count(EffectState::Dead).await), (3, 2));
        assert_eq!(says(&stage, &["dead", "discard", "--all"]).await.code, 64, "a reason is required");
        let gone = says(&stage, &["dead", "discard", "--all", "--reason", "nobody reads it"]).await;
        assert!(gone.code == 0 && gone.output.contains("2 discarded"), "{}{}", gone.output, gone.error);
        assert_eq!(stage.count(EffectState::Dropped).await, 2);
        let events = audit::newest(&mut stage.world.house.db.read().await.unwrap(), None, 10).await.unwrap();
        let with = |action: &str, reason: &str| {
            events.iter().filter(|event| event.action == action && event.body["reason"] == reason).count()
        };
        assert_eq!((with("effect.retried", "they are back"), with("effect.dropped", "nobody reads it")), (3, 2));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_a_hundred_are_asked_about() {
    let stage = Stage::on_postgres_alone().await;
    on_call(&stage).await;
    died(&stage, hook, "410 Gone", 101).await;
    let list = says(&stage, &["dead", "list"]).await.output;
    assert!(list.lines().count() == 51 && list.contains("50 of 101, more: --before "), "{list}");
    assert_eq!(says(&stage, &["dead", "list", "--limit", "101"]).await.output.lines().count(), 101, "that is all");
    let asked = says(&stage, &["dead", "retry", "--kind", "hook_brand"]).await;
    assert_eq!((asked.code, stage.count(EffectState::Dead).await), (65, 101), "{}", asked.error);
    assert!(asked.error.contains("--yes"), "{}", asked.error);
    let sure = says(&stage, &["dead", "retry", "--kind", "hook_brand", "--yes", "--json"]).await;
    assert_eq!((sure.code, sure.output.lines().count(), stage.count(EffectState::Dead).await), (0, 101, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn status_tells_lanes_workers_and_what_they_carried_out() {
    let stage = Stage::on_postgres_and_redis().await;
    let mut worker = stage.start_worker();
    worker.wait_for_output("leading the relay", LIMIT).await;
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
    stage.settle().await;
    until(LIMIT, "a beat tells of what was done", async || {
        let status: Value = serde_json::from_str(&says(&stage, &["status", "--json"]).await.output).unwrap();
        status["workers"][0]["done"].as_i64().is_some_and(|done| done > 0)
            && status["lanes"].as_array().is_some_and(|lanes| lanes.iter().any(|lane| lane["lane"] == "removals"))
    })
    .await;
    let text = says(&stage, &["status"]).await;
    assert!(text.code == 0 && text.output.contains("0 dead") && text.output.contains("alive"), "{}", text.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn top_draws_the_same_place_again_until_it_is_interrupted() {
    let stage = Stage::on_postgres_alone().await;
    let mut command = programs::worker();
    command.arg("top").env("DATABASE_URL", &stage.database.url);
    let mut top = Terminal::start(&command, 80, 24);
    top.wait_for_text("none has been seen", LIMIT).await;
    top.wait_for_text("done/s", LIMIT).await;
    let mut worker = stage.start_worker();
    worker.wait_for_output("leading the relay", LIMIT).await;
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
    until(LIMIT, "the removal's rate is shown", async || {
        let removals = top.contents().lines().find(|line| line.starts_with("removals")).map(str::to_owned);
        let rate = removals.and_then(|line| line.split_whitespace().nth(5)?.parse::<f64>().ok());
        rate.is_some_and(|rate| rate > 0.0)
    })
    .await;
    let shown = top.contents();
    assert!(shown.lines().any(|line| line.starts_with("worker ") && line.contains("/s")), "{shown}");
    worker.signal(nix::sys::signal::Signal::SIGTERM);
    top.wait_for_text("none has been seen", LIMIT).await;
    died(&stage, hook, "410 Gone", 4).await;
    top.wait_for_text("4 dead: 4 hook_brand", LIMIT).await;
    assert!(!top.contents().contains("0 dead"), "{}", top.contents());
    top.send_keys("\x03");
    assert_eq!(top.wait_for_end(LIMIT).await.exit_code(), 75, "it ends with the code of what it saw last");
}
