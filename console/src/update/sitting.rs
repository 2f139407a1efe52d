//! Coming back to where one sat when the connection was lost.

use std::time::Duration;

use jointforce_shared::domain::{
    sitting::{Seat, Sitting, Writing},
    time::Time,
};

use jointforce_shared::store::sittings::SILENT;

use super::screens;
use crate::{
    deed::Deed,
    model::{Model, dialog::Dialog, line::Line},
    msg::Cmd,
};

/// Where one sits now.
pub fn now(model: &Model) -> Sitting {
    let draft = match &model.dialog {
        Some(Dialog::Note(_, line)) => Some((Writing::Note, line)),
        Some(Dialog::HoldWhy(_, span, line)) => Some((Writing::Hold(span.as_secs() / 3600), line)),
        Some(Dialog::Say(Deed::Tell(_, to), line)) => Some((Writing::Tell(*to), line)),
        Some(Dialog::Say(Deed::Escalate(_, desk), line)) => Some((Writing::Escalate(*desk), line)),
        _ => None,
    };
    let draft =
        draft.filter(|(_, line)| !line.text().is_empty()).map(|(writing, line)| (writing, line.text().to_owned()));
    // A filter that is still typed is not yet what one wants to see.
    let ask = match &model.dialog {
        Some(Dialog::Filter(asking)) => &asking.before,
        _ => &model.queue.ask,
    };
    let case = match &model.open {
        Some(open) => Some(open.case),
        // A draft about a row of the queue is about that case.
        None => draft.as_ref().and_then(|_| model.focus()),
    };
    // What waits to be taken up again is not lost by another cut.
    let draft = draft.or_else(|| model.draft.clone()).filter(|_| case.is_some());
    let seat = match (&model.board, &model.open) {
        _ if model.cover.is_some() => Seat::Away,
        (Some(board), _) => Seat::Board(board.kind.title().to_owned()),
        (None, Some(_)) => Seat::Case,
        (None, None) => Seat::Queue,
    };
    Sitting { ask: ask.clone(), case, draft, seat }
}

/// How often it is said that one still sits here, in microseconds: three beats in the time after which one is gone.
const BEAT: i64 = SILENT / 3;

/// Keeps where one sits, if that changed, and says now and then that one is still there.
pub fn tick(model: &mut Model) -> Option<Cmd> {
    // Before it is known where one sat last, nothing may be written over it.
    let kept = model.sat.as_ref()?;
    let now = now(model);
    let changed = *kept != now;
    if !changed && model.beat_at > model.now {
        return None;
    }
    model.beat_at = Time(model.now.0 + BEAT);
    if !changed {
        return Some(Cmd::Beat(Box::new(now)));
    }
    model.sat = Some(now.clone());
    Some(Cmd::Sit(Box::new(now)))
}

/// Where one sat last came.
pub fn resume(model: &mut Model, last: Option<Sitting>) -> Vec<Cmd> {
    let fresh = model.sat.is_none() && model.open.is_none() && model.board.is_none() && model.dialog.is_none();
    model.sat = Some(now(model));
    let Some(last) = last.filter(|last| fresh && !last.is_empty()) else { return vec![] };
    let mut cmds = screens::filter(model, last.ask);
    if let Some(case) = last.case {
        model.draft = last.draft;
        cmds.extend(screens::open(model, case, String::new()));
    }
    // From now on it is this console's, so that its quit takes it away.
    let here = now(model);
    model.sat = Some(here.clone());
    cmds.push(Cmd::Sit(Box::new(here)));
    model.say(false, "You are where your last sitting broke off");
    cmds
}

/// The case came: what was being written about it is there again.
pub fn take_up(model: &mut Model) {
    if model.dialog.is_some() || model.open.is_none() {
        return;
    }
    let Some(target) = model.target() else { return };
    let Some((writing, text)) = model.draft.take() else { return };
    let line = Line::new(&text);
    model.dialog = Some(match writing {
        Writing::Note => Dialog::Note(target, line),
        Writing::Hold(hours) => Dialog::HoldWhy(target, Duration::from_secs(hours * 3600), line),
        Writing::Tell(to) => Dialog::Say(Deed::Tell(target, to), line),
        Writing::Escalate(desk) => Dialog::Say(Deed::Escalate(target, desk), line),
    });
}
