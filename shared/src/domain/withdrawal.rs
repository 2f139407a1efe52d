//! Withdrawals: a brand takes a notice back, for all its listings or for some.

use serde::{Deserialize, Serialize};

use super::{
    ids::{BrandId, ListingId, NoticeId},
    notice::{
        EXPLANATION_CHARS_MAX, Faults,
        lenient::{list, text as lenient},
        quoted, text,
    },
    refused::Refused,
    words::words,
};

/// A withdrawal as it was sent: anything may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawWithdrawal {
    /// Brand id.
    #[serde(deserialize_with = "lenient")]
    pub brand: String,
    /// The brand's own reference of the notice, or the notice's id.
    #[serde(deserialize_with = "lenient")]
    pub notice: String,
    /// The listings it is withdrawn for, by id; empty for all.
    #[serde(deserialize_with = "list")]
    pub listings: Vec<String>,
    /// Why.
    #[serde(deserialize_with = "lenient")]
    pub why: String,
}

impl RawWithdrawal {
    /// The names of its fields: the header of a CSV file.
    pub const FIELDS: [&str; 4] = ["brand", "notice", "listings", "why"];
}

words! {
    /// What a withdrawal led to for one listing.
    Withdrawn {
        /// The case was not decided, and nothing else is claimed in it: closed.
        Closed = "closed",
        /// The case is not decided, and other claims are in it: it goes on.
        GoesOn = "goes_on",
        /// The removal stood on it alone: the listing is put back.
        PutBack = "put_back",
        /// The removal stands on other claims too.
        StaysDown = "stays_down",
    }
}

impl Withdrawn {
    /// As a letter says it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Closed => "not decided yet; closed",
            Self::GoesOn => "not decided yet; another notice about it goes on",
            Self::PutBack => "was removed; it is put back",
            Self::StaysDown => "was removed; it stays down, since another notice about it was accepted",
        }
    }
}

/// A claim of the notice, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownClaim {
    /// On which listing.
    pub listing: ListingId,
    /// `open`, `accepted`, `refused` or `withdrawn`.
    pub state: String,
}

/// A withdrawal one can carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Whose notice.
    pub brand: BrandId,
    /// Which notice.
    pub notice: NoticeId,
    /// The listings whose claims are withdrawn now; empty when all that was asked for is withdrawn already.
    pub listings: Vec<ListingId>,
    /// Why: text of a stranger, perhaps empty.
    pub why: String,
}

/// The withdrawal. `known` is the notice, if it is the brand's, with its claims.
///
/// # Errors
/// Everything that is wrong with it, each fault with field and fix.
pub fn parse(
    raw: &RawWithdrawal,
    brand: Option<&BrandId>,
    known: Option<(NoticeId, &[KnownClaim])>,
) -> Result<Withdrawal, Refused> {
    let mut faults = Faults::default();
    let missing =
        |text: &str, otherwise: String| if text.trim().is_empty() { "it is missing".into() } else { otherwise };
    if brand.is_none() {
        faults.add("brand", || {
            (missing(&raw.brand, format!("{} is not known", quoted(&raw.brand))), "Give the brand's id.")
        });
    } else if known.is_none() {
        faults.add("notice", || {
            let problem = missing(&raw.notice, format!("{} is no notice of yours", quoted(&raw.notice)));
            (problem, "Give your reference of the notice, or its id from the receipt.")
        });
    }
    let why = if raw.why.trim().is_empty() {
        Some(String::new())
    } else {
        text("why", &raw.why, EXPLANATION_CHARS_MAX, "", &mut faults)
    };
    let mut listings = vec![];
    if let Some((_, claims)) = known {
        for (index, name) in raw.listings.iter().enumerate() {
            if !claims.iter().any(|claim| claim.listing.as_str() == name.trim()) {
                faults.add_at("listings", index, || {
                    (
                        format!("{} is not in the notice", quoted(name)),
                        "Name listings of the notice by their ids, or none for all.",
                    )
                });
            }
        }
        let asked: Vec<&KnownClaim> = claims
            .iter()
            .filter(|claim| {
                raw.listings.is_empty() || raw.listings.iter().any(|name| name.trim() == claim.listing.as_str())
            })
            .collect();
        listings = asked
            .iter()
            .filter(|claim| matches!(claim.state.as_str(), "open" | "accepted"))
            .map(|claim| claim.listing.clone())
            .collect();
        listings.dedup();
        // A refusal stays on the record: it is not undone by taking back what was refused.
        if listings.is_empty() && asked.iter().any(|claim| claim.state == "refused") {
            faults.add("notice", || ("it was refused already, so there is nothing to take back", "Nothing to do."));
        }
    }
    faults.or(|| Some(Withdrawal { brand: brand?.clone(), notice: known?.0, listings, why: why? }))
}
