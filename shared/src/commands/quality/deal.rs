//! What time does for quality: decisions are drawn, samples dealt to reviewers, answers compared.

use std::collections::BTreeSet;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use ulid::Ulid;

use super::super::{Actor, House, Result};
use crate::{
    domain::{
        ids::{CaseId, OperatorId, SampleId},
        operator::{Operator, Permission},
        priority,
        quality::{ReviewState, SampleKind},
        time::Time,
    },
    store::{
        audit, decisions, dossier, listings, operators,
        reviews::{self, Face, Review},
        samples::{self, Sample},
    },
};

/// Does all of it, at most 200 rows of each, exactly once however many do it. Gives how many reviews were dealt.
///
/// # Errors
/// What the store says.
pub async fn sweep(house: &House, actor: &Actor) -> Result<usize> {
    settle(house, actor).await?;
    draw(house, actor).await?;
    deal(house, actor).await
}

/// Ends holds that are over, and compares answers that can't be taken back any more.
async fn settle(house: &House, actor: &Actor) -> Result<()> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    let mut events = vec![];
    for id in reviews::end_holds(&mut tx, now, 200).await? {
        events.push(house.event(actor, "case.hold_ended", format!("case:{id}"), Some(id), json!({})));
    }
    for (id, state) in reviews::settle(&mut tx, now - house.policy.quality.settle, 200).await? {
        events.push(house.event(actor, "review.compared", format!("review:{id}"), None, json!({ "result": state })));
    }
    if !events.is_empty() {
        audit::add(&mut tx, &events).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Periods that are drawn after the fact when no worker ran.
const CATCH_UP: i64 = 7;

/// Draws from the decisions of periods that are over: of each moderator the policy's share, by chance. Whoever notes a
/// period first draws it.
async fn draw(house: &House, actor: &Actor) -> Result<()> {
    let policy = &house.policy.quality;
    let length = i64::try_from(policy.period.as_micros()).unwrap_or(i64::MAX).max(1);
    let current = (house.clock.now() - policy.settle).0.div_euclid(length);
    let drawn = samples::drawn_since(&mut house.db.read().await?, current - CATCH_UP).await?;
    for period in (current - CATCH_UP..current).filter(|period| !drawn.contains(period)) {
        draw_period(house, actor, period, length).await?;
    }
    Ok(())
}

async fn draw_period(house: &House, actor: &Actor, period: i64, length: i64) -> Result<()> {
    let (policy, now) = (&house.policy.quality, house.clock.now());
    let mut tx = house.db.write().await?;
    if !samples::begin_period(&mut tx, period, now).await? {
        return Ok(());
    }
    let (from, until) = (Time(period * length), Time((period + 1) * length));
    let mut drawn = vec![];
    for operator in operators::list(&mut tx).await? {
        let mut decided = decisions::standing_of(&mut tx, &operator.id, first_id(from), first_id(until)).await?;
        let wanted = policy.wanted(decided.len());
        // The order of the digests is chance, and the same for everybody who draws.
        decided.sort_by_key(|decision| Sha256::digest(decision.id.to_string()));
        drawn.extend(decided.into_iter().take(wanted).map(|decision| Sample {
            id: house.clock.id(SampleId::from_ulid),
            kind: SampleKind::Decision,
            case: decision.case,
            decision: decision.id,
            decided_by: decision.by,
            verdict: decision.verdict,
            note: String::new(),
            drawn_by: actor.id().clone(),
            drawn: now,
            closed: None,
        }));
    }
    let new = samples::add(&mut tx, &drawn).await?;
    let event = house.event(actor, "samples.drawn", format!("period:{period}"), None, json!({ "decisions": new }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}

/// The least id that could have been made at `moment`.
fn first_id(moment: Time) -> String {
    Ulid::from_parts(moment.unix_ms(), 0).to_string()
}

/// Puts what waits before people who had no part in it: a sample once, golden cases to everybody in turn.
async fn deal(house: &House, actor: &Actor) -> Result<usize> {
    let now = house.clock.now();
    let policy = &house.policy.quality;
    let mut conn = house.db.read().await?;
    let mut open = samples::open(&mut conn, &[SampleKind::Decision, SampleKind::Automatic], 200).await?;
    open.extend(samples::open(&mut conn, &[SampleKind::Golden], 200).await?);
    if open.is_empty() {
        return Ok(0);
    }
    let mut staff: Vec<OperatorId> =
        operators::list(&mut conn).await?.into_iter().filter(decides).map(|o| o.id).collect();
    let mut waiting = reviews::waiting(&mut conn).await?;
    let mut golden = reviews::golden_dealt(&mut conn, now - policy.period).await?;
    let ids: Vec<SampleId> = open.iter().map(|sample| sample.id).collect();
    let seen = reviews::seen(&mut conn, &ids).await?;
    drop(conn);
    let mut dealt = 0;
    for sample in open {
        let is_golden = sample.kind == SampleKind::Golden;
        // The least busy first; among those, another order for each sample.
        staff.sort_by_key(|who| (waiting.get(who.as_str()).copied().unwrap_or(0), draw_lot(&sample, who)));
        let may = |who: &&OperatorId| {
            let busy = waiting.get(who.as_str()).copied().unwrap_or(0) >= i64::from(policy.waiting_max);
            let served = is_golden && golden.get(who.as_str()).copied().unwrap_or(0) >= i64::from(policy.golden);
            !busy && !served && !seen.contains(&(sample.id.to_string(), (*who).clone())) && sample.drawn_by != **who
        };
        let able: Vec<OperatorId> = staff.iter().filter(may).cloned().collect();
        if able.is_empty() {
            continue;
        }
        let chosen = match put_before(house, actor, &sample, &able).await {
            // Another worker dealt it.
            Err(error) if error.is_race() => continue,
            chosen => chosen?,
        };
        for who in chosen {
            *waiting.entry(who.to_string()).or_default() += 1;
            *golden.entry(who.to_string()).or_default() += i64::from(is_golden);
            dealt += 1;
        }
    }
    Ok(dealt)
}

fn decides(operator: &Operator) -> bool {
    operator.enabled && operator.role.may(Permission::Decide)
}

fn draw_lot(sample: &Sample, who: &OperatorId) -> impl Ord + use<> {
    Sha256::digest(format!("{} {who}", sample.id))
}

/// Deals one sample to the first of `able` who had no part in the case; a golden one to all of them. Gives to whom.
async fn put_before(house: &House, actor: &Actor, sample: &Sample, able: &[OperatorId]) -> Result<Vec<OperatorId>> {
    let now = house.clock.now();
    let golden = sample.kind == SampleKind::Golden;
    let mut tx = house.db.write().await?;
    let decision = decisions::get_many(&mut tx, &[sample.decision]).await?.pop();
    let Some(decision) = decision.filter(|decision| golden || decision.undone.is_none()) else {
        // Taken back meanwhile: nothing to look at.
        samples::close(&mut tx, sample.id, now).await?;
        tx.commit().await?;
        return Ok(vec![]);
    };
    let Some(was) = dossier::of_case(&mut tx, sample.case).await? else { return Ok(vec![]) };
    let mut had_part: BTreeSet<&str> = was.timeline.iter().map(|event| event.actor.as_str()).collect();
    had_part.extend(decision.approved_by.as_ref().map(OperatorId::as_str));
    let strangers = able.iter().filter(|who| !had_part.contains(who.as_str()) && **who != sample.decided_by);
    let chosen: Vec<OperatorId> = strangers.take(if golden { usize::MAX } else { 1 }).cloned().collect();
    if chosen.is_empty() || (!golden && !samples::close(&mut tx, sample.id, now).await?) {
        return Ok(vec![]);
    }
    let version = reviews::version_shown(&was, decision.at);
    let Some(listing) = listings::at_version(&mut tx, &was.listing.id, version).await? else { return Ok(vec![]) };
    let face = Face::of(&was, listing.content, &decision, &house.policy, now);
    for who in &chosen {
        let review = Review {
            id: id_like(house, sample.case, now.since(decision.at)),
            sample: sample.id,
            decision: sample.decision,
            reviewer: who.clone(),
            state: ReviewState::Open,
            held: None,
            version: 1,
            rank: priority::rank(&face.factors()),
            face: face.clone(),
            dealt: now,
            lease: None,
            given: None,
        };
        reviews::add(&mut tx, &review).await?;
    }
    let event =
        house.event(actor, "sample.dealt", format!("sample:{}", sample.id), None, json!({ "to": chosen.len() }));
    audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(chosen)
}

/// An id as the case would have had it, made as much later as the review shows it.
fn id_like(house: &House, case: CaseId, shift: i64) -> CaseId {
    let made = Time(case.made_at().0.saturating_add(shift));
    let drawn: Ulid = house.clock.id(|ulid| ulid);
    CaseId::from_ulid(Ulid::from_parts(made.unix_ms(), drawn.random()))
}
