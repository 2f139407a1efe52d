//! What an operator's console is like wherever they sit: also where sshd starts it, without flags, files or environment
//! of theirs.

use crate::domain::{refused::Refused, words::words};

words! {
    /// A console's colours.
    ThemeName {
        /// For a dark ground.
        Dark = "dark",
        /// For a light ground.
        Light = "light",
        /// No middle tones: bold, underlined and reversed.
        Contrast = "contrast",
        /// No colours.
        Mono = "mono",
    }
}

/// The longest key map, in characters: each command has some keys of its own, and the record keeps every change whole.
pub const KEYS_MAX: usize = 4000;

/// What somebody chose; by default nothing, so that terminal and house decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preferences {
    /// The colours; `None` for what the terminal says.
    pub theme: Option<ThemeName>,
    /// Whether nothing but ASCII is drawn, whatever the terminal can.
    pub ascii: bool,
    /// The key map, as the text of its file; empty for the house's keys. What it means is the console's business.
    pub keys: String,
}

impl Preferences {
    /// These, if they can be kept.
    ///
    /// # Errors
    /// Refused when the key map is longer than [`KEYS_MAX`] or has control characters beside line breaks and tabs.
    pub fn checked(self) -> Result<Self, Refused> {
        let length = self.keys.chars().count();
        if length > KEYS_MAX {
            let problem = format!("the key map has {length} characters");
            return Err(Refused::one("keys", problem, format!("Keep it within {KEYS_MAX}; leave comments out.")));
        }
        if self.keys.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let fix = "Write it as plain text: lines like remove = \"d\".";
            return Err(Refused::one("keys", "the key map has control characters", fix));
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_map_is_a_text_of_bounded_length() {
        let keys = |text: &str| Preferences { keys: text.to_owned(), ..Preferences::default() }.checked();
        assert!(keys("").is_ok() && keys(&"x".repeat(KEYS_MAX)).is_ok() && keys("# é\r\n\tremove = \"d\"\n").is_ok());
        let refused = keys(&"é".repeat(KEYS_MAX + 1)).unwrap_err().to_string();
        assert_eq!(refused, "keys: the key map has 4001 characters. Keep it within 4000; leave comments out.");
        assert!(keys("remove = \"\u{1b}[2J\"").unwrap_err().to_string().contains("control characters"));
    }
}
