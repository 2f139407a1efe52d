mod raw;

use serde_json::{Value, json};

use super::*;
use crate::domain::{
    brand::{Record, Tier},
    right::RightKind,
};

const NOW: Time = Time(1_700_000_000 * Time::SECOND); // 2023-11-14

/// A small world: brands, rights and listings by the names that notices use.
struct World {
    brands: Vec<Brand>,
    rights: Vec<Right>,
    listings: HashMap<String, KnownListing>,
}

impl World {
    fn new() -> Self {
        let brand = |id: &str, tier| Brand {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            tier,
            email: "ip@acme.example".to_owned(),
            webhook_url: None,
            webhook_secret: None,
            record: Record::default(),
        };
        let right = |id: &str, brand: &str, kind, jurisdiction: &str, from: i64, until: Option<i64>| Right {
            id: id.parse().unwrap(),
            brand: brand.parse().unwrap(),
            kind,
            number: format!("No {id}"),
            title: "ACME".to_owned(),
            jurisdiction: jurisdiction.to_owned(),
            classes: vec![18, 25],
            valid_from: Time(NOW.0 + from * Time::DAY),
            valid_until: until.map(|days| Time(NOW.0 + days * Time::DAY)),
        };
        let mut listings = HashMap::new();
        for (id, territory, nice_class, live) in [
            ("1", "DE", Some(25), true),
            ("2", "FR", None, true),
            ("3", "US", Some(25), true),
            ("4", "DE", Some(9), true),
            ("5", "DE", Some(25), false),
            ("6", "DE", Some(25), false),
        ] {
            let listing = KnownListing {
                id: id.parse().unwrap(),
                seller: "shop".parse().unwrap(),
                version: 3,
                territory: territory.to_owned(),
                nice_class,
                live,
                sold: 7,
            };
            listings.insert(format!("https://m.example/i/{id}"), listing.clone());
            listings.insert(id.to_owned(), listing);
        }
        Self {
            brands: vec![brand("acme", Tier::Standard), brand("banned", Tier::Suspended)],
            rights: vec![
                right("tm", "acme", RightKind::Trademark, "EU", -10, Some(10)),
                right("old", "acme", RightKind::Trademark, "EU", -10, Some(0)),
                right("new", "acme", RightKind::Trademark, "EU", 1, None),
                right("pat", "acme", RightKind::Patent, "WORLD", -10, None),
                right("theirs", "other", RightKind::Trademark, "US", -10, Some(-1)),
                right("tm-banned", "banned", RightKind::Trademark, "EU", -10, None),
            ],
            listings,
        }
    }

    fn parse(&self, raw: &RawNotice, limit: usize) -> Result<Notice, Refused> {
        let known = Known {
            brand: self.brands.iter().find(|brand| brand.id.as_str() == raw.brand),
            right: self.rights.iter().find(|right| right.id.as_str() == raw.right || right.number == raw.right),
            listings: &self.listings,
        };
        parse(raw, &known, limit, NOW)
    }
}

fn good() -> Value {
    json!({
        "reference": "A-1",
        "brand": "acme",
        "reason": "counterfeit",
        "right": "tm",
        "listings": ["1"],
        "notifier_name": "Jane Doe",
        "notifier_email": "jane@acme.example",
        "notifier_role": "agent",
        "explanation": "The stitching and the label are not ours.",
        "good_faith": true,
        "accuracy": true,
        "signature": "Jane Doe",
        "evidence": ["https://acme.example/compare"],
    })
}

/// The good notice with these fields instead; a null takes the field away.
fn with(changes: Value) -> RawNotice {
    let mut notice = good();
    let fields = notice.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    serde_json::from_value(notice).unwrap()
}

fn refusal(raw: &RawNotice) -> Vec<String> {
    let refused = World::new().parse(raw, 10).unwrap_err();
    assert!(refused.faults.iter().all(|fault| fault.fix.ends_with('.') && !fault.problem.ends_with('.')), "{refused}");
    refused.faults.iter().map(|fault| format!("{}: {}", fault.field, fault.problem)).collect()
}

#[track_caller]
fn check(changes: Value, expect: &[&str]) {
    assert_eq!(refusal(&with(changes)), expect);
}

