//! Why a rights holder has its tier, and what would change it, in words.

use serde::Serialize;

use super::{
    TrustPolicy,
    judge::{Standing, accurate, enters, is_misuse, is_poor, stays, surely_good},
    track::{Tally, Track, share, wilson},
};
use crate::domain::{brand::Tier, reason::ReasonCode, span};

/// How far ahead "so many more" is looked for.
const AHEAD: i64 = 10_000;

/// Why a tier is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The tier.
    pub tier: Tier,
    /// Why, most important first; at least one sentence.
    pub because: Vec<String>,
    /// What would change it, likeliest first; empty if nothing that the rights holder does would.
    pub next: Vec<String>,
}

/// Explains the tier of a standing that was just judged (see [`super::judge`]) on this record.
#[must_use]
pub fn explain(policy: &TrustPolicy, standing: &Standing, track: &Track) -> Explanation {
    let teller = Teller { policy, standing, track, overall: track.overall() };
    let (mut because, mut next) = match standing.tier {
        Tier::Suspended => teller.suspended(),
        Tier::Unverified => (
            vec!["nobody has checked yet who it is".to_owned()],
            vec!["once it is checked it is Standard, and its record counts".to_owned()],
        ),
        Tier::TrustedFlagger => (
            vec!["it is appointed a trusted flagger (DSA art. 22)".to_owned()],
            vec!["it stays so until an admin says otherwise, or it is suspended".to_owned()],
        ),
        Tier::Standard => (teller.record(), teller.way_in()),
        Tier::GoodFaith | Tier::JointForce => teller.good(),
    };
    teller.limit(&mut because, &mut next);
    teller.misuse(&mut because, &mut next);
    Explanation { tier: standing.tier, because, next }
}

struct Teller<'a> {
    policy: &'a TrustPolicy,
    standing: &'a Standing,
    track: &'a Track,
    overall: Tally,
}

