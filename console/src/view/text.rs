//! A text to read.

use ratatui::text::Line;

use super::paint::told;
use crate::{model::dialog::Reading, theme::Theme};

/// Lines that one line of the text may take.
const WRAPPED: usize = 6;

pub fn lines(reading: &Reading, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let Some(text) = &reading.lines else { return vec![Line::styled("Reading", theme.dim)] };
    let mut lines = vec![];
    for (n, line) in text.iter().enumerate() {
        let words = line.trim_start();
        // However far it is set in, there is room for its words.
        let indent = (line.len() - words.len()).min(width / 2);
        // What has others below it is a heading.
        let heads = indent == 0 && text.get(n + 1).is_some_and(|next| next.starts_with(' '));
        let style = if n == 0 || heads { theme.head } else { theme.text };
        if words.is_empty() {
            lines.push(Line::default());
        }
        for (wrapped, part) in
            told(words, width.saturating_sub(indent + 2).max(1), WRAPPED, style).into_iter().enumerate()
        {
            let blanks = " ".repeat(indent + if wrapped == 0 { 0 } else { 2 });
            let mut part = part;
            part.spans.insert(0, ratatui::text::Span::raw(blanks));
            lines.push(part);
        }
    }
    lines
}
