//! Trust: which tier a rights holder's track record earns, why, and what would change it.
//!
//! Who enters must be good beyond doubt: the lower end of the Wilson interval meets the bar, so that 3 of 3 is not
//! 100 %. Who is in stays while the share as it stands meets the bar, else one refusal in twenty would cost three
//! months. Below the least number of decided claims nobody is judged: nobody enters, and nobody leaves.

mod explain;
mod judge;
#[cfg(test)]
mod tests;
mod track;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::{
    explain::{Explanation, explain},
    judge::{Base, Judged, Standing, Suspension, Warning, judge},
    track::{Instants, Tally, Track, share, wilson},
};
use super::{
    refused::{Fault, Refused},
    span,
};

/// The numbers of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustPolicy {
    /// Decisions that count: those of the last so many days. Default 90 d (Alibaba's good faith since 2018: 3 months).
    #[serde(with = "span")]
    pub window: Duration,
    /// Decided claims from which a record is judged. Default 20 (ours).
    pub decided_min: i64,
    /// One-sided confidence of the bounds in percent: 80, 90, 95 or 99. Default 90, at which 20 of 20 enters and 19 of
    /// 20 does not.
    pub confidence_percent: u32,
    /// Good faith: share of decided claims that were accepted. Default 90 (Alibaba).
    pub accepted_percent: u32,
    /// Good faith: share of decided claims whose removal fell to a counter-notice, at most. Default 5 (Alibaba 2018).
    pub upheld_percent: u32,
    /// Who leaves good faith comes back after this at the earliest. Default 90 d (Alibaba 2018: 3 months).
    #[serde(with = "span")]
    pub lockout: Duration,
    /// Joint-Force: share of instant removals that stand. Default 99 (Amazon Project Zero).
    pub instant_percent: u32,
    /// A notifier is warned, then suspended, when more of its contested claims than this are withdrawn after the
    /// seller's counter-notice. Default 60 (the agency that Alibaba banned).
    pub withdrawn_percent: u32,
    /// Contested claims from which that is judged, before and after the warning. Default 5 (ours).
    pub contested_min: i64,
    /// How long a warning stands. Default 365 d (ours).
    #[serde(with = "span")]
    pub warning: Duration,
    /// How long a suspension lasts. Default 30 d (ours; DSA art. 23 asks for a reasonable period).
    #[serde(with = "span")]
    pub suspension: Duration,
    /// A record that is surely below this share of accepted claims is poor, and limited. Default 50 (ours, after Mercado
    /// Libre's report limit).
    pub poor_percent: u32,
    /// Notices that a poor record may file in 24 hours. Default 10 (ours).
    pub poor_notices_a_day: i64,
    /// A record that only time changes is judged again no sooner than this. Default 1 h.
    #[serde(with = "span")]
    pub look_again: Duration,
}

impl Default for TrustPolicy {
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self {
            window: days(90),
            decided_min: 20,
            confidence_percent: 90,
            accepted_percent: 90,
            upheld_percent: 5,
            lockout: days(90),
            instant_percent: 99,
            withdrawn_percent: 60,
            contested_min: 5,
            warning: days(365),
            suspension: days(30),
            poor_percent: 50,
            poor_notices_a_day: 10,
            look_again: Duration::from_secs(3600),
        }
    }
}

impl TrustPolicy {
    /// The quantile of the standard normal distribution for the confidence.
    #[must_use]
    pub const fn z(&self) -> f64 {
        match self.confidence_percent {
            0..90 => 0.841_621,
            90..95 => 1.281_552,
            95..99 => 1.644_854,
            _ => 2.326_348,
        }
    }

    /// Checks numbers that came from a configuration.
    ///
    /// # Errors
    /// Names every number that makes no sense.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        for (field, percent) in [
            ("accepted_percent", self.accepted_percent),
            ("upheld_percent", self.upheld_percent),
            ("instant_percent", self.instant_percent),
            ("withdrawn_percent", self.withdrawn_percent),
            ("poor_percent", self.poor_percent),
        ] {
            if percent > 100 {
                faults.push(Fault::new(format!("trust.{field}"), format!("{percent} % is no share"), "give 0 to 100"));
            }
        }
        if !matches!(self.confidence_percent, 80 | 90 | 95 | 99) {
            let problem = format!("{} % is not offered", self.confidence_percent);
            faults.push(Fault::new("trust.confidence_percent", problem, "give 80, 90, 95 or 99"));
        }
        if self.poor_percent > self.accepted_percent {
            let fix = "make it at most trust.accepted_percent";
            faults.push(Fault::new("trust.poor_percent", "a record can't be good and poor at once", fix));
        }
        for (field, count) in [
            ("decided_min", self.decided_min),
            ("contested_min", self.contested_min),
            ("poor_notices_a_day", self.poor_notices_a_day),
        ] {
            if !(1..=1_000_000).contains(&count) {
                let fix = "give 1 to 1000000";
                faults.push(Fault::new(format!("trust.{field}"), format!("{count} makes no sense"), fix));
            }
        }
        let day = 86_400;
        for (field, span, least, most) in [
            ("window", self.window, day, 3660 * day),
            ("lockout", self.lockout, 0, 3660 * day),
            ("warning", self.warning, day, 3660 * day),
            ("suspension", self.suspension, day, 3660 * day),
            ("look_again", self.look_again, 1, 30 * day),
        ] {
            let (least, most) = (Duration::from_secs(least), Duration::from_secs(most));
            if !(least..=most).contains(&span) {
                let fix = format!("give {} to {}", span::words(least), span::words(most));
                faults.push(Fault::new(format!("trust.{field}"), format!("{} makes no sense", span::words(span)), fix));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}
