//! Bringing sellers to what is in force for them: a reconciler that looks at the strikes that stand and at what a second
//! person approved, and takes no other input, so it may run in any order, twice, or late.

use std::collections::{BTreeSet, HashMap};

use jointforce_shared::{
    commands::approval,
    domain::{
        effect::{Effect, MarketplaceEvent, PayoutNews, SellerNews},
        ids::{CaseId, EffectId, PayoutHoldId, SellerId},
        payout::PayoutHold,
        penalty::{InForce, Strike},
        seller::Standing,
        statement::Made,
        time::Time,
    },
    store::{
        self, Tx,
        db::Halving,
        penalties,
        sellers::{self, SellerRecord},
    },
};
use serde_json::json;

use super::{Follow, Level, reasons};

/// A seller of a batch, locked, and what is in force for it.
struct Known {
    /// The effect that brought it here, the last of several.
    cause: Level,
    record: SellerRecord,
    strikes: Vec<Strike>,
    force: InForce,
}

impl Known {
    fn is_changed(&self) -> bool {
        let (record, standing) = (&self.record, &self.force.standing);
        (standing.points, standing.level, standing.until, standing.listings_off)
            != (record.points, record.level, record.level_until, record.listings_off)
    }
}

/// Brings sellers to what is in force for them. Gives the effects of those whose strikes can't be read, or that the
/// database refuses, with the reason: one row must not stand in the way of a whole batch.
pub(super) async fn apply(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    levels: &[Level],
) -> store::db::Result<Vec<(EffectId, String)>> {
    if levels.is_empty() {
        return Ok(vec![]);
    }
    let (known, mut spoiled) = look(tx, follow, levels).await?;
    spoiled.extend(set_levels(tx, &known, levels.len() == 1, follow.now).await?);
    let mut statements = vec![];
    for known in known.iter().filter(|known| !spoiled.contains_key(&known.record.seller.id)) {
        statements.extend(follow_up(tx, follow, known).await?);
    }
    reasons::add(tx, &statements).await?;
    let why = |level: &Level| spoiled.get(&level.seller).map(|why| (level.effect, why.clone()));
    Ok(levels.iter().filter_map(why).collect())
}

/// Locks the sellers and reads what stands against them. Gives those whose strikes can't be read apart.
async fn look(
    tx: &mut Tx,
    follow: &Follow<'_>,
    levels: &[Level],
) -> store::db::Result<(Vec<Known>, HashMap<SellerId, String>)> {
    let mut causes: HashMap<&SellerId, &Level> = levels.iter().map(|level| (&level.seller, level)).collect();
    let ids: BTreeSet<&SellerId> = causes.keys().copied().collect();
    let records = sellers::lock_many(tx, ids.iter().copied()).await?;
    let (mut strikes, unread) = sellers::readable_strikes(tx, ids.iter().copied()).await?;
    let imposed = penalties::imposed(tx, ids).await?;
    let mut known = vec![];
    for record in records {
        let id = &record.seller.id;
        let Some(cause) = causes.remove(id).filter(|_| !unread.contains_key(id)).cloned() else { continue };
        let strikes = strikes.remove(id).unwrap_or_default();
        let imposed = imposed.get(id).map_or(&[] as &[_], Vec::as_slice);
        let force = follow.house.policy.ladder.in_force(id, &strikes, imposed, follow.now);
        known.push(Known { cause, record, strikes, force });
    }
    Ok((known, unread.into_iter().map(|(seller, error)| (seller, error.to_string())).collect()))
}

/// Writes down what is new in force, of one seller alone or of many, few of whom may have changed. Gives those that the
/// database refuses.
async fn set_levels(
    tx: &mut Tx,
    known: &[Known],
    alone: bool,
    now: Time,
) -> store::db::Result<Vec<(SellerId, String)>> {
    let changed: Vec<_> = known
        .iter()
        .filter(|known| known.is_changed())
        .map(|known| (known.record.clone(), known.force.standing.clone()))
        .collect();
    let mut halving = Halving::of(&changed, alone);
    while let Some(part) = halving.next(tx).await? {
        let outcome = sellers::set_levels(tx, part, now).await;
        halving.settle(tx, part, outcome).await?;
    }
    Ok(halving.refused().into_iter().map(|((record, _), why)| (record.seller.id.clone(), why)).collect())
}

