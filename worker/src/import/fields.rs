//! The fields of one record, whatever format it came in, taken out one by one; every fault is gathered on the way.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use jointforce_shared::domain::{
    listing::minor_digits,
    notice::{URL_CHARS_MAX, is_email, is_web_address},
    refused::Fault,
    safe_text::SafeText,
    time::Time,
};
use serde_json::{Map, Value};

/// The fields that are still to be taken, and the faults so far.
#[derive(Debug, Default)]
pub struct Fields {
    values: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    /// The fields of a JSON object, or of a CSV row with texts for values.
    #[must_use]
    pub const fn new(values: Map<String, Value>) -> Self {
        Self { values, faults: vec![] }
    }

    /// Adds a fault.
    pub fn fault(&mut self, field: &str, problem: impl Into<String>, fix: impl Into<String>) {
        self.faults.push(Fault::new(field, problem, fix));
    }

    /// What there is, if it is anything: null and an empty text are nothing. A number is its digits.
    fn given(&mut self, field: &str) -> Option<String> {
        let text = match self.values.remove(field)? {
            Value::Null => return None,
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other => {
                self.fault(field, format!("{} stands where a text belongs", kind(&other)), "Write it in quotes.");
                return None;
            }
        };
        let text = text.trim();
        // PostgreSQL can't keep a NUL; as a picture of one it is still visible.
        (!text.is_empty()).then(|| text.replace('\0', "\u{2400}"))
    }

    fn needed(&mut self, field: &str) -> Option<String> {
        let before = self.faults.len();
        let given = self.given(field);
        if given.is_none() && self.faults.len() == before {
            self.fault(field, "it is missing", "Give it; only the fields marked with a ? may be left out.");
        }
        given
    }

