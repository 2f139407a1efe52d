use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::{
    brand::Tier,
    reason::ReasonCode::{self, Counterfeit, Design},
    time::Time,
};

const NOW: Time = Time(1_800_000_000 * Time::SECOND);
const Z: f64 = 1.281_552;

fn policy() -> TrustPolicy {
    TrustPolicy::default()
}

fn tally(accepted: i64, refused: i64, upheld: i64) -> Tally {
    Tally { accepted, refused, upheld, withdrawn: 0, contested: upheld }
}

fn track(tallies: &[(ReasonCode, Tally)]) -> Track {
    Track { by_reason: tallies.iter().copied().collect(), oldest: Some(NOW), ..Track::default() }
}

fn invited(tier: Tier) -> Standing {
    Standing { invited: true, manager: Some("meg".parse().unwrap()), ..Standing::new(tier) }
}

/// The tier that a standing and a record earn.
fn earns(standing: &Standing, track: &Track) -> Tier {
    judge(&policy(), standing, track, NOW).standing.tier
}

#[test]
fn the_bound_is_the_one_of_the_textbook() {
    // Newcombe (1998), table I: 81 of 263 at two-sided 95 %.
    let (least, most) = wilson(81, 263, 1.959_964);
    assert!((least - 0.2553).abs() < 1e-4 && (most - 0.3662).abs() < 1e-4, "{least} {most}");
    let (least, most) = wilson(0, 20, 1.959_964);
    assert!(least.abs() < 1e-12 && (most - 0.1611).abs() < 1e-4);
    assert_eq!(wilson(0, 0, Z), (0.0, 1.0));
    // Three of three is not 100 %.
    assert!(wilson(3, 3, Z).0 < 0.65 && wilson(20, 20, Z).0 > 0.9 && wilson(19, 20, Z).0 < 0.9);
}

#[test]
fn good_faith_is_entered_beyond_doubt_and_left_at_once() {
    let (standard, good) = (Standing::new(Tier::Standard), Standing::new(Tier::GoodFaith));
    for (record, enters, stays) in [
        (track(&[(Counterfeit, tally(20, 0, 0))]), true, true),
        (track(&[(Counterfeit, tally(19, 0, 0))]), false, true),
        (track(&[(Counterfeit, tally(19, 1, 0))]), false, true),
        (track(&[(Counterfeit, tally(18, 2, 0))]), false, true),
        (track(&[(Counterfeit, tally(17, 3, 0))]), false, false),
        (track(&[(Counterfeit, tally(95, 5, 0))]), true, true),
        (track(&[(Counterfeit, tally(950, 0, 50))]), true, true),
        (track(&[(Counterfeit, tally(949, 0, 51))]), false, false),
        // Too few to judge.
        (track(&[(Counterfeit, tally(0, 3, 0))]), false, true),
        (track(&[]), false, true),
        // Good overall, bad in one reason code.
        (track(&[(Counterfeit, tally(500, 0, 0)), (Design, tally(15, 5, 0))]), false, false),
        (track(&[(Counterfeit, tally(500, 0, 0)), (Design, tally(3, 1, 0))]), true, true),
    ] {
        assert_eq!(earns(&standard, &record) == Tier::GoodFaith, enters, "enters {record:?}");
        assert_eq!(earns(&good, &record) == Tier::GoodFaith, stays, "stays {record:?}");
    }
}

#[test]
fn who_leaves_good_faith_is_locked_out_for_three_months() {
    let left = judge(&policy(), &Standing::new(Tier::GoodFaith), &track(&[(Counterfeit, tally(15, 5, 0))]), NOW);
    assert_eq!(left.standing.tier, Tier::Standard);
    let until = NOW + policy().lockout;
    assert_eq!(left.standing.locked_until, Some(until));
    let best = track(&[(Counterfeit, tally(1000, 0, 0))]);
    let before = judge(&policy(), &left.standing, &best, Time(until.0 - 1));
    assert_eq!((before.standing.tier, before.look_at), (Tier::Standard, Some(until)));
    let after = judge(&policy(), &left.standing, &best, until);
    assert_eq!((after.standing.tier, after.standing.locked_until), (Tier::GoodFaith, None));
}

