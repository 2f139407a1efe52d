//! What could stand where the cursor is.

use super::{
    Compare,
    fields::{self, Entry, FIELDS, Field, Takes},
    parse::{Parts, words},
    quoted,
};

/// Choices offered at once, at most.
const MOST: usize = 50;

/// Names that are known where one types: of brands and of sellers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Brands.
    pub brands: &'a [String],
    /// Sellers.
    pub sellers: &'a [String],
}

/// What could stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What takes the place of the word before the cursor; with a blank behind it when the condition is whole.
    pub text: String,
    /// What it asks for.
    pub what: String,
}

/// The first byte of the word that ends where `before`, the text before the cursor, ends, and what could stand there: the
/// most likely first.
#[must_use]
pub fn complete(before: &str, known: Known<'_>) -> (usize, Vec<Choice>) {
    let (start, parts) = last(before);
    let minus = if parts.not { "-" } else { "" };
    let mut choices = match parts.sign {
        None if parts.name.starts_with('"') => vec![],
        None => names(minus, parts.name),
        Some((sign, compare)) => match fields::called(parts.name) {
            Some(entry) if entry.takes == Takes::Step || compare == Compare::Is => {
                values(entry, &format!("{minus}{}{sign}", parts.name), parts.value, known)
            }
            _ => vec![],
        },
    };
    choices.truncate(MOST);
    (start, choices)
}

/// The field whose value is being typed where `before` ends, and what of it is typed, without quotes.
#[must_use]
pub fn begun(before: &str) -> Option<(&'static Entry, &str)> {
    let (_, parts) = last(before);
    parts.sign?;
    Some((fields::called(parts.name)?, parts.value.trim_matches('"')))
}

/// The word that ends where the text does, and where it begins. A blank ends a word, but in quotes.
fn last(before: &str) -> (usize, Parts<'_>) {
    let last = words(before).pop().filter(|word| word.start + word.text.len() == before.len());
    let (start, text) = last.map_or((before.len(), ""), |word| (word.start, word.text));
    (start, Parts::of(text))
}

fn names(minus: &str, typed: &str) -> Vec<Choice> {
    let matching = FIELDS.iter().filter_map(|entry| {
        let name = entry.names.iter().find(|name| name.starts_with(&typed.to_lowercase()))?;
        let after = match entry.takes {
            Takes::Nothing => " ",
            Takes::Name | Takes::Word => ":",
            Takes::Money => "<",
            Takes::Span if entry.field == Field::Due => "<",
            Takes::Step => ">=",
            _ => ">",
        };
        Some(Choice { text: format!("{minus}{name}{after}"), what: entry.what.to_owned() })
    });
    matching.collect()
}

fn values(entry: &Entry, head: &str, typed: &str, known: Known<'_>) -> Vec<Choice> {
    let typed = typed.trim_matches('"').to_lowercase();
    let choice = |value: &str| Choice { text: format!("{head}{} ", quoted(value)), what: String::new() };
    let names = match entry.field {
        Field::Brand => known.brands,
        Field::Seller => known.sellers,
        field => return field.words().into_iter().filter(|word| word.starts_with(&typed)).map(choice).collect(),
    };
    // A name with a quote in it can't be written; its beginning can.
    let fitting = |name: &&String| !name.contains('"');
    let (first, then): (Vec<_>, Vec<_>) = names
        .iter()
        .filter(fitting)
        .filter(|name| name.to_lowercase().contains(&typed))
        .partition(|name| name.to_lowercase().starts_with(&typed));
    first.into_iter().chain(then).map(|name| choice(name)).collect()
}
