//! A counter-notice as a row.

use super::{
    super::db::{Error, Result, row},
    Counter,
};
use crate::domain::{
    counter_notice::{CounterNotice, Suit},
    ids::CounterId,
    time::Time,
};

row! {
    pub(super) struct CounterRow {
        id: String,
        seller_id: String,
        reference: String,
        digest: String,
        case_id: String,
        brand_id: String,
        listing_id: String,
        decision_id: String,
        notice_reason: String,
        regime: String,
        law: String,
        silence: String,
        may_reject: i64,
        shares_contact: i64,
        reason: String,
        explanation: String,
        material: String,
        name: String,
        address: String,
        phone: String,
        email: String,
        signature: String,
        evidence: String,
        received_at: i64,
        not_before: i64,
        not_after: i64,
        state: String,
        version: i64,
        answer: Option<String>,
        answered_by: Option<String>,
        answered_at: Option<i64>,
        words: String,
        court: Option<String>,
        suit_number: Option<String>,
        suit_proof: Option<String>,
        appeal_id: Option<String>,
        closed_at: Option<i64>,
    }
}

/// An id as it is stored.
pub(super) fn id(text: &str) -> Result<CounterId> {
    text.parse().map_err(|e| corrupt(text, format!("{e}")))
}

fn corrupt(id: &str, problem: String) -> Error {
    Error::Corrupt { table: "counter_notices", id: id.to_owned(), problem }
}

impl CounterRow {
    pub(super) fn counter(self) -> Result<Counter> {
        let id = self.id.clone();
        self.read().map_err(|problem| corrupt(&id, problem))
    }

    fn read(self) -> std::result::Result<Counter, String> {
        fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> std::result::Result<T, String> {
            text.parse().map_err(|e: T::Err| e.to_string())
        }
        let said = CounterNotice {
            seller: parse(&self.seller_id)?,
            reference: self.reference,
            digest: self.digest,
            case: parse(&self.case_id)?,
            brand: parse(&self.brand_id)?,
            listing: parse(&self.listing_id)?,
            decision: parse(&self.decision_id)?,
            regime: parse(&self.regime)?,
            law: self.law,
            silence: parse(&self.silence)?,
            may_reject: self.may_reject == 1,
            shares_contact: self.shares_contact == 1,
            reason: parse(&self.reason)?,
            explanation: self.explanation,
            material: self.material,
            name: self.name,
            address: self.address,
            phone: self.phone,
            email: self.email,
            signature: self.signature,
            evidence: self.evidence.lines().map(str::to_owned).collect(),
            received: Time(self.received_at),
            not_before: Time(self.not_before),
            not_after: Time(self.not_after),
        };
        let answered = match (&self.answered_by, self.answered_at) {
            (Some(by), Some(at)) => Some((parse(by)?, Time(at))),
            _ => None,
        };
        let suit = match (self.court, self.suit_number, self.suit_proof) {
            (Some(court), Some(number), Some(proof)) => Some(Suit { court, number, proof }),
            _ => None,
        };
        Ok(Counter {
            id: parse(&self.id)?,
            said,
            notice_reason: parse(&self.notice_reason)?,
            state: parse(&self.state)?,
            version: self.version,
            answer: self.answer.as_deref().map(parse).transpose()?,
            answered,
            words: self.words,
            suit,
            appeal: self.appeal_id.as_deref().map(parse).transpose()?,
            closed: self.closed_at.map(Time),
        })
    }
}
