//! The Joint-Force path: what a brand in Joint-Force attests, or answers to be counterfeit, is removed at once.

use std::collections::HashMap;

use serde_json::json;

use super::{
    Actor, Error, House, Result,
    approval::{self, Waits},
    authorize, case,
    page::{self, Raise},
    race,
};
use crate::{
    domain::{
        automatic::{Guarded, Load, Rule},
        brand::{Brand, Tier},
        case::{Action, By, State},
        decision::Verdict,
        ids::{DecisionId, SampleId},
        operator::Permission,
        page::{PageKind, Severity},
        quality::SampleKind,
        reason::ReasonCode,
        refused::Refused,
        span,
        time::Time,
    },
    store::{
        Tx, audit,
        breakers::{self, Breaker},
        cases::Case,
        samples::{self, Sample},
    },
};

/// The path by one rule, for the length of one transaction.
pub(crate) struct Path<'a> {
    house: &'a House,
    rule: Rule,
    actor: Actor,
    /// What went by each breaker, counted on while the transaction goes on; `None` behind one that is tripped.
    loads: HashMap<Guarded, Option<Load>>,
}

impl<'a> Path<'a> {
    /// The path, with nothing looked up yet.
    pub fn by(house: &'a House, rule: Rule) -> Self {
        Self { house, rule, actor: Actor::automatic(rule.as_str()), loads: HashMap::new() }
    }

    /// Removes the case's listing at the brand's word, if the brand is in Joint-Force, its word is enough for the reason, no
    /// desk has the case and no breaker is tripped. Otherwise nothing is changed and moderators decide.
    ///
    /// # Errors
    /// What the store says; a statement of reasons that can't be made.
    pub async fn remove(&mut self, tx: &mut Tx, brand: &Brand, case: &mut Case, reason: ReasonCode) -> Result<bool> {
        let policy = &self.house.policy.automatic;
        let Some(reason) = policy.removes(reason) else { return Ok(false) };
        let undecided = matches!(case.state, State::Open { .. } | State::Held { .. } | State::Asked { .. });
        if brand.tier != Tier::JointForce || !undecided || case.state.desk().is_some() {
            return Ok(false);
        }
        // The brand first: what one brand does should stop that brand, not everybody.
        let guards = [Guarded::Brand(brand.id.clone()), Guarded::Rule(self.rule)];
        for guarded in &guards {
            if !self.lets_through(tx, guarded).await? {
                return Ok(false);
            }
        }
        let decision = self.house.clock.id(DecisionId::from_ulid);
        let verdict = Verdict::Remove(reason);
        let by = By::system(self.actor.id().clone());
        let note = self.rule.title();
        case::apply(self.house, tx, &self.actor, case, &Action::Decide { verdict, decision }, &by, note).await?;
        case::record(self.house, tx, &self.actor, case, note).await?;
        if policy.samples(decision) {
            samples::add(tx, &[self.sample(case, decision, verdict)]).await?;
        }
        for guarded in &guards {
            if let Some(Some(load)) = self.loads.get_mut(guarded) {
                load.hour += 1;
                load.window.total += 1;
            }
        }
        Ok(true)
    }

    fn sample(&self, case: &Case, decision: DecisionId, verdict: Verdict) -> Sample {
        Sample {
            id: self.house.clock.id(SampleId::from_ulid),
            kind: SampleKind::Automatic,
            case: case.id,
            decision,
            decided_by: self.actor.id().clone(),
            verdict,
            note: String::new(),
            drawn_by: self.actor.id().clone(),
            drawn: self.house.clock.now(),
            closed: None,
        }
    }

    /// Whether a breaker lets another removal through; trips it when it should not.
    async fn lets_through(&mut self, tx: &mut Tx, guarded: &Guarded) -> Result<bool> {
        let (house, now) = (self.house, self.house.clock.now());
        if !self.loads.contains_key(guarded) {
            let breaker = breakers::get_many(tx, [guarded]).await?.pop();
            let load = match breaker {
                Some(Breaker { tripped: Some(_), .. }) => None,
                closed => {
                    let since = closed.map_or(Time(0), |breaker| breaker.counts_from + span::TICK);
                    let from = (now - house.policy.automatic.reversed_window).max(since);
                    let hour = Time(now.0 - Time::HOUR).max(since);
                    Some(breakers::load(tx, guarded, self.actor.id(), from.min(hour), hour).await?)
                }
            };
            self.loads.insert(guarded.clone(), load);
        }
        let Some(Some(load)) = self.loads.get(guarded) else { return Ok(false) };
        let Some(why) = house.policy.automatic.trips(guarded, load) else { return Ok(true) };
        trip_now(house, tx, &self.actor, guarded, &why).await?;
        self.loads.insert(guarded.clone(), None);
        Ok(false)
    }
}

