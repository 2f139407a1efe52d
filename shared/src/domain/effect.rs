//! Consequences of what was decided, as rows of the ledger.

mod endpoint;
mod kind;
mod lane;
mod news;

use serde::{Deserialize, Serialize};

pub use self::{
    endpoint::{Endpoint, EndpointPolicy, Failing},
    kind::Kind,
    lane::{Lane, LaneState, Paused, RATE_MAX, read_rate},
    news::{BrandNews, MarketplaceEvent, PayoutNews, SellerNews},
};
use super::{
    ids::{BrandId, CaseId, DecisionId, EffectId, ListingId, NoticeId, PageId, RequestId, SellerId},
    page::Route,
    time::Time,
    trace::Trace,
    words::words,
};

words! {
    /// Where a row of the ledger is. Who moves it on:
    /// due → running (outside) or done (inside) by the worker; running → done, due or dead by the worker that leased
    /// it, or → due by the sweep when the lease ran out; dead → due or dropped by a person; due → cancelled by undo.
    /// What is final leaves the hot table for the history in the same transaction.
    EffectState {
        /// Waits for its due time, or for a worker.
        Due = "due",
        /// Leased by a worker that is calling out.
        Running = "running",
        /// Carried out; final.
        Done = "done",
        /// Failed too often or for good; waits for a person.
        Dead = "dead",
        /// Taken back before it was carried out; final.
        Cancelled = "cancelled",
        /// Given up by a person with a reason; final.
        Dropped = "dropped",
    }
}

/// The version of the payloads below. A worker parks what is newer than it knows.
pub const PAYLOAD_VERSION: i64 = 1;

/// One consequence, with all that is needed to look up the rest when it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// Take the listing down, if a decision that stands says so.
    RemoveListing {
        /// What to take down.
        listing: ListingId,
        /// The case that decided it.
        case: CaseId,
        /// The decision.
        decision: DecisionId,
    },
    /// Put the listing back, unless another decision still keeps it down.
    RestoreListing {
        /// What to put back.
        listing: ListingId,
        /// The case whose decision was undone.
        case: CaseId,
        /// The decision that was undone.
        decision: DecisionId,
    },
    /// Hide the listing from sale, if a question about it went unanswered and says so.
    PauseListing {
        /// What to hide.
        listing: ListingId,
        /// The case for which the rights holder was asked.
        case: CaseId,
        /// The question.
        request: RequestId,
    },
    /// Offer the listing again, unless another unanswered question keeps it hidden.
    ResumeListing {
        /// What to offer.
        listing: ListingId,
        /// The case for which the rights holder was asked.
        case: CaseId,
        /// The question that was answered or dropped.
        request: RequestId,
    },
    /// Bring the seller to the level that the ladder gives for the strikes that stand. Safe in any order.
    LevelSeller {
        /// Whom.
        seller: SellerId,
        /// The case that caused it, for the timeline; `None` when time alone did.
        case: Option<CaseId>,
    },
    /// Bring a page of a seller's listings to what the ladder says of the whole store; the next page follows by itself.
    /// Safe in any order.
    StoreListings {
        /// Whose.
        seller: SellerId,
        /// The last listing of the page before.
        after: Option<ListingId>,
    },
    /// Write to the seller.
    MailSeller {
        /// To whom.
        seller: SellerId,
        /// About what.
        news: SellerNews,
    },
    /// Write to whoever filed the notice, or to the brand itself.
    MailBrand {
        /// For which brand.
        brand: BrandId,
        /// The notice that is answered, if it is about one.
        notice: Option<NoticeId>,
        /// About what.
        news: BrandNews,
    },
    /// Call the brand's webhook, if it has one when it is carried out.
    HookBrand {
        /// Which brand.
        brand: BrandId,
        /// The notice that is answered, if it is about one.
        notice: Option<NoticeId>,
        /// About what.
        news: BrandNews,
    },
    /// Call whoever is on call, or tell that a page was acknowledged or resolved. What is told is how the page stands when
    /// it is told, so these may come in any order.
    Page {
        /// Which.
        page: PageId,
        /// On which way.
        route: Route,
        /// The level that is called.
        level: i64,
        /// The case it is about, if it is about one.
        case: Option<CaseId>,
    },
    /// Tell the marketplace's own systems, where an endpoint is configured.
    HookMarketplace {
        /// What happened.
        event: MarketplaceEvent,
    },
}

