//! From text to conditions.

use super::{
    Compare, LONGEST, Mistake, Need, Stage, TEXTS, Term,
    fields::{self, Entry, FIELDS, Field, Takes},
};
use crate::domain::{
    time::Time,
    words::{ALIKE, closest},
};

/// How much a wrong name has to be like a known one, [`ALIKE`], a word that could as well be meant for the titles.
const MISTYPED: f64 = 0.75;

/// A word of the text: what stands between blanks that are not in quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    /// Its first character, from 0.
    pub column: usize,
    /// Its first byte.
    pub start: usize,
    /// The word, with minus and quotes.
    pub text: &'a str,
}

/// Splits at blanks outside quotes.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = vec![];
    let mut open: Option<(usize, usize)> = None;
    let mut inside = false;
    for (column, (at, letter)) in text.char_indices().enumerate() {
        if letter == '"' {
            inside = !inside;
        }
        if letter.is_whitespace() && !inside {
            words.extend(open.take().map(|(column, start)| Word { column, start, text: &text[start..at] }));
        } else if open.is_none() {
            open = Some((column, at));
        }
    }
    words.extend(open.map(|(column, start)| Word { column, start, text: &text[start..] }));
    words
}

/// A word taken apart: `-`, `name`, sign, `value`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub not: bool,
    pub name: &'a str,
    pub sign: Option<(&'static str, Compare)>,
    pub value: &'a str,
}

impl<'a> Parts<'a> {
    pub(super) fn of(word: &'a str) -> Self {
        let (not, rest) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let at = rest.find(['"', ':', '<', '>', '=']).filter(|at| !rest[*at..].starts_with('"'));
        let Some(at) = at else { return Self { not, name: rest, sign: None, value: "" } };
        let (name, rest) = rest.split_at(at);
        let sign = Compare::ALL.into_iter().find(|(sign, _)| rest.starts_with(sign));
        Self { not, name, sign, value: sign.map_or("", |(sign, _)| &rest[sign.len()..]) }
    }

    /// Characters before the value.
    pub(super) fn before_value(&self) -> usize {
        usize::from(self.not) + self.name.chars().count() + self.sign.map_or(0, |(sign, _)| sign.len())
    }
}

fn mistake<T>(column: usize, problem: impl Into<String>) -> Result<T, Mistake> {
    Err(Mistake { column, problem: problem.into() })
}

