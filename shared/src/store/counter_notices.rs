//! Counter-notices, and what they say of a brand's record.

mod record;
mod rows;

pub use self::record::{CounterRecord, record_of};
use self::rows::CounterRow;
use super::db::{Conn, Error, LAST_ID, Result, Tx, all, opt, row, run};
use crate::domain::{
    counter_notice::{Answer, CounterNotice, CounterState, Suit},
    ids::{AppealId, BrandId, CaseId, CounterId, DecisionId, OperatorId, SellerId},
    reason::ReasonCode,
    time::Time,
};

/// A counter-notice as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Its id.
    pub id: CounterId,
    /// What the seller sent.
    pub said: CounterNotice,
    /// The reason code of the notice that it answers.
    pub notice_reason: ReasonCode,
    /// Where it stands.
    pub state: CounterState,
    /// Counts every change; a save names the version it saw.
    pub version: i64,
    /// What the brand answered, last.
    pub answer: Option<Answer>,
    /// Who answered, and when.
    pub answered: Option<(OperatorId, Time)>,
    /// The brand's words: text of a stranger, perhaps empty.
    pub words: String,
    /// The suit that the brand told of.
    pub suit: Option<Suit>,
    /// The review that it led to.
    pub appeal: Option<AppealId>,
    /// When it was closed.
    pub closed: Option<Time>,
}

/// Writes a new one.
///
/// # Errors
/// What the database says; a reference used twice by one seller, or a second open one against one case, is a race (see
/// [`Error::is_race`]).
pub async fn add(tx: &mut Tx, counter: &Counter) -> Result<()> {
    let said = &counter.said;
    run!(
        tx,
        "INSERT INTO counter_notices (id, seller_id, reference, digest, case_id, brand_id, listing_id, decision_id, notice_reason,
                regime, reason, explanation, material, name, address, phone, email, signature, evidence, received_at, not_before,
                not_after, state, version, law, silence, may_reject, shares_contact)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
        counter.id.to_string(),
        said.seller.as_str(),
        said.reference.as_str(),
        said.digest.as_str(),
        said.case.to_string(),
        said.brand.as_str(),
        said.listing.as_str(),
        said.decision.to_string(),
        counter.notice_reason.as_str(),
        said.regime.as_str(),
        said.reason.as_str(),
        said.explanation.as_str(),
        said.material.as_str(),
        said.name.as_str(),
        said.address.as_str(),
        said.phone.as_str(),
        said.email.as_str(),
        said.signature.as_str(),
        said.evidence.join("\n"),
        said.received.0,
        said.not_before.0,
        said.not_after.0,
        counter.state.as_str(),
        counter.version,
        said.law.as_str(),
        said.silence.as_str(),
        i64::from(said.may_reject),
        i64::from(said.shares_contact)
    )?;
    Ok(())
}

/// Saves what can change of one whose version was seen, and counts its version up, here and there.
///
/// # Errors
/// [`Error::Conflict`] if somebody else changed it since; then nothing is written.
pub async fn save(tx: &mut Tx, counter: &mut Counter) -> Result<()> {
    let changed = run!(
        tx,
        "UPDATE counter_notices SET state = $3, version = version + 1, answer = $4, answered_by = $5, answered_at = $6, words = $7,
                court = $8, suit_number = $9, suit_proof = $10, appeal_id = $11, closed_at = $12
         WHERE id = $1 AND version = $2",
        counter.id.to_string(),
        counter.version,
        counter.state.as_str(),
        counter.answer.map(Answer::as_str),
        counter.answered.as_ref().map(|(by, _)| by.as_str()),
        counter.answered.as_ref().map(|(_, at)| at.0),
        counter.words.as_str(),
        counter.suit.as_ref().map(|suit| suit.court.as_str()),
        counter.suit.as_ref().map(|suit| suit.number.as_str()),
        counter.suit.as_ref().map(|suit| suit.proof.as_str()),
        counter.appeal.map(|id| id.to_string()),
        counter.closed.map(|at| at.0)
    )?;
    if changed != 1 {
        return Err(Error::Conflict(format!("counter-notice {}", counter.id)));
    }
    counter.version += 1;
    Ok(())
}

/// The one with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: CounterId) -> Result<Option<Counter>> {
    opt!(conn, CounterRow, "SELECT * FROM counter_notices WHERE id = $1", id.to_string())?
        .map(CounterRow::counter)
        .transpose()
}

row! {
    struct ReferenceRow { id: String, digest: String, }
}

/// The id and the digest of what this seller sent under this reference.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn with_reference(
    conn: &mut Conn,
    seller: &SellerId,
    reference: &str,
) -> Result<Option<(CounterId, String)>> {
    opt!(
        conn,
        ReferenceRow,
        "SELECT id, digest FROM counter_notices WHERE (seller_id || ' ' || reference) = $1",
        format!("{seller} {reference}")
    )?
    .map(|row| Ok((rows::id(&row.id)?, row.digest)))
    .transpose()
}

/// Those against a case, oldest first, at most 100.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Counter>> {
    let rows = all!(
        conn,
        CounterRow,
        "SELECT * FROM counter_notices WHERE case_id = $1 ORDER BY id LIMIT 100",
        case.to_string()
    )?;
    rows.into_iter().map(CounterRow::counter).collect()
}

/// The open one against a decision, if there is one.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn open_against(conn: &mut Conn, case: CaseId, decision: DecisionId) -> Result<Option<Counter>> {
    opt!(
        conn,
        CounterRow,
        "SELECT * FROM counter_notices WHERE case_id = $1 AND closed_at IS NULL AND decision_id = $2",
        case.to_string(),
        decision.to_string()
    )?
    .map(CounterRow::counter)
    .transpose()
}

row! {
    struct IdRow { id: String, }
}

/// Those whose brand had time until `now` or earlier and is still silent, the longest first, at most `limit`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn windows_over(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<CounterId>> {
    let rows = all!(
        conn,
        IdRow,
        "SELECT id FROM counter_notices WHERE state = 'forwarded' AND not_before <= $1 ORDER BY not_before LIMIT $2",
        now.0,
        limit
    )?;
    rows.into_iter().map(|row| rows::id(&row.id)).collect()
}

/// Which are listed; all conditions hold at once.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<CounterState>,
    /// Only those against this brand's notices.
    pub brand: Option<BrandId>,
    /// Only those of this seller.
    pub seller: Option<SellerId>,
    /// Only those with a smaller id: the next page.
    pub before: Option<CounterId>,
}

/// Counter-notices, newest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<Counter>> {
    let rows = all!(
        conn,
        CounterRow,
        "SELECT * FROM counter_notices
         WHERE id < $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR brand_id = $3) AND ($4 = '' OR seller_id = $4)
         ORDER BY id DESC LIMIT $5",
        filter.before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string()),
        filter.state.map_or("", CounterState::as_str),
        filter.brand.as_ref().map_or("", BrandId::as_str),
        filter.seller.as_ref().map_or("", SellerId::as_str),
        limit
    )?;
    rows.into_iter().map(CounterRow::counter).collect()
}
