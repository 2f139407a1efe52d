//! Intellectual property rights: what a notice rests on.

use super::{
    ids::{BrandId, RightId},
    time::Time,
    words::words,
};

words! {
    /// What kind of right it is.
    RightKind {
        /// A registered trademark.
        Trademark = "trademark",
        /// A copyright; needs no registration and has no class.
        Copyright = "copyright",
        /// A registered design.
        Design = "design",
        /// A patent or utility model.
        Patent = "patent",
    }
}

/// A right that a rights holder owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Its id with us.
    pub id: RightId,
    /// Who owns it.
    pub brand: BrandId,
    /// What kind of right.
    pub kind: RightKind,
    /// Registration number, as the register prints it.
    pub number: String,
    /// The mark, work or title protected.
    pub title: String,
    /// Where it holds: ISO 3166-1 alpha-2 in capitals, `EU` for the Union's registers, `WORLD` for copyright.
    pub jurisdiction: String,
    /// Nice classes (1 to 45) of a trademark, Locarno classes (1 to 32) of a design; empty means every class.
    pub classes: Vec<u8>,
    /// First moment of validity.
    pub valid_from: Time,
    /// First moment after validity; `None` for no end.
    pub valid_until: Option<Time>,
}

/// The member states of the European Union, where an `EU` right holds.
pub const EU_STATES: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

impl Right {
    /// Whether the right is in force at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: Time) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|end| now < end)
    }

    /// Whether the right holds in a territory (same notation as [`Right::jurisdiction`]).
    #[must_use]
    pub fn holds_in(&self, territory: &str) -> bool {
        self.jurisdiction == "WORLD"
            || self.jurisdiction == territory
            || (self.jurisdiction == "EU" && EU_STATES.contains(&territory))
    }

    /// Whether the right covers goods of a Nice class; an unknown class of the listing is covered, since only a
    /// person can tell.
    #[must_use]
    pub fn covers_class(&self, class: Option<u8>) -> bool {
        self.kind != RightKind::Trademark
            || self.classes.is_empty()
            || class.is_none_or(|class| self.classes.contains(&class))
    }
}
