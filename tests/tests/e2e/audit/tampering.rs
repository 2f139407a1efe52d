//! Each thing that an owner of the database can do to the record, and who notices.

use std::collections::BTreeMap;

use jointforce_shared::{
    commands::seal::{
        self,
        finding::{Finding, Kept},
    },
    domain::{
        checkpoint::SecretKey,
        merkle::{Node, Tiles},
    },
    store::seals::{self, check},
};
use jointforce_tests::sql::{execute, try_execute};

use super::{Record, add, event, finds, key, rows};
use crate::store::on_both;

/// Rewrites seals, tree and checkpoints so that they fit the events that are there now, and signs with `key`.
async fn chain_again(record: &Record, key: &SecretKey) {
    let house = &record.world.house;
    let mut conn = house.db.read().await.unwrap();
    let leaves = check::leaves(&mut conn, 0, 1_000_000).await.unwrap();
    let checkpoints = seals::checkpoints(&mut conn, 0, 1000).await.unwrap();
    drop(conn);
    let mut tiles = Tiles::default();
    let (mut roots, mut nodes) = (BTreeMap::new(), Vec::<Node>::new());
    for leaf in leaves {
        let hash = leaf.written.expect("an event").leaf();
        if Some(hash) != leaf.hash {
            record.tamper(format!("UPDATE audit_leaves SET hash = '{hash}' WHERE leaf = {}", leaf.leaf)).await;
        }
        nodes.extend(tiles.push(hash));
        roots.insert(tiles.size(), tiles.root());
    }
    for node in nodes {
        let Node { level, node, hash } = node;
        record.tamper(format!("UPDATE audit_nodes SET hash = '{hash}' WHERE level = {level} AND node = {node}")).await;
    }
    for checkpoint in checkpoints {
        let root = roots[&checkpoint.size];
        let note = key.sign(checkpoint.size, root);
        let size = checkpoint.size;
        record
            .tamper(format!("UPDATE audit_checkpoints SET root = '{root}', note = '{note}' WHERE size = {size}"))
            .await;
    }
}

/// Takes away everything from number `size` on, and what was made of it.
async fn cut_clean(record: &Record, size: u64) {
    record
        .tamper(format!("DELETE FROM audit WHERE id IN (SELECT event_id FROM audit_leaves WHERE leaf >= {size})"))
        .await;
    record.tamper(format!("DELETE FROM audit_leaves WHERE leaf >= {size}")).await;
    record.tamper(format!("DELETE FROM audit_checkpoints WHERE size > {size}")).await;
    record.tamper(format!("DELETE FROM audit_nodes WHERE (node + 1) * 256 > {size}")).await;
}