#[test]
fn a_whole_notice_is_actionable() {
    let notice = World::new().parse(&with(json!({"listings": ["https://m.example/i/1", " 2 ", "5"]})), 10).unwrap();
    assert_eq!(notice.listings.iter().map(|l| l.id.as_str()).collect::<Vec<_>>(), ["1", "2", "5"]);
    assert_eq!((notice.reference.as_str(), notice.right.as_str()), ("A-1", "tm"));
    assert_eq!((notice.reason, notice.notifier.role), (ReasonCode::Counterfeit, Role::Agent));
    assert_eq!((notice.received_at, notice.digest.len()), (NOW, 64));
    let by_number = with(json!({"right": "No tm", "reason": "1.1", "received_at": "2023-11-01T10:00:00+01:00"}));
    let notice = World::new().parse(&by_number, 1).unwrap();
    assert_eq!((notice.right.as_str(), notice.received_at.to_string()), ("tm", "2023-11-01T09:00:00Z".to_owned()));
}

#[test]
fn an_empty_notice_is_told_everything_it_lacks() {
    assert_eq!(
        refusal(&serde_json::from_str("{}").unwrap()),
        [
            "brand: it is missing",
            "reason: it is missing",
            "right: it is missing",
            "notifier_name: it is missing",
            "notifier_email: it is missing",
            "notifier_role: it is missing",
            "explanation: it is missing",
            "good_faith: the statement is missing that you believe in good faith that this use is not authorised",
            "accuracy: the statement is missing that the notice is accurate and, under penalty of perjury, that you may \
             act for the rights holder",
            "signature: it is missing",
            "listings: none is named",
        ]
    );
}

#[test]
fn a_field_of_the_wrong_shape_is_said() {
    check(json!({"reason": "9052"}), &["reason: \"9052\" is no reason code"]);
    check(json!({"notifier_role": "fan\u{202e}"}), &["notifier_role: \"fan‹U+202E›\" is no role"]);
    check(json!({"notifier_name": "Jane\nBcc: x"}), &["notifier_name: it holds a line break or a control character"]);
    check(json!({"evidence": ["https://a.b/c", "ftp://a"]}), &["evidence[1]: \"ftp://a\" is no address of the web"]);
    check(json!({"received_at": "yesterday"}), &["received_at: \"yesterday\" is no moment"]);
    check(json!({"received_at": "2023-11-15T00:00:00Z"}), &["received_at: 2023-11-15T00:00:00Z is in the future"]);
}

#[test]
fn an_address_that_no_mail_server_could_know_is_refused() {
    for good in ["a@b.example", "first.last+tag@xn--bcher-kva.example", "o'neil@mail.b-c.example"] {
        assert!(World::new().parse(&with(json!({"notifier_email": good})), 1).is_ok(), "{good}");
    }
    for bad in [
        "jane",
        "jane@",
        "@b.example",
        "a b@c.example",
        "a@b",
        "a..b@c.example",
        "a@-b.example",
        "a@b..example",
        "a@bücher.example",
        "a@b@c.example",
        "a\r\nBcc:x@b.example",
        "<a@b.example>",
        "a,b@c.example",
    ] {
        let faults = refusal(&with(json!({"notifier_email": bad})));
        assert!(matches!(&faults[..], [only] if only.ends_with("is no e-mail address")), "{bad}: {faults:?}");
    }
}

#[test]
fn megabytes_are_refused_field_by_field() {
    let huge = "é".repeat(1_000_000);
    for (field, max) in
        [("reference", 100), ("notifier_name", 200), ("notifier_email", 254), ("explanation", 5000), ("signature", 200)]
    {
        check(json!({field: huge}), &[&format!("{field}: it is longer than {max} characters")]);
    }
    check(json!({"evidence": [huge]}), &["evidence[0]: it is longer than 2000 characters"]);
    check(json!({"listings": [huge]}), &["listings[0]: it is longer than 2000 characters"]);
    check(json!({"evidence": vec!["https://a.b/"; 21]}), &["evidence: it holds 21 addresses; at most 20"]);
    assert!(World::new().parse(&with(json!({"explanation": "é".repeat(5000)})), 1).is_ok());
    for field in ["brand", "right", "reason", "notifier_role", "received_at"] {
        let faults = refusal(&with(json!({field: huge})));
        assert!(faults.len() == 1 && faults[0].len() < 200, "{faults:?}");
    }
}

#[test]
fn a_brand_that_is_unknown_or_suspended_may_not_file() {
    check(json!({"brand": "nobody"}), &["brand: no brand \"nobody\" is known"]);
    check(json!({"brand": "banned", "right": "tm-banned"}), &["brand: it may not file notices for the time being"]);
}

