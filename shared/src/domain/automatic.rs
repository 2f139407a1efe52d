//! The Joint-Force path: a listing goes at a brand's word, with no moderator in between, and what keeps that path honest:
//! a sample that people look at afterwards, and circuit breakers.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    decision::RemoveReason,
    ids::{BrandId, DecisionId},
    reason::ReasonCode,
    refused::{Fault, Refused},
    span,
    trust::{Instants, share},
    words::words,
};

words! {
    /// What the brand said that lets a listing go at once.
    Rule {
        /// It stands behind its notice: it attests it.
        Attested = "attested",
        /// We asked, and it answered that the goods are counterfeit.
        Answered = "answered",
    }
}

impl Rule {
    /// In a few words, for the record of the decision.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Attested => "the brand attested its notice",
            Self::Answered => "the brand answered that the goods are counterfeit",
        }
    }
}

/// What a circuit breaker guards. Written `brand:acme`, `rule:attested`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guarded {
    /// Everything that goes at one brand's word.
    Brand(BrandId),
    /// Everything that goes by one rule.
    Rule(Rule),
}

impl fmt::Display for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brand(brand) => write!(f, "brand:{brand}"),
            Self::Rule(rule) => write!(f, "rule:{rule}"),
        }
    }
}

impl FromStr for Guarded {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            let text: String = text.chars().take(80).collect();
            format!("{text:?} is no breaker: write brand:acme, rule:attested or rule:answered")
        };
        match text.split_once(':') {
            Some(("brand", brand)) => brand.parse().map(Self::Brand).map_err(|_| bad()),
            Some(("rule", rule)) => rule.parse().map(Self::Rule).map_err(|_| bad()),
            _ => Err(bad()),
        }
    }
}

/// The numbers of the Joint-Force path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AutomaticPolicy {
    /// Whether anything is removed without a moderator. Default true.
    pub on: bool,
    /// The reason codes for which a brand's word is enough. Default counterfeit: the brand alone can tell its own goods.
    pub reasons: Vec<ReasonCode>,
    /// Share of automatic removals that a person looks at afterwards. Default 5 % (ours).
    pub sample_percent: u32,
    /// Removals in an hour at one brand's word before its breaker trips. Default 500 (ours: more than the largest notice).
    pub brand_an_hour: i64,
    /// Removals in an hour by one rule before its breaker trips. Default 5,000 (ours).
    pub rule_an_hour: i64,
    /// Share of removals that fell since before a breaker trips. Default 5 % (ours; far more than Joint-Force allows, far
    /// sooner than its record shows it).
    pub reversed_percent: u32,
    /// Removals that fell before that share is looked at. Default 3 (ours).
    pub reversed_min: i64,
    /// How far back that share looks. Default 7 d (ours).
    #[serde(with = "span")]
    pub reversed_window: Duration,
}

impl Default for AutomaticPolicy {
    fn default() -> Self {
        Self {
            on: true,
            reasons: vec![ReasonCode::Counterfeit],
            sample_percent: 5,
            brand_an_hour: 500,
            rule_an_hour: 5_000,
            reversed_percent: 5,
            reversed_min: 3,
            reversed_window: Duration::from_secs(7 * 86_400),
        }
    }
}

/// What went by one breaker so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Removals in the last hour.
    pub hour: i64,
    /// Removals in the window, and how many of them fell.
    pub window: Instants,
}

impl AutomaticPolicy {
    /// Why a breaker trips before another removal goes by it; `None` while all is well.
    #[must_use]
    pub fn trips(&self, guarded: &Guarded, load: &Load) -> Option<String> {
        let most = match guarded {
            Guarded::Brand(_) => self.brand_an_hour,
            Guarded::Rule(_) => self.rule_an_hour,
        };
        if load.hour >= most {
            return Some(format!("{} removals in an hour, the most is {most}", load.hour));
        }
        let Instants { total, reversed } = load.window;
        let too_many =
            reversed >= self.reversed_min && share(reversed, total) > f64::from(self.reversed_percent) / 100.0;
        too_many.then(|| {
            let window = span::words(self.reversed_window);
            format!("{reversed} of {total} removals of the last {window} fell, more than {} %", self.reversed_percent)
        })
    }