#[test]
fn joint_force_needs_good_faith_an_invitation_and_an_account_manager() {
    let best = track(&[(Counterfeit, tally(100, 0, 0))]);
    assert_eq!(earns(&invited(Tier::GoodFaith), &best), Tier::JointForce);
    assert_eq!(earns(&Standing { manager: None, ..invited(Tier::GoodFaith) }, &best), Tier::GoodFaith);
    assert_eq!(earns(&Standing { invited: false, ..invited(Tier::GoodFaith) }, &best), Tier::GoodFaith);
    // It keeps its tier while its manager is replaced.
    assert_eq!(earns(&Standing { manager: None, ..invited(Tier::JointForce) }, &best), Tier::JointForce);
    assert_eq!(earns(&invited(Tier::JointForce), &track(&[(Counterfeit, tally(80, 20, 0))])), Tier::Standard);
    assert_eq!(earns(&invited(Tier::Unverified), &best), Tier::Unverified);
    assert_eq!(earns(&invited(Tier::TrustedFlagger), &best), Tier::TrustedFlagger);

    for (total, reversed, stays) in [(100, 1, true), (100, 2, false), (20, 1, false), (19, 1, true)] {
        let record = Track { instants: Instants { total, reversed }, ..best.clone() };
        let judged = judge(&policy(), &invited(Tier::JointForce), &record, NOW).standing;
        assert_eq!(judged.tier == Tier::JointForce, stays, "{total} {reversed}");
        assert_eq!(judged.invited, stays, "whoever took down the wrong listings is invited again first");
        assert_eq!(judged.locked_until, None, "it is still in good faith");
    }
}

#[test]
fn misuse_is_warned_first_then_suspended_and_the_suspension_ends() {
    let bad = Tally { accepted: 30, withdrawn: 7, contested: 10, ..Tally::default() };
    let record = |since_warning| Track { since_warning, ..track(&[(Counterfeit, bad)]) };
    let warned = judge(&policy(), &Standing::new(Tier::Standard), &record(Tally::default()), NOW).standing;
    assert_eq!(warned.tier, Tier::Standard);
    assert!(warned.warned.as_ref().unwrap().why.starts_with("7 of 10 contested claims were withdrawn"));
    // What led to the warning does not lead to the suspension.
    assert_eq!(earns(&warned, &record(Tally::default())), Tier::Standard);
    let four = Tally { withdrawn: 4, contested: 4, ..Tally::default() };
    assert_eq!(earns(&warned, &record(four)), Tier::Standard);
    let three_of_five = Tally { withdrawn: 3, contested: 5, ..Tally::default() };
    assert_eq!(earns(&warned, &record(three_of_five)), Tier::Standard, "60 % is not more than 60 %");
    let five = Tally { withdrawn: 5, contested: 5, ..Tally::default() };
    let suspended = judge(&policy(), &warned, &record(five), NOW);
    let until = NOW + policy().suspension;
    assert_eq!(suspended.standing.tier, Tier::Suspended);
    assert_eq!(suspended.standing.suspended.as_ref().unwrap().until, Some(until));

    let good = track(&[(Counterfeit, tally(100, 0, 0))]);
    assert_eq!(judge(&policy(), &suspended.standing, &good, Time(until.0 - 1)).standing.tier, Tier::Suspended);
    assert_eq!(judge(&policy(), &suspended.standing, &good, until).standing.suspended, None);
    // What led to it is still in the window, and must not lead to the next one.
    let after = judge(&policy(), &suspended.standing, &record(five), until).standing;
    assert_eq!((after.tier, after.warned.map(|warning| warning.at)), (Tier::Standard, Some(until)));
    let from_good = Standing { suspended: suspended.standing.suspended.clone(), ..invited(Tier::JointForce) };
    let judged = judge(&policy(), &from_good, &good, NOW).standing;
    assert_eq!((judged.tier, judged.invited), (Tier::Suspended, false));
    assert!(judged.locked_until.is_some(), "good faith has to be earned again");
}

