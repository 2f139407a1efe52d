//! The audit record means something: every event is sealed once, checkpoints are signed and exported, and whatever
//! somebody with all rights on the database does to it afterwards is told.

mod cli;
mod sealing;
mod tampering;

use std::time::Duration;

use jointforce_shared::{
    commands::{
        House,
        seal::{
            self, Sealer,
            finding::Finding,
            verify::{Against, Report, verify},
        },
    },
    domain::{
        audit::Event,
        checkpoint::{Note, SecretKey},
        ids::AuditId,
    },
    store::{
        Db, audit,
        seals::{self, LAST_ID},
    },
};
use jointforce_tests::{
    sql::{execute, number},
    world::World,
};
use serde_json::json;

/// A house whose record is sealed, with what an auditor holds.
pub struct Record {
    pub world: World,
    pub key: SecretKey,
    pub exported: Vec<Note>,
}

impl Record {
    /// 700 events over an hour that has passed, sealed in seven batches with a checkpoint after each.
    pub async fn sealed(url: &str) -> Self {
        let mut world = World::new(url).await;
        world.house.policy.audit.seal_batch = 100;
        let mut record = Self { world, key: key(1), exported: vec![] };
        let events: Vec<Event> = (0..700).map(|n| event(&record.world.house, 3600 - n * 5, n)).collect();
        let mut tx = record.world.house.db.write().await.unwrap();
        audit::add(&mut tx, &events).await.unwrap();
        tx.commit().await.unwrap();
        record.seal().await;
        assert!(record.exported.len() >= 7);
        record
    }

    /// Seals everything there is.
    pub async fn seal(&mut self) {
        let sealer = sealer("one");
        while seal::number(&self.world.house, &sealer, "", LAST_ID).await.unwrap().expect("the lead").count > 0 {
            self.exported.extend(seal::checkpoint(&self.world.house, &sealer, &self.key).await.unwrap());
        }
    }

    /// A check by somebody who holds nothing but the public key.
    pub async fn check(&self) -> Report {
        check(&self.world.house, &self.key, vec![]).await
    }

    /// A check by somebody who holds the exported checkpoints too.
    pub async fn check_exported(&self) -> Report {
        check(&self.world.house, &self.key, self.exported.clone()).await
    }

    /// What somebody who owns the database does to it.
    pub async fn tamper(&self, sql: impl Into<String>) {
        disarm(&self.world.house.db).await;
        execute(&self.world.house.db, sql).await;
    }

    /// The id of the event with this number.
    pub async fn id(&self, leaf: u64) -> String {
        let mut conn = self.world.house.db.read().await.unwrap();
        seals::check::leaves(&mut conn, leaf, leaf + 1).await.unwrap().pop().expect("a leaf").event
    }
}

pub async fn check(house: &House, key: &SecretKey, exported: Vec<Note>) -> Report {
    let against = Against { keys: vec![key.public()], exported };
    verify(house, &against, |_, _| {}).await.unwrap()
}

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed("log.example/audit", [seed; 32]).unwrap()
}

pub fn sealer(name: &str) -> Sealer {
    Sealer { name: name.to_owned(), lease: Duration::from_secs(60) }
}

/// An event of so many seconds ago.
pub fn event(house: &House, seconds_ago: u64, n: u64) -> Event {
    let at = house.clock.now() - Duration::from_secs(seconds_ago);
    Event {
        id: AuditId::from_ulid(ulid::Ulid::from_parts(at.unix_ms(), u128::from(n))),
        at,
        actor: "ann".into(),
        auth: "os".into(),
        action: "case.noted".into(),
        subject: format!("case:{n}"),
        case: None,
        body: json!({ "note": format!("note {n}") }),
    }
}

/// Writes an event, as a command's transaction does.
pub async fn add(house: &House, event: &Event) {
    let mut tx = house.db.write().await.unwrap();
    audit::add(&mut tx, std::slice::from_ref(event)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Takes the triggers away, as the owner can.
pub async fn disarm(db: &Db) {
    for table in ["audit", "audit_leaves", "audit_nodes", "audit_checkpoints"] {
        if db.is_embedded() {
            execute(db, format!("DROP TRIGGER IF EXISTS {table}_never_updated")).await;
            execute(db, format!("DROP TRIGGER IF EXISTS {table}_never_deleted")).await;
        } else {
            execute(db, format!("DROP TRIGGER IF EXISTS audit_append_only ON {table}")).await;
        }
    }
}

/// How many rows a table has.
pub async fn rows(db: &Db, table: &str) -> i64 {
    number(db, format!("SELECT count(*) FROM {table}")).await
}

/// Whether something was found that this says yes to.
pub fn finds(report: &Report, is_it: impl Fn(&Finding) -> bool) -> bool {
    report.findings.shown.iter().any(is_it)
}
