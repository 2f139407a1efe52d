//! Notices: from what a rights holder sent to something one can act on, or to *all* that is missing.
//!
//! The checks are the law's (DSA art. 16(2), 17 U.S.C. 512(c)(3)) and the field's: the right exists, is the brand's
//! own, is in force, supports the reason, and holds where and for what the listing is offered.

mod faults;
mod fields;
pub(super) mod lenient;
mod raw;
mod rights;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use sha2::{Digest, Sha256};

pub(crate) use self::faults::quoted;
pub(super) use self::{
    faults::Faults,
    fields::{evidence, line, text},
};
pub use self::{
    fields::{
        EVIDENCE_MAX, EXPLANATION_CHARS_MAX, LISTINGS_MAX, NAME_CHARS_MAX, REFERENCE_CHARS_MAX, URL_CHARS_MAX,
        is_email, is_web_address,
    },
    raw::RawNotice,
};
use super::{
    brand::Brand,
    ids::{BrandId, ListingId, RightId, SellerId},
    reason::ReasonCode,
    refused::Refused,
    right::Right,
    time::Time,
    words::words,
};

words! {
    /// In what role somebody sends a notice (Lumen's terms).
    Role {
        /// The rights holder.
        Principal = "principal",
        /// Somebody the rights holder authorised, such as a brand protection agency.
        Agent = "agent",
        /// The rights holder's lawyer.
        Attorney = "attorney",
    }
}

/// Who sends a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notifier {
    /// Their name, at most [`NAME_CHARS_MAX`] characters: text of a stranger.
    pub name: String,
    /// Where receipt and decision are sent.
    pub email: String,
    /// In what role.
    pub role: Role,
}

/// A listing that a notice names, as the marketplace knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownListing {
    /// Its id.
    pub id: ListingId,
    /// Who sells it.
    pub seller: SellerId,
    /// The version of its content that the claim is about.
    pub version: i64,
    /// Where it is offered: ISO 3166-1 alpha-2.
    pub territory: String,
    /// Nice class of the goods, 1 to 45, if known.
    pub nice_class: Option<u8>,
    /// Whether it is for sale.
    pub live: bool,
    /// Units sold in the last 30 days.
    pub sold: i64,
}

/// What is known of the things a notice names. Who files it looks them up.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The brand of [`RawNotice::brand`].
    pub brand: Option<&'a Brand>,
    /// The right of [`RawNotice::right`], whoever owns it.
    pub right: Option<&'a Right>,
    /// The listings among [`RawNotice::listing_names`], by the name used there.
    pub listings: &'a HashMap<String, KnownListing>,
}

/// A notice one can act on: one reason, one right, one or more listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In whose name.
    pub brand: BrandId,
    /// The sender's own reference, or one made of the digest; unique for the brand.
    pub reference: String,
    /// What is wrong.
    pub reason: ReasonCode,
    /// The right it rests on.
    pub right: RightId,
    /// What it is about, each listing once, in the sender's order; at least one is still for sale.
    pub listings: Vec<KnownListing>,
    /// Who sent it.
    pub notifier: Notifier,
    /// Their reasons, at most [`EXPLANATION_CHARS_MAX`] characters: text of a stranger.
    pub explanation: String,
    /// Whether the brand stands behind it (see [`RawNotice::attest`]).
    pub attested: bool,
    /// The electronic signature.
    pub signature: String,
    /// Addresses of what they show for it, at most [`EVIDENCE_MAX`].
    pub evidence: Vec<String>,
    /// The reference or id of the refused notice that this one corrects.
    pub resubmits: Option<String>,
    /// When it reached us: as the sender's system says, else now.
    pub received_at: Time,
    /// What [`digest`] says of it.
    pub digest: String,
}

/// The notice, with at most `limit` listings.
///
/// # Errors
/// Everything that is wrong with it, each fault with field and fix; after 20 faults only their number.
pub fn parse(raw: &RawNotice, known: &Known, limit: usize, now: Time) -> Result<Notice, Refused> {
    let mut faults = Faults::default();
    let brand = rights::brand(raw, known, &mut faults);
    let reference = fields::reference(raw, &mut faults);
    let reason = fields::reason(raw, &mut faults);
    let right = rights::right(raw, known, reason, now, &mut faults);
    let notifier = fields::notifier(raw, &mut faults);
    let explanation = fields::explanation(raw, &mut faults);
    fields::statements(raw, &mut faults);
    let signature = fields::signature(raw, &mut faults);
    let evidence = evidence("evidence", &raw.evidence, &mut faults);
    let received_at = fields::received_at(raw, now, &mut faults);
    let listings = rights::listings(raw, known, right, limit, &mut faults);
    let notice = || {
        let digest = digest(raw);
        Some(Notice {
            brand: brand?.id.clone(),
            reference: reference.unwrap_or_else(|| made_reference(&digest)),
            reason: reason?,
            right: right?.id.clone(),
            listings,
            notifier: notifier?,
            explanation: explanation?,
            attested: raw.attest,
            signature: signature?,
            evidence,
            resubmits: Some(fields::clean(&raw.resubmits).into_owned()).filter(|name| !name.is_empty()),
            received_at: received_at?,
            digest,
        })
    };
    faults.or(notice)
}

/// The reference that [`parse`] gives the notice: the sender's, or one made of its content so that a resend has the
/// same. One that is too long stays so and is never stored.
#[must_use]
pub fn reference(raw: &RawNotice) -> String {
    let given = fields::clean(&raw.reference);
    if given.is_empty() { made_reference(&digest(raw)) } else { given.chars().take(REFERENCE_CHARS_MAX + 1).collect() }
}

fn made_reference(digest: &str) -> String {
    format!("auto-{}", &digest[..16])
}

/// SHA-256 of what the notice says, in hexadecimal: equal for a resend, whatever order its listings have. Not of its
/// reference and not of when it came. A listing by its id is another content than the same listing by its URL, since
/// a resend has to be recognised without a look into the world.
#[must_use]
pub fn digest(raw: &RawNotice) -> String {
    let mut parts: Vec<&str> = vec![];
    let texts = [
        "notice 1",
        &raw.brand,
        &raw.reason,
        &raw.right,
        &raw.notifier_name,
        &raw.notifier_email,
        &raw.notifier_role,
        &raw.explanation,
        &raw.signature,
        if raw.good_faith { "good faith" } else { "" },
        if raw.accuracy { "accuracy" } else { "" },
    ];
    parts.extend(texts.iter().map(|text| text.trim()));
    if !raw.resubmits.trim().is_empty() {
        parts.push("resubmits");
        parts.push(raw.resubmits.trim());
    }
    if raw.attest {
        parts.push("attested");
    }
    for list in [&raw.listings, &raw.evidence] {
        let mut list: Vec<&str> = list.iter().map(|text| text.trim()).collect();
        list.sort_unstable();
        parts.extend(list);
        parts.push("end");
    }
    hash_of(parts)
}

/// SHA-256 of texts in their order, in hexadecimal; where one ends and the next begins counts.
pub(super) fn hash_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        for digit in [byte >> 4, byte & 15] {
            hex.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    hex
}
