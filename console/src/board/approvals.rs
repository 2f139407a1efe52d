//! What waits for a second person, with what it is about.

use jointforce_shared::{
    domain::{approval::Wanted, ids::SellerId, operator::Permission, time::span_words},
    store::{
        self, Conn,
        approvals::{self, Approval},
        find, sellers,
    },
};

use super::{ROWS, Reader, Row};
use crate::deed::{Deed, Proof};

/// Cases and sellers told in full with one request.
const TOLD: usize = 3;

pub(super) async fn waiting(conn: &mut Conn, reader: &Reader) -> store::db::Result<Vec<Row>> {
    let mut rows = vec![];
    for approval in approvals::queue(conn, None, ROWS).await? {
        let about = about(conn, &approval.wanted).await?;
        rows.push(row(reader, approval, about));
    }
    Ok(rows)
}

/// What the request is about, in words: whose listings, which sellers with which points.
async fn about(conn: &mut Conn, wanted: &Wanted) -> store::db::Result<Vec<String>> {
    let cases = wanted.cases();
    let ids: Vec<String> = cases.iter().take(TOLD).map(|seen| seen.case.to_string()).collect();
    let found = find::these(conn, &ids, 100).await?;
    let mut words: Vec<String> = found
        .into_iter()
        .map(|case| {
            let by = case.decided.map_or_else(String::new, |(by, _)| format!(" by {by}"));
            let (brand, seller) = (case.brand_name, case.seller_name);
            format!("{} · {brand} against {seller} · {}{by}", case.title, case.state)
        })
        .collect();
    if cases.len() > TOLD {
        words.push(format!("and {} more cases", cases.len() - TOLD));
    }
    let ids: Vec<&SellerId> = match wanted {
        Wanted::Terminate { seller, .. } => vec![seller],
        Wanted::PunishLinked { worst, sellers, .. } => std::iter::once(worst).chain(sellers).take(TOLD + 1).collect(),
        _ => vec![],
    };
    for record in sellers::get_many(conn, ids).await? {
        let (name, level, points) = (record.seller.name, record.level, record.points);
        words.push(format!("{name} ({}): {level}, {points} points, {} reports", record.seller.id, record.reports));
    }
    Ok(words)
}

/// What has to be typed before somebody says yes to what can't be taken back or hits many.
fn proof(wanted: &Wanted) -> Option<Proof> {
    let (asks, typed) = match wanted {
        Wanted::Terminate { seller, .. } => ("the seller's id", seller.to_string()),
        Wanted::PunishLinked { sellers, .. } => ("how many sellers it is", sellers.len().to_string()),
        Wanted::Decide { cases, .. } | Wanted::Undo { cases, .. } if cases.len() > 1 => {
            ("how many cases it is", cases.len().to_string())
        }
        Wanted::Decide { .. } | Wanted::Undo { .. } | Wanted::LetGo { .. } | Wanted::Policy { .. } => return None,
    };
    Some(Proof { about: wanted.words(), asks, typed })
}

fn row(reader: &Reader, approval: Approval, about: Vec<String>) -> Row {
    let own = approval.by == reader.me.id;
    let may = reader.me.role.may(Permission::Approve);
    let mut details = vec![format!(
        "Asked by {}, ends in {}. It takes two, because {}.",
        approval.by,
        span_words(approval.expires.since(reader.now).max(0)),
        approval.cause.because()
    )];
    if !approval.wanted.note().is_empty() {
        details.push(format!("“{}”", approval.wanted.note()));
    }
    details.extend(about);
    let barred = match (own, may) {
        (true, _) => Some("You asked for it yourself, so somebody else says yes; you can take it back".to_owned()),
        (_, false) => Some(format!("A role of {} approves nothing; a senior does", reader.me.role.title())),
        _ => None,
    };
    let id = approval.id;
    Row {
        key: id.to_string(),
        since: approval.at,
        title: approval.wanted.words(),
        state: if own { "yours".into() } else { format!("by {}", approval.by) },
        details,
        case: match approval.wanted.cases() {
            [one, ..] => Some(one.case),
            [] => None,
        },
        yes: (may && !own).then_some(Deed::Approve(id)),
        proof: proof(&approval.wanted),
        no: if own { Some(Deed::TakeRequestBack(id)) } else { may.then_some(Deed::Refuse(id)) },
        barred,
    }
}
