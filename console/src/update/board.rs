//! Boards: opening, moving, yes and no.

use super::{decide, deed, reads, screens};
use crate::{
    board::{Board, Kind, Row},
    keys::Intent,
    model::{Model, Open, SEEN_AFTER, dialog::Dialog, line::Line, queue::REFRESH, refresh::Refresh},
    msg::{Cmd, Failure},
};

/// Opens a board over the queue.
pub fn open(model: &mut Model, kind: Kind) -> Vec<Cmd> {
    let mut cmds = screens::leave(model);
    let refresh = Refresh::asked(REFRESH, model.now);
    model.board = Some(Board { kind: kind.clone(), rows: None, cursor: 0, refresh });
    model.seen_row = None;
    cmds.push(Cmd::Board(kind));
    cmds
}

/// Back from a case that was opened here, to the same row.
pub fn back(model: &mut Model, board: Board) -> Cmd {
    let kind = board.kind.clone();
    model.board = Some(Board { refresh: Refresh::asked(REFRESH, model.now), ..board });
    model.seen_row = None;
    Cmd::Board(kind)
}

pub fn close(model: &mut Model) -> Vec<Cmd> {
    model.board = None;
    model.load(crate::model::queue::Step::Again).into_iter().collect()
}

/// The rows came.
pub fn put(model: &mut Model, kind: &Kind, outcome: Result<Vec<Row>, Failure>) -> Vec<Cmd> {
    if model.board.as_ref().is_none_or(|board| board.kind != *kind) {
        return vec![];
    }
    let now = model.now;
    let rows = reads::heard(model, outcome);
    if let Some(board) = &mut model.board {
        board.refresh.answered(now);
        if let Some(rows) = rows {
            board.put(rows);
        }
    }
    vec![]
}

/// Time passed.
pub fn tick(model: &mut Model) -> Option<Cmd> {
    let now = model.now;
    let board = model.board.as_mut()?;
    board.refresh.is_due(now).then(|| Cmd::Board(board.kind.clone()))
}

/// Opens the case that the row is about.
pub fn open_case(model: &mut Model) -> Vec<Cmd> {
    let selected = model.board.as_ref().and_then(Board::selected);
    let Some((case, title)) = selected.and_then(|row| Some((row.case?, row.title.clone()))) else {
        model.say(true, "This row is about no case");
        return vec![];
    };
    let board = model.board.take();
    let cmds = screens::open(model, case, title);
    model.open = model.open.take().map(|open| Open { board, ..open });
    cmds
}

/// `y` or `x` on the selected row, if it has been on the screen long enough to have been read.
pub fn answer(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let Some(row) = model.board.as_ref().and_then(Board::selected) else { return vec![] };
    let seen =
        model.seen_row.as_ref().is_some_and(|(key, since)| *key == row.key && model.now.since(*since) >= SEEN_AFTER);
    let wanted = if intent == Intent::Yes { row.yes.clone() } else { row.no.clone() };
    let proof = row.proof.clone().filter(|_| intent == Intent::Yes);
    match wanted {
        _ if !seen => {
            model.say(true, "That came before the row was on the screen: nothing was done");
            vec![]
        }
        Some(_) if decide::is_held(model) => vec![],
        Some(wanted) => match proof {
            Some(proof) => {
                model.dialog = Some(Dialog::Sure(proof, wanted, Line::default()));
                vec![]
            }
            None => deed::chosen(model, wanted),
        },
        // Why not was said before it came here (see `keys::why_not`).
        None => vec![],
    }
}
