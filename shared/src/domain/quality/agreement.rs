//! Agreement of two raters, beyond what chance alone would give.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

/// How far two raters agree on the same questions: the share, and Cohen's kappa with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Questions that both answered.
    pub of: usize,
    /// Those that they answered alike.
    pub agreed: usize,
    /// (observed − expected) / (1 − expected), −1 to 1 (Cohen 1960). None where both always gave one and the same
    /// answer, or none at all: then chance explains everything, and nothing is measured.
    pub kappa: Option<f64>,
    /// Its 95 % interval, by the large-sample standard error √(p(1−p) / n(1−e)²).
    pub interval: Option<(f64, f64)>,
}

impl Agreement {
    /// Compares pairs of answers: the first of each pair by one rater, the second by the other.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of reviews are far below 2^52")]
    pub fn of<A: Ord>(pairs: impl IntoIterator<Item = (A, A)>) -> Self {
        let (mut of, mut agreed) = (0, 0);
        let mut used = BTreeMap::<A, (usize, usize)>::new();
        for (one, other) in pairs {
            of += 1;
            agreed += usize::from(one == other);
            used.entry(one).or_default().0 += 1;
            used.entry(other).or_default().1 += 1;
        }
        // In whole numbers, so that a chance of exactly 1 is seen as such.
        let by_chance: usize = used.values().map(|(one, other)| one * other).sum();
        if by_chance == of * of {
            return Self { of, agreed, kappa: None, interval: None };
        }
        let n = of as f64;
        let (observed, expected) = (agreed as f64 / n, by_chance as f64 / (n * n));
        let kappa = (observed - expected) / (1.0 - expected);
        let error = (observed * (1.0 - observed) / (n * (1.0 - expected) * (1.0 - expected))).sqrt();
        let bound = |side: f64| (kappa + side * 1.96 * error).clamp(-1.0, 1.0);
        Self { of, agreed, kappa: Some(kappa), interval: Some((bound(-1.0), bound(1.0))) }
    }

    /// The share of alike answers in percent, rounded down: 100 means all.
    #[must_use]
    pub fn percent(&self) -> Option<usize> {
        (self.agreed * 100).checked_div(self.of)
    }

    /// What is to be said with the number: that it is too few to judge, or how strong the agreement is called (Landis
    /// and Koch 1977).
    #[must_use]
    pub fn note(&self, judge_from: u16) -> &'static str {
        match self.kappa {
            _ if self.of == 0 => "no answers yet",
            _ if self.of < usize::from(judge_from) => "too few to judge",
            None => "one answer throughout, nothing to measure",
            Some(kappa) if kappa < 0.0 => "worse than chance",
            Some(kappa) if kappa <= 0.2 => "slight",
            Some(kappa) if kappa <= 0.4 => "fair",
            Some(kappa) if kappa <= 0.6 => "moderate",
            Some(kappa) if kappa <= 0.8 => "substantial",
            Some(_) => "almost perfect",
        }
    }
}

impl fmt::Display for Agreement {
    /// `92 % of 25, kappa 0.78 (0.52 to 1.00)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.percent() {
            None => return f.write_str("none"),
            Some(percent) => write!(f, "{percent} % of {}", self.of)?,
        }
        match (self.kappa, self.interval) {
            (Some(kappa), Some((low, high))) => write!(f, ", kappa {kappa:.2} ({low:.2} to {high:.2})"),
            _ => f.write_str(", no kappa"),
        }
    }
}