#[test]
fn a_poor_record_is_limited_until_it_is_no_longer_surely_poor() {
    let limit = |accepted, refused| {
        judge(&policy(), &Standing::new(Tier::Standard), &track(&[(Counterfeit, tally(accepted, refused, 0))]), NOW)
            .standing
            .notices_a_day
    };
    assert_eq!(limit(2, 17), None, "too few to judge");
    assert_eq!(limit(2, 18), Some(10));
    assert_eq!(limit(9, 11), None, "perhaps half");
}

#[test]
fn a_record_is_judged_again_when_its_oldest_decision_leaves_the_window() {
    let record = Track { oldest: Some(Time(NOW.0 - 5)), ..track(&[(Counterfeit, tally(20, 0, 0))]) };
    let look_at = judge(&policy(), &Standing::new(Tier::Standard), &record, NOW).look_at.unwrap();
    assert_eq!(look_at, Time(NOW.0 - 5) + policy().window + span::TICK);
    let old = Track { oldest: Some(NOW - policy().window), ..record };
    let look_at = judge(&policy(), &Standing::new(Tier::Standard), &old, NOW).look_at.unwrap();
    assert_eq!(look_at, NOW + policy().look_again, "not every second");
    assert_eq!(judge(&policy(), &Standing::new(Tier::Standard), &Track::default(), NOW).look_at, None);
}

/// What each kind of rights holder is told, whole.
#[test]
fn every_tier_says_why_and_what_would_change_it() {
    let warning = Warning { at: NOW, why: "7 of 10 contested claims were withdrawn".into() };
    let suspension = Suspension { since: NOW, until: Some(NOW + policy().suspension), why: "misuse".into() };
    let locked = Some(NOW + policy().lockout);
    let standard = Standing::new(Tier::Standard);
    let mut said = String::new();
    for (name, standing, record) in [
        ("unchecked", Standing::new(Tier::Unverified), track(&[])),
        ("new", standard.clone(), track(&[])),
        ("three of three", standard.clone(), track(&[(Counterfeit, tally(3, 0, 0))])),
        ("nineteen of twenty", standard.clone(), track(&[(Counterfeit, tally(19, 1, 0))])),
        ("bad in one code", standard.clone(), track(&[(Counterfeit, tally(500, 0, 0)), (Design, tally(20, 5, 0))])),
        ("too many upheld", standard.clone(), track(&[(Counterfeit, tally(94, 0, 6))])),
        ("locked out", Standing { locked_until: locked, ..standard.clone() }, track(&[(Counterfeit, tally(50, 0, 0))])),
        ("poor", standard.clone(), track(&[(Counterfeit, tally(2, 28, 0))])),
        ("warned", Standing { warned: Some(warning), ..standard.clone() }, track(&[(Counterfeit, tally(10, 0, 0))])),
        ("suspended", Standing { suspended: Some(suspension), ..standard }, track(&[])),
        ("good faith", Standing::new(Tier::GoodFaith), track(&[(Counterfeit, tally(97, 0, 3))])),
        ("good faith, idle", Standing::new(Tier::GoodFaith), track(&[(Counterfeit, tally(2, 0, 0))])),
        (
            "joint-force",
            invited(Tier::JointForce),
            Track {
                instants: Instants { total: 150, reversed: 0 },
                ..track(&[(Counterfeit, tally(197, 3, 0)), (Design, tally(30, 1, 0))])
            },
        ),
        ("flagger", Standing::new(Tier::TrustedFlagger), track(&[(Counterfeit, tally(3, 9, 0))])),
    ] {
        let judged = judge(&policy(), &standing, &record, NOW).standing;
        said += &format!("{name}: {}\n", explain(&policy(), &judged, &record).text());
    }
    insta::assert_snapshot!(said);
}

