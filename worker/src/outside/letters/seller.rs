//! What a seller is told: the statement of reasons (DSA art. 17), and where they stand. Of the other side they learn
//! the rights holder's name and the right, and never who filed the notice.

mod payout;

use askama::Template;
use jointforce_shared::{
    domain::{
        decision::{KeepReason, Verdict},
        effect::SellerNews,
        ids::{CaseId, DecisionId, SellerId, StatementId},
        listing::ListingState,
        penalty::Severity,
        safe_text::SafeText,
        seller::Level,
        statement::{Measure, RegisterState},
        time::Time,
    },
    store::{
        Conn, brands,
        cases::{self, Case},
        decisions::{self, Decision},
        notices,
        sellers::{self, SellerRecord},
        statements::{self, Kept},
    },
};

use super::{
    Fault, Letter, Party, Shown, appeal, brand_of, counter, day, line, moment, paused, right_of, right_words, text,
};

/// Strikes that a letter about a level lists, the newest.
const STRIKES_SHOWN: usize = 10;

/// The letter to a seller.
pub(in crate::outside) async fn to_seller(
    conn: &mut Conn,
    seller: &SellerId,
    news: &SellerNews,
) -> Result<Letter, Fault> {
    let Some(seller) = sellers::get(conn, seller).await? else { return Err(Fault::missing("seller", seller)) };
    let to = Party { name: line(&seller.seller.name), email: seller.seller.email.clone() };
    let (subject, body) = match news {
        SellerNews::Note { case, note } => return super::note::letter(conn, to, true, *case, *note).await,
        SellerNews::ListingRemoved { case, decision } => {
            Listed::load(conn, *case, *decision).await?.removed(conn, &to, &seller).await?
        }
        SellerNews::ListingRestored { case, decision } => Listed::load(conn, *case, *decision).await?.restored(&to)?,
        SellerNews::ListingPaused { case, request } => paused::paused(conn, &to, *case, *request).await?,
        SellerNews::ListingResumed { case, .. } => paused::resumed(conn, &to, *case).await?,
        SellerNews::Counter { counter, step, .. } => counter::to_seller(conn, &to, *counter, *step).await?,
        SellerNews::Appeal { appeal, step, .. } => appeal::to_seller(conn, &to, *appeal, *step).await?,
        SellerNews::LevelChanged { level, before, points, until, listings_off } => {
            let (level, before, listings_off) = (*level, *before, *listings_off);
            let steps = Steps { level, before, points: *points, until: *until, listings_off };
            steps.letter(conn, &to, &seller.seller.id).await?
        }
        SellerNews::Payout { hold, what } => payout::letter(conn, &to, *hold, *what).await?,
    };
    Ok(Letter { to, copy: None, subject, body })
}

/// A listing of the seller, and the decision on it.
struct Listed {
    case: Case,
    decision: Decision,
    claim: Option<notices::Claim>,
    listing: Shown,
}

#[derive(Template)]
#[template(path = "seller_removed.txt")]
struct RemovedText<'a> {
    to: &'a SafeText,
    listing: &'a Shown,
    case: CaseId,
    told: Told,
    brand: SafeText,
    right: String,
    violation: &'static str,
    points: i64,
    level: Option<&'static str>,
    taken_back: Option<String>,
}

#[derive(Template)]
#[template(path = "seller_restored.txt")]
struct RestoredText<'a> {
    to: &'a SafeText,
    listing: &'a Shown,
    case: CaseId,
    decided: String,
    /// Whether buyers see it again; another decision may still keep it down, or the seller ended it.
    back: bool,
    ended: bool,
    /// What took the decision's place, if anything did.
    because: Option<&'static str>,
}

impl Listed {
    async fn load(conn: &mut Conn, case: CaseId, decision: DecisionId) -> Result<Self, Fault> {
        let Some(case) = cases::get(conn, case).await? else { return Err(Fault::missing("case", case)) };
        let Some(decision) = decisions::get_many(conn, &[decision]).await?.pop() else {
            return Err(Fault::missing("decision", decision));
        };
        // The strike and the statement rest on the claim that was newest when it was decided.
        let claims = notices::claims_of(conn, case.id).await?;
        let claim = claims.into_iter().find(|claim| claim.filed <= decision.at);
        let version = claim.as_ref().map_or(case.snapshot_version, |claim| claim.snapshot_version);
        let listing = jointforce_shared::store::listings::at_version(conn, &case.listing, version).await?;
        let Some(listing) = listing else { return Err(Fault::missing("listing", &case.listing)) };
        Ok(Self { case, decision, claim, listing: listing.into() })
    }

