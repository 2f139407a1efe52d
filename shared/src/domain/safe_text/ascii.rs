//! Text for terminals that know ASCII and nothing else.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The one ASCII character that stands for `c` best; `None` if there is none.
#[must_use]
pub fn ascii(c: char) -> Option<char> {
    Some(match c {
        '\0'..='\x7f' => c,
        '─' | '–' | '—' | '·' => '-',
        '│' => '|',
        '┌' | '┐' | '└' | '┘' | '├' | '┤' => '+',
        '⚑' | '≠' => '!',
        '≈' => '~',
        // A dot would look like the end of a sentence.
        '…' => '~',
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '‹' => '<',
        '›' | '→' => '>',
        '●' => 'o',
        '⏎' => '/',
        '×' => 'x',
        '▁' => '_',
        '▂' => '.',
        '▃' => '-',
        '▄' => '=',
        '▅' => '+',
        '▆' => '*',
        '▇' => '%',
        '█' => '#',
        _ => {
            let mut plain = std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c));
            let first = plain.next().filter(char::is_ascii_graphic)?;
            return plain.next().is_none().then_some(first);
        }
    })
}

/// A clean text in ASCII: what no character stands for is named, `<U+6642>`.
#[must_use]
pub fn to_ascii(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match ascii(c) {
            _ if c == '…' => out.push_str("..."),
            Some(c) => out.push(c),
            // What stands upon the letter before it.
            None if is_combining_mark(c) => {}
            None => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_ascii_and_nothing_is_dropped() {
        assert_eq!(to_ascii("Hermès ‹U+202E› 時計 ⚑ 3 — “so”"), "Hermes <U+202E> <U+6642><U+8A08> ! 3 - \"so\"");
        assert_eq!(to_ascii("e\u{301}ﬁ Ｎ"), "e<U+FB01> N");
        assert!((0..0x11_0000).filter_map(char::from_u32).filter_map(ascii).all(|c| c.is_ascii()));
    }
}
