//! The fields of a notice that need no look into the world: present, of a sensible length, of the right shape.

use std::borrow::Cow;

use super::{
    Notifier, RawNotice, Role,
    faults::{Faults, quoted},
};
use crate::domain::{reason::ReasonCode, time::Time};

/// Characters of a reference.
pub const REFERENCE_CHARS_MAX: usize = 100;
/// Characters of a notifier's name, and of a signature.
pub const NAME_CHARS_MAX: usize = 200;
/// Characters of an explanation (as of `decision_facts` in the EU's Transparency Database).
pub const EXPLANATION_CHARS_MAX: usize = 5000;
/// Addresses of evidence in one notice.
pub const EVIDENCE_MAX: usize = 20;
/// Characters of an address.
pub const URL_CHARS_MAX: usize = 2000;
/// Characters of an e-mail address (RFC 5321).
const EMAIL_CHARS_MAX: usize = 254;
/// Listings that are looked at in one notice, whatever the policy allows; the most ever measured is 5,064.
pub const LISTINGS_MAX: usize = 10_000;
/// How far a sender's clock may be ahead of ours.
const CLOCK_SKEW: i64 = 5 * Time::MINUTE;

/// A sender's text without blanks around it and with NUL made visible, because PostgreSQL can't keep it.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{2400}")) } else { Cow::Borrowed(text) }
}

/// Whether a text has more than `max` characters; never counts on.
pub(super) fn is_longer(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().nth(max).is_some()
}

/// Whether a text is an address of the web, with nothing in it that would break out of a line or a link.
#[must_use]
pub fn is_web_address(text: &str) -> bool {
    let scheme = text
        .split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"));
    let Some((_, rest)) = scheme else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let in_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']' | '%');
    host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
        && host.chars().all(in_host)
        && !rest.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

/// Whether a mail server could know this address: `local@domain`, ASCII.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= EMAIL_CHARS_MAX
        && local.len() <= 64
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// A text that has to be there, of at most `max` characters.
pub(in crate::domain) fn text(
    field: &str,
    value: &str,
    max: usize,
    missing: &str,
    faults: &mut Faults,
) -> Option<String> {
    let value = clean(value);
    if value.is_empty() {
        faults.add(field, || ("it is missing", missing));
        return None;
    }
    if is_longer(&value, max) {
        faults.add(field, || (format!("it is longer than {max} characters"), "Shorten it."));
        return None;
    }
    Some(value.into_owned())
}

/// A text that goes into one line of a mail or a screen.
pub(in crate::domain) fn line(
    field: &str,
    value: &str,
    max: usize,
    missing: &str,
    faults: &mut Faults,
) -> Option<String> {
    let value = text(field, value, max, missing, faults)?;
    if value.contains(char::is_control) {
        faults.add(field, || ("it holds a line break or a control character", "Write it in one line of plain text."));
        return None;
    }
    Some(value)
}

/// The sender's reference, if there is one.
pub(super) fn reference(raw: &RawNotice, faults: &mut Faults) -> Option<String> {
    if raw.reference.trim().is_empty() {
        return None;
    }
    line("reference", &raw.reference, REFERENCE_CHARS_MAX, "", faults)
}

pub(super) fn reason(raw: &RawNotice, faults: &mut Faults) -> Option<ReasonCode> {
    let word = raw.reason.trim();
    let reason = ReasonCode::from_word_or_code(word);
    if reason.is_none() {
        faults.add("reason", || {
            let words: Vec<&str> = ReasonCode::ALL.iter().map(|reason| reason.as_str()).collect();
            let problem = if word.is_empty() {
                "it is missing".to_owned()
            } else {
                format!("{} is no reason code", quoted(word))
            };
            (problem, format!("Use one of {}.", words.join(", ")))
        });
    }
    reason
}

