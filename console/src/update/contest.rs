//! What the parties of a case can still say about it.

use std::collections::BTreeSet;

use jointforce_shared::{
    domain::{
        case::State,
        counter_notice::{Answer, CounterReason, CounterState},
        decision::Verdict,
    },
    store::dossier::Dossier,
};

use crate::deed::{Contest, Party};

/// The statements that make sense now.
pub fn offers(case: &Dossier) -> Vec<Contest> {
    let (brand, seller, listing) = (&case.case.brand, &case.case.seller, &case.case.listing);
    let mut offers = vec![];
    let open = case.counters.iter().find(|counter| {
        matches!(counter.state, CounterState::Received | CounterState::Forwarded | CounterState::Contested)
    });
    if let Some(counter) = open {
        for answer in [Answer::Accept, Answer::Withdraw, Answer::Sue, Answer::Reject] {
            offers.push(Contest::Answer(brand.clone(), counter.id, answer));
        }
    }
    match &case.case.state {
        State::Decided { verdict: Verdict::Remove(_), .. } => {
            if open.is_none() {
                for reason in [CounterReason::Authorized, CounterReason::NoRight, CounterReason::Other] {
                    offers.push(Contest::Counter(seller.clone(), listing.clone(), reason));
                }
            }
            offers.push(Contest::Appeal(Party::Seller(seller.clone())));
        }
        State::Decided { verdict: Verdict::Keep(_), .. } => offers.push(Contest::Appeal(Party::Brand(brand.clone()))),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    let stand = case.claims.iter().filter(|claim| claim.state != "withdrawn");
    offers.extend(stand.filter(|claim| seen.insert(claim.reference.as_str())).map(|claim| {
        let about = format!("{:.10}, {}", claim.filed.to_string(), claim.reason.title());
        Contest::Withdraw(brand.clone(), claim.reference.clone(), listing.clone(), about)
    }));
    offers
}