impl Teller<'_> {
    fn suspended(&self) -> (Vec<String>, Vec<String>) {
        let Some(suspension) = &self.standing.suspended else { return (vec!["it is suspended".to_owned()], vec![]) };
        let next = match suspension.until {
            Some(until) => format!("the suspension ends by itself on {until}; an admin may end it before"),
            None => "an admin may end the suspension; it does not end by itself".to_owned(),
        };
        (vec![format!("it is suspended since {}: {}", suspension.since, suspension.why)], vec![next])
    }

    /// The record in numbers: overall, then each reason code that is in the way.
    fn record(&self) -> Vec<String> {
        let days = span::words(self.policy.window);
        let decided = self.overall.decided();
        let mut words = vec![if decided == 0 {
            format!("none of its claims was decided in the last {days}")
        } else {
            let (least, _) = wilson(self.overall.accepted, decided, self.policy.z());
            format!(
                "{} of {decided} claims decided in the last {days} were accepted: surely {} % or more, at {} % confidence",
                self.overall.accepted,
                floor_percent(least),
                self.policy.confidence_percent
            )
        }];
        if self.overall.upheld > 0 {
            words.push(format!(
                "{}: {} %, {} % is allowed",
                count(self.overall.upheld, "counter-notice was upheld", "counter-notices were upheld"),
                tenths(share(self.overall.upheld, decided)),
                self.policy.upheld_percent
            ));
        }
        for (reason, tally) in self.in_the_way() {
            words.push(format!(
                "{} alone is in the way: {} of {} accepted, {} upheld",
                reason.title(),
                tally.accepted,
                tally.decided(),
                tally.upheld
            ));
        }
        if let Some(until) = self.standing.locked_until {
            words.push(format!("it left good faith, and can't come back before {until}"));
        }
        words
    }

    /// The reason codes that keep a rights holder out, where there are several.
    fn in_the_way(&self) -> impl Iterator<Item = (ReasonCode, &Tally)> {
        let judged = |tally: &Tally| self.track.by_reason.len() > 1 && tally.decided() >= self.policy.decided_min;
        let codes = self.track.by_reason.iter();
        codes
            .filter(move |(_, tally)| judged(tally) && !surely_good(self.policy, tally))
            .map(|(reason, tally)| (*reason, tally))
    }

    /// What a Standard rights holder lacks for good faith.
    fn way_in(&self) -> Vec<String> {
        let mut next = vec![];
        let missing = self.policy.decided_min - self.overall.decided();
        if missing > 0 {
            next.push(format!(
                "{} needed to be judged",
                count(missing, "more decided claim is", "more decided claims are")
            ));
        }
        if !enters(self.policy, self.track) {
            // Whoever has several codes in the way works on each; the worst decides.
            let codes: Vec<ReasonCode> = self.in_the_way().map(|(reason, _)| reason).collect();
            let way = match codes[..] {
                [] => self.track.by_reason.keys().next().copied(),
                _ => codes.first().copied(),
            };
            let accepted = self.smallest(way, |tally, more| tally.accepted += more, |track| enters(self.policy, track));
            next.push(match accepted {
                Some(more) => {
                    let of = if codes.is_empty() { String::new() } else { format!(" for {}", titles(&codes)) };
                    format!(
                        "{}{of} in a row and it enters good faith",
                        count(more, "more accepted claim", "more accepted claims")
                    )
                }
                None if codes.len() > 1 => {
                    format!("{} must each reach {} % accepted", titles(&codes), self.policy.accepted_percent)
                }
                None => "what counts against it must leave the window first".to_owned(),
            });
        }
        match self.standing.locked_until {
            Some(until) => next.push(format!("the lockout ends on {until}")),
            None if next.is_empty() => next.push("it enters good faith when it is next judged".to_owned()),
            None => {}
        }
        next
    }

    fn good(&self) -> (Vec<String>, Vec<String>) {
        let mut because = self.record_kept();
        let mut next = vec![];
        let instants = self.track.instants;
        if self.standing.tier == Tier::JointForce {
            because.insert(0, "it is invited to Joint-Force, and in good faith".to_owned());
            if instants.total > 0 {
                because.push(format!(
                    "{} of {} instant removals stand; {} % must",
                    instants.total - instants.reversed,
                    instants.total,
                    self.policy.instant_percent
                ));
            }
            if self.standing.manager.is_none() {
                next.push("it has no account manager: an admin should name one".to_owned());
            }
            let reversed = (1..=AHEAD.min(instants.total)).find(|more| {
                let mut track = self.track.clone();
                track.instants.reversed += more;
                !accurate(self.policy, &track)
            });
            if let Some(more) = reversed {
                next.push(format!(
                    "{} and it leaves Joint-Force",
                    count(more, "more instant removal that falls", "more instant removals that fall")
                ));
            }
        }
        next.extend(self.way_out());
        if self.standing.tier == Tier::GoodFaith {
            next.push(match (self.standing.invited, self.standing.manager.is_some()) {
                (false, false) => "for Joint-Force it lacks an invitation and an account manager".to_owned(),
                (false, true) => "for Joint-Force it lacks an invitation".to_owned(),
                (true, false) => "it is invited to Joint-Force and lacks an account manager".to_owned(),
                (true, true) => "it enters Joint-Force when it is next judged".to_owned(),
            });
        }
        (because, next)
    }

    /// The record of one who is in: the share as it stands is what counts.
    fn record_kept(&self) -> Vec<String> {
        let decided = self.overall.decided();
        let days = span::words(self.policy.window);
        if decided < self.policy.decided_min {
            return vec![format!(
                "only {decided} of its claims were decided in the last {days}: too few to judge, so it stays"
            )];
        }
        vec![
            format!(
                "{} of {decided} claims decided in the last {days} were accepted: {} %, {} % is needed",
                self.overall.accepted,
                tenths(share(self.overall.accepted, decided)),
                self.policy.accepted_percent
            ),
            format!(
                "{}: {} %, {} % is allowed",
                count(self.overall.upheld, "counter-notice was upheld", "counter-notices were upheld"),
                tenths(share(self.overall.upheld, decided)),
                self.policy.upheld_percent
            ),
        ]
    }

    /// How near it is to leaving good faith: by counter-notices against what was removed, and by refused claims.
    fn way_out(&self) -> Vec<String> {
        let out = |track: &Track| !stays(self.policy, track);
        let upheld = self.soonest(
            |tally, more| {
                tally.accepted -= more;
                tally.upheld += more;
            },
            out,
        );
        let refused = self.soonest(|tally, more| tally.refused += more, out);
        let mut words = vec![];
        for (found, one, many) in [
            (upheld, "more upheld counter-notice", "more upheld counter-notices"),
            (refused, "more refused claim", "more refused claims"),
        ] {
            if let Some((more, reason)) = found {
                let of =
                    if self.track.by_reason.len() > 1 { format!(" for {}", reason.title()) } else { String::new() };
                words.push(format!("{}{of} and it leaves good faith", count(more, one, many)));
            }
        }
        words
    }

    /// The fewest changes, in the reason code where it takes fewest, after which the record is such.
    fn soonest(
        &self,
        change: impl Fn(&mut Tally, i64) + Copy,
        such: impl Fn(&Track) -> bool + Copy,
    ) -> Option<(i64, ReasonCode)> {
        let codes = self.track.by_reason.keys();
        codes.filter_map(|code| Some((self.smallest(Some(*code), change, such)?, *code))).min_by_key(|(more, _)| *more)
    }

    /// The fewest changes to one reason code after which the record is such; such it stays with more of them.
    fn smallest(
        &self,
        code: Option<ReasonCode>,
        change: impl Fn(&mut Tally, i64),
        such: impl Fn(&Track) -> bool,
    ) -> Option<i64> {
        let code = code.unwrap_or(ReasonCode::Counterfeit);
        (1..=AHEAD).find_map(|more| {
            let mut track = self.track.clone();
            let tally = track.by_reason.entry(code).or_default();
            change(tally, more);
            if tally.accepted < 0 { Some(None) } else { such(&track).then_some(Some(more)) }
        })?
    }

    fn limit(&self, because: &mut Vec<String>, next: &mut Vec<String>) {
        let Some(limit) = self.standing.notices_a_day else { return };
        because.push(format!(
            "it may file {} in 24 h: surely less than {} % of its claims are accepted",
            count(limit, "notice", "notices"),
            self.policy.poor_percent
        ));
        let code = self.track.by_reason.keys().next().copied();
        let more =
            self.smallest(code, |tally, more| tally.accepted += more, |track| !is_poor(self.policy, &track.overall()));
        if let Some(more) = more {
            next.push(format!(
                "{} end that limit",
                count(more, "more accepted claim would", "more accepted claims would")
            ));
        }
    }

    fn misuse(&self, because: &mut Vec<String>, next: &mut Vec<String>) {
        let Some(warning) = self.standing.warned.as_ref().filter(|_| self.standing.suspended.is_none()) else { return };
        because.push(format!("it was warned on {}: {}", warning.at, warning.why));
        let since = &self.track.since_warning;
        let more = (1..=AHEAD).find(|more| {
            let tally = Tally { withdrawn: since.withdrawn + more, contested: since.contested + more, ..*since };
            is_misuse(self.policy, &tally)
        });
        if let Some(more) = more {
            next.push(format!(
                "{} after a counter-notice and it is suspended; the warning ends on {}",
                count(more, "more claim withdrawn", "more claims withdrawn"),
                warning.at + self.policy.warning
            ));
        }
    }
}

fn count(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn titles(codes: &[ReasonCode]) -> String {
    codes.iter().map(|code| code.title()).collect::<Vec<_>>().join(" and ")
}

fn tenths(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a share is 0 to 1")]
fn floor_percent(share: f64) -> i64 {
    (share * 100.0).floor() as i64
}

impl Explanation {
    /// In one text, a sentence a line.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = vec![format!("{}, because", self.tier.title())];
        lines.extend(self.because.iter().map(|line| format!("  - {line}")));
        if !self.next.is_empty() {
            lines.push("What would change it".to_owned());
            lines.extend(self.next.iter().map(|line| format!("  - {line}")));
        }
        lines.join("\n")
    }
}
