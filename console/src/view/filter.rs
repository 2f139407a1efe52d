//! The line into which a filter is typed, and what could stand there.

use jointforce_shared::domain::{
    ask::{
        complete::begun,
        fields::{NOT, TITLES},
    },
    safe_text::SafeText,
};
use ratatui::text::Line;

use super::{dialog::typed, paint};
use crate::{
    model::{Model, dialog::Asking},
    theme::Theme,
    update::choices,
};

/// Choices shown at once.
const SHOWN: usize = 6;
/// Cells for a choice, where what it means stands beside it.
const CHOICE: usize = 24;

pub fn lines(model: &Model, asking: &Asking, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![typed(&asking.line, "/", theme, width)];
    if let Some(mistake) = &asking.mistake {
        let before: String = asking.line.text().chars().take(mistake.column).collect();
        let at = paint::width(&before).min(width.saturating_sub(2)) + 1;
        lines.push(Line::styled(format!("{}^", " ".repeat(at)), theme.bad));
        lines.extend(paint::block(&mistake.problem, width, 3, theme.bad));
        return lines;
    }
    let (_, found) = choices(model, asking);
    for (n, choice) in found.iter().enumerate().skip((asking.at + 1).saturating_sub(SHOWN)).take(SHOWN) {
        let sign = if n == asking.at { "> " } else { "  " };
        let text = SafeText::line(choice.text.trim_end(), width.saturating_sub(2)).into_string();
        let words = if choice.what.is_empty() { text } else { paint::fill(text, CHOICE) + &choice.what };
        let style = if n == asking.at { theme.cursor } else { theme.text };
        lines.push(Line::styled(format!("{sign}{}", SafeText::line(&words, width.saturating_sub(2))), style));
    }
    if found.is_empty() {
        let words = match begun(asking.line.split().0) {
            Some((entry, _)) => format!("{}  {}", entry.example, entry.explained()),
            None => format!("{} {}; {} {}", TITLES.0, TITLES.1, NOT.0, NOT.1),
        };
        lines.extend(paint::block(&words, width, 2, theme.dim));
    }
    lines
}

/// What its keys do, while there are words to choose from.
pub fn taught(model: &Model, asking: &Asking) -> Option<String> {
    let found = choices(model, asking).1.len();
    let more = found.saturating_sub(SHOWN);
    let keeps = "Enter keeps the filter, Esc takes it back";
    match found {
        _ if asking.mistake.is_some() => None,
        0 => None,
        1 => Some(format!("Tab takes it; {keeps}")),
        _ if asking.menu.is_some() => {
            let at = asking.at + 1;
            Some(format!("{at} of {found}: Tab takes the next, S-Tab the one before; typing goes on from it"))
        }
        _ if more > 0 => Some(format!("Tab takes it, then the next ({more} more); {keeps}")),
        _ => Some(format!("Tab takes it, then the next; {keeps}")),
    }
}
