//! Titles folded to what a buyer reads in them, so that two spellings of one title are one.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::lookalike::{boxed, digit, is_unseen, latin, sign};

/// Longer titles are folded up to here; the marketplace's limit is 500.
const CHARS_MAX: usize = 1000;

/// The words of a title without case, accents, look-alikes, punctuation and what can't be seen. Letters that were set
/// apart (`n i k e`, `N.I.K.E`) are put together again; Chinese and Japanese characters, which have no blanks between
/// words, are words of their own. What it says is for comparing only and never shown.
#[must_use]
pub fn fold(title: &str) -> Vec<String> {
    let seen = title.chars().filter(|c| !is_unseen(*c)).take(CHARS_MAX);
    // Looks count before and after NFKD: it makes of ϲ, which looks like c, a sigma.
    let looks: String = seen.fold(String::with_capacity(title.len()), look);
    let plain = looks.nfkd().filter(|c| !is_combining_mark(*c) && !is_unseen(*c)).nfc();
    let folded: String = plain.fold(String::with_capacity(title.len()), look).to_lowercase();
    let mut words = Words::default();
    let chars: Vec<char> = folded.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
        words.push(c, before, chars.get(at + 1).copied());
    }
    words.end();
    together(words.done).into_iter().map(|word| letters_only(&word)).collect()
}

/// Adds what `c` looks like.
fn look(mut text: String, c: char) -> String {
    match (latin(c), boxed(c)) {
        (Some(letters), _) => text.push_str(letters),
        (None, letter) => text.push(letter.unwrap_or(c)),
    }
    text
}

#[derive(Default)]
struct Words {
    done: Vec<String>,
    word: String,
}

impl Words {
    fn push(&mut self, c: char, before: Option<char>, after: Option<char>) {
        let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
        if is_ideograph(c) && c.is_alphanumeric() {
            self.end();
            self.done.push(c.to_string());
        } else if c.is_alphanumeric() {
            self.word.push(c);
        } else if let Some(letter) = sign(c).filter(|_| is_letter(after) && (is_letter(before) || opens(c, before))) {
            self.word.push(letter);
        } else if let Some(letter) = sign(c).filter(|_| is_letter(before) && matches!(c, '$' | '€' | '¢')) {
            self.word.push(letter);
        } else if !(matches!(c, '.' | '-' | '_' | '·' | '*' | '\'' | '’' | '`')
            && is_letter(before)
            && is_letter(after))
        {
            self.end();
        }
    }

    fn end(&mut self) {
        if !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
        }
    }
}

/// Whether a sign may stand for the first letter of a word: `$hoes`, but not `!new`.
fn opens(c: char, before: Option<char>) -> bool {
    matches!(c, '$' | '@' | '€' | '¢') && before.is_none_or(char::is_whitespace)
}

/// Chinese and Japanese characters, which have no blanks between words.
pub(in crate::domain) const fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Puts three or more letters in a row, each set apart, together to one word.
fn together(words: Vec<String>) -> Vec<String> {
    let is_letter = |word: &String| {
        let mut chars = word.chars();
        let first = chars.next().is_some_and(|c| c.is_alphabetic() && !is_ideograph(c));
        first && chars.next().is_none()
    };
    let mut joined = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some(word) = rest.first() {
        let run = rest.iter().take_while(|word| is_letter(word)).count();
        let take = if run >= 3 { run } else { 1 };
        joined.push(if run >= 3 { rest[..run].concat() } else { word.clone() });
        rest = &rest[take..];
    }
    joined
}

/// Digits inside a word and letters that look alike made one: `n1k3`, `NlKE` and `nike`; `vv` is w, `rn` is m.
fn letters_only(word: &str) -> String {
    let chars: Vec<char> = word.chars().collect();
    let mut letters = String::with_capacity(word.len());
    let mut at = 0;
    while at < chars.len() {
        let run = chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
        if run == 0 {
            letters.push(if chars[at] == 'l' { 'i' } else { chars[at] });
            at += 1;
            continue;
        }
        let inside = at > 0 && at + run < chars.len();
        let beside = run == 1 && chars.len() > 2;
        // Numbers of models and sizes stay numbers.
        for c in &chars[at..at + run] {
            letters.push(if inside || beside { digit(*c).unwrap_or(*c) } else { *c });
        }
        at += run;
    }
    letters.replace("rn", "m").replace("vv", "w")
}
