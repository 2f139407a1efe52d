//! What becomes of a counter-notice: told to the seller at each step, and to whoever filed the notice.

use askama::Template;
use jointforce_shared::{
    domain::{
        brand::Brand,
        counter_notice::{CounterNews, Silence},
        ids::{CaseId, CounterId},
        safe_text::SafeText,
    },
    store::{
        Conn, cases,
        counter_notices::{self, Counter},
        listings,
        notices::Claim,
    },
};

use super::{Fault, Letter, Party, Shown, brand::notifier, line, moment, text};

/// A counter-notice as the letters about it have it.
struct Told {
    counter: CounterId,
    case: CaseId,
    reference: SafeText,
    listing: Shown,
    reason: &'static str,
    law: SafeText,
    received: String,
    not_before: String,
    not_after: String,
    /// Whether silence puts the listing back; otherwise a person rules.
    puts_back: bool,
    may_reject: bool,
    /// Of the brand, perhaps empty.
    words: SafeText,
    suit: Option<[SafeText; 3]>,
}

impl Told {
    async fn load(conn: &mut Conn, id: CounterId) -> Result<(Self, Counter), Fault> {
        let Some(counter) = counter_notices::get(conn, id).await? else {
            return Err(Fault::missing("counter-notice", id));
        };
        let said = &counter.said;
        let Some(case) = cases::get(conn, said.case).await? else { return Err(Fault::missing("case", said.case)) };
        let Some(listing) = listings::at_version(conn, &case.listing, case.snapshot_version).await? else {
            return Err(Fault::missing("listing", &case.listing));
        };
        let told = Self {
            counter: id,
            case: case.id,
            reference: line(&said.reference),
            listing: listing.into(),
            reason: said.reason.title(),
            law: line(&said.law),
            received: moment(said.received),
            not_before: moment(said.not_before),
            not_after: moment(said.not_after),
            puts_back: said.silence == Silence::PutBack,
            may_reject: said.may_reject,
            words: SafeText::line(&counter.words, 2000),
            suit: counter
                .suit
                .as_ref()
                .map(|suit| [line(&suit.court), line(&suit.number), SafeText::line(&suit.proof, 500)]),
        };
        Ok((told, counter))
    }
}

#[derive(Template)]
#[template(path = "seller_counter.txt")]
struct SellerText<'a> {
    to: &'a SafeText,
    told: &'a Told,
    step: CounterNews,
    shares_contact: bool,
}

/// The subject and the body of the letter to the seller.
pub(super) async fn to_seller(
    conn: &mut Conn,
    to: &Party,
    id: CounterId,
    step: CounterNews,
) -> Result<(String, String), Fault> {
    let (told, counter) = Told::load(conn, id).await?;
    let subject = match step {
        CounterNews::Received | CounterNews::Forwarded => "We received your counter-notice",
        CounterNews::Contested => "A person reviews your counter-notice",
        CounterNews::Sued => "The rights holder has sued",
        CounterNews::PutBack => "Your counter-notice stood",
        CounterNews::Rejected => "Your counter-notice was rejected",
        CounterNews::Withdrawn => "You took your counter-notice back",
    };
    let shares_contact = counter.said.shares_contact;
    let body = text(&SellerText { to: &to.name, told: &told, step, shares_contact })?;
    Ok((format!("{subject}: {}", told.listing.headline()), body))
}

/// The seller's copy of what was sent, as the brand gets it.
struct Copy {
    material: SafeText,
    explanation: SafeText,
    evidence: Vec<SafeText>,
    name: SafeText,
    /// Address, telephone, e-mail: where the law lets the brand have them, so that it can sue.
    contact: Option<[SafeText; 3]>,
}

impl Copy {
    fn of(counter: &Counter) -> Self {
        let said = &counter.said;
        Self {
            material: line(&said.material),
            explanation: SafeText::line(&said.explanation, 5000),
            evidence: said.evidence.iter().map(|address| SafeText::line(address, 500)).collect(),
            name: line(&said.name),
            contact: said.shares_contact.then(|| [line(&said.address), line(&said.phone), line(&said.email)]),
        }
    }
}

#[derive(Template)]
#[template(path = "brand_counter.txt")]
struct BrandText<'a> {
    to: &'a SafeText,
    brand: SafeText,
    notice: SafeText,
    told: &'a Told,
    copy: Copy,
    step: CounterNews,
}

/// The letter to whoever filed the notice, with a copy to the brand.
pub(super) async fn to_brand(
    conn: &mut Conn,
    brand: &Brand,
    claims: &[Claim],
    id: CounterId,
    step: CounterNews,
) -> Result<Letter, Fault> {
    let (told, counter) = Told::load(conn, id).await?;
    let Some(claim) = claims.iter().find(|claim| claim.listing == counter.said.listing) else {
        return Err(Fault::never(format!("the notice has no claim on listing {}", counter.said.listing)));
    };
    let to = notifier(claim);
    let subject = match step {
        CounterNews::Received | CounterNews::Forwarded => "Counter-notice, please answer",
        CounterNews::Contested => "A person reviews the counter-notice",
        CounterNews::Sued => "Your suit is noted",
        CounterNews::PutBack => "Put back",
        CounterNews::Rejected => "The removal stands",
        CounterNews::Withdrawn => "The counter-notice was taken back",
    };
    let notice = line(&claim.reference);
    let subject = format!("{subject}: {} (your notice {notice})", told.listing.headline());
    let brand_name = line(&brand.name);
    let body = text(&BrandText {
        to: &to.name,
        brand: brand_name.clone(),
        notice,
        told: &told,
        copy: Copy::of(&counter),
        step,
    })?;
    Ok(Letter { to, copy: Some(Party { name: brand_name, email: brand.email.clone() }), subject, body })
}
