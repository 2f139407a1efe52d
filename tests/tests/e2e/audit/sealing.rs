//! Every event gets one number, whoever seals, dies or comes late.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jointforce_shared::{
    commands::{House, seal},
    domain::{ids::AuditId, proof::Proof},
    store::seals::{self, LAST_ID},
};
use jointforce_tests::{
    servers::{Database, postgres_database, sqlite_database},
    wait::{SOON, until, until_some},
    world::World,
};
use jointforce_worker::sealer::{Export, seal_until_stopped};
use nix::sys::signal::Signal;
use tokio::sync::watch;

use super::{Record, add, check, event, finds, key, rows, sealer};
use crate::{main_job::Stage, store::on_both};

/// Whether every event there is has a number.
async fn is_sealed(house: &House) -> bool {
    rows(&house.db, "audit").await == rows(&house.db, "audit_leaves").await
}

on_both! {
    async fn two_sealers_at_once_number_each_event_once(url: &str) {
        let mut world = World::new(url).await;
        world.house.policy.audit.seal_batch = 7;
        let all_written = Arc::new(AtomicBool::new(false));
        let hands = ["one", "two"].map(|name| {
            let (house, all_written) = (world.house.clone(), all_written.clone());
            // A lease that ends at once: nothing but the unique keys stands between them.
            let sealer = seal::Sealer { lease: Duration::ZERO, ..sealer(name) };
            tokio::spawn(async move {
                let mut sealed = 0;
                loop {
                    let is_last = all_written.load(Ordering::SeqCst);
                    sealed += seal::number(&house, &sealer, "", LAST_ID).await.unwrap().map_or(0, |some| some.count);
                    seal::checkpoint(&house, &sealer, &key(1)).await.unwrap();
                    if is_last && is_sealed(&house).await {
                        return sealed;
                    }
                }
            })
        });
        for n in 0..200 {
            add(&world.house, &event(&world.house, 1, n)).await;
        }
        all_written.store(true, Ordering::SeqCst);
        let mut sealed = 0;
        for hand in hands {
            sealed += hand.await.unwrap();
        }
        let numbered = rows(&world.house.db, "audit_leaves").await;
        assert_eq!(sealed as i64, numbered, "each was counted by one of them");
        let report = check(&world.house, &key(1), vec![]).await;
        assert!(report.findings.is_empty() && report.sealed as i64 == numbered, "{report:?}");
    }

    async fn who_does_not_lead_seals_nothing(url: &str) {
        let world = World::new(url).await;
        assert!(seal::lead(&world.house, &sealer("one")).await.unwrap());
        assert!(!seal::lead(&world.house, &sealer("two")).await.unwrap());
        assert_eq!(seal::number(&world.house, &sealer("two"), "", LAST_ID).await.unwrap(), None);
        assert!(seal::number(&world.house, &sealer("one"), "", LAST_ID).await.unwrap().unwrap().count > 0);
        assert_eq!(seal::checkpoint(&world.house, &sealer("two"), &key(1)).await.unwrap(), None);
        seal::step_down(&world.house, &sealer("one")).await.unwrap();
        assert!(seal::checkpoint(&world.house, &sealer("two"), &key(1)).await.unwrap().is_some());
    }

    async fn an_event_that_commits_after_younger_ones_gets_its_number(url: &str) {
        let mut record = Record::sealed(url).await;
        let before = rows(&record.world.house.db, "audit_leaves").await;
        add(&record.world.house, &event(&record.world.house, 3000, 123_456)).await;
        record.seal().await;
        assert_eq!(rows(&record.world.house.db, "audit_leaves").await, before + 1);
    }

    async fn a_record_with_many_unsealed_events_is_sealed_in_batches_and_its_tree_is_whole(url: &str) {
        let mut record = Record::sealed(url).await;
        record.world.house.policy.audit.seal_batch = 10_000;
        let house = record.world.house.clone();
        let events: Vec<_> = (0..17_000).map(|n| event(&house, 2, n)).collect();
        let mut tx = house.db.write().await.unwrap();
        jointforce_shared::store::audit::add(&mut tx, &events).await.unwrap();
        tx.commit().await.unwrap();
        while seal::number(&house, &sealer("one"), "", LAST_ID).await.unwrap().unwrap().count > 0 {}
        record.seal().await;
        record.exported.extend(seal::checkpoint(&house, &sealer("one"), &record.key).await.unwrap());
        let report = record.check_exported().await;
        assert!(report.findings.is_empty() && report.covered == report.sealed, "{report:?}");
        assert_eq!(rows(&house.db, "audit_nodes").await as u64, report.sealed / 256);
    }

    async fn every_event_and_every_older_record_is_proved_to_a_stranger(url: &str) {
        let record = Record::sealed(url).await;
        let keys = [record.key.public()];
        let newest = record.exported.last().unwrap();
        for leaf in [0, 255, 256, 511, 600, newest.checkpoint.size - 1] {
            let id: AuditId = record.id(leaf).await.parse().unwrap();
            let proof = seal::prove::inclusion(&record.world.house, id).await.unwrap();
            let json = serde_json::to_string(&proof).unwrap();
            assert!(json.contains(&id.to_string()));
            proof.check(&keys).unwrap();
            let forged = json.replace("\\\"actor\\\":\\\"", "\\\"actor\\\":\\\"x");
            assert_ne!(forged, json);
            assert!(serde_json::from_str::<Proof>(&forged).unwrap().check(&keys).is_err(), "leaf {leaf}");
        }
        for note in &record.exported {
            let growth = seal::prove::growth(&record.world.house, note.checkpoint.size).await.unwrap();
            growth.check(&keys).unwrap();
        }
        assert!(seal::prove::growth(&record.world.house, 301).await.is_err());
        let new = event(&record.world.house, 1, 1);
        add(&record.world.house, &new).await;
        assert!(seal::prove::inclusion(&record.world.house, new.id).await.is_err(), "not before it is sealed");
    }

    async fn the_sealer_seals_signs_and_exports_by_itself_and_goes_on_where_another_ended(url: &str) {
        let world = World::new(url).await;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("checkpoints");
        let mut house = world.house.clone();
        house.policy.audit.seal_every = Duration::from_millis(20);
        house.policy.audit.checkpoint_every = Duration::from_millis(40);
        let start = |name: &str| {
            let (stop, stopped) = watch::channel(false);
            let sealing = seal_until_stopped(house.clone(), name.to_owned(), key(1), Export::to(place.clone()), stopped);
            (stop, tokio::spawn(sealing))
        };
        let (stop, first) = start("one");
        let early = until_some(SOON, "a checkpoint is exported", async || Export::to(place.clone()).last().unwrap()).await;
        stop.send_replace(true);
        first.await.unwrap();
        for n in 0..50 {
            add(&world.house, &event(&world.house, 1, n)).await;
        }
        // One that was never told apart by its id: it belongs to a day long past.
        add(&world.house, &event(&world.house, 5_000_000, 99)).await;
        let (stop, second) = start("two");
        until(SOON, "all is sealed", async || is_sealed(&world.house).await).await;
        stop.send_replace(true);
        second.await.unwrap();
        let exported = Export::to(place.clone()).read().unwrap();
        assert_eq!(exported.notes[0], early);
        let report = check(&world.house, &key(1), exported.notes).await;
        assert!(report.findings.is_empty() && report.exported == report.stored, "{report:?}");
        assert_eq!(report.covered, report.sealed, "whoever leaves signs what is there");
        let status = seals::status(&mut world.house.db.read().await.unwrap()).await.unwrap();
        assert_eq!((status.short_root().unwrap().len(), status.uncovered), (8, 0));
    }

    async fn a_record_that_was_cut_is_not_signed_again(url: &str) {
        let record = Record::sealed(url).await;
        let folder = tempfile::tempdir().unwrap();
        let export = Export::to(folder.path().join("log.txt"));
        let notes: Vec<String> = record.exported.iter().map(ToString::to_string).collect();
        let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
        export.append(&notes, record.world.house.clock.now()).unwrap();
        record.tamper("DELETE FROM audit_checkpoints WHERE size > 200").await;
        record.tamper("DELETE FROM audit WHERE id IN (SELECT event_id FROM audit_leaves WHERE leaf >= 200)").await;
        record.tamper("DELETE FROM audit_leaves WHERE leaf >= 200").await;
        record.tamper("DELETE FROM audit_nodes").await;
        add(&record.world.house, &event(&record.world.house, 1, 5)).await;
        let (stop, stopped) = watch::channel(true);
        seal_until_stopped(record.world.house.clone(), "one".into(), key(1), export.clone(), stopped).await;
        drop(stop);
        assert_eq!(rows(&record.world.house.db, "audit_leaves").await, 201, "it goes on numbering");
        assert_eq!(export.last().unwrap().as_ref(), record.exported.last(), "and signs nothing");
        assert_eq!(rows(&record.world.house.db, "audit_checkpoints").await, 2);
        assert!(finds(&record.check_exported().await, |f| f.to_string().starts_with("truncated")));
    }

    async fn a_key_of_another_log_signs_nothing_here(url: &str) {
        let record = Record::sealed(url).await;
        let refused = seal::is_of_log(&record.world.house, "other.example/audit").await.unwrap_err();
        assert!(refused.to_string().contains("log.example/audit"), "{refused}");
        seal::is_of_log(&record.world.house, "log.example/audit").await.unwrap();
    }
}

