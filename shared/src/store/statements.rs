//! Statements of reasons, and where each stands with the transparency register.

pub mod grounds;
pub mod register;

use super::db::{self, Column, Conn, Error, LAST_ID, List, Result, Tx, all, opt, row, run};
use crate::domain::{
    ids::{CaseId, DecisionId, ListingId, SellerId, StatementId},
    statement::{Made, Measure, RegisterState, Statement},
    time::Time,
    trace::Trace,
};

/// A statement as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id: the `puid`.
    pub id: StatementId,
    /// What it is about.
    pub measure: Measure,
    /// Who was told.
    pub seller: SellerId,
    /// The case that led to it.
    pub case: Option<CaseId>,
    /// The decision that it explains.
    pub decision: Option<DecisionId>,
    /// The statement.
    pub content: Statement,
    /// When it was made.
    pub made: Time,
    /// When it may go to the register.
    pub due: Time,
    /// Where it stands with the register.
    pub state: RegisterState,
    /// The register's id for it.
    pub uuid: Option<String>,
    /// Why the register won't take it, in its words.
    pub reason: Option<String>,
    /// When it was accepted, rejected or withdrawn.
    pub settled: Option<Time>,
}

impl Kept {
    /// The trace that it belongs to: its case's.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.case.map_or_else(|| Trace::of_statement(self.id), Trace::of_case)
    }
}

/// Writes statements.
///
/// # Errors
/// What the database says; a second statement for the same thing of one decision is a race (see [`Error::is_race`]).
pub async fn add(tx: &mut Tx, made: &[Made]) -> Result<()> {
    let contents = made
        .iter()
        .map(|made| serde_json::to_string(&made.content))
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(|e| Error::Corrupt { table: "statements", id: "new".into(), problem: e.to_string() })?;
    let columns = [
        Column::texts(made.iter().map(|m| m.id.to_string())),
        Column::texts(made.iter().map(|m| m.measure.as_str())),
        Column::texts(made.iter().map(|m| m.seller.as_str())),
        Column::maybe_texts(made.iter().map(|m| m.case.map(|id| id.to_string()))),
        Column::maybe_texts(made.iter().map(|m| m.decision.map(|id| id.to_string()))),
        Column::texts(contents),
        Column::Int(made.iter().map(|m| m.at.0).collect()),
        Column::Int(made.iter().map(|m| m.due.0).collect()),
        Column::texts(made.iter().map(|m| m.state().as_str())),
    ];
    db::insert(
        tx,
        "INSERT INTO statements (puid, measure, seller_id, case_id, decision_id, content, made_at, due_at, state)",
        columns,
        "",
    )
    .await?;
    Ok(())
}

row! {
    struct StatementRow {
        puid: String,
        measure: String,
        seller_id: String,
        case_id: Option<String>,
        decision_id: Option<String>,
        content: String,
        made_at: i64,
        due_at: i64,
        state: String,
        uuid: Option<String>,
        reason: Option<String>,
        settled_at: Option<i64>,
    }
}

/// What a row is read from, and which rows.
macro_rules! statements {
    ($which:literal) => {
        concat!(
            "SELECT puid, measure, seller_id, case_id, decision_id, content, made_at, due_at, state, uuid, reason,
             settled_at FROM statements ",
            $which
        )
    };
}

impl StatementRow {
    fn kept(self) -> Result<Kept> {
        let corrupt = |problem: String| Error::Corrupt { table: "statements", id: self.puid.clone(), problem };
        Ok(Kept {
            id: self.puid.parse().map_err(|e| corrupt(format!("{e}")))?,
            measure: self.measure.parse().map_err(corrupt)?,
            seller: self.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            case: self.case_id.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            decision: self.decision_id.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            content: serde_json::from_str(&self.content).map_err(|e| corrupt(e.to_string()))?,
            made: Time(self.made_at),
            due: Time(self.due_at),
            state: self.state.parse().map_err(corrupt)?,
            uuid: self.uuid,
            reason: self.reason,
            settled: self.settled_at.map(Time),
        })
    }
}

fn kept(rows: Vec<StatementRow>) -> Result<Vec<Kept>> {
    rows.into_iter().map(StatementRow::kept).collect()
}

/// One statement.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn get(conn: &mut Conn, id: StatementId) -> Result<Option<Kept>> {
    opt!(conn, StatementRow, statements!("WHERE puid = $1"), id.to_string())?.map(StatementRow::kept).transpose()
}

/// The statements of a decision: of the listing, the account, the money; at most three.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_decision(conn: &mut Conn, decision: DecisionId) -> Result<Vec<Kept>> {
    kept(all!(conn, StatementRow, statements!("WHERE decision_id = $1 ORDER BY puid LIMIT 3"), decision.to_string())?)
}

/// The newest statements of a seller, newest first, at most 100.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_seller(conn: &mut Conn, seller: &SellerId, limit: i64) -> Result<Vec<Kept>> {
    kept(all!(
        conn,
        StatementRow,
        statements!("WHERE seller_id = $1 ORDER BY puid DESC LIMIT $2"),
        seller.as_str(),
        limit.min(100)
    )?)
}

