//! The one table of fields. Parser, completion, help and palette read it, so none of them can know more than the others.

use super::{Stage, trust};
use crate::domain::{brand::Tier, escalation::Desk, seller::Level};

/// A field of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Whose claims.
    Brand,
    /// Who sells it.
    Seller,
    /// How far the brand is trusted.
    Tier,
    /// Time until the review is due.
    Due,
    /// Time since it came into the queue.
    Age,
    /// The seller's points.
    Points,
    /// Where the seller stands.
    Level,
    /// The listing's price.
    Price,
    /// Units sold.
    Sold,
    /// Cases about the seller.
    Reports,
    /// The desk that has it.
    Desk,
    /// Where it stands.
    Is,
    /// Held by somebody.
    Held,
    /// Mine.
    Mine,
    /// Past its deadline.
    Late,
}

/// What stands after a field's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: the name is the condition.
    Nothing,
    /// A name or an id, after `:`.
    Name,
    /// One of some words, after `:`.
    Word,
    /// One of some words that have an order, after any sign.
    Step,
    /// A length of time like `30m`, `2h`, `1d`, after `<` or `>`.
    Span,
    /// A whole number, after any sign.
    Number,
    /// An amount like `50` or `49.90`, after any sign.
    Money,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Which.
    pub field: Field,
    /// Its names, the one to show first.
    pub names: &'static [&'static str],
    /// What stands after it.
    pub takes: Takes,
    /// How it is written.
    pub example: &'static str,
    /// What it asks for, in a sentence.
    pub what: &'static str,
}

const fn entry(
    field: Field,
    names: &'static [&'static str],
    takes: Takes,
    example: &'static str,
    what: &'static str,
) -> Entry {
    Entry { field, names, takes, example, what }
}

/// The table, in the order of the help.
pub const FIELDS: &[Entry] = &[
    entry(Field::Brand, &["brand"], Takes::Name, "brand:adidas", "Whose claims: an id, a name, or a part of one"),
    entry(
        Field::Seller,
        &["seller", "shop"],
        Takes::Name,
        "seller:\"air shop\"",
        "Who sells it: an id, a name, or a part of one",
    ),
    entry(Field::Tier, &["tier"], Takes::Step, "tier>=good_faith", "How far the brand is trusted"),
    entry(Field::Due, &["due", "sla"], Takes::Span, "due<2h", "Time left until the review is due"),
    entry(Field::Late, &["late", "overdue"], Takes::Nothing, "late", "Past its deadline"),
    entry(Field::Age, &["age"], Takes::Span, "age>1d", "Time since it came into the queue"),
    entry(Field::Points, &["points"], Takes::Number, "points>30", "The seller's points"),
    entry(Field::Level, &["level"], Takes::Step, "level>=warned", "Where the seller stands on the ladder"),
    entry(Field::Price, &["price"], Takes::Money, "price<50", "The listing's price, in whatever currency it has"),
    entry(Field::Sold, &["sold"], Takes::Number, "sold>=100", "Units that the listing sold in 30 days"),
    entry(Field::Reports, &["reports"], Takes::Number, "reports>3", "Cases about the seller so far"),
    entry(Field::Desk, &["desk"], Takes::Word, "desk:legal", "The desk that has it; desk:none for the general queue"),
    entry(Field::Is, &["is"], Takes::Word, "is:appealed", "Where it stands"),
    entry(Field::Held, &["held"], Takes::Nothing, "-held", "Kept by somebody for a while; -held for nobody"),
    entry(Field::Mine, &["mine"], Takes::Nothing, "mine", "Handed to me, held by me or open at my screen"),
];

/// What titles are asked for, which is no field: words in quotes.
pub const TITLES: (&str, &str) = ("\"air max\"", "Words in the listing's title; -\"…\" for titles without them");

/// What stands before any condition.
pub const NOT: (&str, &str) = ("-tier:standard", "A minus shuts out; of several values of one field, one is enough");

/// The line of a field by one of its names.
#[must_use]
pub fn called(name: &str) -> Option<&'static Entry> {
    FIELDS.iter().find(|entry| entry.names.contains(&name))
}

impl Field {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        FIELDS
            .iter()
            .find(|entry| entry.field == self)
            .and_then(|entry| entry.names.first())
            .copied()
            .unwrap_or_default()
    }

    /// The words that it takes, lowest first if they have an order; empty for other fields.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Tier => {
                let mut tiers = Tier::ALL.to_vec();
                tiers.sort_by_key(|tier| trust(*tier));
                tiers.into_iter().map(Tier::as_str).collect()
            }
            Self::Level => Level::ALL.iter().map(|level| level.as_str()).collect(),
            Self::Desk => Desk::ALL.iter().map(|desk| desk.as_str()).chain(["none"]).collect(),
            Self::Is => Stage::ALL.iter().map(|stage| stage.as_str()).collect(),
            _ => vec![],
        }
    }
}

impl Entry {
    /// The sentence of the help, with the words that the field takes.
    #[must_use]
    pub fn explained(&self) -> String {
        let words = self.field.words();
        match self.takes {
            Takes::Step => format!("{}: {}", self.what, words.join(" < ")),
            Takes::Word => format!("{}: {}", self.what, words.join(", ")),
            _ => self.what.to_owned(),
        }
    }
}
