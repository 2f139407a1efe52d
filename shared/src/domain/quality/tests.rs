use proptest::prelude::*;

use super::*;
use crate::domain::{
    decision::{KeepReason, RemoveReason},
    ids::OperatorId,
};

/// Pairs from a table of counts: rows are one rater's answers, columns the other's.
fn pairs(table: &[&[usize]]) -> Vec<(usize, usize)> {
    let cells = table.iter().enumerate().flat_map(|(row, counts)| {
        counts.iter().enumerate().flat_map(move |(column, count)| std::iter::repeat_n((row, column), *count))
    });
    cells.collect()
}

#[test]
fn kappa_is_what_the_textbooks_say() {
    for (table, kappa) in [
        // Two readers of grant proposals (Wikipedia, "Cohen's kappa").
        (&[&[20, 5][..], &[10, 15]][..], 0.400),
        (&[&[45, 15], &[25, 15]], 0.130),
        (&[&[25, 35], &[5, 35]], 0.259),
        // Two clinicians, 200 patients (Cohen 1960).
        (&[&[88, 10, 2], &[14, 40, 6], &[18, 10, 12]], 0.492),
        // Diagnoses of 100 patients (Fleiss, Statistical Methods for Rates and Proportions).
        (&[&[75, 1, 4], &[5, 4, 1], &[0, 0, 10]], 0.676),
    ] {
        let found = Agreement::of(pairs(table)).kappa.unwrap();
        assert!((found - kappa).abs() < 0.0005, "{found} is not {kappa}");
    }
}

#[test]
fn an_agreement_says_how_sure_it_is() {
    let few = Agreement::of(pairs(&[&[20, 5], &[10, 15]]));
    assert_eq!(few.to_string(), "70 % of 50, kappa 0.40 (0.15 to 0.65)");
    assert_eq!((few.note(30), few.note(51)), ("fair", "too few to judge"));
    let same = Agreement::of(pairs(&[&[40]]));
    assert_eq!((same.kappa, same.note(30)), (None, "one answer throughout, nothing to measure"));
    assert_eq!(same.to_string(), "100 % of 40, no kappa");
    let none = Agreement::of(Vec::<(u8, u8)>::new());
    assert_eq!((none.to_string(), none.note(30)), ("none".to_owned(), "no answers yet"));
    assert_eq!(Agreement::of(pairs(&[&[0, 10], &[10, 0]])).kappa, Some(-1.0));
}

const FAKE: Verdict = Verdict::Remove(RemoveReason::CounterfeitListing);
const SOLD: Verdict = Verdict::Remove(RemoveReason::CounterfeitSold);
const MISUSE: Verdict = Verdict::Remove(RemoveReason::ImproperUse);
const WEAK: Verdict = Verdict::Keep(KeepReason::WeakEvidence);
const GENUINE: Verdict = Verdict::Keep(KeepReason::Genuine);

#[test]
fn errors_are_told_apart() {
    let points = Points::default();
    let class = |right, given| ErrorClass::of(right, given, &points).map(ErrorClass::as_str);
    assert_eq!(class(FAKE, FAKE), None);
    assert_eq!(class(WEAK, FAKE), Some("false_removal"));
    assert_eq!(class(FAKE, WEAK), Some("false_keep"));
    assert_eq!(class(WEAK, GENUINE), Some("wrong_reason"));
    assert_eq!(class(FAKE, SOLD), Some("wrong_severity"));
    // Both cost two points on the default ladder.
    assert_eq!(class(FAKE, MISUSE), Some("wrong_reason"));
}

fn answer(kind: SampleKind, decided_by: &str, compared: Verdict, reviewer: &str, given: Verdict) -> Answer {
    let who = |name: &str| name.parse::<OperatorId>().unwrap();
    Answer { kind, decided_by: who(decided_by), compared, reviewer: who(reviewer), given, ruled: None }
}

#[test]
fn a_report_says_who_erred_only_where_it_is_known() {
    use SampleKind::{Automatic, Decision, Golden};
    let mut answers = vec![
        answer(Decision, "ann", FAKE, "bob", FAKE),
        answer(Decision, "ann", FAKE, "bob", WEAK),
        answer(Decision, "bob", GENUINE, "ann", WEAK),
        answer(Golden, "cleo", GENUINE, "ann", FAKE),
        answer(Golden, "cleo", FAKE, "bob", FAKE),
        answer(Automatic, "automatic:attested", FAKE, "bob", WEAK),
    ];
    let report = |answers: &[Answer]| Report::of(answers, &Points::default());
    let before = report(&answers);
    let names: Vec<_> = before.raters.iter().map(|line| line.who.as_str()).collect();
    assert_eq!(names, ["ann", "automatic:attested", "bob"], "who decided a golden case is not rated by it");
    let (ann, bob) = (&before.raters[0], &before.raters[2]);
    assert_eq!((ann.reason.of, ann.reason.agreed, ann.unruled), (4, 1, 2));
    assert_eq!((ann.golden, bob.golden), (Share { right: 0, of: 1 }, Share { right: 1, of: 1 }));
    assert_eq!(ann.errors.iter().collect::<Vec<_>>(), [(&ErrorClass::FalseRemoval, &1)]);
    assert!(bob.errors.is_empty() && bob.unruled == 3);
    answers[1].ruled = Some(WEAK);
    answers[2].ruled = Some(WEAK);
    answers[5].ruled = Some(FAKE);
    let after = report(&answers);
    let (ann, rule, bob) = (&after.raters[0], &after.raters[1], &after.raters[2]);
    assert_eq!(ann.errors.iter().collect::<Vec<_>>(), [(&ErrorClass::FalseRemoval, &2)]);
    assert_eq!(bob.errors.iter().collect::<Vec<_>>(), [(&ErrorClass::FalseKeep, &1), (&ErrorClass::WrongReason, &1)]);
    assert!(rule.errors.is_empty() && after.raters.iter().all(|line| line.unruled == 0));
    let reason = |verdict| after.reasons.iter().find(|line| line.verdict == verdict).unwrap();
    assert_eq!((reason(FAKE).used, reason(FAKE).agreement.agreed), (5, 3));
    assert_eq!((reason(GENUINE).used, reason(GENUINE).agreement.of), (2, 6));
}

#[test]
fn each_moderators_decisions_are_drawn_in_their_share() {
    let policy = QualityPolicy::default();
    for (decided, drawn) in [(0, 0), (1, 1), (2, 2), (30, 2), (100, 3), (101, 4), (1000, 30)] {
        assert_eq!(policy.wanted(decided), drawn, "of {decided}");
    }
}

proptest! {
    #[test]
    fn kappa_is_symmetric_and_bounded(answers in prop::collection::vec((0..4_u8, 0..4_u8), 1..60)) {
        let one = Agreement::of(answers.iter().copied());
        let other = Agreement::of(answers.iter().map(|(a, b)| (*b, *a)));
        prop_assert_eq!(one, other);
        if let (Some(kappa), Some((low, high))) = (one.kappa, one.interval) {
            prop_assert!((-1.0..=1.0).contains(&kappa) && low <= kappa && kappa <= high);
            prop_assert_eq!(one.agreed == one.of, (kappa - 1.0).abs() < 1e-12);
        }
    }
}
