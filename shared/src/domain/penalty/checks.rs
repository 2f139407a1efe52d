//! Whether a ladder that came from a configuration makes sense.

use super::{Expiry, Ladder, Severity};
use crate::domain::{
    refused::{Fault, Refused},
    seller::Level,
};

impl Ladder {
    /// The most points that a ladder may speak of: far from overflow with any number of strikes.
    const POINTS_MAX: i64 = 1_000_000;
    /// The longest window, in days: a hundred years.
    const DAYS_MAX: u32 = 36_500;

    /// Checks a ladder that came from a configuration.
    ///
    /// # Errors
    /// Names every number that is negative, zero where that means nothing, or absurdly large; severities and steps that do
    /// not rise; a step that nothing reaches or that would end what ends an account.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = Vec::new();
        self.check_points(&mut faults);
        self.check_days(&mut faults);
        self.check_order(&mut faults);
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }

    fn check_points(&self, faults: &mut Vec<Fault>) {
        let mut points = |field: String, points: i64, least: i64| {
            if !(least..=Self::POINTS_MAX).contains(&points) {
                let fix = format!("Give a number from {least} to {}", Self::POINTS_MAX);
                faults.push(Fault::new(field, format!("{points} makes no sense"), fix));
            }
        };
        for &severity in Severity::ALL {
            points(format!("ladder.points.{severity}"), self.points.of(severity), 0);
        }
        for (severity, cap) in &self.caps {
            points(format!("ladder.caps.{severity}.points"), cap.points, 1);
        }
        if let Some(repeated) = self.repeated {
            points("ladder.repeated.points".to_owned(), repeated.points, 1);
            points("ladder.repeated.strikes".to_owned(), repeated.strikes.into(), 1);
        }
        if let Some(closing) = self.closing {
            points("ladder.closing.points".to_owned(), closing.points, 1);
            points("ladder.closing.strikes".to_owned(), closing.strikes.into(), 1);
        }
        for (n, step) in self.steps.iter().enumerate() {
            points(format!("ladder.steps[{n}].points"), step.points, 1);
        }
        points("ladder.caution_points".to_owned(), self.caution_points, 0);
    }

    fn check_days(&self, faults: &mut Vec<Fault>) {
        let mut days = |field: String, days: u32, least: u32| {
            if !(least..=Self::DAYS_MAX).contains(&days) {
                let fix = format!("Give a number from {least} to {}", Self::DAYS_MAX);
                faults.push(Fault::new(field, format!("{days} days make no sense"), fix));
            }
        };
        for (severity, cap) in &self.caps {
            days(format!("ladder.caps.{severity}.days"), cap.days, 1);
        }
        if let Some(closing) = self.closing {
            days("ladder.closing.merge_days".to_owned(), closing.merge_days, 0);
        }
        for (n, step) in self.steps.iter().enumerate() {
            days(format!("ladder.steps[{n}].days"), step.days.unwrap_or(1), 1);
        }
        days("ladder.merge_days".to_owned(), self.merge_days, 0);
        let least = if self.expiry == Expiry::Rolling { 1 } else { 0 };
        days("ladder.expiry_days".to_owned(), self.expiry_days, least);
        days("ladder.payout_hold_days".to_owned(), self.payout_hold_days, 0);
        days("ladder.payout_appeal_from_day".to_owned(), self.payout_appeal_from_day, 0);
        if self.payout_hold_days > 0 && self.payout_appeal_from_day > self.payout_hold_days {
            faults.push(Fault::new(
                "ladder.payout_appeal_from_day",
                format!("day {} comes after the hold's last, {}", self.payout_appeal_from_day, self.payout_hold_days),
                "Let the seller ask before the money is free anyway",
            ));
        }
    }

    fn check_order(&self, faults: &mut Vec<Fault>) {
        // What a rule counts by strikes may cost fewer points than something milder.
        let counted = |severity: Severity| self.closing.is_some_and(|closing| severity >= closing.from);
        for pair in Severity::ALL.windows(2) {
            if let &[milder, worse] = pair
                && self.points.of(worse) < self.points.of(milder)
                && !counted(worse)
            {
                let problem = format!("{} is less than {} for {milder}", self.points.of(worse), self.points.of(milder));
                faults.push(Fault::new(format!("ladder.points.{worse}"), problem, "Let what is worse cost no less"));
            }
        }
        for (n, pair) in self.steps.windows(2).enumerate() {
            if let [lower, upper] = pair
                && (upper.points <= lower.points || upper.level < lower.level)
            {
                let problem = format!("{} ({}) does not rise above the step before", upper.points, upper.level);
                let fix = "List the steps mildest first, each with more points than the last";
                faults.push(Fault::new(format!("ladder.steps[{}]", n + 1), problem, fix));
            }
        }
        for (n, step) in self.steps.iter().enumerate() {
            let field = || format!("ladder.steps[{n}]");
            if step.level == Level::Terminated && step.days.is_some() {
                faults.push(Fault::new(field(), "a termination has no end", "Leave days out, or suspend for so long"));
            }
            if step.level <= Level::Cautioned {
                let problem = format!("{} is no penalty", step.level);
                faults.push(Fault::new(field(), problem, "Name warned, restricted, hidden, suspended or terminated"));
            }
        }
    }
}
