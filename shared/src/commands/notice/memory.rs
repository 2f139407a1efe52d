//! What is remembered when a notice comes in: which listings its brand itself cleared, and which earlier notice it
//! corrects.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::{
    commands::Result,
    domain::{
        authenticity::AskingPolicy,
        decision::KeepReason,
        ids::{BrandId, ListingId, NoticeId},
        notice::{Notice, REFERENCE_CHARS_MAX, RawNotice, quoted},
        refused::{Fault, Refused},
        time::Time,
    },
    store::{
        Tx,
        authenticity::{self, Clearance},
        notices::{self, RefusedClaim},
    },
};

/// Faults of cleared listings that are said; a notice may name 300.
const SAID_MAX: usize = 20;

/// What is remembered of the things that a batch of notices names.
pub(super) struct Memory {
    cleared: HashMap<(BrandId, ListingId), Clearance>,
    /// By brand, and by the name that `resubmits` may use: the reference, and the id.
    earlier: HashMap<(BrandId, String), Vec<RefusedClaim>>,
}

/// The earlier notice that a notice corrects: its brand, and the name by which it calls it.
fn resubmits(raw: &RawNotice) -> Option<(BrandId, &str)> {
    let name = raw.resubmits.trim();
    if name.is_empty() { None } else { Some((raw.brand.trim().parse().ok()?, name)) }
}

impl Memory {
    pub(super) async fn recall(
        tx: &mut Tx,
        raw: &[&RawNotice],
        listings: impl IntoIterator<Item = &ListingId>,
    ) -> Result<Self> {
        let cleared = authenticity::clearances(tx, listings).await?;
        let cleared = cleared.into_iter().map(|word| ((word.brand.clone(), word.listing.clone()), word)).collect();
        let named: BTreeSet<(BrandId, &str)> =
            raw.iter().filter_map(|raw| resubmits(raw)).filter(|(_, name)| name.len() <= REFERENCE_CHARS_MAX).collect();
        let mut earlier: HashMap<_, Vec<RefusedClaim>> = HashMap::new();
        if !named.is_empty() {
            let ids: Vec<NoticeId> = named.iter().filter_map(|(_, name)| name.parse().ok()).collect();
            for claim in notices::refused_claims(tx, &named, &ids).await? {
                for name in [claim.reference.clone(), claim.notice.to_string()] {
                    earlier.entry((claim.brand.clone(), name)).or_default().push(claim.clone());
                }
            }
        }
        Ok(Self { cleared, earlier })
    }

    /// The listings on which the notice keeps the place of the one that it corrects. A correction that comes later than
    /// the policy's days, or of a notice that was found abusive, is taken as a new notice.
    ///
    /// # Errors
    /// Every listing that the brand itself said is genuine, and an earlier notice that nobody refused.
    pub(super) fn check(
        &self,
        raw: &RawNotice,
        notice: &Notice,
        policy: &AskingPolicy,
        now: Time,
    ) -> std::result::Result<HashSet<ListingId>, Refused> {
        let mut faults = Vec::new();
        for (index, listing) in notice.listings.iter().enumerate() {
            let Some(word) = self.cleared.get(&(notice.brand.clone(), listing.id.clone())) else { continue };
            if faults.len() == SAID_MAX {
                faults.push(Fault::new(
                    "listings",
                    "and more that you cleared",
                    "Correct these first, then file again.",
                ));
                break;
            }
            let problem = format!(
                "you answered on {} that it is genuine (request {}), and it has not changed since",
                word.cleared, word.request
            );
            let fix = format!(
                "Leave it out. If you know better now, take the answer back first (`jointforce-worker brand take-back {}`, \
                 or write to us), then file again.",
                word.request
            );
            faults.push(Fault::new(format!("listings[{index}]"), problem, fix));
        }
        let mut places = HashSet::new();
        if let Some((brand, name)) = resubmits(raw) {
            match self.earlier.get(&(brand, name.to_owned())) {
                Some(claims) => places.extend(
                    claims
                        .iter()
                        .filter(|claim| claim.reason != KeepReason::Abusive)
                        .filter(|claim| now.since(claim.refused) <= i64::from(policy.resubmit_days) * Time::DAY)
                        .map(|claim| claim.listing.clone()),
                ),
                None => faults.push(Fault::new(
                    "resubmits",
                    format!("no notice {} of this brand was refused in review", quoted(name)),
                    "Give the reference or id of the notice that was refused, or leave the field out.",
                )),
            }
        }
        if faults.is_empty() { Ok(places) } else { Err(Refused { faults }) }
    }
}