pub(super) fn notifier(raw: &RawNotice, faults: &mut Faults) -> Option<Notifier> {
    let missing = "Say who sends the notice (DSA art. 16(2)(c)).";
    let name = line("notifier_name", &raw.notifier_name, NAME_CHARS_MAX, missing, faults);
    let missing = "Say where receipt and decision should go (DSA art. 16(2)(c)).";
    let email = text("notifier_email", &raw.notifier_email, EMAIL_CHARS_MAX, missing, faults);
    let email = email.filter(|email| {
        let good = is_email(email);
        if !good {
            faults.add("notifier_email", || {
                let fix = "Write it as name@example.com, an international domain in its xn-- form.";
                (format!("{} is no e-mail address", quoted(email)), fix)
            });
        }
        good
    });
    let role: Option<Role> = raw.notifier_role.trim().parse().ok();
    if role.is_none() {
        faults.add("notifier_role", || {
            let role = raw.notifier_role.trim();
            let problem =
                if role.is_empty() { "it is missing".to_owned() } else { format!("{} is no role", quoted(role)) };
            (problem, "Use principal (the rights holder), agent or attorney.")
        });
    }
    Some(Notifier { name: name?, email: email?, role: role? })
}

pub(super) fn explanation(raw: &RawNotice, faults: &mut Faults) -> Option<String> {
    let missing = "Explain why the listings are illegal, and how you know (DSA art. 16(2)(a)).";
    text("explanation", &raw.explanation, EXPLANATION_CHARS_MAX, missing, faults)
}

/// The two statements without which a notice has no force.
pub(super) fn statements(raw: &RawNotice, faults: &mut Faults) {
    if !raw.good_faith {
        faults.add("good_faith", || {
            let problem = "the statement is missing that you believe in good faith that this use is not authorised";
            (problem, "If you do, send true (DSA art. 16(2)(d), 17 U.S.C. 512(c)(3)(A)(v)).")
        });
    }
    if !raw.accuracy {
        faults.add("accuracy", || {
            let problem = "the statement is missing that the notice is accurate and, under penalty of perjury, that you \
                           may act for the rights holder";
            (problem, "If so, send true (17 U.S.C. 512(c)(3)(A)(vi)).")
        });
    }
}

pub(super) fn signature(raw: &RawNotice, faults: &mut Faults) -> Option<String> {
    let missing = "Sign with your full name (17 U.S.C. 512(c)(3)(A)(i)).";
    line("signature", &raw.signature, NAME_CHARS_MAX, missing, faults)
}

/// Addresses of what somebody shows; empty ones are none.
pub(in crate::domain) fn evidence(field: &str, addresses: &[String], faults: &mut Faults) -> Vec<String> {
    let given = addresses.len();
    if given > EVIDENCE_MAX {
        faults.add(field, || {
            (
                format!("it holds {given} addresses; at most {EVIDENCE_MAX}"),
                "Keep the strongest, or put them on one page.",
            )
        });
    }
    let mut evidence = Vec::with_capacity(given.min(EVIDENCE_MAX));
    for (index, address) in addresses.iter().take(EVIDENCE_MAX).enumerate() {
        let address = address.trim();
        if is_longer(address, URL_CHARS_MAX) {
            faults.add_at(field, index, || {
                (format!("it is longer than {URL_CHARS_MAX} characters"), "Use a shorter address.")
            });
        } else if is_web_address(address) {
            evidence.push(address.to_owned());
        } else {
            faults.add_at(field, index, || {
                (format!("{} is no address of the web", quoted(address)), "Write it whole, from https:// on.")
            });
        }
    }
    evidence
}

pub(super) fn received_at(raw: &RawNotice, now: Time, faults: &mut Faults) -> Option<Time> {
    let text = raw.received_at.trim();
    if text.is_empty() {
        return Some(now);
    }
    let Ok(at) = text.parse::<jiff::Timestamp>().map(Time::from) else {
        faults.add("received_at", || {
            let fix = "Write it as 2026-01-31T09:30:00Z, or leave it out for now.";
            (format!("{} is no moment", quoted(text)), fix)
        });
        return None;
    };
    if at.since(now) > CLOCK_SKEW {
        faults.add("received_at", || (format!("{at} is in the future"), "Check the clock, or leave it out for now."));
        return None;
    }
    Some(at)
}
