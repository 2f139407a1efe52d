//! Statements as they are made: whatever is decided, the register takes them.

mod check;
mod personal;

use std::{collections::BTreeSet, time::Duration};

use ulid::Ulid;

use super::{
    Statement,
    build::{self, AccountMeasure, Automation, Record, Removal, Source},
    codes::{self, List},
    csv,
    personal::{Kind, People, find, redact},
    policy::ReasonsPolicy,
    validate::{FACTS, LONG, SHORT},
};
use crate::domain::{
    decision::RemoveReason,
    ids::StatementId,
    reason::ReasonCode,
    right::{Right, RightKind},
    seller::{Level, Standing},
    time::Time,
};

/// 1 June 2026, 09:00 UTC.
const NOW: Time = Time(1_780_304_400 * Time::SECOND);
const ID: StatementId = StatementId::from_ulid(Ulid(42));

fn right(kind: RightKind, jurisdiction: &str, number: &str) -> Right {
    Right {
        id: "acme-tm".parse().unwrap(),
        brand: "acme".parse().unwrap(),
        kind,
        number: number.into(),
        title: "ACME".into(),
        jurisdiction: jurisdiction.into(),
        classes: vec![],
        valid_from: Time(0),
        valid_until: None,
    }
}

fn nobody() -> People {
    People::default()
}

fn removal_of<'a>(right: &'a Right, people: &'a People) -> Removal<'a> {
    Removal {
        id: ID,
        reason: RemoveReason::CounterfeitListing,
        code: Some(ReasonCode::Counterfeit),
        right,
        source: Source::Notice { filed: NOW },
        detected: false,
        automation: Automation::None,
        posted: Time(NOW.0 - 40 * Time::DAY),
        territory: "DE",
        applies: NOW,
        people,
    }
}

fn removal() -> Statement {
    build::removal(&removal_of(&right(RightKind::Trademark, "EU", "018123456"), &nobody()))
}

fn record(policy: &ReasonsPolicy) -> Record<'_> {
    Record {
        id: ID,
        points: 24,
        violations: 3,
        since: Time(NOW.0 - 100 * Time::DAY),
        applies: NOW,
        until: Some(Time(NOW.0 + 14 * Time::DAY)),
        automation: Automation::Partly,
        policy,
    }
}

/// The fields that are wrong with a statement.
fn faults(statement: &Statement) -> BTreeSet<String> {
    match statement.validate() {
        Ok(()) => BTreeSet::new(),
        Err(refused) => {
            assert!(refused.faults.iter().all(|fault| !fault.problem.is_empty() && !fault.fix.is_empty()));
            refused.faults.into_iter().map(|fault| fault.field).collect()
        }
    }
}

/// What is wrong with a good statement after this change.
fn after(change: impl FnOnce(&mut Statement)) -> Vec<String> {
    let mut statement = removal();
    assert_eq!(faults(&statement), BTreeSet::new());
    change(&mut statement);
    faults(&statement).into_iter().collect()
}

#[test]
fn the_shipped_schema_is_read_whole() {
    for list in List::ALL {
        assert!(list.codes().len() >= 2, "{list:?}");
        assert!(list.codes().values().all(|words| !words.is_empty()));
    }
    assert_eq!(codes::csv_headings().len(), 38);
    assert_eq!(codes::batch_max(), 100);
    assert_eq!(codes::eea().len(), 30);
}

