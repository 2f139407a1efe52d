//! A case as it was before its decision, moved in time to the day of the review, under the review's id.

use serde::{Deserialize, Serialize};

use super::Review;
use crate::{
    domain::{
        brand::{Record, Tier},
        case::State,
        ids::{BrandId, CaseId, ListingId, SellerId},
        listing::{ListingState, Snapshot},
        penalty::Strike,
        policy::Policy,
        priority::Factors,
        seller::Level,
        time::Time,
    },
    store::{
        Conn, audit,
        cases::Case,
        db::Result,
        decisions::Decision,
        dossier::{self as whole, Dossier},
        effects::Entry,
        listings,
        queue::{Place, QueueRow},
        samples,
    },
};

/// What the queue shows of a review, its moments moved to the day it was dealt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    /// When the real case was decided: what came later is not shown.
    pub decided: Time,
    /// In which round.
    pub round: i64,
    /// See [`Case::due`].
    pub due: Time,
    /// See [`Case::opened`].
    pub opened: Time,
    /// See [`Case::severity`].
    pub severity: i64,
    /// See [`Case::claims`].
    pub claims: i64,
    /// See [`Case::reports`].
    pub reports: i64,
    /// See [`Case::snapshot_version`].
    pub snapshot_version: i64,
    /// Whose claims.
    pub brand: BrandId,
    /// Its name.
    pub brand_name: String,
    /// Its tier.
    pub tier: Tier,
    /// Its accepted claims.
    pub accepted: i64,
    /// Its refused claims.
    pub refused: i64,
    /// On which listing.
    pub listing: ListingId,
    /// Its title when it was reported.
    pub title: String,
    /// Its price then, in hundredths.
    pub price_minor: i64,
    /// Units it sold.
    pub sold: i64,
    /// Who sells it.
    pub seller: SellerId,
    /// The shop's name.
    pub seller_name: String,
    /// Where the seller stood.
    pub level: Level,
    /// The seller's points then.
    pub points: i64,
}

impl Face {
    /// The face of a case as it was before `decision`, dealt at `now`.
    #[must_use]
    pub fn of(was: &Dossier, content: Snapshot, decision: &Decision, policy: &Policy, now: Time) -> Self {
        let decided = decision.at;
        let shift = now.since(decided);
        let claims: Vec<_> = was.claims.iter().filter(|claim| claim.filed <= decided).collect();
        // A case that was opened again since has another deadline now.
        let opened = if was.case.opened <= decided {
            was.case.opened
        } else {
            claims.iter().map(|claim| claim.filed).min().unwrap_or(decided)
        };
        let due = if was.case.opened <= decided {
            was.case.due
        } else {
            policy.calendar.due(policy.sla(was.brand.tier), opened)
        };
        // One that was decided late comes back as one that came in just now: it must not stand before what is late today.
        let moved = Time(due.0.saturating_add(shift));
        let due = if moved < now { policy.calendar.due(policy.sla(was.brand.tier), now) } else { moved };
        let standing = policy.ladder.standing(&before(&was.strikes, decided), decided);
        Self {
            decided,
            round: decision.round,
            due,
            opened: Time(opened.0.saturating_add(shift)),
            severity: claims.iter().map(|claim| claim.reason.severity_hours()).max().unwrap_or(was.case.severity),
            claims: i64::try_from(claims.len()).unwrap_or(i64::MAX),
            reports: was.case.reports,
            snapshot_version: version_shown(was, decided),
            brand: was.brand.id.clone(),
            brand_name: was.brand.name.clone(),
            tier: was.brand.tier,
            accepted: was.brand.record.accepted,
            refused: was.brand.record.refused,
            listing: was.listing.id.clone(),
            title: content.title,
            price_minor: content.price_minor,
            sold: was.listing.sold,
            seller: was.case.seller.clone(),
            seller_name: was.seller.seller.name.clone(),
            level: standing.level,
            points: standing.points,
        }
    }

    /// What the rank is made of.
    #[must_use]
    pub fn factors(&self) -> Factors {
        Factors {
            tier: self.tier,
            due: self.due,
            severity: self.severity,
            record: Record { accepted: self.accepted, refused: self.refused },
            sold: self.sold,
            reports: self.reports,
            claims: self.claims,
        }
    }
}

/// The version of the listing that was before the decider.
#[must_use]
pub fn version_shown(was: &Dossier, decided: Time) -> i64 {
    let reported = was.claims.iter().filter(|claim| claim.filed <= decided).map(|claim| claim.snapshot_version);
    reported.max().unwrap_or(was.case.snapshot_version)
}

fn before(strikes: &[Strike], moment: Time) -> Vec<Strike> {
    strikes.iter().filter(|strike| strike.at < moment).cloned().collect()
}

