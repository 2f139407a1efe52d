//! The lanes on which what is decided is carried out, those that stand still first.

use jointforce_shared::{
    domain::{effect::LaneState, operator::Permission, time::span_words},
    store::{
        self, Conn,
        effects::flows::{self, Waiting},
        lanes,
    },
};

use super::{Reader, Row};
use crate::deed::Deed;

pub(super) async fn all(conn: &mut Conn, reader: &Reader) -> store::db::Result<Vec<Row>> {
    let waiting = flows::waiting(conn, reader.now).await?;
    let mut lanes = lanes::list(conn).await?;
    lanes.sort_by_key(|state| (state.paused.is_none(), state.lane));
    let rows = lanes.into_iter().map(|state| {
        let waiting = waiting.iter().find(|waiting| waiting.lane == state.lane);
        row(state, waiting, reader)
    });
    Ok(rows.collect())
}

fn row(state: LaneState, waiting: Option<&Waiting>, reader: &Reader) -> Row {
    let (due, held) = waiting.map_or((0, 0), |waiting| (waiting.due, waiting.held));
    let may = reader.me.role.may(Permission::RunEffects);
    let (title, why) = match &state.paused {
        Some(paused) => (
            format!("{}, {}: paused by {}: {}", state.lane, state.lane.title(), paused.by, paused.reason),
            format!("Paused by {}: {}", paused.by, paused.reason),
        ),
        None => (format!("{}, {}", state.lane, state.lane.title()), "It runs.".to_owned()),
    };
    let mut details = vec![why];
    details.push(match waiting.and_then(|waiting| waiting.oldest) {
        Some(oldest) => format!("{due} due, the oldest for {}", span_words(reader.now.since(oldest).max(0))),
        None if held > 0 => "What is due on it is held.".to_owned(),
        None => "Nothing is due on it.".to_owned(),
    });
    details.extend((held > 0).then(|| format!("{held} held: it is paused, or whom they are for takes nothing.")));
    details.extend(state.rate.map(|rate| format!("At most {rate} are begun in a second.")));
    let paused = state.paused.is_some();
    Row {
        key: state.lane.to_string(),
        since: state.paused.map_or(reader.now, |paused| paused.at),
        title,
        state: if paused { "PAUSED".to_owned() } else { format!("{due} due") },
        details,
        case: None,
        yes: (may && paused).then_some(Deed::ResumeLane(state.lane)),
        proof: None,
        no: (may && !paused).then_some(Deed::PauseLane(state.lane)),
        barred: (!may).then(|| "Only on-call and seniors pause a lane".to_owned()),
    }
}
