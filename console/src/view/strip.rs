//! The selected case in short: below the list, or beside it where there is room.

use jointforce_shared::{domain::priority, domain::safe_text::SafeText, store::queue::QueueRow};
use ratatui::{layout::Rect, text::Line};

use super::{case, paint::Paint, queue};
use crate::model::Model;

/// Below the list.
pub fn draw(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let theme = *paint.theme;
    paint.rule(area.x, area.y, area.width, theme.dim);
    let Some(row) = model.pane_row() else { return };
    let width = usize::from(area.width.saturating_sub(2));
    for (y, line) in (area.y + 1..area.bottom()).zip(lines(model, row, paint, width)) {
        paint.line(area.x + 2, y, area.width.saturating_sub(2), &line);
    }
}

/// Beside the list: the whole case once it is read, as far as it fits.
pub fn beside(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let Some(row) = model.pane_row() else { return };
    let width = usize::from(area.width);
    let lines = match model.kept(row.place.case) {
        Some(kept) => case::summary(model, kept, paint.theme, width),
        None => lines(model, row, paint, width),
    };
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        paint.line(area.x, y, area.width, &line);
    }
}

fn lines(model: &Model, row: &QueueRow, paint: &Paint<'_>, width: usize) -> Vec<Line<'static>> {
    let theme = paint.theme;
    let title = SafeText::line(&row.title, width);
    let mut lines = vec![Line::styled(title.into_string(), theme.cursor)];
    let seller = format!(
        "sold by {}, {} with {} points, {} report{}",
        SafeText::line(&row.seller_name, 40),
        row.level,
        row.points,
        row.factors.reports,
        if row.factors.reports == 1 { "" } else { "s" },
    );
    lines.push(Line::styled(SafeText::line(&seller, width).into_string(), theme.text));
    let brand = SafeText::line(&row.brand_name, 40);
    let why = format!("{brand}: {}", priority::why(&row.factors, model.now).join(", "));
    lines.extend(super::paint::block(&why, width, 2, theme.text));
    let (state, _) = queue::state(model, row);
    let failed = model.sent.get(&row.place.case).and_then(|sent| sent.failed.as_deref());
    if let Some(failed) = failed {
        lines.insert(1, Line::styled(format!("failed: {}", SafeText::line(failed, width)), theme.bad));
    } else if !state.is_empty() {
        lines.push(Line::styled(SafeText::line(&state, width).into_string(), theme.warn));
    }
    let badges = model.queue.signs(row).badges();
    if !badges.is_empty() {
        let words = format!("{} in the title", badges.join(" "));
        lines.insert(1, Line::styled(SafeText::line(&words, width).into_string(), theme.warn));
    }
    lines
}
