//! What is in force: the ladder's standing, and what a second person approved on top of it.

use super::{Ladder, Strike, history::History};
use crate::domain::{
    ids::{ApprovalId, SellerId},
    seller::{Level, Standing},
    time::Time,
};

/// A level that a second person approved: a termination, or the worst level of sellers who belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imposed {
    /// The approval that imposed it.
    pub approval: ApprovalId,
    /// For whose strikes: the seller's own, or those of a seller with the same payout account.
    pub because_of: SellerId,
    /// Which level.
    pub level: Level,
    /// When it was imposed.
    pub at: Time,
    /// When it ends by itself.
    pub until: Option<Time>,
}

/// What is in force for a seller at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The standing: never terminated without an approval, suspended instead.
    pub standing: Standing,
    /// Whether the ladder says terminated and nobody has approved it yet.
    pub termination_due: bool,
    /// Imposed levels that no longer hold: over, or the strikes beneath them were taken back.
    pub lapsed: Vec<ApprovalId>,
}

impl Ladder {
    /// What is in force at `now` for a seller with these strikes and imposed levels.
    ///
    /// A termination is for ever: strikes that expire don't end it. Strikes that are taken back do, when without them it
    /// would never have come to it.
    #[must_use]
    pub fn in_force(&self, seller: &SellerId, strikes: &[Strike], imposed: &[Imposed], now: Time) -> InForce {
        let history = History::replay(self, strikes);
        let mut standing = history.standing(now);
        let terminated = standing.level == Level::Terminated;
        if terminated {
            standing.level = Level::Suspended;
        }
        let holds = |imposed: &&Imposed| {
            let over = imposed.until.is_some_and(|until| until <= now);
            let own = imposed.because_of == *seller;
            !over && (!own || history.standing(imposed.at).level >= imposed.level)
        };
        let (held, lapsed): (Vec<_>, Vec<_>) = imposed.iter().partition(holds);
        for imposed in &held {
            let lasts_longer = |until: Option<Time>| match (imposed.until, until) {
                (None, Some(_)) => true,
                (Some(ours), Some(theirs)) => ours > theirs,
                (_, None) => false,
            };
            if imposed.level > standing.level || imposed.level == standing.level && lasts_longer(standing.until) {
                (standing.level, standing.until) = (imposed.level, imposed.until);
            }
            standing.listings_off |= imposed.level.sells_nothing();
            let ends = imposed.until.into_iter().chain(standing.next_change);
            standing.next_change = ends.min();
        }
        let approved = held.iter().any(|imposed| imposed.level == Level::Terminated);
        InForce {
            standing,
            termination_due: terminated && !approved,
            lapsed: lapsed.into_iter().map(|imposed| imposed.approval).collect(),
        }
    }
}
