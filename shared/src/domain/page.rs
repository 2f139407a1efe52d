//! Pages: what somebody on call has to look at now, until it is handled.

mod policy;

pub use self::policy::{OnCallPolicy, SlaPage};
use super::{
    ids::{CaseId, OperatorId, PageId},
    refused::Refused,
    time::Time,
    words::words,
};

words! {
    /// What a page is about.
    PageKind {
        /// A case is about to be decided too late.
        Sla = "sla",
        /// A case was escalated to a desk, and it is urgent.
        Escalation = "escalation",
        /// A circuit breaker stopped an automatic path.
        Breaker = "breaker",
        /// Effects are dead and wait for a person.
        DeadEffects = "dead_effects",
        /// One of our own ways out takes nothing any more: mail, the marketplace.
        Endpoint = "endpoint",
        /// Soon nobody will be on call.
        RotaHole = "rota_hole",
    }
}

words! {
    /// How bad it is, in the words of PagerDuty's Events API v2.
    Severity {
        /// Harm is being done now.
        Critical = "critical",
        /// Something has failed.
        Error = "error",
        /// Something will fail if nobody acts.
        Warning = "warning",
        /// Good to know.
        Info = "info",
    }
}

words! {
    /// A way on which pages leave.
    Route {
        /// A mail to whoever is on call at the page's level.
        Mail = "mail",
        /// PagerDuty's Events API v2.
        PagerDuty = "pager_duty",
        /// A webhook that takes what Prometheus' Alertmanager sends.
        Alertmanager = "alertmanager",
    }
}

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nobody has said that they are on it.
    Open,
    /// Somebody is on it.
    Acknowledged {
        /// Who.
        by: OperatorId,
        /// Since when.
        at: Time,
    },
    /// It is handled; final.
    Resolved {
        /// Who said so: a person, or the worker that saw it.
        by: OperatorId,
        /// When.
        at: Time,
    },
}

impl PageKind {
    /// Whether the page stands for something that is watched all the time: it ends when that ends and not before, or it
    /// would be raised again at once.
    #[must_use]
    pub const fn ends_by_itself(self) -> bool {
        matches!(self, Self::DeadEffects | Self::Endpoint | Self::RotaHole)
    }
}

impl State {
    /// The state as stored: `open`, `acknowledged`, `resolved`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Resolved { .. } => "resolved",
        }
    }
}

/// What can happen to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Somebody says that they are on it.
    Acknowledge,
    /// Nobody did in time: the next level is called. `levels` is how many the rota has.
    Climb {
        /// At least 1.
        levels: i64,
    },
    /// A person says that it is handled.
    Resolve,
    /// What it was about is no longer so.
    Handled,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its id.
    pub id: PageId,
    /// What it is about.
    pub kind: PageKind,
    /// What makes two pages the same: while one is not resolved, another with its key is not raised.
    pub key: String,
    /// What is the matter, in one line of our own words and clean names.
    pub summary: String,
    /// What it is about: `case:01J…`, `brand:acme`, `rota`.
    pub subject: String,
    /// The case, if it is about one.
    pub case: Option<CaseId>,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands.
    pub state: State,
    /// The level of the rota that was called last, from 1.
    pub level: i64,
    /// When it was raised.
    pub raised: Time,
    /// When the next level is called; `None` once somebody is on it, or where there is no next level.
    pub climbs: Option<Time>,
}

