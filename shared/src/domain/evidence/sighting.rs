//! Where a title writes a mark, and how.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::domain::group::{
    fold, is_ideograph,
    lookalike::{boxed, digit, is_unseen, latin, sign},
};

/// Letters that a mark needs before spellings of it are looked for: of two every abbreviation is one.
const LETTERS_MIN: usize = 3;
/// Titles have at most 500 characters, each of which may be a word; no more are looked at.
const WORDS_MAX: usize = 500;
/// Bytes of a title, or of a mark, that are looked at: rows are compared while somebody waits for them.
const BYTES_MAX: usize = 4_000;

/// A mark in a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The mark, as it is registered.
    pub mark: String,
    /// The bytes of the title that spell it.
    pub at: Range<usize>,
    /// Characters in it that can't be seen.
    pub unseen: usize,
    /// Whether its letters are set apart.
    pub apart: bool,
    /// What stands for what: `("3", "e")`. Strangers' text.
    pub looks: Vec<(String, String)>,
}

impl Sighting {
    /// Whether it is written otherwise than the mark; capitals and accents aside.
    #[must_use]
    pub const fn is_disguised(&self) -> bool {
        self.unseen > 0 || self.apart || !self.looks.is_empty()
    }

    /// How it is written, in words: `look-alike letters: 1 for i, 3 for e`. Holds strangers' text.
    #[must_use]
    pub fn how(&self) -> String {
        let mut how = vec![];
        if !self.looks.is_empty() {
            let pairs: Vec<_> = self.looks.iter().map(|(this, that)| format!("{this} for {that}")).collect();
            how.push(format!("look-alike letters: {}", pairs.join(", ")));
        }
        if self.apart {
            how.push("letters set apart".to_owned());
        }
        if self.unseen > 0 {
            how.push(format!("{} hidden inside", self.unseen));
        }
        if how.is_empty() { "as registered".to_owned() } else { how.join("; ") }
    }
}

/// Where a title writes one of these marks: in disguise if it does so anywhere, else as it is.
#[must_use]
pub fn sighting<'a>(title: &str, marks: impl IntoIterator<Item = &'a str>) -> Option<Sighting> {
    let title = head(title);
    let words = words(title);
    let mut plain = None;
    for mark in marks.into_iter().map(head) {
        let folded = folded(mark);
        if folded.chars().count() < LETTERS_MIN {
            continue;
        }
        let mut from = 0;
        while let Some((at, next)) = piece(title, words.get(from..).unwrap_or_default(), &folded) {
            let found = look(title, at, mark);
            if found.is_disguised() {
                return Some(found);
            }
            plain.get_or_insert(found);
            from += next;
        }
    }
    plain
}

/// As much of a text as is looked at.
pub(super) fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(BYTES_MAX)).unwrap_or(text)
}

/// What may spell a mark or a part of it. Blanks and signs bound words; an ideograph, and a sign that may stand for a
/// letter, is a word of its own: `adida$` is two, which together spell the mark, and so are `Gucci` and `!`.
fn words(title: &str) -> Vec<Range<usize>> {
    let mut words: Vec<Range<usize>> = vec![];
    let mut alone = true;
    for (at, c) in title.char_indices() {
        let end = at + c.len_utf8();
        let silent = is_unseen(c) || is_combining_mark(c);
        let letter = silent || (c.is_alphanumeric() && !is_ideograph(c));
        match words.last_mut().filter(|word| word.end == at) {
            Some(word) if silent || (letter && !alone) => word.end = end,
            _ if letter || may_stand_for_letters(c) => {
                words.push(at..end);
                alone = !letter;
            }
            _ => {}
        }
        if words.len() > WORDS_MAX {
            words.pop();
            break;
        }
    }
    words
}

fn may_stand_for_letters(c: char) -> bool {
    c.is_alphanumeric()
        || sign(c).or_else(|| boxed(c)).is_some()
        || std::iter::once(c).nfkd().any(char::is_alphanumeric)
}

/// How a mark reads when all its words are put together, as those of a title are.
fn folded(mark: &str) -> String {
    fold(&words(mark).into_iter().filter_map(|word| mark.get(word)).collect::<String>()).concat()
}

/// The first words that together spell the mark, and how many words to pass over to look further.
fn piece(title: &str, words: &[Range<usize>], folded: &str) -> Option<(Range<usize>, usize)> {
    let letters = folded.chars().count();
    for (n, first) in words.iter().enumerate() {
        let mut spelt = String::new();
        for (m, word) in words.iter().enumerate().skip(n) {
            spelt.push_str(title.get(word.clone())?);
            let reads = fold(&spelt).concat();
            if spells(&reads, title.get(first.start..word.end)?, folded) {
                return Some((narrowest(title, words.get(n..=m)?, &reads), m + 1));
            }
            let nothing = reads.is_empty() && m > n;
            if nothing || reads.chars().count() > letters || !may_become(&reads, folded) {
                break;
            }
        }
    }
    None
}

/// Whether a piece of a title is the mark. Without blanks it may be more: `Ray-Bans`.
fn spells(reads: &str, piece: &str, folded: &str) -> bool {
    reads == folded || (reads.starts_with(folded) && !piece.contains(char::is_whitespace))
}

