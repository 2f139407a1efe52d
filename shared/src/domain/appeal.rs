//! Appeals: somebody contests a decision of ours (DSA art. 20). Free, within six months, ruled on by another person than
//! the decider, never by a machine alone.

use serde::{Deserialize, Serialize};

use super::{
    calendar::Calendar,
    decision::{KeepReason, Verdict},
    ids::{BrandId, CaseId, DecisionId, NoticeId, SellerId},
    notice::{
        EXPLANATION_CHARS_MAX, Faults, REFERENCE_CHARS_MAX, hash_of, lenient::text as lenient, line, quoted, text,
    },
    policy::Sla,
    refused::{Fault, Refused},
    term::Term,
    time::Time,
    words::words,
};

words! {
    /// Where an appeal stands.
    AppealState {
        /// In the queue, for another person than the decider.
        Open = "open",
        /// The decision stands; final.
        Affirmed = "affirmed",
        /// The decision fell; final.
        Overturned = "overturned",
        /// Whoever appealed took it back, and nobody ruled; final.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// What whoever appealed hears.
    AppealNews {
        /// It came in, and until when it is ruled on.
        Received = "received",
        /// The decision stands, and why.
        Affirmed = "affirmed",
        /// The decision fell.
        Overturned = "overturned",
        /// They took it back.
        Withdrawn = "withdrawn",
    }
}

/// Who appeals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appellant {
    /// The seller, against a removal.
    Seller(SellerId),
    /// Whoever filed this notice, against its refusal.
    Notifier(BrandId, NoticeId),
}

/// The numbers of appeals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppealPolicy {
    /// An appeal comes within this of the decision. Default 6 months (DSA art. 20(1)).
    pub within: Term,
    /// It is ruled on by then. Default 5 working days (eBay lets sellers escalate after 5).
    pub due: Sla,
}

impl Default for AppealPolicy {
    fn default() -> Self {
        Self { within: Term::Months(6), due: Sla::WorkingDays(5) }
    }
}

impl AppealPolicy {
    /// Checks them.
    ///
    /// # Errors
    /// Every number that can't be, each with its fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if !(1..=3660).contains(&self.within.rough_days()) {
            let problem = format!("{} makes no sense", self.within);
            faults.push(Fault::new("appeals.within", problem, "give a day to ten years; the law asks for 6 months"));
        }
        if matches!(self.due, Sla::WorkingDays(0) | Sla::Hours(0) | Sla::Minutes(0)) {
            faults.push(Fault::new("appeals.due", "nobody can rule at once", "give at least a minute"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

/// An appeal as it was sent: anything may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawAppeal {
    /// The sender's own reference, unique for the sender.
    #[serde(deserialize_with = "lenient")]
    pub reference: String,
    /// Seller id, if a seller appeals.
    #[serde(deserialize_with = "lenient")]
    pub seller: String,
    /// Brand id, if a notifier appeals.
    #[serde(deserialize_with = "lenient")]
    pub brand: String,
    /// The case id in the letter about the decision.
    #[serde(deserialize_with = "lenient")]
    pub case: String,
    /// The decision id; empty for the one in force.
    #[serde(deserialize_with = "lenient")]
    pub decision: String,
    /// Why the decision is wrong.
    #[serde(deserialize_with = "lenient")]
    pub grounds: String,
}

impl RawAppeal {
    /// The names of its fields: the header of a CSV file.
    pub const FIELDS: [&str; 6] = ["reference", "seller", "brand", "case", "decision", "grounds"];

    /// SHA-256 of what it says, in hexadecimal: equal for a resend.
    #[must_use]
    pub fn digest(&self) -> String {
        hash_of(["appeal 1", &self.seller, &self.brand, &self.case, &self.decision, &self.grounds])
    }

    /// Its reference, or one made of its content so that a resend has the same.
    #[must_use]
    pub fn reference(&self) -> String {
        let given = self.reference.trim();
        if given.is_empty() {
            format!("auto-{}", &self.digest()[..16])
        } else {
            given.chars().take(REFERENCE_CHARS_MAX + 1).collect()
        }
    }
}

/// A decision that is in force on the case that an appeal names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The case.
    pub case: CaseId,
    /// Who sells the listing.
    pub seller: SellerId,
    /// Whose claims.
    pub brand: BrandId,
    /// What was decided, and when.
    pub decision: Option<(DecisionId, Verdict, Time)>,
    /// The newest notice of the brand that the decision answered.
    pub notice: Option<NoticeId>,
    /// Whether the decision was appealed before.
    pub appealed: bool,
}

/// An appeal one can rule on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// Who appeals.
    pub by: Appellant,
    /// Their own reference, or one made of the content.
    pub reference: String,
    /// Digest of what it says.
    pub digest: String,
    /// Against which case.
    pub case: CaseId,
    /// Against which decision.
    pub decision: DecisionId,
    /// Why it is wrong: text of a stranger, at most [`EXPLANATION_CHARS_MAX`] characters.
    pub grounds: String,
}

