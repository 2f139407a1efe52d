//! What follows from a step of a case, written in the transaction of the step.

use super::super::{Actor, Error, House, Result, authenticity, statement};
use crate::{
    domain::{
        case::{Consequence, State},
        decision::Verdict,
        effect::{BrandNews, Effect, NewEffect},
        ids::{DecisionId, NoticeId, StrikeId},
        listing::ListingState,
        penalty::Strike,
        time::Time,
    },
    store::{
        self, Tx, brands,
        cases::Case,
        decisions::{self, Decision},
        effects, listings, notices, sellers, statements,
    },
};

/// Carries out what the transition table says follows.
pub(super) struct Consequences<'a> {
    pub(super) house: &'a House,
    pub(super) actor: &'a Actor,
    note: &'a str,
    pub(super) now: Time,
    /// What goes into the ledger.
    pub effects: Vec<NewEffect>,
    /// Until when undo cancels without a trace outside.
    pub grace_until: Option<Time>,
    /// Whether what had been carried out is made good.
    pub compensated: bool,
}

impl<'a> Consequences<'a> {
    /// Nothing yet.
    pub fn of(house: &'a House, actor: &'a Actor, note: &'a str, now: Time) -> Self {
        Self { house, actor, note, now, effects: vec![], grace_until: None, compensated: false }
    }

    /// Carries one out: changes the case in hand, writes what has a table of its own, gathers effects.
    pub async fn carry(&mut self, tx: &mut Tx, case: &mut Case, consequence: Consequence) -> Result<()> {
        // Nobody is there to take back what a rule decides, so it waits for nobody.
        let grace = if self.actor.is_automatic() { self.now } else { self.now + self.house.policy.grace };
        match consequence {
            Consequence::AnswerClaims => {
                let (verdict, decision) = decided(case)?;
                let removed = matches!(verdict, Verdict::Remove(_));
                self.grace_until = Some(grace);
                decisions::add(tx, &self.decision(case, verdict, decision)).await?;
                if let Verdict::Remove(reason) = verdict {
                    let due = grace + self.house.policy.reasons.send_after;
                    statement::explain(self.house, tx, self.actor, case, reason, decision, due).await?;
                }
                notices::answer(tx, case.id, decision, if removed { "accepted" } else { "refused" }).await?;
                let claims = std::mem::take(&mut case.claims);
                let (accepted, refused) = if removed { (claims, 0) } else { (0, claims) };
                brands::count_decided(tx, &case.brand, accepted, refused).await?;
                if let Some(request) = authenticity::settle(tx, self.actor, case.id, self.now).await? {
                    // Not the decision's: taken back or not, the listing is hidden no longer.
                    self.add(
                        Effect::ResumeListing { listing: case.listing.clone(), case: case.id, request },
                        grace,
                        None,
                    );
                }
            }
            Consequence::Strike => {
                let (Verdict::Remove(reason), decision) = decided(case)? else { return Ok(()) };
                // Of the right that the removal rests on, not of one whose claims were refused or withdrawn.
                let claims = notices::claims_of(tx, case.id).await?;
                let Some(claim) = claims.into_iter().find(|claim| claim.state == "accepted") else { return Ok(()) };
                let strike = Strike {
                    id: self.house.clock.id(StrikeId::from_ulid),
                    brand: case.brand.clone(),
                    right: claim.right,
                    severity: reason.severity(),
                    at: self.now,
                };
                sellers::strike(tx, &case.seller, &strike, case.id, decision).await?;
            }
            Consequence::RemoveListing => {
                let (_, decision) = decided(case)?;
                let listing = case.listing.clone();
                self.add(Effect::RemoveListing { listing, case: case.id, decision }, grace, Some(decision));
            }
            Consequence::LevelSeller => {
                let effect = Effect::LevelSeller { seller: case.seller.clone(), case: Some(case.id) };
                match &case.state {
                    State::Decided { verdict: Verdict::Remove(_), decision, .. } => {
                        self.add(effect, grace, Some(*decision));
                    }
                    // A strike that is void stays so, whatever becomes of the decision that lifted it.
                    _ => self.add(effect, self.now, None),
                }
            }
            Consequence::TellBrand => {
                let (_, decision) = decided(case)?;
                let news = BrandNews::Decided { case: case.id, decision };
                for notice in notices::answered_by(tx, decision, case.id).await? {
                    self.tell(tx, case, notice, &news, grace, decision).await?;
                }
            }
            Consequence::TakeBack(decision) => self.take_back(tx, case, decision).await?,
            Consequence::Reopen => case.round += 1,
            Consequence::Rescore => {}
            Consequence::CloseRequest(request) => authenticity::close(tx, self.actor, case, request, self.now).await?,
            Consequence::Affirm(appeal) => self.affirm(tx, case, appeal).await?,
            Consequence::Overturn(appeal) => self.overturn(tx, case, appeal).await?,
            Consequence::DropAppeal(appeal) => self.drop_appeal(tx, case, appeal).await?,
        }
        Ok(())
    }