/// Less the words in front that aren't read: the sign of `!Nike`.
fn narrowest(title: &str, words: &[Range<usize>], reads: &str) -> Range<usize> {
    let text = |words: &[Range<usize>]| words.iter().filter_map(|word| title.get(word.clone())).collect::<String>();
    let silent =
        (1..words.len()).take_while(|n| words.get(*n..).is_some_and(|rest| fold(&text(rest)).concat() == reads));
    let first = words.get(silent.last().unwrap_or(0)).map_or(0, |word| word.start);
    first..words.last().map_or(first, |word| word.end)
}

/// Whether more words may make a mark of what reads so far. How digits and the last letter read depends on what comes next.
fn may_become(reads: &str, folded: &str) -> bool {
    let before_last = reads.chars().count().saturating_sub(1);
    reads.chars().zip(folded.chars()).take(before_last).all(|(this, that)| this == that || digit(this) == Some(that))
}

fn look(title: &str, at: Range<usize>, mark: &str) -> Sighting {
    let piece = title.get(at.clone()).unwrap_or_default();
    let seen: String = piece.chars().filter(|c| !is_unseen(*c)).collect();
    let unseen = piece.chars().filter(|c| is_unseen(*c)).count();
    let (ours, theirs) = (bare(mark), bare(&seen));
    let joined = |text: &str| text.split(|c: char| !c.is_alphanumeric()).collect::<String>();
    let mut found = Sighting { mark: mark.to_owned(), at, unseen, apart: false, looks: vec![] };
    if theirs.contains(&ours) {
        return found;
    }
    let runs = |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()).count();
    let signs = seen.chars().any(|c| sign(c).is_some());
    found.apart = runs(&theirs) > runs(&ours) + 1 && !signs;
    if joined(&theirs).contains(&joined(&ours)) {
        return found;
    }
    for c in seen.chars() {
        if let Some(letter) = stands_for(c)
            && !ours.contains(c)
        {
            push(&mut found.looks, c.to_string(), letter);
        }
    }
    if found.looks.is_empty() {
        letter_by_letter(&mut found.looks, &joined(&theirs), &joined(&ours));
    }
    found
}

/// Small letters without accents.
fn bare(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn push(looks: &mut Vec<(String, String)>, this: String, that: String) {
    let pair = (this, that);
    if pair.0 != pair.1 && !looks.contains(&pair) {
        looks.push(pair);
    }
}

/// `nlke` beside `nike`; `rn` beside `m`, which can't be laid letter by letter, as a whole.
fn letter_by_letter(looks: &mut Vec<(String, String)>, this: &str, that: &str) {
    if this.chars().count() == that.chars().count() {
        for (a, b) in this.chars().zip(that.chars()) {
            push(looks, a.to_string(), b.to_string());
        }
    } else if this.chars().count() <= that.chars().count() * 2 {
        push(looks, this.to_owned(), that.to_owned());
    }
}

/// The letters that `c` stands for, if it is none of the Latin ones or one in disguise.
fn stands_for(c: char) -> Option<String> {
    if c.is_ascii_alphabetic() {
        return None;
    }
    if let Some(letters) = latin(c) {
        return Some(letters.to_owned());
    }
    if let Some(letter) = boxed(c).or_else(|| digit(c)).or_else(|| sign(c)) {
        return Some(letter.to_string());
    }
    // An accent is no disguise, full width and fancy letters are.
    let accented = std::iter::once(c).nfd().next().is_some_and(|first| first.is_ascii_alphabetic());
    let folded: String = std::iter::once(c).nfkd().filter(|c| c.is_alphanumeric()).collect();
    (!accented && !folded.is_empty() && folded.chars().all(|c| c.is_ascii_alphanumeric()))
        .then(|| folded.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Random;

    /// Every run of words, as long as it may get.
    fn slowly(title: &str, words: &[Range<usize>], folded: &str) -> Option<(Range<usize>, usize)> {
        for n in 0..words.len() {
            for m in n..words.len() {
                let spelt: String = words[n..=m].iter().map(|word| &title[word.clone()]).collect();
                let reads = fold(&spelt).concat();
                if spells(&reads, &title[words[n].start..words[m].end], folded) {
                    return Some((narrowest(title, &words[n..=m], &reads), m + 1));
                }
                if (reads.is_empty() && m > n) || reads.chars().count() > folded.chars().count() {
                    break;
                }
            }
        }
        None
    }

    #[test]
    fn words_that_can_t_become_the_mark_are_passed_over_and_no_others() {
        let parts = [
            "n", "i", "k", "e", "ni", "ke", "N", "1", "3", "ι", "$", "!", "€", "n.i", "k·e", "\u{301}", "\u{200b}",
            "-", "/", "(", "ﬁ", "ß", "ss", "rn", "m", "ᄀ", "ᅡ", "ᆨ", "靴", " ", " ", " ", " ", " ", " ",
        ];
        let marks = ["nike", "fi nike", "nikess", "me", "nini", "각각", "in", "see"].map(folded);
        let random = &mut Random::new(1, "sighting", 0);
        let mut found = 0;
        for _ in 0..20_000 {
            let title: String = (0..random.below(24)).map(|_| *random.pick(&parts)).collect();
            let words = words(&title);
            let mark = random.pick(&marks);
            let there = piece(&title, &words, mark);
            assert_eq!(there, slowly(&title, &words, mark), "{mark} in {title:?}");
            found += usize::from(there.is_some());
        }
        assert!(found > 100, "{found}");
    }
}
