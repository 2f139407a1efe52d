//! Bringing sellers to the level of the ladder: a reconciler that looks at the strikes that stand and takes no other
//! input, so it may run in any order, twice, or late.

use std::collections::{BTreeMap, HashMap};

use jointforce_shared::{
    domain::{
        effect::{Effect, MarketplaceEvent, NewEffect, SellerNews},
        ids::{CaseId, EffectId, SellerId},
        penalty::Strike,
        seller::Standing,
        time::Time,
    },
    store::{
        self, Tx,
        sellers::{self, SellerRecord},
    },
};
use serde_json::json;

use super::{Follow, reasons};

pub(super) async fn apply(
    tx: &mut Tx,
    follow: &mut Follow<'_>,
    levels: &[(SellerId, Option<CaseId>)],
) -> store::db::Result<()> {
    if levels.is_empty() {
        return Ok(());
    }
    let causes: BTreeMap<&SellerId, Option<CaseId>> = levels.iter().map(|(seller, case)| (seller, *case)).collect();
    let records = sellers::lock_many(tx, causes.keys().copied()).await?;
    let mut strikes: HashMap<SellerId, Vec<Strike>> = HashMap::new();
    for (seller, strike) in sellers::strikes(tx, causes.keys().copied()).await? {
        strikes.entry(seller).or_default().push(strike);
    }
    let (mut changed, mut statements) = (vec![], vec![]);
    for record in records {
        let id = &record.seller.id;
        let standing = follow.house.policy.ladder.standing(strikes.get(id).map_or(&[], Vec::as_slice), follow.now);
        if let Some(at) = standing.next_change {
            look_again(follow, id, at);
        }
        if (standing.points, standing.level, standing.until) == (record.points, record.level, record.level_until) {
            continue;
        }
        let case = causes.get(id).copied().flatten();
        let struck = strikes.get(id).map_or(&[][..], Vec::as_slice);
        statements.extend(reasons::for_standing(follow, &record, &standing, struck, case));
        tell(follow, &record, &standing, case);
        changed.push((record, standing));
    }
    reasons::add(tx, &statements).await?;
    sellers::set_levels(tx, &changed, follow.now).await
}

/// Points expire and restrictions end with nobody's doing: then the seller is looked at again.
fn look_again(follow: &mut Follow<'_>, seller: &SellerId, at: Time) {
    let id = follow.house.clock.id(EffectId::from_ulid);
    let effect = Effect::LevelSeller { seller: seller.clone(), case: None };
    follow.effects.push(NewEffect {
        id,
        effect,
        due: at,
        decision: None,
        once: Some(format!("level:{seller}:{}", at.0)),
    });
}

fn tell(follow: &mut Follow<'_>, record: &SellerRecord, standing: &Standing, case: Option<CaseId>) {
    let seller = &record.seller.id;
    follow.event(
        "seller.leveled",
        format!("seller:{seller}"),
        case,
        json!({ "points": [record.points, standing.points], "level": [record.level, standing.level], "until": standing.until }),
    );
    if standing.level == record.level && standing.until == record.level_until {
        return;
    }
    let news = SellerNews::LevelChanged {
        level: standing.level,
        before: record.level,
        points: standing.points,
        until: standing.until,
    };
    follow.effect(Effect::MailSeller { seller: seller.clone(), news }, None);
    if follow.tell_marketplace {
        let event =
            MarketplaceEvent::SellerLevel { seller: seller.clone(), level: standing.level, until: standing.until };
        follow.effect(Effect::HookMarketplace { event }, None);
    }
}
