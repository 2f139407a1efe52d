//! What whoever filed a notice is told (DSA art. 16(4) and (5)). Outcomes go to the brand's own address as well, so
//! that a brand sees what is filed in its name.

use askama::Template;
use jointforce_shared::{
    domain::{
        appeal::Appellant,
        brand::Brand,
        decision::{KeepReason, Verdict},
        effect::BrandNews,
        ids::{BrandId, CaseId, DecisionId, NoticeId},
        safe_text::SafeText,
    },
    store::{
        Conn, appeals, cases,
        decisions::{self, Decision},
        notices::{self, Claim},
    },
};

use super::{
    Fault, Letter, Party, Shown, appeal, brand_of, counter, line, moment, right_of, right_words, text, trust, withdrawn,
};

/// Listings that a receipt names; a notice may have 300.
const LISTINGS_SHOWN: usize = 20;

/// The letter to whoever filed `notice`.
pub(in crate::outside) async fn to_brand(
    conn: &mut Conn,
    brand: &BrandId,
    notice: Option<NoticeId>,
    news: &BrandNews,
) -> Result<Letter, Fault> {
    let brand = brand_of(conn, brand).await?;
    if let Some(letter) = trust::letter(&brand, news)? {
        return Ok(letter);
    }
    if let BrandNews::Note { case, note } = news {
        let to = Party { name: line(&brand.name), email: brand.email };
        return super::note::letter(conn, to, false, *case, *note).await;
    }
    let notice = notice.ok_or_else(|| Fault::never("this letter answers a notice, and none is named"))?;
    let claims = notices::claims_in(conn, notice).await?;
    match news {
        BrandNews::Asked { .. } => Err(Fault::never("a question has a letter of its own")),
        BrandNews::Received => received(conn, &brand, &claims, notice).await,
        BrandNews::Decided { case, decision } => {
            let told = Told::load(conn, &brand, &claims, notice, *case, *decision).await?;
            match told.decision.verdict {
                Verdict::Remove(_) => told.removed(),
                Verdict::Keep(KeepReason::CounterUpheld) => told.put_back(),
                Verdict::Keep(reason) => told.kept(reason),
            }
        }
        BrandNews::Undone { case, decision } => {
            Told::load(conn, &brand, &claims, notice, *case, *decision).await?.undone()
        }
        BrandNews::TierChanged { .. } | BrandNews::Warned { .. } | BrandNews::HookGone { .. } => {
            Err(Fault::never("this letter is about no notice"))
        }
        BrandNews::Note { .. } => Err(Fault::never("a note answers no notice")),
        BrandNews::Counter { counter, step, .. } => counter::to_brand(conn, &brand, &claims, *counter, *step).await,
        BrandNews::Appeal { appeal, step, .. } => appeal::to_brand(conn, &brand, &claims, *appeal, *step).await,
        BrandNews::Withdrawn { at } => withdrawn::to_brand(conn, &brand, &claims, notice, *at).await,
    }
}

#[derive(Template)]
#[template(path = "brand_received.txt")]
struct ReceivedText<'a> {
    to: &'a SafeText,
    brand: SafeText,
    reference: SafeText,
    notice: NoticeId,
    filed: String,
    reason: &'static str,
    right: String,
    count: usize,
    listings: Vec<Shown>,
    due: Option<String>,
}

async fn received(conn: &mut Conn, brand: &Brand, claims: &[Claim], notice: NoticeId) -> Result<Letter, Fault> {
    let Some(first) = claims.first() else { return Err(Fault::missing("notice", notice)) };
    let mut shown = Vec::new();
    for claim in claims.iter().take(LISTINGS_SHOWN) {
        shown.push(Shown::claimed(conn, claim).await?);
    }
    let cases = cases::on_listings(conn, claims.iter().map(|claim| &claim.listing)).await?;
    let open = cases.iter().filter(|case| case.brand == brand.id && !case.state.is_decided());
    let to = notifier(first);
    let reference = line(&first.reference);
    let what = match shown.as_slice() {
        [only] if claims.len() == 1 => only.headline().to_string(),
        _ => format!("{} listings", claims.len()),
    };
    Ok(Letter {
        subject: format!("Received: your notice {reference} ({what})"),
        body: text(&ReceivedText {
            to: &to.name,
            brand: line(&brand.name),
            reference,
            notice,
            filed: moment(first.filed),
            reason: first.reason.title(),
            right: right_words(&right_of(conn, first).await?),
            count: claims.len(),
            listings: shown,
            due: open.map(|case| case.due).max().map(moment),
        })?,
        to,
        copy: None,
    })
}

pub(super) fn notifier(claim: &Claim) -> Party {
    Party { name: line(&claim.notifier.name), email: claim.notifier.email.clone() }
}

