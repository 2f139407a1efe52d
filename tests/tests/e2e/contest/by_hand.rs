//! Imports and the command line, through the built program.

use jointforce_shared::domain::counter_notice::CounterState;
use jointforce_tests::programs::{self, Said};
use serde_json::Value;

use super::*;
use crate::store::on_both;

async fn worker(url: &str, arguments: &[&str], input: &str) -> Said {
    let mut command = programs::worker();
    let folder = tempfile::tempdir().unwrap();
    command.args(arguments).env("DATABASE_URL", url).current_dir(folder.path());
    programs::run(command, input).await
}

/// Runs it and gives what it printed.
async fn must(url: &str, arguments: &[&str], input: &str) -> String {
    let said = worker(url, arguments, input).await;
    assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    said.output
}

on_both! {
    async fn what_parties_send_comes_in_as_lines_and_as_tables(url: &str) {
        let world = World::new(url).await;
        for n in 1..=3 {
            removed(&world, &format!("n{n}"), &format!("item-{n}")).await;
        }
        let kept = world.report("n4", &["item-4"]).await[0];
        act(&world, "ann", kept, KEEP).await.unwrap();
        let lines = [contest("c1", "item-1"), contest("c2", "item-2"), RawCounterNotice::default()];
        let lines: String = lines.iter().map(|raw| serde_json::to_string(raw).unwrap() + "\n").collect();
        for (new, same) in [(2, 0), (0, 2)] {
            let said = worker(url, &["import", "counter-notices", "-", "--json"], &lines).await;
            assert_eq!(said.code, 65, "one is refused: {said:?}");
            let summary: Value = serde_json::from_str(said.output.lines().last().unwrap()).unwrap();
            assert_eq!((&summary["new"], &summary["same"], &summary["refused"]), (&json!(new), &json!(same), &json!(1)));
        }
        let table = "seller,listing,reason,explanation,name\nshop,item-3,owner,It is mine,Bo Li\n";
        must(url, &["import", "counter-notices", "--format", "csv"], table).await;
        let table = format!("brand,case,grounds\nacme,{kept},Look again\n");
        must(url, &["import", "appeals", "--format", "csv"], &table).await;
        assert!(is_appealed(&case_of(&world, kept).await));
        let suit = r#"{"brand":"acme","listing":"item-1","court":"LG Köln","number":"31 O 1/26","proof":"https://acme.example/c"}"#;
        for _ in 0..2 {
            must(url, &["import", "suits", "-"], suit).await;
        }
        must(url, &["import", "withdrawals", "-"], r#"{"brand":"acme","notice":"n2"}"#).await;
        let said = worker(url, &["import", "suits", "-"], r#"{"brand":"acme","listing":"item-9","courts":1}"#).await;
        assert_eq!(said.code, 65, "{said:?}");

        let listed = must(url, &["counter", "list", "--json"], "").await;
        let states: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let states: Vec<&str> = states.iter().rev().map(|counter| counter["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["sued", "put_back", "forwarded"]);
        let appeals = must(url, &["appeal", "list"], "").await;
        assert!(appeals.contains("open") && appeals.contains("brand acme against ann"), "{appeals}");
    }

    async fn a_person_at_the_command_line_does_the_same_for_the_parties(url: &str) {
        let world = World::new(url).await;
        let (first, second) = (removed(&world, "n1", "item-1").await, removed(&world, "n2", "item-2").await);
        let counter = received(&world, &contest("c1", "item-1")).await;
        let id = counter.to_string();
        let said = worker(url, &["counter", "answer", &id, "accept", "--brand", "other"], "").await;
        assert!(said.code == 65 && said.error.contains("answers no notice of other"), "{said:?}");
        let said = worker(url, &["counter", "answer", &id, "sue", "--brand", "acme"], "").await;
        assert!(said.code == 65 && said.error.contains("court") && said.error.contains("proof"), "{said:?}");
        let output = must(url, &["counter", "answer", &id, "accept", "--brand", "acme"], "").await;
        assert_eq!(output, format!("{id} is put back\n"));
        assert_eq!(must(url, &["counter", "answer", &id, "accept", "--brand", "acme"], "").await, format!("{id} is put back, as before\n"));
        let shown: Value = serde_json::from_str(&must(url, &["counter", "show", &id], "").await).unwrap();
        assert_eq!((&shown["answer"], &shown["answered_by"]), (&json!("accept"), &json!("brand:acme")));
        assert_eq!(decided(&case_of(&world, first).await), ("kept", "counter_upheld"));

        let case = second.to_string();
        let open = ["appeal", "open", "--case", &case, "--seller", "shop", "--grounds", "They are genuine"];
        assert!(must(url, &open, "").await.contains("is open, to be ruled on by"));
        assert!(must(url, &open, "").await.contains("was sent before"));
        let output = must(url, &["notice", "withdraw", "n2", "--brand", "acme", "--why", "ours"], "").await;
        assert_eq!(output, "item-2: was removed; it is put back\n");
        assert_eq!(must(url, &["notice", "withdraw", "n2", "--brand", "acme"], "").await, "it was withdrawn before\n");
        let said = worker(url, &["notice", "withdraw", "n7", "--brand", "acme"], "").await;
        assert!(said.code == 65 && said.error.contains("is no notice of yours"), "{said:?}");
        let third = removed(&world, "n3", "item-3").await;
        let counter = received(&world, &contest("c3", "item-3")).await;
        must(url, &["counter", "take-back", &counter.to_string(), "--seller", "shop"], "").await;
        assert_eq!(counter_of(&world, counter).await.state, CounterState::Withdrawn);
        assert_eq!(case_of(&world, third).await.state.as_str(), "removed");
    }
}
