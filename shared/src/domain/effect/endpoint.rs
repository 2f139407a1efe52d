//! Whom effects call, and what an endpoint that fails is spared: calls at a time, calls a second, a circuit breaker.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::domain::{
    ids::BrandId,
    refused::{Fault, Refused},
    span,
    time::Time,
};

/// Whom an outside effect calls. Written `mail`, `marketplace`, `brand:acme`.
///
/// A brand's webhook is an endpoint of its own also where several brands have theirs at one host: behind a host such as a
/// relay service stand strangers, and one's mistake must not park another's events.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// The mail server.
    Mail,
    /// The marketplace's own systems.
    Marketplace,
    /// PagerDuty's Events API.
    PagerDuty,
    /// The receiver of Alertmanager's webhooks.
    Alertmanager,
    /// A brand's webhook.
    Brand(BrandId),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mail => f.write_str("mail"),
            Self::Marketplace => f.write_str("marketplace"),
            Self::PagerDuty => f.write_str("pager_duty"),
            Self::Alertmanager => f.write_str("alertmanager"),
            Self::Brand(brand) => write!(f, "brand:{brand}"),
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "mail" => Ok(Self::Mail),
            "marketplace" => Ok(Self::Marketplace),
            "pager_duty" => Ok(Self::PagerDuty),
            "alertmanager" => Ok(Self::Alertmanager),
            _ => text.strip_prefix("brand:").and_then(|brand| brand.parse().ok()).map(Self::Brand).ok_or_else(|| {
                let text: String = text.chars().take(80).collect();
                format!("{text:?} is no endpoint: write mail, marketplace, pager_duty, alertmanager or brand:acme")
            }),
        }
    }
}

/// What one endpoint is spared. The same numbers for each; they count for the fleet, not for a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EndpointPolicy {
    /// Calls to one endpoint at a time, in each of its lanes. Default 16 (ours; BullMQ and Svix leave it to the user).
    pub at_once: i64,
    /// Calls to one endpoint a second. Default 200 (ours).
    pub a_second: u32,
    /// Failures in a row that open its breaker: from then on nothing is sent but one probe at a time. Default 5 (ours).
    pub failures: i64,
    /// From the opening to the first probe; doubled for each probe that fails. Default 60 s (ours).
    #[serde(with = "span")]
    pub wait: Duration,
    /// The longest from one probe to the next. Default 1 h (ours; half the longest early step of Standard Webhooks' schedule).
    #[serde(with = "span")]
    pub wait_max: Duration,
}

impl Default for EndpointPolicy {
    fn default() -> Self {
        Self {
            at_once: 16,
            a_second: 200,
            failures: 5,
            wait: Duration::from_secs(60),
            wait_max: Duration::from_secs(3600),
        }
    }
}

impl EndpointPolicy {
    /// Checks the numbers.
    ///
    /// # Errors
    /// Every fault with field and fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        for (field, value, most) in [
            ("endpoints.at_once", self.at_once, 1_000),
            ("endpoints.a_second", i64::from(self.a_second), 100_000),
            ("endpoints.failures", self.failures, 1_000),
        ] {
            if !(1..=most).contains(&value) {
                faults.push(Fault::new(field, format!("{value} makes no sense"), format!("give 1 to {most}")));
            }
        }
        let day = Duration::from_secs(86_400);
        for (field, value) in [("endpoints.wait", self.wait), ("endpoints.wait_max", self.wait_max)] {
            if value.is_zero() || value > day {
                faults.push(Fault::new(field, format!("{} makes no sense", span::words(value)), "give up to 24 h"));
            }
        }
        if self.wait_max < self.wait {
            faults.push(Fault::new("endpoints.wait_max", "it is shorter than wait", "make it at least as long"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }

    /// Until when nothing is sent to an endpoint that failed so many times in a row, the last time just now; `None` while
    /// that is too few. What it asked for itself counts from the first time.
    #[must_use]
    pub fn parked_until(&self, failures: i64, asked: Option<Duration>, now: Time) -> Option<Time> {
        let beyond = failures - self.failures;
        let own = (beyond >= 0).then(|| {
            let doublings = u32::try_from(beyond).unwrap_or(u32::MAX).min(20);
            self.wait.saturating_mul(1 << doublings).min(self.wait_max)
        });
        own.max(asked).map(|wait| now + wait)
    }

    /// How many calls an endpoint may have at a time after so many failures in a row.
    #[must_use]
    pub const fn room(&self, failures: i64) -> i64 {
        if failures >= self.failures { 1 } else { self.at_once }
    }
}

/// An endpoint that failed lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// Which.
    pub endpoint: Endpoint,
    /// Failures in a row.
    pub failures: i64,
    /// Nothing is sent to it before; then one probe is.
    pub parked_until: Option<Time>,
    /// What it said last.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_read_as_it_is_written() {
        for text in ["mail", "marketplace", "pager_duty", "alertmanager", "brand:acme"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        for text in ["", "brand:", "brand", "letters", "brand:a b"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_breaker_opens_at_its_count_and_each_failed_probe_waits_twice_as_long() {
        let policy = EndpointPolicy::default();
        let waits = |failures| policy.parked_until(failures, None, Time(0)).map(|until| until.0 / Time::SECOND);
        assert_eq!(
            [4, 5, 6, 7, 10, 11, 1000].map(waits),
            [None, Some(60), Some(120), Some(240), Some(1920), Some(3600), Some(3600)]
        );
        assert_eq!([0, 4, 5, 99].map(|failures| policy.room(failures)), [16, 16, 1, 1]);
    }

    #[test]
    fn an_endpoint_that_asks_for_a_pause_gets_it_at_once() {
        let (policy, asked) = (EndpointPolicy::default(), Some(Duration::from_secs(300)));
        assert_eq!(policy.parked_until(1, asked, Time(0)), Some(Time(300 * Time::SECOND)));
        assert_eq!(policy.parked_until(20, asked, Time(0)), Some(Time(3600 * Time::SECOND)), "never sooner than ours");
    }

    #[test]
    fn numbers_that_make_no_sense_are_refused_by_name() {
        let zero = Duration::ZERO;
        let bad = EndpointPolicy { at_once: 0, a_second: 0, failures: 0, wait: zero, wait_max: zero };
        let refused = bad.validate().unwrap_err();
        let fields: Vec<_> = refused.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["at_once", "a_second", "failures", "wait", "wait_max"].map(|f| format!("endpoints.{f}")));
        assert_eq!(EndpointPolicy::default().validate(), Ok(()));
    }
}
