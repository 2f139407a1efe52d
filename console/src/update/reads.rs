//! What was read comes back.

use std::sync::Arc;

use jointforce_shared::{
    domain::{case::State, ids::CaseId, time::Time},
    store::{dossier::Dossier, queue::QueueRow},
};

use super::{screens, sitting};
use crate::{
    model::{
        Lease, Model,
        queue::{REFRESH, SILENT_MAX},
    },
    msg::{Cmd, Failure, Read},
};

/// How soon a read that failed is tried again, in microseconds: whoever refuses at once is not asked without a pause.
const AGAIN: i64 = Time::SECOND;

pub fn queue(model: &mut Model, ticket: u64, rows: Vec<QueueRow>) -> Vec<Cmd> {
    back(model);
    let known: Vec<_> = rows.iter().map(|row| (row.place.case, row.version, row.points, row.level)).collect();
    let mut cmds = model.put_rows(ticket, rows);
    // A case that changed since it was read is read again when it is looked at.
    let focus = model.focus();
    for (case, version, points, level) in known {
        let Some(kept) = model.dossier(case) else { continue };
        let seller = &kept.seller;
        let differs = kept.case.version != version || seller.points != points || seller.level != level;
        if differs && Some(case) != focus {
            model.dossiers.remove(&case);
        } else if differs && model.open.is_none() {
            // What stands beside the list stays there until the new one comes.
            cmds.push(Cmd::Dossier(case));
        }
    }
    cmds
}

/// The database is looking through the queue: it is there, and at work.
pub fn looked(model: &mut Model, ticket: u64, cases: u64) {
    back(model);
    if model.queue.asked.is_some_and(|(asked, _)| asked == ticket) {
        model.queue.looked = cases;
        model.queue.silent = 0;
        model.queue.refresh_at = Time(model.now.0 + REFRESH);
    }
}

pub fn dossier(model: &mut Model, case: CaseId, dossier: Option<Box<Dossier>>) -> Vec<Cmd> {
    back(model);
    let Some(dossier) = dossier else {
        if let Some(open) = model.open.as_mut().filter(|open| open.case == case) {
            open.unknown = true;
        }
        return vec![];
    };
    let older = model.dossier(case).is_some_and(|kept| kept.case.version > dossier.case.version);
    if older {
        return vec![];
    }
    let changed = model.dossier(case).is_some_and(|kept| kept.case.version != dossier.case.version);
    if let Some(open) = model.open.as_mut().filter(|open| open.case == case) {
        open.reload_at = Time(model.now.0 + screens::RELOAD);
        if changed {
            // What is on the screen now was not there when the person last looked.
            model.seen = None;
            if let State::Decided { by, verdict, .. } = &dossier.case.state
                && *by != model.me.id
            {
                let words = format!("{by} decided this case meanwhile ({verdict})");
                model.keep(Arc::from(dossier));
                model.fail(words);
                return vec![];
            }
        }
    }
    model.keep(Arc::from(dossier));
    sitting::take_up(model);
    if model.open.as_ref().is_some_and(|open| open.case == case) { screens::prefetch(model) } else { vec![] }
}

pub fn leased(model: &mut Model, case: CaseId, ours: bool) -> Vec<Cmd> {
    back(model);
    if model.cover.is_some() {
        // Asked for before the screen was covered.
        return if ours { vec![Cmd::Release(case)] } else { vec![] };
    }
    let Some(open) = model.open.as_mut().filter(|open| open.case == case) else {
        // The screen has moved on: the lease was for nothing.
        return if ours { vec![Cmd::Release(case)] } else { vec![] };
    };
    let lost = open.lease == Lease::Ours && !ours;
    open.lease = if ours { Lease::Ours } else { Lease::Refused };
    // Nobody takes a lease on what is decided: that is no news. Nor is it before the case was read.
    let is_news = lost || model.dossier(case).is_some_and(|kept| !kept.case.state.is_decided());
    if !ours && is_news && !model.sent.contains_key(&case) {
        let who = model.dossier(case).and_then(|kept| kept.case.lease.as_ref()).filter(|lease| lease.by != model.me.id);
        let who = who.map_or_else(|| "Somebody else".to_owned(), |lease| lease.by.to_string());
        let how = if lost { "The lease ran out, and " } else { "" };
        model.fail(format!("{how}{who} has this case. You can read it."));
        return vec![Cmd::Dossier(case)];
    }
    vec![]
}

pub fn failed(model: &mut Model, read: Read, failure: &Failure) -> Vec<Cmd> {
    met(model, Some(failure));
    tell(model, failure);
    match read {
        Read::Queue(ticket) => {
            if model.queue.asked.is_some_and(|(asked, _)| asked == ticket) {
                model.queue.silent = SILENT_MAX;
                model.queue.refresh_at = Time(model.now.0 + AGAIN);
            }
        }
        Read::Dossier(case) => {
            if let Some(open) = model.open.as_mut().filter(|open| open.case == case) {
                open.reload_at = Time(model.now.0 + AGAIN);
            } else {
                model.read_again(case, Time(model.now.0 + AGAIN));
            }
        }
        Read::Lease(case) => {
            if let Some(open) = model.open.as_mut().filter(|open| open.case == case) {
                open.renew_at = Time(model.now.0 + AGAIN);
                if !failure.away {
                    open.lease = Lease::Refused;
                }
            }
        }
        Read::Staff => {}
    }
    vec![]
}

/// What a read brought. Why it brought nothing is told.
pub fn heard<T>(model: &mut Model, outcome: Result<T, Failure>) -> Option<T> {
    met(model, outcome.as_ref().err());
    outcome.map_err(|failure| tell(model, &failure)).ok()
}

/// The database was asked for something, and failed or not: whether it is there. A refusal is an answer.
pub fn met(model: &mut Model, failure: Option<&Failure>) {
    match failure {
        Some(failure) if failure.away => {
            model.away.get_or_insert(model.now);
        }
        _ => back(model),
    }
}

/// That the database is away stands in the bar.
fn tell(model: &mut Model, failure: &Failure) {
    if !failure.away {
        model.fail(failure.words.clone());
    }
}

/// The database answered.
pub fn back(model: &mut Model) {
    model.queue.pinged = false;
    if model.away.take().is_some() {
        model.sellers.back(model.now);
        model.say(false, "The database is back");
    }
}
