//! What a webhook says, as JSON: `type`, `timestamp`, `data`.
//!
//! A repeat has to be the same event to the byte, so an event is made only of what never changes once it is written:
//! ids, the notice, the decision. Titles and addresses are not in it; who wants them asks by id.

use jointforce_shared::{
    domain::{
        authenticity::Answer,
        counter_notice::CounterNews,
        decision::Verdict,
        effect::{BrandNews, MarketplaceEvent},
        ids::{BrandId, CaseId, DecisionId, EffectId, NoticeId, RequestId},
        safe_text::SafeText,
        time::Time,
    },
    store::{
        Conn, appeals, authenticity, cases, counter_notices,
        decisions::{self, Decision},
        notices::{self, Claim},
        withdrawals,
    },
};
use serde_json::{Value, json};

use super::{Fault, letters::public_note};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// Its type, as `noun.verb`.
    kind: String,
    data: Value,
}

impl Event {
    fn new(kind: impl Into<String>, data: Value) -> Self {
        Self { kind: kind.into(), data }
    }

    /// The body; its timestamp is when the effect was written, which is when it happened.
    pub(super) fn body(&self, id: EffectId) -> String {
        json!({ "type": self.kind, "timestamp": id.made_at().to_string(), "data": self.data }).to_string()
    }
}

/// What a brand's webhook is told.
pub(super) async fn for_brand(
    conn: &mut Conn,
    brand: &BrandId,
    notice: Option<NoticeId>,
    news: &BrandNews,
) -> Result<Event, Fault> {
    if let BrandNews::Asked { case, request, reminder } = news {
        return asked(conn, brand, *case, *request, *reminder).await;
    }
    if let Some(event) = about_trust(brand, news) {
        return Ok(event);
    }
    if let BrandNews::Note { case, note } = news {
        let note = public_note(conn, *note).await?;
        let Some(case) = cases::get(conn, *case).await? else { return Err(Fault::missing("case", case)) };
        let text: Vec<_> = SafeText::block(&note.text, 2000, 200).iter().map(ToString::to_string).collect();
        let data = json!({
            "brand": brand, "case": case.id, "listing": case.listing, "note": note.id, "text": text.join("\n"),
        });
        return Ok(Event::new("case.noted", data));
    }
    let notice = notice.ok_or_else(|| Fault::never("this event answers a notice, and none is named"))?;
    let claims = notices::claims_in(conn, notice).await?;
    let Some(first) = claims.first() else { return Err(Fault::missing("notice", notice)) };
    let mut data = json!({
        "brand": brand,
        "notice": notice,
        "reference": first.reference,
        "reason": first.reason,
        "right": first.right,
    });
    Ok(match news {
        BrandNews::Asked { .. } => return Err(Fault::never("a question has an event of its own")),
        BrandNews::Received => {
            data["filed_at"] = json!(first.filed.to_string());
            data["listings"] = claims.iter().map(|claim| json!(claim.listing)).collect();
            Event::new("notice.received", data)
        }
        BrandNews::Decided { case, decision } => {
            let decision = told(conn, &mut data, &claims, *case, *decision).await?;
            data["decided_at"] = json!(decision.at.to_string());
            data["automated"] = json!(decision.automated);
            if let Verdict::Keep(reason) = decision.verdict {
                let (check, field, fix) = reason.lesson();
                data["lesson"] = json!({ "failed_check": check, "field": field, "fix": fix });
            }
            Event::new("case.decided", data)
        }
        BrandNews::Undone { case, decision } => {
            let decision = told(conn, &mut data, &claims, *case, *decision).await?;
            data["undone_at"] = json!(decision.undone.map(|(_, at): (_, Time)| at.to_string()));
            Event::new("case.undone", data)
        }
        BrandNews::TierChanged { .. } | BrandNews::Warned { .. } | BrandNews::HookGone { .. } => {
            return Err(Fault::never("this event is about no notice"));
        }
        BrandNews::Note { .. } => return Err(Fault::never("a note answers no notice")),
        BrandNews::Counter { counter, step, .. } => {
            let Some(counter) = counter_notices::get(conn, *counter).await? else {
                return Err(Fault::missing("counter-notice", counter));
            };
            let said = &counter.said;
            (data["case"], data["listing"]) = (json!(said.case), json!(said.listing));
            data["counter"] = json!({
                "id": counter.id,
                "reason": said.reason,
                "regime": said.regime,
                "received_at": said.received.to_string(),
                "on_silence": said.silence,
                "not_before": said.not_before.to_string(),
                "not_after": said.not_after.to_string(),
            });
            if let Some(suit) = counter.suit.filter(|_| *step == CounterNews::Sued) {
                data["suit"] = json!({ "court": suit.court, "number": suit.number, "proof": suit.proof });
            }
            Event::new(format!("counter.{step}"), data)
        }
        BrandNews::Appeal { appeal, step, .. } => {
            let Some(filed) = appeals::get(conn, *appeal).await? else {
                return Err(Fault::missing("appeal", appeal));
            };
            data["case"] = json!(filed.appeal.case);
            data["appeal"] =
                json!({ "id": filed.id, "decision": filed.appeal.decision, "due_at": filed.due.to_string() });
            Event::new(format!("appeal.{step}"), data)
        }
        BrandNews::Withdrawn { at } => {
            let rows = withdrawals::of_notice(conn, notice, *at).await?;
            let listings = rows.iter().map(|row| json!({ "listing": row.listing, "led_to": row.led_to }));
            data["withdrawn_at"] = json!(at.to_string());
            data["listings"] = listings.collect();
            Event::new("notice.withdrawn", data)
        }
    })
}

