//! A brand answers a counter-notice, or the seller takes it back. One command for portal, link, import and command line.

use super::advance::advance;
use crate::{
    commands::{Actor, House, Result, party::speaks_for, race},
    domain::{
        counter_notice::{Answer, CounterState, RawAnswer, RawSuit, table::Action},
        ids::{BrandId, CounterId, ListingId},
        refused::Refused,
    },
    store::{
        Conn, cases,
        counter_notices::{self, Counter},
        db,
    },
};

/// What an answer led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Which counter-notice.
    pub counter: CounterId,
    /// Where it stands now.
    pub state: CounterState,
    /// Whether it was answered so before: a resend.
    pub same: bool,
}

/// A brand answers: accepts, takes its notice back, tells of a suit, or contests it where its word alone counts. The
/// same answer again changes nothing.
///
/// # Errors
/// Refused with everything that is missing; for another brand; for one that is closed or answered otherwise.
pub async fn answer(
    house: &House,
    actor: &Actor,
    brand: &BrandId,
    counter: CounterId,
    raw: &RawAnswer,
) -> Result<Answered> {
    race!(attempt(house, actor, brand, counter, raw))
}

async fn attempt(house: &House, actor: &Actor, brand: &BrandId, id: CounterId, raw: &RawAnswer) -> Result<Answered> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    speaks_for(&mut tx, actor, &Actor::brand(brand, "process")).await?;
    let mut counter = theirs(&mut tx, brand, id).await?;
    let (answer, suit) = raw.parse()?;
    let is_same = counter.answer == Some(answer)
        && (counter.state.is_final() || answer != Answer::Reject || counter.state == CounterState::Contested)
        && suit.as_ref().is_none_or(|suit| counter.suit.as_ref() == Some(suit));
    if is_same {
        return Ok(Answered { counter: id, state: counter.state, same: true });
    }
    let action = match answer {
        Answer::Accept => Action::Accept,
        Answer::Withdraw => Action::WithdrawNotice,
        Answer::Sue => Action::Sue,
        Answer::Reject | Answer::Silent => Action::Reject,
    };
    counter.answer = Some(answer);
    counter.answered = Some((actor.id().clone(), now));
    raw.words.trim().clone_into(&mut counter.words);
    counter.suit = suit.or(counter.suit);
    advance(house, &mut tx, actor, &mut counter, action).await?;
    tx.commit().await?;
    Ok(Answered { counter: id, state: counter.state, same: false })
}

/// The counter-notice, if it is against this brand's notice. To others it is not known.
async fn theirs(conn: &mut Conn, brand: &BrandId, id: CounterId) -> Result<Counter> {
    let counter = counter_notices::get(conn, id).await?.filter(|counter| counter.said.brand == *brand);
    Ok(counter.ok_or_else(|| {
        let fix =
            "Copy the id from the letter that forwarded it; only the brand whose notice it answers may answer it.";
        Refused::one("counter", format!("{id} answers no notice of {brand}"), fix)
    })?)
}

/// A brand tells of a suit, naming the counter-notice or the listing.
///
/// # Errors
/// As [`answer`], and for a brand, a counter-notice or a listing that is not known.
pub async fn tell_suit(house: &House, actor: &Actor, raw: &RawSuit) -> Result<Answered> {
    let brand: BrandId = raw.brand.trim().parse().map_err(|e| Refused::one("brand", format!("{e}"), "Give it."))?;
    let id = if raw.counter.trim().is_empty() {
        let listing = raw.listing.trim().parse();
        let listing: ListingId =
            listing.map_err(|e| Refused::one("listing", format!("{e}"), "Or name the counter."))?;
        against(&mut house.db.read().await?, &brand, &listing).await?
    } else {
        let id = raw.counter.trim().parse();
        id.map_err(|e| Refused::one("counter", format!("{e}"), "Or name the listing."))?
    };
    let said = RawAnswer {
        answer: Answer::Sue.as_str().into(),
        court: raw.court.clone(),
        number: raw.number.clone(),
        proof: raw.proof.clone(),
        words: String::new(),
    };
    answer(house, actor, &brand, id, &said).await
}

/// The newest counter-notice about this listing against this brand.
async fn against(conn: &mut Conn, brand: &BrandId, listing: &ListingId) -> Result<CounterId> {
    let none = || {
        let fix = "Name a listing that the brand was sent a counter-notice about.";
        Refused::one("listing", format!("there is no counter-notice about {listing} for {brand}"), fix)
    };
    let cases = cases::on_listings(conn, [listing]).await?;
    let case = cases.iter().find(|case| case.brand == *brand).ok_or_else(none)?;
    let newest: db::Result<_> = counter_notices::of_case(conn, case.id).await;
    Ok(newest?.pop().ok_or_else(none)?.id)
}

/// The seller takes its counter-notice back: the removal stands.
///
/// # Errors
/// Refused for whoever may not speak for the seller, and when it is closed or before a person.
pub async fn take_back(house: &House, actor: &Actor, id: CounterId) -> Result<Answered> {
    race!(attempt_to_take_back(house, actor, id))
}

async fn attempt_to_take_back(house: &House, actor: &Actor, id: CounterId) -> Result<Answered> {
    let mut tx = house.db.write().await?;
    let unknown = || Refused::one("counter", format!("{id} is not known"), "Copy the id from the receipt.");
    let mut counter = counter_notices::get(&mut tx, id).await?.ok_or_else(unknown)?;
    speaks_for(&mut tx, actor, &Actor::seller(&counter.said.seller, "process")).await?;
    advance(house, &mut tx, actor, &mut counter, Action::TakeBack).await?;
    tx.commit().await?;
    Ok(Answered { counter: id, state: counter.state, same: false })
}