    async fn removed(&self, conn: &mut Conn, to: &Party, seller: &SellerRecord) -> Result<(String, String), Fault> {
        let id = self.decision.id;
        let Verdict::Remove(reason) = self.decision.verdict else {
            return Err(Fault::never(format!("decision {id} removed nothing")));
        };
        let Some(claim) = &self.claim else { return Err(Fault::never(format!("decision {id} rests on no claim"))) };
        let kept = statements::of_decision(conn, id).await?;
        let Some(statement) = kept.iter().find(|kept| kept.measure == Measure::Listing) else {
            return Err(Fault::never(format!("decision {id} has no statement of reasons")));
        };
        let body = text(&RemovedText {
            to: &to.name,
            listing: &self.listing,
            case: self.case.id,
            told: Told::from(statement),
            brand: line(&brand_of(conn, &self.case.brand).await?.name),
            right: right_words(&right_of(conn, claim).await?),
            violation: reason.title(),
            points: seller.points,
            level: (seller.level > Level::Good).then(|| level_words(seller.level)),
            taken_back: self.decision.undone.as_ref().map(|(_, at)| moment(*at)),
        })?;
        Ok((format!("Your listing was removed: {}", self.listing.headline()), body))
    }

    /// Why another decision stands in its place now.
    fn because(&self) -> Option<&'static str> {
        match self.case.state.decision()? {
            (_, in_force) if in_force == self.decision.id => None,
            (Verdict::Keep(KeepReason::CounterUpheld), _) => {
                Some("Your counter-notice stood: the rights holder accepted it, or told us of no suit in time.")
            }
            (Verdict::Keep(KeepReason::Withdrawn), _) => Some("The rights holder took its notice back."),
            (Verdict::Keep(_), _) => Some("Another person reviewed the decision and found otherwise."),
            (Verdict::Remove(_), _) => None,
        }
    }

    fn restored(&self, to: &Party) -> Result<(String, String), Fault> {
        let (back, ended) = (self.listing.state == ListingState::Live, self.listing.state == ListingState::Ended);
        let (case, decided) = (self.case.id, day(self.decision.at));
        let because = self.because();
        let body = text(&RestoredText { to: &to.name, listing: &self.listing, case, decided, back, ended, because })?;
        let what = if back { "Your listing is back" } else { "We took a decision back" };
        Ok((format!("{what}: {}", self.listing.headline()), body))
    }
}

/// A step on the ladder, up or down.
struct Steps {
    level: Level,
    before: Level,
    points: i64,
    until: Option<Time>,
    listings_off: Option<bool>,
}

/// A strike as the letter lists it.
struct Struck {
    at: String,
    why: &'static str,
    brand: SafeText,
}

#[derive(Template)]
#[template(path = "seller_level.txt")]
struct LevelText<'a> {
    to: &'a SafeText,
    headline: &'static str,
    milder: bool,
    /// Only the end of the restriction moved.
    same: bool,
    points: i64,
    means: &'static str,
    restricted: bool,
    /// Every listing went off with it, or came back.
    off: bool,
    back: bool,
    until: Option<String>,
    good: bool,
    struck: Vec<Struck>,
    earlier: usize,
    /// The statement of reasons, where something is taken.
    told: Option<Told>,
}

impl Steps {
    async fn letter(&self, conn: &mut Conn, to: &Party, seller: &SellerId) -> Result<(String, String), Fault> {
        let mut strikes = sellers::strikes(conn, [seller]).await?;
        let earlier = strikes.len().saturating_sub(STRIKES_SHOWN);
        strikes.drain(..earlier);
        let names = brands::get_many(conn, strikes.iter().map(|(_, strike)| &strike.brand)).await?;
        let struck = strikes.iter().rev().map(|(_, strike)| Struck {
            at: day(strike.at),
            why: severity_words(strike.severity),
            brand: names
                .iter()
                .find(|brand| brand.id == strike.brand)
                .map_or_else(SafeText::default, |b| line(&b.name)),
        });
        let kept = statements::of_seller(conn, seller, 20).await?;
        let told =
            kept.iter().find(|kept| kept.measure == Measure::Account).filter(|_| self.level >= Level::Restricted);
        let headline = level_headline(self.level);
        let body = text(&LevelText {
            to: &to.name,
            headline,
            milder: self.level < self.before,
            same: self.level == self.before,
            points: self.points,
            means: level_means(self.level),
            restricted: self.level >= Level::Restricted && self.level < Level::Terminated,
            // A suspension says so itself.
            off: self.listings_off == Some(true) && self.level < Level::Suspended,
            back: self.listings_off == Some(false),
            until: self.until.map(moment),
            good: self.level == Level::Good,
            struck: struck.collect(),
            earlier,
            told: told.map(Told::from),
        })?;
        Ok((headline.to_owned(), body))
    }
}

