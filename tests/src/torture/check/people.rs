//! What people were told, held against what is true.

use std::collections::{HashMap, HashSet};

use jointforce_shared::domain::ids::CaseId;

use super::{
    super::{
        consoles::{Book, Deed, Lease, Seen},
        intake::Filings,
        stage::{Stage, held},
        witness::texts,
    },
    Findings,
};

pub(super) async fn check(stage: &Stage, book: &Book, filings: &Filings, findings: &mut Findings) {
    let seen = held(&book.seen).clone();
    for (rule, deeds, sql) in [
        (
            "P1 what a console was told is decided is decided",
            &[Deed::Remove, Deed::Keep][..],
            "SELECT case_id || ' ' || decided_by || ' ' || CASE WHEN outcome = 'removed' THEN 'Remove' ELSE 'Keep' END FROM decisions",
        ),
        (
            "P1 what a console was told is taken back is taken back",
            &[Deed::Undo],
            "SELECT case_id || ' ' || undone_by || ' Undo' FROM decisions WHERE undone_at IS NOT NULL",
        ),
    ] {
        let stored = texts(&stage.house.db, sql).await.unwrap_or_default();
        findings.rule(rule, differences(&seen, deeds, stored));
    }
    let leases = held(&book.leases).clone();
    findings.rule("I5 nobody acts on a case that another has in hand", trespasses(&seen, &leases));
    findings.rule("I5 of those who act on one version of a case, one does", twice_on_one_version(&seen));
    let filed: HashSet<String> = texts(&stage.house.db, "SELECT brand_id || ' ' || reference FROM notices")
        .await
        .unwrap_or_default()
        .into_iter()
        .collect();
    let lost = held(&filings.told).iter().filter(|told| !filed.contains(*told)).cloned().collect::<Vec<_>>();
    findings.rule("a notice whose filing was confirmed is there", lost);
}

/// Deeds that were confirmed and are not there, and deeds that are there and nobody can have done.
fn differences(seen: &[Seen], deeds: &[Deed], stored: Vec<String>) -> Vec<String> {
    let mut there: HashMap<String, usize> = HashMap::new();
    for deed in stored {
        *there.entry(deed).or_default() += 1;
    }
    let (mut told, mut perhaps): (HashMap<String, usize>, HashMap<String, usize>) = Default::default();
    for seen in seen.iter().filter(|seen| deeds.contains(&seen.deed)) {
        let which = if seen.told { &mut told } else { &mut perhaps };
        *which.entry(format!("{} {} {:?}", seen.case, seen.by, seen.deed)).or_default() += 1;
    }
    let of = |map: &HashMap<String, usize>, key: &String| map.get(key).copied().unwrap_or(0);
    let lost = told.iter().filter(|(key, count)| of(&there, key) < **count).map(|(key, _)| format!("lost: {key}"));
    let moderated = there.iter().filter(|(key, _)| key.contains(" mod-"));
    let unheard = moderated.filter(|(key, count)| **count > of(&told, key) + of(&perhaps, key));
    lost.chain(unheard.map(|(key, _)| format!("done by nobody: {key}"))).collect()
}

/// Acts that began after another had the case's lease, and ended before that one made use of it.
fn trespasses(seen: &[Seen], leases: &[Lease]) -> Vec<String> {
    let mut by_case: HashMap<CaseId, Vec<&Lease>> = HashMap::new();
    for lease in leases {
        by_case.entry(lease.case).or_default().push(lease);
    }
    let trespass = |seen: &&Seen| {
        let leases = by_case.get(&seen.case)?;
        let kept = leases.iter().find(|l| l.by != seen.by && l.from < seen.from && seen.until < l.until)?;
        Some(format!("{:?} by {} on case {} while {} had it", seen.deed, seen.by, seen.case, kept.by))
    };
    seen.iter().filter(|seen| seen.told).filter_map(|seen| trespass(&seen)).collect()
}

/// Acts that were told done on a version on which another was told done before.
fn twice_on_one_version(seen: &[Seen]) -> Vec<String> {
    let mut first: HashMap<(CaseId, i64), &Seen> = HashMap::new();
    let mut late = vec![];
    for seen in seen.iter().filter(|seen| seen.told) {
        let Some(version) = seen.version else { continue };
        if let Some(other) = first.insert((seen.case, version), seen) {
            let (one, two) = (format!("{:?} by {}", other.deed, other.by), format!("{:?} by {}", seen.deed, seen.by));
            late.push(format!("{one} and {two} on version {version} of case {}", seen.case));
        }
    }
    late
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn moments() -> [Instant; 4] {
        let now = Instant::now();
        [0, 1, 2, 3].map(|n| now + Duration::from_secs(n))
    }

    fn act(by: &str, [from, until]: [Instant; 2]) -> Seen {
        let case = "01JZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        Seen { case, by: by.to_owned(), deed: Deed::Remove, version: Some(1), from, until, told: true }
    }

    #[test]
    fn an_act_inside_anothers_lease_is_a_trespass() {
        let [a, b, c, d] = moments();
        let lease = Lease { case: act("mod-1", [a, a]).case, by: "mod-1".to_owned(), from: a, until: d };
        assert_eq!(trespasses(&[act("mod-2", [b, c])], std::slice::from_ref(&lease)).len(), 1);
        for innocent in [act("mod-1", [b, c]), act("mod-2", [a, c]), act("mod-2", [b, d])] {
            assert!(trespasses(&[innocent], std::slice::from_ref(&lease)).is_empty());
        }
    }

    #[test]
    fn two_acts_on_one_version_are_told_and_an_act_on_the_next_is_not() {
        let [a, b, c, d] = moments();
        let (one, other) = (act("mod-1", [a, b]), act("mod-2", [c, d]));
        assert_eq!(twice_on_one_version(&[one.clone(), other.clone()]).len(), 1);
        for late in [Seen { version: Some(2), ..other.clone() }, Seen { told: false, ..other }] {
            assert!(twice_on_one_version(&[one.clone(), late]).is_empty());
        }
    }

    #[test]
    fn a_confirmed_decision_that_is_missing_and_one_by_nobody_are_told() {
        let [a, b, ..] = moments();
        let done = act("mod-1", [a, b]);
        let key = format!("{} mod-1 Remove", done.case);
        let unknown = Seen { told: false, ..done.clone() };
        let differ = |seen: &[Seen], there: usize| differences(seen, &[Deed::Remove], vec![key.clone(); there]).len();
        assert_eq!([1, 0, 2].map(|there| differ(std::slice::from_ref(&done), there)), [0, 1, 1]);
        assert_eq!([differ(&[done, unknown.clone()], 2), differ(&[unknown], 0)], [0, 0]);
    }
}
