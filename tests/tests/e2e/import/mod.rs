//! What the marketplace and the brands send as files, through the built program, on both databases.

mod batches;
mod formats;
mod refusals;
mod stopped;

use std::{fs, io::Write as _, path::PathBuf, process::Command};

use jointforce_tests::programs::{self, Said};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// A folder of files to import into one database.
pub struct Desk {
    folder: TempDir,
    url: String,
}

impl Desk {
    pub fn new(url: &str) -> Self {
        Self { folder: TempDir::with_prefix("jf-import-").unwrap(), url: url.to_owned() }
    }

    /// With two brands, their rights, two sellers and `listings` listings `l0`, `l1`, … at `https://m.example/i/0`, ….
    pub async fn with_catalogue(url: &str, listings: usize) -> Self {
        let desk = Self::new(url);
        for (what, lines) in [("brands", brands()), ("rights", rights()), ("sellers", sellers())] {
            desk.must(&["import", what], lines).await;
        }
        desk.must(&["import", "listings"], (0..listings).map(listing).collect()).await;
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::File::create(&path).unwrap().write_all(content.as_ref()).unwrap();
        path
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = programs::worker();
        command.args(arguments).env("DATABASE_URL", &self.url).current_dir(self.folder.path());
        command
    }

    /// Runs the worker with these lines as its standard input.
    pub async fn run(&self, arguments: &[&str], input: &str) -> Said {
        programs::run(self.command(arguments), input).await
    }

    pub async fn must(&self, arguments: &[&str], lines: Vec<Value>) {
        let said = self.run(arguments, &jsonl(&lines)).await;
        assert_eq!(said.code, 0, "{arguments:?}: {said:?}");
    }

    /// What was refused, by line: `field: problem` of each fault.
    pub fn refused(&self, name: &str) -> Vec<(u64, Vec<String>)> {
        let text = fs::read_to_string(self.path(name)).unwrap();
        text.lines()
            .map(|line| {
                let row: Value = serde_json::from_str(line).unwrap();
                let faults = row["faults"].as_array().unwrap().iter();
                let said = |fault: &Value, part: &str| fault[part].as_str().unwrap().to_owned();
                let words = |fault: &Value| format!("{}: {}", said(fault, "field"), said(fault, "problem"));
                assert!(row["faults"].as_array().unwrap().iter().all(|fault| fault["fix"].as_str().unwrap().len() > 4));
                (row["line"].as_u64().unwrap(), faults.map(words).collect())
            })
            .collect()
    }

    /// The one number that a statement gives.
    pub async fn count(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.url.starts_with("sqlite") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
    }

    /// Everything that filing these notices must have led to, once each.
    pub async fn assert_filed_once(&self, notices: i64) {
        for sql in [
            "SELECT count(*) FROM notices",
            "SELECT count(*) FROM claims",
            "SELECT count(*) FROM cases",
            "SELECT count(*) FROM cases WHERE claims = 1",
            "SELECT count(*) FROM ledger WHERE kind = 'mail_brand'",
            "SELECT count(*) FROM audit WHERE action = 'notice.filed'",
        ] {
            assert_eq!(self.count(sql).await, notices, "{sql}");
        }
        assert_eq!(self.count("SELECT CAST(sum(reports) AS BIGINT) FROM sellers").await, notices);
    }
}

pub fn jsonl(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

pub fn brands() -> Vec<Value> {
    vec![
        json!({"id": "acme", "name": "Acme, \"the\" brand", "tier": "good_faith", "email": "ip@acme.example",
               "webhook_url": "https://acme.example/hook", "webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
        json!({"id": "solo", "name": "Солo\nзвук", "email": "ip@solo.example"}),
    ]
}

pub fn rights() -> Vec<Value> {
    vec![
        json!({"id": "tm-1", "brand": "acme", "kind": "trademark", "number": "007", "title": "ACME", "jurisdiction": "EU",
               "classes": [25, 18], "valid_from": "2020-01-31", "valid_until": "2999-12-31"}),
        json!({"id": "old", "brand": "acme", "kind": "trademark", "number": "006", "title": "ACME", "jurisdiction": "EU",
               "valid_from": "2010-01-31", "valid_until": "2020-01-31"}),
        json!({"id": "work", "brand": "solo", "kind": "copyright", "number": "w1", "title": "Song", "jurisdiction": "WORLD",
               "classes": [], "valid_from": "2020-01-31"}),
    ]
}

pub fn sellers() -> Vec<Value> {
    vec![
        json!({"id": "s1", "name": "Shop", "email": "s1@m.example", "country": "CN", "payout_account": "p-1"}),
        json!({"id": "s2", "name": "店", "email": "s2@m.example", "country": "DE"}),
    ]
}

pub fn listing(n: usize) -> Value {
    json!({"id": format!("l{n}"), "seller": format!("s{}", n % 2 + 1), "title": format!("Bag, No {n}"), "price": "19.99",
           "description": "two\nlines", "currency": "EUR", "category": "Bags > Totes", "nice_class": 18, "territory": "DE",
           "url": format!("https://m.example/i/{n}"), "images": ["https://m.example/1.jpg", "https://m.example/2.jpg"], "sold": n})
}

pub fn notice(n: usize) -> Value {
    json!({"reference": format!("N-{n}"), "brand": "acme", "reason": "counterfeit", "right": "tm-1",
           "listings": [format!("l{n}")], "notifier_name": "Ann Lee", "notifier_email": "ann@acme.example",
           "notifier_role": "principal", "explanation": "Not made by us, \"really\":\nthe seam is glued.",
           "good_faith": true, "accuracy": true, "signature": "Ann Lee", "evidence": ["https://acme.example/1"]})
}

pub fn with(mut record: Value, field: &str, value: Value) -> Value {
    record[field] = value;
    record
}
