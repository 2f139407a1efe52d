//! Quality of decisions: a second person decides the same case without knowing it, and the two are compared.

mod agreement;
mod report;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{
    agreement::Agreement,
    report::{Answer, RaterLine, ReasonLine, Report, Share},
};
use super::{
    decision::Verdict,
    penalty::Points,
    refused::{Fault, Refused},
    span,
    words::words,
};

words! {
    /// What a second look is taken at.
    SampleKind {
        /// A moderator's decision, drawn by chance.
        Decision = "decision",
        /// A removal by a rule, drawn by chance.
        Automatic = "automatic",
        /// A case whose right answer a lead has written down.
        Golden = "golden",
    }
}

words! {
    /// Where a review stands.
    ReviewState {
        /// In its reviewer's queue.
        Open = "open",
        /// In it, and held.
        Held = "held",
        /// Answered; the answer can still be taken back.
        Answered = "answered",
        /// Compared, and alike.
        Agreed = "agreed",
        /// Compared, and not alike: waits for a lead.
        Disagreed = "disagreed",
        /// A lead said what is right.
        Ruled = "ruled",
        /// The reviewer passed it on unanswered.
        Passed = "passed",
    }
}

words! {
    /// How an answer is wrong.
    ErrorClass {
        /// Removed what should have stayed.
        FalseRemoval = "false_removal",
        /// Kept what should have come down.
        FalseKeep = "false_keep",
        /// Right outcome, and a strike that weighs too much or too little.
        WrongSeverity = "wrong_severity",
        /// Right outcome for another reason.
        WrongReason = "wrong_reason",
    }
}

impl ErrorClass {
    /// What is wrong with `given` when `right` is the answer; `points` say what a strike weighs.
    #[must_use]
    pub fn of(right: Verdict, given: Verdict, points: &Points) -> Option<Self> {
        match (right, given) {
            _ if right == given => None,
            (Verdict::Keep(_), Verdict::Remove(_)) => Some(Self::FalseRemoval),
            (Verdict::Remove(_), Verdict::Keep(_)) => Some(Self::FalseKeep),
            (Verdict::Remove(right), Verdict::Remove(given))
                if points.of(right.severity()) != points.of(given.severity()) =>
            {
                Some(Self::WrongSeverity)
            }
            _ => Some(Self::WrongReason),
        }
    }
}

/// The numbers of quality. Our own, unless said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QualityPolicy {
    /// Share of each moderator's decisions that a second person sees, in percent. Default 3.
    pub sample_percent: u8,
    /// At least so many of each moderator's decisions a period, as far as there are. Default 2.
    pub sample_least: u16,
    /// The period by which decisions are drawn. Default 24 h.
    #[serde(with = "span")]
    pub period: Duration,
    /// Golden cases that each moderator gets a period. Default 1.
    pub golden: u16,
    /// Reviews that wait for one person at once. Default 5.
    pub waiting_max: u16,
    /// How long an answer can be taken back before it counts. Default 15 min.
    #[serde(with = "span")]
    pub settle: Duration,
    /// With fewer answers a kappa is called too few to judge. Default 30: below it the 95 % interval of a kappa of 0.6
    /// reaches from poor to almost perfect.
    pub judge_from: u16,
    /// How far back the report looks. Default 90 d.
    #[serde(with = "span")]
    pub report: Duration,
}

impl Default for QualityPolicy {
    fn default() -> Self {
        Self {
            sample_percent: 3,
            sample_least: 2,
            period: Duration::from_secs(24 * 3600),
            golden: 1,
            waiting_max: 5,
            settle: Duration::from_secs(900),
            judge_from: 30,
            report: Duration::from_secs(90 * 86_400),
        }
    }
}

impl QualityPolicy {
    /// How many of so many decisions of one moderator are drawn in a period.
    #[must_use]
    pub fn wanted(&self, decided: usize) -> usize {
        let share = (decided * usize::from(self.sample_percent)).div_ceil(100);
        share.max(usize::from(self.sample_least)).min(decided)
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// Each fault with field and fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if self.sample_percent > 100 {
            let problem = format!("{} % is more than there is", self.sample_percent);
            faults.push(Fault::new("quality.sample_percent", problem, "give 0 to 100"));
        }
        if !(1..=50).contains(&self.waiting_max) {
            let problem = format!("{} reviews at once make no queue", self.waiting_max);
            faults.push(Fault::new("quality.waiting_max", problem, "give 1 to 50"));
        }
        let hour = Duration::from_secs(3600);
        for (field, length, least, most) in [
            ("quality.period", self.period, hour, 31 * 24 * hour),
            ("quality.settle", self.settle, hour / 60, 24 * hour),
            ("quality.report", self.report, 24 * hour, 3660 * 24 * hour),
        ] {
            if !(least..=most).contains(&length) {
                let fix = format!("give {} to {}", span::words(least), span::words(most));
                faults.push(Fault::new(field, format!("{} makes no sense", span::words(length)), fix));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}
