//! Whatever comes in: each bad row is named with all that is wrong with it, the good ones are in, nothing else changed.

use std::fs;

use jointforce_tests::servers::sqlite_database;
use serde_json::{Value, json};

use super::{Desk, brands, jsonl, listing, notice, rights, sellers, with};
use crate::store::on_both;

/// Imports these lines of bytes and gives the faults of each refused one.
async fn refused(desk: &Desk, what: &str, lines: &[Vec<u8>]) -> Vec<(u64, Vec<String>)> {
    let file = desk.write("in.jsonl", lines.join(&b'\n'));
    let said = desk.run(&["import", what, file.to_str().unwrap()], "").await;
    assert_eq!(said.code, 65, "{said:?}");
    desk.refused("in.jsonl.refused.jsonl")
}

fn line(record: &Value) -> Vec<u8> {
    record.to_string().into_bytes()
}

on_both! {
    async fn lines_that_are_no_records_are_refused_and_the_others_are_in(url: &str) {
        let desk = Desk::new(url);
        let good = brands();
        let huge = with(good[1].clone(), "name", "x".repeat(10_000_000).into());
        let lines = [
            line(&good[0]),
            b"{\"id\":\"x\",".to_vec(),
            b"".to_vec(),
            b"not json".to_vec(),
            b"[1,2]".to_vec(),
            b"{\"id\":\"\xff\xfe\"}".to_vec(),
            line(&huge),
            line(&with(good[1].clone(), "name", "x".repeat(201).into())),
            line(&with(good[1].clone(), "name", "nul\0here".into())),
        ];
        let refused = refused(&desk, "brands", &lines).await;
        let words: Vec<String> = refused.iter().map(|(line, faults)| format!("{line} {}", faults.join("; "))).collect();
        assert_eq!(words, [
            "2 line: it is no JSON: EOF while parsing a value at column 10",
            "4 line: it is no JSON: expected ident at column 2",
            "5 line: it is JSON, but no object",
            "6 line: it is not UTF-8 at byte 8",
            "7 line: it is longer than 1048576 bytes",
            "8 name: it is longer than 200 characters",
        ]);
        assert!(fs::metadata(desk.path("in.jsonl.refused.jsonl")).unwrap().len() < 100_000, "cut at 64 KB");
        assert_eq!(desk.count("SELECT count(*) FROM brands").await, 2);
        assert_eq!(desk.count("SELECT count(*) FROM brands WHERE name = 'nul\u{2400}here'").await, 1);
    }

    async fn notices_that_nobody_could_act_on_are_refused(url: &str) {
        let desk = Desk::with_catalogue(url, 302).await;
        let many = |count: usize| (0..count).map(|n| format!("l{n}")).collect::<Vec<_>>();
        let lines = [
            json!({"reference": "N-0", "brnad": "acme"}),
            with(with(notice(1), "right", "old".into()), "listings", json!(["l1", "nowhere"])),
            with(notice(2), "listings", json!(many(301))),
            with(with(notice(3), "brand", "solo".into()), "right", "work".into()),
            with(with(notice(4), "good_faith", "no".into()), "signature", Value::Null),
            with(with(notice(5), "explanation", json!({"a": 1})), "listings", json!([[1]])),
            notice(6),
        ];
        let refused = refused(&desk, "notices", &lines.iter().map(line).collect::<Vec<_>>()).await;
        let starts: Vec<(u64, Vec<&str>)> = refused
            .iter()
            .map(|(line, faults)| (*line, faults.iter().map(|fault| fault.split(':').next().unwrap()).collect()))
            .collect();
        assert_eq!(starts, [
            (1, vec!["brnad"]),
            (2, vec!["right", "listings[1]"]),
            (3, vec!["listings"]),
            (4, vec!["right"]),
            (5, vec!["good_faith", "signature"]),
            (6, vec!["explanation", "listings"]),
        ]);
        assert!(refused[1].1[0].contains("it expired on 2020-01-31"), "{refused:?}");
        assert!(refused[2].1[0].contains("301 listings are named; at most 300"), "{refused:?}");
        desk.assert_filed_once(1).await;
    }

    async fn what_was_refused_can_be_corrected_and_imported_again(url: &str) {
        let desk = Desk::with_catalogue(url, 3).await;
        let lines = [notice(0), with(notice(1), "right", "tm-l".into()), notice(2)];
        assert_eq!(refused(&desk, "notices", &lines.iter().map(line).collect::<Vec<_>>()).await.len(), 1);
        let text = fs::read_to_string(desk.path("in.jsonl.refused.jsonl")).unwrap();
        let input = serde_json::from_str::<Value>(&text).unwrap()["input"].as_str().unwrap().to_owned();
        let said = desk.run(&["import", "notices", "-"], &input.replace("tm-l", "tm-1")).await;
        assert_eq!(said.code, 0, "{said:?}");
        desk.assert_filed_once(3).await;
    }

    async fn records_of_nobody_are_refused(url: &str) {
        let desk = Desk::with_catalogue(url, 1).await;
        let said = desk.run(&["import", "rights"], &jsonl(&[
            with(rights()[0].clone(), "brand", "nobody".into()),
            with(rights()[0].clone(), "brand", "solo".into()),
        ])).await;
        assert_eq!(said.code, 65, "{said:?}");
        // Both have the id of a right that is there; the later row of a batch replaces the earlier.
        assert_eq!(desk.refused("refused.jsonl"), [(2, vec!["id: right tm-1 belongs to brand acme".to_owned()])]);
        let said = desk.run(&["import", "listings"], &jsonl(&[with(listing(5), "seller", "nobody".into()), listing(6)])).await;
        assert_eq!(said.code, 65, "{said:?}");
        assert_eq!(desk.refused("refused.jsonl"), [(1, vec!["seller: nobody is not known".to_owned()])]);
        assert_eq!(desk.count("SELECT count(*) FROM listings").await, 2);
    }
}