/// "Two more and you leave" must be true: one fewer leaves it in, that many puts it out.
#[test]
fn what_is_said_to_change_a_tier_changes_it() {
    for accepted in [20, 40, 97, 150, 400] {
        let record = track(&[(Counterfeit, tally(accepted, 0, 0))]);
        let standing = Standing::new(Tier::GoodFaith);
        let said = explain(&policy(), &standing, &record).next;
        let number = |words: &str| {
            let line = said.iter().find(|line| line.contains(words)).unwrap();
            line.split(' ').next().unwrap().parse::<i64>().unwrap()
        };
        let (upheld, refused) = (number("upheld"), number("refused"));
        let after_upheld = |more| earns(&standing, &track(&[(Counterfeit, tally(accepted - more, 0, more))]));
        let after_refused = |more| earns(&standing, &track(&[(Counterfeit, tally(accepted, more, 0))]));
        assert_eq!((after_upheld(upheld - 1), after_upheld(upheld)), (Tier::GoodFaith, Tier::Standard));
        assert_eq!((after_refused(refused - 1), after_refused(refused)), (Tier::GoodFaith, Tier::Standard));
    }
}

fn tallies() -> impl Strategy<Value = BTreeMap<ReasonCode, Tally>> {
    let counts = (0..200_i64, 0..60_i64, 0..20_i64, 0..20_i64);
    let one = counts.prop_map(|(accepted, refused, upheld, withdrawn)| Tally {
        accepted,
        refused,
        upheld,
        withdrawn,
        contested: upheld + withdrawn,
    });
    prop::collection::btree_map(prop::sample::select(ReasonCode::ALL), one, 0..4)
}

fn standings() -> impl Strategy<Value = Standing> {
    (prop::sample::select(Tier::ALL), any::<bool>(), any::<bool>(), prop::option::of(-10..10_i64)).prop_map(
        |(tier, is_invited, managed, locked)| Standing {
            invited: is_invited,
            manager: managed.then(|| "meg".parse().unwrap()),
            locked_until: locked.map(|days| Time(NOW.0 + days * Time::DAY)),
            ..Standing::new(tier)
        },
    )
}

proptest! {
    #[test]
    fn the_bounds_hold_the_share_and_close_in(part in 0..500_i64, more in 0..500_i64) {
        let whole = part + more;
        let (least, most) = wilson(part, whole, Z);
        let share = share(part, whole);
        prop_assert!(whole == 0 || (least <= share + 1e-12 && share <= most + 1e-12));
        prop_assert!((0.0..=1.0).contains(&least) && (0.0..=1.0).contains(&most) && least <= most);
        // One more that is accepted raises both ends; one that is refused lowers both.
        let (up, down) = (wilson(part + 1, whole + 1, Z), wilson(part, whole + 1, Z));
        prop_assert!(up.0 >= least - 1e-12 && up.1 >= most - 1e-12);
        prop_assert!(down.0 <= least + 1e-12 && down.1 <= most + 1e-12);
        // Twice the evidence for the same share closes in.
        let twice = wilson(2 * part, 2 * whole, Z);
        prop_assert!(twice.0 >= least - 1e-12 && twice.1 <= most + 1e-12);
        // More confidence needs more room.
        let surer = wilson(part, whole, 2.326);
        prop_assert!(surer.0 <= least + 1e-12 && surer.1 >= most - 1e-12);
    }

    #[test]
    fn a_better_record_never_earns_less(by_reason in tallies(), standing in standings(), code in prop::sample::select(ReasonCode::ALL)) {
        let record = Track { by_reason, ..Track::default() };
        let mut better = record.clone();
        better.by_reason.entry(code).or_default().accepted += 1;
        let good = |record: &Track| matches!(earns(&standing, record), Tier::GoodFaith | Tier::JointForce);
        prop_assert!(!good(&record) || good(&better));
    }

    #[test]
    fn judging_twice_changes_nothing(by_reason in tallies(), standing in standings()) {
        let record = Track { by_reason, oldest: Some(NOW), ..Track::default() };
        let once = judge(&policy(), &standing, &record, NOW);
        let twice = judge(&policy(), &once.standing, &record, NOW);
        prop_assert_eq!(&once, &twice);
        prop_assert!(!explain(&policy(), &once.standing, &record).because.is_empty());
        prop_assert!(once.look_at.is_none_or(|at| at > NOW), "the sweep would look again at once, for ever");
    }
}