    /// Whether a person looks at this decision afterwards. The decision's id says it, so nobody can steer clear of it, and
    /// whoever asks twice gets the same answer.
    #[must_use]
    pub fn samples(&self, decision: DecisionId) -> bool {
        let digest = Sha256::digest(format!("sample {decision}"));
        let draw = digest.iter().take(4).fold(0_u32, |draw, byte| draw << 8 | u32::from(*byte));
        u64::from(draw) * 100 < u64::from(self.sample_percent) << 32
    }

    /// For what a listing is removed that a brand names for this reason; `None` where its word is not enough.
    #[must_use]
    pub fn removes(&self, reason: ReasonCode) -> Option<RemoveReason> {
        (self.on && self.reasons.contains(&reason)).then_some(match reason {
            ReasonCode::Counterfeit => RemoveReason::CounterfeitListing,
            _ => RemoveReason::ImproperUse,
        })
    }

    /// Checks numbers that came from a configuration.
    ///
    /// # Errors
    /// Names every number that makes no sense.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        for (field, percent) in [("sample_percent", self.sample_percent), ("reversed_percent", self.reversed_percent)] {
            if percent > 100 {
                let problem = format!("{percent} % is no share");
                faults.push(Fault::new(format!("automatic.{field}"), problem, "give 0 to 100"));
            }
        }
        for (field, count) in [
            ("brand_an_hour", self.brand_an_hour),
            ("rule_an_hour", self.rule_an_hour),
            ("reversed_min", self.reversed_min),
        ] {
            if !(1..=1_000_000).contains(&count) {
                let problem = format!("{count} makes no sense");
                faults.push(Fault::new(format!("automatic.{field}"), problem, "give 1 to 1000000"));
            }
        }
        let (hour, year) = (Duration::from_secs(3600), Duration::from_secs(366 * 86_400));
        if !(hour..=year).contains(&self.reversed_window) {
            let problem = format!("{} makes no sense", span::words(self.reversed_window));
            faults.push(Fault::new("automatic.reversed_window", problem, "give 1 h to 366 d"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn a_breaker_trips_by_rate_and_by_what_fell() {
        let policy = AutomaticPolicy { brand_an_hour: 10, rule_an_hour: 20, ..AutomaticPolicy::default() };
        let (brand, rule) = (Guarded::Brand("acme".parse().unwrap()), Guarded::Rule(Rule::Attested));
        let load = |hour, total, reversed| Load { hour, window: Instants { total, reversed } };
        for (guarded, load, trips) in [
            (&brand, load(9, 9, 0), false),
            (&brand, load(10, 10, 0), true),
            (&rule, load(19, 19, 0), false),
            (&rule, load(20, 20, 0), true),
            (&brand, load(0, 2, 2), false),
            (&brand, load(0, 59, 3), true),
            (&brand, load(0, 60, 3), false),
        ] {
            assert_eq!(policy.trips(guarded, &load).is_some(), trips, "{guarded} {load:?}");
        }
    }

    #[test]
    fn the_sample_is_the_share_that_was_asked_for_and_always_the_same() {
        let ids: Vec<_> =
            (0..20_000).map(|n| DecisionId::from_ulid(Ulid::from_parts(n, u128::from(n) * 7919))).collect();
        for (percent, least, most) in [(0, 0, 0), (5, 900, 1100), (50, 9_700, 10_300), (100, 20_000, 20_000)] {
            let policy = AutomaticPolicy { sample_percent: percent, ..AutomaticPolicy::default() };
            let drawn: Vec<_> = ids.iter().filter(|id| policy.samples(**id)).collect();
            assert!((least..=most).contains(&drawn.len()), "{percent} %: {}", drawn.len());
            assert!(drawn.iter().all(|id| policy.samples(**id)));
        }
    }

    #[test]
    fn a_breaker_is_named_as_people_write_it() {
        for text in ["brand:acme", "rule:attested", "rule:answered"] {
            assert_eq!(text.parse::<Guarded>().unwrap().to_string(), text);
        }
        for bad in ["", "acme", "brand:", "rule:other", "case:1"] {
            assert!(bad.parse::<Guarded>().unwrap_err().contains("write brand:acme"), "{bad}");
        }
    }

    #[test]
    fn only_a_brands_own_goods_go_at_its_word() {
        let policy = AutomaticPolicy::default();
        assert_eq!(policy.removes(ReasonCode::Counterfeit), Some(RemoveReason::CounterfeitListing));
        assert_eq!(policy.removes(ReasonCode::Patent), None);
        assert_eq!(AutomaticPolicy { on: false, ..policy }.removes(ReasonCode::Counterfeit), None);
    }
}
