//! Sellers' money that is kept back: those first who asked for it.

use jointforce_shared::{
    domain::{operator::Permission, payout::PayoutHold, time::span_words},
    store::{
        self, Conn, penalties,
        sellers::{self, SellerRecord},
    },
};

use super::{ROWS, Reader, Row};
use crate::deed::{Deed, Proof};

pub(super) async fn kept(conn: &mut Conn, reader: &Reader) -> store::db::Result<Vec<Row>> {
    let mut holds = penalties::asked(conn, false, ROWS).await?;
    holds.sort_by_key(|hold| hold.asked.is_none());
    let records = sellers::get_many(conn, holds.iter().map(|hold| &hold.seller)).await?;
    let of = |hold: &PayoutHold| records.iter().find(|record| record.seller.id == hold.seller);
    Ok(holds.iter().map(|hold| row(reader, hold, of(hold))).collect())
}

fn row(reader: &Reader, hold: &PayoutHold, seller: Option<&SellerRecord>) -> Row {
    let may = reader.me.role.may(Permission::Overturn);
    let name = seller.map_or_else(|| hold.seller.to_string(), |record| record.seller.name.clone());
    let mut details = vec![];
    if let Some((_, words)) = &hold.asked {
        details.push(format!("The seller asks: “{words}”"));
    }
    if let Some(record) = seller {
        details.push(format!("Seller {}: {}, {} points", hold.seller, record.level, record.points));
    }
    let left = span_words(hold.until.since(reader.now).max(0));
    details.push(format!("It ends by itself in {left}; the seller may ask from {:.10}.", hold.ask_from.to_string()));
    Row {
        key: hold.id.to_string(),
        since: hold.held,
        title: match &hold.asked {
            Some((_, words)) => format!("{name} asks: {words}"),
            None => name,
        },
        state: if hold.asked.is_some() { "asked for".into() } else { "kept back".into() },
        details,
        case: None,
        yes: may.then(|| Deed::ReleasePayout(hold.seller.clone())),
        proof: may.then(|| Proof {
            about: format!("release the money of seller {} for good", hold.seller),
            asks: "the seller's id",
            typed: hold.seller.to_string(),
        }),
        no: (may && hold.asked.is_some()).then(|| Deed::KeepPayout(hold.seller.clone())),
        barred: (!may).then(|| "Only a senior says what becomes of money".to_owned()),
    }
}
