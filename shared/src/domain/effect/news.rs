//! What sellers, brands and the marketplace's own systems hear.

use serde::{Deserialize, Serialize};

use crate::domain::{
    appeal::AppealNews,
    brand::Tier,
    counter_notice::CounterNews,
    ids::{AppealId, CaseId, CounterId, DecisionId, ListingId, NoteId, PayoutHoldId, RequestId, SellerId},
    seller::Level,
    time::Time,
    words::words,
};

/// What a seller hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum SellerNews {
    /// A listing was taken down; carries the statement of reasons of the decision.
    ListingRemoved {
        /// The case.
        case: CaseId,
        /// The decision whose statement is told.
        decision: DecisionId,
    },
    /// A listing is hidden from sale until a question about it is answered or the case decided.
    ListingPaused {
        /// The case.
        case: CaseId,
        /// The question.
        request: RequestId,
    },
    /// A listing that was hidden is offered again.
    ListingResumed {
        /// The case.
        case: CaseId,
        /// The question.
        request: RequestId,
    },
    /// A listing is back.
    ListingRestored {
        /// The case.
        case: CaseId,
        /// The decision that was undone.
        decision: DecisionId,
    },
    /// A moderator wrote to them about a case.
    Note {
        /// The case.
        case: CaseId,
        /// The public note.
        note: NoteId,
    },
    /// The seller's level changed.
    LevelChanged {
        /// The new level.
        level: Level,
        /// The one before.
        before: Level,
        /// Points that count.
        points: i64,
        /// When the restriction ends.
        until: Option<Time>,
        /// Whether every listing goes off (`Some(true)`) or comes back (`Some(false)`) with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        listings_off: Option<bool>,
    },
    /// Payouts are kept back, are free again, or stay kept back though the seller asked.
    Payout {
        /// Which hold.
        hold: PayoutHoldId,
        /// What became of it.
        what: PayoutNews,
    },
    /// What becomes of a counter-notice.
    Counter {
        /// The case.
        case: CaseId,
        /// The counter-notice.
        counter: CounterId,
        /// What happened to it.
        step: CounterNews,
    },
    /// What becomes of an appeal.
    Appeal {
        /// The case.
        case: CaseId,
        /// The appeal.
        appeal: AppealId,
        /// What happened to it.
        step: AppealNews,
    },
}

words! {
    /// What a seller hears of a hold on their payouts.
    PayoutNews {
        /// They are kept back.
        Held = "held",
        /// They are free again.
        Released = "released",
        /// The seller asked for them, and they stay.
        Kept = "kept",
    }
}

/// What a brand hears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum BrandNews {
    /// Its notice was received (DSA art. 16(4)).
    Received,
    /// It is asked about a listing.
    Asked {
        /// The case.
        case: CaseId,
        /// The question.
        request: RequestId,
        /// Whether it was asked before, and half of its time is over.
        reminder: bool,
    },
    /// A case of its notice was decided (DSA art. 16(5)).
    Decided {
        /// The case.
        case: CaseId,
        /// The decision.
        decision: DecisionId,
    },
    /// Its tier changed. Carries the words, which are true at this moment and perhaps not when they are read.
    TierChanged {
        /// The tier before.
        from: Tier,
        /// The tier now.
        to: Tier,
        /// Why.
        because: Vec<String>,
        /// What would change it.
        next: Vec<String>,
    },
    /// It is warned of its suspension (DSA art. 23).
    Warned {
        /// For what.
        why: String,
        /// How long the warning stands.
        until: Time,
    },
    /// Its webhook said that it is gone, and is not called any more.
    HookGone {
        /// The webhook's host.
        host: String,
    },
    /// That decision was taken back.
    Undone {
        /// The case.
        case: CaseId,
        /// The decision that was undone.
        decision: DecisionId,
    },
    /// A moderator wrote to them about a case.
    Note {
        /// The case.
        case: CaseId,
        /// The public note.
        note: NoteId,
    },
    /// What becomes of a counter-notice.
    Counter {
        /// The case.
        case: CaseId,
        /// The counter-notice.
        counter: CounterId,
        /// What happened to it.
        step: CounterNews,
    },
    /// What becomes of an appeal.
    Appeal {
        /// The case.
        case: CaseId,
        /// The appeal.
        appeal: AppealId,
        /// What happened to it.
        step: AppealNews,
    },
    /// It took the notice back, for all listings or some.
    Withdrawn {
        /// When; what was withdrawn then is in the record of withdrawals.
        at: Time,
    },
}

/// What the marketplace's search index, caches and checkout have to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum MarketplaceEvent {
    /// `listing.removed`
    ListingRemoved {
        /// Which.
        listing: ListingId,
        /// The case that decided it.
        case: CaseId,
    },
    /// `listing.restored`
    ListingRestored {
        /// Which.
        listing: ListingId,
        /// The case that had decided it.
        case: CaseId,
    },
    /// `listing.paused`
    ListingPaused {
        /// Which.
        listing: ListingId,
        /// The case for which its rights holder was asked.
        case: CaseId,
    },
    /// `listing.resumed`
    ListingResumed {
        /// Which.
        listing: ListingId,
        /// The case for which its rights holder was asked.
        case: CaseId,
    },
    /// `seller.leveled`, `seller.restricted`, `seller.suspended`, … by the new level.
    SellerLevel {
        /// Whom.
        seller: SellerId,
        /// The new level.
        level: Level,
        /// When it ends.
        until: Option<Time>,
    },
    /// `listing.removed`, because the seller's whole store is off.
    StoreListingRemoved {
        /// Which.
        listing: ListingId,
        /// Whose.
        seller: SellerId,
    },
    /// `listing.restored`, because the seller's store is back.
    StoreListingRestored {
        /// Which.
        listing: ListingId,
        /// Whose.
        seller: SellerId,
    },
    /// `payout.held`
    PayoutHeld {
        /// Whose money.
        seller: SellerId,
        /// The hold.
        hold: PayoutHoldId,
        /// When it ends by itself.
        until: Time,
    },
    /// `payout.released`
    PayoutReleased {
        /// Whose money.
        seller: SellerId,
        /// The hold.
        hold: PayoutHoldId,
    },
}
