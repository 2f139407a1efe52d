//! What a moderator does to a case.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Actor, Error, House, Result, authorize, race};
use crate::{
    domain::{
        case::{Action, By, Consequence, State, step},
        decision::{KeepReason, RemoveReason, Verdict},
        effect::{BrandNews, Effect, NewEffect},
        ids::{CaseId, DecisionId, EffectId, NoticeId, OperatorId, StrikeId},
        operator::Permission,
        penalty::Strike,
        refused::Refused,
        statement::Statement,
        time::Time,
    },
    store::{
        self, Tx, audit, brands,
        cases::{self, Case},
        effects, notices, operators, sellers,
    },
};

/// What somebody wants done to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Take the listing down and penalise the seller.
    Remove(RemoveReason),
    /// Leave the listing up and refuse the claims.
    Keep(KeepReason),
    /// Keep the case for a while; at most the policy's `hold_max`.
    Hold {
        /// How long.
        span: Duration,
        /// What is waited for.
        reason: String,
    },
    /// Give a held case back to the queue.
    Release,
    /// Pass the case to a named operator.
    HandOver {
        /// To whom.
        to: OperatorId,
    },
    /// Take the decision back.
    Undo,
    /// Write a note on the case for colleagues.
    Note,
    /// Pass over it for now; on the record, so that skipped cases are seen.
    Skip,
}

/// One act on one case, as the person saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Which case.
    pub case: CaseId,
    /// The version that was on the screen; `None` for whatever it is now (undo of one's own decision).
    pub version: Option<i64>,
    /// What to do.
    pub act: Act,
    /// The person's words for colleagues; at most 2,000 characters.
    pub note: String,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acted {
    /// Which case.
    pub case: CaseId,
    /// Its version now.
    pub version: i64,
    /// Where it stands now: `open`, `held`, `removed`, `kept`.
    pub state: &'static str,
    /// Until when undo cancels without a trace outside, after a decision.
    pub grace_until: Option<Time>,
    /// After an undo: whether effects had been carried out and compensating ones were written.
    pub compensated: bool,
}

/// Takes or renews the lease on cases; gives those that the actor has now.
///
/// # Errors
/// Refused without [`Permission::Decide`].
pub async fn lease(house: &House, actor: &Actor, ids: &[CaseId]) -> Result<Vec<CaseId>> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Decide).await?;
    let leased = cases::lease(&mut tx, ids, actor.id(), house.policy.lease).await?;
    tx.commit().await?;
    Ok(leased)
}

/// Gives leases back, all of the actor's if `ids` is `None`.
///
/// # Errors
/// What the store says.
pub async fn release(house: &House, actor: &Actor, ids: Option<&[CaseId]>) -> Result<()> {
    let mut tx = house.db.write().await?;
    cases::release(&mut tx, ids, actor.id()).await?;
    tx.commit().await?;
    Ok(())
}

/// Does one act on one case: the state, the record, the strikes, the effects and the audit event in one transaction.
///
/// # Errors
/// Refused by role, lease, hold, state or bad input; [`Error::Changed`] when the case changed since it was
/// seen. Then nothing is changed.
pub async fn act(house: &House, actor: &Actor, request: &Request) -> Result<Acted> {
    check(house, request)?;
    race!(attempt(house, actor, request))
}

fn check(house: &House, request: &Request) -> Result<()> {
    let words = |field: &str, text: &str, needed: bool| {
        if (needed && text.trim().is_empty()) || text.chars().count() > 2000 {
            Err(Refused::one(field, "it is empty or longer than 2,000 characters", "Say it in a few words."))
        } else {
            Ok(())
        }
    };
    words("note", &request.note, request.act == Act::Note)?;
    if let Act::Hold { span, reason } = &request.act {
        words("reason", reason, true)?;
        if span.is_zero() || *span > house.policy.hold_max {
            let most = house.policy.hold_max.as_secs() / 3600;
            return Err(Refused::one(
                "hold",
                format!("it is 0 or longer than {most} h"),
                format!("Hold up to {most} h."),
            )
            .into());
        }
    }
    Ok(())
}

