//! What becomes of an appeal: told to whoever appealed, with the reasons (DSA art. 20(5)).

use askama::Template;
use jointforce_shared::{
    domain::{
        appeal::AppealNews,
        brand::Brand,
        decision::Verdict,
        ids::{AppealId, CaseId},
        safe_text::SafeText,
    },
    store::{
        Conn,
        appeals::{self, Filed},
        cases, decisions, listings,
        notices::Claim,
    },
};

use super::{Fault, Letter, Party, Shown, brand::notifier, line, moment, text};

/// An appeal as the letters about it have it.
struct Told {
    appeal: AppealId,
    case: CaseId,
    reference: SafeText,
    listing: Shown,
    /// What is contested.
    was: &'static str,
    decided: String,
    opened: String,
    due: String,
    /// Whether the contested decision removed the listing.
    removed: bool,
    /// What is in force now, and why.
    now: &'static str,
    why: &'static str,
}

#[derive(Template)]
#[template(path = "appeal.txt")]
struct AppealText<'a> {
    to: &'a SafeText,
    told: &'a Told,
    step: AppealNews,
}

impl Told {
    async fn load(conn: &mut Conn, id: AppealId) -> Result<(Self, Filed), Fault> {
        let Some(filed) = appeals::get(conn, id).await? else { return Err(Fault::missing("appeal", id)) };
        let of = filed.appeal.case;
        let Some(case) = cases::get(conn, of).await? else { return Err(Fault::missing("case", of)) };
        let Some(listing) = listings::at_version(conn, &case.listing, case.snapshot_version).await? else {
            return Err(Fault::missing("listing", &case.listing));
        };
        let Some(was) = decisions::get_many(conn, &[filed.appeal.decision]).await?.pop() else {
            return Err(Fault::missing("decision", filed.appeal.decision));
        };
        let verdict = case.state.decision().map_or(was.verdict, |(verdict, _)| verdict);
        let told = Self {
            appeal: id,
            case: of,
            reference: line(&filed.appeal.reference),
            listing: listing.into(),
            was: was.verdict.title(),
            decided: moment(was.at),
            opened: moment(filed.opened),
            due: moment(filed.due),
            removed: matches!(was.verdict, Verdict::Remove(_)),
            now: verdict.title(),
            why: match verdict {
                Verdict::Remove(reason) => reason.facts(),
                Verdict::Keep(reason) => reason.lesson().0,
            },
        };
        Ok((told, filed))
    }

    fn subject(&self, step: AppealNews) -> String {
        let what = match step {
            AppealNews::Received => "We received your appeal",
            AppealNews::Affirmed => "Your appeal: the decision stands",
            AppealNews::Overturned => "Your appeal succeeded",
            AppealNews::Withdrawn => "You took your appeal back",
        };
        format!("{what}: {}", self.listing.headline())
    }
}

/// The subject and the body of the letter to a seller who appealed.
pub(super) async fn to_seller(
    conn: &mut Conn,
    to: &Party,
    id: AppealId,
    step: AppealNews,
) -> Result<(String, String), Fault> {
    let (told, _) = Told::load(conn, id).await?;
    Ok((told.subject(step), text(&AppealText { to: &to.name, told: &told, step })?))
}

/// The letter to a notifier who appealed, with a copy to the brand.
pub(super) async fn to_brand(
    conn: &mut Conn,
    brand: &Brand,
    claims: &[Claim],
    id: AppealId,
    step: AppealNews,
) -> Result<Letter, Fault> {
    let (told, _) = Told::load(conn, id).await?;
    let Some(claim) = claims.iter().find(|claim| claim.listing == told.listing.id) else {
        return Err(Fault::never(format!("the notice has no claim on listing {}", told.listing.id)));
    };
    let to = notifier(claim);
    let body = text(&AppealText { to: &to.name, told: &told, step })?;
    let copy = Some(Party { name: line(&brand.name), email: brand.email.clone() });
    Ok(Letter { subject: told.subject(step), to, copy, body })
}