#[test]
fn our_limits_are_those_of_the_register() {
    let limit = |field: &str| -> usize {
        let words = &codes::rules()[field];
        let after = words.split("max ").nth(1).unwrap_or_else(|| panic!("{field}: {words}"));
        after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    for field in [
        "decision_visibility_other",
        "decision_monetary_other",
        "decision_ground_reference_url",
        "illegal_content_legal_ground",
        "incompatible_content_ground",
        "content_type_other",
        "category_specification_other",
        "source_identity",
        "puid",
    ] {
        assert_eq!(limit(field), SHORT, "{field}");
    }
    assert_eq!(limit("illegal_content_explanation"), LONG);
    assert_eq!(limit("incompatible_content_explanation"), LONG);
    assert_eq!(limit("decision_facts"), FACTS);
}

#[test]
fn whatever_is_removed_its_statement_is_one_that_the_register_takes() {
    let people = nobody();
    let sources =
        [Source::Notice { filed: NOW }, Source::TrustedFlagger { name: "Acme GmbH", filed: NOW }, Source::Voluntary];
    for &kind in RightKind::ALL {
        for place in ["EU", "DE", "WORLD", "US"] {
            let right = right(kind, place, "018123456");
            for &reason in RemoveReason::ALL {
                for &code in ReasonCode::ALL {
                    for source in sources {
                        for automation in [Automation::None, Automation::Partly, Automation::Fully] {
                            let of =
                                Removal { reason, code: Some(code), source, automation, ..removal_of(&right, &people) };
                            let made = build::removal(&of);
                            assert_eq!(faults(&made), BTreeSet::new(), "{made:#?}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn whatever_a_level_takes_away_its_statement_is_one_that_the_register_takes() {
    let policies = [
        ReasonsPolicy::default(),
        ReasonsPolicy {
            account_type: Some("ACCOUNT_TYPE_BUSINESS".into()),
            terms_url: Some("https://market.example/terms#ip".into()),
            ..ReasonsPolicy::default()
        },
    ];
    for policy in &policies {
        policy.validate().unwrap();
        for until in [None, Some(NOW), Some(Time(0)), Some(Time(i64::MAX)), Some(Time(NOW.0 + Time::DAY))] {
            for automation in [Automation::None, Automation::Partly, Automation::Fully] {
                let of = Record { until, automation, ..record(policy) };
                for measure in [
                    AccountMeasure::Restricted,
                    AccountMeasure::Hidden,
                    AccountMeasure::ListingsOff,
                    AccountMeasure::Suspended,
                    AccountMeasure::Terminated,
                ] {
                    let made = build::account(measure, &of);
                    assert_eq!(faults(&made), BTreeSet::new(), "{made:#?}");
                }
                assert_eq!(faults(&build::payout_hold(&of)), BTreeSet::new());
            }
        }
    }
    for &level in Level::ALL {
        let standing = Standing { points: 24, level, until: None, listings_off: true, next_change: None };
        assert_eq!(AccountMeasure::of(&standing).is_some(), level >= Level::Restricted, "{level}");
        let hidden = Standing { listings_off: false, ..standing };
        assert_ne!(AccountMeasure::of(&hidden), Some(AccountMeasure::ListingsOff));
    }
}

#[test]
fn a_machines_removal_says_so_and_a_trusted_flagger_is_named() {
    let (right, people) = (right(RightKind::Trademark, "EU", "018123456"), nobody());
    let of = removal_of(&right, &people);
    let machine = build::removal(&Removal { automation: Automation::Fully, detected: true, ..of });
    assert_eq!(machine.automated_decision, "AUTOMATED_DECISION_FULLY");
    assert_eq!(machine.automated_detection, "Yes");
    assert!(machine.decision_facts.contains("without a person"), "{}", machine.decision_facts);
    let flagger = Source::TrustedFlagger { name: "Acme GmbH", filed: NOW };
    let flagged = build::removal(&Removal { source: flagger, ..of });
    assert_eq!(
        (flagged.source_type.as_str(), flagged.source_identity.as_deref()),
        ("SOURCE_TRUSTED_FLAGGER", Some("Acme GmbH"))
    );
    let ours = build::removal(&Removal { source: Source::Voluntary, ..of });
    assert_eq!((ours.source_type.as_str(), ours.source_identity), ("SOURCE_VOLUNTARY", None));
    let by_notice = build::removal(&of);
    assert_eq!((by_notice.source_type.as_str(), by_notice.source_identity), ("SOURCE_ARTICLE_16", None));
}

#[test]
fn what_concerns_no_country_of_the_register_has_no_scope() {
    let (right, people) = (right(RightKind::Trademark, "US", "4123456"), nobody());
    let made = build::removal(&Removal { territory: "US", ..removal_of(&right, &people) });
    assert_eq!((made.territorial_scope.clone(), faults(&made)), (vec![], BTreeSet::new()));
}

#[test]
fn a_closed_account_has_no_end_and_a_sealed_one_has() {
    let policy = ReasonsPolicy::default();
    let sealed = build::account(AccountMeasure::Suspended, &record(&policy));
    assert_eq!(sealed.end_date_account_restriction.as_deref(), Some("2026-06-15"));
    assert_eq!(sealed.end_date_service_restriction.as_deref(), Some("2026-06-15"));
    let closed = build::account(AccountMeasure::Terminated, &record(&policy));
    assert_eq!(closed.decision_account.as_deref(), Some("DECISION_ACCOUNT_TERMINATED"));
    assert_eq!((closed.end_date_account_restriction, closed.end_date_service_restriction), (None, None));
    let held = build::payout_hold(&record(&policy));
    assert_eq!(held.decision_monetary.as_deref(), Some("DECISION_MONETARY_SUSPENSION"));
    assert_eq!(held.end_date_monetary_restriction.as_deref(), Some("2026-06-15"));
}

#[test]
fn what_strangers_wrote_never_breaks_a_limit() {
    let long = right(RightKind::Patent, &"Q".repeat(3000), &"\u{202e}\n\0".repeat(2000));
    let made = build::removal(&removal_of(&long, &nobody()));
    assert_eq!(faults(&made), BTreeSet::new());
    let old = build::removal(&Removal { posted: Time(0), ..removal_of(&long, &nobody()) });
    assert_eq!((old.content_date.as_str(), faults(&old)), ("2000-01-01", BTreeSet::new()));
}

#[test]
fn empty_fields_are_left_out_and_all_are_read_back() {
    let made = removal();
    let json = serde_json::to_value(&made).unwrap();
    assert!(json.as_object().unwrap().values().all(|value| !value.is_null() && *value != serde_json::json!([])));
    assert_eq!(serde_json::from_value::<Statement>(json).unwrap(), made);
}

#[test]
fn the_csv_has_the_registers_columns_and_runs_nowhere() {
    let mut made = removal();
    made.decision_facts = "=HYPERLINK(\"x\"), +1\nline".into();
    let row = |created| csv::row(&csv::Row { statement: &made, uuid: Some("7d0d0f7c"), platform: "@market", created });
    let text = format!("{}{}", csv::headings(), row(NOW)).replace("\r\n", "⏎\n");
    insta::assert_snapshot!(text, @r#"
    uuid,decision_visibility,decision_visibility_other,end_date_visibility_restriction,decision_monetary,decision_monetary_other,end_date_monetary_restriction,decision_provision,end_date_service_restriction,decision_account,end_date_account_restriction,account_type,decision_ground,decision_ground_reference_url,illegal_content_legal_ground,illegal_content_explanation,incompatible_content_ground,incompatible_content_explanation,incompatible_content_illegal,category,category_addition,category_specification,category_specification_other,content_type,content_type_other,content_language,content_date,content_id_ean,territorial_scope,application_date,decision_facts,source_type,source_identity,automated_detection,automated_decision,platform_name,platform_uid,created_at⏎
    7d0d0f7c,"[""DECISION_VISIBILITY_CONTENT_REMOVED""]",,,,,,,,,,,DECISION_GROUND_ILLEGAL_CONTENT,https://eur-lex.europa.eu/eli/reg/2017/1001/oj,"Regulation (EU) 2017/1001 on the European Union trade mark, art. 9; trademark 018123456 (EU)","Offering goods under a protected mark is reserved to its holder, who gave no consent.",,,,STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS,,"[""KEYWORD_TRADEMARK_INFRINGEMENT""]",,"[""CONTENT_TYPE_PRODUCT""]",,,2026-04-22,,"[""DE""]",2026-06-01,"'=HYPERLINK(""x""), +1
    line",SOURCE_ARTICLE_16,,No,AUTOMATED_DECISION_NOT_AUTOMATED,"'@market",0000000000000000000000001A,2026-06-01 09:00:00⏎
    "#);
    assert_eq!(csv::headings().matches(',').count(), 37);
}

#[test]
fn a_policy_that_cannot_work_is_refused_with_its_field() {
    let field = |change: fn(&mut ReasonsPolicy)| {
        let mut policy = ReasonsPolicy::default();
        change(&mut policy);
        policy.validate().err().map(|refused| refused.faults[0].field.clone())
    };
    assert_eq!(field(|_| {}), None);
    assert_eq!(field(|p| p.batch = 101).as_deref(), Some("reasons.batch"));
    assert_eq!(field(|p| p.terms = " ".into()).as_deref(), Some("reasons.terms"));
    assert_eq!(field(|p| p.terms_url = Some("terms".into())).as_deref(), Some("reasons.terms_url"));
    assert_eq!(field(|p| p.account_type = Some("Business".into())).as_deref(), Some("reasons.account_type"));
    assert_eq!(field(|p| p.timeout = Duration::ZERO).as_deref(), Some("reasons.timeout"));
    assert_eq!(field(|p| p.retry_first = Duration::from_secs(7200)).as_deref(), Some("reasons.retry_first"));
    let waits: Vec<_> = [1, 2, 3, 11, 99].map(|n| ReasonsPolicy::default().wait_after(n).as_secs()).into();
    assert_eq!(waits, [5, 10, 20, 3600, 3600]);
}
