//! What consoles do the same for everybody: texts that are written often, and when a screen is covered.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    picture::PicturePolicy,
    refused::{Fault, Refused},
    span,
};

/// The longest text of a snippet, in characters.
const LONGEST: usize = 1000;
/// What may stand in braces.
const VARIABLES: [&str; 4] = ["brand", "listing", "seller", "case"];

/// A text that is written often. What stands in braces is put in from the case: `{brand}`, `{listing}` (the title),
/// `{seller}`, `{case}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snippet {
    /// What one types for it: letters, digits and `-`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What is put into a snippet.
#[derive(Debug, Clone, Copy, Default)]
pub struct About<'a> {
    /// The brand's name.
    pub brand: &'a str,
    /// The listing's title.
    pub listing: &'a str,
    /// The shop's name.
    pub seller: &'a str,
    /// The case's id.
    pub case: &'a str,
}

impl Snippet {
    /// The text about a case. What was put in is not looked at again: a title with braces in it stays what it is.
    #[must_use]
    pub fn about(&self, about: About<'_>) -> String {
        let mut text = String::new();
        let mut rest = self.text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                text.push('{');
                rest = after;
                continue;
            };
            text.push_str(match name {
                "brand" => about.brand,
                "listing" => about.listing,
                "seller" => about.seller,
                _ => about.case,
            });
            rest = behind;
        }
        text + rest
    }
}

/// The numbers and texts of consoles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsolePolicy {
    /// A screen without a key for so long is covered and its leases are given back; 0 for never. Default 10 min: as long as
    /// a lease lasts, and inside the 15 min after which PCI DSS 8.2.8 wants a session to be taken up anew.
    #[serde(with = "span")]
    pub cover_after: Duration,
    /// Texts that are written often, for notes and letters.
    pub snippets: Vec<Snippet>,
    /// What is spent on a listing's picture that somebody asks to see.
    pub pictures: PicturePolicy,
}

impl Default for ConsolePolicy {
    fn default() -> Self {
        let snippet = |name: &str, text: &str| Snippet { name: name.to_owned(), text: text.to_owned() };
        Self {
            cover_after: Duration::from_secs(600),
            pictures: PicturePolicy::default(),
            snippets: vec![
                snippet("mark", "The mark on “{listing}” is not the one of {brand}."),
                snippet("pictures", "The pictures of “{listing}” are {brand}'s own."),
                snippet("invoice", "Please send an invoice that shows where {seller} bought “{listing}”."),
                snippet("price", "At this price “{listing}” can't be {brand}'s."),
                snippet("same", "The same goods as in the other cases of {seller}."),
            ],
        }
    }
}

impl ConsolePolicy {
    /// Whether the numbers and texts can be worked with.
    ///
    /// # Errors
    /// Refused with everything that is wrong.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = self.pictures.faults();
        let (least, most) = (Duration::from_secs(60), Duration::from_secs(24 * 3600));
        if !self.cover_after.is_zero() && !(least..=most).contains(&self.cover_after) {
            let problem = format!("{} is too short or too long", span::words(self.cover_after));
            faults.push(Fault::new("console.cover_after", problem, "give 1 min to 24 h, or 0 s for never"));
        }
        for (n, snippet) in self.snippets.iter().enumerate() {
            let mut fault = |field: &str, problem: String, fix: String| {
                faults.push(Fault::new(format!("console.snippets[{n}].{field}"), problem, fix));
            };
            let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if snippet.name.is_empty() || snippet.name.len() > 20 || !snippet.name.chars().all(good) {
                fault("name", "it can't be typed as one word".into(), "use 1 to 20 letters, digits and -".into());
            }
            if self.snippets.iter().take(n).any(|other| other.name == snippet.name) {
                fault("name", format!("{} is there twice", snippet.name), "give each its own name".into());
            }
            if snippet.text.trim().is_empty() || snippet.text.chars().count() > LONGEST {
                fault("text", "it is empty or too long".into(), format!("give 1 to {LONGEST} characters"));
            }
            let names = snippet.text.split('{').skip(1).map(|after| after.split_once('}').map(|(name, _)| name));
            if let Some(wrong) = names.into_iter().find(|name| name.is_none_or(|name| !VARIABLES.contains(&name))) {
                let problem = match wrong {
                    Some(name) => format!("{{{name}}} is nothing that can be put in"),
                    None => "a brace is not closed".into(),
                };
                let known = VARIABLES.map(|name| format!("{{{name}}}")).join(", ");
                fault("text", problem, format!("there is {known}"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        let snippet = Snippet { name: "x".into(), text: "{brand}, {listing} {seller}: {case}.".into() };
        let about = About { brand: "Acme", listing: "{seller} {", seller: "} shop", case: "C1" };
        assert_eq!(snippet.about(about), "Acme, {seller} { } shop: C1.");
    }

    #[test]
    fn every_fault_of_a_console_is_named() {
        assert_eq!(ConsolePolicy::default().validate(), Ok(()));
        let snippet = |name: &str, text: &str| Snippet { name: name.into(), text: text.into() };
        let wrong = ConsolePolicy {
            cover_after: Duration::from_secs(5),
            snippets: vec![snippet("a b", "{brand"), snippet("x", ""), snippet("x", "{mail} {brand}")],
            ..ConsolePolicy::default()
        };
        let faults = wrong.validate().unwrap_err().faults;
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.trim_start_matches("console.")).collect();
        assert_eq!(
            fields,
            [
                "cover_after",
                "snippets[0].name",
                "snippets[0].text",
                "snippets[1].text",
                "snippets[2].name",
                "snippets[2].text"
            ]
        );
        assert_eq!(ConsolePolicy { cover_after: Duration::ZERO, ..ConsolePolicy::default() }.validate(), Ok(()));
    }
}
