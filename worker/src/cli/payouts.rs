//! `payouts`: money that is kept back from suspended sellers.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{Actor, House, penalty},
    config::exit,
    domain::{
        ids::SellerId,
        payout::PayoutHold,
        time::{Time, span_words},
    },
    store::penalties,
};
use serde_json::json;

use super::output::{cut, line, list, rest, safe};

/// What can be done with holds on payouts.
#[derive(Debug, Subcommand)]
pub enum PayoutsCommand {
    /// List open holds, those first that end soonest.
    List {
        /// Only those that a seller asked for.
        #[arg(long)]
        asked: bool,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Write down that a seller asks for the money, from the day on that the policy says.
    Ask {
        /// Who asks.
        seller: SellerId,
        /// In which words.
        #[arg(long)]
        words: String,
    },
    /// Release the money before its time. For seniors.
    Release {
        /// Whose.
        seller: SellerId,
        /// Why.
        #[arg(long)]
        words: String,
    },
    /// Say no to a seller who asked. For seniors.
    Refuse {
        /// Who asked.
        seller: SellerId,
        /// Why.
        #[arg(long)]
        words: String,
    },
}

/// Does it.
pub async fn run(house: &House, command: PayoutsCommand) -> anyhow::Result<u8> {
    let me = || account::current().map(Actor::Operator);
    match command {
        PayoutsCommand::List { asked, limit, json } => {
            let mut found = penalties::asked(&mut house.db.read().await?, asked, limit + 1).await?;
            let more = cut(&mut found, limit);
            let nothing = if asked { "no seller has asked for money" } else { "no money is kept back" };
            list(&found, nothing, |hold| if json { as_json(hold) } else { as_line(hold, house.clock.now()) })?;
            if more {
                rest(json, "more: a higher --limit")?;
            }
        }
        PayoutsCommand::Ask { seller, words } => {
            penalty::ask_for_payout(house, &me()?, &seller, &words).await?;
            line("written down; a senior answers with `payouts release` or `payouts refuse`")?;
        }
        PayoutsCommand::Release { seller, words } => {
            let hold = penalty::answer_payout(house, &me()?, &seller, true, &words).await?;
            line(&format!("released: hold {} of {seller}", hold.id))?;
        }
        PayoutsCommand::Refuse { seller, words } => {
            let hold = penalty::answer_payout(house, &me()?, &seller, false, &words).await?;
            line(&format!("hold {} of {seller} stays until {}", hold.id, hold.until))?;
        }
    }
    Ok(exit::OK)
}

fn as_line(hold: &PayoutHold, now: Time) -> String {
    let left = span_words(hold.until.since(now).max(0));
    let asked = match &hold.asked {
        Some((_, words)) => format!("asked: {}", safe(words, 100)),
        None if now < hold.ask_from => format!("may ask in {}", span_words(hold.ask_from.since(now))),
        None => "may ask".to_owned(),
    };
    format!("{}  {:<24} {left} left  {asked}", hold.id, hold.seller.as_str())
}

fn as_json(hold: &PayoutHold) -> String {
    json!({
        "id": hold.id,
        "seller": hold.seller,
        "held": hold.held.to_string(),
        "ask_from": hold.ask_from.to_string(),
        "until": hold.until.to_string(),
        "asked": hold.asked.as_ref().map(|(at, _)| at.to_string()),
        "words": hold.asked.as_ref().map(|(_, words)| words),
    })
    .to_string()
}