    fn decision(&self, case: &Case, verdict: Verdict, id: DecisionId) -> Decision {
        Decision {
            id,
            case: case.id,
            brand: case.brand.clone(),
            round: case.round,
            verdict,
            note: self.note.to_owned(),
            by: self.actor.id().clone(),
            at: self.now,
            automated: self.actor.is_automatic(),
            approved_by: None,
            undone: None,
        }
    }

    async fn take_back(&mut self, tx: &mut Tx, case: &mut Case, decision: DecisionId) -> Result<()> {
        let Some(was) = decisions::get_many(tx, &[decision]).await?.pop() else { return Ok(()) };
        self.overtake(tx, case, decision).await?;
        let (_, begun) = effects::cancel(tx, case.id, decision, self.now).await?;
        decisions::take_back(tx, decision, self.actor.id(), self.now).await?;
        sellers::void_strike(tx, decision, self.now).await?;
        authenticity::lift_of_case(tx, self.actor, case.id, self.now).await?;
        let notices = notices::unanswer(tx, case.id, decision).await?;
        let claims = i64::try_from(notices.len()).unwrap_or(i64::MAX);
        case.claims += claims;
        let removed = matches!(was.verdict, Verdict::Remove(_));
        let (accepted, refused) = if removed { (claims, 0) } else { (0, claims) };
        brands::count_decided(tx, &case.brand, -accepted, -refused).await?;
        if begun == 0 {
            statements::withdraw(tx, decision, self.now).await?;
            if removed {
                self.give_back_to_store(tx, case).await?;
            }
            return Ok(());
        }
        self.compensated = true;
        if removed {
            let listing = case.listing.clone();
            self.add(Effect::RestoreListing { listing, case: case.id, decision }, self.now, None);
        } else {
            for notice in notices {
                self.tell(tx, case, notice, &BrandNews::Undone { case: case.id, decision }, self.now, decision).await?;
            }
        }
        Ok(())
    }

    /// A decision that was never carried out may be all that kept a listing down: its store was off and came back
    /// meanwhile. The store is looked at again; where nothing changes, nobody hears of it.
    async fn give_back_to_store(&mut self, tx: &mut Tx, case: &Case) -> Result<()> {
        let listing = listings::at_version(tx, &case.listing, case.snapshot_version).await?;
        if listing.is_some_and(|listing| listing.state == ListingState::Removed) {
            self.add(Effect::StoreListings { seller: case.seller.clone(), after: None }, self.now, None);
        }
        Ok(())
    }

    pub(super) async fn tell(
        &mut self,
        tx: &mut Tx,
        case: &Case,
        notice: NoticeId,
        news: &BrandNews,
        due: Time,
        decision: DecisionId,
    ) -> Result<()> {
        let hook = brands::has_hook(tx, &case.brand).await?;
        // What tells of an undo must not be cancelled by the next undo.
        let decision = matches!(news, BrandNews::Decided { .. }).then_some(decision);
        for effect in Effect::to_brand(&case.brand, hook, Some(notice), news.clone()) {
            self.add(effect, due, decision);
        }
        Ok(())
    }

    pub(super) fn add(&mut self, effect: Effect, due: Time, decision: Option<DecisionId>) {
        self.effects.push(NewEffect { decision, ..self.house.effect(effect, due) });
    }
}

fn decided(case: &Case) -> Result<(Verdict, DecisionId)> {
    match &case.state {
        State::Decided { verdict, decision, .. } => Ok((*verdict, *decision)),
        _ => Err(Error::Store(store::Error::Corrupt {
            table: "cases",
            id: case.id.to_string(),
            problem: "a decision's consequence without a decision".into(),
        })),
    }
}
