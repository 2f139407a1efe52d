//! `appeal`: contests of our decisions by hand.

use clap::Subcommand;
use jointforce_shared::{
    commands::{
        Actor, House,
        appeal::{self, Opened},
    },
    config::exit,
    domain::{
        appeal::{AppealState, Appellant, RawAppeal},
        ids::{AppealId, BrandId, CaseId, SellerId},
        time::{Time, due_words},
    },
    store::appeals::{self, Filed},
};
use serde_json::{Value, json};

use super::output::{cut, line, list, rest, safe};

/// What can be done with appeals. They are ruled on in the console, by another person than the decider.
#[derive(Debug, Subcommand)]
pub enum Appeals {
    /// Open an appeal for the seller of a removed listing, or for the brand whose notice was refused.
    Open {
        /// Against the decision on which case.
        #[arg(long, value_name = "ID")]
        case: CaseId,
        /// For which seller.
        #[arg(long, value_name = "ID", required_unless_present = "brand", conflicts_with = "brand")]
        seller: Option<SellerId>,
        /// For which brand.
        #[arg(long, value_name = "ID")]
        brand: Option<BrandId>,
        /// Why the decision is wrong.
        #[arg(long)]
        grounds: String,
        /// The sender's own reference.
        #[arg(long, default_value = "")]
        reference: String,
    },
    /// Take an appeal back for whoever appealed: the decision stands, and nobody rules.
    Withdraw {
        /// Which appeal, from `appeal list`.
        appeal: AppealId,
        /// For which seller.
        #[arg(long, value_name = "ID", required_unless_present = "brand", conflicts_with = "brand")]
        seller: Option<SellerId>,
        /// For which brand.
        #[arg(long, value_name = "ID")]
        brand: Option<BrandId>,
    },
    /// List appeals, newest first.
    List {
        /// Only those in this state: open, affirmed, overturned or withdrawn.
        #[arg(long)]
        state: Option<AppealState>,
        /// Only those before this id: the next page.
        #[arg(long, value_name = "ID")]
        before: Option<AppealId>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
}

/// Does it.
pub async fn run(house: &House, command: Appeals) -> anyhow::Result<u8> {
    match command {
        Appeals::Open { case, seller, brand, grounds, reference } => {
            let Some(actor) = party(seller.as_ref(), brand.as_ref()) else { return Ok(exit::USAGE) };
            let raw = RawAppeal {
                reference,
                seller: seller.map(|id| id.to_string()).unwrap_or_default(),
                brand: brand.map(|id| id.to_string()).unwrap_or_default(),
                case: case.to_string(),
                decision: String::new(),
                grounds,
            };
            match appeal::open(house, &actor, &raw).await? {
                Opened::New { appeal, due, .. } => line(&format!("{appeal} is open, to be ruled on by {due}"))?,
                Opened::Same { appeal } => line(&format!("{appeal} was sent before"))?,
                Opened::Refused(refused) => return Err(refused.into()),
            }
            Ok(exit::OK)
        }
        Appeals::Withdraw { appeal, seller, brand } => {
            let Some(actor) = party(seller.as_ref(), brand.as_ref()) else { return Ok(exit::USAGE) };
            let case = appeal::withdraw(house, &actor, appeal).await?;
            line(&format!("{appeal} is taken back; the decision on case {case} stands"))?;
            Ok(exit::OK)
        }
        Appeals::List { state, before, limit, json } => {
            let mut found = appeals::list(&mut house.db.read().await?, state, before, limit + 1).await?;
            let more = cut(&mut found, limit);
            let now = house.clock.now();
            list(&found, "there are no such appeals", |filed| {
                if json { as_json(filed).to_string() } else { as_line(filed, now) }
            })?;
            if let Some(last) = found.last().filter(|_| more) {
                rest(json, &format!("more: --before {}", last.id))?;
            }
            Ok(exit::OK)
        }
    }
}

fn party(seller: Option<&SellerId>, brand: Option<&BrandId>) -> Option<Actor> {
    let seller = seller.map(|seller| Actor::seller(seller, "process"));
    seller.or_else(|| brand.map(|brand| Actor::brand(brand, "process")))
}

fn by(filed: &Filed) -> String {
    match &filed.appeal.by {
        Appellant::Seller(seller) => format!("seller {seller}"),
        Appellant::Notifier(brand, _) => format!("brand {brand}"),
    }
}

fn as_line(filed: &Filed, now: Time) -> String {
    let when = match &filed.ruled {
        Some((by, at)) => format!("by {} at {at}", safe(by.as_str(), 40)),
        None => due_words(filed.due, now),
    };
    let (case, decider) = (filed.appeal.case, safe(filed.decider.as_str(), 40));
    format!("{}  {:<10} case {case}  {} against {decider}  {when}", filed.id, filed.state, safe(&by(filed), 60))
}

fn as_json(filed: &Filed) -> Value {
    json!({
        "id": filed.id,
        "state": filed.state,
        "case": filed.appeal.case,
        "decision": filed.appeal.decision,
        "by": by(filed),
        "counter": filed.counter,
        "decider": filed.decider,
        "reference": filed.appeal.reference,
        "grounds": filed.appeal.grounds,
        "opened": filed.opened.to_string(),
        "due": filed.due.to_string(),
        "ruled_by": filed.ruled.as_ref().map(|(by, _)| by),
        "ruled_at": filed.ruled.as_ref().map(|(_, at)| at.to_string()),
    })
}
