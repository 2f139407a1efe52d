//! The checks of a counter-notice: the law's contents, the right seller, a removal in force, in time, a chance left.

use super::{CounterNotice, CounterPolicy, CounterReason, Need, RawCounterNotice, Regime, Rules};
use crate::domain::{
    calendar::Calendar,
    ids::{BrandId, CaseId, DecisionId, ListingId, SellerId},
    notice::{
        EXPLANATION_CHARS_MAX, Faults, NAME_CHARS_MAX, REFERENCE_CHARS_MAX, evidence, hash_of, line, quoted, text,
    },
    refused::Refused,
    seller::Seller,
    time::Time,
};

/// Characters of a postal address.
const ADDRESS_CHARS_MAX: usize = 500;
/// Characters of a telephone number.
const PHONE_CHARS_MAX: usize = 50;
/// Characters of what was removed.
const MATERIAL_CHARS_MAX: usize = 1000;

/// A removal that keeps the listing down, and what became of earlier counter-notices against its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The case.
    pub case: CaseId,
    /// Whose claims.
    pub brand: BrandId,
    /// The decision in force.
    pub decision: DecisionId,
    /// When it was made.
    pub decided: Time,
    /// The rules that apply.
    pub regime: Regime,
    /// Earlier counter-notices against the case.
    pub earlier: u32,
    /// Whether one of them is not closed yet.
    pub open: bool,
    /// When the last one was closed.
    pub last_closed: Option<Time>,
}

/// What is known of the things a counter-notice names. Who receives it looks them up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The seller of [`RawCounterNotice::seller`].
    pub seller: Option<Seller>,
    /// The listing of [`RawCounterNotice::listing`], and who sells it.
    pub listing: Option<(ListingId, SellerId)>,
    /// The removals that keep it down, one a brand.
    pub removals: Vec<Removal>,
}

/// The counter-notice.
///
/// # Errors
/// Everything that is wrong with it, each fault with field and fix.
pub fn parse(
    raw: &RawCounterNotice,
    known: &Known,
    policy: &CounterPolicy,
    calendar: &Calendar,
    now: Time,
) -> Result<CounterNotice, Refused> {
    let mut faults = Faults::default();
    let given = !raw.reference.trim().is_empty();
    let reference_given = given.then(|| line("reference", &raw.reference, REFERENCE_CHARS_MAX, "", &mut faults));
    let seller = seller(raw, known, &mut faults);
    let listing = listing(raw, known, seller, &mut faults);
    let removal = listing.and_then(|_| removal(raw, known, &mut faults));
    if let Some(removal) = removal {
        in_time(removal, policy, calendar, now, &mut faults);
    }
    let reason = reason(raw, &mut faults);
    let missing = "Explain why the removal was a mistake, and how you know.";
    let explanation = text("explanation", &raw.explanation, EXPLANATION_CHARS_MAX, missing, &mut faults);
    // Who names no listing that is down still hears what the law asks for where most sellers are.
    let regime = removal.map_or(policy.elsewhere, |removal| removal.regime);
    let rules = policy.rules(regime);
    let said = statements(raw, rules, &mut faults);
    let email = email(raw, known, &mut faults);
    let shown = evidence("evidence", &raw.evidence, &mut faults);
    if rules.needs.contains(&Need::Evidence) && raw.evidence.iter().all(|address| address.trim().is_empty()) {
        faults.add("evidence", || {
            ("it is missing", format!("Give an address of what shows that you don't infringe ({}).", rules.law))
        });
    }
    faults.or(|| {
        let removal = removal?;
        let [material, name, address, phone, signature] = said?;
        Some(CounterNotice {
            seller: seller?.id.clone(),
            reference: reference_given.unwrap_or_else(|| Some(reference(raw)))?,
            digest: digest(raw),
            case: removal.case,
            brand: removal.brand.clone(),
            listing: listing?.clone(),
            decision: removal.decision,
            regime,
            law: rules.law.clone(),
            silence: rules.silence,
            may_reject: rules.may_reject,
            shares_contact: rules.shares_contact,
            reason: reason?,
            explanation: explanation?,
            material,
            name,
            address,
            phone,
            email: email?,
            signature,
            evidence: shown,
            received: now,
            not_before: rules.not_before.after(now, calendar),
            not_after: rules.not_after.within(now, calendar).max(rules.not_before.after(now, calendar)),
        })
    })
}

