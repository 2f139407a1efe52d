//! Drawing that can't leave the screen, and strangers' text that can't leave its cell.

use jointforce_shared::domain::safe_text::SafeText;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use crate::theme::Theme;

/// A screen to draw on.
pub struct Paint<'a> {
    buf: &'a mut Buffer,
    /// The styles.
    pub theme: &'a Theme,
}

impl<'a> Paint<'a> {
    /// Draws on `buf`.
    pub const fn new(buf: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buf, theme }
    }

    /// One line of clean text of at most `width` cells.
    pub fn text(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) {
        if self.holds(x, y) {
            self.buf.set_stringn(x, y, text, usize::from(width), style);
        }
    }

    /// One styled line of clean text of at most `width` cells.
    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &Line<'_>) {
        if self.holds(x, y) {
            self.buf.set_line(x, y, line, width);
        }
    }

    /// Makes an area blank.
    pub fn blank(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buf.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buf.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// A line across.
    pub fn rule(&mut self, x: u16, y: u16, width: u16, style: Style) {
        self.text(x, y, width, &"─".repeat(usize::from(width)), style);
    }

    /// A line down.
    pub fn pole(&mut self, x: u16, y: u16, height: u16, style: Style) {
        for y in y..y.saturating_add(height) {
            self.text(x, y, 1, "│", style);
        }
    }

    fn holds(&self, x: u16, y: u16) -> bool {
        self.buf.area.contains((x, y).into())
    }
}

/// Cells that a clean text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Strangers' text, cleaned, in exactly `width` cells.
pub fn cell(text: &str, width: usize) -> String {
    fill(SafeText::line(text, width).into_string(), width)
}

/// Strangers' text, cleaned, in exactly `width` cells, behind marks of what is the matter with it, if there is room.
pub fn flagged(marks: &str, text: &str, width: usize) -> String {
    let taken = self::width(marks) + 1;
    if marks.is_empty() || width < taken + 4 {
        return cell(text, width);
    }
    format!("{marks} {}", cell(text, width - taken))
}

/// Pads a clean text with blanks.
pub fn fill(mut text: String, width: usize) -> String {
    let missing = width.saturating_sub(self::width(&text));
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// A line's text without its styles.
pub fn text_of(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| span.content.as_ref()).collect()
}

/// Cells that a line takes.
pub fn line_width(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

/// Texts side by side, each as wide as given, with two blanks between them.
pub fn beside(columns: Vec<(Vec<Line<'static>>, usize)>) -> Vec<Line<'static>> {
    let height = columns.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
    let mut columns: Vec<_> = columns.into_iter().map(|(lines, width)| (lines.into_iter(), width)).collect();
    let last = columns.len().saturating_sub(1);
    (0..height)
        .map(|_| {
            let mut spans = vec![];
            for (n, (lines, width)) in columns.iter_mut().enumerate() {
                let line = lines.next().unwrap_or_default();
                let missing = width.saturating_sub(line_width(&line)) + 2;
                spans.extend(line.spans);
                if n < last {
                    spans.push(Span::raw(" ".repeat(missing)));
                }
            }
            Line::from(spans)
        })
        .collect()
}

/// Words with strangers' text in them over several lines, all of it one paragraph: a line break in a title must not look
/// like the end of what we say.
pub fn told(text: &str, width: usize, lines: usize, style: Style) -> Vec<Line<'static>> {
    let width = width.max(1);
    block(SafeText::line(text, width.saturating_mul(lines + 1)).as_str(), width, lines, style)
}

/// Clean text in several styles over several lines, broken between words where there are any; the last ends in `…` if there
/// was more.
pub fn wrapped(parts: &[(String, Style)], width: usize, lines: usize) -> Vec<Line<'static>> {
    let width = width.max(1);
    let letters: Vec<(&str, Style)> =
        parts.iter().flat_map(|(text, style)| text.graphemes(true).map(move |letter| (letter, *style))).collect();
    let mut all = vec![];
    let mut from = 0;
    while from < letters.len() && all.len() < lines {
        let mut taken = 0;
        let fits = letters[from..].iter().take_while(|(letter, _)| {
            taken += self::width(letter);
            taken <= width
        });
        // A letter too wide for any line still has to leave it.
        let hard = from + fits.count().max(1);
        let is_last = hard >= letters.len();
        let blank = letters[from..hard].iter().rposition(|(letter, _)| *letter == " ").map(|at| from + at + 1);
        let next_is_blank = letters.get(hard).is_some_and(|(letter, _)| *letter == " ");
        let to = if is_last || next_is_blank { hard } else { blank.unwrap_or(hard) };
        let mut line: Vec<_> = letters[from..to].to_vec();
        if all.len() + 1 == lines && to < letters.len() {
            while line.iter().map(|(letter, _)| self::width(letter)).sum::<usize>() >= width && line.pop().is_some() {}
            line.push(("…", line.last().map_or_else(Style::default, |(_, style)| *style)));
        }
        all.push(Line::from(
            line.into_iter().map(|(letter, style)| Span::styled(letter.to_owned(), style)).collect::<Vec<_>>(),
        ));
        from = to + letters[to..].iter().take_while(|(letter, _)| *letter == " ").count();
    }
    all
}

/// Strangers' text over several lines.
pub fn block(text: &str, width: usize, lines: usize, style: Style) -> Vec<Line<'static>> {
    let block = SafeText::block(text, width.max(1), lines);
    block.into_iter().map(|line| Line::styled(line.into_string(), style)).collect()
}
