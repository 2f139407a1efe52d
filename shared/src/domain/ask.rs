//! The filter language of the queue:
//! `brand:adidas sla<2h tier>=good_faith seller:"air shop" points>30 -held "air max" price<50`.
//!
//! [`fields::FIELDS`] is the one table of it: parser, completion, help and palette read it.

mod brands;
pub mod complete;
pub mod fields;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};

use super::{
    brand::Tier,
    escalation::Desk,
    ids::{BrandId, SellerId},
    seller::Level,
    time::Time,
    words::words,
};

use self::fields::Field;

/// Texts that one question may ask for in titles, and those it may shut out.
pub const TEXTS: (usize, usize) = (4, 2);
/// The longest question, in characters.
pub const LONGEST: usize = 500;

words! {
    /// Where a case stands that is not decided.
    Stage {
        /// In the queue.
        Open = "open",
        /// Kept by somebody for a while.
        Held = "held",
        /// Decided, contested, and in the queue for another person.
        Appealed = "appealed",
        /// Out of the queue: its brand was asked.
        Asked = "asked",
    }
}

/// What a moderator wants to see, about any moment and any person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    terms: Vec<Term>,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether it shuts out what it names.
    pub not: bool,
    /// What it names.
    pub need: Need,
}

/// What a condition names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A brand, by id, name or part of its name.
    Brand(String),
    /// A seller, by id, name or part of its name.
    Seller(String),
    /// Brands by how far they are trusted.
    Tier(Compare, Tier),
    /// Sellers by where they stand.
    Level(Compare, Level),
    /// The desk that has it; `None` for no desk.
    Desk(Option<Desk>),
    /// Where it stands.
    Is(Stage),
    /// What was handed to me, is held or leased by me.
    Mine,
    /// A number: of microseconds for [`Field::Due`] and [`Field::Age`], of hundredths for [`Field::Price`].
    Number(Field, Compare, i64),
    /// Words in the listing's title.
    Title(String),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `<`
    Below,
    /// `<=`
    UpTo,
    /// `:` or `=`
    Is,
    /// `>=`
    From,
    /// `>`
    Above,
}

impl Compare {
    /// As it is written; the longer ones first, so that a parser takes them whole.
    pub const ALL: [(&'static str, Self); 6] = [
        ("<=", Self::UpTo),
        (">=", Self::From),
        ("<", Self::Below),
        (">", Self::Above),
        (":", Self::Is),
        ("=", Self::Is),
    ];

    /// The sign.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::UpTo => "<=",
            Self::Is => ":",
            Self::From => ">=",
            Self::Above => ">",
        }
    }

    /// Whether `one` stands so to `other`.
    #[must_use]
    pub fn holds<T: Ord>(self, one: &T, other: &T) -> bool {
        match self {
            Self::Below => one < other,
            Self::UpTo => one <= other,
            Self::Is => one == other,
            Self::From => one >= other,
            Self::Above => one > other,
        }
    }
}

/// How far a tier is trusted, for comparisons: in the order of the field, and who is suspended below everybody.
#[must_use]
pub const fn trust(tier: Tier) -> u8 {
    match tier {
        Tier::Suspended => 0,
        Tier::Unverified => 1,
        Tier::Standard => 2,
        Tier::GoodFaith => 3,
        Tier::JointForce => 4,
        Tier::TrustedFlagger => 5,
    }
}

/// Why a text is no question, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {problem}", column + 1)]
pub struct Mistake {
    /// The character, from 0.
    pub column: usize,
    /// What is wrong there, and what would be right.
    pub problem: String,
}

impl Ask {
    /// Reads the language.
    ///
    /// # Errors
    /// The first mistake.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        parse::parse(text).map(|terms| Self { terms })
    }

    /// Only this brand's cases.
    #[must_use]
    pub fn brand(brand: &BrandId) -> Self {
        Self { terms: vec![Term { not: false, need: Need::Brand(brand.to_string()) }] }
    }

    /// Only cases about this seller.
    #[must_use]
    pub fn seller(seller: &SellerId) -> Self {
        Self { terms: vec![Term { not: false, need: Need::Seller(seller.to_string()) }] }
    }

    /// Its conditions; all of them have to hold, but of several values of one field one is enough.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether everything is wanted.
    #[must_use]
    pub const fn is_all(&self) -> bool {
        self.terms.is_empty()
    }

    /// The question in its own language; [`Ask::parse`] reads the same back.
    #[must_use]
    pub fn words(&self) -> String {
        self.terms.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.not {
            f.write_char('-')?;
        }
        match &self.need {
            Need::Brand(name) => write!(f, "brand:{}", quoted(name)),
            Need::Seller(name) => write!(f, "seller:{}", quoted(name)),
            Need::Tier(compare, tier) => write!(f, "tier{}{tier}", compare.sign()),
            Need::Level(compare, level) => write!(f, "level{}{level}", compare.sign()),
            Need::Desk(None) => f.write_str("desk:none"),
            Need::Desk(Some(desk)) => write!(f, "desk:{desk}"),
            Need::Is(Stage::Held) => f.write_str("held"),
            Need::Is(stage) => write!(f, "is:{stage}"),
            Need::Mine => f.write_str("mine"),
            Need::Number(Field::Due, Compare::Below, 0) => f.write_str("late"),
            Need::Number(field, compare, number) => {
                let value = match field {
                    Field::Due | Field::Age => span_words(*number),
                    Field::Price => money_words(*number),
                    _ => number.to_string(),
                };
                write!(f, "{}{}{value}", field.name(), compare.sign())
            }
            Need::Title(text) => write!(f, "\"{text}\""),
        }
    }
}

/// A value as it has to be written: in quotes if there is a blank in it.
pub(crate) fn quoted(value: &str) -> String {
    if value.is_empty() || value.contains(char::is_whitespace) { format!("\"{value}\"") } else { value.to_owned() }
}

fn span_words(span: i64) -> String {
    let units = [("d", Time::DAY), ("h", Time::HOUR), ("m", Time::MINUTE)];
    let (unit, length) =
        units.into_iter().find(|(_, length)| span != 0 && span % length == 0).unwrap_or(("m", Time::MINUTE));
    format!("{}{unit}", span / length)
}

fn money_words(minor: i64) -> String {
    if minor % 100 == 0 { (minor / 100).to_string() } else { format!("{}.{:02}", minor / 100, minor % 100) }
}
