//! `breaker`: the automatic path, stopped and let go.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{Actor, House, automatic},
    config::exit,
    domain::automatic::Guarded,
};
use serde_json::json;

use super::output::{line, safe};

/// What can be done about breakers.
#[derive(Debug, Subcommand)]
pub enum BreakerCommand {
    /// List the breakers that ever tripped; those that stop the path now first.
    List {
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Stop automatic removals at a brand's word, or by a rule, now: their cases go to moderators. For on-call.
    Trip {
        /// brand:ID, rule:attested or rule:answered.
        breaker: Guarded,
        /// Why; goes on the record and pages on-call.
        #[arg(long)]
        reason: String,
    },
    /// Ask a second person to let automatic removals go on; what was removed before no longer counts then. For seniors.
    Close {
        /// brand:ID, rule:attested or rule:answered.
        breaker: Guarded,
        /// What was found; goes on the record.
        #[arg(long)]
        reason: String,
    },
}

/// Does it.
pub async fn run(house: &House, command: BreakerCommand) -> anyhow::Result<u8> {
    let me = || account::current().map(Actor::Operator);
    match command {
        BreakerCommand::List { json } => {
            for breaker in automatic::list(house).await? {
                let name = breaker.guarded.to_string();
                line(&match &breaker.tripped {
                    _ if json => {
                        let (since, why) = breaker.tripped.as_ref().map(|(at, why)| (at.to_string(), why)).unzip();
                        json!({ "breaker": name, "stopped_since": since, "why": why }).to_string()
                    }
                    Some((since, why)) => format!("{name}  stopped since {since}: {}", safe(why, 500)),
                    None => format!("{name}  lets through, closed {}", breaker.counts_from),
                })?;
            }
        }
        BreakerCommand::Trip { breaker, reason } => {
            automatic::trip(house, &me()?, &breaker, &reason).await?;
            line(&format!("{breaker} is stopped"))?;
        }
        BreakerCommand::Close { breaker, reason } => {
            let waits = automatic::close(house, &me()?, &breaker, &reason).await?;
            line(&format!("{} waits for a second person, because {}", waits.approval, waits.cause.because()))?;
        }
    }
    Ok(exit::OK)
}
