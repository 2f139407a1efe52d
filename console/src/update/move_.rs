//! Moving the cursor, and scrolling.

use super::picture;
use crate::{
    keys::{Intent, Place},
    model::{Model, dialog::Dialog, queue::Step},
    msg::Cmd,
    view::{layout, scroll_end, sections},
};

pub fn by(model: &mut Model, intent: Intent, place: Place) -> Vec<Cmd> {
    match place {
        Place::Queue => queue(model, intent),
        Place::Board => {
            board(model, intent);
            vec![]
        }
        Place::Case => {
            case(model, intent);
            vec![]
        }
        _ if matches!(model.dialog, Some(Dialog::Picture(_))) => picture::turn(model, intent),
        _ => {
            pager(model, intent);
            vec![]
        }
    }
}

fn queue(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let height = model.queue_height().max(1);
    if intent == Intent::First && model.queue.after.is_some() {
        return model.load(Step::Head).into_iter().collect();
    }
    let to = moved(intent, model.queue.cursor, height, model.queue.rows.len().saturating_sub(1));
    model.queue.go(to, height);
    model.moves = true;
    model.extend().into_iter().collect()
}

fn board(model: &mut Model, intent: Intent) {
    let height = layout::case_rows(model.size).max(1);
    let Some(board) = &mut model.board else { return };
    let last = board.rows.as_ref().map_or(0, Vec::len).saturating_sub(1);
    board.cursor = moved(intent, board.cursor, height, last);
}

fn case(model: &mut Model, intent: Intent) {
    let height = layout::case_rows(model.size).max(1);
    let end = scroll_end(model);
    let starts = if intent == Intent::Section { sections(model) } else { vec![] };
    let Some(open) = &mut model.open else { return };
    open.scroll = if intent == Intent::Section {
        let at = open.scroll.min(end);
        starts.iter().copied().map(|start| start.min(end)).find(|start| *start > at).unwrap_or(0)
    } else {
        moved(intent, open.scroll.min(end), height, end)
    };
}

fn pager(model: &mut Model, intent: Intent) {
    let height = layout::dialog_rows(model.size).max(1);
    let end = scroll_end(model);
    match &mut model.dialog {
        Some(Dialog::Help(scroll)) => *scroll = moved(intent, (*scroll).min(end), height, end),
        Some(Dialog::Group(group)) => {
            let last = group.kin.as_ref().map_or(0, Vec::len).saturating_sub(1);
            group.cursor = moved(intent, group.cursor, height, last);
        }
        Some(Dialog::Reading(reading)) => {
            reading.scroll = moved(intent, reading.scroll.min(end), height, end);
        }
        Some(Dialog::Figures(figures)) => {
            figures.scroll = moved(intent, figures.scroll.min(end), height, end);
        }
        Some(Dialog::Results(results)) => {
            results.scroll = moved(intent, results.scroll.min(end), height, end);
        }
        _ => {}
    }
}

/// Where one comes to from `at`, on a screen of `height` lines, when `last` is the last place.
fn moved(intent: Intent, at: usize, height: usize, last: usize) -> usize {
    let half = (height / 2).max(1);
    let to = match intent {
        Intent::Down => at + 1,
        Intent::Up => at.saturating_sub(1),
        Intent::HalfDown => at + half,
        Intent::HalfUp => at.saturating_sub(half),
        Intent::PageDown => at + height,
        Intent::PageUp => at.saturating_sub(height),
        Intent::First => 0,
        Intent::Last => last,
        _ => at,
    };
    to.min(last)
}