/// The appeal.
///
/// # Errors
/// Everything that is wrong with it, each fault with field and fix.
pub fn parse(
    raw: &RawAppeal,
    known: Option<&InForce>,
    policy: &AppealPolicy,
    calendar: &Calendar,
    now: Time,
) -> Result<Appeal, Refused> {
    let mut faults = Faults::default();
    if !raw.reference.trim().is_empty() {
        line("reference", &raw.reference, REFERENCE_CHARS_MAX, "", &mut faults);
    }
    let missing = "Say why the decision is wrong, and what shows it.";
    let grounds = text("grounds", &raw.grounds, EXPLANATION_CHARS_MAX, missing, &mut faults);
    let by = appellant(raw, known, &mut faults);
    let decision = known.and_then(|known| known.decision);
    if let (Some((decision, verdict, at)), Some(by), Some(known)) = (decision, &by, known) {
        against(raw, by, verdict, decision, &mut faults);
        if known.appealed {
            let fix =
                "You are told of the ruling. After it, turn to a dispute settlement body (DSA art. 21) or a court.";
            faults.add("decision", || ("it was appealed already, and that is possible once", fix));
        }
        let until = policy.within.after(at, calendar);
        if until < now {
            faults.add("decision", || {
                (
                    format!("it is too late: an appeal had to come by {until}"),
                    format!("Appeals are taken within {}. You may still turn to a court.", policy.within),
                )
            });
        }
    } else if known.is_some() && decision.is_none() {
        faults.add("case", || ("it is not decided, so there is nothing to appeal against", "Wait for the decision."));
    }
    faults.or(|| {
        Some(Appeal {
            by: by?,
            reference: raw.reference(),
            digest: raw.digest(),
            case: known?.case,
            decision: decision?.0,
            grounds: grounds?,
        })
    })
}

fn appellant(raw: &RawAppeal, known: Option<&InForce>, faults: &mut Faults) -> Option<Appellant> {
    let (seller, brand, case) = (raw.seller.trim(), raw.brand.trim(), raw.case.trim());
    if seller.is_empty() == brand.is_empty() {
        let problem = if seller.is_empty() { "nobody appeals" } else { "both a seller and a brand appeal" };
        faults.add("seller", || (problem, "Name the seller, or the brand whose notice was refused; one of them."));
        return None;
    }
    // A stranger must not learn which cases there are.
    let is_party = known.is_some_and(|known| known.seller.as_str() == seller || known.brand.as_str() == brand);
    let Some(known) = known.filter(|_| is_party) else {
        faults.add("case", || {
            let problem =
                if case.is_empty() { "it is missing".into() } else { format!("{} is none of yours", quoted(case)) };
            (problem, "Copy it from the letter about the decision.")
        });
        return None;
    };
    if brand.is_empty() {
        return Some(Appellant::Seller(known.seller.clone()));
    }
    if known.decision.is_some() && known.notice.is_none() {
        faults.add("brand", || ("no notice of yours was answered by this decision", "Only who reported may appeal."));
    }
    Some(Appellant::Notifier(known.brand.clone(), known.notice?))
}

fn against(raw: &RawAppeal, by: &Appellant, verdict: Verdict, decision: DecisionId, faults: &mut Faults) {
    let given = raw.decision.trim();
    if !given.is_empty() && given.parse() != Ok(decision) {
        faults.add("decision", || {
            (format!("{} is not the decision in force", quoted(given)), format!("Name {decision}, or leave it out."))
        });
    }
    match (by, verdict) {
        (Appellant::Seller(_), Verdict::Keep(_)) => {
            faults.add("seller", || ("the listing was kept up", "There is nothing to appeal against."));
        }
        (Appellant::Notifier(..), Verdict::Remove(_)) => {
            faults.add("brand", || ("your notice was accepted", "There is nothing to appeal against."));
        }
        (Appellant::Notifier(..), Verdict::Keep(KeepReason::Withdrawn)) => {
            faults.add("brand", || ("you took the notice back", "File it again if the listing infringes after all."));
        }
        _ => {}
    }
}
