//! The register's rules, read a second time: from the published text of its schema, not from our checks, and about
//! plain JSON, so that neither can excuse the other.

use std::collections::BTreeMap;

use serde_json::Value;

/// What is wrong, by field, in the register's manner.
pub type Faults = BTreeMap<String, Vec<String>>;

/// Every field that the register knows.
const FIELDS: [&str; 35] = [
    "account_type",
    "application_date",
    "automated_decision",
    "automated_detection",
    "category",
    "category_addition",
    "category_specification",
    "category_specification_other",
    "content_date",
    "content_id",
    "content_language",
    "content_type",
    "content_type_other",
    "decision_account",
    "decision_facts",
    "decision_ground",
    "decision_ground_reference_url",
    "decision_monetary",
    "decision_monetary_other",
    "decision_provision",
    "decision_visibility",
    "decision_visibility_other",
    "end_date_account_restriction",
    "end_date_monetary_restriction",
    "end_date_service_restriction",
    "end_date_visibility_restriction",
    "illegal_content_explanation",
    "illegal_content_legal_ground",
    "incompatible_content_explanation",
    "incompatible_content_ground",
    "incompatible_content_illegal",
    "puid",
    "source_identity",
    "source_type",
    "territorial_scope",
];

/// The country codes that the register takes.
const PLACES: &str = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK";

/// What the register would say to a statement.
pub fn faults(statement: &Value) -> Faults {
    let mut faults = Faults::new();
    let mut say = |field: &str, what: &str| {
        let told = format!("The {} field {what}.", field.replace('_', " "));
        faults.entry(field.to_owned()).or_default().push(told);
    };
    let Some(object) = statement.as_object() else {
        say("statement", "must be an object");
        return faults;
    };
    for field in object.keys().filter(|field| !FIELDS.contains(&field.as_str())) {
        say(field, "is not known");
    }

    // One of four.
    let given =
        |field: &str| statement.get(field).is_some_and(|value| !value.is_null() && *value != Value::Array(vec![]));
    let decisions = ["decision_visibility", "decision_monetary", "decision_provision", "decision_account"];
    if !decisions.iter().any(|field| given(field)) {
        say("decision_visibility", "is required when none of the other decisions are present");
    }

    // Codes: field, list, whether it is an array, whether it must be there.
    for (field, list, array, needed) in [
        ("decision_visibility", "DECISION_VISIBILITIES", true, false),
        ("decision_monetary", "DECISION_MONETARIES", false, false),
        ("decision_provision", "DECISION_PROVISIONS", false, false),
        ("decision_account", "DECISION_ACCOUNTS", false, false),
        ("account_type", "ACCOUNT_TYPES", false, false),
        ("decision_ground", "DECISION_GROUNDS", false, true),
        ("content_type", "CONTENT_TYPES", true, true),
        ("category", "STATEMENT_CATEGORIES", false, true),
        ("category_addition", "STATEMENT_CATEGORIES", true, false),
        ("category_specification", "KEYWORDS", true, false),
        ("source_type", "SOURCE_TYPES", false, true),
        ("automated_decision", "AUTOMATED_DECISIONS", false, true),
    ] {
        if !given(field) {
            if needed {
                say(field, "is required");
            }
            continue;
        }
        let codes: Vec<&Value> = match &statement[field] {
            Value::Array(codes) if array => codes.iter().collect(),
            code if !array => vec![code],
            _ => {
                say(field, "must be an array");
                continue;
            }
        };
        let known = &schema()["enums"][list];
        if codes.iter().any(|code| code.as_str().is_none_or(|code| known.get(code).is_none())) {
            say(field, "is invalid");
        }
    }

    // Texts: field, most characters, and when it must be there; otherwise it must not.
    let has = |field: &str, code: &str| match &statement[field] {
        Value::Array(codes) => codes.iter().any(|one| one == code),
        one => one == code,
    };
    for (field, most, wanted, optional) in [
        ("decision_visibility_other", 500, has("decision_visibility", "DECISION_VISIBILITY_OTHER"), false),
        ("decision_monetary_other", 500, has("decision_monetary", "DECISION_MONETARY_OTHER"), false),
        ("content_type_other", 500, has("content_type", "CONTENT_TYPE_OTHER"), false),
        ("category_specification_other", 500, has("category_specification", "KEYWORD_OTHER"), true),
        ("illegal_content_legal_ground", 500, has("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT"), false),
        ("illegal_content_explanation", 2000, has("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT"), false),
        ("incompatible_content_ground", 500, has("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"), false),
        (
            "incompatible_content_explanation",
            2000,
            has("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT"),
            false,
        ),
        ("source_identity", 500, !has("source_type", "SOURCE_VOLUNTARY"), true),
        ("decision_ground_reference_url", 500, true, true),
        ("decision_facts", 5000, true, false),
        ("puid", 500, true, false),
    ] {
        match statement.get(field) {
            None | Some(Value::Null) if wanted && !optional => say(field, "is required"),
            None | Some(Value::Null) => {}
            Some(_) if !wanted => say(field, "is prohibited"),
            Some(Value::String(text)) if text.trim().is_empty() => say(field, "is required"),
            Some(Value::String(text)) if text.chars().count() > most => say(field, "is too long"),
            Some(Value::String(text)) => {
                if text.contains('@') {
                    say(field, "must not hold personal data");
                }
            }
            Some(_) => say(field, "must be a string"),
        }
    }
    if statement["decision_ground_reference_url"]
        .as_str()
        .is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://"))
    {
        say("decision_ground_reference_url", "must be a valid URL");
    }
    let in_alphabet = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if statement["puid"].as_str().is_some_and(|puid| !puid.chars().all(in_alphabet)) {
        say("puid", "format is invalid");
    }

    for (field, needed) in [("automated_detection", true), ("incompatible_content_illegal", false)] {
        if (needed || given(field)) && !has(field, "Yes") && !has(field, "No") {
            say(field, "is invalid");
        }
    }
    if given("incompatible_content_illegal") && !has("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT") {
        say("incompatible_content_illegal", "is prohibited");
    }

    for (field, first, needed) in [
        ("content_date", "2000-01-01", true),
        ("application_date", "2020-01-01", true),
        ("end_date_visibility_restriction", "2020-01-01", false),
        ("end_date_monetary_restriction", "2020-01-01", false),
        ("end_date_service_restriction", "2020-01-01", false),
        ("end_date_account_restriction", "2020-01-01", false),
    ] {
        if !given(field) {
            if needed {
                say(field, "is required");
            }
            continue;
        }
        let day = statement[field].as_str().unwrap_or_default();
        if !is_day(day) {
            say(field, "does not match the format YYYY-MM-DD");
        } else if day < first || day > "2038-01-01" {
            say(field, "is out of range");
        } else if field.starts_with("end_date") && Some(day) < statement["application_date"].as_str() {
            say(field, "must be after or equal to the application date");
        }
    }

    if let Some(scope) = statement.get("territorial_scope") {
        let places: Vec<&str> = PLACES.split(' ').collect();
        let good = |place: &Value| place.as_str().is_some_and(|place| places.contains(&place));
        if !scope.as_array().is_some_and(|scope| scope.iter().all(good)) {
            say("territorial_scope", "is invalid");
        }
    }
    if given("content_language")
        && !statement["content_language"].as_str().is_some_and(|code| code.len() == 2 && code == code.to_uppercase())
    {
        say("content_language", "is invalid");
    }
    if given("content_id") {
        let ean = statement["content_id"]["EAN-13"].as_str().unwrap_or_default();
        if ean.len() != 13 || ean.parse::<u64>().is_err() {
            say("content_id", "EAN-13 must be 13 digits");
        }
    }
    faults
}

