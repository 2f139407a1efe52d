//! What a step of a case does to the counter-notice and the appeal against its decision.

use super::consequences::Consequences;
use crate::{
    commands::{Result, appeal, counter_notice::moved},
    domain::{
        appeal::{AppealNews, AppealState},
        case::State,
        counter_notice::{CounterState, table::Action},
        ids::{AppealId, DecisionId},
    },
    store::{
        Tx, appeals,
        cases::Case,
        counter_notices::{self, Counter},
    },
};

impl Consequences<'_> {
    /// The appeal failed: whoever appealed hears why, and the counter-notice that led to it falls.
    pub(super) async fn affirm(&mut self, tx: &mut Tx, case: &Case, id: AppealId) -> Result<()> {
        self.rule(tx, case, id, AppealState::Affirmed, AppealNews::Affirmed).await
    }

    /// The appeal succeeded: whoever appealed hears it, and the counter-notice that led to it stood.
    pub(super) async fn overturn(&mut self, tx: &mut Tx, case: &Case, id: AppealId) -> Result<()> {
        self.rule(tx, case, id, AppealState::Overturned, AppealNews::Overturned).await
    }

    async fn rule(
        &mut self,
        tx: &mut Tx,
        case: &Case,
        id: AppealId,
        state: AppealState,
        step: AppealNews,
    ) -> Result<()> {
        let Some(filed) = appeals::get(tx, id).await? else { return Ok(()) };
        if !appeals::rule(tx, id, state, self.actor.id(), self.now).await? {
            return Ok(());
        }
        // Undo takes back the ruling that overturned, and with it the news, as long as it waits.
        let (due, decision) = match &case.state {
            State::Decided { decision, .. } if state == AppealState::Overturned => {
                (self.grace_until.unwrap_or(self.now), Some(*decision))
            }
            _ => (self.now, None),
        };
        for effect in appeal::news(tx, &filed, step).await? {
            self.add(effect, due, decision);
        }
        let of_review = |counter: &Counter| counter.appeal == Some(id) && counter.state == CounterState::Contested;
        if let Some(mut counter) = counter_notices::of_case(tx, case.id).await?.into_iter().find(of_review) {
            let action = Action::Ruled(state == AppealState::Overturned);
            moved(self.house, tx, self.actor, &mut counter, action).await?;
        }
        Ok(())
    }

    /// A decision is taken back: what still waits for an answer against it has nothing left to contest. What a person is
    /// ruling on ends with the ruling.
    pub(super) async fn overtake(&mut self, tx: &mut Tx, case: &Case, decision: DecisionId) -> Result<()> {
        if let Some(mut counter) = counter_notices::open_against(tx, case.id, decision).await?
            && counter.state != CounterState::Contested
        {
            moved(self.house, tx, self.actor, &mut counter, Action::Overtaken).await?;
        }
        Ok(())
    }
}
