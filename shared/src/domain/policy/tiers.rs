//! What each tier of trust gets and owes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::domain::{
    brand::Tier,
    refused::{Fault, Refused},
};

/// How long a review may take. Written `3 working days`, `24 h`, `30 min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sla {
    /// Working days of the calendar: due at the same time of day.
    WorkingDays(u32),
    /// Hours on the clock, nights and weekends included.
    Hours(u32),
    /// Minutes on the clock.
    Minutes(u32),
}

impl fmt::Display for Sla {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkingDays(1) => f.write_str("1 working day"),
            Self::WorkingDays(days) => write!(f, "{days} working days"),
            Self::Hours(hours) => write!(f, "{hours} h"),
            Self::Minutes(minutes) => write!(f, "{minutes} min"),
        }
    }
}

impl FromStr for Sla {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            let text: String = text.chars().take(40).collect();
            format!("{text:?} is no deadline: write it like 3 working days, 24 h or 30 min")
        };
        let text = text.trim();
        let (count, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let count: u32 = count.parse().ok().filter(|count| *count > 0).ok_or_else(bad)?;
        match unit.trim() {
            "working day" | "working days" => Ok(Self::WorkingDays(count)),
            "h" | "hour" | "hours" => Ok(Self::Hours(count)),
            "min" | "minute" | "minutes" => Ok(Self::Minutes(count)),
            _ => Err(bad()),
        }
    }
}

impl TryFrom<String> for Sla {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Sla> for String {
    fn from(sla: Sla) -> Self {
        sla.to_string()
    }
}

/// What one tier gets and owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRules {
    /// How long a review of its notices may take.
    pub sla: Sla,
    /// Listings that one notice may name.
    pub listings_a_notice: usize,
    /// Notices that it may file in any 24 hours; 0 for as many as it likes.
    pub notices_a_day: i64,
    /// Pieces of evidence (links to a test purchase, a comparison, the work copied) that a notice must bring.
    pub proof: usize,
}

/// The rules by tier. Deadlines: 7 and 3 working days and 24 h are Alibaba's programmes (95-96 % of reports closed
/// within 24 h), minutes for whoever attests. 300 listings a notice, 10 from an unregistered holder: Alibaba.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tiers {
    /// Default 7 working days, 10 listings a notice.
    pub unverified: TierRules,
    /// Default 3 working days, 300 listings a notice.
    pub standard: TierRules,
    /// Default 24 h, 300 listings a notice.
    pub good_faith: TierRules,
    /// Default 30 min, 300 listings a notice.
    pub joint_force: TierRules,
    /// Default 24 h (DSA art. 22: before all others), 300 listings a notice.
    pub trusted_flagger: TierRules,
    /// What is open from the time before the suspension. Default 7 working days.
    pub suspended: TierRules,
}

impl Default for Tiers {
    fn default() -> Self {
        let rules = |sla| TierRules { sla, listings_a_notice: 300, notices_a_day: 0, proof: 0 };
        Self {
            unverified: TierRules { listings_a_notice: 10, ..rules(Sla::WorkingDays(7)) },
            standard: rules(Sla::WorkingDays(3)),
            good_faith: rules(Sla::Hours(24)),
            joint_force: rules(Sla::Minutes(30)),
            trusted_flagger: rules(Sla::Hours(24)),
            suspended: rules(Sla::WorkingDays(7)),
        }
    }
}

impl Tiers {
    /// The rules of a tier.
    #[must_use]
    pub const fn of(&self, tier: Tier) -> &TierRules {
        match tier {
            Tier::Unverified => &self.unverified,
            Tier::Standard => &self.standard,
            Tier::GoodFaith => &self.good_faith,
            Tier::JointForce => &self.joint_force,
            Tier::TrustedFlagger => &self.trusted_flagger,
            Tier::Suspended => &self.suspended,
        }
    }

    /// Checks rules that came from a configuration.
    ///
    /// # Errors
    /// Names every number that makes no sense.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        for &tier in Tier::ALL {
            let rules = self.of(tier);
            if !(1..=10_000).contains(&rules.listings_a_notice) {
                let problem = format!("{} listings make no notice", rules.listings_a_notice);
                faults.push(Fault::new(format!("tiers.{tier}.listings_a_notice"), problem, "give 1 to 10000"));
            }
            if !(0..=1_000_000).contains(&rules.notices_a_day) {
                let fix = "give 1 to 1000000, or 0 for no limit";
                faults.push(Fault::new(format!("tiers.{tier}.notices_a_day"), "it is no count of notices", fix));
            }
            if rules.proof > 10 {
                let fix = "give 0 to 10; a notice carries no more";
                faults.push(Fault::new(format!("tiers.{tier}.proof"), "nobody can bring so much", fix));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}