    fn parsed<T: FromStr<Err: Display>>(&mut self, field: &str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                let error: T::Err = error;
                self.fault(field, error.to_string(), "Write it as the help shows.");
                None
            }
        }
    }

    /// An id or a word that has to be there.
    pub fn word<T: FromStr<Err: Display>>(&mut self, field: &str) -> Option<T> {
        let text = self.needed(field)?;
        self.parsed(field, &text)
    }

    /// A word that may be left out.
    pub fn word_or<T: FromStr<Err: Display>>(&mut self, field: &str, default: T) -> Option<T> {
        match self.given(field) {
            Some(text) => self.parsed(field, &text),
            None => Some(default),
        }
    }

    fn fits(&mut self, field: &str, text: String, chars_max: usize) -> Option<String> {
        if text.len() > chars_max && text.chars().nth(chars_max).is_some() {
            self.fault(field, format!("it is longer than {chars_max} characters"), "Shorten it.");
            return None;
        }
        Some(text)
    }

    /// A text that has to be there, of at most `chars_max` characters.
    pub fn text(&mut self, field: &str, chars_max: usize) -> Option<String> {
        let text = self.needed(field)?;
        self.fits(field, text, chars_max)
    }

    /// A text that may be left out, of at most `chars_max` characters.
    pub fn maybe_text(&mut self, field: &str, chars_max: usize) -> Option<String> {
        let text = self.given(field)?;
        self.fits(field, text, chars_max)
    }

    /// An e-mail address.
    pub fn email(&mut self, field: &str) -> Option<String> {
        let text = self.needed(field)?;
        if is_email(&text) {
            return Some(text);
        }
        self.fault(
            field,
            format!("{} is no e-mail address", quoted(&text)),
            "Write it as name@example.com, an international domain in its xn-- form.",
        );
        None
    }

    fn web_address(&mut self, field: &str, text: String) -> Option<String> {
        let text = self.fits(field, text, URL_CHARS_MAX)?;
        if is_web_address(&text) {
            return Some(text);
        }
        let problem = format!("{} is no address of the web", quoted(&text));
        self.fault(field, problem, "Write it whole, from https:// or http:// on.");
        None
    }

    /// An `http` or `https` URL that has to be there.
    pub fn url(&mut self, field: &str) -> Option<String> {
        let text = self.needed(field)?;
        self.web_address(field, text)
    }

    /// An `http` or `https` URL that may be left out.
    pub fn maybe_url(&mut self, field: &str) -> Option<String> {
        let text = self.given(field)?;
        self.web_address(field, text)
    }

    /// A code of capitals: ISO 3166-1 alpha-2, ISO 4217.
    pub fn code(&mut self, field: &str, len: usize, also: &[&str], example: &str) -> Option<String> {
        let text = self.needed(field)?;
        if text.len() == len && text.bytes().all(|b| b.is_ascii_uppercase()) || also.contains(&text.as_str()) {
            return Some(text);
        }
        let problem = format!("{} is no code of {len} capital letters", quoted(&text));
        self.fault(field, problem, format!("Write {example}."));
        None
    }

    /// A whole number that may be left out.
    pub fn maybe_int(&mut self, field: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.given(field)?;
        self.int(field, &text, &range)
    }

    fn int(&mut self, field: &str, text: &str, range: &RangeInclusive<i64>) -> Option<i64> {
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let problem = format!("{} is no whole number from {} to {}", quoted(text), range.start(), range.end());
            self.fault(field, problem, "Write the digits alone.");
        }
        number
    }

    /// A list: a JSON array, or one text with `|` between the entries. Left out, it is empty.
    pub fn list(&mut self, field: &str, entries_max: usize) -> Vec<String> {
        let entries: Vec<String> = match self.values.remove(field) {
            None | Some(Value::Null) => vec![],
            Some(Value::Array(values)) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text.trim().to_owned()),
                    Value::Number(number) => Ok(number.to_string()),
                    other => Err(kind(&other)),
                })
                .collect::<Result<_, _>>()
                .unwrap_or_else(|kind| {
                    self.fault(field, format!("{kind} stands where a text belongs"), "Write its entries as texts.");
                    vec![]
                }),
            Some(Value::String(text)) => text.split('|').map(|entry| entry.trim().to_owned()).collect(),
            Some(Value::Number(number)) => vec![number.to_string()],
            Some(other) => {
                let problem = format!("{} stands where a list belongs", kind(&other));
                self.fault(field, problem, "Write a list, or one text with | between the entries.");
                vec![]
            }
        };
        if entries.len() > entries_max {
            self.fault(field, format!("it has {} entries; at most {entries_max}", entries.len()), "Leave some out.");
            return vec![];
        }
        entries.into_iter().filter(|entry| !entry.is_empty()).collect()
    }

    /// A list of whole numbers, in order and each once.
    pub fn ints(&mut self, field: &str, range: RangeInclusive<i64>) -> Vec<i64> {
        let entries = self.list(field, 100);
        let mut numbers: Vec<i64> = entries
            .iter()
            .enumerate()
            .filter_map(|(n, text)| self.int(&format!("{field}[{n}]"), text, &range))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// A list of `http` or `https` URLs.
    pub fn urls(&mut self, field: &str, entries_max: usize) -> Vec<String> {
        let entries = self.list(field, entries_max);
        let urls = entries.into_iter().enumerate();
        urls.filter_map(|(n, text)| self.web_address(&format!("{field}[{n}]"), text)).collect()
    }

    /// The beginning of a day in UTC, from a date (`2020-01-31`); or a moment (RFC 3339).
    pub fn maybe_day(&mut self, field: &str) -> Option<Time> {
        let text = self.given(field)?;
        let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
        let at = if text.len() == 10 { day() } else { text.parse::<Timestamp>().ok() };
        if at.is_none() {
            let problem = format!("{} is no date", quoted(&text));
            self.fault(field, problem, "Write year, month and day as 2020-01-31.");
        }
        at.map(Time::from)
    }

    /// As [`Self::maybe_day`], but it has to be there.
    pub fn day(&mut self, field: &str) -> Option<Time> {
        let before = self.faults.len();
        let day = self.maybe_day(field);
        if day.is_none() && self.faults.len() == before {
            self.fault(field, "it is missing", "Write year, month and day as 2020-01-31.");
        }
        day
    }

    /// A price as a decimal (`19.99`), in the currency's minor unit. Without a currency only its shape is checked.
    pub fn price(&mut self, field: &str, currency: Option<&str>) -> Option<i64> {
        let text = self.needed(field)?;
        let decimals = currency.map_or(4, minor_digits);
        match minor_units(&text, decimals) {
            Some(price) => Some(price),
            None => {
                let unit = currency.unwrap_or("money");
                self.fault(
                    field,
                    format!("{} is no price in {unit}", quoted(&text)),
                    format!("Write digits, and after a point at most {decimals} more, such as 19 or 19.99."),
                );
                None
            }
        }
    }

    /// The record, if it has no fault. What was not taken are fields that nobody knows.
    ///
    /// # Errors
    /// Every fault.
    pub fn finish<T>(mut self, known: &[&str], record: impl FnOnce() -> Option<T>) -> Result<T, Vec<Fault>> {
        for (field, _) in std::mem::take(&mut self.values) {
            let problem = if known.contains(&field.as_str()) { "it is given twice" } else { "there is no such field" };
            self.fault(&SafeText::line(&field, 60).into_string(), problem, format!("Use {}.", known.join(", ")));
        }
        match record() {
            Some(record) if self.faults.is_empty() => Ok(record),
            _ => Err(self.faults),
        }
    }
}

