//! `dead`: effects that nobody tries again until a person says so, by what they have in common.

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

use clap::{Args, Subcommand};
use jointforce_shared::{
    account,
    commands::{self, Actor, House},
    config::exit,
    domain::{
        ids::{BrandId, EffectId},
        refused::Refused,
        span,
        time::Time,
    },
    store::effects::dead::{self, Which},
};
use serde_json::json;

use super::{
    effects::{Page, show},
    output::line,
};

/// More than so many are asked about before anything is done.
const ASKED_ABOVE: usize = 100;
/// Effects changed in one transaction.
const AT_ONCE: usize = 1000;

/// What can be done with dead effects.
#[derive(Debug, Subcommand)]
pub enum Dead {
    /// List them, newest first.
    List {
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        page: Page,
    },
    /// Show all of one.
    Show {
        /// Which.
        id: EffectId,
    },
    /// Give them another round of attempts, from now.
    Retry {
        #[command(flatten)]
        chosen: Chosen,
        /// Why it will work now; goes on the record.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Give them up for good.
    Discard {
        #[command(flatten)]
        chosen: Chosen,
        /// Why they may be given up; goes on the record.
        #[arg(long)]
        reason: String,
    },
}

/// What they have in common.
#[derive(Debug, Args)]
pub struct Filter {
    /// Only this kind: mail_seller, hook_brand, remove_listing, …
    #[arg(long)]
    kind: Option<String>,
    /// Only those to this brand or about its cases.
    #[arg(long)]
    brand: Option<BrandId>,
    /// Only those that died within so long: 30m, 2h, 3d.
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    since: Option<std::time::Duration>,
    /// Only those whose last error holds these words.
    #[arg(long, value_name = "TEXT")]
    error: Option<String>,
}

impl Filter {
    fn which(&self, now: Time) -> Which {
        Which {
            kind: self.kind.clone(),
            brand: self.brand.clone(),
            since: self.since.map(|span| now - span),
            error: self.error.clone(),
        }
    }
}

/// Which of them something is done with.
#[derive(Debug, Args)]
pub struct Chosen {
    /// Which, by id.
    #[arg(conflicts_with_all = ["kind", "brand", "since", "error", "all"])]
    ids: Vec<EffectId>,
    #[command(flatten)]
    filter: Filter,
    /// All that are dead.
    #[arg(long)]
    all: bool,
    /// Don't ask, however many they are.
    #[arg(long)]
    yes: bool,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// Does it.
///
/// # Errors
/// What the store says; refused without the role, without a choice, or where nobody is there to be asked.
pub async fn run(house: &House, command: Dead) -> anyhow::Result<u8> {
    let now = house.clock.now();
    match command {
        Dead::List { filter, page } => {
            let entries = dead::find(&mut house.db.read().await?, &filter.which(now), page.before, page.limit).await?;
            page.print(&entries, now)?;
            Ok(exit::OK)
        }
        Dead::Show { id } => show(house, id, "See `dead list`.").await,
        Dead::Retry { chosen, reason } => {
            let me = me()?;
            let ids = chosen.ids(house, "retry").await?;
            let mut done = vec![];
            for ids in ids.chunks(AT_ONCE) {
                done.extend(commands::effect::retry_because(house, &me, ids, reason.as_deref()).await?);
            }
            report(&chosen, "retried", &ids, &done)
        }
        Dead::Discard { chosen, reason } => {
            let me = me()?;
            let ids = chosen.ids(house, "discard").await?;
            let mut done = vec![];
            for ids in ids.chunks(AT_ONCE) {
                done.extend(commands::effect::drop(house, &me, ids, &reason).await?);
            }
            report(&chosen, "discarded", &ids, &done)
        }
    }
}

fn me() -> Result<Actor, Refused> {
    account::current().map(Actor::Operator)
}

impl Chosen {
    /// The ids, once whoever asks has said yes to as many.
    async fn ids(&self, house: &House, what: &str) -> anyhow::Result<Vec<EffectId>> {
        if !self.ids.is_empty() {
            return Ok(self.ids.clone());
        }
        let which = self.filter.which(house.clock.now());
        if which.is_all() && !self.all {
            let fix = "Name ids, or say what they have in common (--kind, --brand, --since, --error), or --all.";
            return Err(Refused::one("which", format!("nothing says which to {what}"), fix).into());
        }
        let mut ids: Vec<EffectId> = vec![];
        let mut conn = house.db.read().await?;
        loop {
            let page = dead::find(&mut conn, &which, ids.last().copied(), 1000).await?;
            ids.extend(page.iter().map(|entry| entry.id));
            if page.len() < 1000 {
                break;
            }
        }
        drop(conn);
        if ids.len() > ASKED_ABOVE && !self.yes && !agreed(what, ids.len())? {
            let fix = "Say --yes where nobody can be asked, or choose fewer.";
            return Err(Refused::one("yes", format!("{} are more than {ASKED_ABOVE}", ids.len()), fix).into());
        }
        Ok(ids)
    }
}

fn agreed(what: &str, many: usize) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{what} {many} effects? Type the number to go on: ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().replace([',', '.', ' '], "") == many.to_string())
}

fn report(chosen: &Chosen, done: &str, asked: &[EffectId], changed: &[EffectId]) -> anyhow::Result<u8> {
    if chosen.json {
        for id in changed {
            line(&json!({ "id": id, "done": done }).to_string())?;
        }
    } else {
        let changed: BTreeSet<&EffectId> = changed.iter().collect();
        for id in asked.iter().filter(|id| !changed.contains(id)) {
            line(&format!("{id} is not dead"))?;
        }
        line(&format!("{} {done}", changed.len()))?;
    }
    Ok(if changed.len() == asked.len() { exit::OK } else { exit::DATA })
}