/// A question, or the reminder of it. No link: who signs in to the brand's own systems needs none, and logs keep bodies.
async fn asked(
    conn: &mut Conn,
    brand: &BrandId,
    case: CaseId,
    request: RequestId,
    reminder: bool,
) -> Result<Event, Fault> {
    let Some(asked) = authenticity::get(conn, request).await? else { return Err(Fault::missing("request", request)) };
    let data = json!({
        "brand": brand,
        "case": case,
        "request": request,
        "listing": asked.listing,
        "listing_version": asked.snapshot_version,
        "question": asked.question,
        "answers": Answer::ALL,
        "asked_at": asked.asked.to_string(),
        "answer_by": asked.until.to_string(),
        "on_silence": asked.silence,
    });
    Ok(Event::new(if reminder { "authenticity.reminded" } else { "authenticity.requested" }, data))
}

/// What a brand is told of its own standing.
fn about_trust(brand: &BrandId, news: &BrandNews) -> Option<Event> {
    match news {
        BrandNews::TierChanged { from, to, because, next } => Some(Event::new(
            "brand.tier_changed",
            json!({ "brand": brand, "from": from, "to": to, "because": because, "what_would_change_it": next }),
        )),
        BrandNews::Warned { why, until } => {
            Some(Event::new("brand.warned", json!({ "brand": brand, "why": why, "until": until.to_string() })))
        }
        _ => None,
    }
}

/// Adds the case, its listing and its decision to `data`.
async fn told(
    conn: &mut Conn,
    data: &mut Value,
    claims: &[Claim],
    case: CaseId,
    decision: DecisionId,
) -> Result<Decision, Fault> {
    let Some(of) = cases::get(conn, case).await? else { return Err(Fault::missing("case", case)) };
    let Some(decision) = decisions::get_many(conn, &[decision]).await?.pop() else {
        return Err(Fault::missing("decision", decision));
    };
    if let Some(claim) = claims.iter().find(|claim| claim.listing == of.listing) {
        data["right"] = json!(claim.right);
    }
    data["case"] = json!(case);
    data["listing"] = json!(of.listing);
    data["decision"] = json!({
        "id": decision.id,
        "outcome": decision.verdict.outcome(),
        "reason": decision.verdict.reason(),
        "title": decision.verdict.title(),
    });
    Ok(decision)
}

/// What the marketplace's own systems are told.
pub(super) fn for_marketplace(event: &MarketplaceEvent) -> Event {
    match event {
        MarketplaceEvent::ListingRemoved { listing, case } => {
            Event::new("listing.removed", json!({ "listing": listing, "case": case }))
        }
        MarketplaceEvent::ListingRestored { listing, case } => {
            Event::new("listing.restored", json!({ "listing": listing, "case": case }))
        }
        MarketplaceEvent::ListingPaused { listing, case } => {
            Event::new("listing.paused", json!({ "listing": listing, "case": case }))
        }
        MarketplaceEvent::ListingResumed { listing, case } => {
            Event::new("listing.resumed", json!({ "listing": listing, "case": case }))
        }
        MarketplaceEvent::StoreListingRemoved { listing, seller } => {
            Event::new("listing.removed", json!({ "listing": listing, "case": null, "seller": seller }))
        }
        MarketplaceEvent::StoreListingRestored { listing, seller } => {
            Event::new("listing.restored", json!({ "listing": listing, "case": null, "seller": seller }))
        }
        MarketplaceEvent::PayoutHeld { seller, hold, until } => {
            Event::new("payout.held", json!({ "seller": seller, "hold": hold, "until": until.to_string() }))
        }
        MarketplaceEvent::PayoutReleased { seller, hold } => {
            Event::new("payout.released", json!({ "seller": seller, "hold": hold }))
        }
        MarketplaceEvent::SellerLevel { seller, level, until } => Event::new(
            format!("seller.{level}"),
            json!({ "seller": seller, "level": level, "until": until.map(|until| until.to_string()) }),
        ),
    }
}
