//! From a record to a tier.

use serde::Serialize;

use super::{
    TrustPolicy,
    track::{Tally, Track, share, wilson},
};
use crate::domain::{brand::Tier, ids::OperatorId, span, time::Time, words::words};

words! {
    /// What people say a rights holder is; the record decides the rest.
    Base {
        /// Nobody checked who it is.
        Unverified = "unverified",
        /// Checked.
        Standard = "standard",
        /// Appointed a trusted flagger by a Digital Services Coordinator (DSA art. 22).
        TrustedFlagger = "trusted_flagger",
    }
}

impl Base {
    /// What stands behind a tier that the marketplace names.
    #[must_use]
    pub const fn of(tier: Tier) -> Self {
        match tier {
            Tier::Unverified => Self::Unverified,
            Tier::Standard | Tier::GoodFaith | Tier::JointForce | Tier::Suspended => Self::Standard,
            Tier::TrustedFlagger => Self::TrustedFlagger,
        }
    }

    /// The tier of a record that earns nothing.
    #[must_use]
    pub const fn tier(self) -> Tier {
        match self {
            Self::Unverified => Tier::Unverified,
            Self::Standard => Tier::Standard,
            Self::TrustedFlagger => Tier::TrustedFlagger,
        }
    }
}

/// A warning that misuse leads to suspension (DSA art. 23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// When.
    pub at: Time,
    /// For what.
    pub why: String,
}

/// A time without the right to file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspension {
    /// Since when.
    pub since: Time,
    /// Until when; without it until a person ends it.
    pub until: Option<Time>,
    /// For what.
    pub why: String,
}

/// All about a rights holder's trust that is not its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The tier it has.
    pub tier: Tier,
    /// What people say it is.
    pub base: Base,
    /// Whether it is invited to Joint-Force.
    pub invited: bool,
    /// Its account manager.
    pub manager: Option<OperatorId>,
    /// Until when it can't enter good faith.
    pub locked_until: Option<Time>,
    /// The warning in force.
    pub warned: Option<Warning>,
    /// The suspension in force.
    pub suspended: Option<Suspension>,
    /// Notices that it may file in 24 hours because its record is poor.
    pub notices_a_day: Option<i64>,
}

impl Standing {
    /// A rights holder of this tier about whom nothing else is known.
    #[must_use]
    pub const fn new(tier: Tier) -> Self {
        Self {
            tier,
            base: Base::of(tier),
            invited: matches!(tier, Tier::JointForce),
            manager: None,
            locked_until: None,
            warned: None,
            suspended: None,
            notices_a_day: None,
        }
    }
}

/// What judging a record gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The standing now.
    pub standing: Standing,
    /// When it may change by time alone.
    pub look_at: Option<Time>,
}

/// Judges a record. What a person said (base, invitation, manager, warning, suspension) is in `standing`; the rest of it
/// is found anew. The same record judged twice at the same moment gives the same standing.
#[must_use]
pub fn judge(policy: &TrustPolicy, standing: &Standing, track: &Track, now: Time) -> Judged {
    let mut next = standing.clone();
    let overall = track.overall();
    next.warned = next.warned.filter(|warning| now < warning.at + policy.warning);
    next.locked_until = next.locked_until.filter(|until| now < *until);
    if let Some(ended) = next.suspended.take_if(|it| it.until.is_some_and(|until| until <= now)) {
        // What led to it is paid for: only what comes after it leads to the next one.
        if let (Some(warning), Some(until)) = (&mut next.warned, ended.until) {
            warning.at = warning.at.max(until);
        }
    } else {
        misuse(policy, &mut next, &overall, &track.since_warning, now);
    }

    let was_good = matches!(standing.tier, Tier::GoodFaith | Tier::JointForce);
    let good = if was_good { stays(policy, track) } else { next.locked_until.is_none() && enters(policy, track) };
    next.tier = match next.base {
        _ if next.suspended.is_some() => Tier::Suspended,
        Base::Standard if good => joint_force(policy, &mut next, standing.tier, track),
        base => base.tier(),
    };
    if was_good && (!good || next.suspended.is_some()) {
        next.locked_until = Some(now + policy.lockout);
        next.invited = false;
    }
    next.notices_a_day = is_poor(policy, &overall).then_some(policy.poor_notices_a_day);
    let look_at = look_at(policy, &next, track, now);
    Judged { standing: next, look_at }
}

