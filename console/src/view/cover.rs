//! The cover: nothing of what is behind it.

use jointforce_shared::domain::span;
use ratatui::layout::Rect;

use super::{bars, dialog::typed, paint::Paint};
use crate::model::{Model, line::Line};

pub fn draw(model: &Model, line: &Line, paint: &mut Paint<'_>, area: Rect) {
    let theme = *paint.theme;
    paint.blank(area, theme.text);
    let width = usize::from(area.width);
    let idle = span::words(model.policy.console.cover_after);
    let mut lines = vec![
        ratatui::text::Line::styled("Joint Force", theme.head),
        ratatui::text::Line::styled(format!("Covered: no key for {idle}. Your leases were given back."), theme.text),
        ratatui::text::Line::styled(format!("Type {} and Enter to go on.", model.me.id), theme.text),
        typed(line, "> ", &theme, width.saturating_sub(2)),
    ];
    if let Some(words) = bars::away(model) {
        lines.push(ratatui::text::Line::styled(words, theme.bad));
    }
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        paint.line(1, y, area.width.saturating_sub(1), &line);
    }
}
