//! The screen as a pure function of the model.

mod bars;
mod batch;
mod board;
mod case;
mod cover;
mod dialog;
mod figures;
mod filter;
mod group;
mod help;
pub mod layout;
mod paint;
mod picture;
mod queue;
mod strip;
mod text;

use jointforce_shared::{domain::safe_text, store::queue::QueueRow};
use ratatui::{buffer::Buffer, layout::Rect};

pub use self::board::deeds;
use self::paint::Paint;
use crate::{
    keys::Intent,
    model::{Model, dialog::Dialog, group::Group},
    theme::Theme,
};

/// Draws the model into `buf`, whose area begins at 0, 0.
pub fn view(model: &Model, theme: &Theme, buf: &mut Buffer) {
    let area = buf.area;
    if area.is_empty() {
        return;
    }
    let mut paint = Paint::new(buf, theme);
    if let Some(line) = &model.cover {
        return cover::draw(model, line, &mut paint, area);
    }
    if area.width < layout::LEAST.0 || area.height < layout::LEAST.1 {
        return too_small(model, &mut paint, area);
    }
    bars::top(model, &mut paint, area);
    let body = Rect { y: 1, height: area.height - 3, ..area };
    match (&model.board, &model.open) {
        (Some(board), _) => board::draw(model, board, &mut paint, body),
        (None, Some(open)) => case::draw(model, open, &mut paint, body),
        (None, None) => queue::draw(model, &mut paint, body),
    }
    bars::bottom(model, &mut paint, area);
    if let Some(dialog) = &model.dialog {
        dialog::draw(model, dialog, &mut paint, area);
    }
}

/// The text of the screen, a line a row.
pub fn text(buf: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buf.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buf.area.width {
            let symbol = buf[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
                skip = paint::width(symbol).max(1);
            }
            skip -= 1;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Makes ASCII of everything in `buf`; what no character stands for becomes `?`, in as many cells as it had.
pub fn to_ascii(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        if cell.symbol() == "▀" {
            // Two pixels of a picture: the ground alone still is one of them.
            cell.set_char(' ');
            continue;
        }
        let mut chars = cell.symbol().chars();
        let plain = chars.next().and_then(safe_text::ascii).unwrap_or('?');
        cell.set_char(plain);
    }
}

/// What stands above a group.
pub fn group_title(model: &Model, alike: &Group) -> String {
    group::title(alike, model.key(Intent::Group))
}

/// When a row of the queue is due.
pub fn due_words(model: &Model, row: &QueueRow) -> String {
    queue::due(row.factors.due, model).0
}

/// What is going on with a row of the queue.
pub fn state_words(model: &Model, row: &QueueRow) -> String {
    queue::state(model, row).0
}

/// The dialog, or else the open case, as lines of text without a screen around it.
pub fn words(model: &Model, size: (u16, u16)) -> Vec<String> {
    let (title, lines) = match (&model.dialog, &model.open) {
        (Some(dialog), _) => {
            // Figures are made for a screen; anything else is said in whole lines.
            let width =
                if matches!(dialog, Dialog::Figures(_) | Dialog::Picture(_)) { 68 } else { usize::from(size.0) };
            let (title, lines, _) = dialog::content(model, dialog, &Theme::MONO, size, width);
            (Some(title).filter(|title: &String| !title.is_empty()), lines)
        }
        (None, Some(open)) => (None, case::document(model, open, &Theme::MONO, size.0).lines),
        (None, None) => (None, vec![]),
    };
    let lines = lines.iter().map(|line| paint::text_of(line).trim_end().to_owned());
    title.map(|title| format!("{title}:")).into_iter().chain(lines).collect()
}

/// A terminal in which nothing fits still says which case is next and what to do.
fn too_small(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let width = usize::from(area.width);
    let theme = *paint.theme;
    let mut lines = vec![];
    if let Some(toast) = model.toast.as_ref().filter(|toast| toast.bad) {
        lines.push(paint::cell(&toast.words, width));
    }
    if model.dialog.is_some() {
        lines.push(paint::cell("Esc: back", width));
    }
    match model.queue.selected() {
        Some(row) => {
            lines.push(queue::due(row.factors.due, model).0);
            lines.push(paint::cell(&row.title, width));
        }
        None => lines.push(if model.queue.loaded { "No cases".into() } else { "Reading".into() }),
    }
    lines.push(format!("enlarge {}x{}", layout::LEAST.0, layout::LEAST.1));
    for (y, line) in (0..area.height).zip(lines) {
        paint.text(0, y, area.width, &line, theme.text);
    }
}

/// The furthest that the text on the screen can be scrolled.
pub fn scroll_end(model: &Model) -> usize {
    match (&model.dialog, &model.open) {
        (Some(Dialog::Help(_)), _) => {
            let (width, height) = layout::dialog(model.size);
            help::lines(model, &Theme::MONO, usize::from(width)).len().saturating_sub(usize::from(height))
        }
        (Some(Dialog::Reading(reading)), _) => {
            let (width, height) = layout::dialog(model.size);
            text::lines(reading, &Theme::MONO, usize::from(width)).len().saturating_sub(usize::from(height))
        }
        (Some(Dialog::Figures(shown)), _) => {
            figures::lines(model, shown, &Theme::MONO, model.size).len().saturating_sub(figures::rows(model.size))
        }
        (Some(Dialog::Results(results)), _) => results.targets.len().saturating_sub(layout::dialog_rows(model.size)),
        (_, Some(open)) => {
            let lines = case::document(model, open, &Theme::MONO, model.size.0).lines.len();
            lines.saturating_sub(layout::case_rows(model.size))
        }
        _ => 0,
    }
}

/// The lines at which the sections of the open case begin.
pub fn sections(model: &Model) -> Vec<usize> {
    model.open.as_ref().map_or_else(Vec::new, |open| case::document(model, open, &Theme::MONO, model.size.0).starts)
}

#[cfg(test)]
pub mod tests;
