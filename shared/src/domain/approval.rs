//! Four eyes: what one person may not do alone, and the request that a second one sees. A request is bound to its exact
//! words by a hash and to what it is about by versions: whatever changes makes it void.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    brand::Tier,
    decision::Verdict,
    ids::{CaseId, SellerId, StrikeId},
    policy::Change,
    refused::{Fault, Refused},
    seller::Level,
    time::Time,
    words::words,
};

words! {
    /// Why it takes two.
    Cause {
        /// A seller is closed for ever.
        Termination = "termination",
        /// Sellers who share a payout account are punished together.
        LinkedSellers = "linked_sellers",
        /// More listings at once than one person may decide.
        ManyListings = "many_listings",
        /// The decision of a colleague of one's own team is taken back.
        OwnTeam = "own_team",
        /// A brand that is trusted with immediate removal is told no.
        TrustedRefused = "trusted_refused",
        /// The path without a moderator, which was stopped, is switched on again.
        AutomaticPath = "automatic_path",
    }
}

words! {
    /// Where a request stands. Who moves it on: pending → approved or refused by a second person, expired or void by
    /// the sweep, void by the requester or by a change of what it is about.
    ApprovalState {
        /// Waits for a second person.
        Pending = "pending",
        /// Approved and carried out; final.
        Approved = "approved",
        /// Refused; final.
        Refused = "refused",
        /// Nobody answered in time; final.
        Expired = "expired",
        /// What it was about changed, or it was taken back; final.
        Void = "void",
    }
}

impl Cause {
    /// Why it takes two, in words that go on: "needs a second person, because …".
    #[must_use]
    pub const fn because(self) -> &'static str {
        match self {
            Self::Termination => "it closes an account for ever",
            Self::LinkedSellers => "it punishes sellers for another's strikes",
            Self::ManyListings => "it concerns more listings than one person may decide",
            Self::OwnTeam => "it takes back a decision of your own team",
            Self::TrustedRefused => "it refuses a brand that is trusted with immediate removal",
            Self::AutomaticPath => "it switches on a path that removes without a moderator",
        }
    }
}

/// A case as the requester saw it, or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Which case.
    pub case: CaseId,
    /// Its version: any other makes the request void.
    pub version: i64,
}

/// What is asked for: all of it, so that approving carries out exactly this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "want", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wanted {
    /// Decide cases.
    Decide {
        /// How.
        verdict: Verdict,
        /// Which.
        cases: Vec<Seen>,
        /// The requester's words for colleagues.
        note: String,
    },
    /// Take the decisions on cases back.
    Undo {
        /// Which.
        cases: Vec<Seen>,
        /// The requester's words for colleagues.
        note: String,
    },
    /// Close a seller's account for ever.
    Terminate {
        /// Whom.
        seller: SellerId,
        /// The points that count.
        points: i64,
        /// The strikes that stand: any other makes the request void.
        strikes: Vec<StrikeId>,
    },
    /// Let a stopped automatic path go on.
    LetGo {
        /// What is stopped, as `brand:acme` or `rule:attested`.
        guarded: String,
        /// When it was stopped: if it is stopped anew, the request is void.
        tripped: Time,
        /// The requester's words for colleagues: what was found.
        note: String,
    },
    /// Put a policy in force that switches the automatic path on.
    Policy {
        /// The version it changes: any other in force makes the request void.
        from: i64,
        /// All that differs from the defaults then.
        overrides: Value,
        /// What it changes.
        changes: Vec<Change>,
        /// The requester's reason.
        note: String,
    },
    /// Bring sellers who share a payout account to the level of the worst of them.
    PunishLinked {
        /// The worst.
        worst: SellerId,
        /// The level of the worst.
        level: Level,
        /// When it ends.
        until: Option<Time>,
        /// The others, mildest or alike.
        sellers: Vec<SellerId>,
        /// The requester's words for colleagues.
        note: String,
    },
}

