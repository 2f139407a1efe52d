//! One trace from a case to everybody who is told of it.

use jointforce_shared::domain::trace::Trace;
use jointforce_tests::{hooks::Request, programs::Running};
use serde_json::Value;

use super::{LIMIT, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cases_trace_is_in_the_log_of_its_removal_and_in_every_call_that_follows() {
    let stage = Stage::on_postgres_and_redis().await;
    let mut command = stage.worker();
    command.args(["--log", "json"]).env("RUST_LOG", "info,jointforce_worker=debug");
    let mut worker = Running::start(&command);
    worker.wait_for_output("leading the relay", LIMIT).await;
    let [one, other] = stage.world.report("n1", &["item-1", "item-2"]).await[..] else { panic!("two cases") };
    stage.remove(one).await;
    stage.settle().await;

    let trace = Trace::of_case(one).to_string();
    let hooks = stage.hooks.received();
    let told = |path: &str, kind: &str| {
        let is = |hook: &&Request| hook.path == path && hook.json()["type"].as_str().unwrap().starts_with(kind);
        let hook = hooks.iter().find(is);
        hook.unwrap_or_else(|| panic!("{path} was told of no {kind}")).header("traceparent").to_owned()
    };
    // The seller's step is about the seller: it goes on the trace of the case that led to it.
    let parents =
        [told("/acme", "case.decided"), told("/marketplace", "listing.removed"), told("/marketplace", "seller.")];
    for parent in &parents {
        assert!(parent.starts_with(&format!("00-{trace}-")) && parent.ends_with("-01"), "{parent} for {trace}");
    }
    assert!(parents[0] != parents[1] && parents[1] != parents[2], "each call is a span of its own: {parents:?}");
    assert!(!told("/acme", "notice.received").contains(&trace), "that was about the notice");

    let output = worker.output();
    let lines: Vec<Value> = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let kinds: Vec<&str> = lines
        .iter()
        .filter(|line| line["span"]["trace"] == trace.as_str() && line["fields"]["message"] == "carried out")
        .filter_map(|line| line["fields"]["kind"].as_str())
        .collect();
    for kind in ["remove_listing", "level_seller", "mail_seller", "mail_brand", "hook_brand", "hook_marketplace"] {
        assert!(kinds.contains(&kind), "{kind} is not in the log under its trace: {kinds:?}");
    }
    assert!(!output.contains(&Trace::of_case(other).to_string()), "nothing was done about the other case");
}
