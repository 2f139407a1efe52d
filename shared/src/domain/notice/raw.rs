//! A notice as it was sent: anything may be missing, nothing is checked yet.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, SeqAccess, Visitor},
};

use super::fields::{LISTINGS_MAX, URL_CHARS_MAX, clean, is_longer};
use crate::domain::{refused::Fault, safe_text::SafeText};

/// A notice as it was sent. Every field may be missing, so that all that is missing can be said at once; one that
/// nobody knows is an error, since it is a misspelt one. Texts may be of any length.
///
/// JSON through serde: texts may be numbers or null; lists may be one text with `|` or blanks between the entries.
/// CSV through [`RawNotice::set`], because serde would read `007` as a number there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawNotice {
    /// The sender's own reference, unique for the brand.
    #[serde(deserialize_with = "text")]
    pub reference: String,
    /// Brand id.
    #[serde(deserialize_with = "text")]
    pub brand: String,
    /// A reason's word or VeRO code.
    #[serde(deserialize_with = "text")]
    pub reason: String,
    /// Right id or registration number.
    #[serde(deserialize_with = "text")]
    pub right: String,
    /// Ids or URLs.
    #[serde(deserialize_with = "list")]
    pub listings: Vec<String>,
    /// Who sends it.
    #[serde(deserialize_with = "text")]
    pub notifier_name: String,
    /// Their e-mail address.
    #[serde(deserialize_with = "text")]
    pub notifier_email: String,
    /// `principal`, `agent` or `attorney`.
    #[serde(deserialize_with = "text")]
    pub notifier_role: String,
    /// Why the listings are illegal: DSA art. 16(2)(a).
    #[serde(deserialize_with = "text")]
    pub explanation: String,
    /// "I believe in good faith that this use is not authorised": DSA art. 16(2)(d), 17 U.S.C. 512(c)(3)(A)(v).
    #[serde(deserialize_with = "flag")]
    pub good_faith: bool,
    /// "This is accurate and, under penalty of perjury, I am authorised": 17 U.S.C. 512(c)(3)(A)(vi).
    #[serde(deserialize_with = "flag")]
    pub accuracy: bool,
    /// Electronic signature: 17 U.S.C. 512(c)(3)(A)(i).
    #[serde(deserialize_with = "text")]
    pub signature: String,
    /// URLs.
    #[serde(deserialize_with = "list")]
    pub evidence: Vec<String>,
    /// When it reached the sender's system, RFC 3339; empty for now.
    #[serde(deserialize_with = "text")]
    pub received_at: String,
    /// Reference or id of the notice that was refused in review and that this one corrects; it keeps its place.
    #[serde(deserialize_with = "text")]
    pub resubmits: String,
}

impl RawNotice {
    /// The names of its fields: the header of a CSV file.
    pub const FIELDS: [&str; 15] = [
        "reference",
        "brand",
        "reason",
        "right",
        "listings",
        "notifier_name",
        "notifier_email",
        "notifier_role",
        "explanation",
        "good_faith",
        "accuracy",
        "signature",
        "evidence",
        "received_at",
        "resubmits",
    ];

    /// Sets a field from a text, such as a cell of a CSV file.
    ///
    /// # Errors
    /// No field has this name.
    pub fn set(&mut self, field: &str, value: &str) -> Result<(), Fault> {
        let text = match field {
            "reference" => &mut self.reference,
            "brand" => &mut self.brand,
            "reason" => &mut self.reason,
            "right" => &mut self.right,
            "notifier_name" => &mut self.notifier_name,
            "notifier_email" => &mut self.notifier_email,
            "notifier_role" => &mut self.notifier_role,
            "explanation" => &mut self.explanation,
            "signature" => &mut self.signature,
            "received_at" => &mut self.received_at,
            "resubmits" => &mut self.resubmits,
            "listings" | "evidence" => {
                let list = if field == "listings" { &mut self.listings } else { &mut self.evidence };
                *list = split(value);
                return Ok(());
            }
            "good_faith" | "accuracy" => {
                let flag = if field == "good_faith" { &mut self.good_faith } else { &mut self.accuracy };
                *flag = is_yes(value);
                return Ok(());
            }
            _ => {
                let field = SafeText::line(field, 60).into_string();
                let fix = format!("Use {}.", Self::FIELDS.join(", "));
                return Err(Fault::new(field, "a notice has no such field", fix));
            }
        };
        clean(value).as_ref().clone_into(text);
        Ok(())
    }

    /// The listings' names by which to look them up: those that may exist, at most [`LISTINGS_MAX`].
    pub fn listing_names(&self) -> impl Iterator<Item = &str> {
        let may_exist = |name: &&str| !name.is_empty() && !name.contains('\0') && !is_longer(name, URL_CHARS_MAX);
        self.listings.iter().take(LISTINGS_MAX).map(|name| name.trim()).filter(may_exist)
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(|c: char| c == '|' || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .map(|part| clean(part).into_owned())
        .collect()
}

fn is_yes(text: &str) -> bool {
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

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    from.deserialize_any(Text)
}

fn list<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    from.deserialize_any(List)
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    from.deserialize_any(Flag)
}