/// Statements in a state, or in any, newest first, below the id `before` if given.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn list(
    conn: &mut Conn,
    state: Option<RegisterState>,
    before: Option<StatementId>,
    limit: i64,
) -> Result<Vec<Kept>> {
    let before = before.map_or_else(|| LAST_ID.to_owned(), |id| id.to_string());
    kept(match state {
        None => all!(conn, StatementRow, statements!("WHERE puid < $1 ORDER BY puid DESC LIMIT $2"), before, limit)?,
        Some(state) => all!(
            conn,
            StatementRow,
            statements!("WHERE state = $3 AND puid < $1 ORDER BY puid DESC LIMIT $2"),
            before,
            limit,
            state.as_str()
        )?,
    })
}

/// Statements made from `from` and before `until`, oldest first, after the one that the last page ended with.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn made_between(
    conn: &mut Conn,
    from: Time,
    until: Time,
    after: Option<(Time, StatementId)>,
    limit: i64,
) -> Result<Vec<Kept>> {
    let (at, id) = after.map_or((from, String::new()), |(at, id)| (at, id.to_string()));
    kept(all!(
        conn,
        StatementRow,
        statements!(
            "WHERE (made_at > $1 OR (made_at = $1 AND puid > $2)) AND made_at < $3
             ORDER BY made_at, puid LIMIT $4"
        ),
        at.0,
        id,
        until.0,
        limit
    )?)
}

/// What waits for the register and is due, oldest first.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn waiting(conn: &mut Conn, now: Time, limit: i64) -> Result<Vec<Kept>> {
    kept(all!(
        conn,
        StatementRow,
        statements!("WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, puid LIMIT $2"),
        now.0,
        limit
    )?)
}

row! {
    struct IdRow { puid: String, }
}

fn ids(rows: Vec<IdRow>) -> Result<Vec<StatementId>> {
    let id = |row: IdRow| {
        row.puid.parse().map_err(|e| Error::Corrupt {
            table: "statements",
            id: row.puid.clone(),
            problem: format!("{e}"),
        })
    };
    rows.into_iter().map(id).collect()
}

/// Marks one as accepted; `false` if it no longer waited.
///
/// # Errors
/// What the database says.
pub async fn accept(tx: &mut Tx, id: StatementId, uuid: Option<&str>, now: Time) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE statements SET state = 'accepted', uuid = $2, settled_at = $3 WHERE puid = $1 AND state = 'waiting'",
        id.to_string(),
        uuid,
        now.0
    )?;
    Ok(changed == 1)
}

/// Marks one as rejected for a reason; `false` if it no longer waited.
///
/// # Errors
/// What the database says.
pub async fn reject(tx: &mut Tx, id: StatementId, reason: &str, now: Time) -> Result<bool> {
    let changed = run!(
        tx,
        "UPDATE statements SET state = 'rejected', reason = $2, settled_at = $3 WHERE puid = $1 AND state = 'waiting'",
        id.to_string(),
        reason,
        now.0
    )?;
    Ok(changed == 1)
}

/// Withdraws what still waits of a decision that was taken back before anybody knew of it.
///
/// # Errors
/// What the database says.
pub async fn withdraw(tx: &mut Tx, decision: DecisionId, now: Time) -> Result<u64> {
    run!(
        tx,
        "UPDATE statements SET state = 'withdrawn', settled_at = $2 WHERE decision_id = $1 AND state = 'waiting'",
        decision.to_string(),
        now.0
    )
}

row! {
    struct ListingRow { listing_id: String, }
}

/// Listings that a decision keeps down without a statement: there are none, and this is how to see it.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn unexplained(conn: &mut Conn, limit: i64) -> Result<Vec<ListingId>> {
    all!(
        conn,
        ListingRow,
        "SELECT c.listing_id FROM cases c JOIN listings l ON l.id = c.listing_id AND l.state = 'removed'
         WHERE c.down = 1 AND NOT EXISTS (
            SELECT 1 FROM statements s WHERE s.decision_id = c.decision_id AND s.measure = 'listing') LIMIT $1",
        limit
    )?
    .into_iter()
    .map(|row| {
        row.listing_id.parse().map_err(|e| Error::Corrupt {
            table: "listings",
            id: row.listing_id.clone(),
            problem: format!("{e}"),
        })
    })
    .collect()
}

/// Lets rejected ones wait again, due now; gives those that were.
///
/// # Errors
/// What the database says.
pub async fn retry(tx: &mut Tx, which: &[StatementId], now: Time) -> Result<Vec<StatementId>> {
    ids(all!(
        tx,
        IdRow,
        "UPDATE statements SET state = 'waiting', reason = NULL, settled_at = NULL, due_at = $2
         WHERE puid = ANY($1) AND state = 'rejected' RETURNING puid",
        which.iter().collect::<List>(),
        now.0
    )?)
}