pub(super) fn parse(text: &str) -> Result<Vec<Term>, Mistake> {
    if text.chars().count() > LONGEST {
        return mistake(LONGEST, format!("more than {LONGEST} characters"));
    }
    let mut terms: Vec<Term> = vec![];
    for word in words(text) {
        let term = term(word)?;
        fits(&terms, &term).map_err(|problem| Mistake { column: word.column, problem })?;
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    Ok(terms)
}

/// Whether a condition can stand beside those before it.
fn fits(terms: &[Term], new: &Term) -> Result<(), String> {
    let same = |of: fn(&Need) -> bool| terms.iter().filter(|term| term.not == new.not && of(&term.need)).count();
    match &new.need {
        Need::Title(_) => {
            let most = if new.not { TEXTS.1 } else { TEXTS.0 };
            let full = same(|need| matches!(need, Need::Title(_))) >= most;
            if full { Err(format!("at most {most} such texts")) } else { Ok(()) }
        }
        Need::Seller(_) if same(|need| matches!(need, Need::Seller(_))) > 0 => {
            Err("one seller at a time; part of a name finds several".into())
        }
        Need::Is(stage) if !new.not => {
            let other = |term: &&Term| matches!(&term.need, Need::Is(other) if !term.not && (*other == Stage::Asked) != (*stage == Stage::Asked));
            match terms.iter().find(other) {
                Some(_) => Err("what its brand was asked about is in nobody's queue: is:asked stands alone".into()),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn term(word: Word<'_>) -> Result<Term, Mistake> {
    let parts = Parts::of(word.text);
    let need = match parts.sign {
        None => bare(word, parts.name)?,
        Some((sign, compare)) => {
            let Some(entry) = fields::called(parts.name) else {
                return mistake(word.column + usize::from(parts.not), unknown(parts.name));
            };
            let at = word.column + parts.before_value();
            // A quote that is not closed is a mistake at the quote, and so is a value that isn't there.
            let value = unquoted(parts.value).map_err(|problem| Mistake { column: at, problem })?;
            if value.trim().is_empty() {
                return mistake(at, format!("{} needs a value: {}", parts.name, entry.example));
            }
            if entry.takes == Takes::Nothing {
                return mistake(at - sign.len(), format!("{0} stands alone: {0} or -{0}", parts.name));
            }
            let ordered = matches!(entry.takes, Takes::Step | Takes::Span | Takes::Number | Takes::Money);
            if !ordered && compare != Compare::Is {
                return mistake(at - sign.len(), format!("{} has no order: {}", parts.name, entry.example));
            }
            if entry.takes == Takes::Span && compare == Compare::Is {
                return mistake(at - sign.len(), format!("{} needs < or >: {}", parts.name, entry.example));
            }
            if parts.not && compare == Compare::Is && matches!(entry.takes, Takes::Number | Takes::Money) {
                return mistake(
                    at - sign.len(),
                    format!("one number can't be shut out; a minus goes with < or >: -{}", entry.example),
                );
            }
            valued(entry, compare, value).map_err(|problem| Mistake { column: at, problem })?
        }
    };
    Ok(Term { not: parts.not, need })
}

/// A word without a sign: a condition that stands alone, or a text for the titles.
fn bare(word: Word<'_>, name: &str) -> Result<Need, Mistake> {
    let at = word.column + usize::from(word.text.starts_with('-'));
    if name.starts_with('"') {
        let text = unquoted(name).map_err(|problem| Mistake { column: at, problem })?;
        return if text.trim().is_empty() {
            mistake(at, "nothing is in the quotes")
        } else {
            Ok(Need::Title(text.to_owned()))
        };
    }
    match fields::called(name) {
        Some(entry) if entry.takes == Takes::Nothing => Ok(match entry.field {
            Field::Mine => Need::Mine,
            Field::Late => Need::Number(Field::Due, Compare::Below, 0),
            _ => Need::Is(Stage::Held),
        }),
        Some(entry) => mistake(at + name.chars().count(), format!("{name} needs a value: {}", entry.example)),
        None if name.is_empty() => mistake(at, "what shall be shut out? -held"),
        // One who mistypes `held` must not get the titles that have `helb` in them.
        None => match nearest(name, MISTYPED) {
            Some(known) => mistake(at, format!("there is {known}; for titles with this word write \"{name}\"")),
            None if name.contains('"') => mistake(at, "a quote in the middle of a word"),
            None => Ok(Need::Title(name.to_owned())),
        },
    }
}

fn valued(entry: &Entry, compare: Compare, value: &str) -> Result<Need, String> {
    fn word<T: std::str::FromStr>(field: Field, value: &str) -> Result<T, String> {
        let folded = value.to_lowercase().replace('-', "_");
        folded.parse().map_err(|_| {
            let words = field.words();
            match closest(&folded, words.iter().copied(), ALIKE) {
                Some(near) => format!("unknown here; did you mean {near}?"),
                None => format!("unknown here; there is {}", words.join(", ")),
            }
        })
    }
    Ok(match entry.field {
        Field::Brand => Need::Brand(value.to_owned()),
        Field::Seller => Need::Seller(value.to_owned()),
        Field::Tier => Need::Tier(compare, word(entry.field, value)?),
        Field::Level => Need::Level(compare, word(entry.field, value)?),
        Field::Desk if value.eq_ignore_ascii_case("none") => Need::Desk(None),
        Field::Desk => Need::Desk(Some(word(entry.field, value)?)),
        Field::Is => Need::Is(word(entry.field, value)?),
        Field::Due | Field::Age => Need::Number(entry.field, compare, span(value).ok_or("a time like 30m, 2h or 1d")?),
        Field::Price => Need::Number(entry.field, compare, money(value).ok_or("an amount like 50 or 49.90")?),
        _ => {
            let number = value.parse::<u32>().map_err(|_| "a whole number like 30")?;
            Need::Number(entry.field, compare, i64::from(number))
        }
    })
}

/// What stands in the quotes, if there are any.
pub(super) fn unquoted(value: &str) -> Result<&str, String> {
    let Some(rest) = value.strip_prefix('"') else {
        return if value.contains('"') { Err("a quote in the middle of a word".into()) } else { Ok(value) };
    };
    match rest.strip_suffix('"') {
        Some(text) if !text.contains('"') => Ok(text),
        Some(_) => Err("a blank is missing after the quote".into()),
        None if rest.contains('"') => Err("a blank is missing after the quote".into()),
        None => Err("the quote is not closed".into()),
    }
}

fn span(text: &str) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit {
        "m" | "min" => Time::MINUTE,
        "h" => Time::HOUR,
        "d" => Time::DAY,
        _ => return None,
    };
    number.parse::<u32>().ok().map(|number| sign * i64::from(number).saturating_mul(unit))
}

fn money(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 {
        return None;
    }
    let hundredths = format!("{part:0<2}").parse::<i64>().ok()?;
    whole.parse::<u32>().ok().map(|whole| i64::from(whole) * 100 + hundredths)
}

fn unknown(name: &str) -> String {
    match nearest(name, ALIKE) {
        Some(known) => format!("no field is called that; did you mean {known}?"),
        None => {
            let names: Vec<_> = FIELDS.iter().filter_map(|entry| entry.names.first().copied()).collect();
            format!("no field is called that; there is {}", names.join(", "))
        }
    }
}

fn nearest(name: &str, alike: f64) -> Option<&'static str> {
    closest(name, FIELDS.iter().flat_map(|entry| entry.names.iter().copied()), alike)
}
