//! The auditor's commands, as the program runs them.

use std::{path::Path, process::Command};

use jointforce_shared::commands::seal;
use jointforce_tests::programs::{self, Said};
use jointforce_worker::sealer::{Export, make_key};
use serde_json::Value;

use super::{Record, add, event, key, sealer};
use crate::store::on_both;

/// `jointforce-worker audit …` on a database, with key and checkpoints in `folder`.
fn audit(url: &str, folder: &Path, words: &[&str]) -> Command {
    let mut command = programs::worker();
    command
        .env("DATABASE_URL", url)
        .env("JOINTFORCE_DATA_DIR", folder)
        .env("JOINTFORCE_AUDIT_KEY_FILE", folder.join("audit.key"))
        .env("JOINTFORCE_CHECKPOINTS", folder.join("checkpoints"))
        .arg("audit")
        .args(words);
    command
}

async fn said(url: &str, folder: &Path, words: &[&str]) -> Said {
    programs::run(audit(url, folder, words), "").await
}

/// A record that is sealed with the folder's key and exported there.
async fn sealed(url: &str, folder: &Path) -> Record {
    let mut record = Record::sealed(url).await;
    let secret = make_key(&folder.join("audit.key"), "log.example/audit").unwrap();
    // As if it had been sealed with this key from the start.
    record.tamper("DELETE FROM audit_checkpoints").await;
    record.key = secret;
    let note = seal::checkpoint(&record.world.house, &sealer("one"), &record.key).await.unwrap().unwrap();
    Export::to(folder.join("checkpoints")).append(&[&note.to_string()], record.world.house.clock.now()).unwrap();
    record.exported = vec![note];
    record
}

on_both! {
    async fn an_auditor_checks_the_record_and_is_told_what_is_wrong(url: &str) {
        let folder = tempfile::tempdir().unwrap();
        let record = sealed(url, folder.path()).await;
        let good = said(url, folder.path(), &["verify"]).await;
        assert_eq!(good.code, 0, "{good:?}");
        assert!(good.output.contains("compared with 1 exported") && good.output.contains("the record holds"), "{good:?}");
        let json: Value = serde_json::from_str(&said(url, folder.path(), &["verify", "--json"]).await.output).unwrap();
        assert_eq!((&json["holds"], &json["exported"]), (&Value::from(true), &Value::from(1)));

        let missing = said(url, folder.path(), &["verify", "--against", "/nowhere/at/all"]).await;
        assert_eq!(missing.code, 74, "{missing:?}");
        let stranger = key(9).public().to_string();
        let distrusted = said(url, folder.path(), &["verify", "--key", &stranger]).await;
        assert!(distrusted.code == 65 && distrusted.output.contains("forged: the stored checkpoint"), "{distrusted:?}");

        let id = record.id(77).await;
        record.tamper(format!("UPDATE audit SET subject = 'case:other' WHERE id = '{id}'")).await;
        let bad = said(url, folder.path(), &["verify"]).await;
        assert_eq!(bad.code, 65, "{bad:?}");
        assert!(bad.output.contains(&format!("edited: event {id} (number 77)")), "{bad:?}");
        assert!(bad.output.contains("THE RECORD DOESN'T HOLD"), "{bad:?}");
    }

    async fn a_stranger_checks_a_proof_without_the_database(url: &str) {
        let folder = tempfile::tempdir().unwrap();
        let record = sealed(url, folder.path()).await;
        let listed = said(url, folder.path(), &["list", "--limit", "1"]).await;
        let shown = listed.output.split_whitespace().next().unwrap();
        let newest = said(url, folder.path(), &["list", "--limit", "1", "--json"]).await.output;
        assert_eq!(serde_json::from_str::<Value>(&newest).unwrap()["id"], shown, "the list shows what `prove` takes");
        assert!(listed.output.contains(&format!("more: --before {shown}")), "{listed:?}");
        let id = record.id(300).await;
        let proof = said(url, folder.path(), &["prove", &id]).await;
        assert_eq!(proof.code, 0, "{proof:?}");
        let public = said(url, folder.path(), &["key"]).await.output.trim().to_owned();
        assert_eq!(public, record.key.public().to_string());
        let elsewhere = tempfile::tempdir().unwrap();
        let file = elsewhere.path().join("proof.json");
        std::fs::write(&file, &proof.output).unwrap();
        let mut check = programs::worker();
        check.env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none").env_remove("JOINTFORCE_AUDIT_KEY_FILE");
        check.args(["audit", "check-proof", file.to_str().unwrap(), "--key", &public]);
        let held = programs::run(check, "").await;
        assert!(held.code == 0 && held.output.contains("holds: the event is number 300") && held.output.contains(&id), "{held:?}");
        let forged = proof.output.replace("ann", "bob");
        let refused = programs::run(audit(url, folder.path(), &["check-proof", "-"]), forged).await;
        assert!(refused.code == 65 && refused.error.contains("don't lead to the checkpoint's root"), "{refused:?}");
        let size = record.exported[0].checkpoint.size.to_string();
        let growth = said(url, folder.path(), &["prove-growth", &size]).await;
        let held = programs::run(audit(url, folder.path(), &["check-proof", "-"]), growth.output).await;
        assert_eq!(held.code, 0, "{held:?}");

        let shown = said(url, folder.path(), &["checkpoint"]).await;
        assert!(shown.code == 0 && shown.output == record.exported[0].to_string(), "{shown:?}");
        let new = event(&record.world.house, 1, 1);
        add(&record.world.house, &new).await;
        let refused = said(url, folder.path(), &["prove", &new.id.to_string()]).await;
        assert!(refused.code == 65 && refused.error.contains("has no number yet"), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_made_for_a_fleet_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fleet.key");
    let make = || {
        let mut command = programs::worker();
        command.args(["audit", "key", "--new", file.to_str().unwrap(), "--name", "fleet.example/audit"]);
        programs::run(command, "")
    };
    let made = make().await;
    assert!(made.code == 0 && made.output.starts_with("fleet.example/audit+"), "{made:?}");
    let again = make().await;
    assert_eq!(again.code, 74, "{again:?}");
    let secret = std::fs::read_to_string(&file).unwrap();
    // PRIVATE+KEY+name+hash+key, and the key's base64 may hold a + of its own.
    let key = secret.trim().splitn(5, '+').last().unwrap();
    assert!(key.len() > 40 && !made.output.contains(key), "the secret is not shown");
}