async fn attempt(house: &House, actor: &Actor, request: &Request) -> Result<Acted> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let allowed = authorize(&mut tx, actor, Permission::Decide).await?;
    let mut case = cases::get(&mut tx, request.case)
        .await?
        .ok_or_else(|| Refused::one("case", format!("{} is not known", request.case), "Reload the queue."))?;
    if let Some(lease) = case.lease.as_ref().filter(|lease| lease.by != *actor.id()) {
        let left = crate::domain::time::span_words(lease.until.since(now).max(0));
        return Err(Refused::one(
            "case",
            format!("{} is on it for another {left}", lease.by),
            "Go on to the next case.",
        )
        .into());
    }
    let by = By { operator: actor.id().clone(), may_overturn: allowed.may(Permission::Overturn) };
    let action = match &request.act {
        Act::Note | Act::Skip => return remark(house, actor, request, tx, case).await,
        Act::Remove(reason) => decide(house, Verdict::Remove(*reason)),
        Act::Keep(reason) => decide(house, Verdict::Keep(*reason)),
        Act::Hold { span, reason } => Action::Hold { until: now + *span, reason: reason.clone() },
        Act::Release => Action::Release,
        Act::HandOver { to } => {
            check_recipient(&mut tx, to).await?;
            Action::HandOver { to: to.clone() }
        }
        Act::Undo => Action::Undo,
    };
    // The table speaks first: "ann already decided it" tells more than "the version changed".
    let (state, consequences) = step(&case.state, &action, &by, now)?;
    if request.version.is_some_and(|seen| seen != case.version) {
        return Err(Error::Changed(format!("case {}", case.id)));
    }
    case.state = state;
    case.lease = None;
    let mut done = Consequences { house, actor, request, now, effects: vec![], grace_until: None, compensated: false };
    for consequence in consequences {
        done.carry(&mut tx, &mut case, consequence).await?;
    }
    let Consequences { effects: new, grace_until, compensated, .. } = done;
    effects::add(&mut tx, &new, now).await?;
    cases::save(&mut tx, &case).await?;
    let event = house.event(
        actor,
        action_name(&request.act),
        format!("case:{}", case.id),
        Some(case.id),
        body(request, &case, compensated),
    );
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Acted { case: case.id, version: case.version + 1, state: case.state.as_str(), grace_until, compensated })
}

fn decide(house: &House, verdict: Verdict) -> Action {
    Action::Decide { verdict, decision: house.clock.id(DecisionId::from_ulid) }
}

async fn check_recipient(tx: &mut Tx, to: &OperatorId) -> Result<()> {
    let known =
        operators::get(tx, to).await?.filter(|operator| operator.enabled && operator.role.may(Permission::Decide));
    match known {
        Some(_) => Ok(()),
        None => Err(Refused::one(
            "to",
            format!("{to} does not decide cases here"),
            "Name a moderator or senior; `operators list` shows them.",
        )
        .into()),
    }
}

async fn remark(house: &House, actor: &Actor, request: &Request, mut tx: Tx, case: Case) -> Result<Acted> {
    let event = house.event(
        actor,
        action_name(&request.act),
        format!("case:{}", case.id),
        Some(case.id),
        if request.note.is_empty() { json!({}) } else { json!({ "note": request.note }) },
    );
    audit::add(&mut tx, &[event]).await?;
    if request.act == Act::Skip {
        cases::release(&mut tx, Some(&[case.id]), actor.id()).await?;
    }
    tx.commit().await?;
    Ok(Acted {
        case: case.id,
        version: case.version,
        state: case.state.as_str(),
        grace_until: None,
        compensated: false,
    })
}

const fn action_name(act: &Act) -> &'static str {
    match act {
        Act::Remove(_) | Act::Keep(_) => "case.decided",
        Act::Hold { .. } => "case.held",
        Act::Release => "case.released",
        Act::HandOver { .. } => "case.handed_over",
        Act::Undo => "case.undone",
        Act::Note => "case.noted",
        Act::Skip => "case.skipped",
    }
}

fn body(request: &Request, case: &Case, compensated: bool) -> Value {
    let mut body = match &request.act {
        Act::Hold { reason, .. } => json!({ "reason": reason }),
        Act::HandOver { to } => json!({ "to": to }),
        Act::Undo => json!({ "compensated": compensated }),
        _ => json!({}),
    };
    if let State::Decided { verdict, decision, .. } = &case.state {
        body = json!({ "outcome": verdict.outcome(), "reason": verdict.reason(), "decision": decision, "round": case.round });
    }
    if !request.note.is_empty() {
        body["note"] = json!(request.note);
    }
    body
}