/// Withdrawing one claim after another once sellers object: a warning first, then a suspension (DSA art. 23).
fn misuse(policy: &TrustPolicy, next: &mut Standing, overall: &Tally, since_warning: &Tally, now: Time) {
    if next.suspended.is_some() {
        return;
    }
    let why = |tally: &Tally| {
        format!(
            "{} of {} contested claims were withdrawn after the seller's counter-notice, more than {} %",
            tally.withdrawn, tally.contested, policy.withdrawn_percent
        )
    };
    if next.warned.is_none() {
        if is_misuse(policy, overall) {
            next.warned = Some(Warning { at: now, why: why(overall) });
        }
    } else if is_misuse(policy, since_warning) {
        let until = Some(now + policy.suspension);
        next.suspended = Some(Suspension { since: now, until, why: why(since_warning) + " since the warning" });
    }
}

pub(super) fn is_misuse(policy: &TrustPolicy, tally: &Tally) -> bool {
    tally.contested >= policy.contested_min
        && share(tally.withdrawn, tally.contested) > percent(policy.withdrawn_percent)
}

/// Good faith or, for those who are invited and have somebody here to talk to, Joint-Force.
fn joint_force(policy: &TrustPolicy, next: &mut Standing, was: Tier, track: &Track) -> Tier {
    if !accurate(policy, track) {
        // Whoever took down the wrong listings at a word has to be invited again.
        next.invited = false;
    }
    // An account manager who leaves must not cost the brand its tier.
    if next.invited && (next.manager.is_some() || was == Tier::JointForce) { Tier::JointForce } else { Tier::GoodFaith }
}

/// Whether instant removals stand often enough, as far as there are enough to tell.
pub(super) fn accurate(policy: &TrustPolicy, track: &Track) -> bool {
    let (total, reversed) = (track.instants.total, track.instants.reversed);
    total < policy.decided_min || share(total - reversed, total) >= percent(policy.instant_percent)
}

/// Whether a record lets a rights holder into good faith: overall, and for each reason code.
pub(super) fn enters(policy: &TrustPolicy, track: &Track) -> bool {
    let overall = track.overall();
    overall.decided() >= policy.decided_min
        && surely_good(policy, &overall)
        && track.by_reason.values().all(|tally| tally.decided() < policy.decided_min || surely_good(policy, tally))
}

/// Whether a record lets a rights holder stay in good faith: overall, and for each reason code.
pub(super) fn stays(policy: &TrustPolicy, track: &Track) -> bool {
    fine(policy, &track.overall()) && track.by_reason.values().all(|tally| fine(policy, tally))
}

/// Whether one tally lets its holder stay: too few to judge never put anybody out.
fn fine(policy: &TrustPolicy, tally: &Tally) -> bool {
    tally.decided() < policy.decided_min
        || (share(tally.accepted, tally.decided()) >= percent(policy.accepted_percent) && upheld_fits(policy, tally))
}

pub(super) fn surely_good(policy: &TrustPolicy, tally: &Tally) -> bool {
    let (least, _) = wilson(tally.accepted, tally.decided(), policy.z());
    least >= percent(policy.accepted_percent) && upheld_fits(policy, tally)
}

fn upheld_fits(policy: &TrustPolicy, tally: &Tally) -> bool {
    share(tally.upheld, tally.decided()) <= percent(policy.upheld_percent)
}

pub(super) fn is_poor(policy: &TrustPolicy, overall: &Tally) -> bool {
    let (_, most) = wilson(overall.accepted, overall.decided(), policy.z());
    overall.decided() >= policy.decided_min && most < percent(policy.poor_percent)
}

fn look_at(policy: &TrustPolicy, standing: &Standing, track: &Track, now: Time) -> Option<Time> {
    let soonest = now + policy.look_again;
    let slides = track.oldest.map(|oldest| (oldest + policy.window + span::TICK).max(soonest));
    [
        slides,
        standing.locked_until,
        standing.suspended.as_ref().and_then(|suspension| suspension.until),
        standing.warned.as_ref().map(|warning| warning.at + policy.warning),
    ]
    .into_iter()
    .flatten()
    .min()
}

pub(super) fn percent(percent: u32) -> f64 {
    f64::from(percent) / 100.0
}
