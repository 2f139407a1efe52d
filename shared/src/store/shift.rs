//! What a shift leaves behind: the cases, effects and pages that wait.

use super::{
    approvals,
    db::{Conn, Error, Result, all, one, row},
    effects, pages,
};
use crate::domain::{
    brand::Tier,
    effect::EffectState,
    ids::OperatorId,
    page::OnCallPolicy,
    shift::{Asked, Dead, LIST, ShiftNote, Waiting},
    time::Time,
};

row! {
    struct WaitingRow {
        id: String,
        brand_id: String,
        listing_id: String,
        due_at: i64,
        desk: Option<String>,
        assigned_to: Option<String>,
        held_by: Option<String>,
        held_until: Option<i64>,
        hold_reason: Option<String>,
    }
}

impl WaitingRow {
    fn waiting(self) -> Result<Waiting> {
        let corrupt = |problem: String| Error::Corrupt { table: "cases", id: self.id.clone(), problem };
        let person = |id: Option<&str>| -> Result<Option<OperatorId>> {
            id.map(str::parse).transpose().map_err(|e: crate::domain::ids::BadId| corrupt(e.to_string()))
        };
        let held = person(self.held_by.as_deref())?.zip(self.held_until);
        Ok(Waiting {
            case: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand: self.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            listing: self.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            due: Time(self.due_at),
            desk: self.desk.as_deref().map(str::parse).transpose().map_err(corrupt)?,
            assigned: person(self.assigned_to.as_deref())?,
            held: held.map(|(by, until)| (by, Time(until), self.hold_reason.clone().unwrap_or_default())),
        })
    }
}

/// At most 50 cases that wait, by a condition and its order.
macro_rules! waiting {
    ($conn:expr, $where:literal $(, $arg:expr)*) => {
        all!(
            $conn,
            WaitingRow,
            concat!(
                "SELECT id, brand_id, listing_id, due_at, desk, assigned_to, held_by, held_until, hold_reason FROM cases WHERE ",
                $where,
                " LIMIT 50"
            )
            $(, $arg)*
        )?
        .into_iter()
        .map(WaitingRow::waiting)
        .collect::<Result<Vec<_>>>()
    };
}

row! {
    struct Counts { late: i64, raised: i64, resolved: i64, }
}

/// The note of a shift of `who` that began at `since`, as things stand at `at`.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn note(
    conn: &mut Conn,
    who: Option<OperatorId>,
    since: Time,
    at: Time,
    policy: &OnCallPolicy,
) -> Result<ShiftNote> {
    let late = waiting!(conn, "state IN ('open', 'held', 'appealed') AND due_at < $1 ORDER BY due_at", at.0)?;
    let mut near = vec![];
    for (tier, page) in &policy.sla {
        near.extend(near_breaches(conn, *tier, at, at + page.lead).await?);
    }
    near.sort_by_key(|case| (case.due, case.case));
    near.truncate(LIST);
    let held = waiting!(conn, "state = 'held' ORDER BY held_until")?;
    let escalated = waiting!(conn, "desk IS NOT NULL AND state IN ('open', 'held', 'appealed') ORDER BY due_at")?;
    let counts = one!(
        conn,
        Counts,
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM cases WHERE state IN ('open', 'held', 'appealed') AND due_at >= $1
                 AND due_at < $2 LIMIT 1000) a) AS late,
                (SELECT count(*) FROM pages WHERE raised_at >= $1) AS raised,
                (SELECT count(*) FROM pages WHERE resolved_at >= $1) AS resolved",
        since.0,
        at.0
    )?;
    let asked = approvals::queue(conn, None, 50).await?;
    let dead = effects::list(conn, Some(EffectState::Dead), None, 50).await?;
    let minute_ago = Time(at.0 - Time::MINUTE);
    Ok(ShiftNote {
        who,
        since,
        at,
        late,
        late_in_shift: counts.late,
        near,
        held,
        escalated,
        approvals: asked
            .into_iter()
            .map(|of| Asked { approval: of.id, what: of.wanted.words(), by: of.by, expires: of.expires })
            .collect(),
        dead: dead
            .into_iter()
            .map(|entry| Dead { effect: entry.id, kind: entry.kind, why: entry.last_error.unwrap_or_default() })
            .collect(),
        stuck: effects::backlog(conn, minute_ago).await?.overdue,
        pages: pages::open(conn, 50).await?,
        raised: counts.raised,
        resolved: counts.resolved,
    })
}

async fn near_breaches(conn: &mut Conn, tier: Tier, from: Time, until: Time) -> Result<Vec<Waiting>> {
    waiting!(
        conn,
        "state IN ('open', 'appealed') AND due_at >= $1 AND due_at < $2
         AND brand_id IN (SELECT id FROM brands WHERE tier = $3) ORDER BY due_at",
        from.0,
        until.0,
        tier.as_str()
    )
}
