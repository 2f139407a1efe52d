//! A one-line editor.

use unicode_segmentation::UnicodeSegmentation;

/// Letters that one may type; more is cut off.
const MAX: usize = 2000;

/// The text and where the cursor stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    text: String,
    at: usize,
}

impl Line {
    /// A line with the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), at: text.len() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor, and what after.
    pub fn split(&self) -> (&str, &str) {
        self.text.split_at(self.at)
    }

    /// Types text; line breaks become spaces.
    pub fn insert(&mut self, text: &str) {
        let room = MAX.saturating_sub(self.text.chars().count());
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(room).collect();
        self.text.insert_str(self.at, &clean);
        self.at += clean.len();
    }

    /// Deletes what stands before the cursor, one letter.
    pub fn rub(&mut self) {
        let start = self.before();
        self.text.replace_range(start..self.at, "");
        self.at = start;
    }

    /// Deletes the word before the cursor.
    pub fn rub_word(&mut self) {
        let (before, _) = self.split();
        let start = before.trim_end().rfind(' ').map_or(0, |space| space + 1);
        self.text.replace_range(start..self.at, "");
        self.at = start;
    }

    /// Deletes everything before the cursor.
    pub fn rub_all(&mut self) {
        self.text.replace_range(..self.at, "");
        self.at = 0;
    }

    /// Puts a text in the place of everything from the byte `start` to the cursor.
    pub fn replace(&mut self, start: usize, text: &str) {
        if self.text.is_char_boundary(start) && start <= self.at {
            self.text.replace_range(start..self.at, "");
            self.at = start;
            self.insert(text);
        }
    }

    /// One letter to the left.
    pub fn left(&mut self) {
        self.at = self.before();
    }

    /// One letter to the right.
    pub fn right(&mut self) {
        self.at += self.split().1.graphemes(true).next().map_or(0, str::len);
    }

    fn before(&self) -> usize {
        self.split().0.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_graphemes() {
        let mut line = Line::new("ae\u{301}");
        line.left();
        line.insert("x\n");
        assert_eq!(line.split(), ("ax ", "e\u{301}"));
        line.right();
        line.rub();
        assert_eq!(line.text(), "ax ");
        line.rub_word();
        assert_eq!(line.text(), "");
        line.rub();
        assert_eq!(line.text(), "");
    }
}
