//! Notices and the claims in them.

mod refused;

use std::borrow::Cow;

pub use self::refused::{RefusedClaim, refused_claims};

use super::db::{self, Column, Conn, Error, LAST_ID, List, Result, Tx, all, row};
use crate::domain::{
    ids::{BrandId, CaseId, DecisionId, ListingId, NoticeId, RightId},
    notice::Notice,
    time::Time,
};

/// A notice to be written, with the case of each listing it names.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// Its id.
    pub id: NoticeId,
    /// What was filed.
    pub notice: Notice,
    /// One case a listing, in the order of `notice.listings`.
    pub cases: Vec<CaseId>,
}

row! {
    struct ReferenceRow { id: String, brand_id: String, reference: String, digest: String, }
}

/// A notice that is already filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its id.
    pub id: NoticeId,
    /// The brand that filed it.
    pub brand: BrandId,
    /// The brand's own reference.
    pub reference: String,
    /// Digest of what was filed.
    pub digest: String,
}

/// The notices that these brands filed under these references.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn with_references(
    conn: &mut Conn,
    pairs: impl IntoIterator<Item = &(BrandId, String)>,
) -> Result<Vec<Filed>> {
    all!(
        conn,
        ReferenceRow,
        "SELECT id, brand_id, reference, digest FROM notices WHERE (brand_id || ' ' || reference) = ANY($1)",
        pairs.into_iter().map(|(brand, reference)| format!("{brand} {reference}")).collect::<List>()
    )?
    .into_iter()
    .map(|row| {
        let corrupt = |problem: String| Error::Corrupt { table: "notices", id: row.id.clone(), problem };
        Ok(Filed {
            id: row.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand: row.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            reference: row.reference,
            digest: row.digest,
        })
    })
    .collect()
}

/// Writes notices with their claims.
///
/// # Errors
/// What the database says; a reference used twice by one brand is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, notices: &[NewNotice], now: Time) -> Result<()> {
    let text = |of: fn(&NewNotice) -> Cow<'_, str>| Column::Text(notices.iter().map(of).collect());
    let columns = [
        text(|n| n.id.to_string().into()),
        text(|n| n.notice.brand.as_str().into()),
        text(|n| n.notice.reference.as_str().into()),
        text(|n| n.notice.digest.as_str().into()),
        text(|n| n.notice.reason.as_str().into()),
        text(|n| n.notice.right.as_str().into()),
        text(|n| n.notice.notifier.name.as_str().into()),
        text(|n| n.notice.notifier.email.as_str().into()),
        text(|n| n.notice.notifier.role.as_str().into()),
        text(|n| n.notice.explanation.as_str().into()),
        text(|n| n.notice.signature.as_str().into()),
        text(|n| n.notice.evidence.join("\n").into()),
        Column::MaybeText(notices.iter().map(|n| n.notice.resubmits.as_deref().map(Into::into)).collect()),
        Column::Int(notices.iter().map(|n| i64::from(n.notice.attested)).collect()),
        Column::Int(notices.iter().map(|_| now.0).collect()),
    ];
    db::insert(
        tx,
        "INSERT INTO notices (id, brand_id, reference, digest, reason, right_id, notifier_name, notifier_email, notifier_role,
         explanation, signature, evidence, resubmits, attested, filed_at)",
        columns,
        "",
    )
    .await?;
    let claims = || {
        notices
            .iter()
            .flat_map(|n| n.notice.listings.iter().zip(&n.cases).map(move |(listing, case)| (n, listing, case)))
    };
    let columns = [
        Column::texts(claims().map(|(n, ..)| n.id.to_string())),
        Column::texts(claims().map(|(_, listing, _)| listing.id.as_str())),
        Column::texts(claims().map(|(n, ..)| n.notice.right.as_str())),
        Column::texts(claims().map(|(.., case)| case.to_string())),
        Column::Int(claims().map(|(_, listing, _)| listing.version).collect()),
        Column::texts(claims().map(|_| "open")),
    ];
    db::insert(
        tx,
        "INSERT INTO claims (notice_id, listing_id, right_id, case_id, snapshot_version, state)",
        columns,
        "",
    )
    .await?;
    Ok(())
}

/// Whether a notice is this brand's.
///
/// # Errors
/// What the database says.
pub async fn is_of(conn: &mut Conn, id: NoticeId, brand: &BrandId) -> Result<bool> {
    row! { struct OneRow { id: String, } }
    let sql = "SELECT id FROM notices WHERE id = $1 AND brand_id = $2";
    let found = super::db::opt!(conn, OneRow, sql, id.to_string(), brand.as_str())?;
    Ok(found.is_some_and(|row| row.id == id.to_string()))
}

row! {
    struct ClaimRow {
        notice_id: String,
        listing_id: String,
        right_id: String,
        snapshot_version: i64,
        state: String,
        reason: String,
        reference: String,
        notifier_name: String,
        notifier_email: String,
        notifier_role: String,
        explanation: String,
        signature: String,
        evidence: String,
        resubmits: Option<String>,
        filed_at: i64,
    }
}

