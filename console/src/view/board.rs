//! A board: its rows, and the selected one in full below them.

use jointforce_shared::domain::time::span_words;
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::paint::{Paint, cell, told};
use crate::{
    board::{Board, Row},
    deed::Deed,
    keys::Intent,
    model::Model,
};

/// Lines for the selected row at most, its rule included.
const DETAILS: u16 = 11;

pub fn draw(model: &Model, board: &Board, paint: &mut Paint<'_>, body: Rect) {
    let theme = *paint.theme;
    let Some(rows) = &board.rows else {
        return paint.text(body.x + 2, body.y, body.width.saturating_sub(2), "Reading", theme.dim);
    };
    if rows.is_empty() {
        return paint.text(
            body.x + 2,
            body.y,
            body.width.saturating_sub(2),
            &board.kind.nothing(&model.own.keys),
            theme.dim,
        );
    }
    let below = if body.height >= 9 { DETAILS.min(body.height * 2 / 3) } else { 0 };
    // Names of the columns, where there is room for them.
    let names = u16::from(below > 0);
    let height = usize::from(body.height - below - names).max(1);
    let width = usize::from(body.width);
    let state = if width < 60 { 0 } else { 18 };
    if names > 0 {
        let state = if state > 0 { "STATE" } else { "" };
        let line = format!("  {} {} {state}", cell("SINCE", 9), cell("WHAT", width.saturating_sub(31)));
        paint.text(body.x, body.y, body.width, &line, theme.dim);
    }
    let top = (board.cursor + 1).saturating_sub(height);
    for (y, (n, row)) in (body.y + names..body.bottom() - below).zip(rows.iter().enumerate().skip(top)) {
        let since = cell(&span_words(model.now.since(row.since).max(0)), 9);
        let line = Line::from(vec![
            Span::styled(if n == board.cursor { "> " } else { "  " }, theme.head),
            Span::styled(since + " ", theme.dim),
            Span::styled(
                cell(&row.title, width.saturating_sub(13 + state)) + " ",
                if row.barred.is_some() { theme.dim } else { theme.text },
            ),
            Span::styled(cell(&row.state, state), theme.warn),
        ]);
        paint.line(body.x, y, body.width, &line);
    }
    if let Some(row) = board.selected().filter(|_| below > 0) {
        let y = body.bottom() - below;
        paint.rule(body.x, y, body.width, theme.dim);
        let room = width.saturating_sub(4);
        let mut lines = told(&row.title, room, 2, theme.cursor);
        if let Some(why) = &row.barred {
            lines.extend(told(why, room, 2, theme.warn));
        }
        for words in &row.details {
            lines.extend(told(words, room, 3, theme.text));
        }
        let room = usize::from(below).saturating_sub(2);
        if lines.len() > room {
            lines.truncate(room.saturating_sub(1));
            lines.push(Line::styled("…", theme.dim));
        }
        lines.push(answers(model, row, paint));
        for (y, line) in (y + 1..body.bottom()).zip(lines) {
            paint.line(body.x + 2, y, body.width.saturating_sub(2), &line);
        }
    }
}

/// What can be done with a row, each with what it is called.
pub fn deeds(row: &Row) -> Vec<(Intent, String)> {
    let all = [
        (Intent::Yes, row.yes.as_ref().map(Deed::name)),
        (Intent::No, row.no.as_ref().map(Deed::name)),
        (Intent::Open, row.case.map(|_| "its case".to_owned())),
    ];
    all.into_iter().filter_map(|(intent, name)| Some((intent, name?))).collect()
}

fn answers(model: &Model, row: &Row, paint: &Paint<'_>) -> Line<'static> {
    let theme = paint.theme;
    let mut spans = vec![];
    for (intent, name) in deeds(row) {
        spans.push(Span::styled(model.key(intent), theme.key));
        spans.push(Span::styled(format!(" {name}   "), theme.text));
    }
    Line::from(spans)
}
