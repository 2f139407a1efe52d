//! Bringing sellers to what is in force for them: a reconciler that looks at the strikes that stand and at what a second
//! person approved, and takes no other input, so it may run in any order, twice, or late.

use std::collections::{BTreeMap, HashMap};

use jointforce_shared::{
    commands::approval,
    domain::{
        effect::{Effect, MarketplaceEvent, PayoutNews, SellerNews},
        ids::{CaseId, EffectId, PayoutHoldId, SellerId},
        payout::PayoutHold,
        penalty::{Imposed, Strike},
        seller::Standing,
        statement::Made,
        time::Time,
    },
    store::{
        self, Tx, penalties,
        sellers::{self, SellerRecord},
    },
};
use serde_json::json;

use super::{Follow, Level, reasons};

/// What is known of the sellers of a batch, who are locked.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Of each the effect that brought it here, the last of several.
    causes: BTreeMap<SellerId, Level>,
    records: Vec<SellerRecord>,
    strikes: HashMap<SellerId, Vec<Strike>>,
    imposed: HashMap<SellerId, Vec<Imposed>>,
}

/// Locks the sellers and reads what stands against them. Gives the effects of those whose strikes can't be read apart:
/// one row must not stand in the way of a whole batch.
pub(super) async fn look(tx: &mut Tx, levels: &[Level]) -> store::db::Result<(Known, Vec<(EffectId, String)>)> {
    if levels.is_empty() {
        return Ok((Known::default(), vec![]));
    }
    let mut causes: BTreeMap<SellerId, Level> =
        levels.iter().map(|level| (level.seller.clone(), level.clone())).collect();
    let mut records = sellers::lock_many(tx, causes.keys()).await?;
    let (strikes, unread) = sellers::readable_strikes(tx, causes.keys()).await?;
    let imposed = penalties::imposed(tx, causes.keys()).await?;
    causes.retain(|seller, _| !unread.contains_key(seller));
    records.retain(|record| !unread.contains_key(&record.seller.id));
    let spoiled = |level: &Level| unread.get(&level.seller).map(|error| (level.effect, error.to_string()));
    Ok((Known { causes, records, strikes, imposed }, levels.iter().filter_map(spoiled).collect()))
}

/// Brings them to what is in force.
pub(super) async fn apply(tx: &mut Tx, follow: &mut Follow<'_>, known: Known) -> store::db::Result<()> {
    let Known { causes, records, strikes, imposed } = known;
    if records.is_empty() {
        return Ok(());
    }
    let (mut changed, mut statements) = (vec![], vec![]);
    for record in records {
        let id = &record.seller.id;
        let cause = causes.get(id);
        follow.trace = cause.map(|level| level.trace);
        let strikes = strikes.get(id).map_or(&[] as &[Strike], Vec::as_slice);
        let imposed = imposed.get(id).map_or(&[] as &[_], Vec::as_slice);
        let force = follow.house.policy.ladder.in_force(id, strikes, imposed, follow.now);
        for approval in force.lapsed {
            penalties::lift(tx, approval, id, follow.now).await?;
        }
        if force.termination_due {
            approval::propose_termination(follow.house, tx, id, force.standing.points, strikes).await?;
        }
        let standing = force.standing;
        if let Some(at) = standing.next_change {
            look_again(follow, id, at);
        }
        let before = (record.points, record.level, record.level_until, record.listings_off);
        if (standing.points, standing.level, standing.until, standing.listings_off) == before {
            continue;
        }
        let case = cause.and_then(|level| level.case);
        statements.extend(reasons::for_standing(follow, &record, &standing, strikes, case));
        tell(follow, &record, &standing, case);
        statements.extend(hold_payouts(tx, follow, &record, &standing, strikes).await?);
        changed.push((record, standing));
    }
    reasons::add(tx, &statements).await?;
    sellers::set_levels(tx, &changed, follow.now).await?;
    // What others bear for a seller's strikes ends with them.
    for (record, _) in changed.iter().filter(|(record, standing)| standing.level < record.level) {
        follow.trace = causes.get(&record.seller.id).map(|level| level.trace);
        for other in penalties::lift_for(tx, &record.seller.id, follow.now).await? {
            follow.effect(Effect::LevelSeller { seller: other, case: None }, None);
        }
    }
    Ok(())
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
