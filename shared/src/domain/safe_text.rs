//! Strangers' text made safe to show. On a terminal, in mail, in logs and in exports every text is hostile until it
//! was cleaned; and since it is evidence, it is cleaned *visibly*: what would have acted unseen stands there by name,
//! `‹U+202E›`, and is never dropped.

mod ascii;

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub use self::ascii::{ascii, to_ascii};

/// Combining marks that one base character keeps. Vietnamese, Hebrew and Devanagari stack three at most.
const MARKS_MAX: usize = 4;

/// Emoji that may be joined into one picture; the longest in use (kissing couples, families) join four.
const JOINERS_MAX: usize = 4;

/// A cluster wider than this is an attack on the layout and is cut inside. No script writes wider ones.
const CLUSTER_WIDTH_MAX: usize = 8;

/// Cells within which [`hidden`] looks: a description of 5,000 characters, each of them hidden, has no more.
const HIDDEN_WIDTH: usize = 40_000;

/// Bytes of input looked at for each cell of output. Clean text needs at most about 64 (an emoji of five, each with
/// marks, in two cells).
const BYTES_A_CELL: usize = 128;

/// Text in which every character is visible and stays in its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SafeText {
    text: String,
    hidden: usize,
    cut: bool,
}

impl SafeText {
    /// One line of at most `max_width` cells; line breaks become `⏎`, tabs a space, and what does not fit `…`.
    /// Looks at a bounded piece of `text`, however long it is.
    #[must_use]
    pub fn line(text: &str, max_width: usize) -> Self {
        if text.len() <= max_width && text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Self { text: text.to_owned(), hidden: 0, cut: false };
        }
        let mut end = max_width.saturating_mul(BYTES_A_CELL).saturating_add(512).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let mut cleaner = Cleaner::new(max_width);
        cleaner.read(&text[..end]);
        cleaner.finish(end < text.len())
    }

    /// Several lines of at most `max_width` cells, broken at line breaks and between words, at most `max_lines` of
    /// them; the last ends in `…` if there was more. An empty text has no lines.
    #[must_use]
    pub fn block(text: &str, max_width: usize, max_lines: usize) -> Vec<Self> {
        let mut lines = Vec::new();
        let room = max_width.saturating_mul(max_lines);
        let mut paragraphs = text.lines();
        for paragraph in &mut paragraphs {
            // So many cells never take fewer lines than there may be, and the work stays bounded.
            let clean = Self::line(paragraph, room);
            wrap(&clean, max_width.max(1), max_lines, &mut lines);
            if lines.len() > max_lines {
                break;
            }
        }
        if lines.len() > max_lines || paragraphs.next().is_some() {
            lines.truncate(max_lines);
            if let Some(last) = lines.last_mut() {
                last.mark_cut(max_width);
            }
        }
        lines
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, taken out.
    #[must_use]
    pub fn into_string(self) -> String {
        self.text
    }

    /// Cells it takes on a terminal.
    #[must_use]
    pub fn width(&self) -> usize {
        clusters(&self.text).map(|(_, width)| width).sum()
    }

    /// Whether something in the original would have acted unseen and was made visible: worth a badge.
    #[must_use]
    pub const fn was_hostile(&self) -> bool {
        self.hidden > 0
    }

    /// Whether the original is longer.
    #[must_use]
    pub const fn was_cut(&self) -> bool {
        self.cut
    }

    fn mark_cut(&mut self, max_width: usize) {
        if !self.text.ends_with('…') {
            let fits = fit(&self.text, max_width.saturating_sub(1));
            self.text.truncate(fits);
            self.text.push('…');
        }
        self.cut = true;
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// The characters of a text that would have acted unseen, in its order: what [`SafeText`] shows by name, and combining
/// marks beyond what a character can carry. Looks at the first 40,000 cells or so.
#[must_use]
pub fn hidden(text: &str) -> Vec<char> {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return vec![];
    }
    let mut cleaner = Cleaner::new(HIDDEN_WIDTH);
    cleaner.read(text);
    cleaner.hidden
}

/// Builds one line, until it is wider than it may be.
struct Cleaner {
    out: String,
    max_width: usize,
    /// Bytes of `out` whose width is in `width`.
    measured: usize,
    width: usize,
    /// Bytes of `out` that leave a cell for `…`.
    fits: usize,
    /// Zero-width marks since the last character with a width, kept and too many.
    marks: usize,
    excess: usize,
    joiners: usize,
    /// What was made visible, or was too much, in the order of the text.
    hidden: Vec<char>,
}

impl Cleaner {
    fn new(max_width: usize) -> Self {
        Self {
            out: String::with_capacity(max_width.min(256)),
            max_width,
            measured: 0,
            width: 0,
            fits: 0,
            marks: 0,
            excess: 0,
            joiners: 0,
            hidden: vec![],
        }
    }

    /// Reads until the line is full.
    fn read(&mut self, text: &str) {
        for cluster in text.graphemes(true) {
            let mut rest = cluster.chars();
            while let Some(c) = rest.next() {
                // The character after a joiner is in the same cluster if the two belong together.
                self.push(c, rest.as_str().chars().next());
            }
            if self.is_full() {
                return;
            }
        }
    }

    fn push(&mut self, c: char, next: Option<char>) {
        match c {
            ' '..='~' => self.push_visible(c),
            // Together with the line feed one line break.
            '\r' if next == Some('\n') => {}
            '\n' => self.push_visible('⏎'),
            '\t' => self.push_visible(' '),
            '\u{200d}' => {
                if self.joiners < JOINERS_MAX && self.joins(next) {
                    self.joiners += 1;
                    self.out.push(c);
                } else {
                    self.push_named(c);
                }
            }
            '\u{fe0e}' | '\u{fe0f}' => {
                let last = self.out.chars().next_back();
                if last.is_some_and(|last| matches!(last, '0'..='9' | '#' | '*') || is_pictograph(last)) {
                    self.out.push(c);
                } else {
                    self.push_named(c);
                }
            }
            _ if !is_shown(c) => self.push_named(c),
            _ if c.width() == Some(0) => {
                if self.marks < MARKS_MAX {
                    self.marks += 1;
                    self.out.push(c);
                } else {
                    self.excess += 1;
                    self.hidden.push(c);
                }
            }
            _ => self.push_visible(c),
        }
    }

    fn push_visible(&mut self, c: char) {
        self.end_marks();
        if !self.out.ends_with('\u{200d}') {
            self.joiners = 0;
        }
        self.out.push(c);
    }

    fn push_named(&mut self, c: char) {
        use fmt::Write as _;
        self.end_marks();
        self.joiners = 0;
        self.hidden.push(c);
        let _ = write!(self.out, "‹U+{:04X}›", u32::from(c));
    }

    fn end_marks(&mut self) {
        use fmt::Write as _;
        if self.excess > 0 {
            let _ = write!(self.out, "‹+{} marks›", self.excess);
        }
        self.marks = 0;
        self.excess = 0;
    }

    /// Whether a joiner here makes one picture of the emoji before it and `next`.
    fn joins(&self, next: Option<char>) -> bool {
        let before =
            self.out.trim_end_matches(['\u{fe0f}', '\u{1f3fb}', '\u{1f3fc}', '\u{1f3fd}', '\u{1f3fe}', '\u{1f3ff}']);
        next.is_some_and(is_pictograph) && before.chars().next_back().is_some_and(is_pictograph)
    }

    fn is_full(&mut self) -> bool {
        for (cluster, width) in clusters(&self.out[self.measured..]) {
            self.width += width;
            self.measured += cluster.len();
            if self.width < self.max_width {
                self.fits = self.measured;
            }
        }
        self.width > self.max_width
    }

    fn finish(mut self, more: bool) -> SafeText {
        self.end_marks();
        let cut = self.is_full() || more;
        if cut {
            self.out.truncate(self.fits);
            if self.max_width > 0 {
                self.out.push('…');
            }
        }
        SafeText { text: self.out, hidden: self.hidden.len(), cut }
    }
}

/// The pieces between which text may be cut, with their widths.
fn clusters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).flat_map(|cluster| {
        let width = cluster.width();
        let (whole, parts) =
            if width > CLUSTER_WIDTH_MAX { (None, Some(cluster)) } else { (Some((cluster, width)), None) };
        let parts = parts.into_iter().flat_map(|cluster| {
            cluster.char_indices().map(move |(at, c)| (&cluster[at..at + c.len_utf8()], c.width().unwrap_or(0)))
        });
        whole.into_iter().chain(parts)
    })
}