fn seller<'a>(raw: &RawCounterNotice, known: &'a Known, faults: &mut Faults) -> Option<&'a Seller> {
    if known.seller.is_none() {
        faults.add("seller", || {
            let name = raw.seller.trim();
            let problem =
                if name.is_empty() { "it is missing".to_owned() } else { format!("{} is not known", quoted(name)) };
            (problem, "Give the id of your seller account.")
        });
    }
    known.seller.as_ref()
}

fn listing<'a>(
    raw: &RawCounterNotice,
    known: &'a Known,
    seller: Option<&Seller>,
    faults: &mut Faults,
) -> Option<&'a ListingId> {
    let name = raw.listing.trim();
    match &known.listing {
        None => {
            faults.add("listing", || {
                let problem =
                    if name.is_empty() { "it is missing".to_owned() } else { format!("{} is not known", quoted(name)) };
                (problem, "Name the listing that was removed, by its id or by the URL where it was.")
            });
            None
        }
        // Whose it is instead is nobody's business.
        Some((_, owner)) if seller.is_some_and(|seller| seller.id != *owner) => {
            faults.add("listing", || {
                (format!("{} is not yours", quoted(name)), "Only the seller whose listing was removed may contest it.")
            });
            None
        }
        Some((listing, _)) => Some(listing),
    }
}

fn removal<'a>(raw: &RawCounterNotice, known: &'a Known, faults: &mut Faults) -> Option<&'a Removal> {
    let case = raw.case.trim();
    let removal = match known.removals.as_slice() {
        [] => {
            faults.add("listing", || ("no removal is in force on it", "Nothing to contest: the listing is not down."));
            return None;
        }
        [only] if case.is_empty() => only,
        several if case.is_empty() => {
            faults.add("case", || {
                let cases: Vec<String> =
                    several.iter().map(|removal| format!("{} ({})", removal.case, removal.brand)).collect();
                (
                    format!("{} removals keep it down", several.len()),
                    format!("Say which you contest, one counter-notice each: {}.", cases.join(", ")),
                )
            });
            return None;
        }
        removals => {
            let found = removals.iter().find(|removal| case.parse() == Ok(removal.case));
            if found.is_none() {
                faults.add("case", || {
                    (
                        format!("{} does not keep this listing down", quoted(case)),
                        "Copy the case from the statement of reasons, or leave it out.",
                    )
                });
            }
            found?
        }
    };
    let decision = raw.decision.trim();
    if !decision.is_empty() && decision.parse() != Ok(removal.decision) {
        faults.add("decision", || {
            (
                format!("{} is not the decision in force", quoted(decision)),
                format!("Name {}, or leave it out.", removal.decision),
            )
        });
    }
    Some(removal)
}

fn in_time(removal: &Removal, policy: &CounterPolicy, calendar: &Calendar, now: Time, faults: &mut Faults) {
    if removal.open {
        faults.add("listing", || {
            ("a counter-notice about this removal is under way", "Wait for its outcome; you are told at each step.")
        });
        return;
    }
    if removal.earlier >= policy.chances {
        faults.add("listing", || {
            (
                format!("all {} counter-notices about this removal are used", policy.chances),
                "You may still turn to a certified out-of-court dispute settlement body or to a court.",
            )
        });
    }
    let rules = policy.rules(removal.regime);
    let (within, from) = match removal.last_closed {
        Some(closed) if removal.earlier > 0 => (rules.later_within, closed.max(removal.decided)),
        _ => (rules.first_within, removal.decided),
    };
    if let Some(within) = within
        && within.after(from, calendar) < now
    {
        faults.add("listing", || {
            (
                format!("it is too late: a counter-notice had to come by {}", within.after(from, calendar)),
                format!(
                    "They are taken within {within} ({}). You may still turn to an out-of-court dispute settlement body \
                     or to a court.",
                    rules.law
                ),
            )
        });
    }
}