impl Wanted {
    /// The request in the one form that is hashed and stored: JSON with its keys in order.
    ///
    /// # Errors
    /// What JSON says; nothing here can't be said in it.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        // A value's keys are sorted, whatever the order of the fields.
        serde_json::to_value(self).map(|value| value.to_string())
    }

    /// What it is about: at most one request about one thing is open.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Decide { cases, .. } | Self::Undo { cases, .. } => match cases[..] {
                [one] => format!("case:{}", one.case),
                _ => {
                    let ids: Vec<String> = cases.iter().map(|seen| seen.case.to_string()).collect();
                    format!("cases:{}", digest(&ids.join(" ")))
                }
            },
            Self::Terminate { seller, .. } => format!("seller:{seller}"),
            Self::PunishLinked { worst, .. } => format!("linked:{worst}"),
            Self::LetGo { guarded, .. } => format!("breaker:{guarded}"),
            Self::Policy { .. } => "policy".into(),
        }
    }

    /// The cases it is bound to.
    #[must_use]
    pub fn cases(&self) -> &[Seen] {
        match self {
            Self::Decide { cases, .. } | Self::Undo { cases, .. } => cases,
            _ => &[],
        }
    }

    /// What is asked for, in words for whoever approves.
    #[must_use]
    pub fn words(&self) -> String {
        let cases = |cases: &[Seen]| match cases {
            [one] => format!("case {}", one.case.short()),
            many => format!("{} cases", many.len()),
        };
        match self {
            Self::Decide { verdict: Verdict::Remove(reason), cases: of, .. } => {
                format!("remove {}: {}", cases(of), reason.title())
            }
            Self::Decide { verdict: Verdict::Keep(reason), cases: of, .. } => {
                format!("keep {}: {}", cases(of), reason.title())
            }
            Self::Undo { cases: of, .. } => format!("take back the decision on {}", cases(of)),
            Self::Terminate { seller, points, strikes } => {
                format!("close the account of seller {seller} for ever: {points} points of {} strikes", strikes.len())
            }
            Self::PunishLinked { worst, level, sellers, .. } => {
                let many = if sellers.len() == 1 { "seller" } else { "sellers" };
                format!("bring {} {many} linked to {worst} to its level, {level}", sellers.len())
            }
            Self::LetGo { guarded, .. } => format!("let automatic removals of {guarded} go on"),
            Self::Policy { changes, .. } => {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                format!("change the policy: {}", changes.join("; "))
            }
        }
    }

    /// The requester's words for colleagues.
    #[must_use]
    pub fn note(&self) -> &str {
        match self {
            Self::Decide { note, .. }
            | Self::Undo { note, .. }
            | Self::PunishLinked { note, .. }
            | Self::LetGo { note, .. }
            | Self::Policy { note, .. } => note,
            Self::Terminate { .. } => "",
        }
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What somebody is about to do to cases, as far as it decides who else has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What they decide; `None` when they take a decision back.
    pub verdict: Option<Verdict>,
    /// How many listings at once.
    pub listings: usize,
    /// The most trusted of the brands.
    pub tier: Tier,
    /// Whether it takes back, or rules against, the decision of another person of the same team after its grace window.
    pub overturns_own_team: bool,
}

/// When it takes two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApprovalPolicy {
    /// Refusing a brand that is trusted with immediate removal takes two. Default yes.
    pub trusted_refused: bool,
    /// Overturning a colleague of one's own team takes two. Default yes.
    pub own_team: bool,
    /// A request that nobody answers is over after so many hours. Default 24.
    pub expires_hours: u32,
    /// The most cases that one request may decide. Default 1,000.
    pub cases_max: usize,
    /// From which level of the worst sellers with one payout account may be punished together. Default suspended.
    pub linked_from: Level,
    /// The most sellers with one payout account that are taken for one trader; more share a payment provider's. Default
    /// 100 (ours).
    pub linked_max: usize,
}

impl Default for ApprovalPolicy {
    fn default() -> Self {
        Self {
            trusted_refused: true,
            own_team: true,
            expires_hours: 24,
            cases_max: 1000,
            linked_from: Level::Suspended,
            linked_max: 100,
        }
    }
}

impl ApprovalPolicy {
    /// Checks what came from a configuration.
    ///
    /// # Errors
    /// Every fault with its fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if !(1..=24 * 30).contains(&self.expires_hours) {
            let problem = format!("{} hours make no sense", self.expires_hours);
            faults.push(Fault::new("approvals.expires_hours", problem, "Give 1 to 720"));
        }
        if !(1..=10_000).contains(&self.cases_max) {
            let problem = format!("{} cases make no batch", self.cases_max);
            faults.push(Fault::new("approvals.cases_max", problem, "Give 1 to 10000"));
        }
        if !(1..=1000).contains(&self.linked_max) {
            let problem = format!("{} sellers make no trader", self.linked_max);
            faults.push(Fault::new("approvals.linked_max", problem, "Give 1 to 1000"));
        }
        if self.linked_from < Level::Restricted {
            let problem = format!("{} takes nothing away that others could share", self.linked_from);
            faults.push(Fault::new(
                "approvals.linked_from",
                problem,
                "Give restricted, hidden, suspended or terminated",
            ));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

/// Why what somebody is about to do takes a second person; `None` if it doesn't. The widest reason is given.
#[must_use]
pub fn needed(policy: &ApprovalPolicy, batch_max: usize, facts: &Facts) -> Option<Cause> {
    let trusted = matches!(facts.tier, Tier::JointForce | Tier::TrustedFlagger);
    if facts.listings > batch_max {
        Some(Cause::ManyListings)
    } else if policy.own_team && facts.overturns_own_team {
        Some(Cause::OwnTeam)
    } else if policy.trusted_refused && trusted && matches!(facts.verdict, Some(Verdict::Keep(_))) {
        Some(Cause::TrustedRefused)
    } else {
        None
    }
}
