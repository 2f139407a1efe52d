//! Appeals against our decisions, and what they say of the deciders.

use super::db::{Conn, Error, LAST_ID, Result, Tx, all, opt, row, run};
use crate::domain::{
    appeal::{Appeal, AppealState, Appellant},
    ids::{AppealId, CaseId, CounterId, DecisionId, OperatorId},
    time::Time,
};

/// An appeal as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its id.
    pub id: AppealId,
    /// What was sent.
    pub appeal: Appeal,
    /// The counter-notice that led to it, if one did.
    pub counter: Option<CounterId>,
    /// Whose decision is contested.
    pub decider: OperatorId,
    /// Where it stands.
    pub state: AppealState,
    /// When it came in.
    pub opened: Time,
    /// When it is to be ruled on.
    pub due: Time,
    /// Who ruled, and when.
    pub ruled: Option<(OperatorId, Time)>,
}

/// Writes a new one.
///
/// # Errors
/// What the database says; a second open one against one case is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, filed: &Filed) -> Result<()> {
    let (seller, brand, notice) = match &filed.appeal.by {
        Appellant::Seller(seller) => (Some(seller.as_str()), None, None),
        Appellant::Notifier(brand, notice) => (None, Some(brand.as_str()), Some(notice.to_string())),
    };
    run!(
        tx,
        "INSERT INTO appeals (id, case_id, decision_id, seller_id, brand_id, notice_id, counter_id, decider, reference, digest,
                grounds, state, opened_at, due_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        filed.id.to_string(),
        filed.appeal.case.to_string(),
        filed.appeal.decision.to_string(),
        seller,
        brand,
        notice,
        filed.counter.map(|id| id.to_string()),
        filed.decider.as_str(),
        filed.appeal.reference.as_str(),
        filed.appeal.digest.as_str(),
        filed.appeal.grounds.as_str(),
        filed.state.as_str(),
        filed.opened.0,
        filed.due.0
    )?;
    Ok(())
}

/// Closes an open one; whether it was open.
///
/// # Errors
/// What the database says.
pub async fn rule(tx: &mut Tx, id: AppealId, state: AppealState, by: &OperatorId, at: Time) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE appeals SET state = $2, ruled_by = $3, ruled_at = $4 WHERE id = $1 AND state = 'open'",
        id.to_string(),
        state.as_str(),
        by.as_str(),
        at.0
    )?;
    Ok(changed == 1)
}

row! {
    struct AppealRow {
        id: String,
        case_id: String,
        decision_id: String,
        seller_id: Option<String>,
        brand_id: Option<String>,
        notice_id: Option<String>,
        counter_id: Option<String>,
        decider: String,
        reference: String,
        digest: String,
        grounds: String,
        state: String,
        opened_at: i64,
        due_at: i64,
        ruled_by: Option<String>,
        ruled_at: Option<i64>,
    }
}

impl AppealRow {
    fn filed(self) -> Result<Filed> {
        let id = self.id.clone();
        self.read().map_err(|problem| Error::Corrupt { table: "appeals", id, problem })
    }

    fn read(self) -> std::result::Result<Filed, String> {
        fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> std::result::Result<T, String> {
            text.parse().map_err(|e: T::Err| e.to_string())
        }
        let by = match (&self.seller_id, &self.brand_id, &self.notice_id) {
            (Some(seller), ..) => Appellant::Seller(parse(seller)?),
            (None, Some(brand), Some(notice)) => Appellant::Notifier(parse(brand)?, parse(notice)?),
            _ => return Err("nobody appealed".into()),
        };
        let ruled = match (&self.ruled_by, self.ruled_at) {
            (Some(by), Some(at)) => Some((parse(by)?, Time(at))),
            _ => None,
        };
        Ok(Filed {
            id: parse(&self.id)?,
            appeal: Appeal {
                by,
                reference: self.reference,
                digest: self.digest,
                case: parse(&self.case_id)?,
                decision: parse(&self.decision_id)?,
                grounds: self.grounds,
            },
            counter: self.counter_id.as_deref().map(parse).transpose()?,
            decider: parse(&self.decider)?,
            state: parse(&self.state)?,
            opened: Time(self.opened_at),
            due: Time(self.due_at),
            ruled,
        })
    }
}

/// The one with this id.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: AppealId) -> Result<Option<Filed>> {
    opt!(conn, AppealRow, "SELECT * FROM appeals WHERE id = $1", id.to_string())?.map(AppealRow::filed).transpose()
}

/// The one that this party (`seller:ID` or `brand:ID`) sent under this reference.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn with_reference(conn: &mut Conn, party: &str, reference: &str) -> Result<Option<Filed>> {
    opt!(
        conn,
        AppealRow,
        "SELECT * FROM appeals WHERE (coalesce('seller:' || seller_id, 'brand:' || brand_id) || ' ' || reference) = $1",
        format!("{party} {reference}")
    )?
    .map(AppealRow::filed)
    .transpose()
}

/// Those against a case, oldest first, at most 100.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId) -> Result<Vec<Filed>> {
    let rows =
        all!(conn, AppealRow, "SELECT * FROM appeals WHERE case_id = $1 ORDER BY id LIMIT 100", case.to_string())?;
    rows.into_iter().map(AppealRow::filed).collect()
}

/// Appeals in a state or in any, newest first, below the id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(
    conn: &mut Conn,
    state: Option<AppealState>,
    before: Option<AppealId>,
    limit: i64,
) -> Result<Vec<Filed>> {
    let rows = all!(
        conn,
        AppealRow,
        "SELECT * FROM appeals WHERE id < $1 AND ($2 = '' OR state = $2) ORDER BY id DESC LIMIT $3",
        before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string()),
        state.map_or("", AppealState::as_str),
        limit
    )?;
    rows.into_iter().map(AppealRow::filed).collect()
}

/// Whether this person ruled on an appeal against this decision.
///
/// # Errors
/// What the database says.
pub async fn has_ruled(conn: &mut Conn, decision: DecisionId, who: &OperatorId) -> Result<bool> {
    row! { struct IdRow { _id: String, } }
    let row = opt!(
        conn,
        IdRow,
        "SELECT id AS _id FROM appeals WHERE decision_id = $1 AND ruled_by = $2 AND state IN ('affirmed', 'overturned') LIMIT 1",
        decision.to_string(),
        who.as_str()
    )?;
    Ok(row.is_some())
}

row! {
    struct RulingRow { decider: String, ruled: i64, overturned: i64, }
}

/// How the decisions of one person fared on appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rulings {
    /// Whose decisions.
    pub decider: OperatorId,
    /// Appeals that were ruled on.
    pub ruled: i64,
    /// Those in which the decision fell.
    pub overturned: i64,
}

/// How each decider's decisions fared on appeals ruled on since a moment, the most overturned first, at most 200.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn rulings(conn: &mut Conn, since: Time) -> Result<Vec<Rulings>> {
    let rows = all!(
        conn,
        RulingRow,
        "SELECT decider, count(*) AS ruled, count(CASE WHEN state = 'overturned' THEN 1 END) AS overturned FROM appeals
         WHERE ruled_at >= $1 AND state <> 'withdrawn' GROUP BY decider ORDER BY overturned DESC, decider LIMIT 200",
        since.0
    )?;
    rows.into_iter()
        .map(|row| {
            let corrupt = |e: crate::domain::ids::BadId| Error::Corrupt {
                table: "appeals",
                id: row.decider.clone(),
                problem: e.to_string(),
            };
            Ok(Rulings { decider: row.decider.parse().map_err(corrupt)?, ruled: row.ruled, overturned: row.overturned })
        })
        .collect()
}