fn reason(raw: &RawCounterNotice, faults: &mut Faults) -> Option<CounterReason> {
    let word = raw.reason.trim();
    let reason = word.parse().ok();
    if reason.is_none() {
        faults.add("reason", || {
            let words: Vec<&str> = CounterReason::ALL.iter().map(|reason| reason.as_str()).collect();
            let problem =
                if word.is_empty() { "it is missing".to_owned() } else { format!("{} is no reason", quoted(word)) };
            (problem, format!("Use one of {}.", words.join(", ")))
        });
    }
    reason
}

/// Material, name, address, phone and signature, as far as the rules ask for them, and the three statements.
fn statements(raw: &RawCounterNotice, rules: &Rules, faults: &mut Faults) -> Option<[String; 5]> {
    let law = &rules.law;
    let mut said = |need: Need, value: &str, max: usize, fix: &str| {
        let wanted = rules.needs.contains(&need);
        if !wanted && value.trim().is_empty() {
            return Some(String::new());
        }
        line(need.as_str(), value, max, &format!("{fix} ({law})."), faults)
    };
    let material = said(Need::Material, &raw.material, MATERIAL_CHARS_MAX, "Say what was removed");
    let name = said(Need::Name, &raw.name, NAME_CHARS_MAX, "Give your full name");
    let address = said(Need::Address, &raw.address, ADDRESS_CHARS_MAX, "Give your postal address in one line");
    let phone = said(Need::Phone, &raw.phone, PHONE_CHARS_MAX, "Give your telephone number");
    let signature = said(Need::Signature, &raw.signature, NAME_CHARS_MAX, "Sign with your full name");
    let flags = [
        (
            Need::GoodFaith,
            raw.good_faith,
            "the statement is missing that you believe in good faith that the listing was removed by mistake or \
             misidentification",
        ),
        (Need::Perjury, raw.perjury, "the statement is missing that you say so under penalty of perjury"),
        (
            Need::Consent,
            raw.consent,
            "your consent is missing to the jurisdiction of the court at your address, and to accept service of process \
             from the notifier",
        ),
    ];
    for (need, given, problem) in flags {
        if rules.needs.contains(&need) && !given {
            faults.add(need.as_str(), || (problem, format!("If so, send true ({law}).")));
        }
    }
    Some([material?, name?, address?, phone?, signature?])
}

fn email(raw: &RawCounterNotice, known: &Known, faults: &mut Faults) -> Option<String> {
    let email = raw.email.trim();
    if email.is_empty() {
        return known.seller.as_ref().map(|seller| seller.email.clone());
    }
    if crate::domain::notice::is_email(email) {
        return Some(email.to_owned());
    }
    faults.add("email", || {
        (format!("{} is no e-mail address", quoted(email)), "Write it as name@example.com, or leave it out.")
    });
    None
}

/// The reference that [`parse`] gives it: the seller's, or one made of its content so that a resend has the same.
#[must_use]
pub fn reference(raw: &RawCounterNotice) -> String {
    let given = raw.reference.trim();
    if given.is_empty() {
        format!("auto-{}", &digest(raw)[..16])
    } else {
        given.chars().take(REFERENCE_CHARS_MAX + 1).collect()
    }
}

/// SHA-256 of what it says, in hexadecimal: equal for a resend.
fn digest(raw: &RawCounterNotice) -> String {
    let flags = format!("{} {} {}", raw.good_faith, raw.perjury, raw.consent);
    let mut parts = vec!["counter-notice 1", &raw.seller, &raw.listing, &raw.case, &raw.decision, &raw.reason];
    parts.extend(
        [&raw.explanation, &raw.material, &flags, &raw.name, &raw.address, &raw.phone, &raw.email].map(|s| &**s),
    );
    parts.push(&raw.signature);
    parts.extend(raw.evidence.iter().map(String::as_str));
    hash_of(parts)
}

impl RawCounterNotice {
    /// Its digest: a resend under the same reference has the same one.
    #[must_use]
    pub fn digest(&self) -> String {
        digest(self)
    }
}
