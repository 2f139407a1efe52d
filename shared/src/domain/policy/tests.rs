use serde_json::json;

use super::*;
use crate::domain::calendar::Weekday;

fn faults(refused: Result<Policy, Refused>) -> Vec<String> {
    refused.unwrap_err().faults.iter().map(ToString::to_string).collect()
}

fn with(values: &[(&str, &str)]) -> Result<Policy, Refused> {
    let values: Vec<_> = values.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
    Policy::default().with(&values)
}

#[test]
fn the_defaults_are_valid_and_differ_in_nothing() {
    assert_eq!(Policy::default().validate(), Ok(()));
    assert_eq!(Policy::default().overrides(), json!({}));
    assert_eq!(Policy::default().sla(Tier::JointForce), Sla::Minutes(30));
}

/// An area that forgets `#[serde(with = "span")]` would have people write `{"secs": 10, "nanos": 0}`.
#[test]
fn every_length_of_time_is_written_in_words() {
    let names: Vec<_> = fields(&Policy::default()).into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"grace".to_owned()));
    let raw = names.iter().filter(|name| name.ends_with(".nanos"));
    assert_eq!(raw.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn only_what_differs_is_kept_and_read_again() {
    let policy = with(&[
        ("grace", "15 seconds"),
        ("batch_max", "20"),
        ("tiers.standard.sla", "2 working days"),
        ("calendar.hours.fri", "null"),
        ("calendar.hours.sat", "10:00-14:00"),
        ("calendar.holidays", "[\"2026-12-25\"]"),
        ("ladder.repeated", "null"),
        ("ladder.caps.serious", "{\"points\": 24, \"days\": 1}"),
    ])
    .unwrap();
    assert_eq!(policy.validate(), Ok(()));
    assert_eq!(policy.grace, Duration::from_secs(15));
    assert_eq!(policy.tiers.standard.sla, Sla::WorkingDays(2));
    assert!(!policy.calendar.hours.contains_key(&Weekday::Friday));
    assert_eq!(policy.ladder.repeated, None);
    assert_eq!(
        policy.overrides(),
        json!({
            "batch_max": 20,
            "calendar": { "holidays": ["2026-12-25"], "hours": { "fri": null, "sat": "10:00-14:00" } },
            "grace": "15 s",
            "ladder": { "caps": { "serious": { "days": 1, "points": 24 } }, "repeated": null },
            "tiers": { "standard": { "sla": "2 working days" } },
        })
    );
    assert_eq!(Policy::default().patched(&policy.overrides()), Ok(policy.clone()));
    // The whole, as `policy show --json` prints it, is read as well.
    let whole = serde_json::to_value(&policy).unwrap();
    let again = Policy::default().patched(&whole).unwrap();
    assert_eq!(again.tiers, policy.tiers);
}

#[test]
fn a_change_names_its_fields_before_and_after() {
    let after = with(&[("grace", "5 s"), ("calendar.hours.fri", "null")]).unwrap();
    let words: Vec<_> = Policy::default().changes(&after).iter().map(ToString::to_string).collect();
    assert_eq!(words, ["calendar.hours.fri: 09:00-18:00 -> null", "grace: 10 s -> 5 s"]);
    assert!(after.changes(&after).is_empty());
}

#[test]
fn every_unknown_field_is_named_with_the_nearest_known_one() {
    assert_eq!(
        faults(with(&[("grcae", "5 s"), ("standard.sla", "1 h"), ("tiers.standard.slaa", "1 h"), ("zzzz", "1")])),
        [
            "grcae: there is no such field. Did you mean grace? `policy show` lists every field.",
            "standard: there is no such field. Did you mean tiers.standard? `policy show` lists every field.",
            "tiers.standard.slaa: there is no such field. Did you mean tiers.standard.sla? `policy show` lists every field.",
            "zzzz: there is no such field. `policy show` lists every field.",
        ]
    );
}

#[test]
fn every_value_of_the_wrong_kind_is_named_with_one_that_is_right() {
    assert_eq!(
        faults(with(&[("grace", "soon"), ("batch_max", "many"), ("grace.x", "1"), ("calendar.hours.someday", "x")])),
        [
            "grace: \"soon\" is no length of time: write it like 10 s, 15 min, 24 h or 90 d. \
             Write it like what it is now: 10 s",
            "batch_max: invalid type: string \"many\", expected usize. Write it like what it is now: 50",
            "grace: invalid type: map, expected a string. Write it like what it is now: 10 s",
            "calendar.hours.someday: \"someday\" is none of mon, tue, wed, thu, fri, sat, sun. \
             Write it like its neighbours in `policy show`.",
        ]
    );
    assert_eq!(faults(Policy::default().patched(&json!([])))[0].split(':').next(), Some("policy"));
}

#[test]
fn the_whole_is_checked_part_by_part() {
    let mut policy =
        with(&[("lease", "1 s"), ("tiers.unverified.listings_a_notice", "0"), ("attempts_max", "0")]).unwrap();
    policy.calendar.hours.clear();
    policy.ladder.steps.reverse();
    let faults = policy.validate().unwrap_err().faults;
    let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
    for field in ["calendar.hours", "ladder.steps[1]", "tiers.unverified.listings_a_notice", "lease", "attempts_max"] {
        assert!(fields.contains(&field), "{field} is missing in {fields:?}");
    }
}

#[test]
fn a_deadline_is_read_as_people_write_it() {
    for (text, sla) in [
        ("3 working days", Sla::WorkingDays(3)),
        ("1 working day", Sla::WorkingDays(1)),
        ("24h", Sla::Hours(24)),
        ("30 min", Sla::Minutes(30)),
    ] {
        assert_eq!(text.parse(), Ok(sla));
        assert_eq!(sla.to_string().parse(), Ok(sla));
    }
    for bad in ["", "3", "0 h", "-1 h", "3 days", "soon"] {
        assert!(bad.parse::<Sla>().is_err(), "{bad}");
    }
}
