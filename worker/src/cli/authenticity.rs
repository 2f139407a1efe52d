//! `brand requests`, `brand answer`, `brand take-back`: questions to rights holders, and answers that came by mail or
//! telephone.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{
        Actor, House,
        authenticity::{self as asking, Answering},
    },
    config::exit,
    domain::{
        authenticity::{Answer, Follow, State},
        ids::{BrandId, RequestId},
        refused::Refused,
        time::{Time, due_words},
    },
    store::authenticity::{self, Request},
};
use serde_json::{Value, json};

use super::output::{cut, line, list, rest, safe};

/// What can be done with questions to rights holders.
#[derive(Debug, Subcommand)]
pub enum Authenticity {
    /// List questions to rights holders, newest first: those that wait for an answer, or all.
    Requests {
        /// Only those to this brand.
        #[arg(long, value_name = "ID")]
        brand: Option<BrandId>,
        /// Also those that were answered or closed.
        #[arg(long)]
        all: bool,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Enter a rights holder's answer that came by mail or telephone; the record says who entered it.
    ///
    /// The answers: counterfeit (not theirs), genuine (theirs, may be sold here), grey_market (theirs, not for this
    /// market), unsure. Genuine clears the listing: the brand's notices about it are refused until it changes.
    Answer {
        /// The question, as `brand requests` and the letter name it.
        request: RequestId,
        /// counterfeit, genuine, grey_market or unsure.
        answer: Answer,
        /// What the rights holder added.
        #[arg(long, default_value = "", value_name = "TEXT")]
        note: String,
        /// The brand that answers; given, it has to be the one that was asked.
        #[arg(long, value_name = "ID")]
        brand: Option<BrandId>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take a rights holder's answer *genuine* back, so that it may report the listing again.
    TakeBack {
        /// The question.
        request: RequestId,
    },
}

/// Does it.
pub async fn run(house: &House, command: Authenticity) -> anyhow::Result<u8> {
    match command {
        Authenticity::Requests { brand, all, limit, json } => {
            let mut requests = authenticity::list(&mut house.db.read().await?, brand.as_ref(), !all, limit + 1).await?;
            let more = cut(&mut requests, limit);
            let now = house.clock.now();
            let as_text = |request: &Request| if json { as_json(request).to_string() } else { as_line(request, now) };
            list(&requests, "no brand is asked about anything; --all has what was answered", as_text)?;
            if more {
                rest(json, "more: a higher --limit")?;
            }
        }
        Authenticity::Answer { request, answer, note, brand, json } => {
            let brand = match brand {
                Some(brand) => brand,
                None => asked(house, request).await?,
            };
            // Who enters it is on the record beside whose answer it is.
            let entered_by = Some(account::current()?);
            let answering = Answering { request, answer, note, link: None, entered_by };
            let done = asking::answer(house, &Actor::brand(&brand, "process"), &answering).await?;
            line(&if json {
                json!({ "request": done.request, "case": done.case, "answer": answer, "state": done.state }).to_string()
            } else {
                format!("{}: {answer} for {brand}. {}", done.request, follows(done.follow))
            })?;
        }
        Authenticity::TakeBack { request } => {
            let brand = asked(house, request).await?;
            asking::take_back(house, &Actor::brand(&brand, "process"), request).await?;
            line(&format!("{request}: taken back. {brand} may report the listing again."))?;
        }
    }
    Ok(exit::OK)
}

/// Whom a question went to.
async fn asked(house: &House, request: RequestId) -> anyhow::Result<BrandId> {
    let found = authenticity::get(&mut house.db.read().await?, request).await?;
    let missing =
        || Refused::one("request", format!("{request} is not known"), "See `jointforce-worker brand requests`.");
    Ok(found.ok_or_else(missing)?.brand)
}

const fn follows(follow: Follow) -> &'static str {
    match follow {
        Follow::RemoveAtOnce => "The listing is being removed.",
        Follow::Clear => "The listing stays, and is cleared until it changes.",
        Follow::ToModerator(_) => "The case is back with the moderators.",
    }
}

fn standing(request: &Request, now: Time) -> String {
    match request.state {
        State::Open => due_words(request.until, now),
        State::Answered(answer) => format!("answered {answer}"),
        State::Silent(silence) => format!("silent, {silence}"),
        State::Withdrawn => "withdrawn".to_owned(),
    }
}

fn as_line(request: &Request, now: Time) -> String {
    format!(
        "{}  {:<20} {:<24} {:<18} {}",
        request.id,
        safe(request.brand.as_str(), 20),
        safe(request.listing.as_str(), 24),
        standing(request, now),
        safe(&request.title, 60)
    )
}

fn as_json(request: &Request) -> Value {
    let answer = match request.state {
        State::Answered(answer) => Some(answer),
        _ => None,
    };
    json!({
        "id": request.id,
        "case": request.case,
        "brand": request.brand,
        "listing": request.listing,
        "listing_version": request.snapshot_version,
        "template": request.template,
        "question": request.question,
        "asked_by": request.asked_by,
        "asked": request.asked.to_string(),
        "reminded": request.reminded.map(|at| at.to_string()),
        "until": request.until.to_string(),
        "on_silence": request.silence,
        "state": request.state.as_str(),
        "answer": answer,
        "note": request.note,
        "ended": request.ended.as_ref().map(|(_, at)| at.to_string()),
        "ended_by": request.ended.as_ref().map(|(by, _)| by),
    })
}
