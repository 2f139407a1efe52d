//! Making statements. Our own words come from here; what strangers wrote (a right's number, a flagger's name) is cut,
//! cleaned and redacted on its way in, so that no stranger can make a decision impossible by what they call themselves.

mod pause;

pub use self::pause::{Pause, pause};
use super::{
    Statement,
    codes::{eea, is_eea},
    day,
    personal::{People, redact},
    policy::ReasonsPolicy,
};
use crate::domain::{
    decision::RemoveReason,
    ids::StatementId,
    reason::ReasonCode,
    right::{Right, RightKind},
    safe_text::SafeText,
    seller::{Level, Standing},
    time::Time,
};

/// Cells of a stranger's text inside one of ours.
const PIECE: usize = 100;

/// How we learned of what was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    /// A notice under DSA art. 16.
    Notice {
        /// When the newest of them was filed.
        filed: Time,
    },
    /// A notice of a trusted flagger (DSA art. 22), whose name is public.
    TrustedFlagger {
        /// Its name.
        name: &'a str,
        /// When the newest of them was filed.
        filed: Time,
    },
    /// We found it ourselves.
    Voluntary,
}

impl Source<'_> {
    fn words(&self, right: &str) -> String {
        match self {
            Self::Notice { filed } => format!(
                "The rights holder, or somebody acting for it, reported the listing on {} under {right}.",
                day(*filed)
            ),
            Self::TrustedFlagger { filed, .. } => {
                format!("A trusted flagger reported the listing on {} under {right}.", day(*filed))
            }
            Self::Voluntary => format!("The marketplace found the listing itself; it infringes {right}."),
        }
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::Notice { .. } => "SOURCE_ARTICLE_16",
            Self::TrustedFlagger { .. } => "SOURCE_TRUSTED_FLAGGER",
            Self::Voluntary => "SOURCE_VOLUNTARY",
        }
    }

    /// Of an ordinary notifier's identity nobody outside needs to know (DSA art. 17(3)(b)).
    fn identity(&self, people: &People) -> Option<String> {
        match self {
            Self::TrustedFlagger { name, .. } => Some(piece(name, people)).filter(|name| !name.is_empty()),
            _ => None,
        }
    }
}

/// How much of a decision was a machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automation {
    /// A person decided.
    None,
    /// Persons decided what it rests on, a rule drew the consequence.
    Partly,
    /// A rule decided.
    Fully,
}

impl Automation {
    const fn code(self) -> &'static str {
        match self {
            Self::None => "AUTOMATED_DECISION_NOT_AUTOMATED",
            Self::Partly => "AUTOMATED_DECISION_PARTIALLY",
            Self::Fully => "AUTOMATED_DECISION_FULLY",
        }
    }
}

/// What the removal of a listing rests on.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    /// The statement's id.
    pub id: StatementId,
    /// Why it is removed.
    pub reason: RemoveReason,
    /// What the notice said is wrong, if there was one.
    pub code: Option<ReasonCode>,
    /// The right relied on.
    pub right: &'a Right,
    /// How we learned of it.
    pub source: Source<'a>,
    /// Whether a program found it.
    pub detected: bool,
    /// How much of the decision was a machine's.
    pub automation: Automation,
    /// When the listing was first seen.
    pub posted: Time,
    /// Where it was offered: ISO 3166-1 alpha-2.
    pub territory: &'a str,
    /// From when the removal applies.
    pub applies: Time,
    /// Who must not be named.
    pub people: &'a People,
}

/// The statement for a removed listing.
#[must_use]
pub fn removal(of: &Removal<'_>) -> Statement {
    let clean = |text: &str| piece(text, of.people);
    let (number, place) = (clean(&of.right.number), clean(&of.right.jurisdiction));
    let right = format!("{} {number} ({place})", of.right.kind);
    let (law, url) = law(of.right);
    let learned = of.source.words(&right);
    let decided = match of.automation {
        Automation::None => "A person reviewed the listing as it stood when it was reported, and decided.",
        Automation::Partly => "A person confirmed what a rule proposed.",
        Automation::Fully => {
            "A rule decided without a person, because the rights holder stands behind its claim; people review a sample \
             of such decisions afterwards."
        }
    };
    let mut content_type = vec!["CONTENT_TYPE_PRODUCT".to_owned()];
    let also: &[&str] = match of.code {
        Some(ReasonCode::CopyrightText) => &["CONTENT_TYPE_TEXT"],
        Some(ReasonCode::CopyrightImage) => &["CONTENT_TYPE_IMAGE"],
        Some(ReasonCode::CopyrightImageAndText) => &["CONTENT_TYPE_IMAGE", "CONTENT_TYPE_TEXT"],
        _ => &[],
    };
    content_type.extend(also.iter().map(|code| (*code).to_owned()));
    Statement {
        decision_visibility: vec!["DECISION_VISIBILITY_CONTENT_REMOVED".into()],
        decision_ground: "DECISION_GROUND_ILLEGAL_CONTENT".into(),
        decision_ground_reference_url: url.map(Into::into),
        illegal_content_legal_ground: Some(format!("{law}; {right}")),
        illegal_content_explanation: Some(reserves(of.right.kind).into()),
        category: "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS".into(),
        category_specification: vec![keyword(of.right.kind).into()],
        content_type,
        content_date: content_day(of.posted, of.applies),
        territorial_scope: if is_eea(of.territory) { vec![of.territory.to_owned()] } else { vec![] },
        application_date: day(of.applies),
        decision_facts: format!("{} {learned} {decided}", of.reason.facts()),
        source_type: of.source.code().into(),
        source_identity: of.source.identity(of.people),
        automated_detection: yes_or_no(of.detected),
        automated_decision: of.automation.code().into(),
        puid: of.id.to_string(),
        ..Statement::default()
    }
}

