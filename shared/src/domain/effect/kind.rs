//! The kinds of effects: their stored names, and the lane that each waits in.

use super::lane::Lane;
use crate::domain::words::words;

words! {
    /// What sort of consequence a row of the ledger is, in the order of the lanes. Its name is serde's tag of the
    /// [`Effect`](super::Effect).
    Kind {
        /// Takes a listing down.
        RemoveListing = "remove_listing",
        /// Puts a listing back.
        RestoreListing = "restore_listing",
        /// Hides a listing while a question about it is unanswered.
        PauseListing = "pause_listing",
        /// Offers such a listing again.
        ResumeListing = "resume_listing",
        /// Brings a seller to the level of the ladder.
        LevelSeller = "level_seller",
        /// Brings a seller's listings to what the ladder says of the whole store.
        StoreListings = "store_listings",
        /// Calls whoever is on call.
        Page = "page",
        /// Tells the marketplace's own systems.
        HookMarketplace = "hook_marketplace",
        /// Calls a brand's webhook.
        HookBrand = "hook_brand",
        /// Writes to a seller.
        MailSeller = "mail_seller",
        /// Writes to a brand or to whoever filed a notice.
        MailBrand = "mail_brand",
    }
}

impl Kind {
    /// Its lane.
    #[must_use]
    pub const fn lane(self) -> Lane {
        match self {
            Self::RemoveListing | Self::RestoreListing | Self::PauseListing | Self::ResumeListing => Lane::Removals,
            Self::LevelSeller | Self::StoreListings => Lane::Penalties,
            Self::Page => Lane::Pages,
            Self::HookMarketplace => Lane::Marketplace,
            Self::HookBrand => Lane::Webhooks,
            Self::MailSeller | Self::MailBrand => Lane::Letters,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::effect::Effect;

    #[test]
    fn every_effect_that_can_be_read_has_its_kind() {
        // serde names every variant that it knows when it meets one that it doesn't.
        let error = serde_json::from_str::<Effect>(r#"{"kind": "nonsense"}"#).unwrap_err().to_string();
        let tags: BTreeSet<&str> = error.split('`').filter(|word| word.contains('_') || *word == "page").collect();
        assert_eq!(tags, Kind::ALL.iter().map(|kind| kind.as_str()).collect(), "{error}");
    }
}