/// What follows for a seller whose standing is written. Gives the statements of reasons that are owed.
async fn follow_up(tx: &mut Tx, follow: &mut Follow<'_>, known: &Known) -> store::db::Result<Vec<Made>> {
    let Known { cause, record, strikes, force: InForce { standing, lapsed, termination_due } } = known;
    let id = &record.seller.id;
    follow.trace = Some(cause.trace);
    for approval in lapsed {
        penalties::lift(tx, *approval, id, follow.now).await?;
    }
    if *termination_due {
        approval::propose_termination(follow.house, tx, id, standing.points, strikes).await?;
    }
    if let Some(at) = standing.next_change {
        look_again(follow, id, at);
    }
    if !known.is_changed() {
        return Ok(vec![]);
    }
    let mut statements: Vec<Made> =
        reasons::for_standing(follow, record, standing, strikes, cause.case).into_iter().collect();
    tell(follow, record, standing, cause.case);
    statements.extend(hold_payouts(tx, follow, record, standing, strikes).await?);
    // What others bear for a seller's strikes ends with them.
    if standing.level < record.level {
        for other in penalties::lift_for(tx, id, follow.now).await? {
            follow.effect(Effect::LevelSeller { seller: other, case: None }, None);
        }
    }
    Ok(statements)
}

/// Points expire and restrictions end with nobody's doing: then the seller is looked at again.
fn look_again(follow: &mut Follow<'_>, seller: &SellerId, at: Time) {
    let effect = Effect::LevelSeller { seller: seller.clone(), case: None };
    follow.later(effect, at, None, Some(format!("level:{seller}:{}", at.0)));
}

fn tell(follow: &mut Follow<'_>, record: &SellerRecord, standing: &Standing, case: Option<CaseId>) {
    let seller = &record.seller.id;
    let listings_off = (standing.listings_off != record.listings_off).then_some(standing.listings_off);
    let mut body = json!({ "points": [record.points, standing.points], "level": [record.level, standing.level], "until": standing.until });
    if let Some(off) = listings_off {
        body["listings_off"] = json!(off);
        follow.effect(Effect::StoreListings { seller: seller.clone(), after: None }, None);
    }
    follow.event("seller.leveled", format!("seller:{seller}"), case, body);
    if standing.level == record.level && standing.until == record.level_until && listings_off.is_none() {
        return;
    }
    let news = SellerNews::LevelChanged {
        level: standing.level,
        before: record.level,
        points: standing.points,
        until: standing.until,
        listings_off,
    };
    follow.effect(Effect::MailSeller { seller: seller.clone(), news }, None);
    follow.marketplace(MarketplaceEvent::SellerLevel {
        seller: seller.clone(),
        level: standing.level,
        until: standing.until,
    });
}

/// A seller who may not sell any more gets no money for a while; one who may again gets it at once. Gives the statement
/// that is owed for money kept back.
async fn hold_payouts(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    record: &SellerRecord,
    standing: &Standing,
    strikes: &[Strike],
) -> store::db::Result<Option<Made>> {
    let ladder = &follow.house.policy.ladder;
    let (days, from) = (i64::from(ladder.payout_hold_days), i64::from(ladder.payout_appeal_from_day));
    let seller = &record.seller.id;
    match (record.level.sells_nothing(), standing.level.sells_nothing()) {
        (false, true) if days > 0 => {
            let hold = PayoutHold {
                id: follow.house.clock.id(PayoutHoldId::from_ulid),
                seller: seller.clone(),
                held: follow.now,
                ask_from: Time(follow.now.0.saturating_add(from * Time::DAY)),
                until: Time(follow.now.0.saturating_add(days * Time::DAY)),
                asked: None,
                released: None,
            };
            if penalties::hold(tx, &hold).await? {
                tell_of_payouts(follow, &hold, PayoutNews::Held);
                return Ok(Some(reasons::for_payouts(follow, &hold, standing, strikes)));
            }
        }
        (true, false) => {
            for hold in penalties::release_all(tx, [seller], follow.worker, follow.now).await? {
                tell_of_payouts(follow, &hold, PayoutNews::Released);
            }
        }
        _ => {}
    }
    Ok(None)
}

fn tell_of_payouts(follow: &mut Follow<'_>, hold: &PayoutHold, what: PayoutNews) {
    let (seller, id) = (hold.seller.clone(), hold.id);
    let (action, event) = match what {
        PayoutNews::Held => {
            ("payout.held", MarketplaceEvent::PayoutHeld { seller: seller.clone(), hold: id, until: hold.until })
        }
        _ => ("payout.released", MarketplaceEvent::PayoutReleased { seller: seller.clone(), hold: id }),
    };
    let body = json!({ "hold": id, "until": hold.until, "why": hold.released.map(|(_, why)| why) });
    follow.event(action, format!("seller:{seller}"), None, body);
    follow.marketplace(event);
    follow.effect(Effect::MailSeller { seller, news: SellerNews::Payout { hold: id, what } }, None);
}