impl Effect {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::RemoveListing { .. } => Kind::RemoveListing,
            Self::RestoreListing { .. } => Kind::RestoreListing,
            Self::PauseListing { .. } => Kind::PauseListing,
            Self::ResumeListing { .. } => Kind::ResumeListing,
            Self::LevelSeller { .. } => Kind::LevelSeller,
            Self::StoreListings { .. } => Kind::StoreListings,
            Self::Page { .. } => Kind::Page,
            Self::HookMarketplace { .. } => Kind::HookMarketplace,
            Self::HookBrand { .. } => Kind::HookBrand,
            Self::MailSeller { .. } => Kind::MailSeller,
            Self::MailBrand { .. } => Kind::MailBrand,
        }
    }

    /// Its lane.
    #[must_use]
    pub const fn lane(&self) -> Lane {
        self.kind().lane()
    }

    /// Whom it calls; `None` inside.
    #[must_use]
    pub fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Self::RemoveListing { .. }
            | Self::RestoreListing { .. }
            | Self::PauseListing { .. }
            | Self::ResumeListing { .. }
            | Self::LevelSeller { .. }
            | Self::StoreListings { .. } => None,
            Self::MailSeller { .. } | Self::MailBrand { .. } | Self::Page { route: Route::Mail, .. } => {
                Some(Endpoint::Mail)
            }
            Self::Page { route: Route::PagerDuty, .. } => Some(Endpoint::PagerDuty),
            Self::Page { route: Route::Alertmanager, .. } => Some(Endpoint::Alertmanager),
            Self::HookMarketplace { .. } => Some(Endpoint::Marketplace),
            Self::HookBrand { brand, .. } => Some(Endpoint::Brand(brand.clone())),
        }
    }

    /// What tells a brand: mail to it or to whoever filed `notice`, and its webhook, if it has one.
    pub fn to_brand(
        brand: &BrandId,
        has_hook: bool,
        notice: Option<NoticeId>,
        news: BrandNews,
    ) -> impl Iterator<Item = Self> {
        let hook = has_hook.then(|| Self::HookBrand { brand: brand.clone(), notice, news: news.clone() });
        [Self::MailBrand { brand: brand.clone(), notice, news }].into_iter().chain(hook)
    }

    /// The trace that it belongs to when it follows from no other effect.
    #[must_use]
    pub fn trace(&self, id: EffectId) -> Trace {
        match (self.case(), self) {
            (Some(case), _) => Trace::of_case(case),
            (None, Self::MailBrand { notice: Some(notice), .. } | Self::HookBrand { notice: Some(notice), .. }) => {
                Trace::of_notice(*notice)
            }
            (None, Self::Page { page, .. }) => Trace::of_page(*page),
            (None, _) => Trace::of_effect(id),
        }
    }

    /// The case whose timeline it belongs to.
    #[must_use]
    pub const fn case(&self) -> Option<CaseId> {
        match self {
            Self::RemoveListing { case, .. }
            | Self::RestoreListing { case, .. }
            | Self::PauseListing { case, .. }
            | Self::ResumeListing { case, .. } => Some(*case),
            Self::LevelSeller { case, .. } | Self::Page { case, .. } => *case,
            Self::StoreListings { .. } => None,
            Self::MailSeller { news, .. } => match news {
                SellerNews::ListingRemoved { case, .. }
                | SellerNews::ListingRestored { case, .. }
                | SellerNews::ListingPaused { case, .. }
                | SellerNews::ListingResumed { case, .. }
                | SellerNews::Note { case, .. }
                | SellerNews::Counter { case, .. }
                | SellerNews::Appeal { case, .. } => Some(*case),
                SellerNews::LevelChanged { .. } | SellerNews::Payout { .. } => None,
            },
            Self::MailBrand { news, .. } | Self::HookBrand { news, .. } => match news {
                BrandNews::Received
                | BrandNews::Withdrawn { .. }
                | BrandNews::TierChanged { .. }
                | BrandNews::Warned { .. }
                | BrandNews::HookGone { .. } => None,
                BrandNews::Asked { case, .. }
                | BrandNews::Decided { case, .. }
                | BrandNews::Undone { case, .. }
                | BrandNews::Note { case, .. }
                | BrandNews::Counter { case, .. }
                | BrandNews::Appeal { case, .. } => Some(*case),
            },
            Self::HookMarketplace { event } => match event {
                MarketplaceEvent::ListingRemoved { case, .. }
                | MarketplaceEvent::ListingRestored { case, .. }
                | MarketplaceEvent::ListingPaused { case, .. }
                | MarketplaceEvent::ListingResumed { case, .. } => Some(*case),
                MarketplaceEvent::SellerLevel { .. }
                | MarketplaceEvent::StoreListingRemoved { .. }
                | MarketplaceEvent::StoreListingRestored { .. }
                | MarketplaceEvent::PayoutHeld { .. }
                | MarketplaceEvent::PayoutReleased { .. } => None,
            },
        }
    }
}

/// An effect to be written into the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEffect {
    /// Its id, and the idempotency key of what it does outside.
    pub id: EffectId,
    /// What to do.
    pub effect: Effect,
    /// When, at the earliest.
    pub due: Time,
    /// The decision that it follows from, so that undo finds it.
    pub decision: Option<DecisionId>,
    /// At most one open effect may have this key; a second one is dropped silently.
    pub once: Option<String>,
}
