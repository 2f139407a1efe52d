//! One list for an enum's names: how it is stored, parsed and said; the known name that somebody may have meant; and counts
//! that stop.

/// Makes an enum whose variants have one stored name each, with `ALL`, `as_str`, `Display`, `FromStr` and serde.
///
/// The names are part of the database and of what partners send: never change one, only add.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every variant, in the order of the field.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stored name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(format!(
                        "{:?} is none of {}",
                        text.chars().take(40).collect::<String>(),
                        [$($word,)*].join(", ")
                    )),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> String {
                word.as_str().to_owned()
            }
        }
    };
}

pub(crate) use words;

/// How much a wrong name has to be like a known one to be taken for a slip of the finger, from 0 to 1.
pub const ALIKE: f64 = 0.6;

/// The known name that is most like `name`, if one is at least so much like it, from 0 to 1.
pub fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>, least: f64) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (known, strsim::normalized_damerau_levenshtein(known, name)))
        .filter(|(_, alike)| *alike >= least)
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(known, _)| known)
}

/// A count as people read it: `4,000`.
#[must_use]
pub fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count that may have stopped, as `10,000+` where it stopped at 10,000.
#[must_use]
pub fn counted(number: i64, stopped_at: i64) -> String {
    grouped(number) + if number >= stopped_at { "+" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_stopped_says_so() {
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
        let said = [7, 999, 1_000, 9_999, 10_000, -1_234_567].map(|number| counted(number, 10_000));
        assert_eq!(said, ["7", "999", "1,000", "9,999", "10,000+", "-1,234,567"]);
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_name_and_nonsense_finds_none() {
        let known = ["mail_seller", "mail_brand", "hook_brand"];
        assert_eq!(closest("mail_sellr", known, ALIKE), Some("mail_seller"));
        assert_eq!(closest("zzz", known, ALIKE), None);
    }
}