#[test]
fn the_right_has_to_be_theirs_in_force_and_of_the_kind() {
    check(json!({"right": "none"}), &["right: no right \"none\" is known"]);
    check(json!({"right": "theirs"}), &["right: \"theirs\" belongs to another rights holder"]);
    check(json!({"right": "old"}), &["right: it expired on 2023-11-14"]);
    check(json!({"right": "new"}), &["right: it is in force only from 2023-11-15"]);
    check(json!({"right": "pat"}), &["right: a patent can't support the reason counterfeit (1.1)"]);
}

#[test]
fn the_right_has_to_hold_for_each_listing() {
    check(
        json!({"listings": ["1", "3", "4"]}),
        &[
            "listings[1]: it is offered in \"US\", but the trademark holds in EU",
            "listings[2]: its goods are of Nice class 9, but the trademark covers 18, 25",
        ],
    );
}

#[test]
fn the_listings_have_to_be_known_and_named_once() {
    check(
        json!({"listings": ["1", "nine", "2", "https://m.example/i/1", "1", ""]}),
        &[
            "listings[1]: no listing \"nine\" is known",
            "listings[3]: it is the same listing as listings[0]",
            "listings[4]: it is the same listing as listings[0]",
            "listings[5]: it is empty",
        ],
    );
}

#[test]
fn what_is_gone_already_is_a_fault_only_if_all_is() {
    check(json!({"listings": ["5"]}), &["listings: it is no longer for sale"]);
    check(json!({"listings": ["5", "6"]}), &["listings: none of the 2 is still for sale"]);
    assert!(World::new().parse(&with(json!({"listings": ["5", "1"]})), 10).is_ok());
}

#[test]
fn too_many_listings_are_refused_with_the_limit_and_the_way_out() {
    let refused = World::new().parse(&with(json!({"listings": ["1", "2", "5"]})), 2).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "listings: 3 listings are named; at most 2 in one notice. Split it into 2 notices, each under its own reference."
    );
}

#[test]
fn of_three_hundred_faults_twenty_are_said_and_the_rest_counted() {
    let mut changes = json!({"accuracy": false});
    changes["listings"] = (0..300).map(|n| json!(format!("no-{n}"))).collect();
    let refused = World::new().parse(&with(changes), 300).unwrap_err();
    assert_eq!(refused.faults.len(), 21);
    assert_eq!(refused.faults[19].field, "listings[18]");
    assert_eq!(refused.faults[20].problem, "and 281 more");
}

#[test]
fn a_resend_has_the_same_digest_and_another_content_another() {
    let first = with(json!({"listings": ["1", "2"], "reference": null}));
    let resend = with(json!({"listings": ["2", " 1"], "reference": "B-2", "received_at": "2023-11-01T00:00:00Z"}));
    assert_eq!(digest(&first), digest(&resend));
    for change in [
        json!({"listings": ["1"]}),
        json!({"listings": ["1", "2", "3"]}),
        json!({"listings": ["1", "2"], "explanation": "Other."}),
        json!({"listings": ["1"], "evidence": ["2", "https://acme.example/compare"]}),
        json!({"listings": ["1", "2"], "accuracy": false}),
        json!({"listings": ["12"]}),
    ] {
        assert_ne!(digest(&first), digest(&with(change.clone())), "{change}");
    }
}

#[test]
fn a_missing_reference_is_made_of_the_content() {
    let raw = with(json!({"reference": null}));
    let notice = World::new().parse(&raw, 1).unwrap();
    assert_eq!(notice.reference, format!("auto-{}", &notice.digest[..16]));
    assert_eq!((reference(&raw), digest(&raw)), (notice.reference, notice.digest));
    let given = with(json!({"reference": " A\u{0}1 "}));
    assert_eq!(reference(&given), "A␀1");
    assert_eq!(World::new().parse(&given, 1).unwrap().reference, "A␀1");
    assert_eq!(reference(&with(json!({"reference": "x".repeat(1000)}))).len(), REFERENCE_CHARS_MAX + 1);
}

#[test]
fn nul_never_reaches_the_database() {
    let notice = World::new().parse(&with(json!({"explanation": "a\u{0}b", "signature": "J\u{0}D"})), 1).unwrap();
    assert_eq!((notice.explanation.as_str(), notice.signature.as_str()), ("a␀b", "J␀D"));
    let raw = with(json!({"right": "t\u{0}m", "brand": "\u{0}", "listings": ["1\u{0}"]}));
    assert!(!format!("{raw:?}").contains("\\0"));
    let built = RawNotice { listings: vec!["1\0".to_owned(), String::new(), " 2 ".to_owned()], ..raw };
    assert_eq!(built.listing_names().collect::<Vec<_>>(), ["2"]);
}
