//! The numbers of policy, as data with defaults from the field.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{brand::Tier, calendar::Calendar, penalty::Ladder};

/// How long a review may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sla {
    /// Working days of the calendar: due at the same time of day.
    WorkingDays(u32),
    /// Hours on the clock, nights and weekends included.
    Hours(u32),
    /// Minutes on the clock.
    Minutes(u32),
}

/// Every number that a marketplace may want otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// The working week in which deadlines are counted.
    pub calendar: Calendar,
    /// The penalty ladder.
    pub ladder: Ladder,
    /// From decision to its being carried out; undo inside it cancels. Default 10 s.
    pub grace: Duration,
    /// A reviewer's lease on a case; renewed by heartbeat. Default 10 min.
    pub lease: Duration,
    /// The longest hold. Default 24 h.
    pub hold_max: Duration,
    /// Listings in one notice of a registered rights holder. Default 300 (Alibaba).
    pub listings_a_notice: usize,
    /// Listings in one notice of an unverified holder. Default 10 (Alibaba).
    pub listings_a_notice_unverified: usize,
    /// Cases decided by one confirmed batch; more needs a second person. Default 50.
    pub batch_max: usize,
    /// Attempts at an effect before it is dead. Default 10.
    pub attempts_max: i64,
    /// Lease of an outside effect. Default 15 s.
    pub effect_lease: Duration,
    /// First retry after this, doubled each time with jitter. Default 2 s.
    pub backoff_first: Duration,
    /// No retry later than this after the last. Default 1 h.
    pub backoff_max: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            calendar: Calendar::default(),
            ladder: Ladder::default(),
            grace: Duration::from_secs(10),
            lease: Duration::from_secs(600),
            hold_max: Duration::from_secs(24 * 3600),
            listings_a_notice: 300,
            listings_a_notice_unverified: 10,
            batch_max: 50,
            attempts_max: 10,
            effect_lease: Duration::from_secs(15),
            backoff_first: Duration::from_secs(2),
            backoff_max: Duration::from_secs(3600),
        }
    }
}

impl Policy {
    /// The review deadline of a tier: Unverified 7 working days, Standard 3, GoodFaith and trusted flaggers 24 h,
    /// JointForce 30 min (the Alibaba programmes; 95-96 % of reports closed within 24 h).
    #[must_use]
    pub const fn sla(&self, tier: Tier) -> Sla {
        match tier {
            Tier::Unverified | Tier::Suspended => Sla::WorkingDays(7),
            Tier::Standard => Sla::WorkingDays(3),
            Tier::GoodFaith | Tier::TrustedFlagger => Sla::Hours(24),
            Tier::JointForce => Sla::Minutes(30),
        }
    }

    /// Listings that one notice of this tier may name.
    #[must_use]
    pub const fn listings_limit(&self, tier: Tier) -> usize {
        match tier {
            Tier::Unverified => self.listings_a_notice_unverified,
            _ => self.listings_a_notice,
        }
    }
}
