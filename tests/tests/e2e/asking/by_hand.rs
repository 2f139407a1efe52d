//! What colleagues do for brands at the command line, and what a fleet has to be told.

use jointforce_shared::{
    account,
    domain::authenticity::{Answer, State},
    store::audit,
};
use jointforce_tests::{
    programs::{self, Said},
    servers::postgres_database,
    world::World,
};
use serde_json::Value;

use super::{asked, dossier_of, request_of};
use crate::store::on_both;

async fn worker(url: &str, arguments: &[&str], input: &str) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = programs::worker();
    command
        .args(arguments)
        .env("DATABASE_URL", url)
        .env("JOINTFORCE_DATA_DIR", folder.path())
        .current_dir(folder.path());
    programs::run(command, input).await
}

on_both! {
    async fn what_comes_by_telephone_is_entered_once_and_says_who_entered_it(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(&world.house, case).await;
        let id = open.request.to_string();
        let said = worker(url, &["brand", "requests", "--brand", "acme", "--json"], "").await;
        let listed: Value = serde_json::from_str(said.output.trim()).unwrap();
        assert_eq!((listed["id"].as_str(), listed["state"].as_str()), (Some(id.as_str()), Some("open")));
        for (arguments, code, words) in [
            (vec!["brand", "answer", &id, "maybe"], 64, "grey_market"),
            (vec!["brand", "answer", &id, "genuine", "--brand", "zeta"], 65, "no question to brand:zeta"),
            (vec!["brand", "answer", "01KEKSE0000000000000000001", "genuine"], 65, "not known"),
            (vec!["brand", "take-back", &id], 65, "nothing is cleared"),
        ] {
            let said = worker(url, &arguments, "").await;
            assert_eq!(said.code, code, "{said:?}");
            assert!(said.error.contains(words), "{said:?}");
        }
        assert_eq!(request_of(&world.house, open.request).await.state, State::Open);
        let said = worker(url, &["brand", "answer", &id, "genuine", "--note", "rang us"], "").await;
        assert!(said.code == 0 && said.output.contains("cleared"), "{said:?}");
        assert_eq!(request_of(&world.house, open.request).await.state, State::Answered(Answer::Genuine));
        let said = worker(url, &["brand", "answer", &id, "counterfeit"], "").await;
        assert!(said.code == 65 && said.error.contains("answered already"), "{said:?}");
        let events = audit::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
        let answered = events.iter().find(|event| event.action == "authenticity.answered").unwrap();
        assert_eq!(answered.body["entered_by"].as_str(), Some(account::current().unwrap().as_str()));
        assert!(!answered.body.to_string().contains("rang us"), "a record that can't forget keeps no stranger's words");
        assert_eq!(worker(url, &["brand", "take-back", &id], "").await.code, 0);
    }

    async fn authorised_sellers_come_by_file(url: &str) {
        let world = World::new(url).await;
        let lines = [
            r#"{"brand":"acme","seller":"shop","valid_from":"2020-01-01","remark":"shoes"}"#,
            r#"{"brand":"acme","seller":"nobody"}"#,
            r#"{"brand":"acme","seller":"shop","valid_from":"2026-01-02","valid_until":"2026-01-01"}"#,
        ];
        let said = worker(url, &["import", "authorised"], &lines.join("\n")).await;
        assert_eq!(said.code, 65, "{said:?}");
        assert!(said.output.contains("1 new") && said.output.contains("2 refused"), "{said:?}");
        let csv = "brand,seller,valid_until,remark\nacme,shop,2100-01-01,bags\n";
        assert_eq!(worker(url, &["import", "authorised", "--format", "csv"], csv).await.code, 0);
        let case = world.report("n1", &["item-1"]).await[0];
        let flags = dossier_of(&world.house, case).await.flags(world.house.clock.now());
        assert_eq!(flags, ["Brand acme authorised this seller until 2100-01-01: bags"]);
    }
}

#[tokio::test]
async fn a_fleet_that_has_no_key_or_a_bad_one_is_told_so_before_it_starts() {
    let database = postgres_database().await;
    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("short.key");
    std::fs::write(&short, "short").unwrap();
    let (addr, url, key) = ("JOINTFORCE_PORTAL_ADDR", "JOINTFORCE_PORTAL_URL", "JOINTFORCE_LINK_KEY_FILE");
    for (settings, words) in [
        (vec![(url, "https://portal.example")], "JOINTFORCE_LINK_KEY_FILE"),
        (vec![(addr, "127.0.0.1:0")], "JOINTFORCE_LINK_KEY_FILE"),
        (vec![(addr, "127.0.0.1:0"), (key, short.to_str().unwrap())], "short.key"),
    ] {
        let mut command = programs::worker();
        command.arg("run").env("DATABASE_URL", &database.url).env("SMTP_URL", "smtp://127.0.0.1:1").envs(settings);
        let said = programs::run(command, "").await;
        assert_eq!(said.code, 78, "{said:?}");
        assert!(said.error.contains(words), "{said:?}");
    }
}