/// Carries out what the transition table says follows.
struct Consequences<'a> {
    house: &'a House,
    actor: &'a Actor,
    request: &'a Request,
    now: Time,
    effects: Vec<NewEffect>,
    grace_until: Option<Time>,
    compensated: bool,
}

impl Consequences<'_> {
    async fn carry(&mut self, tx: &mut Tx, case: &mut Case, consequence: Consequence) -> Result<()> {
        let grace = self.now + self.house.policy.grace;
        match consequence {
            Consequence::AnswerClaims => {
                let (verdict, decision) = decided(case)?;
                let removed = matches!(verdict, Verdict::Remove(_));
                self.grace_until = Some(grace);
                let statement = statement_of(tx, case, self.now).await?;
                cases::decide(tx, &self.decision(statement, case, verdict, decision)).await?;
                notices::answer(tx, case.id, decision, if removed { "accepted" } else { "refused" }).await?;
                let claims = std::mem::take(&mut case.claims);
                let (accepted, refused) = if removed { (claims, 0) } else { (0, claims) };
                brands::count_decided(tx, &case.brand, accepted, refused).await?;
            }
            Consequence::Strike => {
                let (Verdict::Remove(reason), decision) = decided(case)? else { return Ok(()) };
                let Some(claim) = notices::claims_of(tx, case.id).await?.into_iter().next() else { return Ok(()) };
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
                    State::Decided { decision, .. } => self.add(effect, grace, Some(*decision)),
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
        }
        Ok(())
    }

    fn decision(&self, statement: Option<Statement>, case: &Case, verdict: Verdict, id: DecisionId) -> cases::Decision {
        cases::Decision {
            id,
            case: case.id,
            round: case.round,
            verdict,
            note: self.request.note.clone(),
            statement: statement.and_then(|statement| serde_json::to_string(&statement).ok()),
            by: self.actor.id().clone(),
            at: self.now,
            undone: None,
        }
    }

    async fn take_back(&mut self, tx: &mut Tx, case: &mut Case, decision: DecisionId) -> Result<()> {
        let Some(was) = cases::decisions(tx, &[decision]).await?.pop() else { return Ok(()) };
        let (_, begun) = effects::cancel(tx, decision, self.now).await?;
        cases::undo(tx, decision, self.actor.id(), self.now).await?;
        sellers::void_strike(tx, decision, self.now).await?;
        let notices = notices::unanswer(tx, case.id, decision).await?;
        let claims = i64::try_from(notices.len()).unwrap_or(i64::MAX);
        case.claims += claims;
        let removed = matches!(was.verdict, Verdict::Remove(_));
        let (accepted, refused) = if removed { (claims, 0) } else { (0, claims) };
        brands::count_decided(tx, &case.brand, -accepted, -refused).await?;
        if begun == 0 {
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

    async fn tell(
        &mut self,
        tx: &mut Tx,
        case: &Case,
        notice: NoticeId,
        news: &BrandNews,
        due: Time,
        decision: DecisionId,
    ) -> Result<()> {
        let hook = brands::get(tx, &case.brand).await?.is_some_and(|brand| brand.webhook_url.is_some());
        // What tells of an undo must not be cancelled by the next undo.
        let decision = matches!(news, BrandNews::Decided { .. }).then_some(decision);
        let brand = case.brand.clone();
        self.add(Effect::MailBrand { brand: brand.clone(), notice, news: news.clone() }, due, decision);
        if hook {
            self.add(Effect::HookBrand { brand, notice, news: news.clone() }, due, decision);
        }
        Ok(())
    }

    fn add(&mut self, effect: Effect, due: Time, decision: Option<DecisionId>) {
        let id = self.house.clock.id(EffectId::from_ulid);
        self.effects.push(NewEffect { id, effect, due, decision, once: None });
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

/// The statement of reasons for a removal, from the claim that came last.
async fn statement_of(tx: &mut Tx, case: &Case, applies: Time) -> Result<Option<Statement>> {
    let (Verdict::Remove(reason), _) = decided(case)? else { return Ok(None) };
    let Some(claim) = notices::claims_of(tx, case.id).await?.into_iter().next() else { return Ok(None) };
    let Some(right) = brands::rights(tx, [&claim.right]).await?.pop() else { return Ok(None) };
    let Some(brand) = brands::get(tx, &case.brand).await? else { return Ok(None) };
    Ok(Some(Statement::for_removal(reason, &right, brand.tier, applies)))
}
