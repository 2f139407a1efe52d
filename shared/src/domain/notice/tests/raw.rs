//! Notices as they come: JSON by people, rows of tables, and anything at all.

use proptest::prelude::*;

use super::*;

#[test]
fn json_may_be_sloppy_but_not_misspelt() {
    let raw: RawNotice = serde_json::from_value(json!({
        "reference": 7, "reason": 1.1, "right": null, "listings": "1|2 3\n4", "good_faith": "Yes", "accuracy": 1,
        "evidence": null,
    }))
    .unwrap();
    assert_eq!((raw.reference.as_str(), raw.reason.as_str(), raw.right.as_str()), ("7", "1.1", ""));
    assert_eq!(raw.listings, ["1", "2", "3", "4"]);
    assert!(raw.good_faith && raw.accuracy && raw.evidence.is_empty());
    let error = serde_json::from_str::<RawNotice>(r#"{"lisitngs": []}"#).unwrap_err().to_string();
    assert!(error.contains("unknown field `lisitngs`"), "{error}");
}

#[test]
fn a_row_of_a_table_makes_the_same_notice() {
    let expect = with(json!({"right": "007", "listings": ["001", "1e5"]}));
    let mut raw = RawNotice::default();
    let json = serde_json::to_value(&expect).unwrap();
    for field in RawNotice::FIELDS {
        let cell = match &json[field] {
            Value::String(text) => text.clone(),
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|"),
            other => other.to_string(),
        };
        raw.set(field, &cell).unwrap();
    }
    assert_eq!(raw, expect);
    assert_eq!(json.as_object().unwrap().len(), RawNotice::FIELDS.len());
    assert_eq!(raw.set("titel", "").unwrap_err().problem, "a notice has no such field");
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "",
            "acme",
            "tm",
            "pat",
            "1",
            "2",
            "5",
            "1.1",
            "patent",
            "agent",
            "a@b.example",
            "https://a.b/c",
            "\0",
            "2023-11-01T00:00:00Z",
            "99999-01-01",
            "https://m.example/i/1",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn no_notice_breaks_the_parser(
        texts in proptest::collection::vec(word(), 9),
        listings in proptest::collection::vec(word(), 0..5),
        evidence in proptest::collection::vec(word(), 0..3),
        good_faith in any::<bool>(),
        received_at in word(),
        limit in 0_usize..6,
    ) {
        let raw = RawNotice {
            reference: texts[0].clone(),
            brand: texts[1].clone(),
            reason: texts[2].clone(),
            right: texts[3].clone(),
            listings,
            notifier_name: texts[4].clone(),
            notifier_email: texts[5].clone(),
            notifier_role: texts[6].clone(),
            explanation: texts[7].clone(),
            good_faith,
            accuracy: true,
            attest: good_faith,
            signature: texts[8].clone(),
            evidence,
            received_at,
            resubmits: texts[0].clone(),
        };
        match World::new().parse(&raw, limit) {
            Ok(notice) => {
                prop_assert!((1..=limit).contains(&notice.listings.len()));
                prop_assert_eq!((reference(&raw), digest(&raw)), (notice.reference, notice.digest));
            }
            Err(refused) => prop_assert!((1..=21).contains(&refused.faults.len())),
        }
        let read: RawNotice = serde_json::from_value(serde_json::to_value(&raw)?)?;
        prop_assert_eq!(World::new().parse(&read, limit).is_ok(), World::new().parse(&raw, limit).is_ok());
    }
}
