//! Escalation: cases that a moderator passes to people who know more.

use super::words::words;

words! {
    /// Where a case goes that a moderator can't or may not decide alone.
    Desk {
        /// Questions of law: conflicting rights, court orders.
        Legal = "legal",
        /// Brands: their records, their account managers, their complaints.
        BrandRelations = "brand_relations",
        /// Danger to life or health.
        Safety = "safety",
        /// Hard or contested cases.
        Senior = "senior",
    }
}

impl Desk {
    /// The desk as people say it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::BrandRelations => "brand relations",
            Self::Safety => "safety",
            Self::Senior => "senior",
        }
    }
}
