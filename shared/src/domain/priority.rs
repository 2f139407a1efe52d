//! What a reviewer should look at next, and why.

use super::{
    brand::{Record, Tier},
    time::{Time, due_words},
    words::words,
};

/// A case of the first lane counts as due this much earlier (1,000 years): it is before every other case.
const FIRST_LANE: i64 = 365_250 * Time::DAY;
/// The most that a good record is worth; a bad one costs half of it at most. In hours.
const ACCURACY_MAX: f64 = 24.0;
/// What ten times as many units sold are worth, in hours.
const EXPOSURE_TENFOLD: f64 = 6.0;
/// The most that exposure is worth, in hours: reached at 10,000 units in 30 days.
const EXPOSURE_MAX: f64 = 24.0;
/// What each earlier report of the same seller is worth, and at most, in hours.
const REPEAT: (f64, f64) = (2.0, 10.0);
/// What each further claim on the same listing is worth, and at most, in hours.
const CLAIMS: (f64, f64) = (1.0, 6.0);

words! {
    /// How much harm a listing can do while it waits.
    Risk {
        /// Below 16 hours of boost by harm.
        Low = "low",
        /// From 16 hours.
        Medium = "medium",
        /// From 32 hours.
        High = "high",
    }
}

/// What is known about an open case when it is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factors {
    /// Tier of the notifier.
    pub tier: Tier,
    /// The review deadline.
    pub due: Time,
    /// Weight of the reason code, 0 to 24; what lies outside counts as the nearest end.
    pub severity: i64,
    /// What became of the notifier's earlier claims.
    pub record: Record,
    /// Units sold in the last 30 days.
    pub sold: i64,
    /// Cases about this seller so far, this one included.
    pub reports: i64,
    /// Open claims on this case.
    pub claims: i64,
}

/// Hours by which a case is moved forward, by cause.
struct Boost {
    severity: f64,
    accuracy: f64,
    exposure: f64,
    repeat: f64,
    claims: f64,
}

impl Boost {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52, and capped right after")]
    fn of(factors: &Factors) -> Self {
        let each = |count: i64, (hours, most): (f64, f64)| (count.max(0) as f64 * hours).min(most);
        Self {
            severity: factors.severity.clamp(0, 24) as f64,
            accuracy: factors.record.weight().clamp(-ACCURACY_MAX / 2.0, ACCURACY_MAX),
            exposure: ((factors.sold.max(1) as f64).log10() * EXPOSURE_TENFOLD).min(EXPOSURE_MAX),
            repeat: each(factors.reports.saturating_sub(1), REPEAT),
            claims: each(factors.claims.saturating_sub(1), CLAIMS),
        }
    }

    fn harm(&self) -> f64 {
        self.severity + self.exposure + self.repeat
    }
}

/// The place of a case in the queue, lower first: its deadline in microseconds, moved forward by
///
/// | cause | hours |
/// |---|---|
/// | weight of the reason code | 0 to 24, one a point |
/// | notifier's accuracy ([`Record::weight`]) | -12 to +24, one a point |
/// | units sold in 30 days | 6 for every factor of ten, at most 24 |
/// | earlier reports of the seller | 2 each, at most 10 |
/// | further claims on the case | 1 each, at most 6 |
///
/// so no case waits behind another that is due more than 100 hours later: nobody starves. Only cases of `JointForce`
/// brands and trusted flaggers (DSA art. 22) go before all others. The numbers are ours, chosen so that
/// harm can outweigh one tier's deadline but not two. The rank does not depend on the clock, so it may be stored.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a boost is at most 88 hours")]
pub fn rank(factors: &Factors) -> i64 {
    let boost = Boost::of(factors);
    let hours = boost.harm() + boost.accuracy + boost.claims;
    let minutes = (hours * 60.0).round() as i64;
    let lane = lane(factors.tier);
    // A deadline out of this range (the years before 1 and after 9999) can't be stored either.
    factors.due.0.saturating_sub(minutes * Time::MINUTE).saturating_sub(lane)
}

/// How much earlier than its deadline every case of this tier stands, in microseconds: what a change of tier moves it by.
#[must_use]
pub const fn lane(tier: Tier) -> i64 {
    if goes_first(tier) { FIRST_LANE } else { 0 }
}

/// Why a case stands where it stands, for its screen, most important first.
#[must_use]
pub fn why(factors: &Factors, now: Time) -> Vec<String> {
    let boost = Boost::of(factors);
    let mut causes = Vec::new();
    if factors.severity > 0 {
        causes.push((boost.severity, format!("weight {} of 24", factors.severity.min(24))));
    }
    if let Some(record) = factors.record.words().filter(|_| boost.accuracy != 0.0) {
        causes.push((boost.accuracy, record));
    }
    if factors.sold > 0 {
        causes.push((boost.exposure, format!("{} sold in 30 days", factors.sold)));
    }
    if factors.reports > 1 {
        causes.push((boost.repeat, format!("{} report of this seller", ordinal(factors.reports))));
    }
    if factors.claims > 1 {
        causes.push((boost.claims, format!("{} claims", factors.claims)));
    }
    causes.sort_by(|(one, _), (other, _)| other.total_cmp(one));

    let title = factors.tier.title();
    let who = if factors.tier == Tier::TrustedFlagger { title.to_owned() } else { format!("{title} brand") };
    let mut words = vec![who, due_words(factors.due, now)];
    words.extend(causes.into_iter().map(|(_, words)| words));
    words
}

