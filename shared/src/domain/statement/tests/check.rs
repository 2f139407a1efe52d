//! What the register's rules say, held against ours: one fault at a time.

use super::*;

#[test]
fn something_must_be_restricted() {
    assert_eq!(after(|s| s.decision_visibility.clear()), ["decision_visibility"]);
    assert_eq!(
        after(|s| {
            s.decision_visibility.clear();
            s.decision_account = Some("DECISION_ACCOUNT_SUSPENDED".into());
        }),
        [""; 0]
    );
}

#[test]
fn each_code_is_one_of_its_own_list() {
    assert_eq!(after(|s| s.decision_visibility = vec!["DECISION_MONETARY_SUSPENSION".into()]), ["decision_visibility"]);
    assert_eq!(
        after(|s| s.decision_visibility.push("DECISION_VISIBILITY_CONTENT_REMOVED".into())),
        ["decision_visibility"]
    );
    assert_eq!(after(|s| s.decision_monetary = Some("YES".into())), ["decision_monetary"]);
    assert_eq!(after(|s| s.decision_provision = Some(String::new())), ["decision_provision"]);
    assert_eq!(after(|s| s.decision_account = Some("DECISION_ACCOUNT_CLOSED".into())), ["decision_account"]);
    assert_eq!(after(|s| s.account_type = Some("Business".into())), ["account_type"]);
    assert_eq!(after(|s| s.category = "STATEMENT_CATEGORY_FAKES".into()), ["category"]);
    assert_eq!(after(|s| s.category_addition = vec!["KEYWORD_OTHER".into()]), ["category_addition"]);
    assert_eq!(after(|s| s.category_specification = vec!["KEYWORD_FAKES".into()]), ["category_specification"]);
    assert_eq!(after(|s| s.content_type = vec![]), ["content_type"]);
    assert_eq!(after(|s| s.source_type = "SOURCE_BRAND".into()), ["source_type"]);
    assert_eq!(after(|s| s.automated_decision = "No".into()), ["automated_decision"]);
    assert_eq!(after(|s| s.automated_detection = "yes".into()), ["automated_detection"]);
}

#[test]
fn other_is_explained_and_nothing_else_is() {
    let other = || Some("sent to the back".to_owned());
    let long = || Some("x".repeat(501));
    assert_eq!(
        after(|s| s.decision_visibility = vec!["DECISION_VISIBILITY_OTHER".into()]),
        ["decision_visibility_other"]
    );
    assert_eq!(after(|s| s.decision_visibility_other = other()), ["decision_visibility_other"]);
    assert_eq!(after(|s| s.decision_monetary = Some("DECISION_MONETARY_OTHER".into())), ["decision_monetary_other"]);
    assert_eq!(after(|s| s.decision_monetary_other = other()), ["decision_monetary_other"]);
    assert_eq!(after(|s| s.content_type.push("CONTENT_TYPE_OTHER".into())), ["content_type_other"]);
    assert_eq!(after(|s| s.content_type_other = other()), ["content_type_other"]);
    assert_eq!(after(|s| s.category_specification_other = other()), ["category_specification_other"]);
    assert_eq!(after(|s| s.category_specification.push("KEYWORD_OTHER".into())), [""; 0]);
    assert_eq!(
        after(|s| {
            s.decision_visibility.push("DECISION_VISIBILITY_OTHER".into());
            s.decision_visibility_other = long();
        }),
        ["decision_visibility_other"]
    );
}

#[test]
fn each_ground_has_its_own_texts() {
    assert_eq!(after(|s| s.illegal_content_legal_ground = None), ["illegal_content_legal_ground"]);
    assert_eq!(after(|s| s.illegal_content_explanation = Some("  ".into())), ["illegal_content_explanation"]);
    assert_eq!(after(|s| s.illegal_content_explanation = Some("é".repeat(2000))), [""; 0]);
    assert_eq!(after(|s| s.illegal_content_explanation = Some("é".repeat(2001))), ["illegal_content_explanation"]);
    assert_eq!(after(|s| s.incompatible_content_illegal = Some("Yes".into())), ["incompatible_content_illegal"]);
    assert_eq!(
        after(|s| s.decision_ground = "DECISION_GROUND_INCOMPATIBLE_CONTENT".into()),
        [
            "illegal_content_explanation",
            "illegal_content_legal_ground",
            "incompatible_content_explanation",
            "incompatible_content_ground"
        ]
    );
    assert_eq!(after(|s| s.decision_ground = String::new()).first().map(String::as_str), Some("decision_ground"));
    for url in ["eur-lex.europa.eu", "javascript:alert(1)", &format!("https://a.example/{}", "x".repeat(500))] {
        assert_eq!(after(|s| s.decision_ground_reference_url = Some(url.into())), ["decision_ground_reference_url"]);
    }
}

#[test]
fn days_are_days_in_the_registers_range_and_order() {
    for bad in ["", "2026-6-1", "2026-02-30", "01/06/2026", "2026-06-01T00:00", "1999-12-31", "2038-01-02"] {
        assert_eq!(after(|s| s.content_date = bad.into()), ["content_date"], "{bad}");
    }
    assert_eq!(after(|s| s.content_date = "2000-01-01".into()), [""; 0]);
    assert_eq!(after(|s| s.application_date = "2019-12-31".into()), ["application_date"]);
    assert_eq!(after(|s| s.end_date_visibility_restriction = Some("2026-06-01".into())), [""; 0]);
    let end = "end_date_visibility_restriction";
    assert_eq!(after(|s| s.end_date_visibility_restriction = Some("2026-05-31".into())), [end], "before it begins");
    assert_eq!(
        after(|s| s.end_date_monetary_restriction = Some("2026-07-01".into())),
        ["end_date_monetary_restriction"]
    );
    assert_eq!(after(|s| s.end_date_service_restriction = Some("2026-07-01".into())), ["end_date_service_restriction"]);
    assert_eq!(after(|s| s.end_date_account_restriction = Some("soon".into())), ["end_date_account_restriction"]);
}

#[test]
fn the_rest_has_its_shape() {
    assert_eq!(after(|s| s.decision_facts = String::new()), ["decision_facts"]);
    assert_eq!(after(|s| s.decision_facts = "x".repeat(5001)), ["decision_facts"]);
    assert_eq!(after(|s| s.territorial_scope = vec!["EU".into()]), ["territorial_scope"]);
    assert_eq!(after(|s| s.territorial_scope = codes::eea()), [""; 0]);
    assert_eq!(after(|s| s.content_language = Some("deu".into())), ["content_language"]);
    assert_eq!(after(|s| s.content_language = Some("DE".into())), [""; 0]);
    let ean = |id: &str| [("EAN-13".to_owned(), id.to_owned())].into();
    assert_eq!(after(|s| s.content_id = ean("4006381333931")), [""; 0]);
    assert_eq!(after(|s| s.content_id = ean("400638133393")), ["content_id"]);
    assert_eq!(after(|s| s.source_identity = Some("Acme".into())), [""; 0]);
    assert_eq!(after(|s| s.source_identity = Some("x".repeat(501))), ["source_identity"]);
    assert_eq!(
        after(|s| {
            s.source_type = "SOURCE_VOLUNTARY".into();
            s.source_identity = Some("Acme".into());
        }),
        ["source_identity"]
    );
    for puid in ["", "a b", "a/b", "ä", "line\n", &"x".repeat(501)] {
        assert_eq!(after(|s| s.puid = puid.into()), ["puid"], "{puid:?}");
    }
    assert_eq!(after(|s| s.puid = "A-z_9".into()), [""; 0]);
}
