//! What changed on the screen as the fewest bytes that say so: over a slow link bytes are what one waits for.
//!
//! The pen is kept from frame to frame, gaps are jumped over, blanks are erased and not written, and after a glyph
//! whose width terminals disagree on the cursor is set anew.

use std::fmt::Write as _;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// This many blanks are erased sooner than written.
const BLANKS: u16 = 5;

/// How the next glyph will look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Look {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }
}

/// What the terminal's pen and cursor are like, as far as we know.
#[derive(Debug)]
pub struct Pen {
    look: Look,
    /// `None` when it can't be known.
    at: Option<(u16, u16)>,
}

impl Default for Pen {
    fn default() -> Self {
        Self { look: Look::PLAIN, at: None }
    }
}

impl Pen {
    /// The bytes that turn `shown` into `next`, which has the same area; nothing if they are alike.
    pub fn draw(&mut self, shown: &Buffer, next: &Buffer) -> String {
        let mut out = String::new();
        let width = next.area.width;
        let mut erased: Option<u16> = None;
        let mut changes = changes(shown, next).into_iter().peekable();
        while let Some((x, y, cell)) = changes.next() {
            if erased == Some(y) {
                continue;
            }
            if is_blank(cell) {
                let run = blanks(next, x, y);
                if x + run == width && run >= BLANKS {
                    self.go(&mut out, x, y);
                    self.dip(&mut out, Look::PLAIN);
                    out.push_str("\x1b[K");
                    erased = Some(y);
                    continue;
                }
                if run >= BLANKS {
                    self.go(&mut out, x, y);
                    self.dip(&mut out, Look::PLAIN);
                    let _ = write!(out, "\x1b[{run}X");
                    while changes.next_if(|(x2, y2, _)| *y2 == y && *x2 < x + run).is_some() {}
                    continue;
                }
            }
            self.go(&mut out, x, y);
            self.dip(&mut out, Look::of(cell));
            let (symbol, after) = (cell.symbol(), x + cells(cell));
            let reach = reach(cell);
            if reach > 1 && !is_sure(symbol) {
                // A terminal that gives it fewer cells leaves what stood in the others.
                let _ = write!(out, "\x1b[{}X", after - x);
            }
            out.push_str(if x + reach > width { start(symbol, width - x) } else { symbol });
            // At the edge terminals wait with the line break, each in its own way.
            self.at = (after < width && is_sure(symbol)).then_some((after, y));
        }
        out
    }

    /// Forgets everything, for a screen that is cleared: gives the bytes that clear it.
    pub fn clear(&mut self) -> &'static str {
        *self = Self::default();
        "\x1b[0m\x1b[2J"
    }

    fn go(&mut self, out: &mut String, x: u16, y: u16) {
        // Writing into a String can't fail.
        let _ = match self.at {
            Some(at) if at == (x, y) => Ok(()),
            Some((from, row)) if row == y && x == from + 1 => write!(out, "\x1b[C"),
            Some((from, row)) if row == y && x > from => write!(out, "\x1b[{}C", x - from),
            Some((_, row)) if y == row + 1 && x == 0 => write!(out, "\r\n"),
            _ if x == 0 => write!(out, "\x1b[{}H", y + 1),
            _ => write!(out, "\x1b[{};{}H", y + 1, x + 1),
        };
        self.at = Some((x, y));
    }

    fn dip(&mut self, out: &mut String, look: Look) {
        if look == self.look {
            return;
        }
        let (step, anew) = (steps(self.look, look), steps(Look::PLAIN, look));
        let anew = if anew.is_empty() { String::new() } else { format!("0;{anew}") };
        let shorter = if step.len() <= anew.len() || look == Look::PLAIN && step.len() <= 1 { step } else { anew };
        let _ = write!(out, "\x1b[{}m", if look == Look::PLAIN { "" } else { &shorter });
        self.look = look;
    }
}

/// The codes that lead from one look to another.
fn steps(from: Look, to: Look) -> String {
    const ON: [(Modifier, u8, u8); 7] = [
        (Modifier::BOLD, 1, 22),
        (Modifier::DIM, 2, 22),
        (Modifier::ITALIC, 3, 23),
        (Modifier::UNDERLINED, 4, 24),
        (Modifier::REVERSED, 7, 27),
        (Modifier::HIDDEN, 8, 28),
        (Modifier::CROSSED_OUT, 9, 29),
    ];
    let mut codes: Vec<String> = vec![];
    let gone = from.modifier - to.modifier;
    let mut added = to.modifier - from.modifier;
    let weight = Modifier::BOLD | Modifier::DIM;
    for (modifier, _, off) in ON {
        let code = off.to_string();
        if gone.contains(modifier) && !codes.contains(&code) {
            codes.push(code);
        }
    }
    if gone.intersects(weight) {
        // One code ends both.
        added |= to.modifier & weight;
    }
    codes.extend(ON.iter().filter(|(modifier, ..)| added.contains(*modifier)).map(|(_, on, _)| on.to_string()));
    if from.fg != to.fg {
        codes.push(colour(to.fg, 30));
    }
    if from.bg != to.bg {
        codes.push(colour(to.bg, 40));
    }
    codes.join(";")
}

