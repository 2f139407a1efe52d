//! The numbers of being on call.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Route, Severity};
use crate::domain::{
    brand::Tier,
    escalation::Desk,
    refused::{Fault, Refused},
    span,
    time::Time,
};

/// When and how cases of a tier are paged before their deadline passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlaPage {
    /// So long before the deadline.
    #[serde(with = "span")]
    pub lead: Duration,
    /// How bad a breach would be.
    pub severity: Severity,
}

/// What is paged, when, and on which ways. The defaults are ours: a third of JointForce's 30 minutes, a twelfth of a day
/// where the review may take 24 h, half a working day where it may take days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnCallPolicy {
    /// By tier of the brand; a tier that is missing is not paged for. Default JointForce 10 min before and critical,
    /// trusted flaggers 2 h and error, GoodFaith 2 h, Standard and Unverified 4 h and warning.
    pub sla: BTreeMap<Tier, SlaPage>,
    /// Open pages about deadlines; what comes due beyond them is one page together, so that a backlog doesn't ring
    /// a thousand times. Default 20.
    pub sla_pages_max: i64,
    /// Desks that are always called when a case is escalated to them. Default safety: danger to life or health.
    pub urgent_desks: Vec<Desk>,
    /// A page that nobody acknowledged goes to the next level after this. Default 5 min.
    #[serde(with = "span")]
    pub climb_after: Duration,
    /// A hole in the rota is paged so long before. Default 24 h.
    #[serde(with = "span")]
    pub hole_ahead: Duration,
    /// The ways on which pages leave; one that no worker is configured for is passed over. Default all.
    pub routes: Vec<Route>,
    /// Without a rota, a shift is taken to have begun so long ago. Default 12 h.
    #[serde(with = "span")]
    pub shift_without_rota: Duration,
}

impl Default for OnCallPolicy {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        let page = |seconds, severity| SlaPage { lead: Duration::from_secs(seconds), severity };
        Self {
            sla: BTreeMap::from([
                (Tier::JointForce, page(600, Severity::Critical)),
                (Tier::TrustedFlagger, page(2 * HOUR, Severity::Error)),
                (Tier::GoodFaith, page(2 * HOUR, Severity::Warning)),
                (Tier::Standard, page(4 * HOUR, Severity::Warning)),
                (Tier::Unverified, page(4 * HOUR, Severity::Warning)),
            ]),
            sla_pages_max: 20,
            urgent_desks: vec![Desk::Safety],
            climb_after: Duration::from_secs(300),
            hole_ahead: Duration::from_secs(24 * HOUR),
            routes: Route::ALL.to_vec(),
            shift_without_rota: Duration::from_secs(12 * HOUR),
        }
    }
}

impl OnCallPolicy {
    /// When a page that calls `level` now goes on to the next of `levels`; never from the highest.
    #[must_use]
    pub fn climbs(&self, level: i64, levels: i64, now: Time) -> Option<Time> {
        (level < levels).then(|| now + self.climb_after)
    }

    /// Checks a policy that came from a file.
    ///
    /// # Errors
    /// Every number that can't be worked by, with its fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        let minute = Duration::from_secs(60);
        let mut at_least_a_minute = |field: String, span: Duration| {
            if span < minute {
                faults.push(Fault::new(field, "it is shorter than a minute", "Give 60 s or more."));
            }
        };
        for (tier, page) in &self.sla {
            at_least_a_minute(format!("on_call.sla.{tier}.lead"), page.lead);
        }
        at_least_a_minute("on_call.climb_after".into(), self.climb_after);
        at_least_a_minute("on_call.hole_ahead".into(), self.hole_ahead);
        at_least_a_minute("on_call.shift_without_rota".into(), self.shift_without_rota);
        if self.hole_ahead > Duration::from_secs(30 * 24 * 3600) {
            faults.push(Fault::new("on_call.hole_ahead", "it is longer than 30 days", "Give at most 30 days."));
        }
        if !(1..=1000).contains(&self.sla_pages_max) {
            faults.push(Fault::new("on_call.sla_pages_max", "it is not from 1 to 1,000", "Give a number in between."));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_nobody_can_work_by_is_refused_with_every_fault() {
        assert_eq!(OnCallPolicy::default().validate(), Ok(()));
        let mut policy = OnCallPolicy { climb_after: Duration::ZERO, sla_pages_max: 0, ..OnCallPolicy::default() };
        policy.sla.insert(Tier::Standard, SlaPage { lead: Duration::ZERO, severity: Severity::Info });
        let fields: Vec<_> = policy.validate().unwrap_err().faults.into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["on_call.sla.standard.lead", "on_call.climb_after", "on_call.sla_pages_max"]);
    }

    #[test]
    fn a_policy_survives_its_text() {
        let text = serde_json::to_string(&OnCallPolicy::default()).unwrap();
        assert!(text.contains(r#""joint_force":{"lead":"10 min","severity":"critical"}"#), "{text}");
        assert_eq!(serde_json::from_str::<OnCallPolicy>(&text).unwrap(), OnCallPolicy::default());
    }
}