/// What is taken from an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountMeasure {
    /// No new listings.
    Restricted,
    /// No new listings, and those there are do not show in search.
    Hidden,
    /// No new listings, and those there are are taken off.
    ListingsOff,
    /// The account is sealed for a time, or until somebody looks at it.
    Suspended,
    /// The account is closed for good.
    Terminated,
}

impl AccountMeasure {
    /// What a standing takes away; `None` for one that takes nothing, of which no statement is owed.
    #[must_use]
    pub const fn of(standing: &Standing) -> Option<Self> {
        match standing.level {
            Level::Good | Level::Cautioned | Level::Warned => None,
            Level::Suspended => Some(Self::Suspended),
            Level::Terminated => Some(Self::Terminated),
            Level::Restricted | Level::Hidden if standing.listings_off => Some(Self::ListingsOff),
            Level::Restricted => Some(Self::Restricted),
            Level::Hidden => Some(Self::Hidden),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Restricted => "the seller may not open new listings",
            Self::Hidden => "the seller may not open new listings, and those there are do not show in search",
            Self::ListingsOff => "the seller may not open new listings, and those there are are not offered",
            Self::Suspended => "the account is suspended and its listings are not offered",
            Self::Terminated => "the account is closed",
        }
    }
}

/// What a measure against an account, or its money, rests on.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The statement's id.
    pub id: StatementId,
    /// Points that count.
    pub points: i64,
    /// Violations that count.
    pub violations: usize,
    /// The oldest of them.
    pub since: Time,
    /// From when the measure applies.
    pub applies: Time,
    /// When it ends; `None` for no end.
    pub until: Option<Time>,
    /// How much of the decision was a machine's.
    pub automation: Automation,
    /// The terms relied on.
    pub policy: &'a ReasonsPolicy,
}

/// The statement for a measure against an account.
#[must_use]
pub fn account(measure: AccountMeasure, of: &Record<'_>) -> Statement {
    let end = of.until.map(|until| end_day(until, of.applies));
    let mut statement = from_record(of, measure.words());
    let visibility = match measure {
        AccountMeasure::Hidden => Some("DECISION_VISIBILITY_CONTENT_DEMOTED"),
        AccountMeasure::ListingsOff | AccountMeasure::Suspended => Some("DECISION_VISIBILITY_CONTENT_DISABLED"),
        AccountMeasure::Terminated => Some("DECISION_VISIBILITY_CONTENT_REMOVED"),
        AccountMeasure::Restricted => None,
    };
    let provision = match measure {
        AccountMeasure::Restricted | AccountMeasure::Hidden | AccountMeasure::ListingsOff => {
            "DECISION_PROVISION_PARTIAL_SUSPENSION"
        }
        AccountMeasure::Suspended => "DECISION_PROVISION_TOTAL_SUSPENSION",
        AccountMeasure::Terminated => "DECISION_PROVISION_TOTAL_TERMINATION",
    };
    let account = match measure {
        AccountMeasure::Suspended => Some("DECISION_ACCOUNT_SUSPENDED"),
        AccountMeasure::Terminated => Some("DECISION_ACCOUNT_TERMINATED"),
        _ => None,
    };
    // What is closed for good has no end, whatever the ladder says of its points.
    let end = end.filter(|_| measure != AccountMeasure::Terminated);
    statement.decision_visibility = visibility.into_iter().map(Into::into).collect();
    statement.end_date_visibility_restriction = visibility.and(end.clone());
    statement.decision_provision = Some(provision.into());
    statement.end_date_service_restriction.clone_from(&end);
    statement.decision_account = account.map(Into::into);
    statement.end_date_account_restriction = account.and(end);
    statement
}

/// The statement for money held back.
#[must_use]
pub fn payout_hold(of: &Record<'_>) -> Statement {
    let mut statement = from_record(of, "payments to the seller are held back");
    statement.decision_monetary = Some("DECISION_MONETARY_SUSPENSION".into());
    statement.end_date_monetary_restriction = of.until.map(|until| end_day(until, of.applies));
    statement
}

