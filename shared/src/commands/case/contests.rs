//! What a step of a case does to the counter-notice and the appeal against its decision.

use super::consequences::Consequences;
use crate::{
    commands::{Actor, Result, appeal, counter_notice::moved},
    domain::{
        appeal::{AppealNews, AppealState},
        case::{Action as CaseAction, State},
        counter_notice::{CounterState, table::Action},
        decision::Verdict,
        effect::BrandNews,
        ids::{AppealId, DecisionId},
        refused::Refused,
    },
    store::{
        Tx, appeals, brands,
        cases::Case,
        counter_notices::{self, Counter},
        notices,
    },
};

/// Lets nobody rule on an appeal, nor be handed it, who has ruled on the same decision before (whoever made it is the
/// table's business), and no machine.
pub(super) async fn check_ruler(tx: &mut Tx, actor: &Actor, case: &Case, action: &CaseAction) -> Result<()> {
    let State::Appealed { decision, .. } = &case.state else { return Ok(()) };
    let (field, ruler) = match action {
        CaseAction::Decide { .. } if !actor.is_person() => {
            let fix = "Leave it to a person: no machine rules alone (DSA art. 20(6)).";
            return Err(Refused::one("actor", format!("{actor} is no person"), fix).into());
        }
        CaseAction::Decide { .. } => ("case", actor.id()),
        CaseAction::HandOver { to } => ("to", to),
        _ => return Ok(()),
    };
    if appeals::has_ruled(tx, *decision, ruler).await? {
        let problem = format!("{ruler} ruled on this decision before");
        let fix =
            "Leave it to somebody else: each contest is ruled on by a person who has not judged it (DSA art. 20).";
        return Err(Refused::one(field, problem, fix).into());
    }
    Ok(())
}

impl Consequences<'_> {
    /// The appeal failed: whoever appealed hears why, and the counter-notice that led to it falls. Claims that came in
    /// meanwhile were before the person who ruled: the decision that stands answers them too.
    pub(super) async fn affirm(&mut self, tx: &mut Tx, case: &mut Case, id: AppealId) -> Result<()> {
        self.rule(tx, case, id, AppealState::Affirmed, AppealNews::Affirmed).await?;
        let Some((Verdict::Keep(_), decision)) = case.state.decision().filter(|_| case.claims > 0) else {
            return Ok(());
        };
        brands::count_decided(tx, &case.brand, 0, std::mem::take(&mut case.claims)).await?;
        for notice in notices::answer(tx, case.id, decision, "refused").await? {
            self.tell(tx, case, notice, &BrandNews::Decided { case: case.id, decision }, self.now, decision).await?;
        }
        Ok(())
    }

    /// The appeal succeeded: whoever appealed hears it, and the counter-notice that led to it stood.
    pub(super) async fn overturn(&mut self, tx: &mut Tx, case: &Case, id: AppealId) -> Result<()> {
        self.rule(tx, case, id, AppealState::Overturned, AppealNews::Overturned).await
    }

    /// Whoever appealed took it back. What a counter-notice brought before a person isn't theirs to take back alone, so no
    /// counter-notice hangs on it.
    pub(super) async fn drop_appeal(&mut self, tx: &mut Tx, case: &Case, id: AppealId) -> Result<()> {
        self.rule(tx, case, id, AppealState::Withdrawn, AppealNews::Withdrawn).await
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
