//! Counter-notices: a seller's formal answer to a notice that brought a listing down. From what the seller sent to
//! something one can act on, or to *all* that is missing; then the states it goes through ([`table::step`]).
//!
//! What it must contain and how long everybody has is the law's, by jurisdiction (17 U.S.C. 512(g)(3), E-Commerce Law
//! of China art. 43, DSA art. 20), and stands as data in [`CounterPolicy`].

mod answer;
mod fields;
mod raw;
mod rules;
pub mod table;
#[cfg(test)]
mod tests;

pub use self::{
    answer::{RawAnswer, RawSuit},
    fields::{Known, Removal, parse, reference},
    raw::RawCounterNotice,
    rules::{CounterPolicy, Need, Regime, Rules, Silence},
};
use super::{
    ids::{BrandId, CaseId, DecisionId, ListingId, SellerId},
    time::Time,
    words::words,
};

words! {
    /// Why the seller says that the removal is wrong (Lumen's list of counter-notice reasons).
    CounterReason {
        /// The seller owns the right.
        Owner = "owner",
        /// The right's holder, or the law, allows the use.
        Authorized = "authorized",
        /// The notifier has no such right.
        NoRight = "no_right",
        /// Fair use, or another limit of the right.
        FairUse = "fair_use",
        /// What infringed was taken out of the listing.
        Removed = "removed",
        /// The mark or work is not used in the listing.
        NotUsed = "not_used",
        /// Another reason, said in the explanation.
        Other = "other",
    }
}

impl CounterReason {
    /// As people say it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Owner => "the seller owns the right",
            Self::Authorized => "the use is authorised, by licence or by law",
            Self::NoRight => "the notifier has no such right",
            Self::FairUse => "fair use, or another limit of the right",
            Self::Removed => "what infringed was taken out",
            Self::NotUsed => "the protected mark or work is not used",
            Self::Other => "another reason, see the explanation",
        }
    }
}

words! {
    /// Where a counter-notice stands. Who moves it on stands in [`table`].
    CounterState {
        /// It has come in, complete.
        Received = "received",
        /// The brand has it, and its time runs.
        Forwarded = "forwarded",
        /// The brand gave way: what stood against the listing falls.
        Accepted = "accepted",
        /// The brand contests it, or was silent where silence decides nothing: a person rules.
        Contested = "contested",
        /// The brand has sued: the listing stays down until that ends.
        Sued = "sued",
        /// The brand's time is over without a suit.
        Silent = "silent",
        /// The listing's removal was taken back; final.
        PutBack = "put_back",
        /// The removal stands; final.
        Rejected = "rejected",
        /// The seller took it back; final.
        Withdrawn = "withdrawn",
    }
}

impl CounterState {
    /// Whether nothing more can happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::PutBack | Self::Rejected | Self::Withdrawn)
    }
}

words! {
    /// What the brand answered to a counter-notice.
    Answer {
        /// The seller is right.
        Accept = "accept",
        /// The brand takes its notice back.
        Withdraw = "withdraw",
        /// The brand has sued, and names court and case number.
        Sue = "sue",
        /// The brand disagrees, where that is enough; or a court found for it.
        Reject = "reject",
        /// Nothing, until its time was over. Written by the sweep.
        Silent = "silent",
    }
}

words! {
    /// What the parties hear of a counter-notice.
    CounterNews {
        /// It came in (to the seller).
        Received = "received",
        /// It came in (to the brand), with what can be answered and until when.
        Forwarded = "forwarded",
        /// A person rules on it now.
        Contested = "contested",
        /// The brand has sued.
        Sued = "sued",
        /// What it was about is put back.
        PutBack = "put_back",
        /// The removal stands.
        Rejected = "rejected",
        /// The seller took it back.
        Withdrawn = "withdrawn",
    }
}

/// A suit, as the brand told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suit {
    /// Which court: text of a stranger.
    pub court: String,
    /// The case number there: text of a stranger.
    pub number: String,
    /// Where the proof of filing is.
    pub proof: String,
}

/// A counter-notice one can act on. Its texts are a stranger's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterNotice {
    /// Who sent it.
    pub seller: SellerId,
    /// Their own reference, or one made of the content; unique for the seller.
    pub reference: String,
    /// Digest of what it says: a resend has the same.
    pub digest: String,
    /// Against which case.
    pub case: CaseId,
    /// Whose notice it answers.
    pub brand: BrandId,
    /// Which listing it wants back.
    pub listing: ListingId,
    /// Against which decision.
    pub decision: DecisionId,
    /// The rules that apply.
    pub regime: Regime,
    /// The law, as letters cite it.
    pub law: String,
    /// What the brand's silence leads to.
    pub silence: Silence,
    /// Whether the brand's word alone brings it before a person.
    pub may_reject: bool,
    /// Whether the brand gets the seller's address and telephone number.
    pub shares_contact: bool,
    /// Why the removal is wrong.
    pub reason: CounterReason,
    /// In the seller's words.
    pub explanation: String,
    /// What was removed, in the seller's words.
    pub material: String,
    /// Who signs.
    pub name: String,
    /// Their postal address.
    pub address: String,
    /// Their telephone number.
    pub phone: String,
    /// Their e-mail address.
    pub email: String,
    /// The electronic signature.
    pub signature: String,
    /// Addresses of what they show for it.
    pub evidence: Vec<String>,
    /// When it came in.
    pub received: Time,
    /// Nothing is put back for silence before this, and nothing is decided without the brand.
    pub not_before: Time,
    /// What is put back for silence is put back by then.
    pub not_after: Time,
}