/// What every measure that rests on a seller's record has in common.
fn from_record(of: &Record<'_>, what: &str) -> Statement {
    let violations = if of.violations == 1 { "violation" } else { "violations" };
    let points = if of.points == 1 { "point" } else { "points" };
    let decided = match of.automation {
        Automation::None => "A person took the measure.",
        Automation::Partly => "Persons decided on the violations; the measure follows from their sum by a rule.",
        Automation::Fully => "The measure follows from the record by a rule, without a person.",
    };
    let ends = of.until.map_or_else(String::new, |until| format!(" until {}", end_day(until, of.applies)));
    Statement {
        account_type: of.policy.account_type.clone(),
        decision_ground: "DECISION_GROUND_INCOMPATIBLE_CONTENT".into(),
        decision_ground_reference_url: of.policy.terms_url.clone(),
        incompatible_content_ground: Some(of.policy.terms.clone()),
        incompatible_content_explanation: Some(
            "Listings of the seller were found, repeatedly or in a serious way, to infringe intellectual property. The \
             terms give points for each, and a measure at each step of their sum."
                .into(),
        ),
        incompatible_content_illegal: Some("Yes".into()),
        category: "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS".into(),
        content_type: vec!["CONTENT_TYPE_PRODUCT".into()],
        content_date: content_day(of.since, of.applies),
        territorial_scope: eea(),
        application_date: day(of.applies),
        decision_facts: format!(
            "The seller's record stands at {} {points} from {} {violations} that count, the oldest of {}. Therefore {what}, \
             from {}{ends}. {decided}",
            of.points,
            of.violations,
            day(of.since),
            day(of.applies),
        ),
        source_type: "SOURCE_VOLUNTARY".into(),
        automated_detection: "No".into(),
        automated_decision: of.automation.code().into(),
        puid: of.id.to_string(),
        ..Statement::default()
    }
}

/// A stranger's few words: one clean line without people.
fn piece(text: &str, people: &People) -> String {
    redact(SafeText::line(text.trim(), PIECE).as_str(), people)
}

/// The law that protects a right, and where to read it. Unitary rights rest on the Union's regulations; the others on
/// the law of their country, copyright on what the Union harmonised of it.
fn law(right: &Right) -> (String, Option<&'static str>) {
    let (name, union): (&str, Option<(&str, &str)>) = match right.kind {
        RightKind::Trademark => (
            "Trade mark law",
            Some((
                "Regulation (EU) 2017/1001 on the European Union trade mark, art. 9",
                "https://eur-lex.europa.eu/eli/reg/2017/1001/oj",
            )),
        ),
        RightKind::Design => (
            "Design law",
            Some((
                "Regulation (EC) No 6/2002 on Community designs, art. 19",
                "https://eur-lex.europa.eu/eli/reg/2002/6/oj",
            )),
        ),
        RightKind::Copyright => (
            "Copyright law",
            Some((
                "Copyright law (Directive 2001/29/EC, arts. 2 to 4)",
                "https://eur-lex.europa.eu/eli/dir/2001/29/oj",
            )),
        ),
        RightKind::Patent => ("Patent law", None),
    };
    match union {
        Some((law, url)) if matches!(right.jurisdiction.as_str(), "EU" | "WORLD") => (law.to_owned(), Some(url)),
        _ => (name.to_owned(), None),
    }
}

const fn reserves(kind: RightKind) -> &'static str {
    match kind {
        RightKind::Trademark => "Offering goods under a protected mark is reserved to its holder, who gave no consent.",
        RightKind::Copyright => {
            "Copying a protected work and offering the copies is reserved to its holder, who gave no consent."
        }
        RightKind::Design => "Offering goods of a protected design is reserved to its holder, who gave no consent.",
        RightKind::Patent => "Offering what a patent protects is reserved to its holder, who gave no consent.",
    }
}

const fn keyword(kind: RightKind) -> &'static str {
    match kind {
        RightKind::Trademark => "KEYWORD_TRADEMARK_INFRINGEMENT",
        RightKind::Copyright => "KEYWORD_COPYRIGHT_INFRINGEMENT",
        RightKind::Design => "KEYWORD_DESIGN_INFRINGEMENT",
        RightKind::Patent => "KEYWORD_PATENT_INFRINGEMENT",
    }
}

fn yes_or_no(yes: bool) -> String {
    if yes { "Yes" } else { "No" }.into()
}

/// The day of the content: never after the measure, nor before the register's first.
fn content_day(posted: Time, applies: Time) -> String {
    day(posted.min(applies)).max("2000-01-01".to_owned())
}

/// The day of an end: not before the measure; one beyond the register's last day is its last.
fn end_day(until: Time, applies: Time) -> String {
    day(until.max(applies)).min("2038-01-01".to_owned())
}
