//! Everything that a moderator sees of one case, read in one go.

use std::collections::BTreeSet;

use super::{
    Conn, appeals,
    approvals::{self, Approval},
    audit,
    authenticity::{self, Clearance, Request},
    authorised, brands,
    cases::{self, Case},
    counter_notices::{self, Counter},
    db::Result,
    decisions::{self, Decision},
    effects::{self, Entry},
    genuine::{self, Genuine},
    listings,
    notices::{self, Claim},
    queue::{self, EarlierCase},
    reviews,
    sellers::{self, SellerRecord},
    statements::{self, Kept},
};
use crate::domain::{
    audit::Event,
    authenticity::{Silence, State as RequestState},
    authorised::Authorised,
    brand::Brand,
    ids::CaseId,
    listing::Listing,
    penalty::Strike,
    priority::Factors,
    right::Right,
    safe_text::SafeText,
    time::{Time, due_words},
};

/// A case with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The case.
    pub case: Case,
    /// What its rank was made of, with today's record of the brand.
    pub factors: Factors,
    /// Whose claims.
    pub brand: Brand,
    /// The listing as it stood when it was reported last.
    pub listing: Listing,
    /// The version that the listing has by now, if it changed since.
    pub changed_since: Option<i64>,
    /// The claims, newest first.
    pub claims: Vec<Claim>,
    /// The rights claimed.
    pub rights: Vec<Right>,
    /// Who sells it.
    pub seller: SellerRecord,
    /// The strikes that stand against the seller, oldest first.
    pub strikes: Vec<Strike>,
    /// Sellers with the same payout account; one more than [`LINKED`] when there are more than that.
    pub linked: Vec<SellerRecord>,
    /// Other cases about the seller.
    pub earlier: Vec<EarlierCase>,
    /// The decision in force.
    pub decision: Option<Decision>,
    /// What the brand was asked about the listing, newest first, at most 20.
    pub requests: Vec<Request>,
    /// The brand's word that the listing as it is now is genuine.
    pub clearance: Option<Clearance>,
    /// The brand's word that the seller may sell its goods, whether it holds now or not.
    pub authorised: Option<Authorised>,
    /// What the brand's genuine goods look like.
    pub genuine: Genuine,
    /// The counter-notices against it, oldest first.
    pub counters: Vec<Counter>,
    /// The appeals against its decisions, oldest first.
    pub appeals: Vec<appeals::Filed>,
    /// What waits for a second person: on the case, and on the seller's account; at most 5.
    pub approvals: Vec<Approval>,
    /// The statements of reasons of the decision in force.
    pub statements: Vec<Kept>,
    /// What was done to the case, oldest first.
    pub timeline: Vec<Event>,
    /// What follows from the decisions, oldest first.
    pub effects: Vec<Entry>,
}

impl Dossier {
    /// What speaks for the listing or has to be known before anything else, in words for the top of the case.
    #[must_use]
    pub fn flags(&self, now: Time) -> Vec<String> {
        let name = SafeText::line(&self.brand.name, 60);
        let mut flags = vec![];
        if let Some(request) = self.requests.first() {
            match request.state {
                RequestState::Open => flags.push(format!("{name} was asked: {}", due_words(request.until, now))),
                RequestState::Answered(answer) => {
                    flags.push(format!("{name} answered: {}. {}", answer.title(), answer.meaning()));
                }
                RequestState::Silent(silence) => {
                    let paused = if silence == Silence::Pause { "; the listing is hidden from sale" } else { "" };
                    flags.push(format!("{name} was asked and did not answer{paused}"));
                }
                RequestState::Withdrawn => {}
            }
        }
        if let Some(word) = &self.clearance {
            flags.push(format!("{name} itself said on {:.10} that this listing is genuine", word.cleared.to_string()));
        }
        if let Some(word) = self.authorised.as_ref().filter(|word| word.holds_at(now)) {
            let until = word.until.map(|until| format!(" until {:.10}", until.to_string())).unwrap_or_default();
            let remark = SafeText::line(&word.remark, 100);
            let remark = if word.remark.is_empty() { String::new() } else { format!(": {remark}") };
            flags.push(format!("{name} authorised this seller{until}{remark}"));
        }
        flags
    }
}

/// Other cases about the seller that are shown.
const EARLIER: i64 = 10;
/// Genuine goods of the brand, the newest, from which its usual price is taken.
const GENUINE: i64 = 200;
/// Sellers with the same payout account that are shown.
pub const LINKED: usize = 20;

/// Reads a case with all that belongs to it; for the id of a review, the case as it was before it was decided.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn load(conn: &mut Conn, id: CaseId) -> Result<Option<Dossier>> {
    match of_case(conn, id).await? {
        Some(found) => Ok(Some(found)),
        None => match reviews::get(conn, id).await? {
            Some(review) => reviews::dossier(conn, &review).await,
            None => Ok(None),
        },
    }
}

/// Reads a case, and no review, with all that belongs to it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, id: CaseId) -> Result<Option<Dossier>> {
    let Some(case) = cases::get(conn, id).await? else { return Ok(None) };
    let Some(brand) = brands::get(conn, &case.brand).await? else { return Ok(None) };
    let Some(listing) = listings::at_version(conn, &case.listing, case.snapshot_version).await? else {
        return Ok(None);
    };
    let Some(seller) = sellers::get(conn, &case.seller).await? else { return Ok(None) };
    let requests = authenticity::of_case(conn, id).await?;
    let cleared = authenticity::clearances(conn, [&case.listing]).await?;
    let authorised = authorised::of(conn, [&case.brand], [&case.seller]).await?.pop();
    let newest = listings::newest_version(conn, &case.listing).await?;
    let claims = notices::claims_of(conn, id).await?;
    let rights: BTreeSet<_> = claims.iter().map(|claim| &claim.right).collect();
    let rights = brands::rights(conn, rights).await?;
    let strikes = sellers::strikes(conn, [&case.seller]).await?.into_iter().map(|(_, strike)| strike).collect();
    let linked = sellers::linked(conn, &seller.seller, LINKED + 1).await?;
    let earlier = queue::about_seller(conn, &case.seller, id, EARLIER).await?;
    let decision = match case.state.decision() {
        Some((_, decision)) => decisions::get_many(conn, &[decision]).await?.pop(),
        None => None,
    };
    let statements = match &decision {
        Some(decision) => statements::of_decision(conn, decision.id).await?,
        None => vec![],
    };
    let factors = Factors {
        tier: brand.tier,
        due: case.due,
        severity: case.severity,
        record: brand.record,
        sold: listing.sold,
        reports: case.reports,
        claims: case.claims,
    };
    Ok(Some(Dossier {
        factors,
        changed_since: newest.filter(|newest| *newest != case.snapshot_version),
        requests,
        clearance: cleared.into_iter().find(|word| word.brand == case.brand),
        authorised,
        genuine: genuine::of_brand(conn, &brand, &case.listing, GENUINE).await?,
        counters: counter_notices::of_case(conn, id).await?,
        appeals: appeals::of_case(conn, id).await?,
        approvals: approvals::pending_on(conn, id, &case.seller).await?,
        statements,
        timeline: audit::of_case(conn, id).await?,
        effects: effects::of_case(conn, id).await?,
        case,
        brand,
        listing,
        claims,
        rights,
        seller,
        strikes,
        linked,
        earlier,
        decision,
    }))
}