/// A statement of reasons, as a letter tells it.
struct Told {
    id: StatementId,
    /// From which day the restriction applies.
    applies: String,
    facts: SafeText,
    /// Law or terms, and why they forbid it.
    ground: SafeText,
    explanation: SafeText,
    read_at: Option<SafeText>,
    source: &'static str,
    found: &'static str,
    decided: &'static str,
    /// Whether it goes to the public register.
    is_public: bool,
}

impl From<&Kept> for Told {
    fn from(kept: &Kept) -> Self {
        let statement = &kept.content;
        let text = |illegal: &Option<String>, against: &Option<String>| {
            SafeText::line(illegal.as_ref().or(against.as_ref()).map_or("", String::as_str), 2000)
        };
        Self {
            id: kept.id,
            applies: written(&statement.application_date),
            facts: SafeText::line(&statement.decision_facts, 5000),
            ground: text(&statement.illegal_content_legal_ground, &statement.incompatible_content_ground),
            explanation: text(&statement.illegal_content_explanation, &statement.incompatible_content_explanation),
            read_at: statement.decision_ground_reference_url.as_deref().map(|url| SafeText::line(url, 500)),
            source: match statement.source_type.as_str() {
                "SOURCE_TRUSTED_FLAGGER" => "A trusted flagger (art. 22) reported the listing.",
                "SOURCE_VOLUNTARY" => "We found it ourselves; nobody reported it.",
                _ => "The rights holder, or somebody acting for it, reported the listing (art. 16).",
            },
            found: match statement.automated_detection.as_str() {
                "Yes" => "Automated means helped to find it.",
                _ => "No automated means were used to find it.",
            },
            decided: match statement.automated_decision.as_str() {
                "AUTOMATED_DECISION_FULLY" => {
                    "The decision was taken by automated means, without a person; if you contest it, a person decides."
                }
                "AUTOMATED_DECISION_PARTIALLY" => "Automated means were used to decide, and persons.",
                _ => "A person decided; no automated means were used to decide.",
            },
            is_public: kept.state != RegisterState::Exempt,
        }
    }
}

/// A day of the register, as people write it.
fn written(day: &str) -> String {
    day.parse::<jiff::civil::Date>().map_or_else(|_| day.to_owned(), |date| date.strftime("%-d %B %Y").to_string())
}

const fn level_headline(level: Level) -> &'static str {
    match level {
        Level::Good => "Your account is in good standing again",
        Level::Cautioned => "Please take care: your account is close to a penalty",
        Level::Warned => "A severe warning about your account",
        Level::Restricted => "Your account is restricted",
        Level::Hidden => "Your account is restricted and hidden from search",
        Level::Suspended => "Your account is suspended",
        Level::Terminated => "Your account is closed",
    }
}

const fn level_means(level: Level) -> &'static str {
    match level {
        Level::Good => "Nothing on your account is restricted.",
        Level::Cautioned => {
            "Nothing is taken from you now. One more violation may bring your account to a warning or a restriction, so \
             please look through your listings and end those that you cannot prove to be lawful."
        }
        Level::Warned => {
            "Nothing is taken from you now, but this is the last step before a restriction. Please end every listing for \
             which you have no proof of origin or licence."
        }
        Level::Restricted => "You may not open new listings. Your other listings stay on sale.",
        Level::Hidden => "You may not open new listings, and those you have do not show in search.",
        Level::Suspended => "You may not sell on the marketplace, and your listings are not offered.",
        Level::Terminated => {
            "You may not sell on the marketplace any more, and your listings are not offered. Two people agreed to this."
        }
    }
}

/// A level as one says it in a sentence: "your account is …".
const fn level_words(level: Level) -> &'static str {
    match level {
        Level::Good => "in good standing",
        Level::Cautioned => "close to a penalty",
        Level::Warned => "under a severe warning",
        Level::Restricted => "restricted: no new listings",
        Level::Hidden => "restricted and hidden from search",
        Level::Suspended => "suspended",
        Level::Terminated => "closed",
    }
}

const fn severity_words(severity: Severity) -> &'static str {
    match severity {
        Severity::General => "improper use of a right",
        Severity::CounterfeitListing => "counterfeit offered",
        Severity::CounterfeitSold => "counterfeit sold",
        Severity::Serious => "serious infringement",
        Severity::Extreme => "especially serious infringement",
    }
}