/// A claim with the notice that carries it, as a case shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The notice.
    pub notice: NoticeId,
    /// The brand's own reference of that notice.
    pub reference: String,
    /// Which listing.
    pub listing: ListingId,
    /// Under which right.
    pub right: RightId,
    /// The listing's version when it was reported.
    pub snapshot_version: i64,
    /// `open`, `accepted` or `refused`.
    pub state: String,
    /// Why, in the field's codes.
    pub reason: crate::domain::reason::ReasonCode,
    /// Who says so.
    pub notifier: crate::domain::notice::Notifier,
    /// In their words.
    pub explanation: String,
    /// Who signed.
    pub signature: String,
    /// Addresses of what they show for it.
    pub evidence: Vec<String>,
    /// The reference or id of the refused notice that it corrects.
    pub resubmits: Option<String>,
    /// When it was filed.
    pub filed: Time,
}

impl ClaimRow {
    fn claim(self) -> Result<Claim> {
        let corrupt = |problem: String| Error::Corrupt { table: "claims", id: self.notice_id.clone(), problem };
        Ok(Claim {
            notice: self.notice_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            listing: self.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            right: self.right_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            snapshot_version: self.snapshot_version,
            reason: self.reason.parse().map_err(corrupt)?,
            notifier: crate::domain::notice::Notifier {
                role: self.notifier_role.parse().map_err(corrupt)?,
                name: self.notifier_name,
                email: self.notifier_email,
            },
            evidence: self.evidence.lines().map(str::to_owned).collect(),
            resubmits: self.resubmits,
            filed: Time(self.filed_at),
            state: self.state,
            reference: self.reference,
            explanation: self.explanation,
            signature: self.signature,
        })
    }
}

/// All claims of a case, newest first; read page by page, since who reports a listing day after day is not to be
/// forgotten.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn claims_of(conn: &mut Conn, case: CaseId) -> Result<Vec<Claim>> {
    const PAGE: usize = 100;
    let (mut claims, mut before) = (vec![], LAST_ID.to_owned());
    loop {
        // A case is about one listing and a notice about one right, so a notice has one claim in it.
        let page = all!(
            conn,
            ClaimRow,
            "SELECT k.notice_id, k.listing_id, k.right_id, k.snapshot_version, k.state, n.reason, n.reference, n.notifier_name,
                    n.notifier_email, n.notifier_role, n.explanation, n.signature, n.evidence, n.resubmits, n.filed_at
             FROM claims k JOIN notices n ON n.id = k.notice_id WHERE k.case_id = $1 AND k.notice_id < $2
             ORDER BY k.notice_id DESC LIMIT 100",
            case.to_string(),
            before.as_str()
        )?;
        let full = page.len() == PAGE;
        if let Some(last) = page.last() {
            before.clone_from(&last.notice_id);
        }
        claims.extend(page.into_iter().map(ClaimRow::claim).collect::<Result<Vec<_>>>()?);
        if !full {
            return Ok(claims);
        }
    }
}

/// The claims of a notice, in the order of the listings, at most 300.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn claims_in(conn: &mut Conn, notice: NoticeId) -> Result<Vec<Claim>> {
    all!(
        conn,
        ClaimRow,
        "SELECT k.notice_id, k.listing_id, k.right_id, k.snapshot_version, k.state, n.reason, n.reference, n.notifier_name,
                n.notifier_email, n.notifier_role, n.explanation, n.signature, n.evidence, n.resubmits, n.filed_at
         FROM claims k JOIN notices n ON n.id = k.notice_id WHERE k.notice_id = $1 ORDER BY k.listing_id LIMIT 300",
        notice.to_string()
    )?
    .into_iter()
    .map(ClaimRow::claim)
    .collect()
}

row! {
    struct AnsweredRow { notice_id: String, }
}

/// Answers the open claims of a case, and gives the notices that carry them.
///
/// # Errors
/// What the database says.
pub async fn answer(tx: &mut Tx, case: CaseId, decision: DecisionId, state: &str) -> Result<Vec<NoticeId>> {
    let rows = all!(
        tx,
        AnsweredRow,
        "UPDATE claims SET state = $3, decision_id = $2 WHERE case_id = $1 AND state = 'open' RETURNING notice_id",
        case.to_string(),
        decision.to_string(),
        state
    )?;
    notice_ids(rows)
}

/// Opens again the claims that a decision had answered, and gives the notices that carry them.
///
/// # Errors
/// What the database says.
pub async fn unanswer(tx: &mut Tx, case: CaseId, decision: DecisionId) -> Result<Vec<NoticeId>> {
    let rows = all!(
        tx,
        AnsweredRow,
        "UPDATE claims SET state = 'open', decision_id = NULL WHERE case_id = $1 AND decision_id = $2 AND state <> 'withdrawn'
         RETURNING notice_id",
        case.to_string(),
        decision.to_string()
    )?;
    notice_ids(rows)
}

/// The notices that a decision answered, all of them: each has to be told.
///
/// # Errors
/// What the database says.
pub async fn answered_by(conn: &mut Conn, decision: DecisionId, case: CaseId) -> Result<Vec<NoticeId>> {
    let rows = all!(
        conn,
        AnsweredRow,
        "SELECT notice_id FROM claims WHERE case_id = $1 AND decision_id = $2",
        case.to_string(),
        decision.to_string()
    )?;
    notice_ids(rows)
}

fn notice_ids(rows: Vec<AnsweredRow>) -> Result<Vec<NoticeId>> {
    let mut ids = rows
        .into_iter()
        .map(|row| {
            row.notice_id.parse().map_err(|e| Error::Corrupt {
                table: "claims",
                id: row.notice_id.clone(),
                problem: format!("{e}"),
            })
        })
        .collect::<Result<Vec<NoticeId>>>()?;
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