/// A stranger's text inside a fault: cleaned, short and in quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", SafeText::line(text, 60))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A decimal in minor units, exactly; at most 15 digits before the point.
fn minor_units(text: &str, decimals: usize) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    // `19.0` is nineteen in any currency.
    let rest = if rest.trim_end_matches('0').is_empty() && !rest.is_empty() { "0" } else { rest };
    let digits = |part: &str, max: usize| (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 15) || !digits(rest, decimals.max(usize::from(rest == "0"))) {
        return None;
    }
    let power = 10_i64.pow(u32::try_from(decimals).ok()?);
    let cents: i64 = if rest == "0" { 0 } else { format!("{rest:0<decimals$}").parse().ok()? };
    whole.parse::<i64>().ok()?.checked_mul(power)?.checked_add(cents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_in_every_currency() {
        for (text, currency, minor) in [
            ("19.99", "USD", Some(1999)),
            ("19.9", "USD", Some(1990)),
            ("19", "EUR", Some(1900)),
            ("0.29", "EUR", Some(29)),
            ("1500", "JPY", Some(1500)),
            ("1500.0", "JPY", Some(1500)),
            ("1500.5", "JPY", None),
            ("1.234", "KWD", Some(1234)),
            ("19.999", "USD", None),
            ("19,99", "EUR", None),
            ("-1", "EUR", None),
            ("+1", "EUR", None),
            ("1e3", "EUR", None),
            ("", "EUR", None),
            (".5", "EUR", None),
            ("5.", "EUR", None),
            ("999999999999999.99", "USD", Some(99_999_999_999_999_999)),
            ("9999999999999999", "USD", None),
        ] {
            assert_eq!(minor_units(text, minor_digits(currency)), minor, "{text} {currency}");
        }
    }

    #[test]
    fn a_date_is_the_beginning_of_its_day_in_utc() {
        let day = |text: &str| {
            let mut fields = Fields::new(serde_json::from_value(serde_json::json!({ "day": text })).unwrap());
            let day = fields.maybe_day("day");
            fields.finish(&["day"], || day)
        };
        assert_eq!(day("1970-01-02"), Ok(Time(Time::DAY)));
        assert_eq!(day("1970-01-02T01:00:00+01:00"), Ok(Time(Time::DAY)));
        for bad in ["2020-02-30", "31.01.2020", "2020-1-3", "01/31/2020", "soon"] {
            assert!(day(bad).unwrap_err()[0].problem.contains("is no date"), "{bad}");
        }
    }
}
