//! Reason codes: what a notice says is wrong. One notice has one, as in eBay's VeRO programme, whose codes they carry.

use super::{right::RightKind, words::words};

words! {
    /// What a notice says is wrong with the listings it names.
    ReasonCode {
        /// The item is a counterfeit under somebody's trademark.
        Counterfeit = "counterfeit",
        /// The listing uses a trademark unlawfully; the item may be genuine.
        TrademarkInListing = "trademark_in_listing",
        /// Software offered against its licence.
        UnlicensedSoftware = "unlicensed_software",
        /// The item is an unlawful copy of a protected work.
        CopyrightItem = "copyright_item",
        /// The listing copies protected text.
        CopyrightText = "copyright_text",
        /// The listing copies a protected image.
        CopyrightImage = "copyright_image",
        /// The listing copies both.
        CopyrightImageAndText = "copyright_image_and_text",
        /// The item copies a registered design.
        Design = "design",
        /// The item infringes a patent.
        Patent = "patent",
        /// Goods under the mark that may not be imported here (grey market).
        UnlawfulImport = "unlawful_import",
    }
}

impl ReasonCode {
    /// The reason as people say it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Counterfeit => "counterfeit item",
            Self::TrademarkInListing => "trademark misused in the listing",
            Self::UnlicensedSoftware => "unlicensed software",
            Self::CopyrightItem => "pirated copy of a work",
            Self::CopyrightText => "copied text in the listing",
            Self::CopyrightImage => "copied image in the listing",
            Self::CopyrightImageAndText => "copied image and text in the listing",
            Self::Design => "copied design",
            Self::Patent => "patent infringement",
            Self::UnlawfulImport => "unlawful import",
        }
    }

    /// The code on eBay's VeRO form or in its API. VeRO has none for designs: they go under 9052, "other".
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Counterfeit => "1.1",
            Self::TrademarkInListing => "2.1",
            Self::UnlicensedSoftware => "3.1",
            Self::CopyrightItem => "3.2",
            Self::CopyrightText => "4.1",
            Self::CopyrightImage => "4.2",
            Self::CopyrightImageAndText => "4.3",
            Self::Design => "9052",
            Self::Patent => "9048",
            Self::UnlawfulImport => "9037",
        }
    }

    /// The reason of this name or VeRO code. `9052` names none, since it is any other reason.
    #[must_use]
    pub fn from_word_or_code(text: &str) -> Option<Self> {
        let is = |reason: &Self| text == reason.as_str() || (text == reason.code() && *reason != Self::Design);
        Self::ALL.iter().copied().find(is)
    }

    /// The kinds of right that can support it.
    #[must_use]
    pub const fn needs(self) -> &'static [RightKind] {
        match self {
            Self::Counterfeit | Self::TrademarkInListing | Self::UnlawfulImport => &[RightKind::Trademark],
            Self::UnlicensedSoftware
            | Self::CopyrightItem
            | Self::CopyrightText
            | Self::CopyrightImage
            | Self::CopyrightImageAndText => &[RightKind::Copyright],
            Self::Design => &[RightKind::Design],
            Self::Patent => &[RightKind::Patent],
        }
    }

    /// Whether the item itself infringes; otherwise the listing's content does, and a genuine item may stand behind it.
    #[must_use]
    pub const fn is_item(self) -> bool {
        match self {
            Self::Counterfeit
            | Self::UnlicensedSoftware
            | Self::CopyrightItem
            | Self::Design
            | Self::Patent
            | Self::UnlawfulImport => true,
            Self::TrademarkInListing | Self::CopyrightText | Self::CopyrightImage | Self::CopyrightImageAndText => {
                false
            }
        }
    }

    /// Hours by which a case of this kind goes ahead of its deadline in the queue, 0 to 24. Our own weights: harm to
    /// buyers first, then goods that infringe, then a listing's wording and pictures.
    #[must_use]
    pub const fn severity_hours(self) -> i64 {
        match self {
            Self::Counterfeit => 24,
            Self::CopyrightItem | Self::Design => 12,
            Self::UnlicensedSoftware | Self::Patent => 8,
            Self::UnlawfulImport => 6,
            Self::TrademarkInListing => 4,
            Self::CopyrightImageAndText => 2,
            Self::CopyrightText | Self::CopyrightImage => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_found_by_its_word_and_its_code() {
        for &reason in ReasonCode::ALL {
            assert_eq!(ReasonCode::from_word_or_code(reason.as_str()), Some(reason));
            let by_code = (reason != ReasonCode::Design).then_some(reason);
            assert_eq!(ReasonCode::from_word_or_code(reason.code()), by_code);
        }
        assert_eq!(ReasonCode::from_word_or_code("9052"), None);
        assert_eq!(ReasonCode::from_word_or_code(""), None);
    }

    #[test]
    fn an_infringing_item_goes_before_infringing_content() {
        let least_item = ReasonCode::ALL.iter().filter(|r| r.is_item()).map(|r| r.severity_hours()).min();
        let most_content = ReasonCode::ALL.iter().filter(|r| !r.is_item()).map(|r| r.severity_hours()).max();
        assert!(least_item > most_content);
        assert!(ReasonCode::ALL.iter().all(|r| (0..=24).contains(&r.severity_hours()) && !r.needs().is_empty()));
    }
}
