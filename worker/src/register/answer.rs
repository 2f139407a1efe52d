//! What the register answers, read into what follows from it. Its words are a stranger's: cleaned, and cut.

use std::{collections::BTreeMap, time::Duration};

use jointforce_shared::{
    domain::{ids::StatementId, safe_text::SafeText},
    store::statements::Kept,
};
use serde_json::Value;

/// Cells of the register's words that are kept with a statement.
const WORDS: usize = 500;

/// What follows from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has the whole batch; its ids for them, where it told any.
    Created(BTreeMap<StatementId, String>),
    /// It took nothing, because it has these already.
    Known(Vec<StatementId>),
    /// It took nothing, because of these; some of the rest it has already.
    Faulty {
        /// What it has already.
        known: Vec<StatementId>,
        /// What it won't take, with its words.
        faulty: Vec<(StatementId, String)>,
    },
    /// It took nothing, and doesn't say because of which.
    Unclear(String),
    /// It doesn't understand us: 400. A person has to look.
    Malformed(String),
    /// Nothing is known, or it is busy, or it doesn't know us: once more, later.
    Later {
        /// What happened.
        why: String,
        /// The shortest wait that it asked for.
        after: Option<Duration>,
    },
}

/// Reads an answer to a batch.
pub(super) fn read(status: u16, after: Option<Duration>, body: &[u8], batch: &[Kept]) -> Answer {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let words = || words(status, json.as_ref(), body);
    match status {
        201 => match json.as_ref().and_then(|json| json["statements"].as_array()) {
            Some(created) => Answer::Created(uuids(created, batch)),
            // Whoever answered so may be a proxy; the next call tells whether the register has them.
            None => Answer::Later { why: "the register answered 201 without the statements".into(), after },
        },
        422 => unprocessable(json.as_ref(), batch).unwrap_or_else(|| Answer::Unclear(words())),
        413 => Answer::Unclear(words()),
        400 => Answer::Malformed(words()),
        401 | 403 => Answer::Later {
            why: format!("{}. Is the token still good? Put a new one into JOINTFORCE_REGISTER_TOKEN_FILE.", words()),
            after,
        },
        300..=399 | 404 | 405 => {
            Answer::Later { why: format!("{}. Is JOINTFORCE_REGISTER_URL right?", words()), after }
        }
        _ => Answer::Later { why: words(), after },
    }
}

fn uuids(created: &[Value], batch: &[Kept]) -> BTreeMap<StatementId, String> {
    let of = |one: &Value| {
        let id = one["puid"].as_str()?.parse().ok()?;
        let uuid = SafeText::line(one["uuid"].as_str()?, 100).into_string();
        Some((id, uuid)).filter(|(id, uuid)| !uuid.is_empty() && batch.iter().any(|kept| kept.id == *id))
    };
    created.iter().filter_map(of).collect()
}

/// A 422 that names what it is about; `None` otherwise.
fn unprocessable(json: Option<&Value>, batch: &[Kept]) -> Option<Answer> {
    let json = json?;
    let errors = json["errors"].as_object()?;
    let named = |puid: &Value| batch.iter().map(|kept| kept.id).find(|id| puid.as_str() == Some(&id.to_string()));
    let (mut known, mut faulty) = (vec![], vec![]);
    if let Some(puids) = errors.get("existing_puids").and_then(Value::as_array) {
        known.extend(puids.iter().filter_map(named));
    }
    known.extend(named(&json["existing"]["puid"]));
    for (key, faults) in errors {
        let place = key.strip_prefix("statement_").or_else(|| key.strip_prefix("statements."));
        let place = place.and_then(|rest| rest.split('.').next()).and_then(|place| place.parse::<usize>().ok());
        let Some(kept) = place.and_then(|place| batch.get(place)) else { continue };
        if only_a_known_puid(faults) {
            known.push(kept.id);
        } else {
            faulty.push((kept.id, fields(faults)));
        }
    }
    // One that stands alone is the one that is meant.
    if let [only] = batch
        && known.is_empty()
        && faulty.is_empty()
        && only_a_known_puid(&Value::Object(errors.clone()))
    {
        known.push(only.id);
    }
    known.sort_unstable();
    known.dedup();
    match (known.is_empty(), faulty.is_empty()) {
        (true, true) => None,
        (false, true) => Some(Answer::Known(known)),
        (_, false) => Some(Answer::Faulty { known, faulty }),
    }
}

/// Whether the only fault is an identifier that the register has already.
fn only_a_known_puid(faults: &Value) -> bool {
    let Some(faults) = faults.as_object() else { return false };
    let says_so = |text: &str| {
        let text = text.to_lowercase();
        text.contains("not unique") || text.contains("already") || text.contains("not all unique")
    };
    faults.keys().all(|field| field == "puid")
        && faults.get("puid").is_some_and(|told| match told {
            Value::Array(told) => told.iter().filter_map(Value::as_str).any(says_so),
            told => told.as_str().is_some_and(says_so),
        })
}

/// `field: what is wrong; field: …`
fn fields(faults: &Value) -> String {
    let said = |told: &Value| match told {
        Value::Array(told) => told.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        told => told.as_str().map_or_else(|| told.to_string(), str::to_owned),
    };
    let text = match faults.as_object() {
        Some(faults) => {
            faults.iter().map(|(field, told)| format!("{field}: {}", said(told))).collect::<Vec<_>>().join("; ")
        }
        None => said(faults),
    };
    SafeText::line(&text, WORDS).into_string()
}