#[tokio::test]
async fn every_field_says_what_is_wrong_with_it() {
    let database = sqlite_database();
    let desk = Desk::new(&database.url);
    let (brand, right, seller) = (brands()[0].clone(), rights()[0].clone(), sellers()[0].clone());
    for (what, record, field, value, problem) in [
        ("brands", &brand, "id", json!("a b"), "\"a b\" is not a brand id"),
        ("brands", &brand, "id", Value::Null, "it is missing"),
        ("brands", &brand, "name", json!(["x"]), "a list stands where a text belongs"),
        ("brands", &brand, "tier", json!("golden"), "\"golden\" is none of unverified"),
        ("brands", &brand, "email", json!("ip@acme"), "is no e-mail address"),
        ("brands", &brand, "webhook_url", json!("ftp://acme.example"), "is no address of the web"),
        ("brands", &brand, "webhook_secret", json!("whsec_c2hvcnQ="), "it is no signing secret"),
        ("brands", &brand, "webhook_secret", json!(""), "it is missing"),
        ("brands", &brand, "emial", json!("x"), "there is no such field"),
        ("rights", &right, "kind", json!("logo"), "\"logo\" is none of trademark"),
        ("rights", &right, "jurisdiction", json!("eu"), "is no code of 2 capital letters"),
        ("rights", &right, "classes[1]", json!([1, 46]), "\"46\" is no whole number from 1 to 45"),
        ("rights", &right, "classes[0]", json!([0, 45]), "\"0\" is no whole number from 1 to 45"),
        ("rights", &right, "valid_from", json!("31.01.2020"), "is no date"),
        ("rights", &right, "valid_until", json!("2020-01-31"), "it is not after valid_from"),
        ("sellers", &seller, "country", json!("China"), "is no code of 2 capital letters"),
        ("listings", &listing(0), "price", json!("19,99"), "\"19,99\" is no price in EUR"),
        ("listings", &listing(0), "price", json!(-1), "\"-1\" is no price in EUR"),
        ("listings", &listing(0), "currency", json!("€"), "is no code of 3 capital letters"),
        ("listings", &listing(0), "title", json!("x".repeat(501)), "it is longer than 500 characters"),
        ("listings", &listing(0), "nice_class", json!(46), "\"46\" is no whole number from 1 to 45"),
        ("listings", &listing(0), "sold", json!(-1), "\"-1\" is no whole number"),
        ("listings", &listing(0), "state", json!("removed"), "a listing is removed by a decision alone"),
        ("listings", &listing(0), "images[0]", json!("javascript:alert(1)"), "is no address of the web"),
        ("listings", &listing(0), "url", json!("/i/1"), "is no address of the web"),
    ] {
        let record = with(record.clone(), field.split('[').next().unwrap(), value);
        let refused = refused(&desk, what, &[line(&record)]).await;
        let [(1, faults)] = &refused[..] else { panic!("{field}: {refused:?}") };
        assert!(faults.len() == 1 && faults[0].starts_with(&format!("{field}: ")), "{field}: {faults:?}");
        assert!(faults[0].contains(problem), "{faults:?} lacks {problem:?}");
    }
    let all = refused(&desk, "listings", &[b"{}".to_vec()]).await;
    assert_eq!(all[0].1.len(), 8, "all that is missing is said at once: {all:?}");
}

#[tokio::test]
async fn input_that_can_not_be_read_is_said_before_anything_changes() {
    let database = sqlite_database();
    let desk = Desk::new(&database.url);
    desk.write("list.json", "[\n{}\n]");
    desk.write("utf16.csv", b"\xff\xfei\0d\0");
    desk.write("zipped.jsonl", b"\x1f\x8b\x08");
    desk.write("odd.csv", "id,name,colour\na,b,c\n");
    desk.write("twice.csv", "id,name,id\na,b,c\n");
    for (arguments, code, words) in [
        (&["import", "brands", "missing.jsonl"][..], 74, "missing.jsonl can't be read"),
        (&["import", "brands", "."], 74, "is a folder"),
        (&["import", "brands", "list.json"], 65, "jq -c '.[]'"),
        (&["import", "brands", "utf16.csv"], 65, "UTF-16"),
        (&["import", "brands", "zipped.jsonl"], 65, "zcat"),
        (&["import", "brands", "odd.csv"], 65, "there is no field \"colour\""),
        (&["import", "brands", "twice.csv"], 65, "the field id is named twice"),
        (&["import", "brands", "odd.csv", "--refused", "odd.csv"], 64, "Name another one"),
        (&["import", "brands", "odd.csv", "--format", "google"], 64, "holds notices"),
        (&["import", "moods"], 64, "moods"),
        (&["import", "brands", "--batch", "0"], 64, "--batch"),
    ] {
        if arguments.contains(&"google") {
            desk.write("odd.csv", "# x\nhttps://a.example\nhttps://b.example\n");
        }
        let said = desk.run(arguments, "").await;
        assert_eq!(said.code, code, "{arguments:?}: {said:?}");
        assert!(said.error.contains(words), "{arguments:?}: {said:?}");
    }
    assert_eq!(desk.run(&["import", "brands"], "").await.code, 0, "nothing is not wrong");
    assert!(fs::metadata(desk.path("odd.csv")).is_ok());
}
