//! A real terminal behind the lean backend, and what it shows held against what was drawn.

use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::{Color, Modifier},
};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::wire;
use crate::{
    lean::Pen,
    model::Model,
    theme::Look,
    view::{to_ascii, view},
};

/// A terminal on which frame after frame is drawn.
pub struct Glass {
    terminal: vt100::Parser,
    pen: Pen,
    shown: Buffer,
    /// What was shown before that.
    before: Buffer,
}

impl Glass {
    pub fn new() -> Self {
        let nothing = Buffer::empty(Rect::default());
        Self { terminal: vt100::Parser::new(1, 1, 0), pen: Pen::default(), shown: nothing.clone(), before: nothing }
    }

    /// Draws the model, and gives what is wrong with the bytes that left, or with what the terminal shows then; and the
    /// bytes.
    pub fn show(&mut self, model: &Model, look: &Look) -> (Option<String>, String) {
        let bytes = self.draw(&drawn(model, look));
        if let Some(fault) = wire::fault(&bytes) {
            return (Some(fault), bytes);
        }
        (self.fault(), bytes)
    }

    /// What the terminal shows otherwise than it was drawn.
    pub fn fault(&self) -> Option<String> {
        difference(self.terminal.screen(), &self.before, &self.shown)
    }

    /// What was drawn last.
    pub const fn shown(&self) -> &Buffer {
        &self.shown
    }

    /// What leaves for the terminal when this is drawn.
    pub fn draw(&mut self, next: &Buffer) -> String {
        let mut bytes = String::new();
        if self.shown.area != next.area {
            self.terminal.screen_mut().set_size(next.area.height, next.area.width);
            bytes.push_str(self.pen.clear());
            self.shown = Buffer::empty(next.area);
        }
        bytes.push_str(&self.pen.draw(&self.shown, next));
        self.terminal.process(bytes.as_bytes());
        self.before = std::mem::replace(&mut self.shown, next.clone());
        bytes
    }
}

/// The model's screen. A write outside of it would be a panic.
fn drawn(model: &Model, look: &Look) -> Buffer {
    let mut buf = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    view(model, &look.theme, &mut buf);
    if look.ascii {
        to_ascii(&mut buf);
    }
    buf
}

/// The first cell of a terminal that is not what the buffer says. Rows that did not change are looked at as text.
fn difference(screen: &vt100::Screen, before: &Buffer, buf: &Buffer) -> Option<String> {
    let width = usize::from(buf.area.width);
    for (y, (row, text)) in (0..).zip(buf.content.chunks(width).zip(screen.rows(0, buf.area.width))) {
        let same = before.area == buf.area && before.content.chunks(width).nth(usize::from(y)) == Some(row);
        if same && text.trim_end() == words(row).trim_end() {
            continue;
        }
        let mut x = 0;
        while x < buf.area.width {
            let ours = &buf[(x, y)];
            let cells = cells(ours);
            if let Some(fault) = (x..x + cells).find_map(|at| cell(screen, ours, (x, y), at)) {
                return Some(fault);
            }
            x += cells;
        }
    }
    None
}

fn cells(cell: &Cell) -> u16 {
    u16::try_from(cell.symbol().width()).unwrap_or(1).max(1)
}

fn words(row: &[Cell]) -> String {
    let mut words = String::new();
    let mut x = 0;
    while let Some(cell) = row.get(x) {
        words.push_str(cell.symbol());
        x += usize::from(cells(cell));
    }
    words
}

/// What is wrong with the cell `at` of the glyph that begins at `x`.
fn cell(screen: &vt100::Screen, ours: &Cell, (x, y): (u16, u16), at: u16) -> Option<String> {
    let wrong = |what: &str, theirs: String| Some(format!("{what} of {:?} at {x},{y} is {theirs}", ours.symbol()));
    let Some(theirs) = screen.cell(y, at) else { return wrong("the place", "not on the screen".into()) };
    let shown = if theirs.contents().is_empty() { " " } else { theirs.contents() };
    if at > x {
        // Whatever width a terminal gives a glyph, in its cells stands nothing else.
        let alien = !theirs.is_wide_continuation() && shown != " " && !ours.symbol().contains(shown);
        return if alien { wrong("the rest", format!("{shown:?}")) } else { None };
    }
    if ours.symbol().starts_with('\u{fffd}') {
        // That terminal takes it for broken bytes and draws nothing.
        return None;
    }
    let exact = ours.symbol().chars().filter(|c| c.width().unwrap_or(0) > 0).count() <= 1;
    if exact && shown != ours.symbol() || !exact && !ours.symbol().starts_with(shown) {
        // A terminal keeps so many marks and no more.
        let cut = ours.symbol().len() > 18 && ours.symbol().starts_with(shown);
        if !cut {
            return wrong("the glyph", format!("{shown:?}"));
        }
    }
    let modifiers = [
        (Modifier::BOLD, theirs.bold()),
        (Modifier::DIM, theirs.dim()),
        (Modifier::ITALIC, theirs.italic()),
        (Modifier::UNDERLINED, theirs.underline()),
        (Modifier::REVERSED, theirs.inverse()),
    ];
    if let Some((modifier, is)) = modifiers.into_iter().find(|(modifier, is)| *is != ours.modifier.contains(*modifier))
    {
        return wrong(&format!("{modifier:?}"), is.to_string());
    }
    if theirs.bgcolor() != as_vt(ours.bg) {
        return wrong("the ground", format!("{:?}", theirs.bgcolor()));
    }
    if shown != " " && theirs.fgcolor() != as_vt(ours.fg) {
        return wrong("the colour", format!("{:?}", theirs.fgcolor()));
    }
    None
}

fn as_vt(colour: Color) -> vt100::Color {
    let named = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(n) => vt100::Color::Idx(n),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        name => vt100::Color::Idx(u8::try_from(named.iter().position(|other| *other == name).unwrap()).unwrap()),
    }
}
