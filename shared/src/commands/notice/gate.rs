//! Who may file how much: suspensions, limits in 24 hours, proof asked for by tier.

use std::collections::{BTreeSet, HashMap};

use crate::{
    domain::{
        brand::{Brand, Tier},
        ids::BrandId,
        notice::RawNotice,
        policy::{Policy, TierRules},
        refused::{Fault, Refused},
        time::Time,
    },
    store::{
        self, Tx,
        trust::{self, Limit},
    },
};

/// How long notices are counted against a limit.
const DAY: i64 = Time::DAY;

/// The door through which notices come.
pub(super) struct Gate<'a> {
    policy: &'a Policy,
    now: Time,
    limits: HashMap<BrandId, Limit>,
    /// Counted in this batch, with what was counted before.
    filed: HashMap<BrandId, (Time, i64)>,
}

impl<'a> Gate<'a> {
    /// Looks up what limits these brands. Those that have a limit stay locked until the transaction ends, so that two
    /// importers count one after the other.
    pub async fn open(
        tx: &mut Tx,
        policy: &'a Policy,
        now: Time,
        brands: impl Iterator<Item = &Brand>,
    ) -> store::db::Result<Self> {
        let brands: Vec<&Brand> = brands.collect();
        let mut limits = trust::limits(tx, brands.iter().map(|brand| &brand.id)).await?;
        let by_record = |id: &BrandId| limits.iter().any(|limit| limit.brand == *id && limit.notices_a_day.is_some());
        let limited: BTreeSet<&BrandId> = brands
            .iter()
            .filter(|brand| policy.tiers.of(brand.tier).notices_a_day > 0 || by_record(&brand.id))
            .map(|brand| &brand.id)
            .collect();
        if !limited.is_empty() {
            for brand in limited {
                trust::lock(tx, brand).await?;
            }
            limits = trust::limits(tx, brands.iter().map(|brand| &brand.id)).await?;
        }
        let limits = limits.into_iter().map(|limit| (limit.brand.clone(), limit)).collect();
        Ok(Self { policy, now, limits, filed: HashMap::new() })
    }

    /// Whether the brand may file another notice now.
    pub fn check(&self, brand: &Brand) -> Result<(), Refused> {
        let known = self.limits.get(&brand.id);
        if brand.tier == Tier::Suspended
            && let Some((until, why)) = known.and_then(|limit| limit.suspended.as_ref())
        {
            let (end, fix) = match until {
                Some(until) => {
                    (format!(" until {until}"), format!("File again after {until}, or contest the suspension."))
                }
                None => (String::new(), "Settle the suspension with the marketplace first.".to_owned()),
            };
            return Err(Refused::one("brand", format!("it may not file notices{end}: {why}"), fix));
        }
        let Some(most) = self.most(brand) else { return Ok(()) };
        let (since, filed) = self.counted(&brand.id);
        if filed < most {
            return Ok(());
        }
        let why = match known.and_then(|limit| limit.notices_a_day) {
            Some(_) => "because too few of its claims were accepted",
            None => "in its tier",
        };
        Err(Refused::one(
            "brand",
            format!("it filed {filed} notices in 24 hours, the most it may {why}"),
            format!("File again after {}.", Time(since.0 + DAY)),
        ))
    }

    /// Counts one that was filed.
    pub fn count(&mut self, brand: &Brand) {
        if self.most(brand).is_some() {
            let (since, filed) = self.counted(&brand.id);
            self.filed.insert(brand.id.clone(), (since, filed + 1));
        }
    }

    /// Writes the counts.
    pub async fn close(self, tx: &mut Tx) -> store::db::Result<()> {
        let mut counts: Vec<_> = self.filed.into_iter().map(|(brand, (since, filed))| (brand, since, filed)).collect();
        counts.sort_unstable();
        trust::count_filed(tx, &counts).await
    }

    /// The most notices in 24 hours, if there is a limit.
    fn most(&self, brand: &Brand) -> Option<i64> {
        let of_tier = Some(self.policy.tiers.of(brand.tier).notices_a_day).filter(|most| *most > 0);
        let of_record = self.limits.get(&brand.id).and_then(|limit| limit.notices_a_day);
        of_tier.into_iter().chain(of_record).min()
    }

    /// Since when is counted, and how many; a day that is over starts anew.
    fn counted(&self, brand: &BrandId) -> (Time, i64) {
        let counted = self.filed.get(brand).copied().or_else(|| self.limits.get(brand).map(|limit| limit.filed));
        counted.filter(|(since, _)| self.now.since(*since) < DAY).unwrap_or((self.now, 0))
    }
}

/// The fault of a notice that brings less proof than its tier asks for.
pub(super) fn proof(rules: &TierRules, raw: &RawNotice) -> Option<Fault> {
    let given = raw.evidence.iter().filter(|address| !address.trim().is_empty()).count();
    (given < rules.proof).then(|| {
        Fault::new(
            "evidence",
            format!("it holds {given} addresses; brands of this tier must bring {}", rules.proof),
            "Add links to a test purchase, a comparison with the genuine article, or the work that was copied.",
        )
    })
}
