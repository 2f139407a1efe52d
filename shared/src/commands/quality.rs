//! Second looks: golden cases, the lead's view, and rulings. What deals them stands in [`deal`].

pub mod deal;

use serde_json::json;

use super::{
    Actor, House, Result, authorize,
    case::{self, Act, Request},
    race,
};
use crate::{
    domain::{
        decision::Verdict,
        ids::{CaseId, SampleId},
        operator::Permission,
        quality::{Report, ReviewState, SampleKind},
        refused::Refused,
    },
    store::{
        audit, cases, decisions,
        reviews::{self, Compared},
        samples::{self, Sample},
        skips::{self, Skipped},
    },
};

/// Answers that a report looks at; the newest count.
const ANSWERS: i64 = 20_000;

fn words(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() || text.chars().count() > 2000 {
        return Err(
            Refused::one(field, "it is empty or longer than 2,000 characters", "Say why in a few words.").into()
        );
    }
    Ok(())
}

/// Makes a decided case golden: from now on it comes back blind to everybody who had no part in it, and their answers are
/// held against the right one: `right`, or else the decision's own.
///
/// # Errors
/// Refused without [`Permission::KeepGolden`], for a case that isn't decided or is golden already, without a note.
pub async fn add_golden(
    house: &House,
    actor: &Actor,
    case: CaseId,
    right: Option<Verdict>,
    note: &str,
) -> Result<Sample> {
    words("note", note)?;
    race!(try_add_golden(house, actor, case, right, note))
}

async fn try_add_golden(
    house: &House,
    actor: &Actor,
    case: CaseId,
    right: Option<Verdict>,
    note: &str,
) -> Result<Sample> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::KeepGolden).await?;
    let decision = match cases::get(&mut tx, case).await?.map(|case| case.state) {
        Some(state) if state.is_decided() => state.decision().map(|(_, decision)| decision),
        _ => None,
    };
    let decision = match decision {
        Some(decision) => decisions::get_many(&mut tx, &[decision]).await?.pop(),
        None => None,
    };
    let decision = decision.ok_or_else(|| {
        Refused::one("case", format!("{case} is no decided case"), "Decide it first, or name another.")
    })?;
    let sample = Sample {
        id: house.clock.id(SampleId::from_ulid),
        kind: SampleKind::Golden,
        case,
        decision: decision.id,
        decided_by: decision.by,
        verdict: right.unwrap_or(decision.verdict),
        note: note.trim().to_owned(),
        drawn_by: actor.id().clone(),
        drawn: house.clock.now(),
        closed: None,
    };
    if samples::add(&mut tx, std::slice::from_ref(&sample)).await? == 0 {
        let fix = "`quality golden list` shows it; retire it to change it, and add another case.";
        return Err(Refused::one("case", "this decision is golden already, or was", fix).into());
    }
    let body = json!({ "case": case, "right": sample.verdict, "note": sample.note });
    let event = house.event(actor, "golden.added", format!("sample:{}", sample.id), None, body);
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(sample)
}

/// Asks nobody about a golden case any more. What was answered stays.
///
/// # Errors
/// Refused without [`Permission::KeepGolden`], or if there is no such golden case in use.
pub async fn retire_golden(house: &House, actor: &Actor, id: SampleId, note: &str) -> Result<()> {
    words("note", note)?;
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::KeepGolden).await?;
    let golden = samples::get(&mut tx, id).await?.is_some_and(|sample| sample.kind == SampleKind::Golden);
    if !golden || !samples::close(&mut tx, id, house.clock.now()).await? {
        let fix = "`quality golden list` shows those that are in use.";
        return Err(Refused::one("sample", format!("{id} is no golden case in use"), fix).into());
    }
    let event = house.event(actor, "golden.retired", format!("sample:{id}"), None, json!({ "note": note.trim() }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}

/// The golden cases in use, oldest first, at most 1,000.
///
/// # Errors
/// Refused without [`Permission::ReadQuality`].
pub async fn golden(house: &House, actor: &Actor) -> Result<Vec<Sample>> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ReadQuality).await?;
    Ok(samples::open(&mut tx, &[SampleKind::Golden], 1000).await?)
}

