//! One meaning, whatever the format.

use jointforce_tests::servers::sqlite_database;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use super::{Desk, brands, jsonl, listing, notice, rights, sellers, with};
use crate::store::on_both;

/// The records as CSV, by hand: every cell in quotes, lists with `|` between the entries.
fn csv(records: &[Value]) -> String {
    let mut names: Vec<&String> = records.iter().flat_map(|record| record.as_object().unwrap().keys()).collect();
    names.sort();
    names.dedup();
    let cell = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => format!("\"{}\"", text.replace('"', "\"\"")),
        Some(Value::Array(list)) => {
            let entries = list.iter().map(|entry| entry.as_str().map_or_else(|| entry.to_string(), str::to_owned));
            entries.collect::<Vec<_>>().join("|")
        }
        Some(other) => other.to_string(),
    };
    let row = |cells: Vec<String>| cells.join(",") + "\r\n";
    let header = row(names.iter().map(|name| (*name).clone()).collect());
    header + &records.iter().map(|r| row(names.iter().map(|name| cell(r.get(*name))).collect())).collect::<String>()
}

/// Every row of a table but what is made here: ids of ours and moments.
async fn rows(url: &str, columns: &str, table: &str) -> Vec<String> {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    let sql = format!("SELECT concat_ws('·', {columns}) FROM {table} ORDER BY 1");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn csv_and_json_lines_give_the_same_rows() {
    let (one, other) = (sqlite_database(), sqlite_database());
    let (json, table) = (Desk::new(&one.url), Desk::new(&other.url));
    let listings: Vec<Value> = (0..5).map(listing).collect();
    let notices: Vec<Value> = (0..5).map(notice).collect();
    for (what, records) in [
        ("brands", brands()),
        ("rights", rights()),
        ("sellers", sellers()),
        ("listings", listings),
        ("notices", notices),
    ] {
        let name = json.write("records.jsonl", jsonl(&records));
        let said = json.run(&["import", what, name.to_str().unwrap()], "").await;
        assert_eq!(said.code, 0, "{what} as JSON Lines: {said:?}");
        let name = table.write("records.csv", csv(&records));
        let said = table.run(&["import", what, name.to_str().unwrap()], "").await;
        assert_eq!(said.code, 0, "{what} as CSV: {said:?}");
    }
    for (table, columns) in [
        ("brands", "id, name, tier, email, webhook_url, webhook_secret"),
        ("rights", "id, brand_id, kind, number, title, jurisdiction, classes, valid_from, valid_until"),
        ("sellers", "id, name, email, country, payout_account, reports"),
        ("listings", "id, seller_id, state, territory, nice_class, url, sold, version"),
        ("snapshots", "listing_id, version, digest, title, description, price_minor, currency, category, images"),
        ("notices", "brand_id, reference, digest, reason, right_id, notifier_name, explanation, signature, evidence"),
        ("cases", "brand_id, listing_id, seller_id, state, severity, claims"),
    ] {
        let (json, csv) = (rows(&one.url, columns, table).await, rows(&other.url, columns, table).await);
        assert!(!json.is_empty(), "{table}");
        assert_eq!(json, csv, "{table}");
    }
    assert!(rows(&one.url, "name", "brands").await.contains(&"Солo\nзвук".to_owned()));
    assert!(rows(&one.url, "classes, price_minor", "rights, snapshots").await.contains(&"18,25·1999".to_owned()));
}

on_both! {
    async fn what_the_help_shows_can_be_imported(url: &str) {
        let desk = Desk::new(url);
        let kinds = [
            "brands", "rights", "sellers", "listings", "authorised", "notices", "counter-notices", "appeals", "withdrawals", "suits",
        ];
        for (n, kind) in kinds.into_iter().enumerate() {
            let help = desk.run(&["import", kind, "--help"], "").await.output;
            let examples: Vec<&str> = help.lines().filter(|line| line.starts_with('{')).collect();
            assert_eq!(examples.len(), 1, "{kind}'s help shows its own example and no other:\n{help}");
            let said = desk.run(&["import", kind, "-"], examples[0]).await;
            if n < 6 || kind == "withdrawals" {
                assert_eq!(said.code, 0, "{kind}: {said:?}");
                continue;
            }
            // Here there is no such case to contest; the line itself is right.
            let refused = std::fs::read_to_string(desk.path("refused.jsonl")).unwrap();
            let row: Value = serde_json::from_str(refused.lines().next().unwrap()).unwrap();
            let faults: Vec<&str> = row["faults"].as_array().unwrap().iter().map(|fault| fault["problem"].as_str().unwrap()).collect();
            let form = ["JSON", "there is no such field", "missing", "stands where"];
            assert!(!faults.is_empty() && !faults.iter().any(|fault| form.iter().any(|word| fault.contains(word))), "{kind}: {faults:?}");
        }
    }

    async fn what_is_there_already_is_left_and_what_differs_is_changed(url: &str) {
        let desk = Desk::with_catalogue(url, 3).await;
        let listings = jsonl(&[listing(0), with(listing(1), "title", "Another".into()), listing(7)]);
        let said = desk.run(&["import", "listings", "--json"], &listings).await;
        let summary: Value = serde_json::from_str(&said.output).unwrap();
        let count = |what: &str| summary[what].as_u64().unwrap();
        assert_eq!(["read", "new", "same", "changed", "refused"].map(count), [3, 1, 1, 1, 0], "{said:?}");
        // The later of two rows wins, as it would have in another batch.
        let twice = jsonl(&[with(listing(0), "sold", 77.into()), with(listing(0), "sold", 88.into())]);
        assert_eq!(desk.run(&["import", "listings"], &twice).await.code, 0);
        assert_eq!(desk.count("SELECT sold FROM listings WHERE id = 'l0'").await, 88);
    }

    async fn googles_bulk_text_becomes_a_notice_for_each_work(url: &str) {
        let desk = Desk::with_catalogue(url, 4).await;
        let text = "# Our song\nhttps://solo.example/song\nhttps://m.example/i/0\nhttps://m.example/i/1\n\n\
                    # Another\nhttps://solo.example/other\nhttps://m.example/i/2\nhttps://m.example/i/99\n";
        let file = desk.write("works.txt", text);
        let sender = [
            "import", "notices", file.to_str().unwrap(), "--brand", "solo", "--right", "work", "--notifier-name", "Sol",
            "--notifier-email", "sol@solo.example", "--signature", "Sol", "--good-faith", "--accuracy",
        ];
        let said = desk.run(&sender, "").await;
        assert_eq!(said.code, 65, "{said:?}");
        assert_eq!(desk.count("SELECT count(*) FROM cases").await, 2);
        let refused = desk.refused("works.txt.refused.jsonl");
        assert_eq!(refused, [(6, vec!["listings[1]: no listing \"https://m.example/i/99\" is known".to_owned()])]);
        // Once more: the first is the same notice, the second is still refused.
        assert_eq!(desk.run(&sender, "").await.code, 65);
        assert_eq!(desk.count("SELECT count(*) FROM notices").await, 1);
    }
}
