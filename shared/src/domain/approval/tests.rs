use serde_json::json;
use ulid::Ulid;

use super::*;
use crate::domain::decision::{KeepReason, RemoveReason};

fn case(n: u64) -> CaseId {
    CaseId::from_ulid(Ulid::from_parts(n, 0))
}

fn keep(cases: &[(u64, i64)]) -> Wanted {
    let cases = cases.iter().map(|(n, version)| Seen { case: case(*n), version: *version }).collect();
    Wanted::Decide { verdict: Verdict::Keep(KeepReason::Genuine), cases, note: "looks fine".into() }
}

#[test]
fn when_it_takes_two() {
    let verdicts = [
        ("remove", Some(Verdict::Remove(RemoveReason::Extreme))),
        ("keep", Some(Verdict::Keep(KeepReason::Genuine))),
        ("undo", None),
    ];
    let mut table = String::new();
    for tier in [Tier::GoodFaith, Tier::JointForce, Tier::TrustedFlagger] {
        for (name, verdict) in verdicts {
            for listings in [50, 51] {
                for overturns_own_team in [false, true] {
                    let facts = Facts { verdict, listings, tier, overturns_own_team };
                    let cause = needed(&ApprovalPolicy::default(), 50, &facts).map_or(".", Cause::as_str);
                    let team = if overturns_own_team { "own team" } else { "" };
                    let line = format!("{tier:<16}{name:<8}{listings} listings  {team:<10}{cause}");
                    table += line.trim_end();
                    table += "\n";
                }
            }
        }
    }
    insta::assert_snapshot!(table, @r"
    good_faith      remove  50 listings            .
    good_faith      remove  50 listings  own team  own_team
    good_faith      remove  51 listings            many_listings
    good_faith      remove  51 listings  own team  many_listings
    good_faith      keep    50 listings            .
    good_faith      keep    50 listings  own team  own_team
    good_faith      keep    51 listings            many_listings
    good_faith      keep    51 listings  own team  many_listings
    good_faith      undo    50 listings            .
    good_faith      undo    50 listings  own team  own_team
    good_faith      undo    51 listings            many_listings
    good_faith      undo    51 listings  own team  many_listings
    joint_force     remove  50 listings            .
    joint_force     remove  50 listings  own team  own_team
    joint_force     remove  51 listings            many_listings
    joint_force     remove  51 listings  own team  many_listings
    joint_force     keep    50 listings            trusted_refused
    joint_force     keep    50 listings  own team  own_team
    joint_force     keep    51 listings            many_listings
    joint_force     keep    51 listings  own team  many_listings
    joint_force     undo    50 listings            .
    joint_force     undo    50 listings  own team  own_team
    joint_force     undo    51 listings            many_listings
    joint_force     undo    51 listings  own team  many_listings
    trusted_flagger remove  50 listings            .
    trusted_flagger remove  50 listings  own team  own_team
    trusted_flagger remove  51 listings            many_listings
    trusted_flagger remove  51 listings  own team  many_listings
    trusted_flagger keep    50 listings            trusted_refused
    trusted_flagger keep    50 listings  own team  own_team
    trusted_flagger keep    51 listings            many_listings
    trusted_flagger keep    51 listings  own team  many_listings
    trusted_flagger undo    50 listings            .
    trusted_flagger undo    50 listings  own team  own_team
    trusted_flagger undo    51 listings            many_listings
    trusted_flagger undo    51 listings  own team  many_listings
    ");
    let off = ApprovalPolicy { trusted_refused: false, own_team: false, ..ApprovalPolicy::default() };
    let facts = Facts {
        verdict: Some(Verdict::Keep(KeepReason::Genuine)),
        listings: 1,
        tier: Tier::JointForce,
        overturns_own_team: true,
    };
    assert_eq!(needed(&off, 50, &facts), None, "policy is data");
}

#[test]
fn a_request_is_bound_to_every_one_of_its_words() {
    let of = |wanted: &Wanted| digest(&wanted.canonical().unwrap());
    let one = keep(&[(1, 3)]);
    assert_eq!(of(&one), of(&one.clone()));
    assert_ne!(of(&one), of(&keep(&[(1, 4)])), "the version");
    assert_ne!(of(&one), of(&keep(&[(1, 3), (2, 1)])), "the cases");
    assert_ne!(of(&one), of(&Wanted::Undo { cases: one.cases().to_vec(), note: "looks fine".into() }));
    let Wanted::Decide { verdict, cases, .. } = one.clone() else { panic!("to keep is to decide") };
    assert_ne!(of(&one), of(&Wanted::Decide { verdict, cases, note: "looks fine!".into() }), "the note");
    assert_eq!(digest("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[test]
fn a_stored_request_is_read_back_and_written_the_same() {
    let wanted = [
        keep(&[(1, 3)]),
        Wanted::Undo { cases: vec![], note: "\u{202e}".into() },
        Wanted::Terminate { seller: "s".parse().unwrap(), points: 48, strikes: vec![] },
        Wanted::PunishLinked {
            worst: "s".parse().unwrap(),
            level: Level::Suspended,
            until: Some(Time(1)),
            sellers: vec!["t".parse().unwrap()],
            note: String::new(),
        },
        Wanted::LetGo { guarded: "brand:acme".into(), tripped: Time(1), note: "a sale, all fakes".into() },
        Wanted::Policy {
            from: 3,
            overrides: json!({ "grace": "15 s" }),
            changes: vec![Change { field: "automatic.on".into(), was: json!(false), is: json!(true) }],
            note: "all is well again".into(),
        },
    ];
    for wanted in wanted {
        let text = wanted.canonical().unwrap();
        let read: Wanted = serde_json::from_str(&text).unwrap();
        assert_eq!(read, wanted);
        assert_eq!(read.canonical().unwrap(), text);
    }
}

#[test]
fn a_policy_without_sense_is_refused() {
    assert_eq!(ApprovalPolicy::default().validate(), Ok(()));
    let broken = ApprovalPolicy {
        expires_hours: 0,
        cases_max: 0,
        linked_from: Level::Warned,
        linked_max: 0,
        ..Default::default()
    };
    let faults = broken.validate().unwrap_err().faults;
    assert_eq!(faults.len(), 4, "{faults:?}");
}
