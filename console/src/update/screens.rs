//! From the queue into a case, on to the next one, and back.

use jointforce_shared::domain::{ask::Ask, ids::CaseId, policy::Policy, time::Time};

use super::board;
use crate::{
    keys::Intent,
    model::{Lease, Model, Open, queue::Step},
    msg::Cmd,
};

/// An open case is read again this often, in microseconds.
pub const RELOAD: i64 = 5 * Time::SECOND;
/// Cases read ahead.
const AHEAD: usize = 3;

/// How often a lease is renewed: three heartbeats in its time, in microseconds.
pub fn renew_every(policy: &Policy) -> i64 {
    i64::try_from(policy.lease.as_micros() / 3).unwrap_or(Time::MINUTE)
}

pub fn open_selected(model: &mut Model) -> Vec<Cmd> {
    let Some(row) = model.queue.selected() else { return vec![] };
    let (case, title) = (row.place.case, row.title.clone());
    open(model, case, title)
}

pub fn open(model: &mut Model, case: CaseId, title: String) -> Vec<Cmd> {
    let mut cmds = leave(model);
    let lease = if model.may_decide() { Lease::Asked } else { Lease::None };
    model.open = Some(Open {
        case,
        title,
        scroll: 0,
        lease,
        renew_at: Time(model.now.0 + renew_every(&model.policy)),
        reload_at: Time(model.now.0 + RELOAD),
        unknown: false,
        board: None,
    });
    if lease == Lease::Asked {
        cmds.push(Cmd::Lease(case));
    }
    // Shown at once if it was read ahead, and read again all the same: it may have changed.
    cmds.push(Cmd::Dossier(case));
    if let Some(at) = model.queue.position(case) {
        let height = model.queue_height();
        model.queue.go(at, height);
        cmds.extend(model.extend());
    }
    cmds
}

/// Gives the lease on the open case back.
pub fn leave(model: &mut Model) -> Vec<Cmd> {
    match model.open.take() {
        Some(open) if matches!(open.lease, Lease::Ours | Lease::Asked) => vec![Cmd::Release(open.case)],
        _ => vec![],
    }
}

/// Back to where the case was opened: the queue, or a board.
pub fn close(model: &mut Model) -> Vec<Cmd> {
    let board = model.open.as_mut().and_then(|open| open.board.take());
    let mut cmds = leave(model);
    if let Some(board) = board {
        cmds.push(board::back(model, board));
        return cmds;
    }
    cmds.extend(model.load(Step::Again));
    cmds
}

/// The nearest case after (or before) `case` that is free to be worked on.
fn neighbour(model: &Model, case: CaseId, on: bool) -> Option<usize> {
    let queue = &model.queue;
    let at = queue.position(case).unwrap_or(queue.cursor);
    let free = |index: &usize| {
        queue.rows.get(*index).is_some_and(|row| {
            let others = |who: &Option<_>| who.as_ref().is_some_and(|who| *who != model.me.id);
            row.place.case != case
                && !model.sent.contains_key(&row.place.case)
                && !others(&row.lease_by)
                && !others(&row.held_by)
        })
    };
    if on { (at..queue.rows.len()).find(free) } else { (0..at).rev().find(free) }
}

/// Opens the next or the previous case.
pub fn step(model: &mut Model, on: bool) -> Vec<Cmd> {
    let Some(open_case) = model.open.as_ref().map(|open| open.case) else { return vec![] };
    match neighbour(model, open_case, on).and_then(|at| model.queue.rows.get(at)) {
        Some(row) => {
            let (case, title) = (row.place.case, row.title.clone());
            open(model, case, title)
        }
        None if on => {
            model.say(false, "That was the last case that is free here");
            close(model)
        }
        None => {
            model.say(false, "This is the first case that is free here");
            vec![]
        }
    }
}

/// Moves on after something was done to `case`: the next case is opened, or the cursor goes to the next row.
pub fn advance(model: &mut Model, case: CaseId) -> Vec<Cmd> {
    if model.open.as_ref().is_some_and(|open| open.case == case) {
        // What was sent ends the lease by itself, and a release behind it would only cost another transaction.
        model.open = model.open.take().map(|open| Open { lease: Lease::None, ..open });
        return step(model, true);
    }
    if model.focus() != Some(case) {
        return vec![];
    }
    let next = neighbour(model, case, true).or_else(|| neighbour(model, case, false));
    if let Some(at) = next {
        let height = model.queue_height();
        model.queue.go(at, height);
    }
    model.extend().into_iter().collect()
}

/// Reads the next cases ahead.
pub fn prefetch(model: &Model) -> Vec<Cmd> {
    let from = model.queue.cursor + 1;
    let next = model.queue.rows.iter().skip(from).take(AHEAD).map(|row| row.place.case);
    next.filter(|case| !model.dossiers.contains_key(case)).map(Cmd::Dossier).collect()
}

pub fn narrow(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let brand_and_seller = match &model.open {
        Some(open) => model.dossier(open.case).map(|kept| (kept.case.brand.clone(), kept.case.seller.clone())),
        None => model.queue.selected().map(|row| (row.brand.clone(), row.seller.clone())),
    };
    let ask = match (intent, brand_and_seller) {
        (Intent::OnlyBrand, Some((brand, _))) => Ask::brand(&brand),
        (Intent::OnlySeller, Some((_, seller))) => Ask::seller(&seller),
        (Intent::Unfilter, _) => Ask::default(),
        _ => return vec![],
    };
    let mut cmds = leave(model);
    cmds.extend(filter(model, ask));
    cmds
}

/// Shows another part of the queue, from its head; the cursor stays on its case if it is there.
pub fn filter(model: &mut Model, ask: Ask) -> Vec<Cmd> {
    model.queue.ask = ask;
    model.queue.loaded = false;
    model.marks.clear();
    model.load(Step::Head).into_iter().collect()
}
