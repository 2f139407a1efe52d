//! What the lead sees: how everybody who decides agrees with others, where they err, and which reasons are unclear.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Agreement, ErrorClass, SampleKind};
use crate::domain::{decision::Verdict, ids::OperatorId, penalty::Points};

/// One answer to a sample, beside what it is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the sample was drawn from.
    pub kind: SampleKind,
    /// Who decided the real case: a person or a rule.
    pub decided_by: OperatorId,
    /// What they decided; for a golden case, the right answer.
    pub compared: Verdict,
    /// Who answered.
    pub reviewer: OperatorId,
    /// What they answered.
    pub given: Verdict,
    /// What a lead ruled where the two differ.
    pub ruled: Option<Verdict>,
}

impl Answer {
    /// The right answer, as far as it is known: ruled, golden, or what both gave.
    #[must_use]
    pub fn right(&self) -> Option<Verdict> {
        let known = self.kind == SampleKind::Golden || self.compared == self.given;
        self.ruled.or_else(|| known.then_some(self.compared))
    }
}

/// So many right of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Share {
    /// Right ones.
    pub right: usize,
    /// All.
    pub of: usize,
}

/// How one decider, a person or a rule, stands beside the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RaterLine {
    /// Who.
    pub who: OperatorId,
    /// Agreement on removed or kept.
    pub outcome: Agreement,
    /// Agreement on outcome and reason.
    pub reason: Agreement,
    /// Golden cases, as they were ruled since.
    pub golden: Share,
    /// Known errors by class.
    pub errors: BTreeMap<ErrorClass, usize>,
    /// Disagreements that no lead has ruled on yet: nobody knows who erred.
    pub unruled: usize,
}

/// How clear one reason is: whether those who see the same case use it or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonLine {
    /// The reason, with its outcome.
    pub verdict: Verdict,
    /// Answers in which at least one of the two gave it.
    pub used: usize,
    /// Agreement on whether it is this reason or any other, over all answers.
    pub agreement: Agreement,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Everybody together, on outcome and reason.
    pub whole: Agreement,
    /// One line a decider, by name.
    pub raters: Vec<RaterLine>,
    /// One line a reason that was given, by name.
    pub reasons: Vec<ReasonLine>,
}

impl Report {
    /// Makes the report from settled answers; `points` say what a strike weighs.
    #[must_use]
    pub fn of(answers: &[Answer], points: &Points) -> Self {
        let mut raters: BTreeSet<&OperatorId> = answers.iter().map(|answer| &answer.reviewer).collect();
        raters.extend(answers.iter().filter(|a| a.kind != SampleKind::Golden).map(|a| &a.decided_by));
        let pair = |answer: &Answer| (key(answer.given), key(answer.compared));
        let mut reasons = BTreeMap::new();
        for verdict in answers.iter().flat_map(|answer| [answer.given, answer.compared]) {
            reasons.insert(key(verdict), verdict);
        }
        Self {
            whole: Agreement::of(answers.iter().map(pair)),
            raters: raters.into_iter().map(|who| rater(who, answers, points)).collect(),
            reasons: reasons.into_values().map(|verdict| reason(verdict, answers)).collect(),
        }
    }
}

const fn key(verdict: Verdict) -> (&'static str, &'static str) {
    (verdict.outcome(), verdict.reason())
}

fn rater(who: &OperatorId, answers: &[Answer], points: &Points) -> RaterLine {
    let mut pairs = vec![];
    let mut golden = Share::default();
    let mut errors = BTreeMap::new();
    let mut unruled = 0;
    for answer in answers {
        let own = if answer.reviewer == *who {
            pairs.push((answer.given, answer.compared));
            answer.given
        } else if answer.kind != SampleKind::Golden && answer.decided_by == *who {
            pairs.push((answer.compared, answer.given));
            answer.compared
        } else {
            continue;
        };
        let right = answer.right();
        if answer.kind == SampleKind::Golden {
            golden.of += 1;
            golden.right += usize::from(right == Some(own));
        }
        match right.map(|right| ErrorClass::of(right, own, points)) {
            Some(Some(error)) => *errors.entry(error).or_default() += 1,
            Some(None) => {}
            None => unruled += 1,
        }
    }
    RaterLine {
        who: who.clone(),
        outcome: Agreement::of(pairs.iter().map(|(own, other)| (own.outcome(), other.outcome()))),
        reason: Agreement::of(pairs.iter().map(|(own, other)| (key(*own), key(*other)))),
        golden,
        errors,
        unruled,
    }
}

fn reason(verdict: Verdict, answers: &[Answer]) -> ReasonLine {
    let used = answers.iter().filter(|answer| answer.given == verdict || answer.compared == verdict).count();
    let pairs = answers.iter().map(|answer| (answer.given == verdict, answer.compared == verdict));
    ReasonLine { verdict, used, agreement: Agreement::of(pairs) }
}