fn colour(colour: Color, base: u8) -> String {
    let named = |n: u8| (base + n).to_string();
    match colour {
        Color::Reset => named(9),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(60),
        Color::LightRed => named(61),
        Color::LightGreen => named(62),
        Color::LightYellow => named(63),
        Color::LightBlue => named(64),
        Color::LightMagenta => named(65),
        Color::LightCyan => named(66),
        Color::White => named(67),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

/// The cells to write, row by row. A cell that was the second half of a wide glyph is written anew even where it is
/// blank in both: terminals differ in what they leave there.
fn changes<'a>(shown: &Buffer, next: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let mut changes = vec![];
    for y in 0..next.area.height {
        let (mut x, mut covered, mut spilt) = (0, 0, 0);
        while x < next.area.width {
            let (Some(was), Some(is)) = (shown.cell((x, y)), next.cell((x, y))) else { break };
            let end = x + cells(is);
            if was != is || x < covered || x < spilt {
                changes.push((x, y, is));
                // A terminal that gives it more cells draws it over those behind it.
                spilt = spilt.max(x + reach(is));
            }
            // Glyphs of the old row that begin under this one.
            while x < end {
                if x >= covered {
                    covered = x + shown.cell((x, y)).map_or(1, cells);
                }
                x += 1;
            }
        }
    }
    changes
}

/// Cells that a glyph takes.
fn cells(cell: &Cell) -> u16 {
    u16::try_from(cell.symbol().width()).unwrap_or(1).max(1)
}

/// Cells that it takes on a terminal which draws each of its characters by itself.
fn reach(cell: &Cell) -> u16 {
    cell.symbol().chars().map(alone).sum::<u16>().max(cells(cell))
}

fn alone(c: char) -> u16 {
    match c {
        // Half a flag: one cell by the tables, two where it is drawn as a letter in a box.
        '\u{1f1e6}'..='\u{1f1ff}' => 2,
        _ => u16::try_from(c.width().unwrap_or(0)).unwrap_or(0),
    }
}

/// As much of a glyph as fits whatever the terminal makes of it: at the edge the rest would break the line.
fn start(symbol: &str, room: u16) -> &str {
    let mut taken = 0;
    let rest = symbol.char_indices().find(|(at, c)| {
        taken += alone(*c);
        *at > 0 && taken > room
    });
    rest.map_or(symbol, |(at, _)| symbol.get(..at).unwrap_or(symbol))
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Look::of(cell) == Look::PLAIN
}

/// Blanks from here on in this row.
fn blanks(buffer: &Buffer, x: u16, y: u16) -> u16 {
    let run = (x..buffer.area.width).take_while(|x| buffer.cell((*x, y)).is_some_and(is_blank)).count();
    u16::try_from(run).unwrap_or(0)
}

/// Whether every terminal gives this glyph the same width.
fn is_sure(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return false };
    matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{24f}' | '\u{2500}'..='\u{257f}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{layout::Rect, style::Style};

    use super::*;
    use crate::hostile::glass::Glass;

    const SIZE: (u16, u16) = (48, 12);

    const GLYPHS: [&str; 22] = [
        "a",
        "Z",
        " ",
        "é",
        "─",
        "│",
        "漢",
        "한",
        "…",
        "⚑",
        "x",
        " ",
        "e\u{301}",
        "👍",
        "👍🏿",
        "👨‍👩‍👧‍👦",
        "❤\u{fe0f}",
        "🇩🇪",
        "1\u{fe0f}\u{20e3}",
        "क्षि",
        "ｶﾞ",
        "ﬀ",
    ];

    fn style() -> impl Strategy<Value = Style> {
        let colours = prop::sample::select(vec![
            Color::Reset,
            Color::Cyan,
            Color::DarkGray,
            Color::LightRed,
            Color::Indexed(208),
            Color::Rgb(1, 2, 3),
        ]);
        let modifiers = prop::sample::subsequence(
            vec![Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED],
            0..=3,
        );
        (colours.clone(), colours, modifiers).prop_map(|(fg, bg, modifiers)| {
            let style = Style::new().fg(fg).bg(bg);
            // That terminal has one weight, bold or dim; so have our themes.
            let bold = modifiers.contains(&Modifier::BOLD);
            let modifiers = modifiers.into_iter().filter(|modifier| !bold || *modifier != Modifier::DIM);
            modifiers.fold(style, |style, modifier| style.add_modifier(modifier))
        })
    }

    /// A stroke of the brush: where, what, how often, how.
    type Stroke = (u16, u16, usize, usize, Style);

    fn strokes() -> impl Strategy<Value = Vec<Stroke>> {
        let plain = prop_oneof![2 => Just(Style::new()), 1 => style()];
        let stroke = (0..SIZE.0, 0..SIZE.1, 0..GLYPHS.len(), 1_usize..30, plain);
        prop::collection::vec(stroke, 0..12)
    }

    fn paint(buf: &mut Buffer, strokes: &[Stroke]) {
        for (x, y, glyph, many, style) in strokes {
            buf.set_stringn(
                *x,
                *y,
                GLYPHS[*glyph].repeat(*many),
                usize::from(SIZE.0 - x),
                Style::reset().patch(*style),
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Ten frames each: ten thousand in all.
        #[test]
        fn a_terminal_shows_exactly_what_was_drawn(frames in prop::collection::vec((any::<bool>(), strokes()), 10)) {
            let mut glass = Glass::new();
            let mut shown = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
            for (keep, strokes) in frames {
                let mut next = if keep { shown.clone() } else { Buffer::empty(shown.area) };
                paint(&mut next, &strokes);
                let bytes = glass.draw(&next);
                prop_assert_eq!(glass.fault(), None, "{:?}", bytes);
                prop_assert_eq!(glass.draw(&next), "", "nothing changed, nothing is said");
                shown = next;
            }
        }
    }
}
