//! The numbers of policy, as data with defaults from the field. What differs from the defaults is stored, version by
//! version, and changed by an audited command.

mod document;
mod tiers;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{
    document::{Change, fields},
    tiers::{Sla, TierRules, Tiers},
};
use super::{
    appeal::AppealPolicy,
    approval::ApprovalPolicy,
    audit::AuditPolicy,
    authenticity::AskingPolicy,
    automatic::AutomaticPolicy,
    brand::Tier,
    calendar::Calendar,
    console::ConsolePolicy,
    counter_notice::CounterPolicy,
    effect::EndpointPolicy,
    evidence::EvidencePolicy,
    group::GroupPolicy,
    page::OnCallPolicy,
    penalty::Ladder,
    quality::QualityPolicy,
    refused::{Fault, Refused},
    span,
    statement::policy::ReasonsPolicy,
    trust::TrustPolicy,
};
/// Every number that a marketplace may want otherwise.
///
/// To add an area: its own struct with `#[serde(default, deny_unknown_fields)]` and a `validate`, one field here, one
/// line in [`Policy::validate`]. Lengths of time carry `#[serde(with = "span")]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The working week in which deadlines are counted.
    pub calendar: Calendar,
    /// The penalty ladder.
    pub ladder: Ladder,
    /// When it takes two.
    pub approvals: ApprovalPolicy,
    /// What each tier of trust gets and owes.
    pub tiers: Tiers,
    /// Being on call: what is paged, when, and on which ways.
    pub on_call: OnCallPolicy,
    /// How rights holders are asked.
    pub asking: AskingPolicy,
    /// Who earns which tier.
    pub trust: TrustPolicy,
    /// The sealing of the audit record.
    pub audit: AuditPolicy,
    /// Counter-notices: the law's contents and clocks by jurisdiction.
    pub counters: CounterPolicy,
    /// Appeals against our decisions.
    pub appeals: AppealPolicy,
    /// What goes at a brand's word, without a moderator.
    pub automatic: AutomaticPolicy,
    /// From decision to its being carried out; undo inside it cancels. Default 10 s.
    #[serde(with = "span")]
    pub grace: Duration,
    /// A reviewer's lease on a case; renewed by heartbeat. Default 10 min (Coop).
    #[serde(with = "span")]
    pub lease: Duration,
    /// The longest hold. Default 24 h.
    #[serde(with = "span")]
    pub hold_max: Duration,
    /// Cases decided by one confirmed batch; more needs a second person. Default 50.
    pub batch_max: usize,
    /// What consoles do the same for everybody.
    pub console: ConsolePolicy,
    /// Groups of cases that are decided together.
    pub groups: GroupPolicy,
    /// What is called evidence beside the genuine product.
    pub evidence: EvidencePolicy,
    /// Second looks at decisions.
    pub quality: QualityPolicy,
    /// Attempts at an effect before it is dead. Default 10.
    pub attempts_max: i64,
    /// Lease of an outside effect; a call takes at most 10 s. Default 15 s, and never less.
    #[serde(with = "span")]
    pub effect_lease: Duration,
    /// First retry after this, doubled each time with jitter. Default 2 s.
    #[serde(with = "span")]
    pub backoff_first: Duration,
    /// No retry later than this after the last. Default 1 h.
    #[serde(with = "span")]
    pub backoff_max: Duration,
    /// What each endpoint that effects call is spared.
    pub endpoints: EndpointPolicy,
    /// Statements of reasons and the register.
    pub reasons: ReasonsPolicy,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            calendar: Calendar::default(),
            ladder: Ladder::default(),
            approvals: ApprovalPolicy::default(),
            tiers: Tiers::default(),
            on_call: OnCallPolicy::default(),
            asking: AskingPolicy::default(),
            trust: TrustPolicy::default(),
            audit: AuditPolicy::default(),
            counters: CounterPolicy::default(),
            appeals: AppealPolicy::default(),
            automatic: AutomaticPolicy::default(),
            grace: Duration::from_secs(10),
            lease: Duration::from_secs(600),
            hold_max: Duration::from_secs(24 * 3600),
            batch_max: 50,
            console: ConsolePolicy::default(),
            groups: GroupPolicy::default(),
            evidence: EvidencePolicy::default(),
            quality: QualityPolicy::default(),
            attempts_max: 10,
            effect_lease: Duration::from_secs(15),
            backoff_first: Duration::from_secs(2),
            backoff_max: Duration::from_secs(3600),
            endpoints: EndpointPolicy::default(),
            reasons: ReasonsPolicy::default(),
        }
    }
}

impl Policy {
    /// The review deadline of a tier.
    #[must_use]
    pub const fn sla(&self, tier: Tier) -> Sla {
        self.tiers.of(tier).sla
    }

    /// Listings that one notice of this tier may name.
    #[must_use]
    pub const fn listings_limit(&self, tier: Tier) -> usize {
        self.tiers.of(tier).listings_a_notice
    }

    /// Checks the whole.
    ///
    /// # Errors
    /// Every fault of every part, each with field and fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let parts = [
            self.calendar.validate(),
            self.ladder.validate(),
            self.tiers.validate(),
            self.asking.validate(),
            self.on_call.validate(),
            self.console.validate(),
            self.groups.validate(),
            self.evidence.validate(),
            self.quality.validate(),
            self.reasons.validate(),
            self.endpoints.validate(),
            self.trust.validate(),
            self.audit.validate(),
            self.counters.validate(),
            self.appeals.validate(),
            self.automatic.validate(),
            self.approvals.validate(),
            self.validate_own(),
        ];
        let faults: Vec<Fault> = parts.into_iter().filter_map(Result::err).flat_map(|part| part.faults).collect();
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }

    fn validate_own(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        for (field, span, least, most) in [
            ("grace", self.grace, 0, 3600),
            ("lease", self.lease, 30, 24 * 3600),
            ("hold_max", self.hold_max, 60, 30 * 86_400),
            ("effect_lease", self.effect_lease, 15, 3600),
            ("backoff_first", self.backoff_first, 0, 3600),
            ("backoff_max", self.backoff_max, 1, 7 * 86_400),
        ] {
            let (least, most) = (Duration::from_secs(least), Duration::from_secs(most));
            if !(least..=most).contains(&span) {
                let fix = format!("give {} to {}", span::words(least), span::words(most));
                faults.push(Fault::new(field, format!("{} makes no sense", span::words(span)), fix));
            }
        }
        if self.backoff_max < self.backoff_first {
            faults.push(Fault::new("backoff_max", "it is shorter than backoff_first", "make it at least as long"));
        }
        if !(1..=1000).contains(&self.batch_max) {
            faults.push(Fault::new("batch_max", format!("{} cases make no batch", self.batch_max), "give 1 to 1000"));
        }
        if !(1..=100).contains(&self.attempts_max) {
            let problem = format!("{} attempts make no sense", self.attempts_max);
            faults.push(Fault::new("attempts_max", problem, "give 1 to 100"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

#[cfg(test)]
mod tests;
