//! `counter`: counter-notices by hand.

use clap::Subcommand;
use jointforce_shared::{
    commands::{Actor, House, counter_notice},
    config::exit,
    domain::{
        counter_notice::{CounterState, RawAnswer},
        ids::{BrandId, CounterId, SellerId},
        refused::Refused,
        time::{Time, span_words},
    },
    store::counter_notices::{self, Counter, Filter},
};
use serde_json::{Value, json};

use super::output::{cut, line, list, rest, safe};

/// What can be done with counter-notices. New ones come in by `import counter-notices`.
#[derive(Debug, Subcommand)]
pub enum Counters {
    /// List counter-notices, newest first.
    List {
        /// Only those in this state: received, forwarded, accepted, contested, sued, silent, put_back, rejected, withdrawn.
        #[arg(long)]
        state: Option<CounterState>,
        /// Only those against this brand's notices.
        #[arg(long, value_name = "ID")]
        brand: Option<BrandId>,
        /// Only this seller's.
        #[arg(long, value_name = "ID")]
        seller: Option<SellerId>,
        /// Only those before this id: the next page.
        #[arg(long, value_name = "ID")]
        before: Option<CounterId>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show all of one counter-notice.
    Show {
        /// Which.
        id: CounterId,
    },
    /// Answer one for the brand whose notice it contests.
    ///
    /// accept and withdraw put the listing back at once. sue needs court, number and proof, and keeps it down. reject
    /// needs words, where the law lets the brand's word alone bring it before a person; after a suit it says that the
    /// court found for the brand.
    Answer {
        /// Which.
        id: CounterId,
        /// accept, withdraw, sue or reject.
        answer: String,
        /// For which brand.
        #[arg(long, value_name = "ID")]
        brand: BrandId,
        /// The court, with sue.
        #[arg(long, default_value = "")]
        court: String,
        /// The case number there, with sue.
        #[arg(long, default_value = "")]
        number: String,
        /// An address where the filed complaint can be seen, with sue.
        #[arg(long, value_name = "URL", default_value = "")]
        proof: String,
        /// The brand's reasons; needed with reject.
        #[arg(long, default_value = "")]
        words: String,
    },
    /// Take one back for its seller.
    TakeBack {
        /// Which.
        id: CounterId,
        /// For which seller.
        #[arg(long, value_name = "ID")]
        seller: SellerId,
    },
}

/// Does it.
pub async fn run(house: &House, command: Counters) -> anyhow::Result<u8> {
    match command {
        Counters::List { state, brand, seller, before, limit, json } => {
            let filter = Filter { state, brand, seller, before };
            let mut found = counter_notices::list(&mut house.db.read().await?, &filter, limit + 1).await?;
            let more = cut(&mut found, limit);
            let now = house.clock.now();
            list(&found, "there are no such counter-notices", |counter| {
                if json { as_json(counter).to_string() } else { as_line(counter, now) }
            })?;
            if let Some(last) = found.last().filter(|_| more) {
                rest(json, &format!("more: --before {}", last.id))?;
            }
            Ok(exit::OK)
        }
        Counters::Show { id } => {
            let unknown = || Refused::one("id", format!("{id} is no counter-notice here"), "See `counter list`.");
            let found = counter_notices::get(&mut house.db.read().await?, id).await?.ok_or_else(unknown)?;
            line(&serde_json::to_string_pretty(&as_json(&found))?)?;
            Ok(exit::OK)
        }
        Counters::Answer { id, answer, brand, court, number, proof, words } => {
            let raw = RawAnswer { answer, court, number, proof, words };
            let actor = Actor::brand(&brand, "process");
            said(&counter_notice::answer(house, &actor, &brand, id, &raw).await?)
        }
        Counters::TakeBack { id, seller } => {
            said(&counter_notice::take_back(house, &Actor::seller(&seller, "process"), id).await?)
        }
    }
}

fn said(answered: &counter_notice::Answered) -> anyhow::Result<u8> {
    let again = if answered.same { ", as before" } else { "" };
    line(&format!("{} is {}{again}", answered.counter, answered.state.as_str().replace('_', " ")))?;
    Ok(exit::OK)
}

fn as_line(counter: &Counter, now: Time) -> String {
    let when = match counter.closed {
        Some(closed) => closed.to_string(),
        None if counter.said.not_before > now => {
            format!("silence counts in {}", span_words(counter.said.not_before.since(now)))
        }
        None => format!("received {}", counter.said.received),
    };
    format!(
        "{}  {:<9} {:<6} {:<10} {} against {}  {}  {when}",
        counter.id,
        counter.state,
        counter.said.regime,
        counter.said.reason,
        safe(counter.said.seller.as_str(), 40),
        safe(counter.said.brand.as_str(), 40),
        safe(counter.said.listing.as_str(), 40),
    )
}

fn as_json(counter: &Counter) -> Value {
    let said = &counter.said;
    json!({
        "id": counter.id,
        "state": counter.state,
        "case": said.case,
        "decision": said.decision,
        "listing": said.listing,
        "seller": said.seller,
        "brand": said.brand,
        "reference": said.reference,
        "regime": said.regime,
        "law": said.law,
        "reason": said.reason,
        "explanation": said.explanation,
        "material": said.material,
        "name": said.name,
        "address": said.address,
        "phone": said.phone,
        "email": said.email,
        "evidence": said.evidence,
        "received": said.received.to_string(),
        "on_silence": said.silence,
        "not_before": said.not_before.to_string(),
        "not_after": said.not_after.to_string(),
        "answer": counter.answer,
        "answered_by": counter.answered.as_ref().map(|(by, _)| by),
        "answered_at": counter.answered.as_ref().map(|(_, at)| at.to_string()),
        "words": counter.words,
        "suit": counter.suit.as_ref().map(|suit| json!({ "court": suit.court, "number": suit.number, "proof": suit.proof })),
        "appeal": counter.appeal,
        "closed": counter.closed.map(|at| at.to_string()),
    })
}