async fn trip_now(house: &House, tx: &mut Tx, actor: &Actor, guarded: &Guarded, why: &str) -> Result<bool> {
    if !breakers::trip(tx, guarded, why, house.clock.now()).await? {
        return Ok(false);
    }
    let event = house.event(actor, "breaker.tripped", format!("breaker:{guarded}"), None, json!({ "why": why }));
    audit::add(tx, &[event]).await?;
    let call = Raise {
        kind: PageKind::Breaker,
        key: format!("breaker:{guarded}"),
        summary: format!("Automatic removals of {guarded} are stopped: {why}. Their cases wait for moderators."),
        subject: guarded.to_string(),
        case: None,
        severity: Severity::Error,
        level: 1,
    };
    page::raise(tx, house, actor, &call).await?;
    Ok(true)
}

/// Stops the automatic path of a brand or a rule by hand; its cases go to moderators from now on.
///
/// # Errors
/// Refused without [`Permission::RunEffects`], without a reason, and when it is stopped already.
pub async fn trip(house: &House, actor: &Actor, guarded: &Guarded, reason: &str) -> Result<()> {
    let reason = words(reason)?;
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::RunEffects).await?;
    if !trip_now(house, &mut tx, actor, guarded, reason).await? {
        return Err(Refused::one("breaker", format!("{guarded} is stopped already"), "Nothing to do.").into());
    }
    Ok(tx.commit().await?)
}

/// Asks a second person to let the automatic path of a brand or a rule go on; what was removed before no longer counts
/// against it then. Stopping it is the safe direction and waits for nobody.
///
/// # Errors
/// Refused without [`Permission::Overturn`], without a reason, and when it is not stopped.
pub async fn close(house: &House, actor: &Actor, guarded: &Guarded, reason: &str) -> Result<Waits> {
    let reason = words(reason)?;
    race!(ask_to_close(house, actor, guarded, reason))
}

async fn ask_to_close(house: &House, actor: &Actor, guarded: &Guarded, reason: &str) -> Result<Waits> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Overturn).await?;
    let breaker = breakers::get_many(&mut tx, [guarded]).await?.pop();
    let Some((tripped, _)) = breaker.and_then(|breaker| breaker.tripped) else { return Err(not_stopped(guarded)) };
    let waits = approval::ask_to_let_go(house, &mut tx, actor, guarded, tripped, reason).await?;
    tx.commit().await?;
    Ok(waits)
}

/// Two people agreed that it goes on. The caller writes the audit event.
pub(super) async fn let_go(house: &House, tx: &mut Tx, actor: &Actor, guarded: &str) -> Result<()> {
    let guarded: Guarded =
        guarded.parse().map_err(|problem| Refused::one("breaker", problem, "See `breaker list`."))?;
    if !breakers::close(tx, &guarded, house.clock.now()).await? {
        return Err(not_stopped(&guarded));
    }
    page::handled(tx, house, actor, &format!("breaker:{guarded}")).await?;
    Ok(())
}

fn not_stopped(guarded: &Guarded) -> Error {
    let fix = "Nothing to do; `breaker list` shows what is stopped.";
    Refused::one("breaker", format!("{guarded} is not stopped"), fix).into()
}

/// The breakers that ever tripped; those that stop the path now first.
///
/// # Errors
/// What the store says.
pub async fn list(house: &House) -> Result<Vec<Breaker>> {
    Ok(breakers::list(&mut house.db.read().await?).await?)
}

fn words(reason: &str) -> std::result::Result<&str, Refused> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Refused::one("reason", "it is empty or longer than 500 characters", "Say in a few words why."));
    }
    Ok(reason)
}
