//! Reading what people send: numbers where texts belong, one text where a list belongs, words for yes and no.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

use super::fields::clean;

pub(super) fn split(text: &str) -> Vec<String> {
    text.split(|c: char| c == '|' || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .map(|part| clean(part).into_owned())
        .collect()
}

pub(super) fn is_yes(text: &str) -> bool {
    ["true", "yes", "y", "1"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes))
}

/// Reads a text; numbers count as their digits, null as nothing.
struct Text;

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(clean(text).into_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<String, E> {
        Ok(match clean(&text) {
            Cow::Borrowed(cleaned) if cleaned.len() == text.len() => text,
            cleaned => cleaned.into_owned(),
        })
    }

    fn visit_unit<E: Error>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

/// Reads a list of texts, or one text that holds several.
struct List;

impl<'de> Visitor<'de> for List {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts, or one text with | between them")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<String>, A::Error> {
        struct Entry(String);
        impl<'de> Deserialize<'de> for Entry {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                text(from).map(Self)
            }
        }
        let mut list = Vec::new();
        while let Some(Entry(entry)) = seq.next_element()? {
            list.push(entry);
        }
        Ok(list)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(split(text))
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }
}

/// Reads a yes or no, also as a word.
struct Flag;

impl Visitor<'_> for Flag {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<bool, E> {
        Ok(flag)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        Ok(is_yes(text))
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<bool, E> {
        Ok(number == 1)
    }
}

/// A text; a number is its digits, null is nothing.
pub(in crate::domain) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    from.deserialize_any(Text)
}

/// A list of texts, or one text that holds several.
pub(in crate::domain) fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(List)
}

/// Yes or no, also as a word.
pub(in crate::domain) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    from.deserialize_any(Flag)
}