/// The table: the page after `act` by `by`. Whoever is called hears of every change.
///
/// # Errors
/// Refused with the reason; then nothing changes.
pub fn step(page: &Page, act: Act, by: &OperatorId, now: Time, policy: &OnCallPolicy) -> Result<Page, Refused> {
    let refuse = |problem: String, fix: &str| Err(Refused::one("page", problem, fix));
    match (&page.state, act) {
        (State::Resolved { by, .. }, _) => refuse(format!("{by} already resolved it"), "Nothing to do."),
        (_, Act::Resolve) if page.kind.ends_by_itself() => {
            refuse("what it is about is still so".into(), "Acknowledge it; it is resolved when that ends.")
        }
        (_, Act::Resolve | Act::Handled) => {
            Ok(Page { state: State::Resolved { by: by.clone(), at: now }, climbs: None, ..page.clone() })
        }
        (State::Acknowledged { by, .. }, Act::Acknowledge) => {
            refuse(format!("{by} is on it already"), "Ask them, or resolve it when it is handled.")
        }
        (State::Acknowledged { by, .. }, Act::Climb { .. }) => {
            refuse(format!("{by} is on it"), "Nothing to do: it climbs no further.")
        }
        (State::Open, Act::Acknowledge) => {
            Ok(Page { state: State::Acknowledged { by: by.clone(), at: now }, climbs: None, ..page.clone() })
        }
        (State::Open, Act::Climb { levels }) => match page.climbs {
            Some(at) if at > now => refuse("its level has time left".into(), "Nothing to do: the sweep comes back."),
            Some(_) => {
                // The rota may have fewer levels than when the page was raised: then it stays where it is.
                let level = (page.level + 1).min(levels.max(page.level));
                Ok(Page { level, climbs: policy.climbs(level, levels, now), ..page.clone() })
            }
            None => refuse("there is no level above".into(), "Nothing to do."),
        },
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    fn page(state: State, level: i64, climbs: Option<Time>) -> Page {
        Page {
            id: PageId::from_ulid(Ulid(1)),
            kind: PageKind::Sla,
            key: "sla:1".into(),
            summary: "due soon".into(),
            subject: "case:1".into(),
            case: None,
            severity: Severity::Warning,
            state,
            level,
            raised: Time(0),
            climbs,
        }
    }

    /// Reading this is reading the policy.
    #[test]
    fn the_whole_table_of_pages() {
        let policy = OnCallPolicy::default();
        let (ann, bob): (OperatorId, OperatorId) = ("ann".parse().unwrap(), "bob".parse().unwrap());
        let (past, later) = (Some(Time(10)), Some(Time(99)));
        let dead = Page { kind: PageKind::DeadEffects, ..page(State::Open, 1, None) };
        let pages = [
            ("open, level 1 of 2, waiting", page(State::Open, 1, later)),
            ("open, level 1 of 2, unheard", page(State::Open, 1, past)),
            ("open, level 2 of 2", page(State::Open, 2, None)),
            ("open, level 2, of 1 now", page(State::Open, 2, past)),
            ("open, dead effects", dead),
            ("acknowledged by ann", page(State::Acknowledged { by: ann.clone(), at: Time(5) }, 1, None)),
            ("resolved by ann", page(State::Resolved { by: ann, at: Time(6) }, 1, None)),
        ];
        let mut table = String::new();
        for (name, page) in &pages {
            let levels = if *name == "open, level 2, of 1 now" { 1 } else { 2 };
            for act in [Act::Acknowledge, Act::Climb { levels }, Act::Resolve, Act::Handled] {
                let line = match step(page, act, &bob, Time(50), &policy) {
                    Ok(next) => {
                        let climbs = if next.climbs.is_some() { ", climbs on" } else { "" };
                        format!("{}, level {}{climbs}", next.state.as_str(), next.level)
                    }
                    Err(refused) => format!("refused: {}", refused.faults[0].problem),
                };
                let act = format!("{act:?}");
                table += &format!("{name:<28}{:<12}{line}\n", act.split(' ').next().unwrap());
            }
        }
        insta::assert_snapshot!(table, @r"
        open, level 1 of 2, waiting Acknowledge acknowledged, level 1
        open, level 1 of 2, waiting Climb       refused: its level has time left
        open, level 1 of 2, waiting Resolve     resolved, level 1
        open, level 1 of 2, waiting Handled     resolved, level 1
        open, level 1 of 2, unheard Acknowledge acknowledged, level 1
        open, level 1 of 2, unheard Climb       open, level 2
        open, level 1 of 2, unheard Resolve     resolved, level 1
        open, level 1 of 2, unheard Handled     resolved, level 1
        open, level 2 of 2          Acknowledge acknowledged, level 2
        open, level 2 of 2          Climb       refused: there is no level above
        open, level 2 of 2          Resolve     resolved, level 2
        open, level 2 of 2          Handled     resolved, level 2
        open, level 2, of 1 now     Acknowledge acknowledged, level 2
        open, level 2, of 1 now     Climb       open, level 2
        open, level 2, of 1 now     Resolve     resolved, level 2
        open, level 2, of 1 now     Handled     resolved, level 2
        open, dead effects          Acknowledge acknowledged, level 1
        open, dead effects          Climb       refused: there is no level above
        open, dead effects          Resolve     refused: what it is about is still so
        open, dead effects          Handled     resolved, level 1
        acknowledged by ann         Acknowledge refused: ann is on it already
        acknowledged by ann         Climb       refused: ann is on it
        acknowledged by ann         Resolve     resolved, level 1
        acknowledged by ann         Handled     resolved, level 1
        resolved by ann             Acknowledge refused: ann already resolved it
        resolved by ann             Climb       refused: ann already resolved it
        resolved by ann             Resolve     refused: ann already resolved it
        resolved by ann             Handled     refused: ann already resolved it
        ");
    }
}