/// `YYYY-MM-DD`, a day that exists.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse::<u32>(), month.parse::<u32>(), day.parse::<u32>()) else {
        return false;
    };
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return false,
    };
    (1..=longest).contains(&day)
}

fn schema() -> &'static Value {
    static SCHEMA: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/dsa_sor_schema.json"));
        serde_json::from_str(text).expect("the register's schema")
    });
    &SCHEMA
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": "law",
            "illegal_content_explanation": "why",
            "category": "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS",
            "content_type": ["CONTENT_TYPE_PRODUCT"],
            "content_date": "2024-02-29",
            "application_date": "2026-06-01",
            "decision_facts": "facts",
            "source_type": "SOURCE_ARTICLE_16",
            "automated_detection": "No",
            "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
            "puid": "a-1_B",
        })
    }

    #[test]
    fn a_good_statement_is_taken_and_each_broken_rule_is_named() {
        assert_eq!(faults(&good()), Faults::new());
        for (field, value) in [
            ("decision_visibility", json!([])),
            ("decision_visibility", json!("DECISION_VISIBILITY_CONTENT_REMOVED")),
            ("decision_account", json!("CLOSED")),
            ("decision_facts", json!("")),
            ("decision_facts", json!("x".repeat(5001))),
            ("illegal_content_legal_ground", Value::Null),
            ("incompatible_content_ground", json!("terms")),
            ("content_date", json!("2023-02-29")),
            ("application_date", json!("2019-12-31")),
            ("end_date_visibility_restriction", json!("2026-05-31")),
            ("territorial_scope", json!(["US"])),
            ("automated_detection", json!(true)),
            ("puid", json!("a b")),
            ("redress", json!("told")),
            ("source_identity", json!("ann@brand.example")),
        ] {
            let mut statement = good();
            statement[field] = value;
            assert_eq!(faults(&statement).keys().collect::<Vec<_>>(), [field], "{statement}");
        }
    }
}