/// How much harm the listing can do while it waits: its reason, its sales and its seller, not who reported it.
#[must_use]
pub fn risk(factors: &Factors) -> Risk {
    match Boost::of(factors).harm() {
        harm if harm >= 32.0 => Risk::High,
        harm if harm >= 16.0 => Risk::Medium,
        _ => Risk::Low,
    }
}

/// Whether the tier's cases go before all others.
const fn goes_first(tier: Tier) -> bool {
    matches!(tier, Tier::JointForce | Tier::TrustedFlagger)
}

fn ordinal(count: i64) -> String {
    let words = ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    let word = usize::try_from(count).ok().and_then(|count| words.get(count.checked_sub(2)?));
    let ending = match (count % 10, count % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    word.map_or_else(|| format!("{count}{ending}"), |word| (*word).to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: Factors = Factors {
        tier: Tier::Standard,
        due: Time(1_000 * Time::DAY),
        severity: 0,
        record: Record { accepted: 0, refused: 0 },
        sold: 0,
        reports: 1,
        claims: 1,
    };

    fn factors() -> impl Strategy<Value = Factors> {
        let tier = prop::sample::select(Tier::ALL);
        let counts = (-5..40_i64, 0..10_000_i64, 0..10_000_i64, any::<i64>(), any::<i64>(), any::<i64>());
        (tier, -1_000_000..1_000_000_i64, counts).prop_map(
            |(tier, hours, (severity, accepted, refused, sold, reports, claims))| Factors {
                tier,
                due: Time(hours * Time::HOUR),
                severity,
                record: Record { accepted, refused },
                sold,
                reports,
                claims,
            },
        )
    }

    #[test]
    fn a_plain_case_is_placed_by_its_deadline() {
        assert_eq!(rank(&PLAIN), PLAIN.due.0);
    }

    #[test]
    fn each_cause_moves_a_case_by_the_hours_that_are_documented() {
        let record = |accepted, refused| Record { accepted, refused };
        for (hours, case) in [
            (24, Factors { severity: 30, ..PLAIN }),
            (18, Factors { sold: 1_000, ..PLAIN }),
            (24, Factors { sold: i64::MAX, ..PLAIN }),
            (4, Factors { reports: 3, ..PLAIN }),
            (10, Factors { reports: i64::MAX, ..PLAIN }),
            (2, Factors { claims: 3, ..PLAIN }),
            (10, Factors { record: record(16, 0), ..PLAIN }),
            (24, Factors { record: record(1_000_000, 0), ..PLAIN }),
            (-12, Factors { record: record(0, 1_000_000), ..PLAIN }),
        ] {
            assert_eq!(PLAIN.due.0 - rank(&case), hours * Time::HOUR, "{case:?}");
        }
    }

    #[test]
    fn the_screen_says_why_most_important_first() {
        let case = Factors {
            tier: Tier::GoodFaith,
            due: Time(2 * Time::HOUR + 5 * Time::MINUTE),
            severity: 12,
            record: Record { accepted: 116, refused: 4 },
            sold: 430,
            reports: 3,
            claims: 2,
        };
        assert_eq!(
            why(&case, Time(0)),
            [
                "GoodFaith brand",
                "due in 2h05m",
                "430 sold in 30 days",
                "96 % of all 120 claims accepted",
                "weight 12 of 24",
                "third report of this seller",
                "2 claims",
            ]
        );
        assert_eq!(risk(&case), Risk::Medium);
        assert_eq!(why(&PLAIN, PLAIN.due), ["Standard brand", "due in 0 s"]);
        let ordinals = [10, 11, 12, 13, 21, 22, 23, 111, 1_000].map(ordinal);
        assert_eq!(ordinals, ["tenth", "11th", "12th", "13th", "21st", "22nd", "23rd", "111th", "1000th"]);
    }

    #[test]
    fn risk_follows_the_harm_and_not_the_notifier() {
        let harmful = Factors { severity: 24, sold: 100, ..PLAIN };
        assert_eq!(risk(&harmful), Risk::High);
        assert_eq!(risk(&Factors { tier: Tier::JointForce, claims: 9, ..PLAIN }), Risk::Low);
    }

    proptest! {
        #[test]
        fn joint_force_and_trusted_flaggers_go_before_everybody(one in factors(), other in factors()) {
            if goes_first(one.tier) && !goes_first(other.tier) {
                prop_assert!(rank(&one) < rank(&other));
            }
        }

        #[test]
        fn no_case_waits_behind_one_that_is_due_a_hundred_hours_later(
            one in factors(), late in 1..1_000_i64, other in factors(),
        ) {
            if goes_first(one.tier) == goes_first(other.tier) {
                let other = Factors { due: Time(one.due.0 + 100 * Time::HOUR + late), ..other };
                prop_assert!(rank(&one) < rank(&other));
            }
        }

        #[test]
        fn more_harm_never_moves_a_case_back(case in factors(), more in 0..1_000_i64) {
            for worse in [
                Factors { severity: case.severity + more, ..case },
                Factors { sold: case.sold.saturating_add(more), ..case },
                Factors { reports: case.reports.saturating_add(more), ..case },
                Factors { claims: case.claims.saturating_add(more), ..case },
            ] {
                prop_assert!(rank(&worse) <= rank(&case));
                prop_assert!(risk(&worse) >= risk(&case));
            }
        }
    }
}
