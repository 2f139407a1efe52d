//! A notice as it was sent: anything may be missing, nothing is checked yet.

use serde::{Deserialize, Serialize};

use super::{
    fields::{LISTINGS_MAX, URL_CHARS_MAX, clean, is_longer},
    lenient::{flag, is_yes, list, split, text},
};
use crate::domain::{refused::Fault, safe_text::SafeText};

/// A notice as it was sent. Every field may be missing, so that all that is missing can be said at once; one that
/// nobody knows is an error, since it is a misspelt one. Texts may be of any length.
///
/// JSON through serde: texts may be numbers or null; lists may be one text with `|` or blanks between the entries.
/// CSV through [`RawNotice::set`], because serde would read `007` as a number there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawNotice {
    /// The sender's own reference, unique for the brand.
    #[serde(deserialize_with = "text")]
    pub reference: String,
    /// Brand id.
    #[serde(deserialize_with = "text")]
    pub brand: String,
    /// A reason's word or VeRO code.
    #[serde(deserialize_with = "text")]
    pub reason: String,
    /// Right id or registration number.
    #[serde(deserialize_with = "text")]
    pub right: String,
    /// Ids or URLs.
    #[serde(deserialize_with = "list")]
    pub listings: Vec<String>,
    /// Who sends it.
    #[serde(deserialize_with = "text")]
    pub notifier_name: String,
    /// Their e-mail address.
    #[serde(deserialize_with = "text")]
    pub notifier_email: String,
    /// `principal`, `agent` or `attorney`.
    #[serde(deserialize_with = "text")]
    pub notifier_role: String,
    /// Why the listings are illegal: DSA art. 16(2)(a).
    #[serde(deserialize_with = "text")]
    pub explanation: String,
    /// "I believe in good faith that this use is not authorised": DSA art. 16(2)(d), 17 U.S.C. 512(c)(3)(A)(v).
    #[serde(deserialize_with = "flag")]
    pub good_faith: bool,
    /// "This is accurate and, under penalty of perjury, I am authorised": 17 U.S.C. 512(c)(3)(A)(vi).
    #[serde(deserialize_with = "flag")]
    pub accuracy: bool,
    /// The brand stands behind it: in Joint-Force the listings are removed at once, without a moderator. Elsewhere it is one
    /// notice among others.
    #[serde(deserialize_with = "flag")]
    pub attest: bool,
    /// Electronic signature: 17 U.S.C. 512(c)(3)(A)(i).
    #[serde(deserialize_with = "text")]
    pub signature: String,
    /// URLs.
    #[serde(deserialize_with = "list")]
    pub evidence: Vec<String>,
    /// When it reached the sender's system, RFC 3339; empty for now.
    #[serde(deserialize_with = "text")]
    pub received_at: String,
    /// Reference or id of the notice that was refused in review and that this one corrects; it keeps its place.
    #[serde(deserialize_with = "text")]
    pub resubmits: String,
}

impl RawNotice {
    /// The names of its fields: the header of a CSV file.
    pub const FIELDS: [&str; 16] = [
        "reference",
        "brand",
        "reason",
        "right",
        "listings",
        "notifier_name",
        "notifier_email",
        "notifier_role",
        "explanation",
        "good_faith",
        "accuracy",
        "attest",
        "signature",
        "evidence",
        "received_at",
        "resubmits",
    ];

    /// Sets a field from a text, such as a cell of a CSV file.
    ///
    /// # Errors
    /// No field has this name.
    pub fn set(&mut self, field: &str, value: &str) -> Result<(), Fault> {
        let text = match field {
            "reference" => &mut self.reference,
            "brand" => &mut self.brand,
            "reason" => &mut self.reason,
            "right" => &mut self.right,
            "notifier_name" => &mut self.notifier_name,
            "notifier_email" => &mut self.notifier_email,
            "notifier_role" => &mut self.notifier_role,
            "explanation" => &mut self.explanation,
            "signature" => &mut self.signature,
            "received_at" => &mut self.received_at,
            "resubmits" => &mut self.resubmits,
            "listings" | "evidence" => {
                let list = if field == "listings" { &mut self.listings } else { &mut self.evidence };
                *list = split(value);
                return Ok(());
            }
            "good_faith" | "accuracy" | "attest" => {
                let flag = match field {
                    "good_faith" => &mut self.good_faith,
                    "accuracy" => &mut self.accuracy,
                    _ => &mut self.attest,
                };
                *flag = is_yes(value);
                return Ok(());
            }
            _ => {
                let field = SafeText::line(field, 60).into_string();
                let fix = format!("Use {}.", Self::FIELDS.join(", "));
                return Err(Fault::new(field, "a notice has no such field", fix));
            }
        };
        clean(value).as_ref().clone_into(text);
        Ok(())
    }

    /// The listings' names by which to look them up: those that may exist, at most [`LISTINGS_MAX`].
    pub fn listing_names(&self) -> impl Iterator<Item = &str> {
        let may_exist = |name: &&str| !name.is_empty() && !name.contains('\0') && !is_longer(name, URL_CHARS_MAX);
        self.listings.iter().take(LISTINGS_MAX).map(|name| name.trim()).filter(may_exist)
    }
}