impl Review {
    /// The row of the queue.
    #[must_use]
    pub fn row(&self) -> QueueRow {
        let face = &self.face;
        QueueRow {
            place: Place { rank: self.rank, case: self.id },
            version: self.version,
            brand: face.brand.clone(),
            brand_name: face.brand_name.clone(),
            listing: face.listing.clone(),
            title: face.title.clone(),
            price_minor: face.price_minor,
            seller: face.seller.clone(),
            seller_name: face.seller_name.clone(),
            level: face.level,
            points: face.points,
            factors: face.factors(),
            held_by: matches!(self.as_case(), State::Held { .. }).then(|| self.reviewer.clone()),
            waits: false,
            assigned_to: None,
            desk: None,
            standing: None,
            round: face.round,
            lease_by: self.lease.as_ref().map(|lease| lease.by.clone()),
            opened: face.opened,
        }
    }
}

/// The dossier of a review: the real case's, as it was.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn dossier(conn: &mut Conn, review: &Review) -> Result<Option<Dossier>> {
    let Some(sample) = samples::get(conn, review.sample).await? else { return Ok(None) };
    let Some(was) = whole::of_case(conn, sample.case).await? else { return Ok(None) };
    let listing = listings::at_version(conn, &review.face.listing, review.face.snapshot_version).await?;
    let own = audit::of_case(conn, review.id).await?;
    let Some(mut shown) = listing.map(|listing| Dossier { listing, ..as_it_was(was, review) }) else { return Ok(None) };
    shown.listing.state = ListingState::Live;
    shown.timeline.extend(own);
    Ok(Some(shown))
}

/// Every field by name: whoever adds one to the dossier has to say here what a reviewer sees of it.
fn as_it_was(was: Dossier, review: &Review) -> Dossier {
    let Dossier {
        case: real,
        factors: _,
        brand,
        listing,
        changed_since: _,
        mut claims,
        mut rights,
        mut seller,
        strikes,
        linked,
        mut earlier,
        decision: _,
        mut requests,
        clearance,
        authorised,
        genuine,
        counters: _,
        appeals: _,
        approvals: _,
        statements: _,
        mut timeline,
        mut effects,
    } = was;
    let (face, cut) = (&review.face, review.face.decided);
    let moved = |at: Time| Time(at.0.saturating_add(review.dealt.since(cut)));
    claims.retain(|claim| claim.filed <= cut);
    for claim in &mut claims {
        "open".clone_into(&mut claim.state);
        claim.filed = moved(claim.filed);
    }
    rights.retain(|right| claims.iter().any(|claim| claim.right == right.id));
    (seller.level, seller.points, seller.level_until, seller.reports) = (face.level, face.points, None, face.reports);
    let mut strikes = before(&strikes, cut);
    for strike in &mut strikes {
        strike.at = moved(strike.at);
    }
    earlier.retain(|case| case.opened <= cut);
    for case in &mut earlier {
        case.opened = moved(case.opened);
    }
    requests.retain(|request| request.asked < cut && request.ended.as_ref().is_none_or(|(_, at)| *at < cut));
    for request in &mut requests {
        request.case = review.id;
        for at in [&mut request.asked, &mut request.remind, &mut request.until, &mut request.link_until] {
            *at = moved(*at);
        }
        request.reminded = request.reminded.map(moved);
        request.ended = request.ended.take().map(|(by, at)| (by, moved(at)));
    }
    timeline.retain(|event| event.at < cut);
    for event in &mut timeline {
        event.at = moved(event.at);
        event.case = event.case.map(|_| review.id);
        event.subject = renamed(&event.subject, real.id, review.id);
        event.body = serde_json::from_str(&renamed(&event.body.to_string(), real.id, review.id)).unwrap_or_default();
    }
    effects.retain(|entry| entry.created < cut);
    for entry in &mut effects {
        rename_effect(entry, real.id, review.id);
        (entry.created, entry.due, entry.ended) = (moved(entry.created), moved(entry.due), entry.ended.map(moved));
    }
    Dossier {
        factors: face.factors(),
        case: Case {
            id: review.id,
            state: review.as_case(),
            version: review.version,
            round: face.round,
            rank: review.rank,
            due: face.due,
            severity: face.severity,
            claims: if review.given.is_some() { 0 } else { face.claims },
            reports: face.reports,
            snapshot_version: face.snapshot_version,
            opened: face.opened,
            lease: review.lease.clone(),
            ..real
        },
        decision: review.given.as_ref().map(|given| Decision {
            id: review.decision,
            case: review.id,
            round: face.round,
            verdict: given.verdict,
            note: given.note.clone(),
            brand: brand.id.clone(),
            by: review.reviewer.clone(),
            at: given.at,
            automated: false,
            approved_by: None,
            undone: None,
        }),
        brand,
        listing,
        changed_since: None,
        claims,
        rights,
        seller,
        strikes,
        linked,
        earlier,
        requests,
        clearance: clearance.filter(|word| word.cleared < cut),
        // What contests a decision comes after it.
        counters: vec![],
        appeals: vec![],
        approvals: vec![],
        statements: vec![],
        authorised: authorised.filter(|word| word.from <= cut),
        // Never the listing itself.
        genuine,
        timeline,
        effects,
    }
}

fn renamed(text: &str, real: CaseId, review: CaseId) -> String {
    text.replace(&real.to_string(), &review.to_string())
}

fn rename_effect(entry: &mut Entry, real: CaseId, review: CaseId) {
    entry.case = entry.case.map(|_| review);
    entry.payload = renamed(&entry.payload, real, review);
}
