//! A case in which strangers wrote everything.

use jointforce_shared::{
    domain::{approval::Wanted, case::State, counter_notice::Suit, escalation::Desk, time::Time},
    store::dossier::Dossier,
};
use serde_json::json;

use super::corpus::Pair;
use crate::fixture::{NOW, contested, dossier};

/// A case in which every stranger's word, and every colleague's, is this one.
pub fn strange_case(n: usize, Pair(one, two): &Pair) -> Dossier {
    let mut case = if n.is_multiple_of(2) { contested(n) } else { dossier(n) };
    match n {
        1 => {
            let (by, until) = ("bob".parse().unwrap(), Time(NOW.0 + Time::HOUR));
            case.case.state = State::Held { by, until, reason: one.clone(), desk: Some(Desk::Legal) };
        }
        3 => case.case.state = State::Open { assigned: None, desk: Some(Desk::Safety) },
        _ => {}
    }
    let (a, b) = (|| one.clone(), || two.clone());
    case.brand.name = a();
    case.listing.territory = b();
    let content = &mut case.listing.content;
    (content.title, content.description, content.category) = (a(), format!("{one}\n{two} {one}"), b());
    (content.currency, content.url, content.images) = (b(), a(), vec![a(), b(), a()]);
    for claim in &mut case.claims {
        (claim.reference, claim.explanation, claim.signature) = (a(), b(), a());
        (claim.notifier.name, claim.notifier.email, claim.evidence) = (b(), a(), vec![b(), a()]);
        claim.resubmits = Some(b());
        claim.state = b();
    }
    for right in &mut case.rights {
        (right.number, right.title, right.jurisdiction) = (a(), b(), a());
    }
    for seller in case.linked.iter_mut().chain([&mut case.seller]) {
        (seller.seller.name, seller.seller.email, seller.seller.country) = (a(), b(), b());
        seller.seller.payout_account = Some(a());
    }
    for earlier in &mut case.earlier {
        (earlier.state, earlier.brand_name, earlier.title) = (a(), b(), a());
    }
    for event in &mut case.timeline {
        (event.actor, event.action, event.auth) = (a(), b(), a());
        event.body = json!({ "outcome": a(), "reason": b(), "to": a(), "note": b() });
    }
    for effect in &mut case.effects {
        (effect.kind, effect.last_error) = (a(), Some(b()));
    }
    for good in &mut case.genuine.goods {
        (good.title, good.seller_name, good.currency) = (a(), b(), a());
    }
    if let Some(authorised) = &mut case.authorised {
        authorised.remark = a();
    }
    for request in &mut case.requests {
        (request.title, request.question, request.note, request.template) = (a(), b(), a(), b());
    }
    for counter in &mut case.counters {
        let said = &mut counter.said;
        (said.explanation, said.material, said.name, said.address) = (a(), b(), a(), b());
        (said.phone, said.email, said.signature, said.law) = (a(), b(), a(), b());
        (counter.words, counter.suit) = (b(), Some(Suit { court: a(), number: b(), proof: a() }));
    }
    for filed in &mut case.appeals {
        (filed.appeal.grounds, filed.appeal.reference) = (a(), b());
    }
    for approval in &mut case.approvals {
        if let Wanted::Decide { note, .. } = &mut approval.wanted {
            *note = a();
        }
        approval.answer = b();
    }
    for kept in &mut case.statements {
        kept.reason = Some(a());
    }
    case
}
