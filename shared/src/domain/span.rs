//! Lengths of time as people write them: `10 s`, `24 h`, `90 d`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// The smallest step of our time.
pub const TICK: Duration = Duration::from_micros(1);

/// Unit, its other names, its length in milliseconds; longest first.
const UNITS: [(&str, &[&str], u128); 5] = [
    ("d", &["day", "days"], 86_400_000),
    ("h", &["hour", "hours"], 3_600_000),
    ("min", &["m", "minute", "minutes"], 60_000),
    ("s", &["sec", "second", "seconds"], 1_000),
    ("ms", &["millisecond", "milliseconds"], 1),
];

/// A length of time in the longest unit that it is a whole number of, to the millisecond. A single day is 24 h.
#[must_use]
pub fn words(span: Duration) -> String {
    let millis = span.as_millis();
    let fits = |(_, _, length): &&(&str, &[&str], u128)| millis.is_multiple_of(*length) && millis > *length;
    let unit = UNITS.iter().find(fits).or_else(|| UNITS.iter().find(|(.., length)| millis == *length));
    match unit {
        _ if millis == 0 => "0 s".to_owned(),
        Some((_, _, 86_400_000)) if millis == 86_400_000 => "24 h".to_owned(),
        Some((unit, _, length)) => format!("{} {unit}", millis / length),
        None => format!("{millis} ms"),
    }
}

/// Reads what [`words`] writes, with or without the blank.
///
/// # Errors
/// Says how to write it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let bad = || format!("{:?} is no length of time: write it like 10 s, 15 min, 24 h or 90 d", short(text));
    let text = text.trim();
    let (count, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = unit.trim();
    let (.., length) =
        UNITS.iter().find(|(name, others, _)| *name == unit || others.contains(&unit)).ok_or_else(bad)?;
    let millis = count.parse::<u64>().ok().and_then(|count| count.checked_mul(u64::try_from(*length).ok()?));
    millis.map(Duration::from_millis).ok_or_else(bad)
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

/// For `#[serde(with = "span")]`.
///
/// # Errors
/// What the format says.
pub fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&words(*span))
}

/// For `#[serde(with = "span")]`.
///
/// # Errors
/// Says how to write it.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, seconds, said) in [
            ("10 s", 10, "10 s"),
            ("90s", 90, "90 s"),
            ("15 minutes", 900, "15 min"),
            ("24h", 86_400, "24 h"),
            ("1 day", 86_400, "24 h"),
            ("48 h", 2 * 86_400, "2 d"),
            ("90 d", 90 * 86_400, "90 d"),
            ("0s", 0, "0 s"),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
            assert_eq!(words(Duration::from_secs(seconds)), said);
        }
        for bad in ["", "10", "s", "ten s", "-3 s", "1.5 h", "99999999999999999999 d"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(millis in any::<u32>()) {
            let span = Duration::from_millis(millis.into());
            prop_assert_eq!(parse(&words(span)), Ok(span));
        }
    }
}