/// The lead's view: agreement, errors and unclear reasons over the time that the policy says.
///
/// # Errors
/// Refused without [`Permission::ReadQuality`].
pub async fn report(house: &House, actor: &Actor) -> Result<Report> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ReadQuality).await?;
    let since = house.clock.now() - house.policy.quality.report;
    let answers = reviews::compared(&mut tx, since, ANSWERS).await?;
    let answers: Vec<_> = answers.into_iter().map(|compared| compared.answer).collect();
    Ok(Report::of(&answers, &house.policy.ladder.points))
}

/// Disagreements that wait for a ruling, oldest first.
///
/// # Errors
/// Refused without [`Permission::ReadQuality`].
pub async fn disagreements(house: &House, actor: &Actor, limit: i64) -> Result<Vec<Compared>> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ReadQuality).await?;
    Ok(reviews::disagreements(&mut tx, limit).await?)
}

/// Cases in the queue that were passed over, the one that waits longest first.
///
/// # Errors
/// Refused without [`Permission::ReadQuality`].
pub async fn skipped(house: &House, actor: &Actor, limit: i64) -> Result<Vec<Skipped>> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ReadQuality).await?;
    Ok(skips::waiting(&mut tx, limit).await?)
}

/// A lead's ruling on a disagreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The review.
    pub review: CaseId,
    /// What is right.
    pub right: Verdict,
    /// Why.
    pub note: String,
    /// Whether the real decision is taken back, if it is another; the case then is in the queue again.
    pub reopen: bool,
}

/// Rules on a disagreement. A golden case that turns out wrong is retired. Gives whether the real case was reopened; it
/// goes back first, by [`case::act`] and all that guards it, so a ruling that can't be carried out isn't written.
///
/// # Errors
/// Refused without [`Permission::Overturn`], to either of the two who differ, when nothing waits for a ruling, and when the
/// real case can't be reopened.
pub async fn rule(house: &House, actor: &Actor, ruling: &Ruling) -> Result<bool> {
    words("note", &ruling.note)?;
    let (sample, decision_stands) = admit(house, actor, ruling).await?;
    let golden = sample.kind == SampleKind::Golden;
    let reopen = ruling.reopen && !golden && sample.verdict != ruling.right && decision_stands;
    if reopen {
        let note = ruling.note.clone();
        case::act(house, actor, &Request { case: sample.case, version: None, act: Act::Undo, note }).await?;
    }
    race!(write(house, actor, ruling, &sample))?;
    Ok(reopen)
}

async fn admit(house: &House, actor: &Actor, ruling: &Ruling) -> Result<(Sample, bool)> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Overturn).await?;
    let nothing = || Refused::one("review", "it waits for no ruling", "`quality disagreements` shows what does.");
    let found = reviews::get(&mut tx, ruling.review).await?;
    let review = found.filter(|review| review.state == ReviewState::Disagreed).ok_or_else(nothing)?;
    let sample = samples::get(&mut tx, review.sample).await?.ok_or_else(nothing)?;
    let decided = sample.kind != SampleKind::Golden && sample.decided_by == *actor.id();
    if decided || review.reviewer == *actor.id() {
        let fix = "Leave the ruling to another senior.";
        return Err(Refused::one("review", "you are one of the two who differ", fix).into());
    }
    let state = cases::get(&mut tx, sample.case).await?.map(|case| case.state);
    let stands = state.is_some_and(|s| s.is_decided() && s.decision().is_some_and(|(_, id)| id == sample.decision));
    Ok((sample, stands))
}

async fn write(house: &House, actor: &Actor, ruling: &Ruling, sample: &Sample) -> Result<()> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let note = ruling.note.trim();
    if !reviews::rule(&mut tx, ruling.review, ruling.right, note, actor.id(), now).await? {
        return Err(Refused::one("review", "somebody ruled on it meanwhile", "Nothing to do.").into());
    }
    let mut events = vec![];
    if sample.kind == SampleKind::Golden && sample.verdict != ruling.right {
        samples::close(&mut tx, sample.id, now).await?;
        events.push(house.event(
            actor,
            "golden.retired",
            format!("sample:{}", sample.id),
            None,
            json!({ "note": note }),
        ));
    }
    let body = json!({ "review": ruling.review, "right": ruling.right, "note": note });
    events.push(house.event(actor, "review.ruled", format!("case:{}", sample.case), Some(sample.case), body));
    audit::add(&mut tx, &events).await?;
    tx.commit().await?;
    Ok(())
}
