//! `brand`: whom to trust how far, and why; what was asked, and what was answered.

use std::time::Duration;

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{Actor, House, trust, webhook},
    config::exit,
    domain::{
        ids::{BrandId, OperatorId},
        span,
        trust::{Base, Standing},
    },
};

use super::{
    authenticity::{self, Authenticity},
    output::{line, safe},
};

/// What can be done about brands.
#[derive(Debug, Subcommand)]
pub enum BrandCommand {
    #[command(flatten)]
    Authenticity(Authenticity),
    /// Show a brand's standing and its record within the window.
    Show {
        /// Which.
        brand: BrandId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say why a brand has its tier, and what would change it.
    Trust {
        /// Which.
        brand: BrandId,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what a brand is: unverified, standard (checked) or trusted-flagger (appointed). Its record decides the rest. For
    /// admins.
    Base {
        /// Which.
        brand: BrandId,
        /// unverified, standard or trusted-flagger.
        #[arg(value_parser = base)]
        base: Base,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
    /// Invite a brand in good faith to Joint-Force; with an account manager it enters at once. For admins.
    Invite {
        /// Which.
        brand: BrandId,
        /// Take the invitation back.
        #[arg(long)]
        withdraw: bool,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
    /// Name a brand's account manager. For admins.
    Manager {
        /// Which.
        brand: BrandId,
        /// Their account.
        #[arg(required_unless_present = "none", conflicts_with = "none")]
        manager: Option<OperatorId>,
        /// Nobody, for the time being.
        #[arg(long)]
        none: bool,
    },
    /// Warn a brand that misuse leads to suspension (DSA art. 23). For admins.
    Warn {
        /// Which.
        brand: BrandId,
        /// For what; the brand is told.
        #[arg(long)]
        reason: String,
    },
    /// Suspend a brand that was warned from filing notices. It ends by itself. For admins.
    Suspend {
        /// Which.
        brand: BrandId,
        /// For how long: 24 h, 30 d. Without it as long as the policy says (trust.suspension).
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        span: Option<Duration>,
        /// For what; the brand is told.
        #[arg(long)]
        reason: String,
    },
    /// End a brand's suspension before its time. For admins.
    ReinstateNotifier {
        /// Which.
        brand: BrandId,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
    /// Call a brand's webhook again that answered 410 (gone). For admins.
    ResumeWebhook {
        /// Which.
        brand: BrandId,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
    /// Refuse every open notice of a suspended brand as abusive; each case keeps its own record and can be undone alone. For
    /// seniors.
    RefuseOpen {
        /// Which.
        brand: BrandId,
        /// Why; goes on the record of each case.
        #[arg(long)]
        reason: String,
    },
}

fn base(text: &str) -> Result<Base, String> {
    text.replace('-', "_").parse().map_err(|problem: String| problem.replace('_', "-"))
}

/// Does it.
pub async fn run(house: &House, command: BrandCommand) -> anyhow::Result<u8> {
    let me = || account::current().map(Actor::Operator);
    match command {
        BrandCommand::Authenticity(command) => return authenticity::run(house, command).await,
        BrandCommand::Show { brand, json } => {
            let trusted = trust::show(house, &brand).await?;
            if json {
                line(&serde_json::to_string_pretty(&trusted)?)?;
            } else {
                show(&trusted)?;
            }
        }
        BrandCommand::Trust { brand, json } => {
            let explanation = trust::show(house, &brand).await?.explanation;
            if json {
                line(&serde_json::to_string(&explanation)?)?;
            } else {
                for text in explanation.text().lines() {
                    line(&safe(text, 700))?;
                }
            }
        }
        BrandCommand::Base { brand, base, reason } => {
            now(&brand, &trust::set_base(house, &me()?, &brand, base, &reason).await?)?;
        }
        BrandCommand::Invite { brand, withdraw, reason } => {
            now(&brand, &trust::invite(house, &me()?, &brand, !withdraw, &reason).await?)?;
        }
        BrandCommand::Manager { brand, manager, none: _ } => {
            now(&brand, &trust::manager(house, &me()?, &brand, manager.as_ref()).await?)?;
        }
        BrandCommand::Warn { brand, reason } => {
            trust::warn(house, &me()?, &brand, &reason).await?;
            line(&format!("{brand} is warned"))?;
        }
        BrandCommand::Suspend { brand, span, reason } => {
            now(&brand, &trust::suspend(house, &me()?, &brand, span, &reason).await?)?;
        }
        BrandCommand::ReinstateNotifier { brand, reason } => {
            now(&brand, &trust::reinstate(house, &me()?, &brand, &reason).await?)?;
        }
        BrandCommand::ResumeWebhook { brand, reason } => {
            let resumed = webhook::resume(house, &me()?, &brand, &reason).await?;
            line(&format!("{brand}'s webhook {}", if resumed { "is called again" } else { "was not off" }))?;
        }
        BrandCommand::RefuseOpen { brand, reason } => {
            let swept = trust::refuse_open(house, &me()?, &brand, &reason).await?;
            for (case, why) in &swept.passed {
                line(&format!("{case} was passed over: {}", safe(why, 300)))?;
            }
            for waits in &swept.waits {
                let because = waits.cause.because();
                line(&format!("{} waits for a second person, because {because}", waits.approval))?;
            }
            line(&format!("{} cases refused, {} passed over", swept.refused.len(), swept.passed.len()))?;
            return Ok(if swept.passed.is_empty() { exit::OK } else { exit::DATA });
        }
    }
    Ok(exit::OK)
}

fn now(brand: &BrandId, standing: &Standing) -> std::io::Result<()> {
    line(&format!("{brand} is {}; `brand trust {brand}` says why", standing.tier.title()))
}

fn show(trusted: &trust::Trusted) -> std::io::Result<()> {
    let (standing, track) = (&trusted.standing, &trusted.track);
    line(&format!("{}  {}  {}", trusted.brand, safe(&trusted.name, 60), standing.tier.title()))?;
    line(&format!("  base {}, {}", standing.base, if standing.invited { "invited" } else { "not invited" }))?;
    line(&match &standing.manager {
        Some(manager) => format!("  account manager {manager}"),
        None => "  no account manager".to_owned(),
    })?;
    if let Some(until) = standing.locked_until {
        line(&format!("  locked out of good faith until {until}"))?;
    }
    if let Some(warning) = &standing.warned {
        line(&format!("  warned on {}: {}", warning.at, safe(&warning.why, 500)))?;
    }
    if let Some(suspension) = &standing.suspended {
        let until = suspension.until.map_or_else(|| "a person ends it".to_owned(), |until| until.to_string());
        line(&format!("  suspended until {until}: {}", safe(&suspension.why, 500)))?;
    }
    if let Some(limit) = standing.notices_a_day {
        line(&format!("  at most {limit} notices in 24 h"))?;
    }
    line("  reason                                accepted  refused   upheld  withdrawn")?;
    for (reason, tally) in &track.by_reason {
        line(&format!(
            "  {:<36}  {:>8}  {:>7}  {:>7}  {:>9}",
            reason.title(),
            tally.accepted,
            tally.refused,
            tally.upheld,
            tally.withdrawn
        ))?;
    }
    line(&format!("  instant removals {}, of which {} fell", track.instants.total, track.instants.reversed))
}