/// What it said, for people.
fn words(status: u16, json: Option<&Value>, body: &[u8]) -> String {
    let said = json.and_then(|json| {
        json["message"].as_str().map(str::to_owned).or_else(|| json.get("errors").map(Value::to_string))
    });
    let said = said.unwrap_or_else(|| String::from_utf8_lossy(&body[..body.len().min(4096)]).into_owned());
    let said = SafeText::line(said.trim(), WORDS).into_string();
    format!("the register answered {status}{}{said}", if said.is_empty() { "" } else { ": " })
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::{
        statement::{Measure, RegisterState, Statement},
        time::Time,
    };
    use serde_json::json;
    use ulid::Ulid;

    use super::*;

    fn batch(size: u128) -> Vec<Kept> {
        let kept = |n| Kept {
            id: StatementId::from_ulid(Ulid(n)),
            measure: Measure::Listing,
            seller: "shop".parse().unwrap(),
            case: None,
            decision: None,
            content: Statement::default(),
            made: Time(0),
            due: Time(0),
            state: RegisterState::Waiting,
            uuid: None,
            reason: None,
            settled: None,
        };
        (0..size).map(kept).collect()
    }

    fn said(status: u16, body: Value, batch: &[Kept]) -> Answer {
        read(status, None, body.to_string().as_bytes(), batch)
    }

    #[test]
    fn what_was_created_has_the_registers_ids() {
        let batch = batch(2);
        let told = json!({ "statements": [
            { "puid": batch[1].id, "uuid": "b" }, { "puid": "stranger", "uuid": "c" }, { "puid": batch[0].id, "uuid": 7 },
        ] });
        assert_eq!(said(201, told, &batch), Answer::Created([(batch[1].id, "b".to_owned())].into()));
        assert!(matches!(read(201, None, b"<html>", &batch), Answer::Later { .. }));
    }

    #[test]
    fn a_422_is_read_in_each_of_the_registers_forms() {
        let batch = batch(3);
        let ids: Vec<_> = batch.iter().map(|kept| kept.id).collect();
        let puid = || json!(["The platform identifier(s) are not all unique within this call."]);
        let told =
            json!({ "message": "…", "errors": { "puid": puid(), "existing_puids": [ids[2], ids[0], "stranger"] } });
        assert_eq!(said(422, told, &batch), Answer::Known(vec![ids[0], ids[2]]));
        let told =
            json!({ "errors": { "puid": ["The identifier given is not unique."] }, "existing": { "puid": ids[1] } });
        assert_eq!(said(422, told, &batch), Answer::Known(vec![ids[1]]));
        let told = json!({ "errors": {
            "statement_1": { "category": ["The category field is required."], "puid": ["It is not unique."] },
            "statement_2": { "puid": puid() },
            "statement_9": { "category": ["…"] },
        } });
        let words = "category: The category field is required.; puid: It is not unique.".to_owned();
        assert_eq!(said(422, told, &batch), Answer::Faulty { known: vec![ids[2]], faulty: vec![(ids[1], words)] });
        let told = json!({ "errors": { "statements.0.puid": ["The puid field format is invalid."] } });
        assert_eq!(
            said(422, told, &batch),
            Answer::Faulty { known: vec![], faulty: vec![(ids[0], "The puid field format is invalid.".to_owned())] }
        );
    }

    #[test]
    fn a_422_that_names_nothing_is_about_the_one_that_stands_alone_or_unclear() {
        let told = || json!({ "message": "No.", "errors": { "puid": ["It is not unique within this platform."] } });
        let (one, three) = (batch(1), batch(3));
        assert_eq!(said(422, told(), &one), Answer::Known(vec![one[0].id]));
        assert_eq!(said(422, told(), &three), Answer::Unclear("the register answered 422: No.".into()));
        assert_eq!(read(422, None, b"", &three), Answer::Unclear("the register answered 422".into()));
        let format = json!({ "errors": { "puid": ["The puid field format is invalid."] } });
        assert!(matches!(said(422, format, &one), Answer::Unclear(_)), "a bad puid is not one that is there already");
    }

    #[test]
    fn only_400_is_for_a_person_and_what_is_not_known_is_asked_again() {
        let batch = batch(1);
        assert_eq!(said(400, json!({}), &batch), Answer::Malformed("the register answered 400: {}".into()));
        for status in [200, 204, 301, 401, 403, 404, 408, 429, 500, 502, 503, 599] {
            assert!(matches!(said(status, json!({}), &batch), Answer::Later { .. }), "{status}");
        }
        let Answer::Later { why, .. } = said(401, json!({ "message": "Unauthenticated." }), &batch) else { panic!() };
        assert!(why.contains("TOKEN_FILE") && why.contains("Unauthenticated"), "{why}");
    }

    #[test]
    fn its_words_are_cleaned_and_cut() {
        let told = json!({ "message": format!("\u{1b}[2J\u{202e}{}", "x".repeat(9000)) });
        let Answer::Malformed(words) = said(400, told, &batch(1)) else { panic!() };
        assert!(!words.contains('\u{1b}') && !words.contains('\u{202e}') && words.len() < 2000, "{words}");
    }
}
