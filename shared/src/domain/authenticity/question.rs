//! The questions, as data with variables.

use serde::{Deserialize, Serialize};

use crate::domain::{notice::quoted, refused::Fault, safe_text::SafeText};

/// Characters of a template's text.
const TEXT_CHARS_MAX: usize = 1000;
/// Characters of a template's title, and of its name.
const TITLE_CHARS_MAX: usize = 80;
/// Cells that a variable may take in a question.
const VALUE_WIDTH: usize = 120;

/// A question with variables in braces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// How it is named in commands: small letters, digits and `_`.
    pub name: String,
    /// The question in a few words, for menus and as the letter's subject.
    pub title: String,
    /// The question, with `{brand}`, `{seller}`, `{title}`, `{listing}`, `{price}`, `{territory}`, and `{detail}` for what
    /// the moderator adds.
    pub text: String,
}

/// What a question is about: the values of its variables, as strangers wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About<'a> {
    /// The brand's name.
    pub brand: &'a str,
    /// The shop's name.
    pub seller: &'a str,
    /// The listing's title.
    pub title: &'a str,
    /// The listing's id.
    pub listing: &'a str,
    /// Its price with the currency.
    pub price: &'a str,
    /// Where it is offered.
    pub territory: &'a str,
    /// What the moderator adds, such as a serial number.
    pub detail: &'a str,
}

impl<'a> About<'a> {
    fn value(&self, variable: &str) -> Option<&'a str> {
        Some(match variable {
            "brand" => self.brand,
            "seller" => self.seller,
            "title" => self.title,
            "listing" => self.listing,
            "price" => self.price,
            "territory" => self.territory,
            "detail" => self.detail,
            _ => return None,
        })
    }
}

/// A piece of a template's text.
enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
    /// A brace without its partner.
    Broken,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        pieces.push(Piece::Text(before));
        match from.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            Some((name, after)) if !name.contains('{') => {
                pieces.push(Piece::Variable(name));
                rest = after;
            }
            _ => {
                pieces.push(Piece::Broken);
                rest = &from[1..];
            }
        }
    }
    pieces.push(Piece::Text(rest));
    pieces
}

impl Template {
    /// The questions we ship: whose goods, whose seller, whose number, whose market, and one's own words.
    #[must_use]
    pub fn shipped() -> Vec<Self> {
        let template = |name: &str, title: &str, text: &str| Self {
            name: name.to_owned(),
            title: title.to_owned(),
            text: text.to_owned(),
        };
        vec![
            template(
                "yours",
                "Are these goods yours?",
                "Were the goods in this listing made by {brand}, or with its consent? {seller} offers \"{title}\" for {price} in {territory}.",
            ),
            template(
                "seller",
                "Is this seller authorised?",
                "Is {seller} authorised to sell goods of {brand} in {territory}? It offers \"{title}\" for {price}.",
            ),
            template(
                "serial",
                "Is this serial number real?",
                "Did {brand} give out the serial or batch number {detail}, and does it belong to goods like \"{title}\"?",
            ),
            template(
                "grey_market",
                "Were these goods meant for this market?",
                "Were the goods in \"{title}\", offered by {seller} for {price}, first sold by {brand} or with its consent for {territory}?",
            ),
            template("own_words", "A question about this listing", "{detail}"),
        ]
    }

    /// Whether the moderator has to add something.
    #[must_use]
    pub fn needs_detail(&self) -> bool {
        pieces(&self.text).iter().any(|piece| matches!(piece, Piece::Variable("detail")))
    }

    /// The question about something. Strangers' words in it are clean, and their braces are no variables.
    #[must_use]
    pub fn fill(&self, about: &About<'_>) -> String {
        let mut question = String::with_capacity(self.text.len() + 200);
        for piece in pieces(&self.text) {
            match piece {
                Piece::Text(text) => question.push_str(text),
                // What a moderator asks in own words is the question itself, not a value in it.
                Piece::Variable("detail") => question.push_str(SafeText::line(about.detail, 4 * VALUE_WIDTH).as_str()),
                Piece::Variable(name) => {
                    question.push_str(SafeText::line(about.value(name).unwrap_or_default(), VALUE_WIDTH).as_str());
                }
                Piece::Broken => {}
            }
        }
        question
    }

    /// What is wrong with it, said of `field`.
    pub(super) fn faults(&self, field: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |part: &str, problem: String, fix: &str| {
            faults.push(Fault::new(format!("{field}.{part}"), problem, fix));
        };
        let in_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.name.is_empty() || self.name.len() > TITLE_CHARS_MAX || !self.name.chars().all(in_name) {
            fault(
                "name",
                format!("{} is no name", quoted(&self.name)),
                "Use small letters, digits and _, as in grey_market.",
            );
        }
        if self.title.trim().is_empty() || self.title.chars().count() > TITLE_CHARS_MAX {
            fault("title", format!("it is empty or longer than {TITLE_CHARS_MAX} characters"), "Ask in a few words.");
        }
        if self.text.trim().is_empty() || self.text.chars().count() > TEXT_CHARS_MAX {
            fault("text", format!("it is empty or longer than {TEXT_CHARS_MAX} characters"), "Write the question.");
        }
        let nothing = About { brand: "", seller: "", title: "", listing: "", price: "", territory: "", detail: "" };
        for piece in pieces(&self.text) {
            let problem = match piece {
                Piece::Text(_) => continue,
                Piece::Variable(name) if nothing.value(name).is_some() => continue,
                Piece::Variable(name) => format!("{} is no variable", quoted(name)),
                Piece::Broken => "a brace has no partner".to_owned(),
            };
            fault("text", problem, "Use {brand}, {seller}, {title}, {listing}, {price}, {territory} or {detail}.");
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: About<'_> = About {
        brand: "Acme",
        seller: "Shop {detail}",
        title: "bag\u{202e}\n{brand}",
        listing: "item-1",
        price: "19.99 EUR",
        territory: "DE",
        detail: "SN-42",
    };

    #[test]
    fn strangers_words_are_clean_and_never_variables() {
        let [yours, _, serial, ..] = &Template::shipped()[..] else { panic!("templates") };
        assert_eq!(
            yours.fill(&ABOUT),
            "Were the goods in this listing made by Acme, or with its consent? Shop {detail} offers \
             \"bag‹U+202E›⏎{brand}\" for 19.99 EUR in DE."
        );
        assert!(serial.fill(&ABOUT).contains("number SN-42,") && serial.needs_detail());
        assert!(!yours.needs_detail());
    }

    #[test]
    fn every_shipped_question_is_whole() {
        for template in Template::shipped() {
            assert_eq!(template.faults("t"), [], "{}", template.name);
        }
    }
}