/// Bytes of the longest start of `text` that takes at most `max_width` cells.
fn fit(text: &str, max_width: usize) -> usize {
    let mut width = 0;
    clusters(text)
        .take_while(|(_, w)| {
            width += w;
            width <= max_width
        })
        .map(|(cluster, _)| cluster.len())
        .sum()
}

/// Breaks a clean line into lines of at most `max_width` cells, after a space where there is one.
fn wrap(clean: &SafeText, max_width: usize, max_lines: usize, lines: &mut Vec<SafeText>) {
    let mut rest = clean.text.as_str();
    loop {
        let fits = fit(rest, max_width);
        // A single cluster too wide for any line still has to leave it.
        let hard = if fits == 0 { rest.graphemes(true).next().map_or(0, str::len) } else { fits };
        let (line, after) = if hard == rest.len() {
            (rest, "")
        } else {
            let at = rest[..hard].rfind(' ').map_or(hard, |space| space + 1);
            let at = if rest[hard..].starts_with(' ') { hard } else { at };
            (rest[..at].trim_end_matches(' '), rest[at..].trim_start_matches(' '))
        };
        let line = if fits == 0 && max_width < line.width() { "…" } else { line };
        let last = after.is_empty();
        lines.push(SafeText { text: line.to_owned(), hidden: clean.hidden, cut: clean.cut && last });
        if last || lines.len() > max_lines {
            return;
        }
        rest = after;
    }
}

/// Whether a character stands for itself: it draws something, in its place, and is assigned.
fn is_shown(c: char) -> bool {
    match c {
        // Letters of the scripts that strangers write most, far down in the tables of the standard library.
        '\u{c0}'..='\u{17f}' | '\u{410}'..='\u{44f}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => true,
        // Spaces with a width.
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => true,
        // Drawn as nothing, though they are letters, marks or symbols: fillers, joiners, the blank Braille cell,
        // variation selectors, the object replacement character.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{fffc}'
        | '\u{e0000}'..='\u{e0fff}' => false,
        // The standard library knows controls, format characters (bidi, zero width, tags, interlinear), separators,
        // private use and unassigned. It asks not to be used for a mark at the start, hence the letter before it.
        _ => {
            let mut pair = [b'a', 0, 0, 0, 0];
            let len = 1 + c.encode_utf8(&mut pair[1..]).len();
            std::str::from_utf8(&pair[..len]).is_ok_and(|pair| pair.escape_debug().nth(1) == Some(c))
        }
    }
}

/// Whether Unicode lets this character be joined to others into one emoji (`Extended_Pictographic`, and assigned).
fn is_pictograph(c: char) -> bool {
    if c.is_ascii() || !is_shown(c) {
        return false;
    }
    let mut joined = String::with_capacity(12);
    joined.extend([c, '\u{200d}', '❤']);
    joined.graphemes(true).count() == 1
}

#[cfg(test)]
mod tests;