/// A worker that seals is killed in the middle of things; the next one goes on.
async fn killed_sealer(database: Database) {
    let stage = Stage::set(database, None).await;
    let folder = tempfile::tempdir().unwrap();
    let (key_file, place) = (folder.path().join("fleet.key"), folder.path().join("checkpoints"));
    let secret = jointforce_worker::sealer::make_key(&key_file, "fleet.example/audit").unwrap();
    let start = || {
        let mut worker = stage.worker();
        worker.env("JOINTFORCE_AUDIT_KEY_FILE", &key_file).env("JOINTFORCE_CHECKPOINTS", &place);
        jointforce_tests::programs::Running::start(&worker)
    };
    let house = &stage.world.house;
    let mut first = start();
    until(SOON, "a first checkpoint", async || Export::to(place.clone()).last().unwrap().is_some()).await;
    for n in 0..400 {
        add(house, &event(house, 1, n)).await;
    }
    first.kill();
    for n in 400..500 {
        add(house, &event(house, 1, n)).await;
    }
    let mut second = start();
    until(SOON, "all is sealed", async || is_sealed(house).await).await;
    second.signal(Signal::SIGTERM);
    assert_eq!(second.wait(SOON).await.code(), Some(0), "{}", second.output());
    let report = check(house, &secret, Export::to(place).read().unwrap().notes).await;
    assert!(report.findings.is_empty() && report.exported >= 2, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sealer_leaves_nothing_half_sealed_on_sqlite() {
    killed_sealer(sqlite_database()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_sealer_leaves_nothing_half_sealed_on_postgres() {
    killed_sealer(postgres_database().await).await;
}