/// One case of a notice and what was decided on it, as the letters about it have it.
struct Told {
    to: Party,
    copy: Party,
    brand: SafeText,
    reference: SafeText,
    notice: NoticeId,
    case: CaseId,
    listing: Shown,
    right: String,
    decision: Decision,
    /// How the notice's other listings fared: a notice is often right about some only.
    rest: Option<String>,
    /// Whether the seller's appeal led to it.
    contested: bool,
}

#[derive(Template)]
#[template(path = "brand_removed.txt")]
struct RemovedText<'a> {
    told: &'a Told,
    reason: &'static str,
    decided: String,
    taken_back: Option<String>,
}

#[derive(Template)]
#[template(path = "brand_kept.txt")]
struct KeptText<'a> {
    told: &'a Told,
    reason: &'static str,
    check: &'static str,
    field: &'static str,
    fix: &'static str,
    /// Whether filing again can help.
    again: bool,
    decided: String,
    taken_back: Option<String>,
}

#[derive(Template)]
#[template(path = "brand_put_back.txt")]
struct PutBackText<'a> {
    told: &'a Told,
    decided: String,
    taken_back: Option<String>,
}

#[derive(Template)]
#[template(path = "brand_undone.txt")]
struct UndoneText<'a> {
    told: &'a Told,
    removed: bool,
    undone: String,
}

/// "Of the 3 listings in this notice, 1 was removed, 1 was kept and 1 is under review", if there are several.
fn rest(claims: &[Claim]) -> Option<String> {
    if claims.len() < 2 {
        return None;
    }
    let said =
        [("accepted", "removed"), ("refused", "not removed"), ("open", "under review"), ("withdrawn", "withdrawn")];
    let counts: Vec<String> = said
        .iter()
        .map(|(state, words)| (claims.iter().filter(|claim| claim.state == *state).count(), words))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    Some(format!("Of the {} listings in this notice: {}.", claims.len(), counts.join(", ")))
}

impl Told {
    async fn load(
        conn: &mut Conn,
        brand: &Brand,
        claims: &[Claim],
        notice: NoticeId,
        case: CaseId,
        decision: DecisionId,
    ) -> Result<Self, Fault> {
        let Some(of) = cases::get(conn, case).await? else { return Err(Fault::missing("case", case)) };
        let Some(claim) = claims.iter().find(|claim| claim.listing == of.listing) else {
            return Err(Fault::never(format!("notice {notice} has no claim on listing {}", of.listing)));
        };
        let Some(decision) = decisions::get_many(conn, &[decision]).await?.pop() else {
            return Err(Fault::missing("decision", decision));
        };
        let appeals = appeals::of_case(conn, case).await?;
        let contested = appeals.iter().any(|filed| {
            matches!(filed.appeal.by, Appellant::Seller(_))
                && filed.ruled.as_ref().is_some_and(|(_, at)| *at == decision.at)
        });
        Ok(Self {
            to: notifier(claim),
            copy: Party { name: line(&brand.name), email: brand.email.clone() },
            brand: line(&brand.name),
            reference: line(&claim.reference),
            notice,
            case,
            listing: Shown::claimed(conn, claim).await?,
            right: right_words(&right_of(conn, claim).await?),
            decision,
            rest: rest(claims),
            contested,
        })
    }

    fn letter(&self, what: &str, body: String) -> Letter {
        Letter {
            to: self.to.clone(),
            copy: Some(self.copy.clone()),
            subject: format!("{what}: {} (your notice {})", self.listing.headline(), self.reference),
            body,
        }
    }

    fn decided(&self) -> String {
        moment(self.decision.at)
    }

    /// When the decision was taken back, if that happened before this letter left.
    fn taken_back(&self) -> Option<String> {
        self.decision.undone.as_ref().map(|(_, at)| moment(*at))
    }

    fn removed(&self) -> Result<Letter, Fault> {
        let reason = self.decision.verdict.title();
        let (decided, taken_back) = (self.decided(), self.taken_back());
        Ok(self.letter("Removed", text(&RemovedText { told: self, reason, decided, taken_back })?))
    }

    fn kept(&self, reason: KeepReason) -> Result<Letter, Fault> {
        let (check, field, fix) = reason.lesson();
        let body = text(&KeptText {
            told: self,
            reason: reason.title(),
            check,
            field,
            fix,
            again: !matches!(reason, KeepReason::AlreadyGone | KeepReason::Abusive | KeepReason::Withdrawn),
            decided: self.decided(),
            taken_back: self.taken_back(),
        })?;
        Ok(self.letter("Not removed", body))
    }

    fn put_back(&self) -> Result<Letter, Fault> {
        let body = text(&PutBackText { told: self, decided: self.decided(), taken_back: self.taken_back() })?;
        Ok(self.letter("Put back", body))
    }

    fn undone(&self) -> Result<Letter, Fault> {
        let undone = self.taken_back().unwrap_or_else(|| self.decided());
        let removed = matches!(self.decision.verdict, Verdict::Remove(_));
        Ok(self.letter("Under review again", text(&UndoneText { told: self, removed, undone })?))
    }
}