on_both! {
    async fn an_untouched_record_holds_for_everybody(url: &str) {
        let record = Record::sealed(url).await;
        let report = record.check_exported().await;
        assert!(report.findings.is_empty(), "{report:?}");
        assert_eq!(report.sealed as i64, rows(&record.world.house.db, "audit").await);
        assert_eq!((report.covered, report.waiting, report.late.1), (report.sealed, 0, 0));
        assert_eq!(report.stored, record.exported.len() as u64);
        assert!(rows(&record.world.house.db, "audit_nodes").await >= 2, "the tree is kept");
    }

    async fn the_seals_can_only_grow_too(url: &str) {
        let record = Record::sealed(url).await;
        for table in ["audit", "audit_leaves", "audit_nodes", "audit_checkpoints"] {
            for sql in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET {}", match table {
                "audit" => "body = ''",
                "audit_checkpoints" => "root = ''",
                _ => "hash = ''",
            })] {
                let error = try_execute(&record.world.house.db, sql.clone()).await.unwrap_err().to_string();
                assert!(error.contains("append-only"), "{sql}: {error}");
            }
        }
        assert!(record.check_exported().await.findings.is_empty());
    }

    async fn an_edited_event_is_named(url: &str) {
        let record = Record::sealed(url).await;
        for (leaf, change) in [(3, "actor = 'nobody'"), (4, "at = at + 1"), (300, "body = body || ' '"), (301, "case_id = ''")] {
            let id = record.id(leaf).await;
            record.tamper(format!("UPDATE audit SET {change} WHERE id = '{id}'")).await;
            let report = record.check().await;
            assert!(finds(&report, |f| *f == Finding::Edited { leaf, event: id.clone() }), "{change}: {report:?}");
        }
        assert_eq!(record.check().await.findings.shown.len(), 4, "and nothing else is blamed");
    }

    async fn a_deleted_event_is_named_with_or_without_its_seal(url: &str) {
        let record = Record::sealed(url).await;
        let id = record.id(42).await;
        record.tamper(format!("DELETE FROM audit WHERE id = '{id}'")).await;
        assert_eq!(record.check().await.findings.shown, [Finding::Deleted { leaf: 42, event: id }]);
        record.tamper("DELETE FROM audit_leaves WHERE leaf = 42").await;
        let report = record.check().await;
        assert!(finds(&report, |f| *f == Finding::Gap { from: 42, to: 42 }), "{report:?}");
        assert!(finds(&report, |f| matches!(f, Finding::Rewritten { kept: Kept::Stored, .. })), "{report:?}");
    }

    async fn two_events_with_each_others_body_are_named(url: &str) {
        let record = Record::sealed(url).await;
        let (a, b) = (record.id(10).await, record.id(500).await);
        let mut conn = record.world.house.db.read().await.unwrap();
        let (_, one) = seals::leaf_of(&mut conn, &a).await.unwrap().unwrap();
        let (_, other) = seals::leaf_of(&mut conn, &b).await.unwrap().unwrap();
        drop(conn);
        record.tamper(format!("UPDATE audit SET body = '{}' WHERE id = '{a}'", other.body)).await;
        record.tamper(format!("UPDATE audit SET body = '{}' WHERE id = '{b}'", one.body)).await;
        let report = record.check().await;
        assert_eq!(report.findings.shown, [Finding::Swapped { leaves: (10, 500), events: (a, b) }]);
    }

    async fn two_events_with_each_others_number_are_told(url: &str) {
        let record = Record::sealed(url).await;
        for (from, to) in [(310, -1), (311, 310), (-1, 311)] {
            if record.world.house.db.is_embedded() {
                record.tamper("PRAGMA ignore_check_constraints = on").await;
            } else {
                record.tamper("ALTER TABLE audit_leaves DROP CONSTRAINT IF EXISTS audit_leaves_leaf_check").await;
            }
            record.tamper(format!("UPDATE audit_leaves SET leaf = {to} WHERE leaf = {from}")).await;
        }
        let report = record.check().await;
        assert!(finds(&report, |f| *f == Finding::Node { from: 256, to: 511 }), "{report:?}");
        assert!(finds(&report, |f| matches!(f, Finding::Rewritten { kept: Kept::Stored, holds: 300, size: 400, .. })), "{report:?}");
    }

    async fn an_event_put_in_later_is_named(url: &str) {
        let mut record = Record::sealed(url).await;
        let forged = event(&record.world.house, 1800, 7_777_777);
        add(&record.world.house, &forged).await;
        let report = record.check().await;
        let inserted = Finding::Inserted { event: forged.id.to_string(), action: "case.noted".into() };
        assert_eq!(report.findings.shown, [inserted], "before the sealer finds it");
        assert_eq!(report.waiting, 0);
        record.seal().await;
        let report = record.check_exported().await;
        assert!(report.findings.is_empty(), "well formed and sealed: {report:?}");
        assert_eq!(report.late, (vec![forged.id.to_string()], 1), "but seen to have come late");
    }

    async fn a_new_event_that_waits_for_its_seal_is_no_finding(url: &str) {
        let record = Record::sealed(url).await;
        add(&record.world.house, &event(&record.world.house, 1, 1)).await;
        let report = record.check().await;
        assert!(report.findings.is_empty() && report.waiting == 1, "{report:?}");
    }

    async fn a_record_chained_again_without_the_key_is_forged(url: &str) {
        let record = Record::sealed(url).await;
        let id = record.id(250).await;
        record.tamper(format!("UPDATE audit SET actor = 'nobody' WHERE id = '{id}'")).await;
        chain_again(&record, &key(2)).await;
        let report = record.check().await;
        assert!(report.findings.shown.iter().all(|f| matches!(f, Finding::Unsigned { kept: Kept::Stored, .. })), "{report:?}");
        assert_eq!(report.findings.shown.len() as u64, report.stored);
    }

    async fn a_record_chained_again_with_the_key_is_told_by_exported_checkpoints_alone(url: &str) {
        let record = Record::sealed(url).await;
        let id = record.id(250).await;
        record.tamper(format!("UPDATE audit SET actor = 'nobody' WHERE id = '{id}'")).await;
        chain_again(&record, &record.key).await;
        let report = record.check().await;
        assert!(report.findings.is_empty(), "the database alone can't tell: {report:?}");
        let report = record.check_exported().await;
        assert!(
            matches!(&report.findings.shown[..], [Finding::Rewritten { kept: Kept::Exported, holds: 200, size: 300, .. }]),
            "{report:?}"
        );
        let told = seal::still_holds(&record.world.house, record.exported.last().unwrap()).await;
        assert!(told.unwrap_err().to_string().contains("are not those"), "and the sealer signs nothing more");
    }

    async fn a_cut_record_is_told_by_a_checkpoint_that_covers_more(url: &str) {
        let record = Record::sealed(url).await;
        let whole = record.exported.last().unwrap().checkpoint.size;
        record.tamper(format!("DELETE FROM audit WHERE id = '{}'", record.id(whole - 1).await)).await;
        record.tamper(format!("DELETE FROM audit_leaves WHERE leaf = {}", whole - 1)).await;
        let report = record.check().await;
        assert_eq!(report.findings.shown, [Finding::Cut { kept: Kept::Stored, size: whole, has: whole - 1 }]);
        cut_clean(&record, 400).await;
        let report = record.check().await;
        assert!(report.findings.is_empty(), "the database alone can't tell: {report:?}");
        let report = record.check_exported().await;
        assert_eq!(report.findings.shown, [Finding::Cut { kept: Kept::Exported, size: whole, has: 400 }]);
        let told = seal::still_holds(&record.world.house, record.exported.last().unwrap()).await;
        assert!(told.unwrap_err().to_string().contains("400 sealed events"), "and the sealer signs nothing more");
        cut_clean(&record, 0).await;
        assert!(finds(&record.check_exported().await, |f| matches!(f, Finding::Cut { kept: Kept::Exported, has: 0, .. })));
    }

    async fn a_checkpoint_that_was_exported_and_deleted_is_missed(url: &str) {
        let record = Record::sealed(url).await;
        record.tamper("DELETE FROM audit_checkpoints WHERE size = 300").await;
        assert!(record.check().await.findings.is_empty(), "the others say as much");
        assert_eq!(record.check_exported().await.findings.shown, [Finding::Dropped { size: 300 }]);
    }

    async fn seals_that_are_no_hashes_and_missing_nodes_are_findings_and_no_failure(url: &str) {
        let record = Record::sealed(url).await;
        record.tamper("UPDATE audit_leaves SET hash = 'junk' WHERE leaf = 20").await;
        record.tamper("DELETE FROM audit_nodes WHERE level = 1 AND node = 1").await;
        execute(&record.world.house.db, "UPDATE audit_checkpoints SET note = 'junk' WHERE size = 500").await;
        let report = record.check().await;
        for is_it in [
            (|f| matches!(f, Finding::Edited { leaf: 20, .. })) as fn(&Finding) -> bool,
            |f| *f == Finding::Node { from: 256, to: 511 },
            |f| matches!(f, Finding::Unsigned { kept: Kept::Stored, size: 500, .. }),
        ] {
            assert!(finds(&report, is_it), "{report:?}");
        }
    }
}
