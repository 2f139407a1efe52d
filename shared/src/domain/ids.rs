//! Typed identifiers. What we make ourselves is a ULID (26 characters, sorted by time); what the marketplace or a
//! brand names is kept under the name they gave it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::time::Time;

/// Why a text is no identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {kind}: {fix}")]
pub struct BadId {
    /// The kind that was wanted, with its article ("a case id").
    pub kind: &'static str,
    /// What was given instead, cut to 80 characters.
    pub text: String,
    /// What to write instead.
    pub fix: &'static str,
}

macro_rules! made_here {
    ($($(#[$doc:meta])* $name:ident $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Ulid);

        impl $name {
            /// The id with these bits; the shell's clock draws them.
            #[must_use]
            pub const fn from_ulid(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// Its bits.
            #[must_use]
            pub const fn ulid(self) -> Ulid {
                self.0
            }

            /// When it was made, to the millisecond.
            #[must_use]
            pub fn made_at(&self) -> Time {
                Time(i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX).saturating_mul(1000))
            }

            /// The last six characters, for people: enough to tell the cases on one screen apart.
            #[must_use]
            pub fn short(&self) -> String {
                self.0.to_string().split_off(20)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; ulid::ULID_LEN];
                f.write_str(self.0.array_to_str(&mut text))
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Ulid::from_string(text).map(Self).map_err(|_| BadId {
                    kind: $kind,
                    text: text.chars().take(80).collect(),
                    fix: "it has 26 letters and digits, as the lists print it",
                })
            }
        }
    )*};
}

macro_rules! named_elsewhere {
    ($($(#[$doc:meta])* $name:ident $kind:literal, $longest:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                if name_is_good(text, $longest) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadId {
                        kind: $kind,
                        text: text.chars().take(80).collect(),
                        fix: concat!("use 1 to ", $longest, " letters, digits and . _ : / @ + -"),
                    })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

fn name_is_good(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/@+-".contains(&b))
}

made_here! {
    /// A case: one brand's claims on one listing.
    CaseId "a case id";
    /// A notice that was filed.
    NoticeId "a notice id";
    /// A decision on a case.
    DecisionId "a decision id";
    /// A row of the ledger, and the idempotency key of what it does outside.
    EffectId "an effect id";
    /// A strike on a seller's record.
    StrikeId "a strike id";
    /// A statement of reasons, and its `puid` in the transparency register.
    StatementId "a statement id";
    /// An entry of the audit record.
    AuditId "an audit id";
    /// A console from its start to its end.
    SittingId "a sitting id";
    /// A question to a brand about a listing.
    RequestId "a request id";
    /// A seller's counter-notice.
    CounterId "a counter-notice id";
    /// A contest of one of our decisions.
    AppealId "an appeal id";
    /// A request for a second person's approval.
    ApprovalId "an approval id";
    /// A decision or golden case that a second look is taken at.
    SampleId "a sample id";
    /// A case passed over.
    SkipId "a skip id";
    /// A page to whoever is on call.
    PageId "a page id";
    /// A hold on a seller's payouts.
    PayoutHoldId "a payout hold's id";
    /// A note on a case.
    NoteId "a note id";
}

named_elsewhere! {
    /// A rights holder, by the name the marketplace gave it.
    BrandId "a brand id", 64;
    /// A registered or claimed right.
    RightId "a right id", 64;
    /// A seller on the marketplace.
    SellerId "a seller id", 64;
    /// A listing on the marketplace.
    ListingId "a listing id", 64;
    /// Whoever acts: an operator, by the account they sign in with, or `brand:ID`, `seller:ID`, `automatic:RULE`.
    OperatorId "an operator's account", 80;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_id_survives_text_and_sorts_by_time() {
        let early = CaseId::from_ulid(Ulid::from_parts(1, u128::MAX));
        let late = CaseId::from_ulid(Ulid::from_parts(2, 0));
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<CaseId>().unwrap(), early);
        assert_eq!(early.short().len(), 6);
        assert_eq!(late.made_at(), Time(2000));
    }

    #[test]
    fn a_bad_id_says_what_was_wanted() {
        let error = "no".parse::<CaseId>().unwrap_err().to_string();
        assert!(error.contains("\"no\" is not a case id"), "{error}");
        for bad in ["", "a b", "a\u{202e}b", "a'; DROP", &"x".repeat(65)] {
            assert!(bad.parse::<ListingId>().is_err(), "{bad:?}");
        }
        assert!("https://shop.example/i/9".parse::<ListingId>().is_ok());
    }
}
