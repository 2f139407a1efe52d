//! A case: one brand's claims on one listing. What it can be, what can happen to it, and what follows; the table that
//! ties them together is [`table::step`].

pub mod table;
#[cfg(test)]
mod tests;

pub use self::table::step;
use super::{
    decision::{KeepReason, Verdict},
    escalation::Desk,
    ids::{AppealId, DecisionId, OperatorId, RequestId},
    time::Time,
};

/// Where a case stands. What has meaning in one state only is stored in that state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// In the queue.
    Open {
        /// Handed over to this person, if to anybody.
        assigned: Option<OperatorId>,
        /// Escalated to this desk, if to any.
        desk: Option<Desk>,
    },
    /// Kept by one person for a while, with a reason.
    Held {
        /// Who keeps it.
        by: OperatorId,
        /// When it goes back into the queue by itself.
        until: Time,
        /// What is waited for.
        reason: String,
        /// The desk that it goes back to.
        desk: Option<Desk>,
    },
    /// Out of the queue: the brand was asked about the listing.
    Asked {
        /// The question.
        request: RequestId,
        /// When the brand's silence counts.
        until: Time,
        /// The desk that it goes back to.
        desk: Option<Desk>,
    },
    /// Decided, contested, and in the queue again for another person. The decision is in force meanwhile.
    Appealed {
        /// What was decided.
        verdict: Verdict,
        /// The decision that is contested.
        decision: DecisionId,
        /// Who decided, and so may not rule on it.
        by: OperatorId,
        /// The contest.
        appeal: AppealId,
        /// Handed over to this person, if to anybody.
        assigned: Option<OperatorId>,
    },
    /// Decided; the effects follow after the grace window.
    Decided {
        /// What was decided.
        verdict: Verdict,
        /// The decision.
        decision: DecisionId,
        /// Who decided.
        by: OperatorId,
    },
}

/// What can happen to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Another notice reports the listing.
    Report,
    /// Somebody decides, or rules on an appeal.
    Decide {
        /// What.
        verdict: Verdict,
        /// The decision's id.
        decision: DecisionId,
    },
    /// Somebody keeps the case for a while.
    Hold {
        /// Until when.
        until: Time,
        /// What is waited for.
        reason: String,
    },
    /// The holder gives it back; the desk gives it back to the queue; a question to the brand is taken back.
    Release,
    /// The hold's time is over.
    HoldRunsOut,
    /// Somebody passes the case to a named person.
    HandOver {
        /// To whom.
        to: OperatorId,
    },
    /// Somebody passes the case to a desk.
    Escalate {
        /// To which.
        desk: Desk,
    },
    /// The brand is asked about the listing.
    Ask {
        /// The question.
        request: RequestId,
        /// When its silence counts.
        until: Time,
    },
    /// The brand answered, or was silent, and a moderator is to decide.
    Answered,
    /// The decision is contested.
    Appeal {
        /// The contest.
        appeal: AppealId,
    },
    /// Whoever contests the decision takes that back.
    WithdrawAppeal,
    /// A removal falls, or claims that are not decided yet do: the counter-notice stood, or the notice was withdrawn.
    Reinstate {
        /// Which of the two.
        reason: KeepReason,
        /// The decision that takes the removal's place.
        decision: DecisionId,
    },
    /// The decision is taken back.
    Undo,
}

/// Who acts, as far as the table has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The person; for the system's own actions, the system.
    pub operator: OperatorId,
    /// Whether the role may overturn others (see [`super::operator::Permission::Overturn`]).
    pub may_overturn: bool,
    /// The desks whose cases they decide.
    pub desks: Vec<Desk>,
}

impl By {
    /// Whoever acts for the house itself: time, a rule, a party whose right to act was checked before.
    #[must_use]
    pub const fn system(operator: OperatorId) -> Self {
        Self { operator, may_overturn: true, desks: vec![] }
    }
}

/// What follows from a step, carried out by the commands in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consequence {
    /// A strike on the seller's record.
    Strike,
    /// The listing comes down; seller and brand hear of it once it is down.
    RemoveListing,
    /// The seller is brought to the ladder's level.
    LevelSeller,
    /// The brand hears that its claims were refused.
    TellBrand,
    /// The claims that are open now are answered with the verdict.
    AnswerClaims,
    /// The decision's effects are cancelled, or made good where they were carried out.
    TakeBack(DecisionId),
    /// The case starts another round: one decision a round.
    Reopen,
    /// Rank and deadline are computed anew.
    Rescore,
    /// The question to the brand is closed: nobody waits for the answer any more.
    CloseRequest(RequestId),
    /// The appeal failed: the decision stands, and whoever appealed hears why.
    Affirm(AppealId),
    /// The appeal succeeded, or what it was about is gone.
    Overturn(AppealId),
    /// The appeal was taken back: the decision stands, and nobody ruled.
    DropAppeal(AppealId),
}

impl State {
    /// The state as stored: `open`, `held`, `asked`, `appealed`, `removed`, `kept`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Held { .. } => "held",
            Self::Asked { .. } => "asked",
            Self::Appealed { .. } => "appealed",
            Self::Decided { verdict, .. } => verdict.outcome(),
        }
    }

    /// Whether a decision is in force and nobody contests it.
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        matches!(self, Self::Decided { .. })
    }

    /// Whether a decision that is in force keeps the listing down.
    #[must_use]
    pub const fn keeps_down(&self) -> bool {
        matches!(
            self,
            Self::Decided { verdict: Verdict::Remove(_), .. } | Self::Appealed { verdict: Verdict::Remove(_), .. }
        )
    }

    /// The decision that is in force, contested or not.
    #[must_use]
    pub const fn decision(&self) -> Option<(Verdict, DecisionId)> {
        match self {
            Self::Decided { verdict, decision, .. } | Self::Appealed { verdict, decision, .. } => {
                Some((*verdict, *decision))
            }
            _ => None,
        }
    }

    /// The desk that has the case, if any has.
    #[must_use]
    pub const fn desk(&self) -> Option<Desk> {
        match self {
            Self::Open { desk, .. } | Self::Held { desk, .. } | Self::Asked { desk, .. } => *desk,
            _ => None,
        }
    }
}
